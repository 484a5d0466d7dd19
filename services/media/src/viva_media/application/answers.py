"""The answers of one interview: the one that is open, and those that are closed and still being written down.

Whoever opens or closes one sees to it that nobody else does meanwhile.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

from viva_core.clock import Clock
from viva_core.media_grant import MediaGrant

from viva_media.adapters.herald import Herald
from viva_media.adapters.spool import Belonging, Spool
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Answer, Hearing
from viva_media.domain.activity import Phase


class Answers:
    """`on_settled` is called when one is written down, `on_writing` when how the open one is written down changed."""

    def __init__(
        self,
        tenant_id: UUID,
        interview_id: UUID,
        *,
        herald: Herald,
        hearing: Hearing,
        spools: Spools,
        clock: Clock,
        on_settled: Callable[[], None],
        on_writing: Callable[[], None],
    ) -> None:
        self.open: Answer | None = None
        self._tenant_id = tenant_id
        self._interview_id = interview_id
        self._herald = herald
        self._hearing = hearing
        self._spools = spools
        self._clock = clock
        self._on_settled = on_settled
        self._on_writing = on_writing
        self._writing: list[Answer] = []
        self._closed: dict[str, Answer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """None is open or being written down."""
        return self.open is None and not self._writing

    @property
    def owe_nothing(self) -> bool:
        """Whether no speech waits to be written down."""
        return not self._writing and (self.open is None or self.open.ledger.settled)

    def find(self, turn_id: str) -> Answer | None:
        """The answer of a turn, open or closed."""
        if self.open is not None and self.open.turn_id == turn_id:
            return self.open
        return self._closed.get(turn_id)

    def begin(self, turn_id: str, language: str, grant: MediaGrant) -> Answer:
        """Open the answer of a turn; none may be open. Raises Exhausted: no sound can be kept."""
        belonging = Belonging(
            tenant_id=str(self._tenant_id),
            interview_id=str(self._interview_id),
            turn_id=turn_id,
            language=language,
            mode=grant.mode,
            patience=grant.patience,
            opened_at=self._clock.now().timestamp(),
        )
        return self._take(self._spools.create(belonging))

    async def recover(self, spool: Spool) -> None:
        """Go on with one that a crashed process left open; none may be open."""
        await self._take(spool).recover()

    async def close(self, *, said_done: bool) -> None:
        """Let the last word of the open one arrive, and write it down as far as it goes. `said_done`: by the candidate,
        who is not coming back to it."""
        answer = self.open
        if answer is None:
            return
        await answer.last_word()
        self.open = None
        self._writing.append(answer)
        self._closed[answer.turn_id] = answer
        answer.said_done = said_done
        await answer.enter(Phase.DONE)

    async def erase(self) -> int:
        """Stop all of them, know nothing of them any more and destroy their sound; how many spool files that were."""
        answers = self._unsettled
        self.open, self._writing, self._closed = None, [], {}
        for answer in answers:
            await answer.aclose()
        return self._spools.erase(str(self._interview_id))

    async def aclose(self) -> None:
        """Stop; what is owed stays in the spool."""
        for answer in self._unsettled:
            await answer.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, spool: Spool) -> Answer:
        assert self.open is None
        self.open = answer = Answer(spool, self._herald, self._hearing, lambda _: self._on_writing())
        answer.start()
        task = asyncio.create_task(self._until_settled(answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    @property
    def _unsettled(self) -> list[Answer]:
        return [*self._writing, *([self.open] if self.open is not None else [])]

    async def _until_settled(self, answer: Answer) -> None:
        await answer.settled.wait()
        if answer in self._writing:
            self._writing.remove(answer)
        self._on_settled()
