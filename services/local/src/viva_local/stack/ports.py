"""Free ports of the loopback interface.

They lie below the range from which the kernel takes the near end of outgoing connections. A stack chooses its ports
seconds before the last process listens on its own: a port of that range could be taken by any connection in between.
"""

import random
import socket
from pathlib import Path

_LOWEST = 15_000
_PLACE = 32
"""More than a stack has ports, so that two places do not overlap."""
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


def choose(count: int) -> list[int]:
    """Ports in a row that are free now, at a place drawn by chance: two stacks that start together meet in one of some
    hundred places, not in any of their ports. Raises OSError when no place has so many.
    """
    ours = _ours()
    places = range(ours.start, ours.stop - count, _PLACE)
    for place in random.sample(places, k=len(places)):
        ports = range(place, place + count)
        if all(is_free(port) for port in ports):
            return list(ports)
    raise OSError(f"no {count} free ports in a row between {ours.start} and {ours.stop}")


def _ours() -> range:
    try:
        start = int(_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        start = _USUAL_START
    # Where nearly all ports are given to connections, there is no quiet range: then any will do.
    return range(_LOWEST, start) if start > _LOWEST + 1_000 else range(_LOWEST, 60_000)
