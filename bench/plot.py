"""The plot of docs/Performance.md: two panels of bars on a logarithmic scale, drawn as SVG without a library."""

from __future__ import annotations

import math
from html import escape
from typing import Any

WIDTH, BAR, GAP, LEFT, RIGHT, TOP = 860, 20, 8, 270, 80, 64
INK, FAINT, OURS, THEIRS, FLOOR = "#1f2933", "#d5dbe1", "#0b7a75", "#a9b4c0", "#6b7785"
PANELS = (
    ("decode", "Decode one invoice: CPU as a multiple of json.loads", "plain_json"),
    ("get 1", "One GET: CPU as a multiple of urllib3 + json.loads", "urllib3_json"),
)


def plot(found: dict[str, Any]) -> str:
    """The picture as text."""
    parts: list[str] = []
    y = 12
    for row, title, floor in PANELS:
        panel, y = _panel(found, row, title, floor, y)
        parts += panel
        y += 26
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
        f' font-family="Helvetica, Arial, sans-serif" font-size="13" fill="{INK}" role="img"'
        ' aria-label="CPU of decoding and of a GET beside other libraries">'
        f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>' + "".join(parts) + "</svg>\n"
    )


def _panel(found: dict[str, Any], row: str, title: str, floor: str, top: int) -> tuple[list[str], int]:
    """The bars of one row of results, shortest first, and where the panel ends."""
    bars = sorted(
        (ratios["floor"][0], name) for name, ratios in found["ratios"].get(row, {}).items() if ratios["floor"]
    )
    least = min(0.25, *(ratio / 1.5 for ratio, _ in bars))
    most = max(ratio for ratio, _ in bars)

    def x(ratio: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(ratio / least) / math.log(most / least)

    first = top + TOP
    end = first + len(bars) * (BAR + GAP)
    parts = [
        f'<text x="16" y="{top + 20}" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="{WIDTH - 16}" y="{top + 20}" text-anchor="end" fill="{FLOOR}">logarithmic</text>',
    ]
    for tick in (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128):
        if least <= tick <= most:
            parts.append(
                f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{first - 8}" y2="{end}" stroke="{FAINT}"'
                f' stroke-width="{2 if tick == 1 else 1}"/>'
                f'<text x="{x(tick):.1f}" y="{first - 14}" text-anchor="middle" fill="{FLOOR}">{tick:g}×</text>'
            )
    for number, (ratio, name) in enumerate(bars):
        y = first + number * (BAR + GAP)
        colour = OURS if name.startswith("ours") else FLOOR if name == floor else THEIRS
        weight = ' font-weight="bold"' if name.startswith("ours") else ""
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end"{weight}>{escape(found["labels"][name])}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{max(2.0, x(ratio) - LEFT):.1f}" height="{BAR}" fill="{colour}" rx="2"/>'
            f'<text x="{x(ratio) + 8:.1f}" y="{y + 15}"{weight}>{ratio:.{2 if ratio < 10 else 0}f}×</text>'
        )
    return parts, end
