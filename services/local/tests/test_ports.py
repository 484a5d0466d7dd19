"""Ports that nobody takes between their choice and their use."""

import socket
from pathlib import Path

from viva_local.stack.ports import choose, is_free


def test_chosen_ports_are_distinct_and_free() -> None:
    ports = choose(30)
    assert len(set(ports)) == 30
    assert all(is_free(port) for port in ports)


def test_no_connection_is_given_a_chosen_port() -> None:
    """The kernel takes the near end of a connection, and a port that is bound as 0, from a range of its own."""
    start = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < start for port in choose(30))


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free(taken.getsockname()[1])
