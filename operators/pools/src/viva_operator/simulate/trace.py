"""A day of interviews: drawn, with peaks, cancellations, no-shows and walk-ins, or read from a file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from viva_operator.simulate.errors import BadTrace

HOUR = 3600.0


@dataclass(frozen=True)
class Interview:
    """Seconds of the day. `planned` is None for somebody who walks in; `begins` is None for who never came."""

    planned: float | None
    booked: float
    begins: float | None
    cancelled: float | None
    turns: tuple[tuple[float, float], ...]
    """(when a question is wanted, seconds of a worker's time that it takes)."""

    @property
    def ends(self) -> float:
        """When its last turn is over, about."""
        return self.turns[-1][0] + 60.0 if self.turns else self.begins or 0.0


@dataclass(frozen=True)
class Reclaim:
    """A spot node that is taken away at `at`, and comes back after `away` seconds."""

    at: float
    away: float


@dataclass(frozen=True)
class Trace:
    """One day."""

    interviews: tuple[Interview, ...]
    reclaims: tuple[Reclaim, ...]


def synthetic(seed: int, interviews: int, *, reclaims: int = 2) -> Trace:
    """A working day: peaks at 10:00 and 14:30, one in ten cancels, one in twenty never comes, one in ten walks in."""
    random = Random(seed)  # noqa: S311 a day is no secret
    drawn = sorted((_interview(random) for _ in range(interviews)), key=lambda each: (each.booked, each.planned or 0.0))
    taken = tuple(
        Reclaim(random.uniform(9 * HOUR, 17 * HOUR), random.uniform(0.3 * HOUR, HOUR)) for _ in range(reclaims)
    )
    return Trace(tuple(drawn), tuple(sorted(taken, key=lambda reclaim: reclaim.at)))


def _interview(random: Random) -> Interview:
    peak = 10.0 if random.random() < 0.6 else 14.5
    start = min(max(random.gauss(peak, 1.1), 7.5), 19.0) * HOUR
    if random.random() < 0.1:
        return Interview(None, start, start, None, _turns(random, start))
    planned = round(start / 900) * 900.0  # calendars know quarters of an hour
    booked = planned - random.uniform(2 * HOUR, 48 * HOUR)
    chance = random.random()
    if chance < 0.1:
        return Interview(planned, booked, None, random.uniform(max(booked, 0.0), planned), ())
    if chance < 0.15:
        return Interview(planned, booked, None, None, ())
    begins = planned + max(-120.0, random.gauss(60, 120))
    return Interview(planned, booked, begins, None, _turns(random, begins))


def _turns(random: Random, begins: float) -> tuple[tuple[float, float], ...]:
    """8 to 12 questions, two to four minutes apart, each some seconds of a model's time."""
    at, found = begins, []
    for _ in range(random.randint(8, 12)):
        found.append((at, min(60.0, random.lognormvariate(1.9, 0.45))))
        at += random.uniform(120, 240)
    return tuple(found)


def read(path: Path) -> Trace:
    """What `write` wrote, or another program. Raises BadTrace, naming the entry and the field."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadTrace(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BadTrace(f"{path} is no JSON: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("interviews"), list):
        raise BadTrace(f'{path}: wants {{"interviews": […], "reclaims": […]}}; --write-trace shows one')
    interviews = tuple(_read(Interview, entry, f"interviews[{n}]") for n, entry in enumerate(found["interviews"]))
    reclaims = tuple(_read(Reclaim, entry, f"reclaims[{n}]") for n, entry in enumerate(found.get("reclaims", [])))
    return Trace(interviews, reclaims)


def _read(kind: type[Any], entry: Any, where: str) -> Any:
    try:
        values = dict(entry)
        if kind is Interview:
            values["turns"] = tuple((float(at), float(work)) for at, work in values["turns"])
            if values["begins"] is not None and not values["turns"]:
                raise ValueError("turns is empty although it begins: name at least one")
        for name in ("planned", "booked", "begins", "cancelled", "at", "away"):
            if values.get(name) is not None:
                values[name] = float(values[name])
        return kind(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrace(f"{where}: {error}") from None


def write(trace: Trace, path: Path) -> None:
    """As JSON."""
    path.write_text(json.dumps(asdict(trace), indent=1) + "\n", encoding="utf-8")
