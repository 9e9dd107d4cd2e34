"""What happens by itself, and when: a heap of moments, each with the record that it concerns."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Due(NamedTuple):
    """A moment at which something may happen to a record. Two at one moment happen in the order of their numbers."""

    at: datetime
    number: int
    kind: str
    id: str


class Schedule:
    """The moments to come, soonest first."""

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._heap)

    def clear(self) -> None:
        """Forget all of them."""
        self._heap.clear()

    def add(self, at: datetime, kind: str, record_id: str) -> None:
        """Note that something may happen to a record then."""
        heapq.heappush(self._heap, Due(at, next(self._numbers), kind, record_id))

    def first(self) -> Due | None:
        """Give what is due next, without taking it."""
        return self._heap[0] if self._heap else None

    def remove(self, due: Due) -> None:
        """Remove an entry, whether it still is the first or not."""
        if self._heap and self._heap[0] is due:
            heapq.heappop(self._heap)
        elif due in self._heap:
            self._heap.remove(due)
            heapq.heapify(self._heap)
