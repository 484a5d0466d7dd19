"""What vision measures. Labels are few and bounded; never an interview's id, never what a face showed."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

from viva_vision.domain.frame import Seen

Outcome = Literal["seen", "stale", "refused", "bad", "failed"]
_SECONDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class VisionMetrics:
    """Counts frames by how they ended, what made them hard to read, and time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._frames = Counter(
            "viva_vision_frames_total",
            "Frames: seen, stale (too old when their turn came), refused (hiring mode, no consent), bad, failed",
            ["edge", "outcome"],
            registry=registry,
        )
        self._overtaken = Counter(
            "viva_vision_frames_overtaken_total",
            "Frames that a newer one of the same interview replaced before a pod took them (each counts its part)",
            registry=registry,
        )
        self._quality = Counter(
            "viva_vision_quality_total", "Frames that were hard to read", ["quality"], registry=registry
        )
        self._seconds = Histogram(
            "viva_vision_seconds", "A frame from the gate to what it shows", buckets=_SECONDS, registry=registry
        )

    def frame(self, edge: Literal["bus", "grpc"], outcome: Outcome) -> None:
        """Count one frame."""
        self._frames.labels(edge, outcome).inc()

    def overtaken(self, count: float) -> None:
        """Count frames that nobody saw."""
        self._overtaken.inc(count)

    def seen(self, seen: Seen, seconds: float) -> None:
        """Measure one that was looked at."""
        for each in seen.quality:
            self._quality.labels(each.value).inc()
        self._seconds.observe(seconds)
