"""The day as an SVG: interviews behind, and the workers of each rule as a line."""

from collections.abc import Sequence
from html import escape

from viva_operator.simulate.day import Day

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 960, 380, 46, 64, 34
_COLOURS = ("#0b6e4f", "#8d99ae", "#c1666b", "#e0a458")
_EVERY = 8  # steps: two minutes are finer than a pixel shows


def svg(day: Day) -> str:
    """The whole document."""
    most = max([1, *(count for figures in day.figures for count in figures.replicas)])
    most_live = max([1, *day.live])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="Workers over a day, by rule">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<polygon fill="#e8eef2" points="{_area(day.live, most_live)}"/>',
        *_axes(most),
    ]
    for figures, colour in zip(day.figures, _COLOURS, strict=True):
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{_points(figures.replicas, most)}"/>'
        )
    for index, (figures, colour) in enumerate(zip(day.figures, _COLOURS, strict=True)):
        x = _LEFT + index * 225
        parts.append(f'<rect x="{x}" y="12" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17}" y="22">{escape(figures.rule)}</text>')
        said = f"{figures.gpu_hours:.0f} GPU-h, {figures.cold_scheduled + figures.cold_walk_in} cold"
        parts.append(f'<text x="{x + 17}" y="38" fill="#555">{said}</text>')
    parts.append(
        f'<text x="{_LEFT}" y="{_HEIGHT - 4}" fill="#555">workers; grey: live interviews, at most {most_live}</text>'
        "</svg>"
    )
    return "\n".join(parts) + "\n"


def _x(index: int, total: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 12) * index / max(1, total)


def _y(value: float, most: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / most


def _points(values: Sequence[int], most: float) -> str:
    return " ".join(
        f"{_x(index, len(values)):.1f},{_y(values[index], most):.1f}" for index in range(0, len(values), _EVERY)
    )


def _area(values: Sequence[int], most: float) -> str:
    floor = _y(0, most)
    return f"{_LEFT},{floor:.1f} {_points(values, most)} {_WIDTH - 12},{floor:.1f}"


def _axes(most: int) -> list[str]:
    lines = []
    for hour in range(0, 25, 3):
        x = _x(hour, 24)
        lines.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        lines.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 14}" text-anchor="middle">{hour:02d}:00</text>')
    for count in range(0, most + 1, max(1, most // 5)):
        y = _y(count, most)
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{count}</text>')
    return lines
