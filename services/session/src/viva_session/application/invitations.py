"""Inviting candidates, and letting them in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from viva_core.db import transaction
from viva_core.errors import NotFound, Refused
from viva_core.ids import IdFactory

from viva_session.adapters.catalogue import Catalogue
from viva_session.adapters.interviews import Stored
from viva_session.application.interviews import Interviews
from viva_session.domain import invitation as links
from viva_session.domain.access import Action, Actor, Kind, Resource, authorize
from viva_session.domain.interview import Candidate
from viva_session.domain.invitation import Invitation
from viva_session.domain.position import PublishState
from viva_session.domain.rules import Rules

NewToken = Callable[[], str]


@dataclass(frozen=True)
class Invitee:
    """Whom to invite."""

    candidate: Candidate
    scheduled_at: datetime | None
    extra_time_percent: int


@dataclass(frozen=True)
class Link:
    """A link that was made; its token is told once and kept as a hash."""

    interview_id: UUID
    token: str
    expires_at: datetime
    candidate: Candidate


class Invitations:
    """Makes links, voids them, and exchanges them once."""

    def __init__(
        self, interviews: Interviews, catalogue: Catalogue, rules: Rules, new_id: IdFactory, new_token: NewToken
    ) -> None:
        self._interviews = interviews
        self._catalogue = catalogue
        self._rules = rules
        self._new_id = new_id
        self._new_token = new_token

    async def create(
        self, actor: Actor, position_id: UUID, invitees: Sequence[Invitee], valid_for: timedelta
    ) -> list[Link]:
        """Invite all of them, or nobody. Raises NotFound, Denied, Refused, Invalid that names each faulty row."""
        links.check_rows([(invitee.candidate.name, invitee.candidate.email) for invitee in invitees])
        now = self._interviews.clock.now()
        expires_at = now + valid_for
        made = []
        async with transaction(self._interviews.sessions) as session:
            position = await self._catalogue.position(session, actor.tenant_id, position_id)
            found = None if position is None else Resource(actor.tenant_id)
            authorize(actor, Action.INVITATION_WRITE, found)
            assert position is not None, "authorize refuses what was not found"
            if position.state is not PublishState.PUBLISHED or position.plan is None:
                raise Refused(f"the position is {position.state}: publish it before you invite", reason="NOT_PUBLISHED")
            for invitee in invitees:
                outcome = self._rules.invite(
                    interview_id=self._new_id(),
                    tenant_id=actor.tenant_id,
                    position_id=position_id,
                    plan=position.plan,
                    candidate=invitee.candidate,
                    now=now,
                    expires_at=expires_at,
                    scheduled_at=invitee.scheduled_at,
                    extra_time_percent=invitee.extra_time_percent,
                )
                await self._interviews.store.add(session, outcome, now)
                interview_id = outcome.interview.interview_id
                token = self._new_token()
                link = Invitation(interview_id, actor.tenant_id, links.hash_token(token), expires_at)
                await self._interviews.records.add_invitation(session, link)
                await self._interviews.records.log(
                    session, actor, Action.INVITATION_WRITE, interview_id, now, interview_id=interview_id
                )
                made.append(Link(interview_id, token, expires_at, invitee.candidate))
        return made

    async def reissue(self, actor: Actor, interview_id: UUID, valid_for: timedelta) -> Link:
        """A new link; the old ones are void. Raises NotFound, Denied, Refused."""
        token = self._new_token()
        async with transaction(self._interviews.sessions) as session:
            stored = await self._interviews.find(
                session, actor, Action.INVITATION_WRITE, interview_id, lock=True, audited=True
            )
            expires_at = self._interviews.clock.now() + valid_for
            await self._interviews.apply(
                session, stored, lambda interview, _: self._rules.extend_invitation(interview, expires_at)
            )
            link = Invitation(interview_id, actor.tenant_id, links.hash_token(token), expires_at)
            await self._interviews.records.add_invitation(session, link)
        candidate = stored.interview.candidate
        assert candidate is not None, "only an erased interview has no candidate, and it takes no link"
        return Link(interview_id, token, expires_at, candidate)

    async def revoke(self, actor: Actor, interview_id: UUID) -> Stored:
        """Void the link; an interview that was not started expires. Raises NotFound, Denied."""
        async with transaction(self._interviews.sessions) as session:
            stored = await self._interviews.find(
                session, actor, Action.INVITATION_WRITE, interview_id, lock=True, audited=True
            )
            await self._interviews.records.revoke_invitations(session, interview_id)
            return await self._interviews.apply(
                session, stored, lambda interview, now: self._rules.expire(interview, now, revoked=True)
            )

    async def redeem(self, token: str, attempt_id: str = "") -> tuple[Actor, Stored]:
        """Exchange a token, once; the same attempt, unless it is empty, may be made again. Raises NotFound, Refused."""
        now = self._interviews.clock.now()
        async with transaction(self._interviews.sessions) as session:
            link = await self._interviews.records.invitation(session, links.hash_token(token))
            if link is None:
                raise NotFound("this link is not known: check that you have copied all of it", reason="LINK_UNKNOWN")
            redeemed = link.redeem(now, links.hash_token(attempt_id) if attempt_id else None)
            stored = await self._interviews.store.load(session, link.tenant_id, link.interview_id)
            if stored is None or stored.interview.candidate is None:
                raise NotFound("this link is not known: check that you have copied all of it", reason="LINK_UNKNOWN")
            await self._interviews.records.save_redeemed(session, redeemed)
        actor = Actor(
            kind=Kind.CANDIDATE,
            tenant_id=link.tenant_id,
            subject_id=str(link.interview_id),
            name=stored.interview.candidate.name,
            interview_id=link.interview_id,
        )
        return actor, stored
