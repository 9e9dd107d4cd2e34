"""How fast a batch may send, by the rate-limit headers of answers, by 429s, and by the user's own limit. No clock."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.operation import RateLimit


class Pace:
    """The pace of all workers of a run. Safe over threads.

    Args:
        per_minute: requests a minute at most, spread evenly; None for as many as the server allows.
    """

    def __init__(self, per_minute: float | None = None) -> None:
        from _thread import allocate_lock

        self._lock = allocate_lock()
        self._per_minute = per_minute
        self._gap = 0.0 if per_minute is None else 60.0 / per_minute
        self._next = 0.0
        self._held = 0.0
        self._limit: int | None = None
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

    def reason(self, now: float) -> str | None:
        """Why no request may be sent now, in words, with the seconds until one may; None when one may."""
        with self._lock:
            if self._held > now:
                return f"Xendit answered 429: it goes on in {self._held - now:.0f} s"
            if self._left is not None and self._left <= 0 and self._full_at > now:
                pace = "the limit" if self._limit is None else f"{self._limit} requests a minute"
                return f"kept to {pace} by Rate-Limit headers: it goes on in {self._full_at - now:.0f} s"
            if self._next > now and self._per_minute is not None:
                return f"kept to {self._per_minute:g} requests a minute, as you asked"
            return None

    def ended(self, limit: RateLimit | None, now: float) -> None:
        """Note that a request has ended, and what its answer said of the rate limit; None when there was no answer."""
        with self._lock:
            self._in_flight -= 1
            if limit is not None and limit.remaining is not None and limit.reset is not None:
                # the server may not have counted the requests that are still under way
                self._left = limit.remaining - self._in_flight
                self._limit = limit.limit
                self._full_at = now + limit.reset

    def hold(self, seconds: float, now: float) -> None:
        """Send nothing for so long, because the server answered 429."""
        with self._lock:
            self._held = max(self._held, now + seconds)
