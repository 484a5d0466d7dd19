"""`create-account` on a real PostgreSQL: made once, found again, refused in another tenant."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from viva_core.errors import Conflict
from viva_gateway import commands
from viva_gateway.settings import GatewaySettings


async def test_an_account_is_made_once_and_its_address_stays_with_its_tenant(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = GatewaySettings(database_url=SecretStr(database_url))
    await commands.migrate(settings)
    (tmp_path / "password").write_text("correct horse battery staple\n")
    rest = ["--email", "kim@example.com", "--roles", "admin", "--password-file", str(tmp_path / "password")]
    ours = ["--tenant", "0190b6a0-0000-7000-8000-00000000000a", *rest]
    for said in ("created\n", "exists\n"):
        assert await commands.create_account(settings, ours) == 0
        assert capsys.readouterr().out == said
    with pytest.raises(Conflict, match="another tenant"):
        await commands.create_account(settings, ["--tenant", "0190b6a0-0000-7000-8000-00000000000b", *rest])
