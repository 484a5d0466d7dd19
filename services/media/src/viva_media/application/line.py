"""How good the line of one interview is: measured between answers too, and told to the page four times a second."""

from uuid import UUID

from viva_media.adapters.herald import Herald
from viva_media.adapters.peer import Peer
from viva_media.application.answer import Answer
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.peer import PeerState
from viva_media.domain.quality import Meter, Network, Quality

_LEVEL_EVERY = RATE // 4  # samples


class Line:
    """`answer` is the open one, or None: what an answer hears it measures by itself."""

    def __init__(self, herald: Herald) -> None:
        self._herald = herald
        self._meter = Meter()
        self._network = Network()
        self._level_due = 0

    def connected(self) -> None:
        """A new connection counts its packets from nought."""
        self._network = Network()

    def quality(self, answer: Answer | None) -> Quality:
        """The line of the open answer, or of the peer between answers."""
        return self._of(answer).quality

    async def measure(self, peer: Peer) -> Network:
        """Ask the peer how its packets fare; what happened since the last time."""
        if peer.state is not PeerState.CONNECTED:
            return Network()
        network = await peer.network()
        delta, self._network = network.since(self._network), network
        self._meter.network = self._meter.network.plus(delta)
        return delta

    async def heard(self, pcm: Pcm, answer: Answer | None, peer_id: UUID | None) -> None:
        """So much sound has come, and the answer has taken it in."""
        meter = self._of(answer)
        if answer is None:
            meter.window(pcm, speech=False)
        self._level_due -= len(pcm)
        if self._level_due <= 0 and peer_id is not None:
            self._level_due = _LEVEL_EVERY
            await self._herald.level(
                str(peer_id),
                answer.turn_id if answer is not None else "",
                speaking=answer is not None and answer.speaking,
                dbfs=meter.now_dbfs,
                quality=meter.quality,
                faults=meter.faults,
            )

    def _of(self, answer: Answer | None) -> Meter:
        return answer.meter if answer is not None else self._meter
