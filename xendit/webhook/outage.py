"""An inbox that hangs: once it has not answered in time, it holds up one request at a time and no longer all of them.

A server has few threads or processes for requests. While all of them wait for a database that hangs, further requests
queue behind them, and their deadline cannot be kept, because the server has not even read them. So a store that was too
slow is remembered. For a moment every request is then answered 503 at once, which empties the queue. After that, a
single request tries the store again, with only a part of the time. If that succeeds, the outage is over; else it goes
on.
"""

from __future__ import annotations

import threading

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.source import Source

__all__ = ["Outage"]

#: The part of the deadline for which no request asks the inbox; and for which the request that then asks may wait.
_PART = 0.25
#: A store that failed after this part of its time was hanging; one that failed earlier reported an error of its own.
_HUNG = 0.9


class Outage:
    """Whether an inbox hangs, as far as one endpoint knows. Safe over threads.

    Args:
        deadline: seconds of a request.
        source: where time comes from.
    """

    def __init__(self, deadline: float, source: Source) -> None:
        self._part = deadline * _PART
        self._source = source
        self._lock = threading.Lock()
        self._until: float | None = None  # None: there is no outage
        self._is_asked = False

    def admit(self, left: float) -> float:
        """How many seconds of its time a request may wait for the inbox.

        Raises:
            TimeoutError: it may not wait, because the inbox hung a moment ago, or another request is asking it.
        """
        with self._lock:
            if self._until is None:
                return left
            if self._is_asked or self._source.monotonic() < self._until:
                raise TimeoutError("the inbox did not answer in time a moment ago; one request at a time asks it again")
            self._is_asked = True
            return min(left, self._part)

    def answered(self) -> None:
        """The inbox has stored something: it does not hang."""
        with self._lock:
            self._until, self._is_asked = None, False

    def failed(self, seconds: float, allowed: float) -> None:
        """A store failed after so many seconds of those that were allowed."""
        with self._lock:
            self._is_asked = False
            self._until = self._source.monotonic() + self._part if seconds >= allowed * _HUNG else None
