"""Rubrics and positions: drafts that can be changed, versions that cannot."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.clock import Clock
from viva_core.db import transaction
from viva_core.errors import Refused
from viva_core.ids import IdFactory

from viva_session.adapters.catalogue import Catalogue, PositionRow, RubricRow, check_hash, check_revision
from viva_session.adapters.records import Records
from viva_session.application.interviews import Sessions
from viva_session.domain import position, rubric
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.bank import Language
from viva_session.domain.position import PositionSpec, PublishState
from viva_session.domain.rubric import Criterion, Rubric


class Positions:
    """What recruiters define."""

    def __init__(
        self, sessions: Sessions, catalogue: Catalogue, records: Records, clock: Clock, new_id: IdFactory
    ) -> None:
        self._sessions = sessions
        self._catalogue = catalogue
        self._records = records
        self._clock = clock
        self._new_id = new_id

    async def create_rubric(
        self, actor: Actor, title: str, language: Language, criteria: Sequence[Criterion]
    ) -> RubricRow:
        """A draft. Raises Invalid, Denied."""
        authorize(actor, Action.RUBRIC_WRITE, Resource(actor.tenant_id))
        rubric.check_draft(criteria)
        now = self._clock.now()
        made = Rubric(self._new_id(), 1, tuple(criteria))
        row = RubricRow(made, title, language, PublishState.DRAFT, now, None)
        async with transaction(self._sessions) as session:
            await self._catalogue.add_rubric(session, actor.tenant_id, row)
            await self._records.log(session, actor, Action.RUBRIC_WRITE, made.rubric_id, now)
        return row

    async def update_rubric(
        self, actor: Actor, rubric_id: UUID, title: str, criteria: Sequence[Criterion], expected_sha256: str
    ) -> RubricRow:
        """Change the draft, or start the next version from the published one. Raises NotFound, Conflict, Invalid."""
        rubric.check_draft(criteria)
        now = self._clock.now()
        async with transaction(self._sessions) as session:
            found = await self._catalogue.rubric(session, actor.tenant_id, rubric_id, lock=True)
            row = _authorized(actor, Action.RUBRIC_WRITE, found)
            check_hash(row, expected_sha256)
            await self._records.log(session, actor, Action.RUBRIC_WRITE, rubric_id, now)
            if row.state is PublishState.DRAFT:
                changed = replace(row, title=title, rubric=replace(row.rubric, criteria=tuple(criteria)))
                await self._catalogue.save_rubric(session, changed)
                return changed
            following = Rubric(rubric_id, row.rubric.version + 1, tuple(criteria))
            draft = RubricRow(following, title, row.language, PublishState.DRAFT, now, None)
            await self._catalogue.add_rubric(session, actor.tenant_id, draft)
            return draft

    async def publish_rubric(self, actor: Actor, rubric_id: UUID) -> RubricRow:
        """Freeze the newest version; twice is no error. Raises NotFound, Invalid."""
        now = self._clock.now()
        async with transaction(self._sessions) as session:
            found = await self._catalogue.rubric(session, actor.tenant_id, rubric_id, lock=True)
            row = _authorized(actor, Action.RUBRIC_WRITE, found)
            if row.state is PublishState.PUBLISHED:
                return row
            rubric.check_publishable(row.rubric.criteria)
            frozen = replace(row, state=PublishState.PUBLISHED, published_at=now)
            await self._catalogue.save_rubric(session, frozen)
            await self._records.log(session, actor, Action.RUBRIC_WRITE, rubric_id, now)
            return frozen

    async def get_rubric(self, actor: Actor, rubric_id: UUID, version: int) -> RubricRow:
        """A version; 0 for the newest. Raises NotFound."""
        async with transaction(self._sessions) as session:
            found = await self._catalogue.rubric(session, actor.tenant_id, rubric_id, version)
            return _authorized(actor, Action.RUBRIC_READ, found)

    async def list_rubrics(self, actor: Actor, limit: int, before: UUID | None) -> list[RubricRow]:
        """The newest version of each."""
        authorize(actor, Action.RUBRIC_READ, Resource(actor.tenant_id))
        async with transaction(self._sessions) as session:
            return await self._catalogue.rubrics(session, actor.tenant_id, limit=limit, before=before)

    async def create_position(self, actor: Actor, spec: PositionSpec) -> PositionRow:
        """A draft. Raises Invalid, Denied."""
        authorize(actor, Action.POSITION_WRITE, Resource(actor.tenant_id))
        position.check_draft(spec)
        now = self._clock.now()
        row = PositionRow(self._new_id(), 1, PublishState.DRAFT, spec, None, now, None)
        async with transaction(self._sessions) as session:
            await self._catalogue.add_position(session, actor.tenant_id, row)
            await self._records.log(session, actor, Action.POSITION_WRITE, row.position_id, now)
        return row

    async def update_position(
        self, actor: Actor, position_id: UUID, spec: PositionSpec, expected_revision: int
    ) -> PositionRow:
        """Change a draft. Raises NotFound, Refused, Conflict, Invalid."""
        position.check_draft(spec)
        async with transaction(self._sessions) as session:
            row = await self._locked(session, actor, position_id)
            if row.state is not PublishState.DRAFT:
                raise Refused(f"the position is {row.state} and cannot be changed: make a new one", reason="FROZEN")
            check_revision(row, expected_revision)
            changed = replace(row, spec=spec, revision=row.revision + 1)
            await self._catalogue.save_position(session, changed)
            await self._records.log(session, actor, Action.POSITION_WRITE, position_id, self._clock.now())
            return changed

    async def publish_position(self, actor: Actor, position_id: UUID, expected_revision: int) -> PositionRow:
        """Freeze a draft with its rubrics; twice is no error. Raises NotFound, Refused, Conflict, Invalid."""
        now = self._clock.now()
        async with transaction(self._sessions) as session:
            row = await self._locked(session, actor, position_id)
            if row.state is PublishState.PUBLISHED:
                return row
            if row.state is PublishState.ARCHIVED:
                raise Refused("the position is archived: make a new one", reason="FROZEN")
            check_revision(row, expected_revision)
            wanted = {(c.rubric_id, c.rubric_version) for c in row.spec.competencies}
            rubrics = await self._catalogue.published_rubrics(session, actor.tenant_id, wanted)
            plan = position.publish(row.spec, rubrics)
            frozen = replace(row, state=PublishState.PUBLISHED, plan=plan, revision=row.revision + 1, published_at=now)
            await self._catalogue.save_position(session, frozen)
            await self._records.log(session, actor, Action.POSITION_WRITE, position_id, now)
            return frozen

    async def archive_position(self, actor: Actor, position_id: UUID) -> PositionRow:
        """Take it out of use; twice is no error. Raises NotFound."""
        async with transaction(self._sessions) as session:
            row = await self._locked(session, actor, position_id)
            if row.state is PublishState.ARCHIVED:
                return row
            archived = replace(row, state=PublishState.ARCHIVED, revision=row.revision + 1)
            await self._catalogue.save_position(session, archived)
            await self._records.log(session, actor, Action.POSITION_WRITE, position_id, self._clock.now())
            return archived

    async def get_position(self, actor: Actor, position_id: UUID) -> PositionRow:
        """A position. Raises NotFound."""
        async with transaction(self._sessions) as session:
            found = await self._catalogue.position(session, actor.tenant_id, position_id)
            return _authorized(actor, Action.POSITION_READ, found)

    async def list_positions(
        self, actor: Actor, limit: int, before: UUID | None, state: PublishState | None
    ) -> list[PositionRow]:
        """Positions, newest first."""
        authorize(actor, Action.POSITION_READ, Resource(actor.tenant_id))
        async with transaction(self._sessions) as session:
            return await self._catalogue.positions(session, actor.tenant_id, limit=limit, before=before, state=state)

    async def _locked(self, session: AsyncSession, actor: Actor, position_id: UUID) -> PositionRow:
        found = await self._catalogue.position(session, actor.tenant_id, position_id, lock=True)
        return _authorized(actor, Action.POSITION_WRITE, found)


Row = TypeVar("Row", RubricRow, PositionRow)


def _authorized(actor: Actor, action: Action, found: Row | None) -> Row:
    """What was found, if the actor may: the query has named the tenant already."""
    authorize(actor, action, None if found is None else Resource(actor.tenant_id))
    assert found is not None, "authorize refuses what was not found"
    return found
