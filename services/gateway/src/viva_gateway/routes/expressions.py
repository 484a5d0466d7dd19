"""What the model saw in the candidate's own pictures: for the candidate alone, in practice, while they consent to it.

Vision decides who may see it, by the same gate that decides who may be looked at.
"""

from fastapi import Request, Response
from viva.vision.v1 import vision_pb2 as vision
from viva_core.errors import Refused

from viva_gateway.edge.gateway import Caller, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas.expressions import NOTICE, ExpressionPoint, ExpressionTimeline

router = guarded_router("candidate")


@router.get("/candidate/interview/expressions")
async def list_own_expressions(
    request: Request, response: Response, caller: Caller, gateway: Via, limit: Limit = 200, cursor: Cursor = ""
) -> ExpressionTimeline:
    """The timeline, a point a picture, in order; with the words that have to stand beside it."""
    if gateway.services.vision is None:
        raise Refused("this Viva looks at nobody", reason="NO_VISION")
    assert caller.interview_id is not None
    page = await gateway.services.vision.GetTimeline(
        vision.GetTimelineRequest(interview_id=str(caller.interview_id), page_size=limit, page_token=cursor)
    )
    return ExpressionTimeline(
        items=[ExpressionPoint.of(point) for point in page.points],
        next_cursor=link_next(request, response, page.next_page_token),
        notice=dict(NOTICE),
    )
