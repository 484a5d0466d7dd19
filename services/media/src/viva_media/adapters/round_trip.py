"""The round trip of a peer's line, by a STUN binding request on its nominated pair (RFC 7675 sends the same for
consent).

aiortc knows a round trip only for what it sends, and media sends nothing; aioice has what it takes, but no name for it.
"""

import asyncio
from typing import Any

_PATIENCE = 1.0  # seconds


async def round_trip(connection: Any) -> float:
    """Seconds; 0.0 when it cannot be told now."""
    for transceiver in connection.getTransceivers():
        ice = getattr(transceiver.receiver.transport.transport, "_connection", None)
        pair = getattr(ice, "_nominated", {}).get(1)
        if ice is None or pair is None:
            continue
        loop = asyncio.get_running_loop()
        request = ice.build_request(pair=pair, nominate=False)
        started = loop.time()
        try:
            async with asyncio.timeout(_PATIENCE):
                await pair.protocol.request(
                    request, pair.remote_addr, integrity_key=ice.remote_password.encode("utf8"), retransmissions=0
                )
        except Exception:  # aioice's own kinds of failure; the figure is a courtesy
            return 0.0
        return loop.time() - started
    return 0.0
