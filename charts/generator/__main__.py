"""`python -m charts.generator [--check]`: writes the generated files, or tells which are out of date."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from charts.generator.declarations import bus, models, network
from charts.generator.readme import readme
from charts.generator.schema import schema

CHARTS = Path(__file__).parent.parent


def generated() -> Mapping[Path, str]:
    """Every generated file and its text."""
    viva = CHARTS / "viva"
    return {
        viva / "files" / "bus.json": _json(bus()),
        viva / "files" / "models.json": _json(models()),
        viva / "files" / "network.json": _json(network()),
        viva / "values.schema.json": _json(schema(viva)),
        viva / "README.md": readme(viva),
    }


def stale() -> list[Path]:
    """The files that are not what they should be."""
    return [
        path for path, text in generated().items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or only look."""
    old = stale()
    if arguments == ["--check"]:
        for path in old:
            sys.stderr.write(f"{path.relative_to(CHARTS.parent)} is out of date: run `python -m charts.generator`\n")
        return 1 if old else 0
    texts = generated()
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(CHARTS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
