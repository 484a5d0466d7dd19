"""What was recorded of a spoken answer, for those who decide on it."""

from typing import Any

from fastapi import Response
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import session_pb2 as api
from viva_core.errors import NotFound

from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router

router = guarded_router("reports")
_TYPE = "audio/webm"
_SOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Opus in WebM; its time is the answer's, so a quote is heard from its `start_time_seconds` on",
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/interviews/{interview_id}/turns/{turn_id}/recording", response_class=Response, responses=_SOUND)
async def get_recording(interview_id: Id, turn_id: Id, gateway: Via) -> Response:
    """The sound of an answer, while the candidate's consent to record holds; the audit log tells who heard it."""
    if gateway.services.media is None:
        raise NotFound("this Viva records nothing", reason="NOT_RECORDED")
    which = {"interview_id": str(interview_id), "turn_id": str(turn_id)}
    await gateway.services.session.AuthorizeListening(api.AuthorizeListeningRequest(**which))
    pieces = gateway.services.media.GetRecording(media.GetRecordingRequest(**which))
    # Whole before the first byte goes out: what fails half-way is told as an error, not as a short file.
    return Response(b"".join([piece.webm async for piece in pieces]), media_type=_TYPE)
