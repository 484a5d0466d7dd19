"""The same day under each rule, and the figures of each."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from viva_operator.domain.model import Worker
from viva_operator.simulate.rules import CpuHpa, Fixed, LagOnly, Planned, Rule, sized_for
from viva_operator.simulate.trace import Trace
from viva_operator.simulate.world import DAY, STEP, Tally, World


@dataclass(frozen=True)
class Setting:
    """What the day is held on. Seconds, and money an hour and device."""

    nodes: int = 4
    devices: int = 4
    cold_start: float = 180.0
    price: float = 2.5
    per_replica: int = 6
    lag_per_replica: int = 2
    most: int = 16


@dataclass(frozen=True)
class Figures:
    """Of one rule. Waits are seconds from when a question was wanted until a worker began with it."""

    rule: str
    cold_scheduled: int
    cold_walk_in: int
    wait_p50: float
    wait_p95: float
    wait_most: float
    gpu_hours: float
    money: float
    lost: int
    replicas: tuple[int, ...]
    """Pods at each step of 15 s."""


@dataclass(frozen=True)
class Day:
    """All of it."""

    setting: Setting
    figures: tuple[Figures, ...]
    live: tuple[int, ...]


def held(trace: Trace, setting: Setting) -> Day:
    """The day under Viva's planner, a fixed size, lag only, and CPU."""
    most_live = max(_live(trace), default=0)
    worker = Worker(
        "viva",
        "question-gen",
        "question-gen",
        ("gpu",),
        memory=20_000,
        most=setting.most,
        lag_per_replica=setting.lag_per_replica,
        interviews_per_replica=setting.per_replica,
        before=timedelta(minutes=10),
        delay=timedelta(minutes=5),
    )
    rules: Sequence[Rule] = (
        Planned(worker, setting.price),
        Fixed(sized_for(most_live, setting.per_replica)),
        LagOnly(setting.lag_per_replica, setting.most),
        CpuHpa(setting.most),
    )
    tallies = [(rule.name, _one(rule, trace, setting)) for rule in rules]
    figures = tuple(_figures(name, tally, setting) for name, tally in tallies)
    return Day(setting, figures, tuple(tallies[0][1].live))


def _one(rule: Rule, trace: Trace, setting: Setting) -> Tally:
    world = World(trace, nodes=setting.nodes, devices=setting.devices, cold_start=setting.cold_start)
    while world.now < DAY:
        rule.look(world)
        world.step()
    return world.tally


def _live(trace: Trace) -> list[int]:
    """How many are live whenever one begins."""
    began = [each for each in trace.interviews if each.begins is not None]
    starts = [each.begins or 0.0 for each in began]
    return [sum((each.begins or 0.0) <= at < each.ends for each in began) for at in starts]


def _figures(name: str, tally: Tally, setting: Setting) -> Figures:
    waits = sorted(tally.waits) or [0.0]
    hours = tally.pod_seconds / 3600
    return Figures(
        rule=name,
        cold_scheduled=tally.cold_scheduled,
        cold_walk_in=tally.cold_walk_in,
        wait_p50=statistics.median(waits),
        wait_p95=waits[min(len(waits) - 1, int(len(waits) * 0.95))],
        wait_most=waits[-1],
        gpu_hours=hours,
        money=hours * setting.price,
        lost=tally.lost,
        replicas=tuple(tally.replicas),
    )


__all__ = ["STEP", "Day", "Figures", "Setting", "held"]
