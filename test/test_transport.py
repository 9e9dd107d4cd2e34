"""TLS, proxies and fork, over real sockets with certificates made for the test."""

from __future__ import annotations

import importlib.util
import os
import select
import socket
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import trustme
import urllib3.util.wait as wait
from faults.worlds import WORLDS, apis_in, inner
from raw_server import RawServer, http
from recorded import KEY
from security.listeners import Answering, Proxy

import xendit
from xendit.apis import InvoiceApi
from xendit.exceptions import ConnectionException, TimeoutException, TlsException
from xendit.invoice.operations import OPERATIONS
from xendit.operation import Request
from xendit.policy import Limits
from xendit.transport import addresses, common, loops
from xendit.transport.threads import OpenAttempt, ThreadTransport, transport_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Api = Callable[..., Any]

INVOICE = http(200, b'{"id":"x"}')


class TlsServer(Answering):
    """Answers every request with one invoice, over TLS for `localhost`."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        super().__init__(lambda connection: connection.sendall(INVOICE), context=context)

    @property
    def url(self) -> str:
        """Its base URL, by name."""
        return f"https://localhost:{self.port}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that no system trusts."""
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA) -> Iterator[TlsServer]:
    """A TLS server on localhost with a certificate of that authority."""
    server = TlsServer(authority.issue_cert("localhost"))
    yield server
    server.close()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """The authority's certificate as a file."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(params=WORLDS)
def api_on(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes an InvoiceApi on a server, or what calls an AsyncInvoiceApi."""
    with apis_in(request.param) as make:
        yield lambda url, **settings: make(xendit.Configuration(url, KEY, **settings))


def sync_on(url: str, **settings: object) -> InvoiceApi:
    """An InvoiceApi on a server, for what only threads and http.client do."""
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(url, KEY, **settings)))  # type: ignore[arg-type]


def test_an_unknown_certificate_is_refused_once_and_nothing_is_sent(server: TlsServer, api_on: Api) -> None:
    """It is not tried again, and says that the invoice cannot exist."""
    for call in ("get_invoice_by_id", "expire_invoice"):
        before = server.connections
        with pytest.raises(TlsException, match="TLS with localhost:[0-9]+ failed") as caught:
            getattr(api_on(server.url), call)("x")
        assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 1)
        assert server.connections == before + 1
    assert server.requests == []


def test_ones_own_authority_is_trusted_when_it_is_given(server: TlsServer, ca_file: str, api_on: Api) -> None:
    """`ssl_ca_cert` is the one setting about trust."""
    assert api_on(server.url, ssl_ca_cert=ca_file).get_invoice_by_id("x").id == "x"
    assert b"authorization: Basic " in server.requests[0]


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, ca_file: str, api_on: Api) -> None:
    """The name is checked, whoever signed."""
    server = TlsServer(authority.issue_cert("api.example"))
    try:
        with pytest.raises(TlsException):
            api_on(server.url, ssl_ca_cert=ca_file).get_invoice_by_id("x")
        assert server.requests == []
    finally:
        server.close()


@pytest.mark.parametrize("how", ["setting", "environment"])
def test_a_proxy_tunnels_and_never_sees_the_key(
    how: str, server: TlsServer, ca_file: str, monkeypatch: pytest.MonkeyPatch, api_on: Api
) -> None:
    """The proxy is told host and port alone; its credentials show in no error or repr."""
    tunnel = Proxy()
    settings: dict[str, object] = {"ssl_ca_cert": ca_file, "proxy_headers": {"x-proxy": "1"}}
    if how == "setting":
        settings["proxy"] = f"http://user:secret-pass@{tunnel.address}"
    else:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret-pass@{tunnel.address}")
    api = api_on(server.url, **settings)
    assert api.get_invoice_by_id("x").id == "x"
    assert tunnel.requests[0].startswith(b"CONNECT localhost:")
    assert b"x-proxy: 1" in tunnel.requests[0].lower()
    assert b"authorization: basic" not in tunnel.requests[0].lower().replace(b"proxy-authorization", b"")
    api = inner(api)
    assert "secret-pass" not in repr(api) + repr(api.api_client.configuration) + repr(api.api_client.describe())
    tunnel.close()


def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(server: TlsServer, ca_file: str, api_on: Api) -> None:
    """Also for a create; the error does not show the proxy's credentials."""
    with pytest.raises(ConnectionException) as caught:
        api_on(server.url, ssl_ca_cert=ca_file, proxy="http://user:secret-pass@127.0.0.1:1", retries=0).create_invoice(
            {"external_id": "x", "amount": 1}
        )
    assert caught.value.outcome == "not_sent"
    assert "secret-pass" not in str(caught.value) + repr(caught.value.__cause__)


def test_which_hosts_are_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting wins, "" means none, NO_PROXY and this machine are spared."""
    monkeypatch.setenv("HTTPS_PROXY", "http://env.example:1")

    def proxy_of(host: str = "https://api.xendit.co", **settings: str) -> str | None:
        return transport_for(xendit.Configuration(host, KEY, **settings)).settings.proxy  # type: ignore[arg-type]

    assert proxy_of() == "http://env.example:1"
    assert proxy_of(proxy="http://own.example:2") == "http://own.example:2"
    assert proxy_of(proxy="") is None
    assert proxy_of("http://127.0.0.1:9") is None
    monkeypatch.setenv("NO_PROXY", "xendit.co")
    assert proxy_of() is None


def test_an_http_proxy_is_given_the_whole_url(api_on: Api) -> None:
    """For a host on this machine without TLS, when a proxy is set by hand."""
    with RawServer([INVOICE]) as proxy:
        assert api_on("http://127.0.0.1:9", proxy=proxy.url).get_invoice_by_id("x").id == "x"
        assert proxy.requests[0].startswith(b"GET http://127.0.0.1:9/v2/invoices/x HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "https://a..b"},
        {"host": "https://" + "a" * 300},
        {"proxy": "http://user:secret-pass@[bad"},
        {"proxy": "http://:0x"},
        {"proxy": "https://"},
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_url_that_only_the_http_library_refuses_is_our_error_too(settings: dict[str, str], api_on: Api) -> None:
    """Nothing foreign escapes, nothing is sent, and no password shows."""
    with pytest.raises(xendit.XenditSdkException) as caught:
        api_on(
            settings.get("host", "https://api.example.invalid"), proxy=settings.get("proxy"), retries=0, timeout=2
        ).create_invoice({"external_id": "x", "amount": 1})
    assert caught.value.outcome in (None, "not_sent")
    assert "secret-pass" not in repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


def test_an_interim_answer_is_not_the_answer(api_on: Api) -> None:
    """103 Early Hints, say from a network in front of the API: the answer that follows is the one, of this request."""

    def hints(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        connection.sendall(http(200, b'{"id":"one"}'))

    with Answering(hints, lambda connection: connection.sendall(http(200, b'{"id":"two"}'))) as server:
        api = api_on(server.url, retries=0)
        assert api.get_invoice_by_id("one").id == "one"
        assert api.get_invoice_by_id("two").id == "two"
        assert server.connections == 1


def test_a_switch_of_protocols_ends_the_connection(api_on: Api) -> None:
    """Nobody asked for it; what comes after it is never read as the answer to another request."""

    def switch(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        connection.recv(65536)
        connection.sendall(http(200, b'[{"id":"stale"}]'))

    with Answering(switch, lambda connection: connection.sendall(http(200, b"[]"))) as server:
        api = api_on(server.url, retries=0)
        with pytest.raises(xendit.XenditSdkException) as caught:
            api.get_invoices()
        assert caught.value.status == "101"
        assert api.get_invoices() == []
        assert server.connections == 2


@pytest.mark.parametrize("size", [2, 8192, 16384])
def test_bytes_beyond_an_answer_are_not_the_next_answer_under_tls_either(
    size: int, authority: trustme.CA, ca_file: str, api_on: Api
) -> None:
    """Also when they wait inside the TLS record, where no look at the socket shows them."""

    def more(connection: socket.socket) -> None:
        body = b"[" + b" " * (size - 2) + b"]"
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        connection.sendall(body + http(200, b'[{"id":"stale"}]'))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Answering(more, lambda connection: connection.sendall(http(200, b"[]")), context=context) as server:
        api = api_on(server.url, ssl_ca_cert=ca_file, retries=0)
        assert api.get_invoices() == []
        assert api.get_invoices() == []
        assert server.connections == 2


def test_an_address_that_this_machine_cannot_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may have an IPv6 address where the kernel has no IPv6: the next address is tried."""
    with RawServer([INVOICE]) as server:
        monkeypatch.setattr(socket, "getaddrinfo", _resolver_with(_unknown_family()))
        assert sync_on(server.url, retries=0).get_invoice_by_id("x").id == "x"


def test_an_address_where_nobody_listens_is_passed_over(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """Of two addresses of a name, the second may be the one that works."""
    with RawServer([INVOICE]) as server:
        monkeypatch.setattr(socket, "getaddrinfo", _resolver_with((socket.AF_INET, ("127.0.0.2", 1))))
        assert api_on(server.url.replace("127.0.0.1", "localhost"), retries=0).get_invoice_by_id("x").id == "x"


@contextmanager
def black_hole(family: int = socket.AF_INET) -> Iterator[tuple[Any, ...]]:
    """An address of this machine that says nothing: its queue of connections is full, so the kernel drops what comes."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()


def test_a_black_hole_beside_a_live_address_costs_a_moment(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """All addresses share the time to connect, and the second is begun before the first has used it up."""
    with RawServer([INVOICE]) as server, black_hole() as nowhere:
        monkeypatch.setattr(socket, "getaddrinfo", _resolver_with((socket.AF_INET, nowhere)))
        begun = time.monotonic()
        found = api_on(server.url.replace("127.0.0.1", "localhost"), retries=0, connect_timeout=5).get_invoice_by_id(
            "x"
        )
        assert found.id == "x"
        assert time.monotonic() - begun < 1.5


def test_black_holes_alone_take_the_time_to_connect_once(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """Three addresses that say nothing take as long as one, and nothing was sent."""
    with black_hole() as one, black_hole() as two, black_hole() as three:
        infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (one, two, three)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
        begun = time.monotonic()
        with pytest.raises(xendit.TimeoutException) as caught:
            api_on("http://localhost:1", retries=0, connect_timeout=0.6).get_invoice_by_id("x")
        assert caught.value.outcome == "not_sent"
        assert 0.5 < time.monotonic() - begun < 1.5


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_localhost_with_a_dead_ipv6_address_is_reached_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """::1 refuses, or says nothing, beside a server on 127.0.0.1."""
    resolve = socket.getaddrinfo
    with RawServer([INVOICE] * 2) as server, ExitStack() as stack:
        try:
            nowhere = stack.enter_context(black_hole(socket.AF_INET6))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        for dead in (("::1", 1, 0, 0), nowhere):
            first = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", dead)
            monkeypatch.setattr(
                socket, "getaddrinfo", lambda *given, first=first, **named: [first, *resolve("127.0.0.1", *given[1:])]
            )
            begun = time.monotonic()
            sync_on(server.url.replace("127.0.0.1", "localhost"), retries=0, proxy="").get_invoice_by_id("x")
            assert time.monotonic() - begun < 0.5
            monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_families_take_turns_and_losers_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two families each second address is of the other; what did not win is closed."""
    six, four = socket.AF_INET6, socket.AF_INET
    infos: list[Any] = [(family, 1, 6, "", number) for number, family in enumerate([six, six, six, four, four])]
    assert [info[4] for info in addresses._interleaved(infos)] == [0, 3, 1, 4, 2]
    made: list[socket.socket] = []
    begin = addresses._begun
    monkeypatch.setattr(addresses, "_begun", lambda *given: made.append(begin(*given)) or made[-1])
    attempt = OpenAttempt(Limits(5, 5, 5), once=True)
    with RawServer([INVOICE]) as server, black_hole() as nowhere:
        live = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        found = [(four, socket.SOCK_STREAM, 6, "", each) for each in (nowhere, live)]
        with addresses.connected(found, (), attempt) as won:
            assert won.getpeername() == live
            assert attempt.sock is won
            assert [each.fileno() for each in made if each is not won] == [-1]


def test_an_interrupt_closes_all_that_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while several addresses are tried leaves no socket."""
    attempt = OpenAttempt(Limits(5, 5, 5), once=True)
    monkeypatch.setattr("selectors.DefaultSelector.select", mock.Mock(side_effect=KeyboardInterrupt))
    with black_hole() as one, black_hole() as two:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (one, two)]
        with pytest.raises(KeyboardInterrupt):
            addresses.connected(found, (), attempt)
    attempt.abandon()


def test_a_name_with_no_usable_address_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, api_on: Api
) -> None:
    """Whatever the HTTP library thinks of such an address, it is our error."""
    monkeypatch.setattr(socket, "getaddrinfo", _resolver_with(_unknown_family(), alone=True))
    with pytest.raises(ConnectionException, match="cannot connect to localhost:1: ") as caught:
        api_on("http://localhost:1", retries=0).get_invoice_by_id("x")
    assert caught.value.outcome == "not_sent"


def _resolver_with(first: tuple[int, tuple[Any, ...] | None], *, alone: bool = False) -> Callable[..., list[Any]]:
    """getaddrinfo with one more address before those of this machine, or with that one alone."""
    resolve = socket.getaddrinfo

    def resolved(host: Any, *given: Any, **named: Any) -> list[Any]:
        found: list[Any] = resolve("127.0.0.1" if host == "localhost" else host, *given, **named)
        family, address = first
        added = [(family, *found[0][1:4], address or found[0][4])]
        return added if alone else [*added, *found]

    return resolved


def _unknown_family() -> tuple[int, None]:
    """A family of addresses that this machine does not have."""
    return next(number for number in range(40, 90) if not _has_family(number)), None


def _has_family(number: int) -> bool:
    try:
        socket.socket(number, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def test_a_base_url_may_have_a_path(api_on: Api) -> None:
    """A gateway may serve the API below a path."""
    with RawServer([INVOICE]) as server:
        api_on(server.url + "/xendit/").get_invoice_by_id("x")
        assert server.requests[0].startswith(b"GET /xendit/v2/invoices/x ")


def test_the_registry_of_pools_is_bounded() -> None:
    """A program that meets thousands of hosts does not keep a pool for each."""
    for number in range(100):
        transport_for(xendit.Configuration(f"https://shop{number}.example", KEY))
    assert len(common._shared) <= common._KEPT_SETTINGS


def test_equal_settings_share_a_transport_and_others_do_not() -> None:
    """The key is no connection setting; the host, the pool size and the trust are."""

    def transport(**settings: object) -> ThreadTransport:
        return transport_for(xendit.Configuration("https://api.xendit.co", **{"api_key": KEY, **settings}))  # type: ignore[arg-type]

    assert transport() is transport(api_key="xnd_development_other", timeout=5)
    assert transport() is not transport(connection_pool_maxsize=3)
    assert "shop" not in repr(transport())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
def test_a_child_begins_with_pools_of_its_own() -> None:
    """The transport that a client holds is reopened in the child, and the parent's is left alone."""
    transport = transport_for(xendit.Configuration("https://api.xendit.co", KEY))
    before = transport._pool
    kept: Any = transport.reopen()
    assert transport._pool is not before
    assert kept.connection_from_url("https://api.xendit.co") is before
    transport.close()


def test_an_address_of_ip_version_6_is_reached(api_on: Api) -> None:
    """Its brackets belong to the URL, not to the address."""
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener:
        url = f"http://[::1]:{listener.getsockname()[1]}"
        with pytest.raises(ConnectionException, match=r"no answer in time") as caught:
            api_on(url, timeout=0.3, retries=0).get_invoice_by_id("x")
        assert caught.value.outcome == "unknown"  # connected and sent; nobody answers


def test_a_call_in_the_midst_of_a_call_does_not_change_what_was_sent() -> None:
    """A signal handler that calls while a create waits for its answer must not make it look unsent."""
    import signal

    seen: list[str] = []

    def silent(connection: socket.socket) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
        connection.settimeout(10)
        connection.recv(1)

    with RawServer([INVOICE] * 2) as good, RawServer([silent]) as mute:
        sync_on(good.url).get_invoice_by_id("x")  # so that all is loaded: no handler can use what is loaded halfway

        def handler(*_: object) -> None:
            seen.append(sync_on(good.url).get_invoice_by_id("x").id)

        before = signal.signal(signal.SIGALRM, handler)
        try:
            with pytest.raises(xendit.OutcomeUnknownException) as caught:
                sync_on(mute.url, timeout=1, retries=0).create_invoice(
                    {"external_id": "e", "amount": 1}, on_unknown="raise"
                )
        finally:
            signal.signal(signal.SIGALRM, before)
        assert seen == ["x"]
        assert caught.value.outcome == "unknown"
        assert len(mute.requests) == 1


def test_a_call_while_the_transport_of_another_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler, or whatever the collector runs, may call at any moment: it waits for nothing that its own thread holds."""
    told: list[str] = []
    original = common.settings_for

    def interrupted(configuration: xendit.Configuration, host: str) -> common.Settings:
        if not told:
            told.append("a signal")
            told.append(sync_on(good.url).get_invoice_by_id("x").id)
        return original(configuration, host)

    monkeypatch.setattr(common, "settings_for", interrupted)
    with RawServer([INVOICE]) as good, RawServer([INVOICE]) as other:
        calling = threading.Thread(
            target=lambda: told.append(sync_on(other.url).get_invoice_by_id("x").id), daemon=True
        )
        calling.start()
        calling.join(60)
        assert told == ["a signal", "x", "x"]


# ------------------------------------------------------------------------------------------ the edges


def test_looking_up_a_name_counts_as_connecting(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """It cannot be interrupted; when it took too long, no connection is begun."""
    resolve = socket.getaddrinfo

    def slow(*given: object, **named: object) -> object:
        time.sleep(0.15)
        return resolve(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with RawServer([INVOICE]) as server:
        named = server.url.replace("127.0.0.1", "localhost")
        with pytest.raises(TimeoutException, match="no connection to localhost:[0-9]+ in time") as caught:
            api_on(named, connect_timeout=0.1, retries=0).get_invoice_by_id("x")
        assert caught.value.outcome == "not_sent"
        assert server.connections == 0


def test_an_interrupt_while_connecting_leaves_no_socket_and_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is closed, and the frames that hold the headers are cut off."""

    def strike(self: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(OpenAttempt, "left_to_connect", strike)
    with RawServer([INVOICE]) as server:
        with pytest.raises(KeyboardInterrupt) as caught:
            sync_on(server.url).get_invoice_by_id("x")
        assert "connect" not in {entry.name for entry in caught.traceback}
        assert server.connections == 0


def test_a_connection_that_was_idle_for_long_carries_no_create(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """The server may be closing it; a read, which can be tried again, takes it."""
    with RawServer([http(200, b'{"id":"x","external_id":"e","amount":1}')]) as server:
        api = api_on(server.url)
        for module in (common, loops):
            monkeypatch.setattr(module, "FRESH", 0.0)
        for _ in range(3):
            api.get_invoice_by_id("x")
        assert server.connections == 1
        api.create_invoice({"external_id": "e", "amount": 1})
        assert server.connections == 2


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [("urllib3", "threads", "Urllib3Transport"), ("aiohttp", "loops", "AiohttpTransport")],
)
def test_the_old_names_of_the_modules_stay_with_a_warning(old: str, new: str, name: str) -> None:
    """For one minor version; what never was there is not there."""
    module = importlib.import_module(f"xendit.transport.{old}")
    with pytest.warns(DeprecationWarning, match=f"xendit.transport.{old} is xendit.transport.{new} now"):
        assert module.transport_for is importlib.import_module(f"xendit.transport.{new}").transport_for
    with pytest.warns(DeprecationWarning, match="is xendit.transport"):
        assert getattr(module, name).__module__ == f"xendit.transport.{new}"
    assert not hasattr(module, "other")


def test_a_closed_pool_takes_no_connection_back() -> None:
    """What comes back to it is closed."""
    transport = ThreadTransport(
        common.Settings(
            "http://127.0.0.1:9", maxsize=1, ca_certs=None, ssl_context=None, proxy=None, proxy_headers=None
        )
    )
    closed: list[str] = []

    class Connection:
        idle_since = 0.0

        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)

    transport._pool.close()
    transport._pool._put_conn(Connection("late"))  # type: ignore[arg-type]
    transport._pool._put_conn(None)
    assert closed == ["late"]


def test_ones_own_proxy_authorization_wins(server: TlsServer, ca_file: str, api_on: Api) -> None:
    """A proxy may want another scheme than Basic."""
    tunnel = Proxy()
    api = api_on(
        server.url,
        ssl_ca_cert=ca_file,
        proxy=f"http://user:secret-pass@{tunnel.address}",
        proxy_headers={"Proxy-Authorization": "Bearer own-token"},
    )
    assert api.get_invoice_by_id("x").id == "x"
    assert b"Proxy-Authorization: Bearer own-token\r\n" in tunnel.requests[0]
    assert tunnel.requests[0].lower().count(b"proxy-authorization") == 1
    transport = inner(api).api_client._shared_transport()
    assert "own-token" not in repr(vars(transport)) + repr(vars(transport.settings))
    tunnel.close()


def test_closing_an_answer_twice_is_fine() -> None:
    """The collector closes reader and answer in any order."""
    from xendit.transport.framing import TimedResponse, _TimedRaw

    attempt = OpenAttempt(Limits(1.0, 1.0, 1.0), once=False)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        raw = _TimedRaw(ours, attempt)
        raw.close()
        raw.close()
        assert raw.closed
        answer = TimedResponse(ours, attempt=attempt)
        answer.fp.close()
        answer._close_conn()
        assert answer.isclosed()


@pytest.mark.parametrize("seen", [True, False])
def test_all_transports_begin_anew_in_a_child(seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the hook of fork, or, where nobody ran it, at the next send: every pool is another one, and calls go on."""
    with RawServer([INVOICE]) as server:
        api = sync_on(server.url)
        api.get_invoice_by_id("x")
        transport = api.api_client._shared_transport()
        before = transport._pool
        monkeypatch.setattr(os, "getpid", lambda: -1)
        if seen:
            common._reset_in_child()
            assert transport._pool is not before
        for _ in range(2):
            api.get_invoice_by_id("x")
        assert transport._pool is not before
        assert server.connections == 2
        monkeypatch.undo()
        common._reset_in_child()


@pytest.mark.parametrize("module", ["common", "loops"])
def test_a_platform_without_fork_and_poll_is_fine(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has no hook to register with, and looks at sockets by select."""
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    monkeypatch.delattr(select, "poll", raising=False)
    monkeypatch.setattr(wait, "wait_for_socket", wait.select_wait_for_socket)  # urllib3 has looked for poll already
    original = importlib.import_module(f"xendit.transport.{module}")
    specification = importlib.util.spec_from_file_location("copy_for_windows", original.__file__)
    assert specification is not None
    assert specification.loader is not None
    copy = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(copy)
    if module == "common":
        configuration = xendit.Configuration("http://127.0.0.1:9", KEY)
        assert copy.shared_transport(configuration, ThreadTransport) is not transport_for(configuration)
    else:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            assert not copy._readable(ours)
            theirs.send(b"x")
            assert copy._readable(ours)


def test_a_header_with_a_line_break_is_never_written() -> None:
    """Whoever let it pass: what follows the break would be a header, or a request, of its own."""
    wire = transport_for(xendit.Configuration("http://127.0.0.1:9", KEY)).settings.wire
    operation = OPERATIONS[0]
    for value in ("a\r\nX-Other: b", "a\nX-Other: b", "a\rX-Other: b"):
        for request in (
            Request(operation, "GET", "/", {"x-one": value}, None),
            Request(operation, "GET", "/", {value: "x"}, None),
            Request(operation, "GET", f"/{value}", {}, None),
        ):
            with pytest.raises(ValueError, match="line break"):
                wire.written(request)


def test_a_connection_that_ends_before_the_request_is_written_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between connecting and the first byte: not even a create may have arrived."""
    connect = loops._Connector.connect

    async def ended(*given: Any, **named: Any) -> Any:
        connection = await connect(*given, **named)
        assert connection.transport is not None
        connection.transport.abort()
        return connection

    monkeypatch.setattr(loops._Connector, "connect", ended)
    with RawServer([INVOICE]) as server, apis_in("async") as make:
        with pytest.raises(ConnectionException, match="the server closed it") as caught:
            make(xendit.Configuration(server.url, KEY, retries=0)).create_invoice({"external_id": "e", "amount": 1})
        assert (caught.value.outcome, server.requests) == ("not_sent", [])
