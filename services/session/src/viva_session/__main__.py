"""`python -m viva_session`, and `python -m viva_session migrate`."""

import sys
from collections.abc import Sequence

from viva_core.main import main
from viva_core.runtime import run

from viva_session.adapters import schema
from viva_session.bootstrap import bootstrap
from viva_session.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings)
    return await run(env, parts)


def _migrate(settings: Settings, _: Sequence[str]) -> int:
    version = schema.migrate(settings.database_url.get_secret_value())
    sys.stderr.write(f"the session's schema is at version {version}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("session", Settings, _run, {"migrate": _migrate}))
