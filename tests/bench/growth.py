"""How a time grows with a size, as an SVG: both axes logarithmic, and a line of what grows as the size does."""

import math
from collections.abc import Mapping

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 640, 340, 70, 46, 46, 24


def svg(took: Mapping[int, float], title: str) -> str:
    """`took`: milliseconds by size."""
    sizes = sorted(took)
    low, high = _decades(sizes)
    floor, top = _decades(list(took.values()))

    def x(size: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(size) - low) / max(1, high - low)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (math.log10(value) - floor) / max(1, top - floor)

    # From the largest downwards, as far as the picture goes.
    each = took[sizes[-1]] / sizes[-1]
    linear = [(size, each * size) for size in (sizes[-1], max(10.0**low, 10.0**floor / each))]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{title}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="14">{title}</text>',
    ]
    for power in range(low, high + 1):
        at = x(10.0**power)
        parts.append(f'<line x1="{at:.1f}" y1="{_TOP}" x2="{at:.1f}" y2="{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(floor, top + 1):
        at = y(10.0**power)
        parts.append(f'<line x1="{_LEFT}" y1="{at:.1f}" x2="{_WIDTH - _RIGHT}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g} ms</text>')
    parts.append(_line([(x(a), y(b)) for a, b in linear], "#8d99ae", dashed=True))
    parts.append(_line([(x(size), y(took[size])) for size in sizes], "#0b6e4f"))
    for size in sizes:
        at, value = x(size), y(took[size])
        parts.append(f'<circle cx="{at:.1f}" cy="{value:.1f}" r="3.5" fill="#0b6e4f"/>')
        parts.append(f'<text x="{at:.1f}" y="{value - 10:.1f}" text-anchor="middle">{took[size]:.0f}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 8}" fill="#555">nodes; dashed: what grows as they do</text></svg>')
    return "\n".join(parts) + "\n"


def _decades(values: list[int] | list[float]) -> tuple[int, int]:
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def _line(points: list[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.8"{dash} points="{told}"/>'
