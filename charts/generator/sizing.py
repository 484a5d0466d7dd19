"""The sizing table of docs/production.md, computed from what is published elsewhere: the README's hardware, the chart's
requests, the services' settings and the operator's defaults. Nothing in it is typed by hand, and a test compares it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml
from viva_gateway.settings import GatewaySettings
from viva_media.settings import Settings as MediaSettings
from viva_operator.api.worker import Warm

from charts.generator.documented import documented

DOCUMENT = "docs/production.md"
_BEGIN, _END = "<!-- sizing: written by `python -m charts.generator` -->\n", "<!-- end of sizing -->\n"
_SPOKEN, _WRITTEN = (4, 20, 60), (200, 500)
_UNITS = {"Ki": 1 / 1024**2, "Mi": 1 / 1024, "Gi": 1.0}


@dataclass(frozen=True)
class Published:
    """What the table is computed from. Cores, GiB, and interviews at once."""

    call: float
    """Cores of media for one candidate who speaks."""
    most_calls: int
    """That one media pod takes."""
    model_cores: float
    model_memory: float
    """Of one model that may judge, on CPU."""
    a_worker: int
    """Live interviews that one worker of a role carries."""
    sockets: int
    """WebSockets of one gateway pod; a candidate and a recruiter who watches have one each."""


@dataclass(frozen=True)
class Size:
    """One row."""

    interviews: int
    spoken: bool
    workers: int
    media: float
    gateways: int
    cores: float
    memory: float


def published(root: Path) -> Published:
    """Read from where it stands; raises ValueError where a sentence that held a figure is gone."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    model = _found(r"\| a model that may judge [^|]*\| (\d+)\+ \| (\d+) GB a model \|", readme)
    media = next(
        each.description for each in documented(root / "charts/viva/values.yaml") if each.path == ("media", "resources")
    )
    return Published(
        call=float(_found(r"A call is about ([0-9.]+) of a core", media)[0]),
        most_calls=int(MediaSettings.model_fields["most_peers"].default),
        model_cores=float(model[0]),
        model_memory=float(model[1]),
        a_worker=int(Warm.model_fields["interviews_per_replica"].default),
        sockets=int(GatewaySettings.model_fields["live_max_sockets"].default),
    )


def sizes(root: Path) -> Iterator[Size]:
    """Of a few numbers of interviews at once: two pods of what may have two, models on CPU."""
    known = published(root)
    values = yaml.safe_load((root / "charts/viva/values.yaml").read_text(encoding="utf-8"))
    for interviews, spoken in [*((count, True) for count in _SPOKEN), *((count, False) for count in _WRITTEN)]:
        if spoken and interviews > known.most_calls:
            raise ValueError(f"a release has one media pod, which takes {known.most_calls} calls, not {interviews}")
        workers = ceil(interviews / known.a_worker)
        gateways = max(2, ceil(2 * interviews / known.sockets))
        media = max(interviews * known.call, _cores(values["media"])) if spoken else 0.0
        others = {"session": 2, "gateway": gateways, "nats": 3, "postgresql": 1, **({"turn": 1} if spoken else {})}
        cores = sum(_cores(values[name]) * count for name, count in others.items())
        memory = sum(_memory(values[name]) * count for name, count in others.items())
        yield Size(
            interviews,
            spoken,
            workers,
            media,
            gateways,
            cores + media + 2 * workers * known.model_cores,
            memory + (_memory(values["media"]) if spoken else 0) + 2 * workers * known.model_memory,
        )


def production(root: Path) -> str:
    """The document, with the table as it is computed now."""
    text = (root / DOCUMENT).read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{DOCUMENT} has lost the comments between which the sizing table stands")
    return before + _BEGIN + _table(root) + _END + after


def _table(root: Path) -> str:
    head = (
        "| interviews at once | question-gen | evaluator | media, cores | gateway | cores in all, models on CPU "
        "| memory in all, GiB | with questions on GPUs |\n|---|---|---|---|---|---|---|---|\n"
    )
    known = published(root)
    rows = []
    for size in sizes(root):
        left = size.cores - size.workers * known.model_cores
        rows.append(
            f"| {size.interviews} {'spoken' if size.spoken else 'in writing'} | {size.workers} | {size.workers} "
            f"| {f'{size.media:.1f}' if size.spoken else '–'} | {size.gateways} | {ceil(size.cores)} "
            f"| {ceil(size.memory)} | {ceil(left)} cores and {size.workers} GPUs |\n"
        )
    return head + "".join(rows)


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"the figure {pattern!r} is not published any more: the sizing table needs it")
    return match.groups()


def _cores(component: dict[str, Any]) -> float:
    asked = str(component["resources"]["requests"]["cpu"])
    return float(asked[:-1]) / 1000 if asked.endswith("m") else float(asked)


def _memory(component: dict[str, Any]) -> float:
    asked = str(component["resources"]["requests"]["memory"])
    return float(asked[:-2]) * _UNITS[asked[-2:]]
