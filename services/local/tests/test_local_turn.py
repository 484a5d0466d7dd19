"""The TURN server beside the stack: a real coturn that is started from the file that was written for it."""

import asyncio
from pathlib import Path

from viva_local.home import Home
from viva_local.stack.ports import claim
from viva_local.stack.turn import TURN_SECRET, turn_command, turn_url


async def test_coturn_listens_with_a_secret_that_no_process_list_shows(tmp_path: Path) -> None:
    home = Home(tmp_path / "viva")
    home.create()
    claimed = claim(1)
    (port,) = claimed.ports
    command = turn_command(home, port)
    secret = home.secret(TURN_SECRET).read_text()
    assert secret not in " ".join(command.argv)
    assert all(path.stat().st_mode & 0o077 == 0 for path in home.turn.iterdir())
    process = await asyncio.create_subprocess_exec(
        *command.argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            await command.ready()
    finally:
        process.terminate()
        await process.wait()
        claimed.release()
    assert turn_url(port).endswith(f":{port}?transport=udp")
