"""Which transport a request takes: tools that put themselves in the place of what sends, tracers, changed internals.

The tools themselves are tried in test/interop/test_tools.py; here stand-ins do what they do.
"""

from __future__ import annotations

import asyncio
import functools
import http.client
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from unittest import mock

import aiohttp
import pytest
import urllib3
from raw_server import RawServer, http as answer
from recorded import KEY

import xendit
from xendit.apis import AsyncInvoiceApi, InvoiceApi
from xendit.transport import roads
from xendit.transport.common import Settings
from xendit.transport.plain import PlainTransport
from xendit.transport.plain_loops import PlainLoopTransport
from xendit.transport.threads import ThreadTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INVOICE = b'{"id":"x","external_id":"e","status":"PENDING","amount":1,"currency":"IDR","invoice_url":"u"}'


@pytest.fixture(autouse=True)
def _nothing_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "_said", set())
    monkeypatch.setattr(roads, "_flaws", {})
    monkeypatch.setattr(roads, "_look", roads._Look(*[None] * 6, tool=None))
    monkeypatch.setattr(roads, "_seen_request", None)
    monkeypatch.setattr(roads, "_seen_tool", None)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer([answer(200, INVOICE)] * 10) as running:
        yield running


def api_on(server: RawServer, **settings: Any) -> InvoiceApi:
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(host=server.url, api_key=KEY, **settings)))


def wrapped(function: Any, package: str, seen: list[str], *, shown: bool = True) -> Any:
    """A wrapper as a package of this name would write it."""
    space: dict[str, Any] = {"__name__": f"{package}.inner", "function": function, "seen": seen, "package": package}
    exec("def wrapper(*given, **named):\n    seen.append(package)\n    return function(*given, **named)", space)
    return functools.wraps(function)(space["wrapper"]) if shown else space["wrapper"]


def test_a_tool_in_place_of_urlopen_sees_every_request(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those of a client that called before as well, for as long as it is there; it is said once."""
    seen: list[str] = []
    api = api_on(server)
    api.get_invoice_by_id("x")
    with monkeypatch.context() as patch:
        patch.setattr(urllib3.HTTPConnectionPool, "urlopen", wrapped(urllib3.HTTPConnectionPool.urlopen, "tape", seen))
        api.get_invoice_by_id("x")
        api_on(server).get_invoice_by_id("x")
    api.get_invoice_by_id("x")
    assert seen == ["tape", "tape"]
    assert [record.message.partition(":")[0] for record in caplog.records if record.name == "xendit"] == [
        "tape is in place of what urllib3 sends with"
    ]


def test_a_first_call_within_a_tool_leaves_the_next_one_fast(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client whose transport was chosen while a tool was there takes the fast one when it is gone."""
    seen: list[str] = []
    api = api_on(server, connection_pool_maxsize=7)
    with monkeypatch.context() as patch:
        patch.setattr(urllib3.HTTPConnectionPool, "urlopen", wrapped(urllib3.HTTPConnectionPool.urlopen, "tape", seen))
        api.get_invoice_by_id("x")
    api.get_invoice_by_id("x")
    transport = api.api_client._shared_transport()
    assert seen == ["tape"]
    assert isinstance(transport, roads.ThreadDetour)
    assert isinstance(transport._fast, ThreadTransport)
    transport.close()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (urllib3.HTTPConnectionPool, "ConnectionCls"),
        (urllib3.HTTPSConnectionPool, "ConnectionCls"),
        (http.client.HTTPConnection, "putrequest"),
        (http.client.HTTPConnection, "getresponse"),
    ],
)
def test_whatever_is_replaced_is_noticed(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes of connections and the methods of http.client, beside urlopen."""
    assert roads.tool_of_threads() is None
    replaced = type("Recording", (getattr(owner, name),), {}) if name == "ConnectionCls" else None
    monkeypatch.setattr(owner, name, replaced or wrapped(getattr(owner, name), "tape", []))
    assert roads.tool_of_threads() == ("test_roads" if replaced else "tape")
    monkeypatch.undo()
    assert roads.tool_of_threads() is None


def test_a_mock_of_ones_own_is_a_tool_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """unittest.mock in place of urlopen or of aiohttp's requests is what the author of a test wants to be asked."""
    with mock.patch.object(urllib3.HTTPConnectionPool, "urlopen"):
        assert roads.tool_of_threads() == "unittest.mock"
    with mock.patch.object(aiohttp.ClientSession, "_request", autospec=True):
        assert roads.tool_of_loops() == "unittest.mock"
    assert roads.tool_of_threads() is roads.tool_of_loops() is None


@pytest.mark.parametrize("shown", [True, False])
def test_tracers_change_nothing_and_hide_no_tool(shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenTelemetry or Sentry wraps stays fast; a recorder below a tracer's wrapper is found where that shows it."""
    pool = urllib3.HTTPConnectionPool
    below = pool.urlopen
    for package in ("opentelemetry", "sentry_sdk"):
        monkeypatch.setattr(pool, "urlopen", wrapped(below, package, [], shown=shown))
        assert roads.tool_of_threads() is None
    monkeypatch.setattr(pool, "urlopen", wrapped(wrapped(below, "tape", []), "opentelemetry", [], shown=shown))
    assert roads.tool_of_threads() == ("tape" if shown else None)


def test_a_tool_of_aiohttp_sees_every_request(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, within and after, in one client."""
    seen: list[str] = []

    async def main() -> None:
        async with xendit.AsyncApiClient(xendit.Configuration(host=server.url, api_key=KEY)) as client:
            api = AsyncInvoiceApi(client)
            await api.get_invoice_by_id("x")
            with monkeypatch.context() as patch:
                patch.setattr(aiohttp.ClientSession, "_request", wrapped(aiohttp.ClientSession._request, "tape", seen))
                await api.get_invoice_by_id("x")
            await api.get_invoice_by_id("x")

    asyncio.run(main())
    assert seen == ["tape"]


def test_what_a_tool_raises_to_refuse_a_request_is_raised(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author of the test must read it, so it is not turned into one of our errors."""

    class NotRecordedError(Exception):
        pass

    def refuse(*_: object, **__: object) -> None:
        raise NotRecordedError("nothing on the tape")

    monkeypatch.setattr(urllib3.HTTPConnectionPool, "urlopen", refuse)
    with pytest.raises(NotRecordedError, match="nothing on the tape"):
        api_on(server).get_invoice_by_id("x")
    assert server.requests == []


# ---- changed internals


def _gone(owner: Any, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.delattr(owner, name)


def _begin(self: http.client.HTTPResponse) -> None:
    """As http.client's, but reading its status line by itself."""
    self.code = self.status = 200
    self.headers = self.msg = http.client.parse_headers(self.fp)
    self.chunked = self.chunk_left = None
    self.length, self.will_close = 2, False


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # -X dev tells of a close that fails
@pytest.mark.parametrize(
    "change",
    [
        _gone(urllib3.HTTPConnectionPool, "_get_conn"),
        _gone(urllib3.connectionpool.HTTPSConnectionPool, "_prepare_proxy"),
        _gone(http.client.HTTPResponse, "_close_conn"),
        _gone(http.client.HTTPResponse, "_read_status"),
        lambda patch: patch.setattr(http.client.HTTPResponse, "begin", _begin),
        lambda patch: patch.setattr(
            http.client.HTTPResponse, "_get_chunk_left", lambda self: int(self.fp.readline(), 16)
        ),
        lambda patch: patch.setattr(urllib3.connection.HTTPConnection, "connect", lambda self: None),
    ],
)
def test_a_changed_internal_is_found_before_the_first_request(
    change: Callable[[pytest.MonkeyPatch], None],
    server: RawServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Then the plain transport is taken, which is said once; nothing is sent by the check."""
    with monkeypatch.context() as patch:
        change(patch)
        assert roads.thread_flaw() is not None
        first, second = api_on(server), api_on(server)
        assert isinstance(first.api_client._shared_transport(), PlainTransport)
        assert second.api_client._shared_transport() is first.api_client._shared_transport()
    assert server.requests == []
    assert caplog.text.count("has changed within") == 1
    assert first.get_invoice_by_id("x").id == "x"


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("aiohttp.client_proto.ResponseHandler", "set_response_params"),
        ("aiohttp.client_proto.ResponseHandler", "start_timeout"),
        ("aiohttp.TCPConnector", "_get_ssl_context"),
        ("aiohttp.ClientRequest", "is_ssl"),
    ],
)
def test_a_changed_internal_of_aiohttp_is_found(
    owner: str, name: str, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then requests go through ClientSession."""

    async def main() -> object:
        client = xendit.AsyncApiClient(xendit.Configuration(host=server.url, api_key=KEY))
        with monkeypatch.context() as patch:
            patch.delattr(f"{owner}.{name}")
            transport = client._shared_transport()
        return transport, (await AsyncInvoiceApi(client).get_invoice_by_id("x")).id

    transport, found = asyncio.run(main())  # type: ignore[misc]
    assert isinstance(transport, PlainLoopTransport)
    assert found == "x"


def test_these_libraries_have_no_flaw() -> None:
    """What is installed here bears the fast transports, in both worlds, and the check opens no socket."""

    async def look() -> str | None:
        return roads.loop_flaw()

    with mock.patch("socket.socket.connect", side_effect=AssertionError):
        assert roads.thread_flaw() is None
        assert asyncio.run(look()) is None


def test_a_fast_call_loads_nothing_of_the_plain_transport(server: RawServer) -> None:
    """Whoever never needs it pays for the look alone."""
    program = (
        "import sys, xendit; from xendit.apis import InvoiceApi\n"
        f"InvoiceApi(xendit.ApiClient(xendit.Configuration(host={server.url!r}, api_key={KEY!r}))).get_invoice_by_id('x')\n"
        "print('xendit.transport.plain' in sys.modules, 'aiohttp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# ---- asked for


def test_the_plain_transport_by_ones_own_wish(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    """It opens a connection for each request, leaves none open, and nothing is said of it."""
    caplog.set_level(logging.INFO)
    api = api_on(server, transport="plain")
    for _ in range(3):
        assert api.get_invoice_by_id("x").id == "x"
    assert server.connections == 3
    assert b"connection: close" in server.requests[0].lower()
    assert caplog.text == ""
    assert repr(api.api_client._shared_transport()) == f"PlainTransport({server.url!r})"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("plian", r"transport must be one of 'auto', 'plain'; did you mean 'plain'\?"),
        (None, "transport: None was given, one of 'auto', 'plain' is needed"),
        (True, "transport: a bool was given"),
    ],
)
def test_a_transport_that_does_not_exist_is_named(given: Any, said: str) -> None:
    """With what was meant, and before anything is sent."""
    with pytest.raises(xendit.ConfigurationException, match=said):
        xendit.Configuration(transport=given)


def test_a_refused_connection_and_an_unknown_name_are_not_sent_on_the_plain_transport() -> None:
    """Both worlds: urllib3's and aiohttp's public exceptions prove it."""
    for host in ("http://127.0.0.1:9", "https://nowhere.invalid"):
        settings = {"host": host, "api_key": KEY, "transport": "plain", "retries": 0, "proxy": "", "timeout": 20}
        with pytest.raises(xendit.ConnectionException) as caught:
            InvoiceApi(xendit.ApiClient(xendit.Configuration(**settings))).create_invoice(
                {"external_id": "e", "amount": 1}
            )
        assert caught.value.outcome == "not_sent"

        async def create(settings: dict[str, Any] = settings) -> None:
            api = AsyncInvoiceApi(xendit.AsyncApiClient(xendit.Configuration(**settings)))
            await api.create_invoice({"external_id": "e", "amount": 1})

        with pytest.raises(xendit.ConnectionException) as caught:
            asyncio.run(create())
        assert caught.value.outcome == "not_sent"


def test_an_interrupted_wait_leaves_the_request_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the plain transport waits is raised at once, and notes that the create may have been made."""
    with RawServer([lambda connection: connection.recv(1) and None]) as server:
        api = api_on(server, transport="plain", timeout=5)
        monkeypatch.setattr("threading.Event.wait", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt) as caught:
            api.create_invoice({"external_id": "e", "amount": 1})
        monkeypatch.undo()
        assert "may" in "".join(getattr(caught.value, "__notes__", []))


def test_settings_of_the_plain_transport_need_no_pool() -> None:
    """A forked child has nothing to give up but the lock of the budget of retries."""
    settings = Settings("http://127.0.0.1", maxsize=1, ca_certs=None, ssl_context=None, proxy=None, proxy_headers=None)
    for transport in (PlainTransport(settings), PlainLoopTransport(settings)):
        assert transport.reopen() is None
