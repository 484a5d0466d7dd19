"""Subjects, envelopes, the codec and the topology, without a server."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from viva.evaluation.v1 import evaluation_pb2
from viva.event.v1 import events_pb2
from viva.question.v1 import question_pb2
from viva_core.bus import Envelope, message_types
from viva_core.bus.codec import decode, encode
from viva_core.bus.envelope import new_envelope
from viva_core.bus.metrics import BusMetrics
from viva_core.bus.publisher import stream_label
from viva_core.bus.subjects import (
    Address,
    command_subject,
    event_name,
    event_subject,
    frame_subject,
    live_subject,
    parse,
)
from viva_core.bus.topology import SAYS, SESSION, STREAMS, Backoff
from viva_core.errors import Invalid
from viva_core.validation import check
from viva_testkit.clock import FakeClock

TENANT, INTERVIEW = UUID(int=1), UUID(int=2)  # named in test ids, which are the same in every run


def test_every_event_of_the_contract_is_said_by_exactly_one_role() -> None:
    declared = sorted(event for events in SAYS.values() for event in events)
    contract = sorted(event_name(descriptor) for descriptor in events_pb2.DESCRIPTOR.message_types_by_name.values())
    assert declared == contract


def test_session_hears_no_event_of_its_own() -> None:
    own = {event for role, events in SAYS.items() if role == "session" for event in events}
    assert not own & {subject.rpartition(".")[2] for subject in SESSION.filters}


@pytest.mark.parametrize(
    ("subject", "address", "stream"),
    [
        (
            event_subject(TENANT, INTERVIEW, "answer-evaluated"),
            Address("event", str(TENANT), str(INTERVIEW), "answer-evaluated"),
            "VIVA_EVENT_V1",
        ),
        (
            command_subject("evaluator", TENANT, INTERVIEW),
            Address("command", str(TENANT), str(INTERVIEW), "evaluator"),
            "VIVA_COMMAND_V1",
        ),
        (
            live_subject(TENANT, INTERVIEW, "question"),
            Address("live", str(TENANT), str(INTERVIEW), "question"),
            "other",
        ),
        (frame_subject(TENANT, INTERVIEW), Address("frame", str(TENANT), str(INTERVIEW), ""), "VIVA_FRAME_V1"),
    ],
)
def test_a_subject_can_be_taken_apart_again(subject: str, address: Address, stream: str) -> None:
    assert parse(subject) == address
    assert stream_label(subject) == stream


@pytest.mark.parametrize("token", ["", "a.b", "*", ">", "a b", "x" * 65, "é"])
def test_nothing_can_widen_a_subject(token: str) -> None:
    for tenant, interview, event in ((token, INTERVIEW, "e"), (TENANT, token, "e"), (TENANT, INTERVIEW, token)):
        with pytest.raises(Invalid):
            event_subject(tenant, interview, event)
    for build in (command_subject, live_subject):
        with pytest.raises(Invalid):
            build(token, str(TENANT), "x")
    with pytest.raises(Invalid):
        frame_subject(TENANT, token)


@pytest.mark.parametrize("subject", ["", "viva.v1.event.a.b", "viva.v2.event.a.b.c", "viva.v1.dead.s.c", "$JS.API.X"])
def test_what_is_no_subject_of_an_interview_is_refused(subject: str) -> None:
    with pytest.raises(Invalid):
        parse(subject)


moments = (
    st.integers(0, 4_000_000_000_000)
    .map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))
    .map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
)
words = st.text(st.characters(min_codepoint=33, max_codepoint=0xD7FF, exclude_categories=("Z", "C")), min_size=1)


@given(
    st.builds(
        Envelope,
        id=words,
        type=words,
        source=words,
        subject=st.just("") | words,
        time=moments,
        expires_at=st.none() | moments,
        causation_id=st.none() | words,
        traceparent=words,
        tracestate=st.none() | words,
    )
)
def test_an_envelope_survives_its_headers(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.headers()) == envelope


@pytest.mark.parametrize(
    "change",
    [
        {"ce-specversion": "0.3"},
        {"ce-id": None},
        {"ce-type": None},
        {"ce-time": "yesterday"},
        {"ce-time": "2026-01-05T09:00:00"},
        {"ce-expiresat": "soon"},
    ],
)
def test_a_broken_envelope_is_refused(change: dict[str, str | None], clock: FakeClock) -> None:
    subject = event_subject(TENANT, INTERVIEW, "interview-ready")
    headers: dict[str, str | None] = {**new_envelope(subject, "t", source="s", clock=clock).headers(), **change}
    with pytest.raises(Invalid):
        Envelope.from_headers({name: value for name, value in headers.items() if value is not None})


def ready() -> events_pb2.InterviewReady:
    return events_pb2.InterviewReady(
        tenant_id=str(TENANT), interview_id=str(INTERVIEW), occurred_at=Timestamp(seconds=1)
    )


def test_a_message_survives_the_codec(clock: FakeClock) -> None:
    types = message_types(events_pb2, question_pb2.GenerateRequest)
    assert {"viva.event.v1.AnswerEvaluated", "viva.question.v1.GenerateRequest"} <= types.keys()
    subject = event_subject(TENANT, INTERVIEW, "interview-ready")
    envelope = new_envelope(subject, "viva.event.v1.InterviewReady", source="s", clock=clock)
    assert decode(envelope, encode(ready()), types) == ready()


def test_a_field_of_a_newer_publisher_does_not_hurt(clock: FakeClock) -> None:
    newer = ready().SerializeToString() + b"\xa2\x06\x03new"  # field 100
    envelope = new_envelope("", "viva.event.v1.InterviewReady", source="s", clock=clock)
    assert decode(envelope, newer, message_types(events_pb2)).SerializeToString() == newer


def test_violations_name_the_path_of_the_field() -> None:
    message = events_pb2.AnswerEvaluated(
        evaluation=evaluation_pb2.AnswerEvaluation(scores=[evaluation_pb2.CriterionScore()])
    )
    with pytest.raises(Invalid) as caught:
        check(message)
    fields = {violation.field for violation in caught.value.violations}
    assert {"tenant_id", "evaluation.turn_id"} <= fields
    assert any(field.startswith("evaluation.scores[0].") for field in fields)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_backoff_stays_between_half_and_its_limit(attempt: int, chance: float) -> None:
    backoff = Backoff(first=0.5, factor=2.0, limit=30.0)
    full = min(30.0, 0.5 * 2.0 ** min(attempt - 1, 32))
    assert full / 2 <= backoff.delay(attempt, chance) <= full


def test_no_stream_forgets_by_surprise() -> None:
    by_name = {stream.name: stream for stream in STREAMS}
    assert (by_name["VIVA_EVENT_V1"].max_age, by_name["VIVA_EVENT_V1"].max_messages) == (0.0, -1)
    assert by_name["VIVA_COMMAND_V1"].discard == "new"
    assert by_name["VIVA_FRAME_V1"].storage == "memory"


def test_metrics_have_bounded_labels() -> None:
    registry = CollectorRegistry()
    BusMetrics(registry)
    allowed = {"stream", "consumer", "outcome", "le"}
    for family in registry.collect():
        for sample in family.samples:
            assert set(sample.labels) <= allowed


def test_ids_may_be_uuids_or_their_text() -> None:
    assert event_subject(UUID(int=1), UUID(int=2), "x") == event_subject(str(UUID(int=1)), str(UUID(int=2)), "x")
