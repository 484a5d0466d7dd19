"""What every route does alike: problems, limits, headers."""

from typing import Any

import pytest
from viva.common.v1 import types_pb2
from viva.session.v1 import position_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Exhausted, Expired, Invalid, Transient, Violation
from viva_gateway.domain import access
from viva_gateway.domain.principal import Role

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("PUT", "/auth/login", None, 405),
        ("POST", "/auth/login", "no json", 400),
        ("POST", "/auth/login", "{}", 422),
        ("POST", "/auth/login", '{"email": 5, "password": "x"}', 422),
        ("POST", "/auth/login", '{"email": "a@b.c", "password": "x", "more": 1}', 422),
        ("POST", "/auth/login", '{"email": "a@b.c", "password": "' + "x" * 1_100_000 + '"}', 413),
        ("GET", "/interviews", None, 401),
    ],
    ids=["nothing there", "no such method", "no JSON", "empty", "wrong type", "unknown field", "too large", "nobody"],
)
async def test_whatever_is_wrong_is_a_problem_document(
    gateway: Any, method: str, path: str, body: str | None, status: int
) -> None:
    answered = await gateway.http.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answered.status_code == status
    assert answered.headers["content-type"] == PROBLEM
    document = answered.json()
    assert document["status"] == status
    assert document["instance"] == f"/api/v1{path}"
    assert document["correlation_id"] == answered.headers["x-correlation-id"]
    assert set(document) <= {"type", "title", "status", "detail", "instance", "reason", "correlation_id", "errors"}


async def test_a_method_that_is_not_offered_names_all_that_are(gateway: Any) -> None:
    answered = await gateway.http.delete("/positions")
    assert answered.status_code == 405
    assert set(answered.headers["allow"].split(", ")) >= {"GET", "POST"}


async def test_a_word_in_the_place_of_an_id_offers_what_is_done_by_that_word(gateway: Any) -> None:
    """Not what could be done to a delivery that was called `replay`."""
    path = "/webhooks/01890a5d-ac96-774b-bcce-b302099a8057/deliveries/replay"
    answered = await gateway.http.request("OPTIONS", path)
    assert (answered.status_code, answered.headers["allow"]) == (405, "POST")


async def test_each_faulty_field_is_named(gateway: Any) -> None:
    client = await gateway.signed_in()
    gateway.neighbour.answers["CreateRubric"] = Invalid(
        "not right", [Violation("criteria[0].weight", "must sum to 100")]
    )
    anchors = [{"band": band, "description": "x"} for band in range(1, 6)]
    criterion = {"criterion_id": "a", "title": "A", "weight": 99, "anchors": anchors}
    body = {"title": "R", "language": "en", "criteria": [criterion]}
    answered = await client.post("/rubrics", json=body)
    assert answered.status_code == 422
    assert answered.json()["errors"] == [{"field": "criteria[0].weight", "detail": "must sum to 100"}]
    wrong = await client.post("/rubrics", json=body | {"criteria": [criterion | {"weight": 101}]})
    assert wrong.json()["errors"][0]["field"] == "criteria[0].weight"


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (Transient("away"), 503, "1"),
        (Exhausted("busy"), 503, "1"),
        (Expired("late"), 504, None),
        (RuntimeError("a secret"), 500, None),
    ],
)
async def test_failures_of_neighbours_are_told_without_details(
    gateway: Any, error: Exception, status: int, retry_after: str | None
) -> None:
    client = await gateway.signed_in()
    gateway.neighbour.answers["ListPositions"] = error
    answered = await client.get("/positions")
    assert answered.status_code == status
    assert answered.headers.get("retry-after") == retry_after
    assert "secret" not in answered.text
    assert "Traceback" not in answered.text


async def test_security_headers_are_on_every_answer(gateway: Any) -> None:
    for path in ("/openapi.json", "/nothing"):
        headers = (await gateway.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers


async def test_pages_link_to_the_next(gateway: Any) -> None:
    client = await gateway.signed_in()
    gateway.neighbour.answers["ListPositions"] = api.ListPositionsResponse(
        positions=[position_pb2.Position(position_id="p", revision=1)], next_page_token="abc"
    )
    answered = await client.get("/positions?limit=1&state=draft")
    assert answered.json()["next_cursor"] == "abc"
    assert answered.headers["link"] == '</api/v1/positions?limit=1&state=draft&cursor=abc>; rel="next"'
    asked = gateway.neighbour.called("ListPositions")[0].request
    assert (asked.page_size, asked.state) == (1, position_pb2.PUBLISH_STATE_DRAFT)


async def test_an_etag_saves_a_body_and_guards_a_change(gateway: Any) -> None:
    client = await gateway.signed_in()
    position = position_pb2.Position(position_id="p", revision=4)
    gateway.neighbour.answers["GetPosition"] = api.GetPositionResponse(position=position)
    path = f"/positions/{gateway.interview_id}"
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    publish = await client.post(f"{path}/publish")
    assert publish.status_code == 428


async def test_an_idempotency_key_under_way_is_a_conflict(gateway: Any) -> None:
    client = await gateway.signed_in()
    inner: list[int] = []

    async def slow(request: Any) -> Any:
        second = await client.post("/rubrics", json=BODY, headers={"Idempotency-Key": "k"})
        inner.append(second.status_code)
        return api.CreateRubricResponse(rubric=position_pb2.RubricVersion(rubric=types_pb2.Rubric(version=1)))

    gateway.neighbour.answers["CreateRubric"] = slow
    first = await client.post("/rubrics", json=BODY, headers={"Idempotency-Key": "k"})
    assert (first.status_code, inner) == (201, [409])


BODY = {
    "title": "R",
    "language": "ko",
    "criteria": [
        {
            "criterion_id": "a",
            "title": "A",
            "weight": 100,
            "anchors": [{"band": band, "description": "x"} for band in range(1, 6)],
        }
    ],
}


async def test_the_table_and_the_routes_match_and_none_is_open_by_mistake(gateway: Any) -> None:
    document = (await gateway.http.get("/openapi.json")).json()
    described = {
        operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()
    }
    assert set(described) == set(access.ACCESS) - {"watch_interview", "watch_candidates"}
    opened = {name for name, operation in described.items() if operation["security"] == []}
    assert opened == {
        "login",
        "create_token",
        "refresh_token",
        "revoke_token",
        "get_sign_in_methods",
        "start_oidc",
        "finish_oidc",
        "open_candidate_session",
    }


async def test_every_route_turns_away_everybody_whom_it_is_not_for(gateway: Any) -> None:
    document = (await gateway.http.get("/openapi.json")).json()
    callers: dict[str, Any] = {role.value: await gateway.bearer(role, email=f"{role}@example.com") for role in Role}
    callers["candidate"] = await gateway.candidate()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            who = access.ACCESS[operation["operationId"]]
            if access.Who.ANYONE in who:
                continue
            address = path.removeprefix("/api/v1")
            for name in ("position_id", "rubric_id", "interview_id", "turn_id", "account_id"):
                address = address.replace(f"{{{name}}}", str(gateway.interview_id))
            address = address.replace("{version}", "1")
            nobody = await gateway.client().request(method, address)
            assert nobody.status_code == 401, operation["operationId"]
            for kind, caller in callers.items():
                if operation["operationId"] in ("logout", "close_candidate_session") and kind in who:
                    continue  # would end the caller's own session
                answered = await caller.request(method, address)
                refused = answered.status_code in (401, 403)
                assert refused == (kind not in who), (operation["operationId"], kind, answered.status_code)
