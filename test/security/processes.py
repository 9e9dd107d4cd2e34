"""Client programs that run in a process of their own: where the client forks, is measured, or ends, it must be alone.

`run("name", ...)` starts one and gives what it tells; `python -m security.processes NAME '[...]'` is what it starts.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import locale
import logging
import multiprocessing.pool
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from faults.worlds import api_in

import xendit
from xendit.apis import InvoiceApi

KEY = "xnd_development_processes"


def run(name: str, *arguments: Any, timeout: float = 120, quiet: bool = True, python: str = sys.executable) -> Any:
    """Run a program in a fresh process; what it told. It must end well and, if quiet, say nothing else."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [python, "-W", "error::ResourceWarning", "-m", "security.processes", name, json.dumps(arguments)],
        cwd=Path(__file__).parent.parent,
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert not quiet or done.stderr == "", done.stderr
    return json.loads(done.stdout)


def configuration_on(url: str, ca: str | None = None, key: str = KEY, **settings: Any) -> xendit.Configuration:
    """The settings of a client of a server, without retries: every wrong answer shows."""
    given = {"timeout": 60, "connect_timeout": 30, "read_timeout": 30, "retries": 0, "ssl_ca_cert": ca, **settings}
    return xendit.Configuration(url, key, **given)


def api_on(url: str, ca: str | None = None, key: str = KEY, **settings: Any) -> InvoiceApi:
    """An InvoiceApi with those settings."""
    return InvoiceApi(xendit.ApiClient(configuration_on(url, ca, key, **settings)))


# ------------------------------------------------------------------------------------------ forks


def ask(api: InvoiceApi, invoice_id: str, external_id: str, number: int) -> str | None:
    """One call, get and list in turn; what was wrong with its answer, or None."""
    try:
        if number % 2:
            found = [each.external_id for each in api.get_invoices(external_id=external_id)]
            return None if found == [external_id] else f"list of {external_id}: {found}"
        invoice = api.get_invoice_by_id(invoice_id)
        right = (invoice.id, invoice.external_id) == (invoice_id, external_id)
        return None if right else f"{external_id} was asked for, {invoice.external_id} came"
    except Exception as error:  # noqa: BLE001 - every kind of failure counts
        return f"{type(error).__name__}: {error}"


def ask_often(api: InvoiceApi, invoice_id: str, external_id: str, calls: int) -> list[str]:
    """What was wrong with so many calls."""
    return [wrong for number in range(calls) if (wrong := ask(api, invoice_id, external_id, number)) is not None]


def warmed(url: str, ca: str | None, orders: list[list[str]], threads: int = 6) -> InvoiceApi:
    """A client whose pool holds several used connections."""
    api = api_on(url, ca)
    gate = threading.Barrier(threads)

    def work(invoice_id: str, external_id: str) -> None:
        gate.wait()
        for number in range(4):
            assert ask(api, invoice_id, external_id, number) is None

    workers = [threading.Thread(target=work, args=orders[number % len(orders)]) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return api


def forked(url: str, ca: str | None, orders: list[list[str]], calls: int, unseen: bool = False) -> Any:
    """A child for each order after a warm-up, all calling at once, the parent too.

    `unseen`: by the C library, so that nothing of os.register_at_fork runs, as under uWSGI.
    """
    api = warmed(url, ca, orders)
    fork = ctypes.PyDLL(None).fork if unseen else os.fork
    readers = []
    for order in orders[1:]:
        reader, writer = os.pipe()
        child = fork()
        if child == 0:
            os.close(reader)
            os.write(writer, json.dumps(ask_often(api, *order, calls)[:20]).encode())
            os._exit(0)
        os.close(writer)
        readers.append((child, reader))
    wrong = ask_often(api, *orders[0], calls)
    for child, reader in readers:
        with os.fdopen(reader, "rb") as told:
            wrong += json.loads(told.read())
        assert os.waitpid(child, 0)[1] == 0
    # a child of a child, and the parent afterwards
    child = fork()
    if child == 0:
        grandchild = fork()
        if grandchild == 0:
            os._exit(len(ask_often(api, *orders[-1], 4)))
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]) + len(ask_often(api, *orders[1], 4)))
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        wrong.append("a child's child was answered wrongly")
    return wrong + ask_often(api, *orders[0], 4)


_inherited: InvoiceApi | None = None


def _work(url: str, ca: str | None, order: list[str], calls: int) -> list[str]:
    """What a worker process does: with the client that it inherited, else with one of its own."""
    return ask_often(_inherited or api_on(url, ca), *order, calls)


def multiprocess(method: str, url: str, ca: str | None, orders: list[list[str]], calls: int) -> Any:
    """A pool of multiprocessing after a warm-up; with "fork" the workers use the client that they inherit."""
    global _inherited
    api = warmed(url, ca, orders)
    if method == "fork":
        _inherited = api
    with multiprocessing.get_context(method).Pool(len(orders) - 1) as pool:
        found = pool.starmap_async(_work, [(url, ca, order, calls) for order in orders[1:]], 1)
        wrong = ask_often(api, *orders[0], calls)
        for each in found.get(300):
            wrong += each
        pool.close()
        pool.join()
    return wrong


# ------------------------------------------------------------------------------------------ threads


def threads(url: str, ca: str | None, ids: list[str], keys: list[str], calls: int) -> Any:
    """A thread for each id, the keys dealt out among them; the client of a key is shared by its threads."""
    from base64 import b64encode

    clients = [api_on(url, ca, key) for key in keys]
    wrong: list[str] = []
    right = [0] * len(ids)
    asked = []
    for api, key, invoice_id in zip(clients, keys, ids, strict=False):
        assert api.get_invoice_by_id(invoice_id).id == invoice_id, key

    def work(place: int, calls: int) -> None:
        api = clients[place % len(keys)]
        for _ in range(calls):
            try:
                invoice = api.get_invoice_by_id(ids[place])
            except Exception as error:  # noqa: BLE001 - every kind of failure counts
                wrong.append(f"{type(error).__name__}: {error}")
                continue
            if (invoice.id, invoice.external_id) == (ids[place], f"order-{place}"):
                right[place] += 1
            else:
                wrong.append(f"{ids[place]} was asked for, {invoice.id} came")

    def together(calls: int) -> int:
        workers = [threading.Thread(target=work, args=(place, calls)) for place in range(len(ids))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        gc.collect()
        return resident()

    before = together(calls // 10)  # in which the system's allocator makes room for so many threads
    grown = together(calls - calls // 10) - before
    for place, invoice_id in enumerate(ids):
        basic = "Basic " + b64encode(f"{keys[place % len(keys)]}:".encode()).decode()
        asked.append((f"/v2/invoices/{invoice_id}", basic))
    return {
        "wrong": wrong[:20],
        "right": sum(right),
        "asked": asked,
        "descriptors": descriptors(),
        "grown": grown,
    }


# ------------------------------------------------------------------------------------------ memory


def resident() -> int:
    """Bytes of memory that this process holds."""
    return _status("VmRSS") if Path("/proc/self/status").exists() else 0


def descriptors() -> int:
    """How many files and sockets this process has open; 0 where nobody says."""
    directory = Path("/proc/self/fd")
    return len(list(directory.iterdir())) if directory.is_dir() else 0


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def memory(world: str, url: str, ca: str | None, operation: str, invoice_id: str) -> Any:
    """How far memory rises above what it was while one call is made; the first answer must be good, to warm up."""
    api = api_in(world, configuration_on(url, ca))
    api.get_invoice_by_id(invoice_id)
    api.get_invoices()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak
    before, begun = resident(), time.process_time()
    try:
        if operation == "create":
            told: Any = api.create_invoice({"external_id": "big", "amount": 1000}).external_id
        elif operation == "list":
            told = len(api.get_invoices())
        else:
            told = api.get_invoice_by_id(invoice_id).id
    except xendit.XenditSdkException as error:
        told = [type(error).__name__, error.status, len(error.body or "")]
    return {"grown": _status("VmHWM") - before, "told": told, "seconds": time.process_time() - begun}


# ------------------------------------------------------------------------------------------ nothing changes


def _snapshot() -> dict[str, Any]:
    import decimal
    import http.client
    import random

    names = ("", "xendit", "urllib3", "urllib3.connectionpool", "http", "asyncio")
    return {
        "logging": [(name, logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names],
        "handlers": [repr(logging.getLogger(name).handlers) for name in names],
        "raised": [logging.root.manager.disable, logging.raiseExceptions],
        "debuglevel": [http.client.HTTPConnection.debuglevel, http.client._MAXHEADERS, http.client._MAXLINE],  # type: ignore[attr-defined]
        "warnings": [repr(each) for each in warnings.filters],
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": [repr(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
        "default timeout": socket.getdefaulttimeout(),
        "hooks": [repr(hook) for hook in (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.displayhook)],
        "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), repr(gc.get_threshold())],
        "digits": getattr(sys, "get_int_max_str_digits", lambda: 0)(),
        "decimal": repr(decimal.getcontext()),
        "environment": sorted(os.environ),
        "directory": str(Path.cwd()),
        "random": hash(random.getstate()),
        "json": [repr(json.JSONDecoder.__init__), repr(json.loads)],
        "resolving": [repr(socket.getaddrinfo), repr(socket.socket)],
        "threads": [thread.name for thread in threading.enumerate()],
    }


def snapshot(url: str) -> Any:
    """The process before and after clients are built, used and closed. urllib3 itself adds a warnings filter."""
    import urllib3  # noqa: F401

    before = _snapshot()
    for key in (KEY, "xnd_production_other"):
        with xendit.ApiClient(xendit.Configuration(url, key, retries=0)) as client:
            api = InvoiceApi(client)
            assert api.get_invoice_by_id("x").id == "x"
            assert api.get_invoice_by_id("x", async_req=True).get().id == "x"
            try:
                api.get_invoice_by_id("y")
            except xendit.ResponseException:
                repr(client)
    xendit.set_api_key(KEY)
    xendit.Configuration(url)
    return before, _snapshot()


# ------------------------------------------------------------------------------------------ the end


def told_by(work: Any) -> str:
    """What a call came to: ok, or the name of its error."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - that is what is asked
        return type(error).__name__
    return "ok"


def closed(url: str) -> Any:
    """Use after close, in every form."""
    api = api_on(url)
    api.get_invoice_by_id("x")
    deferred = api.get_invoice_by_id("x", async_req=True)
    api.api_client.close()
    api.api_client.close()
    told = [
        told_by(lambda: api.get_invoice_by_id("x")),
        told_by(lambda: api.create_invoice({"external_id": "e", "amount": 1})),
        told_by(api.get_invoices),
        told_by(lambda: api.expire_invoice("x")),
        told_by(lambda: api.resolve("e")),
        told_by(lambda: api.get_invoice_by_id("x", async_req=True)),
    ]
    return {
        "after": told,
        "begun before": told_by(deferred.get),
        "another": told_by(lambda: api_on(url).get_invoice_by_id("x")),
    }


class Dying:
    """Calls the API when it is collected."""

    def __init__(self, api: InvoiceApi, told: Any, **options: Any) -> None:
        self.api = api
        self.told = told
        self.options = options

    def __del__(self) -> None:
        self.told(told_by(lambda: self.api.get_invoice_by_id("x", **self.options)))


def collected(url: str) -> Any:
    """A call in __del__: when a name is deleted, and by the garbage collector out of a cycle."""
    told: list[str] = []
    dying = Dying(api_on(url), told.append)
    del dying
    cycle = Dying(api_on(url), told.append)
    cycle.self = cycle  # type: ignore[attr-defined]
    del cycle
    gc.collect()
    return told


_last: list[Any] = []


def _print(what: str) -> Any:
    return lambda told: print(what, told, flush=True)  # noqa: T201


def ending(url: str, how: str) -> None:
    """A call while the interpreter ends: it must not hang. What it came to is printed, a line each."""
    api = api_on(url, timeout=5)
    if how == "warm":
        api.get_invoice_by_id("x")
    if how == "hanging":  # a call that no answer comes to, in a thread that nobody joins
        api.get_invoice_by_id("hang", async_req=True)
        time.sleep(0.2)
    atexit.register(lambda: _print("atexit")(told_by(lambda: api.get_invoice_by_id("x"))))
    atexit.register(lambda: _print("atexit async")(told_by(lambda: api.get_invoice_by_id("x", async_req=True).get(4))))
    _last.append(Dying(api, _print("del")))
    _last.append(Dying(api, _print("del async"), async_req=True))
    sys.modules["__main__"].__dict__["last"] = _last


def in_thread(url: str) -> Any:
    """Calls in a thread that has no event loop, in one that outlives the main thread, and from a callback of one."""
    told: list[str] = []
    api = api_on(url)
    worker = threading.Thread(target=lambda: told.append(told_by(lambda: api.get_invoice_by_id("x"))))
    worker.start()
    worker.join()
    with multiprocessing.pool.ThreadPool(2) as pool:
        told += pool.map(lambda _: told_by(lambda: api.get_invoice_by_id("x")), range(4))
    pool.join()
    return told


def subinterpreter(url: str) -> Any:
    """A call in a subinterpreter that shares the lock of the main one; None where this Python has no module for it."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = __import__(name)
            break
        except ImportError:
            continue
    else:
        return None
    code = (
        "import sys; sys.path[:] = {path!r}\n"
        "import xendit\nfrom xendit.apis import InvoiceApi\n"
        "api = InvoiceApi(xendit.ApiClient(xendit.Configuration({url!r}, {key!r}, retries=0, timeout=5)))\n"
        "open({written}, 'w', closefd=False).write(api.get_invoice_by_id('x').id)\n"
    )
    reader, writer = os.pipe()
    api_on(url).get_invoice_by_id("x")
    if name == "_interpreters":
        found = interpreters.create("legacy")
        failure = interpreters.exec(found, code.format(path=sys.path, url=url, key=KEY, written=writer))
    else:
        found = interpreters.create(isolated=False)
        failure = interpreters.run_string(found, code.format(path=sys.path, url=url, key=KEY, written=writer))
    os.close(writer)
    with os.fdopen(reader) as told:
        answer = told.read()
    interpreters.destroy(found)
    return [answer, None if failure is None else repr(failure), told_by(lambda: api_on(url).get_invoice_by_id("x"))]


# ------------------------------------------------------------------------------------------ interrupts


def interrupted(url: str, moments: list[float]) -> Any:
    """Creates, each interrupted by a signal after so many seconds, and a read after each; what was wrong."""
    api = api_on(url)
    sample = api.create_invoice({"external_id": "sample", "amount": 1000})
    api.get_invoice_by_id(sample.id)
    told = []
    before = descriptors()
    for number, moment in enumerate(moments):
        error: BaseException | None = None
        kind: type[BaseException] = (KeyboardInterrupt, SystemExit)[number % 2]

        place = ""

        def strike(_: int, frame: Any, kind: type[BaseException] = kind) -> None:
            nonlocal place
            place = f"{frame.f_code.co_filename}|{frame.f_lineno}|{frame.f_code.co_name}"
            raise kind

        signal.signal(signal.SIGALRM, strike)
        name = f"order-{number}"
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, moment)
                api.create_invoice({"external_id": name, "amount": 1000})
            except (KeyboardInterrupt, SystemExit) as interrupt:
                error = interrupt
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except (KeyboardInterrupt, SystemExit):  # in the lines above, when the call was over
            signal.setitimer(signal.ITIMER_REAL, 0)
        notes = "".join(getattr(error, "__notes__", ())) if error is not None else ""
        again = told_by(lambda: api.get_invoice_by_id(sample.id).id == sample.id or 1 / 0)
        told.append(
            [name, None if error is None else type(error).__name__, f"{name!r} may exist" in notes, again, place]
        )
    gc.collect()
    return {"told": told, "descriptors": descriptors() - before}


PROGRAMS = (
    forked,
    multiprocess,
    threads,
    memory,
    snapshot,
    closed,
    collected,
    ending,
    in_thread,
    subinterpreter,
    interrupted,
)


def main() -> None:
    """Run the program that is named and tell, in one line of JSON, what it returns."""
    program = {each.__name__: each for each in PROGRAMS}[sys.argv[1]]
    told = program(*json.loads(sys.argv[2]))
    if told is not None or program is subinterpreter:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
