"""What the model saw, over REST: the candidate's own, in order, with the words that belong to it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from viva.common.v1 import types_pb2 as common
from viva.vision.v1 import vision_pb2 as vision
from viva_core import wellknown
from viva_core.errors import Refused, Transient
from viva_gateway.app import description
from viva_gateway.domain.principal import Role

OWN = "/candidate/interview/expressions"
TAKEN = datetime(2026, 11, 25, 9, tzinfo=UTC)


def page(token: str = "") -> vision.GetTimelineResponse:
    """Two pictures: one of a smile, one of nobody."""
    face = vision.Face(x=0.25, y=0.125, width=0.5, height=0.5, confidence=1.0)
    face.expressions.add(expression=vision.EXPRESSION_HAPPY, probability=0.75)
    smile = vision.TimelinePoint(
        captured_at=wellknown.stamp(TAKEN), faces=1, face=face, model=common.ModelRef(id="fer", engine="onnx")
    )
    nobody = vision.TimelinePoint(captured_at=wellknown.stamp(TAKEN), quality=[vision.FRAME_QUALITY_NO_FACE])
    return vision.GetTimelineResponse(points=[smile, nobody], next_page_token=token)


async def test_the_candidate_reads_what_the_model_saw(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["GetTimeline"] = page("bmV4dA==")
    answered = await client.get(OWN, params={"limit": 2, "cursor": "Zmlyc3Q="})
    assert answered.status_code == 200, answered.text
    told = answered.json()
    assert told["items"][0]["face"]["expressions"] == [{"expression": "happy", "probability": 0.75}]
    assert told["items"][0]["captured_at"] == "2026-11-25T09:00:00Z"
    assert (told["items"][1]["face"], told["items"][1]["quality"]) == (None, ["no_face"])
    assert told["next_cursor"] == "bmV4dA=="
    assert "cursor=bmV4dA" in answered.headers["link"]
    [call] = gateway.neighbour.called("GetTimeline")
    assert call.actor.kind == common.ACTOR_KIND_CANDIDATE
    assert call.request.interview_id == str(gateway.interview_id)
    assert (call.request.page_size, call.request.page_token) == (2, "Zmlyc3Q=")


async def test_the_words_that_belong_to_it_come_in_both_languages(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["GetTimeline"] = page()
    told = (await client.get(OWN)).json()
    assert told["next_cursor"] is None
    assert told["notice"]["en"]["heading"] == "What the model saw"
    assert "enters no score" in told["notice"]["en"]["is_not"]
    assert set(told["notice"]) == {"en", "ko"}
    assert all(words for notice in told["notice"].values() for words in notice.values())


@pytest.mark.parametrize("reason", ["HIRING_MODE", "NO_CONSENT"])
async def test_what_vision_refuses_is_a_conflict_with_its_reason(gateway: Any, reason: str) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["GetTimeline"] = Refused("never", reason=reason)
    answered = await client.get(OWN)
    assert (answered.status_code, answered.json()["reason"]) == (409, reason)


async def test_an_outage_says_when_to_come_back(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["GetTimeline"] = Transient("away")
    assert (await client.get(OWN)).status_code == 503


async def test_staff_and_strangers_see_nothing(gateway: Any) -> None:
    for role in Role:
        staff = await gateway.signed_in(role, email=f"{role}@example.com")
        assert (await staff.get(OWN)).status_code == 403
    assert (await gateway.client().get(OWN)).status_code == 401
    assert gateway.neighbour.called("GetTimeline") == []


async def test_without_vision_it_says_so(settings: Any, neighbour: Any, clock: Any, run_gateway: Any) -> None:
    async with run_gateway(settings(vision_target=None), neighbour, clock) as gateway:
        client = await gateway.candidate()
        answered = await client.get(OWN)
        assert (answered.status_code, answered.json()["reason"]) == (409, "NO_VISION")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"cursor": "x" * 501}, {"cursor": "a b"}])
async def test_a_malformed_page_names_its_field(gateway: Any, query: dict[str, str]) -> None:
    client = await gateway.candidate()
    answered = await client.get(OWN, params=query)
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["field"] in query


def test_the_description_says_that_it_may_be_refused() -> None:
    path = description()["paths"]["/api/v1/candidate/interview/expressions"]
    assert "409" in path["get"]["responses"]
