"""Positions. A position's ETag is its revision."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from google.protobuf.duration_pb2 import Duration
from viva.question.v1 import question_pb2
from viva.session.v1 import position_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import NotFound, Transient

from viva_gateway.domain.etags import demand_revision, etag, unchanged
from viva_gateway.edge.changes import building_on
from viva_gateway.edge.documents import Id, IfNoneMatch, NeededIfMatch
from viva_gateway.edge.gateway import Caller, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Page, PublishState
from viva_gateway.schemas.positions import Position, PositionSpec
from viva_gateway.schemas.previews import PreviewIn
from viva_gateway.schemas.scores import GeneratedQuestion

router = guarded_router("positions")
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Unchanged"}}


def _shown(position: position_pb2.Position, response: Response) -> Position:
    response.headers["ETag"] = etag(position.revision)
    return Position.of(position)


@router.get("/positions")
async def list_positions(
    request: Request,
    response: Response,
    gateway: Via,
    limit: Limit = 50,
    cursor: Cursor = "",
    state: Annotated[PublishState | None, Query(description="Only those in this state")] = None,
) -> Page[Position]:
    """Positions, newest first."""
    wanted = api.ListPositionsRequest(
        page_size=limit,
        page_token=cursor,
        state=wire.number(position_pb2.PublishState.DESCRIPTOR, state),
    )
    found = await gateway.services.session.ListPositions(wanted)
    items = [Position.of(each) for each in found.positions]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.post("/positions", status_code=201)
async def create_position(body: PositionSpec, gateway: Via, response: Response) -> Position:
    """Make a position, a draft."""
    request = api.CreatePositionRequest(spec=body.to_message(position_pb2.PositionSpec))
    made = (await gateway.services.session.CreatePosition(request)).position
    response.headers["Location"] = f"/api/v1/positions/{made.position_id}"
    return _shown(made, response)


@router.get("/positions/{position_id}", response_model=Position, responses=_UNCHANGED)
async def get_position(
    position_id: Id, gateway: Via, response: Response, if_none_match: IfNoneMatch = None
) -> Position | Response:
    """One position."""
    request = api.GetPositionRequest(position_id=str(position_id))
    found = (await gateway.services.session.GetPosition(request)).position
    if unchanged(if_none_match, etag(found.revision)):
        return Response(status_code=304, headers={"ETag": etag(found.revision)})
    return _shown(found, response)


@router.put("/positions/{position_id}")
async def update_position(
    position_id: Id, body: PositionSpec, gateway: Via, response: Response, if_match: NeededIfMatch
) -> Position:
    """Change a draft."""
    request = api.UpdatePositionRequest(
        position_id=str(position_id),
        spec=body.to_message(position_pb2.PositionSpec),
        expected_revision=demand_revision(if_match),
    )
    with building_on():
        return _shown((await gateway.services.session.UpdatePosition(request)).position, response)


@router.post("/positions/{position_id}/publish")
async def publish_position(position_id: Id, gateway: Via, response: Response, if_match: NeededIfMatch) -> Position:
    """Freeze a draft, the one that If-Match names. Weights must sum to 100 and every rubric be published."""
    request = api.PublishPositionRequest(position_id=str(position_id), expected_revision=demand_revision(if_match))
    with building_on():
        return _shown((await gateway.services.session.PublishPosition(request)).position, response)


@router.post("/positions/{position_id}/archive")
async def archive_position(position_id: Id, gateway: Via, response: Response) -> Position:
    """Take a position out of use; its interviews go on."""
    request = api.ArchivePositionRequest(position_id=str(position_id))
    return _shown((await gateway.services.session.ArchivePosition(request)).position, response)


@router.post("/positions/{position_id}/preview-question")
async def preview_question(position_id: Id, body: PreviewIn, caller: Caller, gateway: Via) -> GeneratedQuestion:
    """A first question for one of the position's competencies, as a candidate without a résumé could meet it."""
    found = await gateway.services.session.GetPosition(api.GetPositionRequest(position_id=str(position_id)))
    spec = found.position.spec
    wanted = next((c.competency for c in spec.competencies if c.competency.competency_id == body.competency_id), None)
    if wanted is None:
        raise NotFound("the position does not ask for this competency")
    ids = [str(gateway.new_id()) for _ in range(3)]
    request = question_pb2.GenerateRequest(
        request_id=ids[0],
        tenant_id=str(caller.tenant_id),
        interview_id=ids[1],
        turn_id=ids[2],
        language=spec.language,
        position_title=spec.title,
        job_description=spec.job_description,
        competency=wanted,
        intent=question_pb2.QUESTION_INTENT_MAIN,
        time_left=Duration(seconds=spec.duration.seconds),
        fallback=question_pb2.BankQuestion(question_id="preview", text=body.fallback or wanted.title),
        seed=body.seed,
    )
    async for part in gateway.services.question.Generate(request, timeout=gateway.settings.model_timeout):
        if part.HasField("question"):
            return GeneratedQuestion.of(part.question)
    raise Transient("the question was not finished: try again")
