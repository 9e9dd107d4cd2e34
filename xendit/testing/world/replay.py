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
_REQUEST = re.compile(r"^(\d+)(?: \d{3})?$")
"""What a line about a request tells, after the one that sends it: its number, and perhaps a status."""
_SHOP = re.compile(r"^(?:shop|database) (\d+)\b")
_EXPLAINED = {
    "refused": "the connection for a transaction",
    "broken": "the connection, before a commit",
    "unheard": "the answer to a commit",
    "slow": "a transaction begins late",
    "heals": "from here on nothing goes wrong",
}
"""What some lines tell that are about nothing in particular, for people."""
_LONGEST_ROUND = 4
"""Of how many lines a round has at most that comes again and again."""


class Shrunk(NamedTuple):
    """The smallest world that was found to fail in the same way."""

    outcome: Outcome
    size: int
    without: frozenset[int]
    """The faults that were taken out of it."""
    left: int
    """How many faults are left."""
    repeats: bool
    """Whether a second run of the whole world broke the same promise. Where something in it does not follow from the seed, it
    may not, and nothing is cut."""


def shrink(run: Run, outcome: Outcome, size: int, *, most_runs: int = 200) -> Shrunk:
    """Cut a failing world to the fewest orders and faults that still break the same promise.

    Args:
        run: runs the world.
        outcome: what came of the whole world.
        size: its number of orders.
        most_runs: how often it is run at most.

    Of the sizes beyond ten not every one is tried: the greater, the fewer.
    """
    promise = outcome.violations[0].promise
    without: frozenset[int] = frozenset()
    runs = 0

    def fails(tried_size: int, tried: frozenset[int]) -> Outcome | None:
        nonlocal runs
        runs += 1
        tried_outcome = run(tried_size, tried)
        return tried_outcome if any(each.promise == promise for each in tried_outcome.violations) else None

    again = fails(size, without)
    if again is None:
        return Shrunk(outcome, size, without, outcome.faults, repeats=False)
    outcome = again
    smaller = 1
    while smaller < size and runs < most_runs:
        found = fails(smaller, without)
        if found is not None:
            size, outcome = smaller, found
            break
        smaller += 1 + smaller // 8
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
    return Shrunk(outcome, size, without, outcome.faults - taken_out, repeats=True)


def time_line(outcome: Outcome) -> str:
    """What happened in a world, a line each, for people. If a violation names orders, it tells only of these.

    Lines that come again and again are counted.
    """
    said = " ".join(each.text for each in outcome.violations)
    subjects, ids = set(_SUBJECT.findall(said)), set(_ID.findall(said))
    for line in outcome.trace:
        if ids.intersection(_ID.findall(line.about)):
            subjects.update(_SUBJECT.findall(line.about))
    lines = list(_about(outcome, subjects)) if subjects else list(outcome.trace)
    width = max((len(line.who) for line in lines), default=0)
    written = [
        (
            f"{_clock(line.at)}  {line.who:{width}}  {line.what}  {line.about or _EXPLAINED.get(line.what, '')}".rstrip(),
            (line.who, line.what, line.about),
        )
        for line in lines
    ]
    return "\n".join(_counted(written))


def _about(outcome: Outcome, subjects: set[str]) -> Iterable[TraceLine]:
    """The lines that are about these orders, or about everybody who has to do with them."""
    trace, behind = outcome.trace, outcome.behind
    named = set(subjects)
    shops: set[str] = set()
    others: set[str] = set()
    """The numbers of requests for somebody else."""
    for number, line in enumerate(trace):
        about = f"{line.who} {line.about} {behind.get(number, '')}"
        if line.what == "sends":
            mentioned = set(_SUBJECT.findall(about))
            if not mentioned & subjects and (mentioned or about.endswith((" reconcile", " books"))):
                others.add(line.about.partition(" ")[0])
        if subjects.intersection(_SUBJECT.findall(about)):
            named.update(_ID.findall(line.about))
            shops.update(_SHOP.findall(line.who))
            if line.what == "announces":
                named.add(line.about.partition(":")[0])
    for number, line in enumerate(trace):
        about = f"{line.who} {line.about}"
        mentioned = set(_SUBJECT.findall(about)) | set(_ID.findall(about))
        webhook = behind.get(number, line.about).partition(":")[0]
        request = line.about.partition(" ")[0] if line.what == "sends" else "".join(_REQUEST.findall(line.about))
        shop = _SHOP.match(line.who)
        if mentioned:
            is_told = bool(mentioned & named)
        elif webhook.startswith("webhook "):
            is_told = webhook in named
        elif request:
            is_told = request not in others
        else:
            is_told = shop is None or not shops or shop[1] in shops
        if is_told:
            yield line


def _counted(written: list[tuple[str, tuple[str, str, str]]]) -> Iterable[str]:
    """Lines, each with who tells what; of a round of lines that comes more than three times in a row, only the first and the
    last one, and how many there were between them, and of whom if not only of those of the first one.
    """
    told = [each for _, each in written]
    at = 0
    while at < len(told):
        for length in range(1, _LONGEST_ROUND + 1):
            rounds = 1
            first = told[at : at + length]
            while _pattern(first) == _pattern(told[at + rounds * length : at + (rounds + 1) * length]):
                rounds += 1
            if rounds > 3:
                last = at + (rounds - 1) * length
                yield from (text for text, _ in written[at : at + length])
                others = dict.fromkeys(who for who, _, _ in told[at + length : last])
                for who, _, _ in first:
                    others.pop(who, None)
                by = f", some by {', '.join(others)}" if others else ""
                yield f"           … the same {rounds - 2} times more{by}"
                yield from (text for text, _ in written[last : last + length])
                at = last + length
                break
        else:
            yield written[at][0]
            at += 1


def _pattern(told: list[tuple[str, str, str]]) -> list[tuple[int, str, str]]:
    """What a round of lines tells, whoever does it: each is the first of whom the round tells, the second, and so on."""
    whos = list(dict.fromkeys(who for who, _, _ in told))
    return [(whos.index(who), what, about) for who, what, about in told]


def _clock(seconds: float) -> str:
    """A moment as hours, minutes and seconds since the world began."""
    minutes, rest = divmod(seconds, 60.0)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:3d}:{minutes:02d}:{rest:06.3f}"
