"""Requests counted in a sliding minute, by account and endpoint."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW = 60.0


@dataclass(frozen=True)
class Quota:
    """The state of an account's rate limit; `reset` is in seconds. A limit that is not enforced is not announced."""

    limit: int
    remaining: int
    reset: float
    enforced: bool
    exceeded: bool


class RateWindows:
    """The sliding minutes of all accounts. `capacity` bounds how many are remembered."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._windows: dict[tuple[tuple[str, str], str], deque[float]] = {}

    def clear(self) -> None:
        """Forget what was counted."""
        self._windows.clear()

    def count(self, place: tuple[str, str], endpoint: str, now: float, limit: int, *, enforced: bool) -> Quota:
        """Count a request at a moment (in seconds), unless it is over the limit."""
        window = self._windows.setdefault((place, endpoint), deque())
        while len(self._windows) > self._capacity:
            del self._windows[next(iter(self._windows))]
        # A clock that was set back leaves moments in the future. They do not count, nor do those of long ago.
        while window and not now - _WINDOW < window[0] <= now:
            window.popleft()
        while len(window) > limit:
            window.popleft()
        over = len(window) >= limit
        if not over:
            window.append(now)
        reset = _WINDOW - (now - window[0]) if window else _WINDOW
        return Quota(limit, limit - len(window), min(max(reset, 0.0), _WINDOW), enforced, over and enforced)
