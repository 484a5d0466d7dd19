"""Tenants, the bank, rubrics and positions."""

from typing import Any
from uuid import UUID

from viva.session.v1 import position_pb2 as position_pb
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.clock import Clock
from viva_core.db import transaction

from viva_session.adapters.catalogue import Catalogue, PositionRow, RubricRow
from viva_session.adapters.translate import positions as translate
from viva_session.adapters.translate import values
from viva_session.application.interviews import Sessions
from viva_session.application.positions import Positions
from viva_session.domain.access import Action, Resource, authorize
from viva_session.domain.bank import Bank
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting


class PositionsApi:
    """The part of SessionService that recruiters define things with."""

    def __init__(
        self, positions: Positions, bank: Bank, sessions: Sessions, catalogue: Catalogue, clock: Clock
    ) -> None:
        self._positions = positions
        self._bank = bank
        self._sessions = sessions
        self._catalogue = catalogue
        self._clock = clock

    async def CreateTenant(self, request: pb.CreateTenantRequest, context: Any) -> pb.CreateTenantResponse:
        """Make a tenant; a service acts for the tenant that it makes."""
        actor = acting()
        tenant_id = UUID(request.tenant_id)
        authorize(actor, Action.TENANT_CREATE, Resource(tenant_id))
        async with transaction(self._sessions) as session:
            name, born = await self._catalogue.add_tenant(session, tenant_id, request.name, self._clock.now())
        return pb.CreateTenantResponse(
            tenant=position_pb.Tenant(tenant_id=request.tenant_id, name=name, created_at=wellknown.stamp(born))
        )

    async def ListBankCompetencies(
        self, request: pb.ListBankCompetenciesRequest, context: Any
    ) -> pb.ListBankCompetenciesResponse:
        """The question bank's competencies."""
        actor = acting()
        authorize(actor, Action.BANK_READ, Resource(actor.tenant_id))
        language = values.language_of(request.language)
        return pb.ListBankCompetenciesResponse(
            competencies=[translate.bank_message(competency) for competency in self._bank.competencies(language)]
        )

    async def CreateRubric(self, request: pb.CreateRubricRequest, context: Any) -> pb.CreateRubricResponse:
        """A draft."""
        criteria = tuple(values.criterion_of(criterion) for criterion in request.criteria)
        language = values.language_of(request.language)
        row = await self._positions.create_rubric(acting(), request.title, language, criteria)
        return pb.CreateRubricResponse(rubric=_rubric(row))

    async def UpdateRubric(self, request: pb.UpdateRubricRequest, context: Any) -> pb.UpdateRubricResponse:
        """The draft, or the next version's."""
        criteria = tuple(values.criterion_of(criterion) for criterion in request.criteria)
        rubric_id = UUID(request.rubric_id)
        row = await self._positions.update_rubric(acting(), rubric_id, request.title, criteria, request.expected_sha256)
        return pb.UpdateRubricResponse(rubric=_rubric(row))

    async def PublishRubric(self, request: pb.PublishRubricRequest, context: Any) -> pb.PublishRubricResponse:
        """Freeze it."""
        row = await self._positions.publish_rubric(acting(), UUID(request.rubric_id))
        return pb.PublishRubricResponse(rubric=_rubric(row))

    async def GetRubric(self, request: pb.GetRubricRequest, context: Any) -> pb.GetRubricResponse:
        """One version."""
        row = await self._positions.get_rubric(acting(), UUID(request.rubric_id), request.version)
        return pb.GetRubricResponse(rubric=_rubric(row))

    async def ListRubrics(self, request: pb.ListRubricsRequest, context: Any) -> pb.ListRubricsResponse:
        """The newest version of each."""
        size = paging.size_of(request.page_size)
        rows = await self._positions.list_rubrics(acting(), size + 1, paging.uuid_of(request.page_token))
        token = paging.token_of(rows[size - 1].rubric.rubric_id) if len(rows) > size else ""
        return pb.ListRubricsResponse(rubrics=[_rubric(row) for row in rows[:size]], next_page_token=token)

    async def CreatePosition(self, request: pb.CreatePositionRequest, context: Any) -> pb.CreatePositionResponse:
        """A draft."""
        row = await self._positions.create_position(acting(), translate.spec_of(request.spec))
        return pb.CreatePositionResponse(position=_position(row))

    async def UpdatePosition(self, request: pb.UpdatePositionRequest, context: Any) -> pb.UpdatePositionResponse:
        """Change a draft."""
        spec = translate.spec_of(request.spec)
        position_id = UUID(request.position_id)
        row = await self._positions.update_position(acting(), position_id, spec, request.expected_revision)
        return pb.UpdatePositionResponse(position=_position(row))

    async def PublishPosition(self, request: pb.PublishPositionRequest, context: Any) -> pb.PublishPositionResponse:
        """Freeze a draft."""
        position_id = UUID(request.position_id)
        row = await self._positions.publish_position(acting(), position_id, request.expected_revision)
        return pb.PublishPositionResponse(position=_position(row))

    async def ArchivePosition(self, request: pb.ArchivePositionRequest, context: Any) -> pb.ArchivePositionResponse:
        """Take it out of use."""
        row = await self._positions.archive_position(acting(), UUID(request.position_id))
        return pb.ArchivePositionResponse(position=_position(row))

    async def GetPosition(self, request: pb.GetPositionRequest, context: Any) -> pb.GetPositionResponse:
        """One position."""
        row = await self._positions.get_position(acting(), UUID(request.position_id))
        return pb.GetPositionResponse(position=_position(row))

    async def ListPositions(self, request: pb.ListPositionsRequest, context: Any) -> pb.ListPositionsResponse:
        """Positions, newest first."""
        size = paging.size_of(request.page_size)
        before = paging.uuid_of(request.page_token)
        state = translate.state_of(request.state)
        rows = await self._positions.list_positions(acting(), size + 1, before, state)
        token = paging.token_of(rows[size - 1].position_id) if len(rows) > size else ""
        return pb.ListPositionsResponse(positions=[_position(row) for row in rows[:size]], next_page_token=token)


def _rubric(row: RubricRow) -> position_pb.RubricVersion:
    return position_pb.RubricVersion(
        rubric=values.rubric_message(row.rubric),
        title=row.title,
        state=translate.state_value(row.state),
        language=values.language_value(row.language),
        created_at=wellknown.stamp(row.created_at),
        published_at=None if row.published_at is None else wellknown.stamp(row.published_at),
    )


def _position(row: PositionRow) -> position_pb.Position:
    return translate.position_message(
        row.position_id, row.revision, row.state, row.spec, row.created_at, row.published_at
    )
