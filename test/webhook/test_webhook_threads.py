"""The threads that stores run in: kept for the next one, never more than are allowed, and none of a parent's after a fork."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pytest

from xendit.webhook.threads import KeptThreads

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0


def done_in(threads: KeptThreads) -> int:
    """Have something done, and give the thread that did it."""
    seen: list[int] = []
    done = threading.Event()

    def work() -> None:
        seen.append(threading.get_ident())
        done.set()

    threads.begin(work)
    assert done.wait(PATIENCE)
    return seen[0]


def until(condition: Callable[[], bool]) -> bool:
    """Wait for something, for as long as a busy machine may take."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_a_thread_that_is_idle_is_used_again() -> None:
    """What follows soon is done by the thread that is there, as often as it comes."""
    threads = KeptThreads("kept", 4)
    used: set[int] = set()
    for _ in range(50):
        used.add(done_in(threads))
        until(lambda: bool(threads._idle))
    assert len(used) < 10  # on a machine that stands still for a second, one may have gone


def test_a_thread_that_has_nothing_to_do_ends() -> None:
    """A quiet endpoint holds no threads."""
    threads = KeptThreads("passing", 4)
    done_in(threads)
    assert until(lambda: not any(thread.name == "passing" for thread in threading.enumerate()))
    assert done_in(threads)


def test_no_more_are_at_work_than_may_be() -> None:
    """The next is refused at once, and taken when one has come back."""
    threads = KeptThreads("few", 2)
    go = threading.Event()
    for _ in range(2):
        threads.begin(lambda: bool(go.wait(PATIENCE)))
    with pytest.raises(TimeoutError):
        threads.begin(lambda: None)
    go.set()
    assert until(lambda: len(threads._idle) == 2)
    assert done_in(threads)


def test_a_thread_that_cannot_start_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the system has none to give, the endpoint is there when it has one again."""
    threads = KeptThreads("scarce", 2)
    with monkeypatch.context() as scarce:

        def refuse(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        scarce.setattr(threading.Thread, "start", refuse)
        for _ in range(5):
            with pytest.raises(RuntimeError):
                threads.begin(lambda: None)
    assert done_in(threads)


def test_a_patched_program_keeps_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where greenlets may take the place of threads, a thread from before would wait for locks that no greenlet opens."""
    monkeypatch.setitem(sys.modules, "gevent.monkey", threading)
    threads = KeptThreads("patched", 2)
    done_in(threads)
    assert until(lambda: threads._free._value == 2)
    assert threads._idle == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_begins_threads_of_its_own() -> None:
    """It has none of its parent's, and as many places as if it had been first."""
    threads = KeptThreads("forked", 1)
    done_in(threads)
    assert until(lambda: bool(threads._idle))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, from 3.12
        child = os.fork()
    if child == 0:
        code = 1
        try:
            seen = threading.Event()
            threads.begin(seen.set)
            code = 0 if seen.wait(PATIENCE) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
