"""The examples that docs/webhooks.md gives to receivers take what Viva signs, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from viva_session.domain.webhook import headers, new_secret

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
BODY = '{"specversion":"1.0","id":"가"}'.encode()
NEW, OLD, OTHER = (new_secret(noise * 32) for noise in (b"n", b"o", b"x"))
SENT = headers([NEW, OLD], "3f2c9f0e-6d0b-5a51-9a0e-1a2b3c4d5e6f", NOW, BODY)
CASES = [
    (NEW, SENT, BODY, 0, True),
    (OLD, SENT, BODY, 200, True),  # while the secret is replaced both hold
    (OTHER, SENT, BODY, 0, False),
    (NEW, SENT, BODY + b" ", 0, False),
    (NEW, SENT, BODY, 301, False),
    (NEW, SENT | {"webhook-id": "another"}, BODY, 0, False),
    (NEW, SENT | {"webhook-signature": "v1,short"}, BODY, 0, False),
]


def example(language: str) -> str:
    """The code of a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


def asked() -> list[Any]:
    """The cases as JSON."""
    return [[secret, sent, body.decode(), NOW.timestamp() + later] for secret, sent, body, later, _ in CASES]


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_example_takes_what_was_signed_and_nothing_else(language: str, tmp_path: Path) -> None:
    if language == "python":
        call = "print(json.dumps([is_from_viva(s, h, b.encode(), now) for s, h, b, now in json.loads(sys.argv[1])]))"
        script, command = f"import json, sys\n{example(language)}\n{call}\n", sys.executable
    else:
        node = shutil.which("node")
        if node is None:
            pytest.skip("there is no Node on this machine")
        call = "JSON.parse(process.argv[2]).map(([s, h, b, now]) => isFromViva(s, h, Buffer.from(b), now))"
        script, command = f"{example(language)}\nconsole.log(JSON.stringify({call}));\n", node
    path = tmp_path / ("receiver.py" if language == "python" else "receiver.mjs")
    path.write_text(script)
    done = subprocess.run(
        [command, str(path), json.dumps(asked())], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [expected for *_, expected in CASES]
