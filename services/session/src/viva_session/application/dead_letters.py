"""What admins do with what could not be handled.

A dead letter is a tenant's by the interview on its subject. What a message holds never leaves here: neither its
payload, nor a header whose name is not known to say how it travelled.
"""

from collections.abc import Mapping
from uuid import UUID

from viva_core.bus.dead import DeadLetter, DeadLetters
from viva_core.bus.publisher import Publisher
from viva_core.bus.topology import EVALUATOR
from viva_core.db import reading, transaction
from viva_core.errors import NotFound, Refused

from viva_session.application.interviews import Interviews
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.consent import Purpose

_TELLS_HOW = ("ce-", "viva-", "nats-msg-id", "traceparent")
_MOST = 1_000
"""Of other tenants' dead letters so many are looked through for one page."""


class DeadLetterDesk:
    """The dead letters of a tenant's interviews. Each look, each retry and each removal is in the audit log, before it
    is done: an entry says what somebody asked for, also where the bus was away."""

    def __init__(self, interviews: Interviews, letters: DeadLetters, publisher: Publisher) -> None:
        self._interviews = interviews
        self._letters = letters
        self._publisher = publisher

    async def page(self, actor: Actor, *, limit: int, after: int) -> tuple[list[DeadLetter], int | None]:
        """Oldest first, and the number to go on after; None at the end. Raises Denied, Transient."""
        authorize(actor, Action.DEAD_LETTER_READ, Resource(actor.tenant_id))
        async with transaction(self._interviews.sessions) as session:
            now = self._interviews.clock.now()
            await self._interviews.records.log(session, actor, Action.DEAD_LETTER_READ, "dead-letters", now)
        found: list[DeadLetter] = []
        looked_at = 0
        async for letter in self._letters.list(after=after):
            if _is_theirs(letter, actor):
                if len(found) == limit:
                    return found, found[-1].number
                found.append(letter)
            looked_at += 1
            if looked_at == limit + _MOST:
                return found, letter.number
        return found, None

    async def read(self, actor: Actor, number: int) -> tuple[DeadLetter, Mapping[str, str]]:
        """One, and the headers that may be shown. Raises NotFound, Denied, Transient."""
        letter = await self._take(actor, Action.DEAD_LETTER_READ, number)
        shown = {name: value for name, value in letter.headers.items() if name.lower().startswith(_TELLS_HOW)}
        return letter, dict(sorted(shown.items()))

    async def retry(self, actor: Actor, number: int) -> None:
        """Send it to where it came from again. Raises NotFound, Denied, Transient; Refused for an answer that the
        candidate does not want to be scored any more."""
        letter = await self._take(actor, Action.DEAD_LETTER_RETRY, number)
        if (letter.stream, letter.consumer) == (EVALUATOR.stream, EVALUATOR.durable):
            await self._check_scoring(actor, letter)
        await self._letters.retry(number, self._publisher)

    async def delete(self, actor: Actor, number: int) -> None:
        """Remove it for good. Raises NotFound, Denied, Transient."""
        await self._take(actor, Action.DEAD_LETTER_DELETE, number)
        await self._letters.delete(number)

    async def _check_scoring(self, actor: Actor, letter: DeadLetter) -> None:
        """The evaluator scores whatever it is sent: the session sends a command where the candidate agreed, and so must
        whoever sends it again, days later."""
        address = letter.address
        assert address is not None, "who took it saw whose it is"
        async with reading(self._interviews.sessions) as session:
            stored = await self._interviews.store.load(session, actor.tenant_id, UUID(address.interview_id))
        if stored is None or not stored.interview.may(Purpose.AI_SCORING):
            raise Refused("the candidate does not agree to a scoring by AI (any more)", reason="CONSENT_MISSING")

    async def _take(self, actor: Actor, action: Action, number: int) -> DeadLetter:
        """Find it, and note who asks: before it is done, since nobody could note it after a crash in between."""
        authorize(actor, action, Resource(actor.tenant_id))
        letter = await self._letters.show(number)
        address = letter.address
        if address is None or not _is_theirs(letter, actor):
            raise NotFound(f"there is no dead letter {number}")  # in the very words of one that is not there
        about, now = f"dead-letter/{number}", self._interviews.clock.now()
        async with transaction(self._interviews.sessions) as session:
            await self._interviews.records.log(
                session, actor, action, about, now, interview_id=UUID(address.interview_id)
            )
        return letter


def _is_theirs(letter: DeadLetter, actor: Actor) -> bool:
    address = letter.address
    return address is not None and address.tenant_id == str(actor.tenant_id)
