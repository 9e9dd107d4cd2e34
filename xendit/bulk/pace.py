"""How fast a batch may send, by the rate-limit headers of answers, by 429s, and by the user's own limit. No clock."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.operation import RateLimit


class Pace:
    """The pace of all workers of a run. Safe over threads.

    Args:
        per_minute: requests a minute at most, spread evenly; None: what the server allows.
    """

    def __init__(self, per_minute: float | None = None) -> None:
        from _thread import allocate_lock

        self._lock = allocate_lock()
        self._gap = 0.0 if per_minute is None else 60.0 / per_minute
        self._next = 0.0
        self._held = 0.0
        self._left: int | None = None
        self._full_at = 0.0
        self._in_flight = 0

    def delay(self, now: float) -> float:
        """0.0 when one request may be sent, which is then counted; else the seconds after which to ask again."""
        with self._lock:
            if self._left is not None and now >= self._full_at:
                self._left = None
            until = max(self._held, self._next)
            if self._left is not None and self._left <= 0:
                until = max(until, self._full_at)
            if until > now:
                return until - now
            self._next = now + self._gap
            self._in_flight += 1
            if self._left is not None:
                self._left -= 1
            return 0.0

    def ended(self, limit: RateLimit | None, now: float) -> None:
        """Note that a request has ended, and what its answer said of the rate limit; None when there was no answer."""
        with self._lock:
            self._in_flight -= 1
            if limit is not None and limit.remaining is not None and limit.reset is not None:
                # the server may not have counted the requests that are still under way
                self._left = limit.remaining - self._in_flight
                self._full_at = now + limit.reset

    def hold(self, seconds: float, now: float) -> None:
        """Send nothing for so long, because the server answered 429."""
        with self._lock:
            self._held = max(self._held, now + seconds)
