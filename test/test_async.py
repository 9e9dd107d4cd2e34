"""AsyncApiClient and AsyncInvoiceApi: the same methods, and what only an event loop can do wrong."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mirror
import pytest
from faults.server import FaultServer
from faults.worlds import apis_in
from raw_server import RawServer, http
from recorded import KEY

from xendit import ApiClient, AsyncApiClient, AsyncInvoiceApi, Configuration, InvoiceApi, exceptions
from xendit.exceptions import ApiValueError, ConfigurationException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xendit.sandbox import Sandbox

ORDER = {"external_id": "order-1", "amount": 10000}
ROOT = Path(__file__).parent


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that fails as it is told."""
    with FaultServer() as server:
        yield server


def on(server: FaultServer | Sandbox, **settings: Any) -> Configuration:
    """The settings of a client of that server."""
    return Configuration(host=server.url, api_key=KEY, **settings)


def until(what: Any) -> None:
    """Wait until it is so."""
    ends = time.monotonic() + 5
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.005)


# ------------------------------------------------------------------------------------------ the same


def public(cls: type) -> dict[str, Any]:
    """The public members of a class."""
    return {name: member for name, member in vars(cls).items() if not name.startswith("_") or name == "__init__"}


def shape(member: Any) -> str:
    """A signature and a docstring, without what marks the asynchronous one."""
    function = member.fget if isinstance(member, property) else member
    told = f"{inspect.signature(function)}\n{inspect.getdoc(function)}"
    return told.replace("Async", "").replace(".async_", ".")


@pytest.mark.parametrize(("sync", "asynchronous"), [(InvoiceApi, AsyncInvoiceApi), (ApiClient, AsyncApiClient)])
def test_both_classes_have_the_same_methods(sync: type, asynchronous: type) -> None:
    """Names, parameters, defaults, types and docstrings agree."""
    assert public(sync).keys() - {"__enter__", "__exit__"} == public(asynchronous).keys() - {"__init__"} | (
        {"__init__"} & public(sync).keys()
    )
    for name, member in public(sync).items():
        if name in vars(asynchronous) and name != "close":
            assert shape(member) == shape(vars(asynchronous)[name]), name


def test_the_asynchronous_class_is_up_to_date() -> None:
    """It is what tools/mirror.py writes."""
    made = mirror.outputs(mirror.ROOT)
    stale = [path.name for path, text in made.items() if not mirror.alike(text, path.read_text("utf-8"))]
    assert not stale, "run python tools/mirror.py"
    assert {path.name for path in made} >= {"invoice_api.py", "async_invoice_api.py"}


def test_what_is_awaited_is_what_asks_the_server() -> None:
    """The operations and the two waiting methods are coroutines; views and walks are not."""
    awaited = {name for name, member in public(AsyncInvoiceApi).items() if inspect.iscoroutinefunction(member)}
    assert awaited == {
        "create_invoice",
        "expire_invoice",
        "get_invoice_by_id",
        "get_invoices",
        "resolve",
        "wait_until_final",
    }


def test_the_four_operations(sandbox: Sandbox) -> None:
    """They do what those of InvoiceApi do, and an error is the same error."""

    async def main() -> None:
        async with AsyncApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)) as client:
            api = AsyncInvoiceApi(client)
            made = await api.create_invoice(ORDER)
            assert (await api.get_invoice_by_id(made.id)) == made
            assert [each.id for each in await api.get_invoices(external_id="order-1")] == [made.id]
            assert (await api.resolve("order-1", amount=10000)).id == made.id
            assert (await api.expire_invoice(made.id)).status == "EXPIRED"
            data, status, _ = await api.get_invoice_by_id(made.id, _return_http_data_only=False)  # type: ignore[misc]
            assert (data.id, status) == (made.id, 200)
            with pytest.raises(exceptions.NotFoundException):
                await api.get_invoice_by_id("5f0d1c0a8d1f9b0017000000")
            with pytest.raises(ApiValueError, match="awaited"):
                await api.get_invoices(async_req=True)
        with pytest.raises(ConfigurationException, match="closed"):
            await api.get_invoices()

    asyncio.run(main())


def test_many_tasks_share_a_client(server: FaultServer) -> None:
    """Fifty at once, each with its own answer."""
    ids = [server.add(f"order-{number}")["id"] for number in range(50)]

    async def main() -> list[str]:
        async with AsyncApiClient(on(server)) as client:
            api = AsyncInvoiceApi(client)
            return [each.id for each in await asyncio.gather(*map(api.get_invoice_by_id, ids))]

    assert asyncio.run(main()) == ids


def test_the_budget_is_that_of_the_pool(server: FaultServer) -> None:
    """Clients of both worlds with the same settings spend from one budget, so that an outage is met once."""
    both = ApiClient(on(server)), AsyncApiClient(on(server))
    assert both[0]._shared_transport().budget is both[1]._shared_transport().budget


def test_the_wrong_client_is_named(server: FaultServer) -> None:
    """A client of the other world is refused with what to write."""
    with pytest.raises(
        ConfigurationException, match=r"AsyncInvoiceApi takes an AsyncApiClient or a key, an ApiClient was given"
    ):
        AsyncInvoiceApi(ApiClient(on(server)))  # type: ignore[arg-type]
    with pytest.raises(
        ConfigurationException, match=r"InvoiceApi takes an ApiClient or a key, an AsyncApiClient was given"
    ):
        InvoiceApi(AsyncApiClient(on(server)))  # type: ignore[arg-type]


def test_without_aiohttp_the_extra_is_named(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the client is made, not in the midst of a request."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "xendit.transport.loops", raising=False)
    monkeypatch.delattr("xendit.transport.loops", raising=False)
    with pytest.raises(ImportError, match=r"xendit-sdk\[async\]"):
        AsyncApiClient(on(server))


CALLS: dict[str, Callable[[Any], Any]] = {
    "create": lambda api: api.create_invoice(ORDER, for_user_id="5f0d1c0a8d1f9b0017000000", _headers={"x-own": "1"}),
    "get": lambda api: api.get_invoice_by_id("a/b c"),
    "list": lambda api: api.get_invoices(statuses=["PAID"], external_id="é&=", limit=3),
    "expire": lambda api: api.expire_invoice("x"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("base", ["", "/gate/way"])
def test_both_worlds_write_the_same_request(call: str, base: str) -> None:
    """The same line, headers and body; only the order and the case of header names may differ."""

    def written(world: str) -> tuple[bytes, list[bytes], bytes]:
        answer = b"[]" if call == "list" else b'{"id":"x","external_id":"order-1","amount":10000}'
        with RawServer([http(200, answer)]) as server, apis_in(world) as make:
            api = make(Configuration(host=server.url + base, api_key=KEY, retries=0))
            with contextlib.suppress(exceptions.ResponseException):  # of an answer that is another invoice's
                CALLS[call](api)
            head, _, body = (
                server.requests[0].replace(server.url.encode().removeprefix(b"http://"), b"HOST").partition(b"\r\n\r\n")
            )
        line, *headers = head.split(b"\r\n")
        return (
            line,
            sorted(name.lower() + b":" + value for name, _, value in (each.partition(b":") for each in headers)),
            body,
        )

    assert written("sync") == written("async")


# ------------------------------------------------------------------------------------------ cancelled


@pytest.mark.parametrize("behaviour", ["hang_after_request", "body_stall"])
def test_a_cancelled_create_closes_its_connection_and_says_so(server: FaultServer, behaviour: str) -> None:
    """At once, with a note that the invoice may exist, and the key in no frame."""
    server.script(behaviour)

    async def main() -> asyncio.CancelledError:
        async with AsyncApiClient(on(server)) as client:
            task = asyncio.ensure_future(AsyncInvoiceApi(client).create_invoice(ORDER))
            await asyncio.to_thread(until, lambda: len(server.journal) == 1)
            await asyncio.sleep(0.05)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                await asyncio.to_thread(until, lambda: server.ended == 1)
                return error
        raise AssertionError("it was not cancelled")

    error = asyncio.run(main())
    # Python 3.10 raises a new CancelledError where the task is awaited, with the noted one as its context
    noted = [note for each in (error, error.__context__) for note in getattr(each, "__notes__", [])]
    assert "'order-1' may exist" in "".join(noted)


def test_a_timeout_around_a_read_leaves_the_client_usable(server: FaultServer) -> None:
    """`asyncio.wait_for` ends a call; the next one has a connection of its own."""
    invoice = server.add("order-1")
    server.script("hang_after_request")

    async def main() -> str:
        async with AsyncApiClient(on(server)) as client:
            api = AsyncInvoiceApi(client)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(api.get_invoice_by_id(invoice["id"]), 0.1)
            return (await api.get_invoice_by_id(invoice["id"])).id

    assert asyncio.run(main()) == invoice["id"]


def test_a_waiting_call_does_not_hold_up_the_loop(server: FaultServer) -> None:
    """While one waits for its server, another is answered."""
    invoice = server.add("order-1")
    server.script("ok_slow:s=0.4", "ok")

    async def main() -> list[str]:
        done: list[str] = []
        async with AsyncApiClient(on(server)) as client:
            api = AsyncInvoiceApi(client)

            async def ask(name: str) -> None:
                await api.get_invoice_by_id(invoice["id"])
                done.append(name)

            slow = asyncio.ensure_future(ask("slow"))
            await asyncio.to_thread(until, lambda: len(server.journal) == 1)
            await ask("quick")
            await slow
        return done

    assert asyncio.run(main()) == ["quick", "slow"]


# ------------------------------------------------------------------------------------------ loops and processes


def test_one_client_serves_loops_one_after_the_other_and_side_by_side(server: FaultServer) -> None:
    """Each loop has connections of its own."""
    invoice = server.add("order-1")
    client = AsyncApiClient(on(server))
    api = AsyncInvoiceApi(client)
    got: list[str] = []

    async def main() -> None:
        for _ in range(3):
            got.append((await api.get_invoice_by_id(invoice["id"])).id)

    asyncio.run(main())
    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [invoice["id"]] * 12
    assert server.connections == 4
    until(lambda: not server._open)  # each loop closed its own


PROGRAM = """
import asyncio, os, sys
from xendit import AsyncApiClient, AsyncInvoiceApi, Configuration

client = AsyncApiClient(Configuration(host=sys.argv[1], api_key="xnd_development_k"))

async def ask():
    {body}

asyncio.run(ask())
{after}
"""
USES = {
    "as documented": "async with client:\n        await AsyncInvoiceApi(client).get_invoices()",
    "never closed": "await AsyncInvoiceApi(client).get_invoices()",
    "left in the midst": "asyncio.ensure_future(AsyncInvoiceApi(client).get_invoices()); await asyncio.sleep(0.05)",
}
FORK = """
child = os.fork()
asyncio.run(ask())
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0)
"""


def run_program(server: FaultServer, use: str, after: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with every warning shown."""
    text = PROGRAM.format(body=USES[use], after=after)
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", text, server.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("behaviour", ["ok", "ok_slow:s=0.3"])
def test_no_session_is_said_to_be_unclosed(server: FaultServer, use: str, behaviour: str) -> None:
    """`asyncio.run` ends the connections, whether or not the client was closed."""
    server.script(default=behaviour)
    done = run_program(server, use)
    complaints = [line for line in done.stderr.splitlines() if "took" not in line or "seconds" not in line]
    assert (done.returncode, complaints) == (0, [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_opens_connections_of_its_own(server: FaultServer) -> None:
    """Parent and child go on, neither reading the other's answers."""
    done = run_program(server, "never closed", FORK)
    assert done.returncode == 0, done.stderr
    assert server.connections == 3
