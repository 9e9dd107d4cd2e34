"""Sentences 34 to 37: threads, forks, interrupts, and what happens after the end. Clients run where they are alone."""

from __future__ import annotations

import asyncio
import gc
import linecache
import os
import random
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from security.listeners import Answering
from security.processes import descriptors, run
from security.proof import often
from security.test_secrets import _threads
from security.test_transport_sentences import good
from xendit.exceptions import XenditSdkException
from xendit.policy import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.server import FaultServer, ServerProcess

    from xendit.apis import InvoiceApi

    Api = Callable[..., InvoiceApi]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
in_threads = pytest.mark.parametrize("api_on", ["sync"], indirect=True)


# ------------------------------------------------------------------------------------------ threads


@pytest.mark.parametrize("threads", [16, 64])
def test_s34_many_threads_on_one_client(threads: int, elsewhere: ServerProcess) -> None:
    """No answer goes to another thread; descriptors and memory do not grow. (10^5 calls in the proof.)"""
    _threads(elsewhere.url, None, elsewhere, threads=threads, keys=1, calls=often(8, 100_000 // threads))


def test_s34_64_threads_and_8_keys(anywhere: tuple[ServerProcess, str | None]) -> None:
    """Plain and TLS: no wrong answer, no key on another's request. (200 calls a thread in the proof.)"""
    server, ca = anywhere
    _threads(server.url, ca, server, threads=64, keys=8, calls=often(5, 200))


@in_threads
def test_s34_a_pool_keeps_what_it_is_told_and_opens_more_when_needed(faults: FaultServer, api_on: Api) -> None:
    """Sixteen threads on a pool of two: nobody waits for another, and two connections remain."""
    order = faults.add("e")
    faults.script(default="ok_slow:s=0.2")
    api = api_on(faults, connection_pool_maxsize=2)
    gate = threading.Barrier(16)
    found: list[str | None] = []

    def work() -> None:
        gate.wait()
        found.append(api.get_invoice_by_id(order["id"]).id)

    workers = [threading.Thread(target=work) for _ in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [order["id"]] * 16
    assert faults.connections == 16
    faults.script()
    for _ in range(6):
        api.get_invoice_by_id(order["id"])
    assert faults.connections == 16


# ------------------------------------------------------------------------------------------ forks


@needs_fork
def test_s35_forked_children_get_their_own_answers(anywhere: tuple[ServerProcess, str | None]) -> None:
    """Eight children after a warm-up, the parent at work too, and a child's child. (500 calls each in the proof.)"""
    server, ca = anywhere
    orders = [[server.add(f"order-{number}")["id"], f"order-{number}"] for number in range(9)]
    assert run("forked", server.url, ca, orders, often(16, 500), timeout=900, quiet=False) == []


@needs_fork
def test_s35_a_fork_that_python_does_not_see(anywhere: tuple[ServerProcess, str | None]) -> None:
    """uWSGI forks by the C library, and runs no function of os.register_at_fork: the pid is asked at each send."""
    server, ca = anywhere
    orders = [[server.add(f"order-{number}")["id"], f"order-{number}"] for number in range(9)]
    assert run("forked", server.url, ca, orders, often(16, 500), True, timeout=900, quiet=False) == []


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_s35_every_way_to_start_a_process(method: str, anywhere: tuple[ServerProcess, str | None]) -> None:
    """fork with the client of the parent; forkserver and spawn with one of their own, as a client cannot be sent."""
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this platform has no {method}")
    server, ca = anywhere
    orders = [[server.add(f"order-{number}")["id"], f"order-{number}"] for number in range(often(3, 9))]
    assert run("multiprocess", method, server.url, ca, orders, often(10, 100), timeout=900, quiet=False) == []


@needs_fork
@in_threads
def test_s35_a_call_that_was_begun_before_a_fork_is_not_the_childs(faults: FaultServer, api_on: Api) -> None:
    """Its thread is in the parent: there `get` brings the answer; a child that asks is told, and does not wait."""
    order = faults.add("e")
    faults.script("ok_slow:s=0.3")
    deferred = api_on(faults).get_invoice_by_id(order["id"], async_req=True)
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, from 3.12
        child = os.fork()
    if child == 0:
        try:
            deferred.get()
            os.write(writer, b"an answer")
        except XenditSdkException as error:
            os.write(writer, f"{type(error).__name__} {error.outcome}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        assert told.read() == b"ConnectionException unknown"
    assert os.waitpid(child, 0)[1] == 0
    assert deferred.get().id == order["id"]


# ------------------------------------------------------------------------------------------ interrupts

_LIBRARIES = (os.sep + "xendit" + os.sep, os.sep + "urllib3" + os.sep, os.sep + "http" + os.sep + "client.py")


class Strike:
    """While it is used as a context, raises at the n-th line that the client and its HTTP libraries run."""

    def __init__(self, at: int, interrupt: BaseException | None) -> None:
        self.lines = 0
        self.place = ""
        self._at = at
        self._interrupt = interrupt

    def _trace(self, frame: Any, event: str, arg: object) -> Any:
        name = frame.f_code.co_filename
        if not any(part in name for part in _LIBRARIES) or frame.f_code.co_name == "__del__":
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self._at and self._interrupt is not None:
                self.place = f"{name}|{frame.f_lineno}|{frame.f_code.co_name}"
                sys.settrace(None)
                raise self._interrupt
        return self._trace

    def __enter__(self) -> Strike:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)


def _create(api: InvoiceApi, name: str) -> Any:
    return api.create_invoice({"external_id": name, "amount": 1000})


@pytest.mark.parametrize("behaviour", ["ok", "rst_after_commit", "chunk_ok"])
def test_s36_an_interrupt_at_any_line_of_a_create(
    behaviour: str, faults: FaultServer, api_on: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever line it strikes: the note is there if the invoice is, the next call is right, no socket stays open.

    1500 lines in the proof, which for the first two behaviours is nearly all.
    """
    api = api_on(faults, retries=RetryPolicy(first_wait=0))
    sample = _create(api, "sample")
    api.get_invoice_by_id(sample.id)
    counted = Strike(0, None)
    for number in range(12):  # the last time nothing is imported or compiled any more
        faults.script(behaviour)
        counted = Strike(0, None)
        with counted:
            _create(api, f"counted-{number}")
    gc.collect()
    before = descriptors()
    dice = random.Random(36)
    every = range(1, counted.lines + 1)
    struck = noted = 0
    swallowed: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: None)  # it says so of some of them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a socket between two lines has no owner but the collector
        for at in sorted(dice.sample(every, min(len(every), often(50, 1500)))):
            interrupt = dice.choice((KeyboardInterrupt, SystemExit, asyncio.CancelledError))()
            name = f"{behaviour}-{at}"
            faults.script(behaviour)
            with Strike(at, interrupt) as strike:
                try:
                    made = _create(api, name)
                    caught = None
                except BaseException as error:  # noqa: BLE001 - an interrupt is what is waited for
                    caught = error
            if caught is None:
                assert made.external_id == name
                if strike.place:  # in a finalizer, where Python swallows it: the call is whole
                    swallowed.append(strike.place)
            else:
                assert caught is interrupt or _renewed(caught, interrupt), strike.place
            faults.script()
            assert api.get_invoice_by_id(sample.id).id == sample.id, strike.place
            struck += caught is not None
            notes = "".join(getattr(interrupt, "__notes__", ()))
            if caught is not None and faults.ledger.of(name) and not _handing_on(strike.place):
                assert f"{name!r} may exist" in notes, strike.place
            if notes:
                noted += 1
                assert notes.count("may exist") == 1
        gc.collect()
    assert len(swallowed) <= 0.05 * struck, swallowed
    assert struck > 40
    assert noted > 5
    assert descriptors() <= before + 4


def _renewed(caught: BaseException, interrupt: BaseException) -> bool:
    """Whether it is what Python 3.10 raises in a task's stead when the task was cancelled."""
    cancelled = isinstance(caught, asyncio.CancelledError) and isinstance(interrupt, asyncio.CancelledError)
    return cancelled and sys.version_info < (3, 11)


def _handing_on(place: str) -> bool:
    """Whether the call was over and its result on the way to the caller, who may as well have been struck."""
    file, line, function = place.split("|")
    passing = ("def ", "return ", "except StopIteration", "result: ", "try:")
    text = linecache.getline(file, int(line)).strip() if line.isdigit() else ""  # some jumps of CPython have no line
    if function == "interrupted":  # the caller itself
        return True
    return function in ("finish", "run", "_drive", "call", "create_invoice") and text.startswith(passing)


def test_s36_interrupts_by_signal(elsewhere: ServerProcess) -> None:
    """At random moments of real time, in a process of its own: the same holds. (200 in the proof.)"""
    dice = random.Random(36)
    moments = [dice.uniform(0.0001, 0.006) for _ in range(often(40, 200))]
    elsewhere.script(default="ok_slow:s=0.001")
    # not quiet: a socket that was being handed over is left to the garbage collector, which warns and closes it
    told = run("interrupted", elsewhere.url, moments, quiet=False)
    ledger = elsewhere.ledger
    assert told["descriptors"] <= 1
    for name, error, noted, again, place in told["told"]:
        assert again == "ok"
        assert error is not None or ledger.of(name)
        if error is not None and ledger.of(name) and not _handing_on(place):
            assert noted, place
        assert len(ledger.of(name)) <= 1
    assert any(error for _, error, *_ in told["told"])


def test_s36_no_warning_made_an_error_takes_an_invoice_that_exists(faults: FaultServer, api_on: Api) -> None:
    """With `-W error` a create whose amount was cut returns the invoice: after the request nothing warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = api_on(faults).create_invoice({"external_id": "cut", "amount": 1000.5})
    assert made.amount == 1000
    assert [each["id"] for each in faults.ledger.of("cut")] == [made.id]


# ------------------------------------------------------------------------------------------ after the end


def _answers_x(connection: Any) -> None:
    good(connection, b'{"id":"x","external_id":"e","amount":1}')


def test_s37_use_after_close() -> None:
    """Our error at once, for every method; what was begun before ends well, and other clients go on."""
    with Answering(_answers_x) as server:
        told = run("closed", server.url)
    assert told == {"after": ["ConfigurationException"] * 6, "begun before": "ok", "another": "ok"}


def test_s37_use_in_del() -> None:
    """When a name is deleted, and out of a cycle."""
    with Answering(_answers_x) as server:
        assert run("collected", server.url) == ["ok", "ok"]


@pytest.mark.parametrize("how", ["cold", "warm", "hanging"])
def test_s37_use_while_the_interpreter_ends(how: str) -> None:
    """In atexit and in __del__ after it: a result or our error, no traceback, no hang, though another call hangs."""

    def answer(connection: Any) -> None:
        if b"/hang " in server.requests[-1]:
            server.closing.wait(30)
        else:
            _answers_x(connection)

    with Answering(answer) as server:
        done = subprocess.run(
            [sys.executable, "-m", "security.processes", "ending", f'["{server.url}", "{how}"]'],
            cwd=Path(__file__).parent.parent,
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    assert done.returncode == 0
    assert done.stderr == ""
    told = [line.rpartition(" ")[::2] for line in done.stdout.splitlines()]
    assert [what for what, _ in told[:2]] == ["atexit async", "atexit"]
    assert {result for what, result in told if what == "atexit"} == {"ok"}
    assert {result for _, result in told} <= {"ok", "ConfigurationException"}


def test_s37_use_in_threads_without_an_event_loop() -> None:
    """A plain thread and a thread pool."""
    with Answering(_answers_x) as server:
        assert run("in_thread", server.url) == ["ok"] * 5


def test_s37_use_in_a_subinterpreter() -> None:
    """One that shares the main one's lock, as mod_wsgi makes them, while the main one goes on."""
    with Answering(_answers_x) as server:
        told = run("subinterpreter", server.url, quiet=False)
    if told is None:
        pytest.skip("this Python has no module to make a subinterpreter with")
    assert told == ["x", None, "ok"]
