"""The board and the table of candidates over REST and WebSocket."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Conflict, NotFound, Transient
from viva_gateway.domain.principal import Role
from viva_testkit.bus import eventually
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

POSITION = str(UUID(int=0xC))


def row(name: str = "Kim Minji", score: float | None = 3.25, **changes: Any) -> interview_pb2.CandidateRow:
    """A candidate with a report."""
    total = common.WeightedTotal(score=score, scored_weight=80)
    return interview_pb2.CandidateRow(
        interview_id=str(UUID(int=1)),
        position_id=POSITION,
        position_title="Backend engineer",
        candidate=interview_pb2.Candidate(name=name, email="minji@example.com"),
        state=interview_pb2.INTERVIEW_STATE_DECIDED,
        mode=common.INTERVIEW_MODE_HIRING,
        language=common.LANGUAGE_EN,
        report_version=1,
        total=total,
        competencies=[
            interview_pb2.CompetencyCell(
                competency_id="system_design",
                title="System design",
                weight=100,
                total=total,
                lowest=2,
                highest=5,
                scores=3,
            )
        ],
        coverage=interview_pb2.Coverage(criteria_total=4, criteria_unscored=1),
        **changes,
    )


async def test_candidates_are_listed_with_what_the_caller_asks_for(gateway: Any) -> None:
    gateway.neighbour.answers["ListCandidates"] = api.ListCandidatesResponse(
        candidates=[row(sealed=True, reviewers=1)], next_page_token="abc", total=7, cursor=42
    )
    client = await gateway.signed_in(Role.REVIEWER)
    answered = await client.get(
        f"/candidates?position_id={POSITION}&state=reported&state=decided&decision=hold&search=kim"
        "&order=competency&competency_id=system_design&descending=true&limit=1000&min_weight_scored=80"
    )
    assert answered.status_code == 200, answered.text
    asked = gateway.neighbour.called("ListCandidates")[0].request
    assert list(asked.states) == [interview_pb2.INTERVIEW_STATE_REPORTED, interview_pb2.INTERVIEW_STATE_DECIDED]
    assert (asked.order, asked.competency_id, asked.descending) == (
        api.CANDIDATE_ORDER_COMPETENCY,
        "system_design",
        True,
    )
    assert (asked.page_size, asked.decision, asked.search) == (1000, common.REVIEW_DECISION_HOLD, "kim")
    assert asked.min_weight_scored == 80
    page = answered.json()
    assert (page["total"], page["next_cursor"], page["changes_after"]) == (7, "abc", "42")
    assert page["items"][0]["decision"] is None
    assert page["items"][0]["sealed"] is True
    assert page["items"][0]["competencies"][0]["total"] == {"score": 3.25, "scored_weight": 80}
    assert (await client.get("/candidates?order=competency")).json()["errors"][0]["field"] == "competency_id"


@pytest.mark.parametrize("format_", ["csv", "json", "pdf"])
async def test_the_table_is_exported_with_a_cell_that_is_no_formula(gateway: Any, format_: str) -> None:
    gateway.neighbour.answers["ListCandidates"] = api.ListCandidatesResponse(
        candidates=[row("=HYPERLINK(1)"), row("김민지", None)], total=2
    )
    client = await gateway.signed_in(Role.RECRUITER)
    answered = await client.get(f"/exports/candidates?format={format_}&language=ko")
    assert answered.status_code == 200
    if format_ == "csv":
        heading, first, second = answered.text.lstrip("\ufeff").split("\r\n")[:3]
        assert heading.endswith(
            "system_design_score,system_design_lowest,system_design_highest,system_design_scored_weight_percent"
        )
        assert "'=HYPERLINK(1)" in first
        assert second.endswith(",,2,5,80.0")
    elif format_ == "json":
        assert [each["candidate"]["name"] for each in answered.json()] == ["=HYPERLINK(1)", "김민지"]
    else:
        assert answered.content.startswith(b"%PDF-")
    reviewer = await gateway.signed_in(Role.REVIEWER, email="park@example.com")
    assert (await reviewer.get("/exports/candidates")).status_code == 403


@pytest.mark.parametrize("format_", ["csv", "json", "pdf"])
async def test_a_file_is_asked_for_with_every_filter_of_the_table(gateway: Any, format_: str) -> None:
    gateway.neighbour.answers["ListCandidates"] = api.ListCandidatesResponse(candidates=[row()], total=1)
    client = await gateway.signed_in(Role.RECRUITER)
    filters = (
        f"position_id={POSITION}&state=reported&decision=hold&search=kim&min_weight_scored=80"
        "&order=competency&competency_id=system_design&descending=true"
    )
    assert (await client.get(f"/candidates?limit=1000&{filters}")).status_code == 200
    assert (await client.get(f"/exports/candidates?format={format_}&{filters}")).status_code == 200
    shown, exported = (call.request for call in gateway.neighbour.called("ListCandidates"))
    assert exported == shown
    assert exported.min_weight_scored == 80


@pytest.mark.parametrize("path", ["/candidates", "/exports/candidates"])
@pytest.mark.parametrize("percent", ["101", "-1", "79.5", "most"])
async def test_a_coverage_that_is_no_percentage_is_refused_by_name(gateway: Any, path: str, percent: str) -> None:
    client = await gateway.signed_in(Role.RECRUITER)
    refused = await client.get(f"{path}?min_weight_scored={percent}")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["min_weight_scored"]
    assert not gateway.neighbour.called("ListCandidates")


async def test_a_request_a_hand_score_and_a_resolution_go_to_the_session(gateway: Any) -> None:
    candidate, staff = await gateway.candidate(), await gateway.signed_in(Role.RECRUITER, Role.REVIEWER)
    told = interview_pb2.Interview(
        requests=[interview_pb2.CandidateRequest(kind=interview_pb2.REQUEST_KIND_HUMAN_REVIEW, text="Please")]
    )
    gateway.neighbour.answers["SubmitCandidateRequest"] = api.SubmitCandidateRequestResponse(interview=told)
    gateway.neighbour.answers["ResolveCandidateRequest"] = api.ResolveCandidateRequestResponse(interview=told)
    gateway.neighbour.answers["ScoreByHand"] = Conflict("the transcript has changed", reason="STALE_REVISION")
    asked = await candidate.post("/candidate/interview/requests", json={"kind": "human_review", "text": "Please"})
    assert (asked.status_code, asked.json()["requests"][0]["kind"]) == (201, "human_review")
    path = f"/interviews/{gateway.interview_id}"
    resolved = await staff.post(f"{path}/requests/{UUID(int=3)}/resolve", json={"answer": "We will."})
    assert resolved.status_code == 200
    assert (await staff.post(f"{path}/requests/{UUID(int=3)}/resolve", json={"answer": "  "})).status_code == 422
    score = {"criterion_id": "depth", "score": 3, "reason": "Measures one of two."}
    refused = await staff.post(f"{path}/turns/{UUID(int=4)}/scores", json=score)
    assert (refused.status_code, refused.json()["reason"]) == (409, "STALE_REVISION")
    assert (await candidate.post(f"{path}/turns/{UUID(int=4)}/scores", json=score)).status_code == 401


@pytest.fixture
async def address(gateway: Any) -> AsyncIterator[str]:
    """Where the gateway's own HTTP server listens."""
    server = gateway.built.server
    await server.start()
    yield f"127.0.0.1:{server.port}"
    await server.stop(1.0)


async def test_one_socket_tells_of_many_candidates_and_goes_on_where_it_was(gateway: Any, address: str) -> None:
    gateway.neighbour.answers["WatchCandidates"] = api.WatchCandidatesResponse(cursor=40)
    staff = {"Authorization": (await gateway.bearer(Role.REVIEWER)).headers["Authorization"]}
    url = f"ws://{address}/api/v1/candidates/live?position_id={POSITION}"
    async with connect(url, additional_headers=staff) as socket:
        hello = json.loads(await socket.recv())
        assert (hello["type"], hello["data"]["after"]) == ("hello", "40")
        await eventually(lambda: len(gateway.neighbour.called("WatchCandidates")) >= 2)
        gateway.neighbour.board.put_nowait(api.WatchCandidatesResponse(candidates=[row()], cursor=43))
        news = json.loads(await socket.recv())
        assert (news["type"], news["data"]["after"]) == ("candidates", "43")
        assert news["data"]["items"][0]["candidate"]["name"] == "Kim Minji"
    async with connect(f"{url}&after=43", additional_headers=staff) as socket:
        assert json.loads(await socket.recv())["data"]["after"] == "43"
        await eventually(lambda: gateway.neighbour.called("WatchCandidates")[-1].request.cursor == 43)


@pytest.mark.parametrize(
    ("query", "told", "status"),
    [
        ("?position_id=none", None, 422),
        ("?after=-1", None, 422),
        ("", NotFound("there is nothing here by that id"), 404),
        ("", Transient("away"), 503),
    ],
)
async def test_a_board_that_cannot_be_watched_is_refused_as_a_problem(
    gateway: Any, address: str, query: str, told: Any, status: int
) -> None:
    if told is not None:
        gateway.neighbour.answers["WatchCandidates"] = told
    staff = {"Authorization": (await gateway.bearer(Role.REVIEWER)).headers["Authorization"]}
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(f"ws://{address}/api/v1/candidates/live{query}", additional_headers=staff):
            pass
    assert refusal.value.response.status_code == status
    assert refusal.value.response.headers["Content-Type"] == "application/problem+json"
