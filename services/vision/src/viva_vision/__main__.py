"""`python -m viva_vision`."""

import sys

from viva_core.main import main
from viva_core.runtime import run

from viva_vision.bootstrap import bootstrap
from viva_vision.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings)
    return await run(env, parts)


if __name__ == "__main__":
    sys.exit(main("vision", Settings, _run))
