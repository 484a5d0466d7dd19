"""Rubrics and the question bank. A rubric's ETag is the SHA-256 of the version that is shown."""

from typing import Annotated

from fastapi import Path, Query, Request, Response
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import position_pb2
from viva.session.v1 import session_pb2 as api

from viva_gateway.domain.errors import PreconditionFailed
from viva_gateway.domain.etags import demand_hash, etag, unchanged
from viva_gateway.edge.changes import building_on
from viva_gateway.edge.documents import Id, IfMatch, IfNoneMatch, NeededIfMatch
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Language, Page
from viva_gateway.schemas.positions import BankCompetencies, BankCompetency, RubricChange, RubricDraft, RubricVersion

router = guarded_router("rubrics")
Version = Annotated[int, Path(ge=1, le=100_000)]


def _shown(rubric: position_pb2.RubricVersion, response: Response) -> RubricVersion:
    response.headers["ETag"] = etag(rubric.rubric.sha256)
    return RubricVersion.of(rubric)


@router.get("/bank/competencies")
async def list_bank_competencies(gateway: Via, language: Annotated[Language, Query()]) -> BankCompetencies:
    """The competencies of the curated question bank, with criteria to start a rubric from."""
    number = wire.number(common.Language.DESCRIPTOR, language)
    request = api.ListBankCompetenciesRequest(language=number)
    found = await gateway.services.session.ListBankCompetencies(request)
    return BankCompetencies(items=[BankCompetency.of(each) for each in found.competencies])


@router.get("/rubrics")
async def list_rubrics(
    request: Request, response: Response, gateway: Via, limit: Limit = 50, cursor: Cursor = ""
) -> Page[RubricVersion]:
    """The newest version of each rubric."""
    wanted = api.ListRubricsRequest(page_size=limit, page_token=cursor)
    found = await gateway.services.session.ListRubrics(wanted)
    items = [RubricVersion.of(each) for each in found.rubrics]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.post("/rubrics", status_code=201)
async def create_rubric(body: RubricDraft, gateway: Via, response: Response) -> RubricVersion:
    """Make a rubric, a draft."""
    made = (await gateway.services.session.CreateRubric(body.to_message(api.CreateRubricRequest))).rubric
    response.headers["Location"] = f"/api/v1/rubrics/{made.rubric.rubric_id}"
    return _shown(made, response)


@router.get("/rubrics/{rubric_id}", response_model=RubricVersion, responses={304: {"description": "Unchanged"}})
async def get_rubric(
    rubric_id: Id, gateway: Via, response: Response, if_none_match: IfNoneMatch = None
) -> RubricVersion | Response:
    """The newest version."""
    return await _version(gateway, str(rubric_id), 0, response, if_none_match)


@router.get(
    "/rubrics/{rubric_id}/versions/{version}",
    response_model=RubricVersion,
    responses={304: {"description": "Unchanged"}},
)
async def get_rubric_version(
    rubric_id: Id, version: Version, gateway: Via, response: Response, if_none_match: IfNoneMatch = None
) -> RubricVersion | Response:
    """One version."""
    return await _version(gateway, str(rubric_id), version, response, if_none_match)


async def _version(
    gateway: Via, rubric_id: str, version: int, response: Response, if_none_match: str | None
) -> RubricVersion | Response:
    wanted = api.GetRubricRequest(rubric_id=rubric_id, version=version)
    found = (await gateway.services.session.GetRubric(wanted)).rubric
    tag = etag(found.rubric.sha256)
    if unchanged(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return _shown(found, response)


@router.put("/rubrics/{rubric_id}")
async def update_rubric(
    rubric_id: Id, body: RubricChange, gateway: Via, response: Response, if_match: NeededIfMatch
) -> RubricVersion:
    """Change the draft; of a published rubric, make the next version's draft."""
    request = body.to_message(api.UpdateRubricRequest)
    request.rubric_id, request.expected_sha256 = str(rubric_id), demand_hash(if_match)
    with building_on():
        return _shown((await gateway.services.session.UpdateRubric(request)).rubric, response)


@router.post("/rubrics/{rubric_id}/publish")
async def publish_rubric(rubric_id: Id, gateway: Via, response: Response, if_match: IfMatch = None) -> RubricVersion:
    """Freeze the draft. Weights must sum to 100, criteria and anchors be complete. With If-Match, only the draft that
    was read is published."""
    session = gateway.services.session
    if if_match is not None:
        current = (await session.GetRubric(api.GetRubricRequest(rubric_id=str(rubric_id)))).rubric
        if demand_hash(if_match) != current.rubric.sha256:
            raise PreconditionFailed("the draft has changed since you read it")
    return _shown((await session.PublishRubric(api.PublishRubricRequest(rubric_id=str(rubric_id)))).rubric, response)
