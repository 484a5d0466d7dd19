"""Free ports of the loopback interface."""

import socket


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
    """Distinct ports that are free now. Held open together while they are chosen, so none comes twice."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def prefer(port: int) -> int:
    """The port itself when it is free, else another; 0 takes any."""
    return port if port and is_free(port) else choose(1)[0]
