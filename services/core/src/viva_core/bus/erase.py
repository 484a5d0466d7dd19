"""Remove an interview from the streams: part of erasing a person's data."""

from uuid import UUID

from viva_core.bus.dead import DeadLetters
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.subjects import interview_filter
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS, FRAMES


async def erase_interview(api: JetStreamApi, tenant_id: UUID | str, interview_id: UUID | str) -> dict[str, int]:
    """Purge every message of the interview, dead letters included; returns how many went, by stream.

    Doing it twice is harmless. Raises Transient when the bus is away: then do it again.
    """
    counts = {
        stream.name: await api.purge(stream.name, interview_filter(stream.subjects[0], tenant_id, interview_id))
        for stream in (EVENTS, COMMANDS, FRAMES)
    }
    letters = DeadLetters(api)
    gone = [letter.number async for letter in letters.list() if letter.about(str(tenant_id), str(interview_id))]
    for number in gone:
        await api.delete(DEAD.name, number)
    return counts | {DEAD.name: len(gone)}
