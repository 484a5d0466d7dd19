"""Free ports of the loopback interface.

They lie below the range from which the kernel takes the near end of outgoing connections. A stack chooses its ports
seconds before the last process listens on its own: a port of that range could be taken by any connection in between.
"""

import random
import socket
from collections.abc import Sequence
from pathlib import Path

_LOWEST = 15_000
_PLACE = 32
"""More than a stack has ports and its claim, so that two places do not overlap."""
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_START = 32_768
"""Where Linux's range begins unless it was set otherwise (`ip-sysctl.rst`: ip_local_port_range)."""


def is_free(port: int) -> bool:
    """Whether a TCP port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Claim:
    """Ports in a row that no other stack of this machine is given until `release`.

    The claim is a socket that listens on the port before them: a second stack that draws the same place, at the same
    moment or later, cannot listen there and draws again. It ends with the process, whatever happens to it.
    """

    def __init__(self, guard: socket.socket, ports: Sequence[int]) -> None:
        self._guard = guard
        self.ports = tuple(ports)

    def release(self) -> None:
        """Give the ports back. A second call does nothing."""
        self._guard.close()


def claim(count: int) -> Claim:
    """Claim so many free ports, at a place drawn by chance. Raises OSError when no place has so many."""
    ours = _ours()
    for place in random.sample(places := _places(ours, count), k=len(places)):
        guard = _listen(place)
        if guard is None:
            continue
        ports = range(place + 1, place + 1 + count)
        if all(is_free(port) for port in ports):
            return Claim(guard, ports)
        guard.close()
    raise OSError(f"no {count} free ports in a row between {ours.start} and {ours.stop}")


def _listen(port: int) -> socket.socket | None:
    guard = socket.socket()
    try:
        guard.bind(("127.0.0.1", port))
        guard.listen(1)
    except OSError:
        guard.close()
        return None
    return guard


def _places(ours: range, count: int) -> range:
    if count >= _PLACE:
        raise ValueError(f"a place has {_PLACE - 1} ports, {count} were asked for")
    return range(ours.start, ours.stop - count, _PLACE)


def _ours() -> range:
    try:
        start = int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        start = _USUAL_START
    # Where nearly all ports are given to connections, there is no quiet range: then any will do.
    return range(_LOWEST, start) if start > _LOWEST + 1_000 else range(_LOWEST, 60_000)
