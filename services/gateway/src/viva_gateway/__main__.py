"""`python -m viva_gateway [migrate | create-account … | openapi]`."""

import asyncio
import json
import sys
from collections.abc import Sequence

from viva_core import main, runtime

from viva_gateway.app import description
from viva_gateway.bootstrap import bootstrap
from viva_gateway.settings import GatewaySettings


async def run(settings: GatewaySettings) -> int:
    """Serve until a signal comes."""
    env = runtime.environment("gateway", settings)
    built = await bootstrap(settings, env)
    return await runtime.run(env, built.parts)


def _migrate(settings: GatewaySettings, _: Sequence[str]) -> int:
    from viva_gateway import commands  # Alembic: 8 MB that a gateway which serves has no use for

    asyncio.run(commands.migrate(settings))
    return 0


def _create_account(settings: GatewaySettings, arguments: Sequence[str]) -> int:
    from viva_gateway import commands

    return asyncio.run(commands.create_account(settings, arguments))


if __name__ == "__main__":
    if sys.argv[1:] == ["openapi"]:  # a description needs no settings
        sys.stdout.write(json.dumps(description(), ensure_ascii=False, indent=2) + "\n")
        sys.exit()
    subcommands = {"migrate": _migrate, "create-account": _create_account}
    sys.exit(main.main("gateway", GatewaySettings, run, subcommands))
