"""Showing why a seed fails: the same world with as few faults as still fail, as a time line that a person can read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xendit.testing.world.scenario import Outcome
    from xendit.testing.world.scheduler import TraceLine

    #: Runs a world: its size, and the numbers of the faults to take out.
    Run = Callable[[int, frozenset[int]], Outcome]

_SUBJECT = re.compile(r"\b(?:order|item)-\d+\b")
_ID = re.compile(r"\b[0-9a-f]{24}\b")
_NUMBERED = re.compile(r"^(\d+) (?:\d{3}|[a-z_]+)$")


class Shrunk(NamedTuple):
    """The smallest world that was found to fail in the same way."""

    outcome: Outcome
    size: int
    without: frozenset[int]
    """The faults that were taken out of it."""
    left: int
    """How many faults are left."""


def shrink(run: Run, size: int, *, most_runs: int = 200) -> Shrunk:
    """Cut a failing world to the fewest orders and faults that still break the same promise.

    Args:
        run: runs the world.
        size: its number of orders.
        most_runs: how often it is run at most.
    """
    outcome = run(size, frozenset())
    promise = outcome.violations[0].promise
    without: frozenset[int] = frozenset()
    runs = 0

    def fails(tried_size: int, tried: frozenset[int]) -> Outcome | None:
        nonlocal runs
        runs += 1
        tried_outcome = run(tried_size, tried)
        return tried_outcome if any(each.promise == promise for each in tried_outcome.violations) else None

    for smaller in range(1, size):
        found = fails(smaller, without)
        if found is not None:
            size, outcome = smaller, found
            break
    step = max(1, outcome.faults // 2)
    while runs < most_runs:
        removed = False
        number = 1
        while number <= outcome.faults and runs < most_runs:
            tried = without | frozenset(range(number, number + step))
            found = None if tried == without else fails(size, tried)
            if found is not None:
                without, outcome, removed = tried, found, True
            number += step
        if step == 1 and not removed:
            break
        step = max(1, step // 2)
    taken_out = len([number for number in without if number <= outcome.faults])
    return Shrunk(outcome, size, without, outcome.faults - taken_out)


def time_line(outcome: Outcome) -> str:
    """What happened in a world, a line each, for people. If a violation names orders, it tells only of these."""
    subjects = {name for each in outcome.violations for name in _SUBJECT.findall(each.text)}
    lines = list(_about(outcome.trace, subjects)) if subjects else list(outcome.trace)
    width = max((len(line.who) for line in lines), default=0)
    written = [f"{_clock(line.at)}  {line.who:{width}}  {line.what}  {line.about}".rstrip() for line in lines]
    return "\n".join(written)


def _about(trace: Iterable[TraceLine], subjects: set[str]) -> Iterable[TraceLine]:
    """The lines that are about these orders, or about everybody."""
    named = set(subjects)
    numbers: set[str] = set()
    for line in trace:
        mentioned = set(_SUBJECT.findall(line.about)) | set(_SUBJECT.findall(line.who))
        if mentioned & subjects:
            named.update(_ID.findall(line.about))
            if line.what == "announces":
                named.add(line.about.partition(":")[0])
    for line in trace:
        text = f"{line.who} {line.about}"
        mentioned = set(_SUBJECT.findall(text)) | set(_ID.findall(text))
        number = _NUMBERED.match(line.about)
        if mentioned:
            if mentioned & named:
                if number is not None:
                    numbers.add(number.group(1))
                yield line
        elif line.about.startswith("webhook "):
            if line.about.partition(":")[0] in named:
                yield line
        else:
            yield line


def _clock(seconds: float) -> str:
    """A moment as hours, minutes and seconds since the world began."""
    minutes, rest = divmod(seconds, 60.0)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:3d}:{minutes:02d}:{rest:06.3f}"
