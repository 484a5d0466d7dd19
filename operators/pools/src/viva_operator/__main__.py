"""`python -m viva_operator` runs the operator; `crds` and `rbac` print what it needs."""

import sys

from viva_core.main import main
from viva_core.runtime import run

from viva_operator.bootstrap import bootstrap
from viva_operator.commands import answered
from viva_operator.planning import Planning
from viva_operator.settings import Settings


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings, Planning(settings.nats_monitoring))
    return await run(env, parts)


if __name__ == "__main__":
    if sys.argv[1:] in ([], ["--print-settings"]):
        sys.exit(main("operator", Settings, _run))
    answered(sys.argv[1:])
