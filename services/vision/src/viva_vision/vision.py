"""The gate, a look (at a frame, or back), and the gate again: both edges go through here and nowhere else."""

from uuid import UUID

from viva_core.errors import Transient
from viva_core.models.port import ModelInfo

from viva_vision.domain import gate
from viva_vision.domain.frame import Seen
from viva_vision.domain.gate import Mode, Standing
from viva_vision.looker import Looker
from viva_vision.ports import Ledger, Timeline, TimelinePage


class Vision:
    """Looks at what may be looked at."""

    def __init__(self, ledger: Ledger, looker: Looker, timeline: Timeline) -> None:
        self._ledger = ledger
        self._looker = looker
        self._timeline = timeline

    @property
    def info(self) -> ModelInfo:
        """The model of the expressions."""
        return self._looker.info

    async def analyse(
        self, tenant_id: UUID | str, interview_id: UUID | str, claimed: Mode | None, jpeg: bytes
    ) -> tuple[Seen, Standing]:
        """What the frame shows, and the standing under which it may be said.

        Raises:
            Refused: hiring mode, or no consent, before the look or by its end.
            Invalid: it is no frame.
            Transient: the ledger cannot be read, or too many frames wait.
        """
        # A frame that says itself that it is of a hiring interview needs no ledger to be refused, nor a bus that works.
        standing = None if claimed == "hiring" else await self._ledger.standing(tenant_id, interview_id)
        gate.check(claimed, standing)
        seen = await self._looker.look(jpeg)
        return seen, gate.check(claimed, await self._ledger.standing(tenant_id, interview_id))

    async def look_back(
        self, tenant_id: UUID | str, interview_id: UUID | str, *, after: int, most: int
    ) -> TimelinePage:
        """What was seen in an interview, as long as it may be looked at.

        Raises:
            Refused: hiring mode, or no consent, before the read or by its end.
            Transient: the ledger or the log cannot be read.
        """
        gate.check("practice", await self._ledger.standing(tenant_id, interview_id))
        try:
            page = await self._timeline.page(tenant_id, interview_id, after=after, most=most)
        except Transient:  # a revocation takes away what is being read
            gate.check("practice", await self._ledger.standing(tenant_id, interview_id))
            raise
        gate.check("practice", await self._ledger.standing(tenant_id, interview_id))
        return page
