"""What has served its time goes, and nothing sooner."""

from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy import text
from viva_core.db import create_engine, session_factory
from viva_core.settings import DatabaseSettings
from viva_session.housekeeping import Housekeeping
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.clock import FakeClock
from viva_testkit.session import Service


async def test_marks_of_messages_are_kept_as_long_as_a_dead_letter_may_be_sent_again(
    service: Service, database_url: str
) -> None:
    engine = create_engine(DatabaseSettings(database_url=SecretStr(database_url)))

    async def marks() -> int:
        async with engine.connect() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM inbox"))).scalar_one())

    async def marked() -> bool:
        return await marks() > 0

    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    await steps.open_turn(service.stub, candidate)
    await eventually(marked)
    clock = FakeClock(service.env.clock.now())
    house = Housekeeping(session_factory(engine), clock)
    clock.advance(timedelta(days=30))
    assert await house.sweep() == 0
    clock.advance(timedelta(days=6))
    assert await house.sweep() > 0
    assert await marks() == 0
    await engine.dispose()
