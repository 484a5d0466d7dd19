"""A worker that was at it while a person was erased says its piece afterwards: it must not stay."""

from viva.session.v1 import session_pb2 as pb
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.session import Service

WORDS = "the unmistakable sentence of this candidate"


async def test_what_is_said_after_an_erasure_leaves_the_streams_again(service: Service, buses: BusFactory) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    interview_id = candidate.interview_id
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, f"{WORDS}, as I said.")
    await eventually(lambda: len(service.workers.scored) == 1)
    request = service.workers.scored[0]
    with acting_as(candidate):
        await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))

    late = service.workers.score(request)
    late.scores[0].quotes[0].text = WORDS
    await service.workers.say_evaluation(request, late, event_id=uuid7())

    api = (await buses.connect("admin")).bus.api

    async def words_are_gone() -> bool:
        for stream in (EVENTS, COMMANDS, DEAD):
            sequence = 1
            while (message := await api.message(stream.name, sequence, subject=">")) is not None:
                if WORDS.encode() in message.payload:
                    return False
                sequence = message.sequence + 1
        return True

    async def late_message_is_gone() -> bool:
        return await api.message(EVENTS.name, 1, subject=f"viva.v1.event.*.{interview_id}.answer-evaluated") is None

    await eventually(late_message_is_gone)
    assert await words_are_gone()
