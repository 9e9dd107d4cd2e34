"""Process: notices that the program was forked, where something holds what two processes must not share; threads that do
not keep it from ending. No I/O.
"""

from __future__ import annotations

import os
from threading import Lock

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread
    from typing import TypeVar

    T = TypeVar("T", bound=Thread)

__all__ = ["Process", "daemonic"]


def daemonic(thread: T) -> T:
    """Let a thread that has not started not keep the interpreter from ending, where such threads are allowed.

    A subinterpreter refuses them (`concurrent.interpreters`, InterpreterPoolExecutor): there it waits for the thread.
    """
    try:
        thread.daemon = True
    except RuntimeError:
        thread.daemon = False
    return thread


class Process:
    """The process in which something was made: a pool of connections, an open file.

    A child that is forked later inherits it. Parent and child would then talk over one socket, and each could read the
    other's answers. Whoever holds such a thing asks at each use, for not everything that forks runs the functions of
    os.register_at_fork: uWSGI does not.
    """

    __slots__ = ("_changing", "_inherited", "_pid")

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._changing = Lock()  # taken in a child alone, so no thread of the parent can have held it at the fork
        self._inherited: list[object] = []

    def follow(self, renew: Callable[[], object]) -> None:
        """In a child that was forked since, have everything made anew, once, before anybody uses it.

        Args:
            renew: makes the new things, closes nothing, and returns the old ones. These are kept for as long as the
                child lives: what nobody holds any more would be closed, and the parent's connections with it.
        """
        if self._pid == os.getpid():
            return
        with self._changing:
            if self._pid != os.getpid():
                self._inherited.append(renew())
                self._pid = os.getpid()
