"""The embedded nats-server: JetStream in our folder, one user a role with the rights that the topology gives it."""

import asyncio
import contextlib
import shutil
import sysconfig

from viva_core.bus.permissions import nats_config
from viva_core.bus.topology import Role

from viva_local.home import Home
from viva_local.stack.child import Command


def nats_command(home: Home, port: int) -> Command:
    """How to start it; writes its configuration, readable by its owner alone."""
    users = {role: home.secret(f"nats-{role}").read_text() for role in Role}
    config = home.nats / "nats.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'server_name: "viva-local"\nlisten: "127.0.0.1:{port}"\nmax_payload: 8MB\n'
        f'jetstream {{ store_dir: "{home.nats / "store"}", max_file_store: 8GB, max_memory_store: 512MB }}\n'
        f"{nats_config(users)}"
    )
    binary = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or "nats-server"
    return Command(
        name="nats",
        argv=(binary, "-c", str(config)),
        environment={},
        ready=lambda: _greets(port),
        start_timeout=20,
    )


async def _greets(port: int) -> None:
    """Return once the server says INFO, the first line of the NATS protocol."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                if (await reader.readline()).startswith(b"INFO"):
                    return
            finally:
                writer.close()
        await asyncio.sleep(0.02)
