"""What becomes of the speech of one answer: it is told to the interview, entered in the ledger, and its sound let go.

It is the scribe's reader. The end of a turn is said after the words before it: whoever hears that the candidate is done
must know what was said.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from viva_core.errors import Permanent

from viva_media.adapters.herald import Herald
from viva_media.adapters.spool import Spool
from viva_media.domain.activity import TurnEnded
from viva_media.domain.audio import Span, samples
from viva_media.domain.ledger import Ledger
from viva_media.domain.peer import Writing
from viva_media.domain.ports import SpeechModel
from viva_media.domain.transcript import Word

_SILENCE = samples(5.0)
"""So much mere silence is let go of together."""


class Publisher:
    """Of one answer. `horizon` gives the place before which no utterance can begin any more; `on_writing` is called
    when `writing` changed."""

    def __init__(
        self, spool: Spool, herald: Herald, horizon: Callable[[], int], on_writing: Callable[[], None]
    ) -> None:
        self.ledger = Ledger()
        self.writing = (Writing.LIVE, "")
        """How speech is written down, and why not as it is spoken."""
        self._turn_id = spool.belonging.turn_id
        self._spool = spool
        self._herald = herald
        self._horizon = horizon
        self._on_writing = on_writing
        self._sequence = 0
        self._turn_end: TurnEnded | None = None
        self._engines = self.writing
        self._full = False

    # What the scribe tells.

    async def partial(self, start: int, text: str) -> None:
        """A guess goes to the page."""
        self._sequence += 1
        await self._herald.partial(self._turn_id, self._sequence, start, text)

    async def final(self, span: Span, words: Sequence[Word], model: SpeechModel) -> None:
        """Words go to the interview; their sound may go."""
        with suppress(Permanent):  # told in the log: a message that no try will make fit
            await self._herald.final(self._turn_id, span, words, model)
        self._enter(self.ledger.final(span))

    async def gap(self, span: Span, reason: str) -> None:
        """A gap goes to the interview."""
        with suppress(Permanent):
            await self._herald.gap(self._turn_id, span, reason)
        self._enter(self.ledger.lost(span, reason))

    async def nothing(self, span: Span) -> None:
        """A cough: no words, and no gap either."""
        self._enter(self.ledger.final(span))

    async def written(self, state: Writing, reason: str) -> None:
        """How speech is written down changed."""
        self._engines = (state, reason)
        self._tell_writing()

    # What the voice does.

    def began(self, start: int) -> None:
        """An utterance is under way."""
        self.forget_turn_end()
        self.ledger = self.ledger.began(start)

    def uttered(self, span: Span, *, cut: bool) -> None:
        """An utterance is complete. `cut`: the next one begins where it ends."""
        self.ledger = self.ledger.uttered(span)
        if cut:
            self.ledger = self.ledger.began(span.end)

    def turn_ended(self, end: TurnEnded) -> None:
        """The silence outlasted the patience."""
        self._turn_end = end

    def forget_turn_end(self) -> None:
        """The candidate was not done."""
        self._turn_end = None

    def went_on(self) -> None:
        """Time went on: say the end of the turn if its words are there, and let go of silence now and then."""
        self._say_turn_end()
        self._settle(at_least=_SILENCE)

    def full(self) -> None:
        """No more sound can be kept: until what is owed is written, the candidate should type."""
        self._full = True
        self._tell_writing()

    def _enter(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._settle()
        self._say_turn_end()

    def _tell_writing(self) -> None:
        writing = (Writing.TEXT_ONLY, "SPOOL_FULL") if self._full else self._engines
        if writing != self.writing:
            self.writing = writing
            self._on_writing()

    def _say_turn_end(self) -> None:
        if self._turn_end is not None and self.ledger.settled:
            self._herald.turn_ended(self._turn_id, self._turn_end.at, self._turn_end.silence)
            self._turn_end = None

    def _settle(self, *, at_least: int = 0) -> None:
        if self._full and not self.ledger.owed:
            self._full = False
            self._tell_writing()
        until = self.ledger.needed_from(self._horizon())
        if until - self._spool.settled_until >= at_least:
            self._spool.settle(until)
