"""Process: notices a fork, for objects that two processes must not share. Also, threads that do not keep a program
alive. No I/O.
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
    """Make a thread, which has not started yet, a daemon, which does not keep the interpreter from ending, if that is
    allowed.

    A subinterpreter (`concurrent.interpreters`, InterpreterPoolExecutor) allows no daemons: there it waits for the
    thread.
    """
    try:
        thread.daemon = True
    except RuntimeError:
        thread.daemon = False
    return thread


class Process:
    """The process in which something was made: a pool of connections, an open file.

    A child that is forked later inherits it. Parent and child would then talk over one socket, and each could read the
    other's answers. So an object that holds such a thing calls `follow` at each use. `os.register_at_fork` is not
    enough, because not everything that forks runs its functions: uWSGI does not.
    """

    __slots__ = ("_changing", "_inherited", "_pid")

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._changing = Lock()  # acquired only in a child, so it was free at the fork
        self._inherited: list[object] = []

    def follow(self, renew: Callable[[], object]) -> None:
        """In a child that was forked since, make everything anew, once, before anything uses it.

        Args:
            renew: makes the new things, closes nothing, and returns the old ones. The old ones are kept as long as the
                child lives, because Python would close them if nothing held them, and so end the parent's connections.
        """
        if self._pid == os.getpid():
            return
        with self._changing:
            if self._pid != os.getpid():
                self._inherited.append(renew())
                self._pid = os.getpid()
