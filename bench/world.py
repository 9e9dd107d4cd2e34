"""How fast simulated worlds are: `python bench/world.py [SECONDS]`. On one core; needs nothing but the package.

A world event is a line of the trace, of which one stands for several steps of the scheduler; both are shown. The goals are
8,000 events a second, 500,000 worlds of the `trial` profile an hour (four creates, about 51 events), and memory that stays as
it is.

The time is that of the processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import gc
import logging
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from xendit.testing.world.scenario import FULL, TRIAL, Profile, Scenario

EVENTS_A_SECOND = 8_000
WORLDS_AN_HOUR = 500_000
_GROWTH = 200_000
"""Bytes by which what is allocated may differ after thousands of worlds: caches that fill."""


def measured(profile: Profile, seconds: float) -> tuple[int, int, int, float]:
    """Worlds, events and lines of the trace in so many seconds, and the seconds of the processor that they took."""
    worlds = events = lines = 0
    begun = time.process_time()
    taken = 0.0
    while taken < seconds:
        for _ in range(20):
            scenario = Scenario(worlds, profile=profile)
            lines += scenario.run().events
            events += scenario.world.taken
            worlds += 1
        taken = time.process_time() - begun
    return worlds, events, lines, taken


def grown(worlds: int) -> int:
    """By how many bytes what is allocated has grown over so many worlds."""
    for seed in range(worlds // 2):  # caches fill
        Scenario(seed).run()
    gc.collect()
    tracemalloc.start()
    for seed in range(20):
        Scenario(seed).run()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for seed in range(worlds):
        Scenario(seed).run()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before


def main() -> int:
    """Measure, and say whether the goals are reached."""
    logging.disable(logging.CRITICAL)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    measured(FULL, 1.0)
    reached = True
    for profile, worlds_an_hour in ((TRIAL, WORLDS_AN_HOUR), (FULL, 0)):
        worlds, events, lines, taken = measured(profile, seconds)
        an_hour = worlds / taken * 3600
        goal = f" (goal {worlds_an_hour:,})" if worlds_an_hour else ""
        print(f"{profile.name}: {worlds} worlds in {taken:.1f} s of one core: {an_hour:,.0f} an hour{goal};")
        print(
            f"    {profile.orders} creates, {lines / worlds:.0f} lines of the trace, {events / worlds:.0f} steps a world;"
        )
        print(
            f"    {lines / taken:,.0f} lines a second (goal {EVENTS_A_SECOND:,}), {events / taken:,.0f} steps a second"
        )
        reached = reached and lines / taken >= EVENTS_A_SECOND and an_hour >= worlds_an_hour
    growth = grown(200)
    print(f"after 200 worlds {growth:,} more bytes are allocated (at most {_GROWTH:,})")
    return 0 if reached and growth <= _GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
