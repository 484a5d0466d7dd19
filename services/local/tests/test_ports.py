"""Ports that nobody takes between their choice and their use."""

import random
import socket
from pathlib import Path

import pytest
from viva_local.stack.ports import claim, is_free


def test_chosen_ports_are_distinct_and_free() -> None:
    claimed = claim(30)
    assert len(set(claimed.ports)) == 30
    assert all(is_free(port) for port in claimed.ports)
    claimed.release()


def test_no_connection_is_given_a_chosen_port() -> None:
    """The kernel takes the near end of a connection, and a port that is bound as 0, from a range of its own."""
    start = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    claimed = claim(30)
    assert all(port < start for port in claimed.ports)
    claimed.release()


def test_a_claimed_place_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stacks that draw the same places in the same order, before either has opened a port of its own."""
    monkeypatch.setattr(random, "sample", lambda places, k: list(places)[:k])
    first, second = claim(30), claim(30)
    assert not set(first.ports) & set(second.ports)
    first.release()
    third = claim(30)
    assert third.ports == first.ports
    third.release()
    second.release()


def test_more_ports_than_a_place_has_are_refused() -> None:
    with pytest.raises(ValueError, match="31"):
        claim(32)


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free(taken.getsockname()[1])
