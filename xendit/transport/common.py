"""What the transports of threads and of event loops share: limits, connection settings, the registry by which clients with
equal settings share connections, how a request is written on the wire, and what failures are called.
"""

from __future__ import annotations

import os
import ssl
import threading
import weakref
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from xendit.exceptions import ConfigurationException
from xendit.marks import mark
from xendit.messages import TransportError, foreign_encoding
from xendit.policy import RetryBudget
from xendit.process import Process
from xendit.transport.proxies import is_refusal, proxy_for, proxy_parts, shown_way

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from typing import Protocol, TypeVar

    from xendit.configuration import Configuration
    from xendit.headers import Headers
    from xendit.operation import Request

    class Transport(Protocol):
        """What the registry asks of a transport."""

        process: Process
        """The process whose connections it has. Each send checks that, because some forks do not run
        `_reset_in_child`."""

        def reopen(self) -> object:
            """Begin anew in a forked child; return the parent's connections, which the child keeps and never closes."""

    T = TypeVar("T", bound=Transport)

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a good answer: a page of 100 invoices is about 0.4 MiB."""
ERROR_LIMIT = 64 * 1024
"""Bytes of an error body that are kept."""
HEAD_LIMIT = 64 * 1024
"""Bytes of an answer's status line and headers, those of interim answers included."""
FRESH = 5.0
"""Seconds that a kept connection may have been idle and still carry a request that must not be sent twice.

The server may close an idle connection at the very moment when a request is sent over it. Then nobody knows whether the
server has read the request.
"""
_KEPT_SETTINGS = 32
"""How many sets of connection settings are remembered, with their pools, for the next client that has the same."""


_READ_ENCODINGS = ("", "identity", "gzip", "x-gzip")
"""Encodings of an answer that are read. The first two are all that is asked for.

Gateways and caches on the way compress answers all the same, above all their own error pages. So gzip is read. The
limits of size hold for the decompressed data, so that a small answer cannot fill the memory. Any other encoding is
refused, with its name in the error.
"""
_GZIP = 16 + zlib.MAX_WBITS
"""Tells zlib that the data has gzip's header."""

_STEP = 256 * 1024
"""Bytes that are decompressed at once."""
_MEMBERS = 16
"""How many parts a gzip file may have: a file of very many empty parts would take long to read."""


class Unreadable(Exception):
    """An answer that is not read to its end on purpose."""

    def __init__(self, message: str, status: int, headers: Headers) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers

    def failure(self) -> TransportError:
        """What an attempt with such an answer returns."""
        return TransportError("unreadable", str(self), sent=True, status=self.status, headers=self.headers)


# ------------------------------------------------------------------------------------------ settings


class Settings:
    """Where and how to connect, and the budget of retries that all clients with these settings share.

    Args:
        host: the base URL.
        maxsize: how many connections are kept for threads. When more threads send at once, more connections are opened,
            and closed after use.
        ca_certs: path of a file of CA certificates, else the system's.
        ssl_context: a context to use instead.
        proxy: URL of the proxy, with its credentials, or None.
        proxy_headers: headers for the proxy.
        proxy_origin: where the proxy was named, for messages.

    Attributes:
        address: host and port, with the proxy on the way to them, for messages.
        secure: whether the host is reached by TLS.
        wire: how requests are written.
        budget: what all clients may spend on retries together.
    """

    def __init__(
        self,
        host: str,
        *,
        maxsize: int,
        ca_certs: str | None,
        ssl_context: ssl.SSLContext | None,
        proxy: str | None,
        proxy_headers: Mapping[str, str] | None,
        proxy_origin: str = "Configuration.proxy",
    ) -> None:
        url = parse_url(host)
        self.host = host
        self.maxsize = maxsize
        self.secure = url.scheme == "https"
        self.address = f"{url.host}:{url.port or (443 if self.secure else 80)}"
        self.ssl_context = ssl_context or (tls_context(ca_certs) if self.secure else None)
        self.proxy, self.proxy_headers = proxy_parts(proxy, proxy_headers)
        self.address = shown_way(self.address, self.proxy, proxy_origin)
        port = "" if url.port in (None, 443 if self.secure else 80) else f":{url.port}"
        if self.proxy and not self.secure:  # there is no CONNECT that would carry the proxy's headers
            self.wire = Wire(f"{url.host}{port}", host, self.proxy_headers)
        else:
            self.wire = Wire(f"{url.host}{port}", (url.path or "").rstrip("/"), {})
        self.budget = RetryBudget()


class Wire:
    """How requests go on the wire.

    Args:
        host: the value of the Host header.
        prefix: what stands before a request's target: the path of the base URL, or the whole URL for an http proxy.
        added: headers for that proxy.
    """

    __slots__ = ("_added", "_host", "_prefix")

    def __init__(self, host: str, prefix: str, added: Mapping[str, str]) -> None:
        self._host = host
        self._prefix = prefix
        self._added = added

    def written(self, request: Request) -> bytes:
        """The bytes of a request. Raises ValueError for a line break, by which one header would become two."""
        body = request.body or b""
        lines = [f"{request.method} {self._prefix}{request.target} HTTP/1.1", f"Host: {self._host}"]
        headers = {**request.headers, **self._added} if self._added else request.headers
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or request.method != "GET":  # without its length, a body would be read as the next request
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines)
        if head.count("\n") >= len(lines) or head.count("\r") >= len(lines):
            raise ValueError("a header holds a line break")  # an earlier check let it pass
        return head.encode("ascii") + b"\r\n\r\n" + body


def tls_context(ca_certs: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates and host names verified."""
    context = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2, cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    if ca_certs is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_certs)
    return context


# ------------------------------------------------------------------------------------------ sharing

_lock = threading.RLock()  # a signal's handler may call in the midst of a call
_process = Process()
_shared: OrderedDict[Hashable, tuple[Settings, dict[object, Transport]]] = OrderedDict()
"""The last few settings, each with its transports by their class."""
_transports: weakref.WeakSet[Transport] = weakref.WeakSet()


def shared_transport(configuration: Configuration, make: Callable[[Settings], T]) -> T:
    """The transport that all clients with these connection settings share.

    So creating a client for each call does not open new connections. Only the last few settings are remembered. A
    transport with older settings lives on as long as a client uses it.

    Args:
        configuration: the client's.
        make: the class of the transport.

    Raises:
        ConfigurationException: the host or the proxy cannot be used.
    """
    _process.follow(_renew_lock)
    try:
        with _lock:
            settings, transports = _shared_by(configuration)
            made = transports.get(make)
            if made is None:
                made = transports[make] = make(settings)
                _transports.add(made)
            return made  # type: ignore[return-value]
    except ConfigurationException:
        raise
    except (HTTPError, ValueError, OSError):  # its text, and the frames below, may hold the proxy's password
        pass
    raise ConfigurationException("the host or the proxy is no URL that can be used; no request was made")


def _shared_by(configuration: Configuration) -> tuple[Settings, dict[object, Transport]]:
    """The settings and transports that clients with these connection settings share, made when there are none yet."""
    proxy, origin = proxy_for(configuration.host, configuration.proxy) or (None, "")
    key = (
        configuration.host,
        configuration.connection_pool_maxsize,
        configuration.ssl_ca_cert,
        configuration.ssl_context,
        proxy,
        origin,
        tuple(sorted((configuration.proxy_headers or {}).items())),
    )
    shared = _shared.pop(key, None) or (settings_for(configuration, configuration.host), {})
    _shared[key] = shared  # the last of them
    while len(_shared) > _KEPT_SETTINGS:
        _shared.popitem(last=False)
    return shared


def settings_for(configuration: Configuration, host: str) -> Settings:
    """How a host is reached by a client with this configuration.

    Raises:
        ConfigurationException: the proxy cannot be used.
        HTTPError, ValueError, OSError: the host or the proxy is no URL; the text may hold the proxy's password.
    """
    proxy, origin = proxy_for(host, configuration.proxy) or (None, "")
    return Settings(
        host,
        maxsize=configuration.connection_pool_maxsize,
        ca_certs=configuration.ssl_ca_cert,
        ssl_context=configuration.ssl_context,
        proxy=proxy,
        proxy_headers=configuration.proxy_headers,
        proxy_origin=origin,
    )


def _reset_in_child() -> None:
    """A forked child must not share its parent's connections: each would read the other's answers."""
    _process.follow(_renew_lock)
    for transport in _transports:
        transport.process.follow(transport.reopen)


def _renew_lock() -> object:
    """Replace the lock, because a thread of the parent may have held it, and return the old one."""
    global _lock
    before, _lock = _lock, threading.RLock()
    return before


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)


# ------------------------------------------------------------------------------------------ answers


def check_head(status: int, headers: Headers, length: str, encoding: str) -> None:
    """Refuse a good answer whose body cannot be read, before any of the body is read.

    Args:
        status, headers: the answer's.
        length: its Content-Length; empty when there is none.
        encoding: what `encoding_of` says.
    """
    if encoding not in _READ_ENCODINGS:
        raise Unreadable(foreign_encoding(encoding), status, headers)
    if length and not (length.isascii() and length.isdigit()):
        raise Unreadable("the answer's Content-Length is no number", status, headers)
    if length and (len(length) > 15 or int(length) > BODY_LIMIT):
        raise too_long(status, headers)


def encoding_of(headers: Headers) -> str:
    """The answer's Content-Encoding in lower case; empty when there is none."""
    encoding: str = headers.get("content-encoding", "")
    return encoding.strip().lower()


def too_long(status: int, headers: Headers) -> Unreadable:
    """The error for a good answer that is longer than the limit."""
    return Unreadable(f"the answer is longer than {BODY_LIMIT // 1024} KiB", status, headers)


def unpacked(status: int, headers: Headers, body: bytes) -> bytes:
    """The body of an answer, decompressed if it came as gzip.

    Of an answer that is an error, only the first `ERROR_LIMIT` bytes are returned. Where these cannot be decompressed,
    the body is returned as it came, because the status already says what happened.

    Raises:
        Unreadable: a good answer that is no gzip, is not whole, or is longer than `BODY_LIMIT` when it is decompressed.
    """
    if encoding_of(headers) not in ("gzip", "x-gzip") or not body:
        return body
    good = 200 <= status < 300
    limit = BODY_LIMIT if good else ERROR_LIMIT
    try:
        text, whole = _inflated(body, limit)
    except zlib.error:
        if not good:
            return body
        text, whole = bytearray(), False
    if good and len(text) > limit:
        raise too_long(status, headers)
    if good and not whole:
        raise Unreadable("the answer says that it is gzip, and is not, or not whole", status, headers)
    del text[limit:]
    return bytes(text)


def _inflated(body: bytes, limit: int) -> tuple[bytearray, bool]:
    """What the members of a gzip file hold, up to a little over the limit, and whether the file is whole."""
    text = bytearray()
    for _ in range(_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            piece = member.decompress(body, _STEP)
            text += piece
            body = member.unconsumed_tail
            if len(text) > limit or not (piece or body or member.eof):
                return text, False
        body = member.unused_data
        if not body:
            return text, True
    return text, False


# ------------------------------------------------------------------------------------------ failures


def is_doubtful(idle: float, *, once: bool) -> bool:
    """Whether a kept connection may be closing; then a request that must not be sent twice (`once`) needs a new one."""
    doubtful = once and idle > FRESH
    if doubtful:
        mark("transport: a connection that was idle carries no create")
    return doubtful


def failure_of(kind: str, address: str, reason: str, *, sent: bool) -> TransportError:
    """The outcome of a failed attempt, in words that do not depend on the HTTP library."""
    said = {
        "timeout": "no answer in time" if sent else f"no connection to {address} in time",
        "tls": f"TLS with {address} failed: {reason}",
        "connect": f"cannot connect to {address}: {reason}",
        "proxy": f"cannot connect to {address}: {reason}"
        + (": its user or password is missing or wrong" if "407" in reason else ""),
        "reset": f"the connection was lost: {reason}",
    }
    return TransportError(kind, said[kind], sent=sent)


def is_refused_by_proxy(error: BaseException) -> bool:
    """Whether an error of http.client says that a proxy refuses its tunnel, and would refuse it again."""
    head, _, status = str(error).partition("Tunnel connection failed: ") if type(error) is OSError else ("", "", "")
    return not head and is_refusal(status)


def causes_of(error: BaseException | None) -> list[BaseException]:
    """An error and the errors that led to it, those included that urllib3 keeps as arguments or as `reason`."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or each in found:
            continue
        found.append(each)
        inner = [arg for arg in each.args if isinstance(arg, BaseException)]
        waiting += [*inner, getattr(each, "original_error", None), each.__cause__, each.__context__]
    return found


def reason_of(error: BaseException) -> str:
    """What went wrong in a few words, without the memory addresses that reprs of objects show."""
    inner = error.args[-1] if error.args else None
    deepest: BaseException = inner if isinstance(inner, BaseException) else error
    text = str(getattr(deepest, "strerror", None) or deepest)
    return (text.rpartition(": ")[2] or type(deepest).__name__)[:200]


def without_frames(error: BaseException | None) -> BaseException | None:
    """An error without its frames, whose variables hold the request's headers."""
    for each in causes_of(error):
        each.__traceback__ = None
    return error
