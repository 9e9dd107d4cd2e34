"""The figures of bench/inbox.py as a table: the part of docs/Performance.md between its marks."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).resolve().parent.parent / "docs" / "Performance.md"
BEGIN, END = "<!-- inbox: begin -->", "<!-- inbox: end -->"


#: How ours works beside the task queues, and how the table names it.
WAYS = {
    "transaction": "one thread",
    "queue": "one thread, `Worker`",
    "threads": "four threads",
    "transaction together": "one thread, `batch=100`",
    "queue together": "one thread, `Worker`, `batch=100`",
}


class Row(NamedTuple):
    """A line of the table: a figure of ours over another one, and what it should be."""

    part: str
    work: str
    ours: str
    over: str
    least: float | None
    what: str


def rows_of(few: int, many: int, most: int) -> list[Row]:
    """The goals, by how much waits."""
    found: list[Row] = []
    for name, work in (("TransactionWorker", "transaction"), ("Worker", "queue")):
        for part, size, times in (("workers", few, 5.0), ("workers-most", most, 100.0)):
            where = f"`{name}`, {size:,} waiting"
            found.append(Row(part, where, f"ours {size} {work}", f"floor {size} transaction", 0.4, "of the floor"))
            found.append(
                Row(part, where, f"ours {size} {work}", f"before {size} {work}", times, "times the earlier build")
            )
        rate = f"`{name}`, rate at {most:,}"
        found.append(Row("flat", rate, f"ours {most} {work}", f"ours {few} {work}", 0.8, f"of that at {few:,}"))
    for part, size, times in (("peers", few, 2.0), ("peers-many", many, 1.5)):
        for peer in ("procrastinate", "pgqueuer"):
            goal = None if peer == "pgqueuer" and size == few else times
            over = f"{peer} {size} transaction"
            for how, way in WAYS.items():
                work = f"one process, {size:,} waiting, {way}"
                least = goal if how == ("threads" if peer == "procrastinate" else "queue together") else None
                found.append(Row(part, work, f"ours {size} {how}", over, least, f"times {peer}"))
    work = "endpoint: verify, store, answer"
    found.append(Row("endpoint", work, f"ours {few} add", f"floor {few} add", 0.25, "of an insert and commit"))
    return found


def spread(pairs: list[float]) -> str:
    """The median with the quartiles."""
    low, middle, high = statistics.quantiles(pairs, n=4) if len(pairs) > 1 else (pairs[0],) * 3
    return f"{_figure(middle)} [{_figure(low)}–{_figure(high)}]"


def _figure(number: float) -> str:
    return f"{number:.0f}" if number >= 20 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def lines_of(found: dict[str, Any], kind: str, only: str | None = None) -> tuple[list[str], list[str]]:
    """The lines of one database's table, or of one part of it; and the goals that were missed."""
    title = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[kind]
    parts: dict[str, dict[str, list[float]]] = found.get(kind, {})
    few, most = found["few"], found["most"]
    lines: list[str] = []
    missed: list[str] = []

    def line(work: str, figures: list[float], goal: float | None, what: str, *, is_most: bool = False) -> None:
        middle = statistics.median(figures)
        is_lost = goal is not None and (middle > goal if is_most else middle < goal)
        text = "–" if goal is None else f"{'≤' if is_most else '≥'} {goal:g}"
        lines.append(f"| {work} | {title} | {spread(figures)} {what} | {text}{' **missed**' if is_lost else ''} |")
        if is_lost:
            missed.append(f"{work} on {title}: {middle:.2f} {what}, the goal is {text}")

    for row in rows_of(few, found["many"], most):
        rates = parts.get(row.part, {}) if only in (None, row.part) else {}
        ours, over = rates.get(row.ours), rates.get(row.over)
        if ours and over:
            line(row.work, [a / b for a, b in zip(ours, over, strict=False) if b], row.least, row.what)
    for part, rates in parts.items():
        if only not in (None, part):
            continue
        if "tally" in rates:
            line(f"`tally` beside {most:,} done", rates["tally"], 5.0, "ms", is_most=True)
        if "four" in rates:
            line("four workers on one table", rates["four"], 1.0 if kind == "postgresql" else None, "times one alone")
            line("the slowest of the four", rates["share"], None, "of their mean")
        held = [rates[f"ours {size} memory"][0] for size in (few, most) if f"ours {size} memory" in rates]
        if held:
            work = f"memory of a worker, {few:,} to {most:,} waiting"
            lines.append(f"| {work} | {title} | {held[0]:.0f} to {held[-1]:.0f} MB | flat |")
    return lines, missed


def rates_of(found: dict[str, Any]) -> list[str]:
    """The rates behind the ratios, in events a second."""
    lines: list[str] = []
    for kind in ("postgresql", "sqlite"):
        for part, rates in found.get(kind, {}).items():
            named = [f"{name} {statistics.median(each):.0f}" for name, each in rates.items() if each and " " in name]
            lines.append(f"{kind} {part}: {', '.join(named)}")
    return lines


def write(found: dict[str, Any]) -> int:
    """Write the table into the page, and tell what was missed; 1 when something was."""
    lines = ["| work | database | measured | goal |", "|---|---|---:|---:|"]
    missed: list[str] = []
    for kind in ("postgresql", "sqlite"):
        own, lost = lines_of(found, kind)
        lines += own
        missed += lost
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = "\n".join([f"Measured on {found['when']}: the median of the rounds, with the quartiles.", "", *lines])
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}", encoding="utf-8")
    print("\n".join([*lines, *rates_of(found)]))
    for each in missed:
        print("MISSED:", each)
    return 1 if missed else 0
