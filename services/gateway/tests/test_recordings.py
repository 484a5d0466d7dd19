"""The sound of an answer over REST: asked of the session service first, then of media."""

from collections.abc import Iterator
from typing import Any

import pytest
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import session_pb2 as api
from viva_core.errors import NotFound, Transient
from viva_gateway.domain.principal import Role

TURN = "0190b6a0-0000-7000-8000-0000000000f1"


def path(gateway: Any) -> str:
    """Where the recording is."""
    return f"/interviews/{gateway.interview_id}/turns/{TURN}/recording"


def pieces() -> list[media.GetRecordingResponse]:
    """What media tells."""
    return [media.GetRecordingResponse(webm=part) for part in (b"\x1a\x45", b"\xdf\xa3")]


@pytest.mark.parametrize("role", Role)
async def test_whoever_decides_hears_the_answer_once_the_session_service_agrees(gateway: Any, role: Role) -> None:
    client = await gateway.signed_in(role)
    gateway.neighbour.answers["AuthorizeListening"] = api.AuthorizeListeningResponse()
    gateway.neighbour.answers["GetRecording"] = pieces()
    answered = await client.get(path(gateway))
    assert (answered.status_code, answered.content) == (200, b"\x1a\x45\xdf\xa3")
    assert answered.headers["content-type"] == "audio/webm"
    assert answered.headers["cache-control"] == "no-store"
    asked = [call.method for call in gateway.neighbour.calls[-2:]]
    assert asked == ["AuthorizeListening", "GetRecording"]
    for call in gateway.neighbour.calls[-2:]:
        assert (call.request.interview_id, call.request.turn_id) == (str(gateway.interview_id), TURN)


async def test_media_is_not_asked_for_what_the_session_service_refuses(gateway: Any) -> None:
    client = await gateway.signed_in()
    gateway.neighbour.answers["AuthorizeListening"] = NotFound("nothing was recorded", reason="NOT_RECORDED")
    answered = await client.get(path(gateway))
    assert (answered.status_code, answered.json()["reason"]) == (404, "NOT_RECORDED")
    assert gateway.neighbour.called("GetRecording") == []


async def test_a_recording_that_breaks_off_is_an_error_and_no_short_file(gateway: Any) -> None:
    client = await gateway.signed_in()

    class Breaking:
        def __iter__(self) -> Iterator[media.GetRecordingResponse]:
            yield from pieces()
            raise Transient("the store is away", reason="OBJECTS_AWAY")

    gateway.neighbour.answers["AuthorizeListening"] = api.AuthorizeListeningResponse()
    gateway.neighbour.answers["GetRecording"] = Breaking()
    answered = await client.get(path(gateway))
    assert (answered.status_code, answered.json()["reason"]) == (503, "OBJECTS_AWAY")


async def test_a_candidate_does_not_hear_it(gateway: Any) -> None:
    client = await gateway.candidate()
    assert (await client.get(path(gateway))).status_code in (401, 403)
    assert gateway.neighbour.called("AuthorizeListening") == []
