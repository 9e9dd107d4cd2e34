"""Something that is read again and again, for commands that show how it changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Seen = TypeVar("Seen")


def changes(
    read: Callable[[], Seen], state: Callable[[Seen], object], is_final: Callable[[Seen], bool], interval: float
) -> Iterator[Seen]:
    """What `read` gives now, and after each change of its state, until it is final.

    Args:
        read: reads it.
        state: what counts as its state.
        is_final: whether its state changes no more.
        interval: seconds between two readings.
    """
    last: object = None
    while True:
        seen = read()
        if state(seen) != last:
            yield seen
            last = state(seen)
        if is_final(seen):
            return
        time.sleep(interval)
