"""Tables of what ran, for the lanes that run by themselves: read from pytest's report, written as Markdown.

Only the standard library may be imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def rows_of(report: Path) -> list[tuple[str, str]]:
    """Each test of a report with what became of it: passed, failed, or skipped with its reason."""
    rows = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has written it a moment ago
        name = case.get("name", "").removeprefix("test_").replace("_", " ")
        skipped = case.find("skipped")
        failed = case.find("failure") is not None or case.find("error") is not None
        result = "failed" if failed else "passed" if skipped is None else f"skipped: {skipped.get('message', '')}"
        rows.append((name, result))
    return rows


def count_of(report: Path) -> str:
    """How many tests of a report passed, failed and were skipped."""
    results = [result.partition(":")[0] for _, result in rows_of(report)]
    told = [f"{results.count(each)} {each}" for each in ("passed", "failed", "skipped") if each in results]
    return ", ".join(told) or "nothing ran"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)
