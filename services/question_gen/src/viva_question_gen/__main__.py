"""`python -m viva_question_gen`."""

import sys

from viva_core.main import main
from viva_core.runtime import run

from viva_question_gen.bootstrap import bootstrap
from viva_question_gen.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings)
    return await run(env, parts)


if __name__ == "__main__":
    sys.exit(main("question_gen", Settings, _run))
