"""Cutting a failing world, and its time line, without a world."""

from __future__ import annotations

from xendit.testing.world.replay import shrink, time_line
from xendit.testing.world.scenario import Outcome
from xendit.testing.world.scheduler import TraceLine, Violation


def outcome(*whos: str, broken: bool = True) -> Outcome:
    """What came of a world in which these did the same."""
    trace = tuple(TraceLine(number, who, "asks", "nothing") for number, who in enumerate(whos))
    violations = (Violation("a promise", "it was broken"),) if broken else ()
    return Outcome(0, "", len(trace), 0, violations, trace, {}, None)


def sizes(size: int, least: int, **bounds: int) -> tuple[list[int], int]:
    """The sizes that are tried of a world that fails from `least` orders on, and the one that it is cut to."""
    tried: list[int] = []

    def run(size: int, without: frozenset[int]) -> Outcome:
        tried.append(size)
        return outcome(broken=size >= least)

    return tried, shrink(run, outcome(), size, **bounds).size


def test_of_few_orders_every_number_is_tried() -> None:
    """So that a world is cut to the fewest."""
    assert sizes(6, 4) == ([6, 1, 2, 3, 4], 4)


def test_of_many_orders_few_numbers_are_tried() -> None:
    """The greater, the fewer, and none beyond the runs that there may be."""
    tried, size = sizes(100, 100)
    assert size == 100
    assert len(tried) < 30
    assert tried == [100, *sorted(tried[1:])]
    assert sizes(100, 100, most_runs=5) == ([100, 1, 2, 3, 4], 100)


def test_what_one_does_again_and_again_is_counted() -> None:
    """A round of lines that comes more than three times."""
    shown = time_line(outcome(*["worker 1"] * 9)).splitlines()
    assert len(shown) == 3
    assert shown[1].strip() == "… the same 7 times more"


def test_of_what_several_do_it_is_told_who_they_are() -> None:
    """The first and the last are shown, and those between them are named."""
    shown = time_line(outcome("worker 1", "worker 2", "worker 1", "worker 3", "worker 2", "worker 4")).splitlines()
    assert [line[15:23] for line in (shown[0], shown[2])] == ["worker 1", "worker 4"]
    assert shown[1].strip() == "… the same 4 times more, some by worker 2, worker 3"


def test_what_one_begins_and_another_ends_is_another_round() -> None:
    """A round is the same only where the same lines of it are of one process."""
    trace = [
        TraceLine(0, who, what, "nothing")
        for pair in ["11", "22", "12", "21", "33", "12"]
        for who, what in zip(pair, ("asks", "hears"), strict=True)
    ]
    assert len(time_line(outcome()._replace(trace=tuple(trace))).splitlines()) == len(trace)
    same = [line._replace(who=str(number // 2 % 3)) for number, line in enumerate(trace)]
    shown = time_line(outcome()._replace(trace=tuple(same))).splitlines()
    assert len(shown) == 5
    assert shown[2].strip() == "… the same 4 times more, some by 1, 2"
