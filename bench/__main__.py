"""`python bench` measures everything and writes docs/Performance.md; `python bench --quick` prints the goals alone."""

from __future__ import annotations

import sys

from measure import counts, measure
from peers import CONTENDERS, QUICK
from report import goal_lines, write


def main(arguments: list[str]) -> int:
    """Measure, report, and give 1 when a goal is missed."""
    quick = "--quick" in arguments

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
        write(found)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
