"""`python -m viva_evaluator`."""

import sys

from viva_core.main import main
from viva_core.runtime import run

from viva_evaluator.bootstrap import bootstrap
from viva_evaluator.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings)
    return await run(env, parts)


if __name__ == "__main__":
    sys.exit(main("evaluator", Settings, _run))
