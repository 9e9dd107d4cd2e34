"""The table of simulated worlds in docs/Reliability.md: what was run, which marks were reached, which seed found which defect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from world.defects import defects

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "Reliability.md"
LEDGER = Path(__file__).parent / "ledger.json"
FOUND = Path(__file__).parent / "defects" / "found.json"
_BEGIN, _END = "<!-- worlds -->\n", "<!-- /worlds -->"


def tables() -> str:
    """The text between the two comments of the page."""
    ledger: dict[str, Any] = json.loads(LEDGER.read_text("utf-8")) if LEDGER.exists() else {}
    found = json.loads(FOUND.read_text("utf-8"))
    lines = [
        "### What was run",
        "",
        "| seeds | worlds | events in their traces | faults | broken promises | digest | commit |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    reached: dict[str, int] = {}
    for seeds, run in ledger.items():
        counts = f"{run['worlds']:,} | {run['events']:,} | {run['faults']:,} | {len(run['violations'])}"
        lines.append(f"| {seeds} | {counts} | `{run['digest']}` | {run['commit']} |")
        for mark, count in run["marks"].items():
            reached[mark] = reached.get(mark, 0) + count
    counted = " and ".join(seeds for seeds, run in ledger.items() if run["marks"])
    lines += [
        "",
        f"How often the worlds of {counted} reached each rare branch (each run all that its worlds can reach):",
        "",
    ]
    parts: dict[str, list[str]] = {}
    for mark, count in sorted(reached.items()):
        part, _, branch = mark.partition(": ")
        parts.setdefault(part, []).append(f"{branch} {count:,}")
    lines += [f"* {part}: {'; '.join(branches)}" for part, branches in parts.items()]
    lines += [
        "",
        "### Planted defects",
        "",
        "| defect | what it breaks | found by seed | as |",
        "| --- | --- | --- | --- |",
    ]
    for defect in defects().values():
        known = found.get(defect.name)
        where = "not yet | " if known is None else f"{known['seed']} | {known['broken']}"
        lines.append(f"| {defect.name} | {defect.promise} | {where} |")
    return "\n" + "\n".join(lines) + "\n\n"


def page() -> str:
    """The page with its tables as they should be."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    return before + _BEGIN + tables() + _END + rest.partition(_END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
