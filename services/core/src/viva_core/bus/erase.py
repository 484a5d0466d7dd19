"""Remove an interview from the streams: part of erasing a person's data."""

from uuid import UUID

from viva_core.bus.dead import DeadLetters
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.subjects import event_subject, interview_filter
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS, FRAMES, OUTLIVES


async def erase_interview(api: JetStreamApi, tenant_id: UUID | str, interview_id: UUID | str) -> dict[str, int]:
    """Purge every message of the interview, dead letters included; returns how many went, by stream.

    What stays are the events that say it was erased: they name nobody, and who follows the stream must learn of it.
    Doing it twice is harmless. Raises Transient when the bus is away: then do it again.
    """
    kept = {event_subject(tenant_id, interview_id, event) for event in OUTLIVES}
    counts = {EVENTS.name: 0}
    for subject in await api.subjects(EVENTS.name, interview_filter(EVENTS.subjects[0], tenant_id, interview_id)):
        if subject not in kept:
            counts[EVENTS.name] += await api.purge(EVENTS.name, subject)
    for stream in (COMMANDS, FRAMES):
        pattern = interview_filter(stream.subjects[0], tenant_id, interview_id)
        counts[stream.name] = await api.purge(stream.name, pattern)
    letters = DeadLetters(api)
    gone = [letter.number async for letter in letters.list() if letter.about(str(tenant_id), str(interview_id))]
    for number in gone:
        await api.delete(DEAD.name, number)
    return counts | {DEAD.name: len(gone)}
