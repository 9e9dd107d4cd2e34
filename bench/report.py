"""Results as tables and a plot: the part of docs/Performance.md between its marks, and docs/performance.svg."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from goals import GOALS, MODULES
from peers import ROOT
from plot import plot

PAGE = ROOT / "docs" / "Performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
COLUMNS = {
    "decode": "one invoice",
    "page": "page of 100",
    "webhook": "webhook",
    "construct": "construct",
    "encode": "encode",
    "memory": "memory",
}
CALLS = {
    "get 1": "GET",
    "get 8": "GET, 8 threads",
    "walk 1": "page of 100",
    "first": "fresh process",
    "async": "asyncio, 50 tasks",
}


def figure(number: float) -> str:
    """A number with as many digits as mean something."""
    return f"{number:.0f}" if number >= 20 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def spread(ratio: list[float] | None) -> str:
    """A ratio with its quartiles."""
    if ratio is None:
        return "–"
    median, low, high = (figure(each) for each in ratio)
    return median if low == high == median else f"{median} [{low}–{high}]"


def goal_lines(found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The table of the goals, and the rows that were missed."""
    lines = [
        "| work | times less than the official | goal | multiple of the floor | goal | floor |",
        "|---|---:|---:|---:|---:|---|",
    ]
    missed = []
    for goal in GOALS:
        row = found["ratios"].get(goal.key, {})
        ours, peer = row.get(goal.contender), row.get(goal.below)
        if ours is None:
            why = "this library has no such client" if goal.key == "async" else "not measured"
            lines.append(f"| {goal.work} | – | {_least(goal.official)} | {why} | {_most(goal.most)} | {goal.floor} |")
            continue
        lost = [
            goal.official is not None and ours["official"] is not None and ours["official"][0] < goal.official,
            ours["floor"] is not None
            and (
                (goal.most is not None and ours["floor"][0] > goal.most)
                or (peer is not None and ours["floor"][0] >= peer["floor"][0])
            ),
        ]
        if any(lost):
            missed.append(goal.key if goal.contender == "ours" else f"{goal.key} with speed")
        official, floor = (
            f"**{spread(ratio)} missed**" if miss else spread(ratio)
            for ratio, miss in zip((ours["official"] if goal.official else None, ours["floor"]), lost, strict=True)
        )
        lines.append(
            f"| {goal.work} | {official} | {_least(goal.official)} | {floor} | {_most(goal.most)} | {goal.floor or '–'} |"
        )
    modules = found.get("modules")
    if modules:
        over = modules["count"] > MODULES or modules["forbidden"]
        if over:
            missed.append("modules")
        said = f"{modules['count']}" + "".join(f", {name}" for name in modules["forbidden"])
        lines.append(
            f"| modules loaded by that import, beyond a bare interpreter's | – | – | {said} | ≤ {MODULES} | – |"
        )
    return lines, missed


def _least(goal: float | None) -> str:
    return "–" if goal is None else f"≥ {goal:g}"


def _most(goal: float | None) -> str:
    return "–" if goal is None else f"≤ {goal:g}"


def table(found: dict[str, Any], columns: dict[str, str]) -> list[str]:
    """Every contender as multiples of the floor; first this library, then by the first column."""
    first = next(iter(columns))
    names = [name for name in found["labels"] if any(name in found["ratios"].get(row, {}) for row in columns)]

    def place(name: str) -> tuple[bool, float]:
        ratio = found["ratios"].get(first, {}).get(name, {}).get("floor")
        return not name.startswith("ours"), ratio[0] if ratio else 1e9

    lines = ["| | " + " | ".join(columns.values()) + " |", "|---|" + "---:|" * len(columns)]
    for name in sorted(names, key=place):
        label = found["labels"][name]
        cells = [spread(found["ratios"].get(row, {}).get(name, {}).get("floor")) for row in columns]
        lines.append(f"| {f'**{label}**' if name.startswith('ours') else label} | " + " | ".join(cells) + " |")
    for name, reason in found["absent"].items():
        said = reason.replace("|", "/")
        lines.append(f"| {name} | absent: {said} |" + " |" * (len(columns) - 1))
    return lines


def write(found: dict[str, Any]) -> None:
    """Put the results into the page and draw the plot."""
    machine = f"{platform.machine()}, {_processor()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}"
    versions = ", ".join(f"{name} {number}" for name, number in sorted(found["versions"].items(), key=str))
    counted = found.get("instructions") or {}

    def micro(row: str, name: str = "plain_json") -> str:
        return figure(found["own"][row][name] / 1000)

    measured = (
        f"Measured on {found['when']} with {platform.python_implementation()} {platform.python_version()}"
        f" on {machine}. {versions}."
    )
    floors = (
        f"The floor itself: json.loads of an invoice {micro('decode')} µs, of a page {micro('page')} µs, of a webhook"
        f" {micro('webhook')} µs; a dict literal {micro('construct')} µs; json.dumps {micro('encode')} µs;"
        f" {found['own']['memory']['plain_json']:.0f} bytes an invoice."
    )
    http_floors = (
        f"The floor itself: {micro('get 1', 'urllib3_json')} µs of CPU a GET, a fresh process"
        f" {found['own']['first']['urllib3_json']:.0f} ms; the last column is over aiohttp and json."
    )
    lines = [
        measured,
        "",
        "### The goals",
        "",
        *goal_lines(found)[0],
        "",
        "### Beside the peers: multiples of the standard json",
        "",
        *table(found, COLUMNS),
        "",
        floors,
        "",
        "### Beside the peers: CPU of a call, multiples of urllib3 and json",
        "",
        *table(found, CALLS),
        "",
        http_floors,
        "",
        "### Instructions",
        "",
    ]
    if counted:
        lines += ["| | " + " | ".join(COLUMNS[task] for task in counted) + " |", "|---|" + "---:|" * len(counted)]
        for name, label in found["labels"].items():
            cells = [figure(counted[task][name]) if name in counted[task] else "–" for task in counted]
            if set(cells) != {"–"}:
                lines.append(f"| {label} | " + " | ".join(cells) + " |")
    else:
        lines.append("`perf stat` counts no instructions on this machine (a virtual one without performance counters).")
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{tail}", encoding="utf-8")
    (ROOT / "docs" / "performance.svg").write_text(plot(found), encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
