"""`python -m viva_gateway [migrate | create-account …]`."""

import asyncio
import sys
from collections.abc import Sequence

from viva_core import main, runtime

from viva_gateway import commands
from viva_gateway.bootstrap import bootstrap
from viva_gateway.settings import GatewaySettings


async def run(settings: GatewaySettings) -> int:
    """Serve until a signal comes."""
    env = runtime.environment("gateway", settings)
    built = await bootstrap(settings, env)
    return await runtime.run(env, built.parts)


def _migrate(settings: GatewaySettings, _: Sequence[str]) -> int:
    asyncio.run(commands.migrate(settings))
    return 0


def _create_account(settings: GatewaySettings, arguments: Sequence[str]) -> int:
    return asyncio.run(commands.create_account(settings, arguments))


if __name__ == "__main__":
    subcommands = {"migrate": _migrate, "create-account": _create_account}
    sys.exit(main.main("gateway", GatewaySettings, run, subcommands))
