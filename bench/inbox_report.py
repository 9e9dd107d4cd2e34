"""The figures of bench/inbox.py as a table: the part of docs/Performance.md between its marks."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "Performance.md"
BEGIN, END = "<!-- inbox: begin -->", "<!-- inbox: end -->"


class Row(NamedTuple):
    """A line of the table: a figure of ours over another one, and what it should be."""

    work: str
    ours: str
    over: str
    least: float | None
    what: str


def rows_of(sizes: list[int]) -> list[Row]:
    """The goals, by size."""
    few, most = sizes[0], sizes[-1]
    found: list[Row] = []
    for name, work in (("TransactionWorker", "transaction"), ("Worker", "queue")):
        for size, times in ((few, 5.0), (most, 100.0)):
            where = f"`{name}`, {size:,} waiting"
            found.append(Row(where, f"ours {size} {work}", f"floor {size} transaction", 0.4, "of the floor"))
            found.append(Row(where, f"ours {size} {work}", f"before {size} {work}", times, "times the earlier build"))
        found.append(
            Row(f"`{name}`, rate at {most:,}", f"ours {most} {work}", f"ours {few} {work}", 0.8, f"of that at {few:,}")
        )
    for size, least in ((few, 2.0), (100_000, 1.5)):
        for peer in ("procrastinate", "pgqueuer"):
            goal = None if peer == "pgqueuer" and size == few else least
            over = f"{peer} {size} transaction"
            found.append(Row(f"one process, {size:,} waiting", f"ours {size} transaction", over, goal, f"times {peer}"))
    found.append(
        Row("endpoint: verify, store, answer", f"ours {few} add", f"floor {few} add", 0.25, "of an insert and commit")
    )
    return found


def spread(pairs: list[float]) -> str:
    """The median with the quartiles."""
    low, middle, high = statistics.quantiles(pairs, n=4) if len(pairs) > 1 else (pairs[0],) * 3
    return f"{_figure(middle)} [{_figure(low)}–{_figure(high)}]"


def _figure(number: float) -> str:
    return f"{number:.0f}" if number >= 20 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def lines_of(found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The table, and the goals that were missed."""
    lines = ["| work | database | measured | goal |", "|---|---|---:|---:|"]
    missed: list[str] = []

    def line(
        work: str, kind: str, figures: list[float], goal: float | None, what: str, *, is_most: bool = False
    ) -> None:
        middle = statistics.median(figures)
        is_lost = goal is not None and (middle > goal if is_most else middle < goal)
        text = "–" if goal is None else f"{'≤' if is_most else '≥'} {goal:g}"
        lines.append(f"| {work} | {kind} | {spread(figures)} {what} | {text}{' **missed**' if is_lost else ''} |")
        if is_lost:
            missed.append(f"{work} on {kind}: {middle:.2f} {what}, the goal is {text}")

    for kind, title in (("postgresql", "PostgreSQL"), ("sqlite", "SQLite")):
        rates: dict[str, list[float]] = found[kind]
        for row in rows_of(found["sizes"]):
            ours, over = rates.get(row.ours), rates.get(row.over)
            if ours and over:
                line(row.work, title, [a / b for a, b in zip(ours, over, strict=False) if b], row.least, row.what)
        if "tally" in rates:
            done = f"{found['sizes'][-1]:,}"
            line(f"`tally` beside {done} done", title, rates["tally"], 5.0, "ms", is_most=True)
        if "four" in rates:
            goal = 1.0 if kind == "postgresql" else None
            line("four workers on one table", title, rates["four"], goal, "times one alone")
            line("the slowest of the four", title, rates["share"], None, "of their mean")
        sizes = [size for size in found["sizes"] if f"ours {size} memory" in rates]
        if sizes:
            held = [rates[f"ours {size} memory"][0] for size in sizes]
            lines.append(
                f"| memory of a worker, {sizes[0]:,} to {sizes[-1]:,} waiting | {title} | {held[0]:.0f} to {held[-1]:.0f} MB | flat |"
            )
    return lines, missed


def write(found: dict[str, Any]) -> int:
    """Write the table into the page, and tell what was missed; 1 when something was."""
    lines, missed = lines_of(found)
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = "\n".join([f"Measured on {found['when']}: the median of the rounds, with the quartiles.", "", *lines])
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}", encoding="utf-8")
    print("\n".join(lines))
    for each in missed:
        print("MISSED:", each)
    return 1 if missed else 0
