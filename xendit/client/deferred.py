"""The result of a call that goes on in a thread of its own: what `async_req=True` gives, and pages read ahead."""

from __future__ import annotations

from xendit.exceptions import ApiValueError, ConnectionException, TimeoutException
from xendit.process import daemonic

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class DeferredTimeoutException(TimeoutException, TimeoutError):
    """The call did not end within the seconds that were given to `get`. It goes on, and `get` can be called again.

    The class is also Python's own TimeoutError. Only the timeout of `get` raises it; the time limits of the call itself
    raise TimeoutException or OutcomeUnknownException.
    """


class Deferred:
    """The result of a call made with `async_req=True`: `.get()` waits for it and returns or raises.

    It has the methods of `multiprocessing.pool.AsyncResult`, which the official client returns. The thread is a
    daemon: it never keeps the interpreter from ending, except in a subinterpreter.

    Args:
        run: the call.
    """

    def __init__(self, run: Callable[[], object]) -> None:
        from threading import Thread

        self._run = run
        self._value: object = None
        self._error: BaseException | None = None
        self._over = False
        self._thread = daemonic(Thread(target=self._work, name="xendit-async_req"))
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is ending, or the system has no thread left
            self._work()

    def _work(self) -> None:
        try:
            self._value = self._run()
        except BaseException as error:  # noqa: BLE001 - it is raised by get(), in the thread that asks
            self._error = error
        self._over = True

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the call to end, or for this many seconds."""
        if not self._over:
            self._thread.join(timeout)

    def ready(self) -> bool:
        """Whether the call has ended."""
        # `_over` says that the result is there, although the thread may still run its last lines. A thread that is not
        # alive and left no result was not copied into this forked process.
        return self._over or not self._thread.is_alive()

    def successful(self) -> bool:
        """Whether the call ended without an error. Raises ApiValueError, a ValueError, while it runs."""
        if not self.ready():
            raise ApiValueError("successful: the call has not ended")
        return self._over and self._error is None

    def get(self, timeout: float | None = None) -> Any:
        """The call's result, or its error raised.

        Args:
            timeout: seconds to wait; None waits until the call ends, which its own time limit makes sure of.

        Raises:
            DeferredTimeoutException: the call has not ended within `timeout`.
            XenditSdkException: the call failed.
        """
        self.wait(timeout)
        if not self.ready():
            raise DeferredTimeoutException("the call has not ended yet; it goes on", outcome="unknown")
        if self._error is not None:
            raise self._error
        if not self._over:
            raise ConnectionException(
                "the call was begun before a fork; its result is in the parent", outcome="unknown"
            )
        return self._value
