"""Packets back into the order in which they were sent.

A network overtakes and loses. Whoever waits for a lost packet waits for nothing, and whoever does not wait loses what
is only late; so a hole is waited for, for `patience` seconds after the first packet behind it came, and then passed
over. Nothing that arrived before its place was passed over is given up.

Sequence numbers have 16 bits and begin anywhere (RFC 3550, 5.1). One that lies far behind is no late packet but a
sender that began anew.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_NUMBERS = 1 << 16
_ANEW = 1_000
"""So many packets back is 20 s or more: nothing is that late."""
_MOST = 128
"""More than these do not wait for a hole: who sends so many in its patience does not send speech."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T]):
    packet: T
    since: float


class Reorder(Generic[T]):
    """Of one sender. Times in seconds, on any clock that does not go back."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._next: int | None = None
        self._waiting: dict[int, _Waiting[T]] = {}

    @property
    def waiting(self) -> bool:
        """Whether packets wait for others before them."""
        return bool(self._waiting)

    def add(self, number: int, packet: T, now: float) -> list[T]:
        """A packet came; those whose turn it is now, in order. One that came twice, or after its place was passed
        over, is dropped."""
        if self._next is None:
            self._next = number
        ahead = _distance(self._next, number)
        if ahead == 0 and not self._waiting:  # nearly always
            self._next = (number + 1) % _NUMBERS
            return [packet]
        if -_ANEW < ahead < 0:
            return []
        left: list[T] = []
        if ahead <= -_ANEW:
            left = self.rest()
            self._next = number
        self._waiting.setdefault(number, _Waiting(packet, now))
        return [*left, *self.due(now)]

    def due(self, now: float) -> list[T]:
        """Those whose turn it is by now, without a new one."""
        ready = list(self._in_a_row())
        while self._waiting and (self._overdue(now) or len(self._waiting) > _MOST):
            self._next = self._first()
            ready += self._in_a_row()
        return ready

    def rest(self) -> list[T]:
        """All that wait: no more will come."""
        return self.due(math.inf)

    def _overdue(self, now: float) -> bool:
        return now - min(each.since for each in self._waiting.values()) >= self._patience

    def _first(self) -> int:
        start = self._next or 0
        return min(self._waiting, key=lambda number: (number - start) % _NUMBERS)

    def _in_a_row(self) -> Iterator[T]:
        while self._next is not None and (found := self._waiting.pop(self._next, None)) is not None:
            self._next = (self._next + 1) % _NUMBERS
            yield found.packet


def _distance(start: int, number: int) -> int:
    """From -32,768 to 32,767: how far `number` lies ahead of `start`."""
    return (number - start + _NUMBERS // 2) % _NUMBERS - _NUMBERS // 2
