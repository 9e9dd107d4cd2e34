"""Threads that are kept, for work that may hang and must not hold up its caller. No I/O.

A new thread for each request would work too, but starting it takes as long as storing an event. So a thread that has
done its work waits a moment for more.
"""

from __future__ import annotations

import sys
import threading

from xendit.process import Process, daemonic

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KeptThreads"]

#: Seconds that a thread waits for more work.
_IDLE = 1.0
#: Modules that replace threads by greenlets, at any time. A thread from before knows nothing of greenlets and is not
#: kept.
_PATCHERS = ("gevent.monkey", "eventlet.patcher")


class KeptThreads:
    """Runs functions in threads of its own, at most so many at once. Safe over threads and forks.

    Args:
        name: the threads' name.
        most: how many may be at work at once.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._process = Process()
        self._begin_anew()

    def _begin_anew(self) -> list[_KeptThread]:
        """Forget the threads, which a forked child does not have, and return them."""
        old = getattr(self, "_idle", [])
        self._idle: list[_KeptThread] = []
        self._free = threading.BoundedSemaphore(self._most)
        return old

    def begin(self, work: Callable[[], None]) -> None:
        """Have a function called in a thread. It must not raise.

        Raises:
            TimeoutError: as many threads as are allowed are at work.
            RuntimeError: the system has no thread left to give.
        """
        self._process.follow(self._begin_anew)
        if not self._free.acquire(blocking=False):
            raise TimeoutError(f"all {self._most} threads hang already")
        try:
            kept = self._idle.pop()
        except IndexError:
            try:
                _KeptThread(self._name, self._idle, self._free).begin(work)
            except RuntimeError:
                self._free.release()
                raise
        else:
            kept.go_on(work)


class _KeptThread:
    """A thread that waits for more work when it has done its own."""

    def __init__(self, name: str, idle: list[_KeptThread], free: threading.BoundedSemaphore) -> None:
        self._idle, self._free = idle, free
        self._work: Callable[[], None] | None = None
        self._called = threading.Lock()  # locked while there is nothing to do
        self._called.acquire()
        self._thread = daemonic(threading.Thread(target=self._run, name=name))

    def begin(self, work: Callable[[], None]) -> None:
        """Start the thread with its first work."""
        self._work = work
        self._thread.start()

    def go_on(self, work: Callable[[], None]) -> None:
        """Give more work to a thread that was taken from those that are idle."""
        self._work = work
        self._called.release()

    def _run(self) -> None:
        while True:
            work, self._work = self._work, None
            try:
                if work is not None:
                    work()
            finally:
                del work  # it holds the event, and this thread now waits
                is_kept = self._thread.daemon and not any(name in sys.modules for name in _PATCHERS)
                if is_kept:
                    self._idle.append(self)
                self._free.release()
            if not is_kept or not self._is_called():
                return

    def _is_called(self) -> bool:
        """Wait for more work; False when none has come for a while."""
        if self._called.acquire(timeout=_IDLE):
            return True
        try:
            self._idle.remove(self)
        except ValueError:  # work was given to it at this very moment
            return self._called.acquire()
        return False
