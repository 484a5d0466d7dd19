"""Every RPC of SessionService: what is not the caller's is not there, and what is not the caller's part is denied.

The RPCs come from the descriptor, so that a new one cannot be forgotten.
"""

import base64
from typing import Any

import pytest
from google.protobuf.message import Message
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2, position_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Denied, Invalid, NotFound, Unauthenticated
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.session import Service

SERVICE = pb.DESCRIPTOR.services_by_name["SessionService"]
ANCHORS = [common.BandAnchor(band=band, description=f"Level {band}.") for band in range(1, 6)]
CRITERIA = [
    common.Criterion(criterion_id="depth", title="Depth", description="How far it goes.", weight=100, anchors=ANCHORS)
]
CONSENTS = [common.Consent(purpose=common.CONSENT_PURPOSE_TRANSCRIBE, granted=True, text_version="2026-11")]
SOMEBODY = interview_pb2.Candidate(name="Minsu Kim", email="minsu@example.com")

# What a request needs besides its ids.
FILLED: dict[str, dict[str, Any]] = {
    "CreateTenant": {"tenant_id": str(uuid7()), "name": "Hanbit"},
    "ListBankCompetencies": {"language": common.LANGUAGE_EN},
    "CreateRubric": {"title": "Depth", "language": common.LANGUAGE_EN, "criteria": CRITERIA},
    "UpdateRubric": {"title": "Depth", "criteria": CRITERIA, "expected_sha256": "0" * 64},
    "UpdatePosition": {"expected_revision": 1},
    "PublishPosition": {"expected_revision": 1},
    "CreateInvitations": {
        "invitations": [pb.NewInvitation(candidate=SOMEBODY)],
        "valid_for": steps.span(days=1),
    },
    "ReissueInvitation": {"valid_for": steps.span(days=1)},
    "RecordConsent": {"consents": CONSENTS},
    "UploadResume": {"file_name": "resume.txt", "content": b"Experience: ten years of payments."},
    "SaveDraft": {"text": "So far", "draft_revision": 1},
    "SubmitAnswer": {"text": "An answer.", "modality": common.ANSWER_MODALITY_TEXT},
    "ReviseTranscript": {"text": "An answer.", "expected_revision": 1},
    "GetForecast": {"horizon": steps.span(hours=2), "bucket": steps.span(minutes=10)},
    "GetReport": {"view": interview_pb2.REPORT_VIEW_RECRUITER},
    "SubmitReview": {
        "decision": common.REVIEW_DECISION_ADVANCE,
        "reason": "Evidence on every criterion.",
        "report_version": 1,
    },
}
FILLED |= {
    "ScoreByHand": {"criterion_id": "depth", "score": 3, "reason": "It names a trade-off and measures it."},
    "SubmitCandidateRequest": {"kind": interview_pb2.REQUEST_KIND_HUMAN_REVIEW, "text": "Please."},
    "ListCandidates": {"competency_id": ""},
    "ResolveCandidateRequest": {"answer": "A person will look at it."},
}
WITH_SPEC = {"CreatePosition", "UpdatePosition"}
OWN_IDS = ("rubric_id", "position_id", "interview_id")
BY_TOKEN = {"RedeemInvitation"}  # needs nobody who acts: its tests are with the invitations
NAMES_NOTHING = {
    "CreateTenant",
    "ListBankCompetencies",
    "CreateRubric",
    "ListRubrics",
    "CreatePosition",
    "ListPositions",
    "ListInterviews",
    "ListCandidates",
    "WatchCandidates",
    "ListAudit",
    "GetForecast",
}
ALL = {method.name for method in SERVICE.methods}
NAMING = sorted(ALL - NAMES_NOTHING - BY_TOKEN)

STAFF_ROLES = ("recruiter", "reviewer", "admin")
# Who of the employer may call it; a candidate and a service where they are named.
MAY: dict[str, set[str]] = {
    "CreateTenant": {"service"},
    "ListBankCompetencies": {*STAFF_ROLES, "service"},
    "CreateRubric": {"recruiter", "admin"},
    "UpdateRubric": {"recruiter", "admin"},
    "PublishRubric": {"recruiter", "admin"},
    "GetRubric": {*STAFF_ROLES},
    "ListRubrics": {*STAFF_ROLES},
    "CreatePosition": {"recruiter", "admin"},
    "UpdatePosition": {"recruiter", "admin"},
    "PublishPosition": {"recruiter", "admin"},
    "ArchivePosition": {"recruiter", "admin"},
    "GetPosition": {*STAFF_ROLES},
    "ListPositions": {*STAFF_ROLES},
    "CreateInvitations": {"recruiter", "admin"},
    "ReissueInvitation": {"recruiter", "admin"},
    "RevokeInvitation": {"recruiter", "admin"},
    "GetInterview": {*STAFF_ROLES, "candidate", "service"},
    "ListInterviews": {*STAFF_ROLES},
    "ListCandidates": {*STAFF_ROLES},
    "WatchCandidates": {*STAFF_ROLES},
    "SubmitCandidateRequest": {"candidate"},
    "ResolveCandidateRequest": {"recruiter", "admin"},
    "ScoreByHand": {"reviewer", "admin"},
    "RecordConsent": {"candidate"},
    "UploadResume": {"recruiter", "admin", "candidate"},
    "GetResume": {*STAFF_ROLES, "candidate"},
    "MarkReady": {"candidate"},
    "StartInterview": {"candidate"},
    "SaveDraft": {"candidate"},
    "SubmitAnswer": {"candidate"},
    "ReviseTranscript": {"candidate"},
    "CompleteInterview": {"candidate"},
    "WatchInterview": {*STAFF_ROLES, "candidate", "service"},
    "GetReport": {*STAFF_ROLES},
    "SubmitReview": {"reviewer", "admin"},
    "ListReviews": {*STAFF_ROLES},
    "ListEvaluations": {"reviewer", "admin", "service"},
    "AuthorizeListening": {*STAFF_ROLES},
    "ListAudit": {"admin"},
    "EraseInterview": {"admin", "candidate"},
    "GetErasureReceipt": {"admin", "candidate"},
    "GetForecast": {"service"},
}


def request_of(name: str, ids: dict[str, str], spec: position_pb2.PositionSpec) -> Message:
    """A request that breaks no rule, about these ids; ids that are not given are new ones."""
    method = SERVICE.methods_by_name[name]
    kind: type[Message] = getattr(pb, method.input_type.name)
    values = dict(FILLED.get(name, {}))
    if name in WITH_SPEC:
        values["spec"] = spec
    for field in method.input_type.fields:
        if field.name.endswith("_id") and field.name not in values and name not in ("ListInterviews", "ListAudit"):
            values[field.name] = ids.get(field.name, str(uuid7()))
    return kind(**values)


async def call(service: Service, actor: common.Actor | None, name: str, request: Message) -> Message | None:
    """The answer, or the first one of a stream."""
    method = getattr(service.stub, name)
    if actor is None:
        return await _first(method, name, request)
    with acting_as(actor):
        return await _first(method, name, request)


async def _first(method: Any, name: str, request: Message) -> Message | None:
    if SERVICE.methods_by_name[name].server_streaming:
        stream = method(request, timeout=10)
        try:
            async for answer in stream:
                return answer
        finally:
            stream.cancel()
        return None
    return await method(request)


def stranger(tenant: str) -> common.Actor:
    """The admin, recruiter and reviewer of another employer."""
    return common.Actor(
        kind=common.ACTOR_KIND_STAFF,
        tenant_id=tenant,
        subject_id=str(uuid7()),
        display_name="Park",
        roles=STAFF_ROLES,
    )


class House:
    """A tenant with one of everything, and whoever may call."""

    def __init__(self, ids: dict[str, str], spec: position_pb2.PositionSpec, actors: dict[str, common.Actor]) -> None:
        self.ids = ids
        self.spec = spec
        self.actors = actors


@pytest.fixture
async def house(service: Service) -> House:
    """A position with its rubrics, and an interview whose candidate is in."""
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)
    with acting_as(staff):
        position = (await service.stub.GetPosition(pb.GetPositionRequest(position_id=position_id))).position
    ids = {
        "position_id": position_id,
        "interview_id": interview_id,
        "rubric_id": position.spec.competencies[0].rubric_id,
    }
    actors = {role: service.staff(role) for role in STAFF_ROLES}
    actors["candidate"] = candidate
    actors["service"] = common.Actor(
        kind=common.ACTOR_KIND_SERVICE, tenant_id=str(service.tenant), subject_id="evaluator"
    )
    return House(ids, position.spec, actors)


def test_the_tables_of_this_test_name_every_rpc() -> None:
    assert MAY.keys() | BY_TOKEN == ALL
    assert FILLED.keys() <= ALL


async def test_what_does_not_exist_and_what_is_anothers_look_the_same(service: Service, house: House) -> None:
    other = stranger(str(uuid7()))
    for name in NAMING:
        own = next(role for role in (*STAFF_ROLES, "candidate", "service") if role in MAY[name])
        with pytest.raises(NotFound) as nothing:
            await call(service, house.actors[own], name, request_of(name, {}, house.spec))
        with pytest.raises(NotFound) as foreign:
            await call(service, other, name, request_of(name, house.ids, house.spec))
        assert nothing.value.message == foreign.value.message, name
        assert nothing.value.reason == foreign.value.reason, name


async def test_each_rpc_is_denied_to_whom_it_is_not_for(service: Service, house: House) -> None:
    for name in sorted(MAY):
        request = request_of(name, house.ids, house.spec)
        for who, actor in house.actors.items():
            if who in MAY[name]:
                continue
            with pytest.raises((Denied, NotFound)) as refused:
                await call(service, actor, name, request)
            # A candidate is not told what else there is, and nobody of another tenant to be made.
            if who != "candidate" and name != "CreateTenant":
                assert isinstance(refused.value, Denied), (name, who)


async def test_each_rpc_wants_to_know_who_calls(service: Service, house: House) -> None:
    for name in sorted(MAY):
        with pytest.raises(Unauthenticated):
            await call(service, None, name, request_of(name, house.ids, house.spec))


async def test_a_candidate_sees_nothing_of_another_candidates_interview(service: Service, house: House) -> None:
    _, token = await steps.invited(service.stub, service.staff(), house.ids["position_id"], name="Jiwoo Lee")
    other = await steps.entered(service.stub, token)
    for name in sorted(
        name for name in MAY if "interview_id" in SERVICE.methods_by_name[name].input_type.fields_by_name
    ):
        if name in ("ListAudit", "ListInterviews", "ListCandidates", "WatchCandidates"):
            continue
        with pytest.raises(NotFound):
            await call(service, other, name, request_of(name, house.ids, house.spec))


@pytest.mark.parametrize("number", ["-1", str(2**63), "9" * 40, "rubbish"])
async def test_a_page_token_that_was_never_given_is_refused(service: Service, house: House, number: str) -> None:
    token = base64.urlsafe_b64encode(number.encode()).decode()
    with pytest.raises(Invalid) as refused:
        await call(service, house.actors["admin"], "ListAudit", pb.ListAuditRequest(page_token=token))
    assert [violation.field for violation in refused.value.violations] == ["page_token"]


async def test_lists_of_another_tenant_are_empty(service: Service, house: House) -> None:
    other = stranger(str(uuid7()))
    for name in ("ListRubrics", "ListPositions", "ListInterviews", "ListAudit"):
        answer = await call(service, other, name, request_of(name, house.ids, house.spec))
        assert answer is not None
        assert all(not value for field, value in answer.ListFields() if field.name != "next_page_token"), name
