"""What changed since a version: enough for a page that watches to know what to ask for again."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

#: How many changes are remembered. A watcher that missed more learns only that something changed.
REMEMBERED = 1_000


class Change(NamedTuple):
    """A record that changed, and its new status. A change without a kind means that everything was forgotten."""

    kind: str | None
    id: str = ""
    status: str = ""


class Changes:
    """The last changes, numbered."""

    def __init__(self) -> None:
        self.version = 0
        self._changes: deque[tuple[int, Change]] = deque(maxlen=REMEMBERED)

    def note(self, change: Change) -> None:
        """Remember a change."""
        self.version += 1
        self._changes.append((self.version, change))

    def since(self, version: int) -> tuple[Change, ...]:
        """Give the changes after a version, oldest first."""
        return tuple(change for number, change in self._changes if number > version)
