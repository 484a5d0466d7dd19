"""After an erasure nothing that a person said, wrote or is can be found in any table or on any stream."""

from collections.abc import Iterator

from sqlalchemy import create_engine, text
from viva.session.v1 import session_pb2 as pb
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS
from viva_core.grpc import acting_as
from viva_testkit import steps
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.session import Service

NAME = "Quilliam Zephyrine"
EMAIL = "quilliam@example.com"
ANSWER = "In 2019 the zanzibar-ledger fell over and I rebuilt it by hand over a whole weekend."
CORRECTED = "In 2019 the zanzibar-ledger fell over and I rebuilt it with Borogove over a whole weekend."
DRAFT = "Half a thought about the Jubjub cluster"
RESUME = b"Experience\nBandersnatch Ltd: ran the frumious message bus for nine years.\n"
TRACES = ("Quilliam", "Zephyrine", "quilliam@", "zanzibar", "Borogove", "Jubjub", "Bandersnatch", "frumious")


def found_in_tables(database_url: str) -> Iterator[str]:
    """Where in the database a trace of the person stands."""
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for name in names:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                # Bytes may be protobuf: what they hold as text is there as it was written.
                whole = " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
                )
                yield from (f"{name}: {trace}" for trace in TRACES if trace in whole)
    engine.dispose()


async def found_on_streams(bus: BusProbe) -> list[str]:
    """Where on the bus a trace of the person stands."""
    found = []
    for stream in (EVENTS, COMMANDS, DEAD):
        sequence = 1
        while (message := await bus.bus.api.message(stream.name, sequence, subject=">")) is not None:
            whole = message.payload.decode("utf-8", "replace") + str(message.headers)
            found += [f"{message.subject}: {trace}" for trace in TRACES if trace in whole]
            sequence = message.sequence + 1
    return found


async def test_nothing_of_a_person_is_left_in_any_table_or_stream(
    service: Service, buses: BusFactory, database_url: str
) -> None:
    await service.workers.start()
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id, name=NAME)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)
    with acting_as(candidate):
        await service.stub.UploadResume(
            pb.UploadResumeRequest(interview_id=interview_id, file_name="quilliam.txt", content=RESUME)
        )
    await steps.started(service.stub, candidate)

    first = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, first.turn_id, ANSWER)
    second = await steps.open_turn(service.stub, candidate)
    with acting_as(candidate):
        await service.stub.ReviseTranscript(
            pb.ReviseTranscriptRequest(
                interview_id=interview_id, turn_id=first.turn_id, text=CORRECTED, expected_revision=1
            )
        )
        await service.stub.SaveDraft(
            pb.SaveDraftRequest(interview_id=interview_id, turn_id=second.turn_id, text=DRAFT, draft_revision=1)
        )
    await eventually(lambda: len(service.workers.scored) == 2)
    admin = await buses.connect("admin")
    before = {trace for where in found_in_tables(database_url) for trace in TRACES if where.endswith(trace)}
    assert before == set(TRACES), "the search finds what is there"
    assert await found_on_streams(admin)

    with acting_as(candidate):
        answer = await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))
    assert list(found_in_tables(database_url)) == []

    async def nothing_on_streams() -> bool:
        return not await found_on_streams(admin)

    await eventually(nothing_on_streams)  # an event of a worker may have been under way
    removed = {(entry.store, entry.what): entry.removed for entry in answer.receipt.stores}
    assert removed["postgresql", "turns"] == 2
    assert removed["postgresql", "resumes"] == 1
    assert removed["postgresql", "candidate"] == 1
    assert removed["jetstream", EVENTS.name] > 0
    assert {what for store, what in removed if store == "jetstream"} >= {EVENTS.name, COMMANDS.name, DEAD.name}
    assert not any(trace in str(answer.receipt) for trace in TRACES)
