"""`python -m viva_media`."""

import sys

import uvloop
from viva_core.main import main
from viva_core.runtime import run

from viva_media.bootstrap import bootstrap
from viva_media.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings)
    return await run(env, parts)


if __name__ == "__main__":
    sys.exit(main("media", Settings, _run, new_loop=uvloop.new_event_loop))
