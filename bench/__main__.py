"""`python bench` measures everything and writes docs/Performance.md; `python bench --quick` prints the goals alone.

The results stay in `.bench/results.json`; `python bench --render` makes page and plot of them again.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone

from measure import counts, measure
from peers import CONTENDERS, HOME, QUICK
from report import goal_lines, write

RESULTS = HOME / "results.json"


def main(arguments: list[str]) -> int:
    """Measure, report, and give 1 when a goal is missed."""
    quick = "--quick" in arguments
    if "--render" in arguments:
        write(json.loads(RESULTS.read_text(encoding="utf-8")))
        return 0

    def say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)

    found = measure(QUICK if quick else CONTENDERS, 5 if quick else 15, say=say)
    for name, reason in found["absent"].items():
        print(f"{name} is absent: {reason}")
    lines, missed = goal_lines(found)
    print("\n".join(lines))
    if not quick:
        say("counting instructions")
        counts(found)
        found["when"] = f"{datetime.now(timezone.utc):%d %B %Y}"
        RESULTS.write_text(json.dumps(found, indent=1), encoding="utf-8")
        write(found)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
