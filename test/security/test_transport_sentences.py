"""Sentences 1 to 8: certificates, hosts, redirects, proxies, encodings, sizes, cut bodies. Over real sockets."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
import warnings
from datetime import datetime, timedelta, timezone
from itertools import product
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import trustme
from faults.worlds import WORLDS, apis_in, inner
from recorded import KEY
from urllib3.connection import HTTPSConnection

import xendit
from security.listeners import Answering, Proxy
from security.surfaces import leaks
from xendit.exceptions import (
    ConfigurationException,
    ConnectionException,
    OutcomeUnknownException,
    ResponseException,
    TimeoutException,
    TlsException,
    XenditSdkException,
)
from xendit.policy import RetryPolicy
from xendit.transport import common
from xendit.transport.threads import transport_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.server import FaultServer

    from xendit.apis import InvoiceApi

    Api = Callable[..., InvoiceApi]

ORDER = {"external_id": "e", "amount": 1000}
CALLS: dict[str, Callable[[InvoiceApi], Any]] = {
    "create": lambda api: api.create_invoice(ORDER),
    "get": lambda api: api.get_invoice_by_id("x"),
    "list": lambda api: api.get_invoices(),
    "expire": lambda api: api.expire_invoice("x"),
}


def good(connection: Any, body: bytes = b'{"id":"x","external_id":"e","amount":1000}', *headers: bytes) -> None:
    """Send a good answer."""
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: application/json", f"Content-Length: {len(body)}".encode(), *headers]
    connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def test_s01_the_certificate_is_for_this_host_and_signed_by_the_own_authority(
    server_context: ssl.SSLContext, api_on: Api
) -> None:
    """The good case, without which the refusals below would prove nothing."""
    with Answering(good, context=server_context) as server:
        assert api_on(server).get_invoice_by_id("x").id == "x"
        assert (server.handshakes, len(server.requests)) == (1, 1)


def _bad_context(defect: str, authority: trustme.CA) -> ssl.SSLContext:
    """A TLS server's context with something wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if defect == "unknown CA":
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    elif defect == "wrong host":
        authority.issue_cert("api.xendit.co", "127.0.0.2").configure_cert(context)
    elif defect == "expired":
        long_ago = datetime(2020, 1, 1, tzinfo=timezone.utc)
        authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=long_ago + timedelta(days=9)).configure_cert(
            context
        )
    elif defect == "not yet valid":
        some_day = datetime(2090, 1, 1, tzinfo=timezone.utc)
        authority.issue_cert("127.0.0.1", not_before=some_day, not_after=some_day + timedelta(days=9)).configure_cert(
            context
        )
    else:
        own = trustme.CA()
        with own.private_key_pem.tempfile() as key, own.cert_pem.tempfile() as certificate:
            context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("defect", ["unknown CA", "wrong host", "expired", "not yet valid", "self-signed"])
def test_s01_a_bad_certificate_is_refused_after_one_handshake(
    defect: str, operation: str, authority: trustme.CA, api_on: Api
) -> None:
    """TlsException, nothing sent, nothing looked up, not tried again though retries are allowed."""
    with Answering(good, context=_bad_context(defect, authority)) as server:
        with pytest.raises(TlsException, match=r"TLS with 127\.0\.0\.1:\d+ failed") as caught:
            CALLS[operation](api_on(server, retries=2))
        assert (server.connections, server.requests) == (1, [])
    assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 1)


def test_s02_the_context_verifies_and_begins_at_tls_1_2(ca_file: str) -> None:
    """Ours does, with the system's authorities or with a file, and no argument can lower it."""
    for settings in ({}, {"ssl_ca_cert": ca_file}):
        transport = transport_for(xendit.Configuration("https://api.xendit.co", KEY, **settings))  # type: ignore[arg-type]
        context = transport.settings.ssl_context
        assert context is not None
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname is True
        connection = transport._pool._new_conn()
        assert isinstance(connection, HTTPSConnection)
        assert connection.ssl_context is context
        assert (connection.cert_reqs, connection.assert_hostname) == (ssl.CERT_REQUIRED, None)


def test_s02_no_switch_turns_verification_off() -> None:
    """The official one is refused with a reason; the others have no effect and say so."""
    with pytest.raises(ConfigurationException, match="certificates are always verified"):
        xendit.Configuration(api_key=KEY, verify_ssl=False)
    configuration = xendit.Configuration(api_key=KEY)
    with pytest.raises(ConfigurationException, match="certificates are always verified"):
        configuration.verify_ssl = False
    for name in ("assert_hostname", "tls_server_name", "cert_file", "key_file"):
        with pytest.warns(xendit.XenditWarning, match="no effect"):
            xendit.Configuration(api_key=KEY, **{name: "x"})  # type: ignore[arg-type]


def test_s02_an_own_context_is_used_and_must_be_as_strict(
    authority: trustme.CA, server_context: ssl.SSLContext, api_on: Api
) -> None:
    """A context that trusts the authority works; one that verifies less is refused when it is set."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Answering(good, context=server_context) as server:
        assert api_on(server, ssl_context=context).get_invoice_by_id("x").id == "x"
        with pytest.raises(TlsException):
            api_on(server, ssl_context=ssl.create_default_context()).get_invoice_by_id("x")
    without_name = ssl.create_default_context()
    without_name.check_hostname = False
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    optional = ssl.create_default_context()
    optional.check_hostname = False
    optional.verify_mode = ssl.CERT_OPTIONAL
    old = ssl.create_default_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1_1
    lowest = ssl.create_default_context()
    lowest.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    lowest.set_ciphers("ALL:@SECLEVEL=0")
    for weak, said in (
        (without_name, "host names"),
        (unverified, "host names"),
        (optional, "host names"),
        (old, r"TLS 1\.2"),
        (lowest, r"TLS 1\.2"),
    ):
        with pytest.raises(ConfigurationException, match=said):
            xendit.Configuration(api_key=KEY, ssl_context=weak)
    with pytest.raises(ConfigurationException, match=r"ssl\.SSLContext"):
        xendit.Configuration(api_key=KEY, ssl_context="strict")  # type: ignore[arg-type]


def test_s02_a_client_certificate_of_an_own_context_is_shown(authority: trustme.CA, api_on: Api) -> None:
    """What ssl_context is for: a gateway that wants to know its clients."""
    demanding = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(demanding)
    authority.configure_trust(demanding)
    demanding.verify_mode = ssl.CERT_REQUIRED
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Answering(good, context=demanding) as server:
        with pytest.raises(ConnectionException):
            api_on(server, ssl_context=context).get_invoice_by_id("x")
        assert server.requests == []
        known = ssl.create_default_context()
        authority.configure_trust(known)
        authority.issue_cert("merchant.example").configure_cert(known)
        assert api_on(server, ssl_context=known).get_invoice_by_id("x").id == "x"


@pytest.mark.parametrize("context_of", ["ours", "distribution"])
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_s02_a_server_of_old_tls_is_refused(version: str, context_of: str, authority: trustme.CA, api_on: Api) -> None:
    """One handshake, nothing sent; the same server is reached by a client that allows it. A context in which a
    distribution's Python sets no minimum is as strict, by its OpenSSL.
    """
    settings = {}
    if context_of == "distribution":
        if ssl.OPENSSL_VERSION_INFO < (3,):
            pytest.skip("OpenSSL 1.1.1 has no such rule, and the context is refused")
        open_below = ssl.create_default_context()
        open_below.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        authority.configure_trust(open_below)
        settings["ssl_context"] = open_below
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(old)
    lax = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(lax)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for context in (old, lax):
            context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
            context.set_ciphers("ALL:@SECLEVEL=0")
    with Answering(good, context=old) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            try:
                lax.wrap_socket(plain, server_hostname="127.0.0.1").close()
            except ssl.SSLError as error:
                pytest.skip(f"this OpenSSL cannot serve {version}: {error}")
        with pytest.raises(TlsException) as caught:
            api_on(server, retries=2, **settings).get_invoice_by_id("x")
        assert (server.connections, server.requests) == (2, [])
    assert (caught.value.outcome, caught.value.attempts) == ("not_sent", 1)


@pytest.mark.parametrize("operation", ["create", "get"])
def test_s02_a_handshake_that_stalls_ends_at_the_budget(operation: str, tls_faults: FaultServer, api_on: Api) -> None:
    """A byte of the server's hello at a time, which restarts every clock but ours."""
    tls_faults.script(default="tls_stall:gap=0.03")
    for limits, seconds in (
        ({"timeout": 0.6}, 0.6 * (2 / 3 if operation == "create" else 1)),
        ({"connect_timeout": 0.4}, 0.4),
    ):
        started = time.monotonic()
        with pytest.raises(TimeoutException) as caught:
            CALLS[operation](api_on(tls_faults, **limits))
        assert seconds - 0.05 <= time.monotonic() - started < seconds + 0.25
        assert caught.value.outcome == "not_sent"
    assert [entry.method for entry in tls_faults.journal] == ["", ""]


BAD_HOSTS = [
    "http://api.xendit.co",
    "HTTP://API.XENDIT.CO",
    "ftp://127.0.0.1",
    "//127.0.0.1",
    "127.0.0.1:80",
    "http://localhost@evil.invalid",
    "https://user:pw@127.0.0.1",
    "https://127.0.0.1/?q=1",
    "https://127.0.0.1/#f",
    "https://127.0.0.1?",
    "http://127.0.0.1.evil.invalid",
    "http://localhost.evil.invalid",
    "http://0.0.0.0",
    "http://127.1",
    "http://2130706433",
    "http://[::ffff:127.0.0.1]",
    "http://localhost\\@evil.invalid",
    "http://localhost\t.evil.invalid",
    "https://h\nost",
    "https://",
    "https:///v2",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "",
    " ",
]


@pytest.mark.parametrize("host", [host for host in BAD_HOSTS if host], ids=repr)
def test_s03_only_https_or_this_machine(host: str) -> None:
    """The key never goes out in clear text, nor to a host that only looks like this machine."""
    with pytest.raises(ConfigurationException, match="host"):
        xendit.Configuration(host, KEY)
    configuration = xendit.Configuration(api_key=KEY)
    with pytest.raises(ConfigurationException, match="host"):
        configuration.host = host


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:1",
        "http://localhost",
        "http://[::1]:9",
        "https://api.xendit.co/",
        "https://gate.example:8443/x",
    ],
)
def test_s03_good_hosts_need_no_flag(host: str) -> None:
    """Plain http works for this machine as it is: a sandbox needs no switch."""
    assert xendit.Configuration(host, KEY).host == host.rstrip("/")


def test_s03_a_container_is_allowed_by_name_and_gets_test_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """By insecure_host or XENDIT_ALLOW_HTTP; a live key, or one of a kind not known, is refused before any socket."""
    live, odd = KEY.replace("_development_", "_production_"), "xnd_other_0123456789012345678901234567890123"
    for allow in ({"insecure_host": "Sandbox"}, {"insecure_host": ["a", "sandbox"]}, {}):
        if not allow:
            with pytest.raises(ConfigurationException, match="insecure_host='sandbox' or XENDIT_ALLOW_HTTP=sandbox"):
                xendit.Configuration("http://sandbox:1")
            monkeypatch.setenv("XENDIT_ALLOW_HTTP", "host.docker.internal, sandbox,")
        assert xendit.Configuration("http://sandbox:1", **allow).host == "http://sandbox:1"
        xendit.ApiClient(xendit.Configuration("http://sandbox:1", KEY, **allow)).check_settings()
        for key, world in product((live, odd, lambda: live), WORLDS):
            with mock.patch("socket.getaddrinfo", side_effect=AssertionError), apis_in(world) as make:
                with pytest.raises(ConfigurationException, match="is no test key: it was not sent"):
                    make(xendit.Configuration("http://sandbox:1", key, **allow)).get_invoices()
        with pytest.raises(ConfigurationException, match="must begin with https"):
            xendit.Configuration("http://sandbox.evil.example", **allow)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://sandbox", "without http:// and port"),
        ("sandbox:8420", "without http:// and port"),
        ("*", "names such as sandbox"),
        ("api.xendit.co", "must not hold Xendit's own hosts"),
        (["xendit.co"], "must not hold Xendit's own hosts"),
        (7, "an int was given"),
        ([None], "None was given"),
    ],
)
def test_s03_what_cannot_be_allowed(given: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is a name, no pattern and no URL, and never Xendit's."""
    with pytest.raises(ConfigurationException, match=f"insecure_host .*{said}"):
        xendit.Configuration(insecure_host=given)
    if isinstance(given, str):
        monkeypatch.setenv("XENDIT_ALLOW_HTTP", given)
        with pytest.raises(ConfigurationException, match=f"XENDIT_ALLOW_HTTP .*{said}"):
            xendit.Configuration("http://sandbox")


def test_s03_the_environment_is_checked_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """XENDIT_BASE_URL is no way around it."""
    monkeypatch.setenv("XENDIT_BASE_URL", "http://api.xendit.co")
    with pytest.raises(ConfigurationException, match="https"):
        xendit.InvoiceApi(KEY).get_invoices()
    with pytest.raises(ConfigurationException, match="https"):
        xendit.ApiClient(xendit.Configuration(api_key=KEY)).check_settings()


@pytest.mark.parametrize(
    "where",
    [
        "",
        "loop=1",
        "to=http://localhost:PORT/v2/invoices/x",
        "to=/v2/invoices/x",
        "to=file:///etc/passwd",
        "to=//evil.invalid/",
        "to=ftp://127.0.0.1/",
    ],
)
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_s04_no_redirect_is_followed(code: int, where: str, faults: FaultServer, api_on: Api) -> None:
    """Not to another port, host or scheme, nor to the same one: the other origin sees no connection."""
    assert faults.peer is not None
    peer_port = faults.peer_url.rpartition(":")[2]
    behaviour = f"redirect:code={code}" + (f",{where.replace('PORT', peer_port)}" if where else "")
    for operation, method in (("get", "GET"), ("list", "GET")):
        faults.forget()
        faults.script(default=behaviour)
        with pytest.raises(XenditSdkException, match="a redirect, which is not followed") as caught:
            CALLS[operation](api_on(faults))
        assert caught.value.status == str(code)
        assert [entry.method for entry in faults.journal] == [method]
        assert faults.peer.connections == 0
    faults.forget()
    faults.script(behaviour)
    with pytest.raises(OutcomeUnknownException) as lost:
        CALLS["create"](api_on(faults, retries=RetryPolicy(first_wait=0)))
    assert lost.value.status == str(code)
    assert faults.journal[0].operation == "create"
    assert {entry.operation for entry in faults.journal[1:]} <= {"list"}
    faults.forget()
    faults.script(default=behaviour)
    with pytest.raises(XenditSdkException) as refused:
        CALLS["expire"](api_on(faults))
    assert refused.value.status == str(code)
    assert faults.peer.connections == 0


# ------------------------------------------------------------------------------------------ proxies

PASSWORD = "prox%C3%A9-s3cret"
CREDENTIALS = "user:proxé-s3cret"


in_both_worlds_since_3_11 = pytest.mark.parametrize(
    "api_on", WORLDS if sys.version_info >= (3, 11) else WORLDS[:1], indirect=True
)


@pytest.mark.parametrize("how", ["setting", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_s05_a_proxy_gets_the_credentials_that_it_demands(
    how: str,
    server_context: ssl.SSLContext,
    api_on: Api,
    ca_file: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """By setting or by the environment, which is honoured; they go to the proxy alone and show nowhere."""
    with Answering(good, context=server_context) as server, Proxy(CREDENTIALS) as proxy:
        url = f"http://user:{PASSWORD}@{proxy.address}"
        if how == "setting":
            api = api_on(server, proxy=url)
        else:
            monkeypatch.setenv(how, url)
            api = api_on(server)
        assert api.get_invoice_by_id("x").id == "x"
        assert (proxy.connections, proxy.refused) == (1, 0)
        assert proxy.requests[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.".encode())
        assert b"proxy-authorization: Basic ".lower() in proxy.requests[0].lower()
        assert b"proxy-authorization" not in server.requests[0].lower()
        api = inner(api)
        client = api.api_client
        shown = repr(api) + repr(vars(api)) + repr(vars(client)) + repr(client.describe()) + repr(client.configuration)
        shown += repr(vars(client._shared_transport())) + "".join(capfd.readouterr())
        assert "s3cret" not in shown


MANNERS = {
    "refuses": (None, "407 Proxy Authentication Required"),
    "drip": (0.8, "in time"),
    "hang": (0.8, "in time"),
    "rst": (None, "cannot connect"),
    "garbage": (None, "cannot connect"),
    "odd": (None, "502"),
    "flood": (None, "cannot connect|in time"),  # older aiohttps read a head without end, for as long as there is time
}


@pytest.mark.parametrize("operation", ["create", "get"])
@pytest.mark.parametrize("manner", MANNERS)
def test_s05_a_bad_proxy_means_that_nothing_was_sent(
    manner: str, operation: str, server_context: ssl.SSLContext, api_on: Api
) -> None:
    """It answers 407, drips its answer, hangs, hangs up, babbles: within the time to connect, and no password shows."""
    seconds, said = MANNERS[manner]
    refuses = manner == "refuses"
    with (
        Answering(good, context=server_context) as server,
        Proxy("other:pw" if refuses else None, "good" if refuses else manner) as proxy,
    ):
        url = f"http://user:{PASSWORD}@{proxy.address}"
        started = time.monotonic()
        with pytest.raises(ConnectionException, match=said) as caught:
            CALLS[operation](api_on(server, proxy=url, connect_timeout=0.8))
        elapsed = time.monotonic() - started
        assert caught.value.outcome == "not_sent"
        assert not isinstance(caught.value, TlsException)
        assert isinstance(caught.value, TimeoutException) is (seconds is not None) or manner == "flood"
        assert elapsed < (seconds or 0.8) + 0.3
        assert (server.connections, proxy.connections) == (0, 1)
        encoded = proxy.requests[0].partition(b"Basic ")[2].split(b"\r\n")[0].decode()
        assert leaks(caught.value, ("s3cret", encoded)) == []


@in_both_worlds_since_3_11
def test_s05_a_proxy_that_speaks_tls(
    server_context: ssl.SSLContext, api_on: Api, monkeypatch: pytest.MonkeyPatch, ca_file: str
) -> None:
    """An https:// proxy is verified too, by the system's authorities; TLS to the host goes through it."""
    with Answering(good, context=server_context) as server, Proxy("user:pw", context=server_context) as proxy:
        url = f"https://user:pw@{proxy.address}"
        with pytest.raises(ConnectionException) as caught:
            api_on(server, proxy=url).get_invoice_by_id("x")
        assert caught.value.outcome == "not_sent"
        assert proxy.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", ca_file)
        common._shared.clear()
        api = api_on(server, proxy=url)
        for _ in range(3):
            assert api.get_invoice_by_id("x").id == "x"
        assert server.connections == 1
        closing = lambda connection: good(connection, b'{"id":"x"}' + b" " * 100_000, b"Connection: close")
        server._answers.insert(0, closing)
        assert api.get_invoice_by_id("x").id == "x"
        common._shared.clear()


def test_s05_where_asyncio_has_no_tls_in_tls_it_is_said(monkeypatch: pytest.MonkeyPatch, api_on: Api) -> None:
    """Python 3.10: before anything is sent, and without the proxy's password. Threads can do it everywhere."""
    from xendit.transport import loops

    monkeypatch.setattr(loops, "_TLS_IN_TLS", False)
    api = api_on("https://127.0.0.1:9", proxy="https://user:s3cret@127.0.0.1:9")
    expected = ConnectionException if inner(api) is api else xendit.exceptions.ConfigurationException
    with pytest.raises(expected) as caught:
        api.get_invoice_by_id("x")
    assert "s3cret" not in str(caught.value)
    if inner(api) is not api:
        assert "Python 3.11" in str(caught.value)


@in_both_worlds_since_3_11
@pytest.mark.parametrize("secure", [False, True], ids=["http proxy", "https proxy"])
def test_s05_a_handshake_through_a_proxy_ends_in_time(
    secure: bool, server_context: ssl.SSLContext, api_on: Api, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tunnel is open, and the host's hello comes a byte at a time: TLS within TLS has no clock of its own."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    with Proxy(manner="inner", context=server_context if secure else None) as proxy:
        started = time.monotonic()
        with pytest.raises(TimeoutException) as caught:
            api_on(
                "https://127.0.0.1:9", proxy=f"http{'s' * secure}://{proxy.address}", connect_timeout=0.8
            ).get_invoice_by_id("x")
        assert time.monotonic() - started < 1.2
    assert caught.value.outcome == "not_sent"


def test_s05_a_proxys_url_that_cannot_be_used_shows_no_password() -> None:
    """Neither in the error nor in the variables of its frames."""
    for url in (f"http://user:{PASSWORD}@[bad", f"http://user:{PASSWORD}@:0x"):
        with pytest.raises(ConfigurationException) as caught:
            xendit.ApiClient(xendit.Configuration("https://api.xendit.co", KEY, proxy=url))._shared_transport()
        # the configuration holds the URL as it was set; nobody else does
        assert [text for text in leaks(caught.value, ("s3cret",)) if ".configuration: {" not in text] == []


def test_s05_which_hosts_the_environment_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY, and this machine without TLS; a setting wins over both, and "" means none."""
    monkeypatch.setenv("HTTPS_PROXY", "http://env.invalid:1")
    monkeypatch.setenv("HTTP_PROXY", "http://env.invalid:2")
    monkeypatch.setenv("NO_PROXY", "spared.invalid")

    def proxy_of(host: str, **settings: str) -> str | None:
        return transport_for(xendit.Configuration(host, KEY, **settings)).settings.proxy  # type: ignore[arg-type]

    assert proxy_of("https://api.xendit.co") == "http://env.invalid:1"
    assert proxy_of("https://spared.invalid") is None
    assert proxy_of("http://127.0.0.1:9") is None
    assert proxy_of("https://api.xendit.co", proxy="") is None
    assert proxy_of("https://spared.invalid", proxy="http://own.invalid:3") == "http://own.invalid:3"


# ------------------------------------------------------------------------------------------ encodings and sizes


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("gzip_truncated", "not whole"),
        ("gzip_garbage", "says that it is gzip, and is not"),
        ("gzip_bomb:mb=8", "longer than 4096 KiB"),
        ("gzip_nested", "which was not asked for"),
        ("encoding_unknown", "which was not asked for"),
    ],
)
def test_s06_no_encoding_is_asked_for_and_gzip_alone_is_taken(
    behaviour: str, said: str, operation: str, faults: FaultServer, api_on: Api
) -> None:
    """Every request says identity; what is packed all the same is read as gzip, or refused. (Memory: test_memory.py.)"""
    order = faults.add("e", 2000)
    api = api_on(faults)
    faults.script(behaviour)
    calls = {
        **CALLS,
        "get": lambda api: api.get_invoice_by_id(order["id"]),
        "expire": lambda api: api.expire_invoice(order["id"]),
    }
    if operation in ("create", "expire"):  # the server did it, and that is found out
        assert calls[operation](api).external_id == "e"
    else:
        with pytest.raises(ResponseException, match=said) as caught:
            calls[operation](api)
        assert (caught.value.http_status, caught.value.outcome) == (200, "done")
    assert all("accept-encoding" in entry.headers for entry in faults.journal)


def test_s06_the_header_says_identity_and_cannot_be_changed(api_on: Api) -> None:
    """A caller's own header of that name is refused."""
    with Answering(good) as server:
        api_on(server).get_invoice_by_id("x")
        assert b"\r\naccept-encoding: identity\r\n" in server.requests[0].lower()
        for name in ("Accept-Encoding", "accept-encoding"):
            with pytest.raises(xendit.ApiValueError, match="set by the client"):
                api_on(server).get_invoice_by_id("x", _headers={name: "gzip"})


def _sized(size: int, framing: str, status: int = 200) -> Callable[[Any], None]:
    def answer(connection: Any) -> None:
        body = b'{"id":"x","description":"' + b"a" * (size - 27) + b'"}'
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n".encode()
        if framing == "length":
            connection.sendall(head + f"Content-Length: {size}\r\n\r\n".encode() + body)
        elif framing == "chunked":
            connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for place in range(0, size, 100_000):
                piece = body[place : place + 100_000]
                connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        else:
            connection.sendall(head + b"\r\n" + body)
            connection.close()

    return answer


LIMIT = 4 * 1024 * 1024


@pytest.mark.parametrize("framing", ["length", "chunked", "none"])
def test_s07_four_mebibytes_are_read_and_no_more(framing: str, api_on: Api) -> None:
    """Exactly the limit is fine; one byte more is refused, however it is framed."""
    with Answering(_sized(LIMIT, framing), _sized(LIMIT + 1, framing)) as server:
        assert len(api_on(server).get_invoice_by_id("x").description or "") == LIMIT - 27
        with pytest.raises(ResponseException, match="longer than 4096 KiB") as caught:
            api_on(server).get_invoice_by_id("x")
        assert caught.value.http_status == 200


def test_s07_reading_stops_soon_after_the_limit(api_on: Api) -> None:
    """The server cannot send much more than 4 MiB and what the kernel's buffers hold."""
    sent = []

    def endless(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")
        try:
            while True:
                connection.sendall(b"a" * 65536)
                sent.append(65536)
        except OSError:
            return

    with Answering(endless) as server:
        with pytest.raises(ResponseException, match="longer than"):
            api_on(server).get_invoice_by_id("x")
    assert sum(sent) < 4 * LIMIT


@pytest.mark.parametrize("framing", ["length", "chunked", "none"])
def test_s07_an_error_body_is_cut_at_64_kib(framing: str, api_on: Api) -> None:
    """The status is what counts; the beginning of the body is kept."""
    with Answering(_sized(1_000_000, framing, 500)) as server:
        with pytest.raises(xendit.ServiceException) as caught:
            api_on(server).get_invoice_by_id("x")
    assert len(caught.value.body or "") == 64 * 1024


def _headers(lines: list[bytes]) -> Callable[[Any], None]:
    return lambda connection: good(connection, b'{"id":"x"}', *lines)


@pytest.mark.parametrize(
    ("lines", "fine"),
    [
        ([b"X-A: 1"] * 90, True),
        ([b"X-A: 1"] * 120, False),
        ([b"X-A: " + b"a" * 60_000], True),
        ([b"X-A: " + b"a" * 70_000], False),
        ([b"X-A: " + b"a" * 30_000] * 3, False),
    ],
    ids=["90 lines", "120 lines", "60 kB", "70 kB", "3 x 30 kB"],
)
def test_s07_headers_have_limits(lines: list[bytes], fine: bool, api_on: Api) -> None:
    """100 lines and 64 KiB in all; beyond that it is our error."""
    with Answering(_headers(lines)) as server:
        if fine:
            assert api_on(server).get_invoice_by_id("x").id == "x"
        else:
            with pytest.raises(ConnectionException) as caught:
                api_on(server).get_invoice_by_id("x")
            assert caught.value.outcome == "unknown"


CUTS = [
    "truncated_body",
    "half_body",
    "half_body_rst",
    "half_body_nolength",
    "chunk_truncated",
    "chunk_noend",
    "chunk_garbage",
    "chunk_huge",
    "rst_mid_response",
]


@pytest.mark.parametrize("behaviour", CUTS)
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_s08_a_cut_body_is_always_noticed(
    behaviour: str, secure: bool, request: pytest.FixtureRequest, api_on: Api
) -> None:
    """Content-Length, chunks and JSON that ends early; a create that was cut is found by its look-up."""
    server: FaultServer = request.getfixturevalue("tls_faults" if secure else "faults")
    order = server.add("e", 1000)
    for call in (lambda api: api.get_invoice_by_id(order["id"]), lambda api: api.get_invoices()):
        server.script(behaviour)
        with pytest.raises((ConnectionException, ResponseException)):
            call(api_on(server))
    server.script(behaviour)
    assert api_on(server).create_invoice({"external_id": behaviour, "amount": 1}).external_id == behaviour
    assert len(server.ledger.of(behaviour)) == 1


def test_s08_every_cut_of_an_answer_is_noticed(api_on: Api) -> None:
    """At every 7th byte of head and body, with a length, in chunks and without either."""
    body = json.dumps({"id": "x", "amount": 1, "items": [{"name": "a", "price": 1, "quantity": 1}]}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    framed = {
        "length": head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body,
        "chunked": head
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + f"{len(body):x}\r\n".encode()
        + body
        + b"\r\n0\r\n\r\n",
        "none": head + b"\r\n" + body,
    }

    def cut(whole: bytes, place: int) -> Callable[[Any], None]:
        def answer(connection: Any) -> None:
            connection.sendall(whole[:place])
            connection.close()

        return answer

    cuts = [(name, place) for name, whole in framed.items() for place in range(0, len(whole) - 4, 7)]
    with Answering(*(cut(framed[name], place) for name, place in cuts)) as server:
        api = api_on(server)
        for _ in cuts:
            with pytest.raises((ConnectionException, ResponseException)):
                api.get_invoice_by_id("x")
    for whole in framed.values():
        with Answering(cut(whole, len(whole))) as server:
            assert api_on(server).get_invoice_by_id("x").id == "x"
