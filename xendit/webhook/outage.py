"""An inbox that hangs: once it has not answered in time, requests are no longer held up by it, one at a time asks again.

A server has few threads or processes for requests. While each of them waits for a database that hangs, the requests behind
them wait as well, and nobody can count their deadline: they have not been read yet. So a store that was too slow is
remembered. For a moment after it every request is answered 503 at once, which empties the queue; then one request tries
again, in a part of the time, and what it meets decides.
"""

from __future__ import annotations

import threading

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.source import Source

__all__ = ["Outage"]

#: The part of the deadline for which nobody asks, and for which whoever asks then may wait.
_PART = 0.25
#: A store that failed after this part of its time hung; one that failed earlier said by itself what is wrong.
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
            TimeoutError: none, for the inbox hung a moment ago, or somebody is asking it.
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
