"""Sends one Request with urllib3 and says whether the server may have seen it.

urllib3 connects and keeps connections; http.client parses answers. urllib3's `urlopen`, with retries, redirects and
decoding, is not used: nothing here decides about those. Connections are pooled by connection settings, not by client,
so that a client a call opens no new ones.

Time is kept below http.client, which starts its clock anew at each piece of data: every look at the socket gets
what is left of the attempt and no more. Only looking up a host's name cannot be interrupted.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
import weakref
from base64 import b64encode
from collections import OrderedDict, deque
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from queue import Empty, Full
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context

from xendit.exceptions import ConfigurationException
from xendit.headers import Headers, Secret
from xendit.operation import Response, TransportError
from xendit.policy import RetryBudget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xendit.configuration import Configuration
    from xendit.operation import Request
    from xendit.policy import Limits

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a good answer: a page of 100 invoices is about 0.4 MiB."""
ERROR_LIMIT = 64 * 1024
"""Bytes of an error body that are kept."""
HEAD_LIMIT = 64 * 1024
"""Bytes of an answer's status line and headers, those of interim answers included."""
_WIRE_LIMIT = 2 * BODY_LIMIT
"""Bytes read from the socket for one answer, whatever its framing."""
_CHUNK = 64 * 1024
_OF_CHUNKS = 8 * 1024
"""Bytes read at once of an answer in chunks: http.client keeps each chunk as an object, and each may hold one byte."""
_KEPT_POOLS = 32
_FRESH = 5.0
"""Seconds that a kept connection may have been idle and still carry a request that must not be sent twice."""


class _Attempt:
    """What an attempt may still use, and what it has done."""

    __slots__ = ("connected_by", "connecting", "connection", "ends", "once", "sent", "silence", "sock")

    def __init__(self, limits: Limits, *, once: bool) -> None:
        now = time.monotonic()
        self.sent = False
        self.connecting = False
        self.connection: Any = None
        self.sock: Any = None
        self.once = once
        self.silence = limits.read
        self.ends = now + limits.total
        self.connected_by = now + min(limits.connect, limits.total)

    def abandon(self) -> None:
        """After an interrupt: close what nobody holds any more, or will give back."""
        for each in (self.connection, self.sock):
            if each is not None:
                each.close()

    def release(self) -> None:
        """Forget the connection, which another thread may have in a moment."""
        self.connection = self.sock = None

    def left(self) -> float:
        """Seconds that the next look at the socket may take. Raises TimeoutError when there are none."""
        if self.connecting:  # a proxy is asked for its tunnel
            return self.left_to_connect()
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the attempt is over")
        return min(self.silence, left)

    def left_to_connect(self) -> float:
        """Seconds that connecting, the proxy's tunnel and the TLS handshake included, may still take."""
        left = self.connected_by - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time to connect is over")
        return left


class _Now(threading.local):
    """The attempt that this thread is making: urllib3 has no way to hand it down to a connection."""

    attempt: _Attempt


_now = _Now()


# ------------------------------------------------------------------------------------------ reading in time


class _TimedRaw(io.RawIOBase):
    """A socket's bytes, each read within what is left of the attempt and of the answer's size."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._count = 0
        self.most = HEAD_LIMIT
        self.ended = False
        self.met_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.ended:
            return 0
        if self._count >= self.most:
            raise HTTPException("the answer is too long")
        self._sock.settimeout(_now.attempt.left())
        room = memoryview(buffer)[: self.most - self._count]
        count = self._raw.readinto(room) or 0
        self._count += count
        self.met_end = not count
        return count

    def waiting(self) -> bool:
        """Whether bytes wait inside TLS, where no look at the socket shows them."""
        pending = getattr(self._sock, "pending", None)
        return pending is not None and pending() > 0

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._raw.close()


class _TimedSocket:
    """What http.client asks of a socket when it reads an answer."""

    def __init__(self, sock: Any) -> None:
        self.raw = _TimedRaw(sock)

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(self.raw)


class _TimedResponse(HTTPResponse):
    """http.client's answer, read in time, within limits, and with strict framing."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        timed = _TimedSocket(sock)
        self._timed = timed.raw
        super().__init__(timed, *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        super().begin()
        if self._timed.met_end:  # http.client takes the end of the data for the end of the headers
            raise IncompleteRead(b"")
        self._timed.most = _WIRE_LIMIT
        if self.status == 101:  # after it the connection speaks something else
            self.will_close = True

    def _read_status(self) -> tuple[str, int, str]:
        """http.client knows one interim answer, 100; the one that counts would answer the next request."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            parse_headers(self.fp)

    def _read_next_chunk_size(self) -> int:
        """http.client would take `-1`, which reads without end, and `+1`, `0x1` and `1_0`."""
        line = self.fp.readline(4097)
        digits = line.partition(b";")[0].strip()
        if len(line) > 4096 or len(digits) > 8 or not digits or digits.strip(b"0123456789abcdefABCDEF"):
            self._close_conn()
            raise IncompleteRead(b"")
        return int(digits, 16)

    def _close_conn(self) -> None:
        """After the last byte of an answer: more bytes than it announced make the connection unfit for another."""
        reader = self.fp
        more = False
        if not reader.closed:
            self._timed.ended = True  # so that peek looks at what has come, and does not wait
            more = bool(reader.peek(1)) or self._timed.waiting()
        super()._close_conn()  # type: ignore[misc]
        if more:
            self.will_close = True


# ------------------------------------------------------------------------------------------ connections


class _Watched:
    """A connection that notes, before the first byte of a request is written, that the server may see it."""

    response_class = _TimedResponse
    idle_since = 0.0

    def _new_conn(self) -> socket.socket:
        """A socket, every address of the host tried within one time limit."""
        connection: Any = self
        host, port = connection._dns_host.strip("[]"), connection.port
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
        problem: Exception = OSError("the name has no address")
        for family, kind, protocol, _, address in found:
            try:
                sock = _now.attempt.sock = socket.socket(family, kind, protocol)
            except OSError as error:  # an IPv6 address where the kernel has no IPv6
                problem = error
                continue
            try:
                for option in connection.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(_now.attempt.left_to_connect())
                sock.connect(address)
                sock.settimeout(_now.attempt.left_to_connect())  # for the handshake, which has a clock of its own
            except OSError as error:
                sock.close()
                problem = error
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, "no connection in time") from problem
        raise NewConnectionError(connection, str(problem)) from problem

    def _tunnel(self) -> None:
        super()._tunnel()  # type: ignore[misc]
        connection: Any = self
        connection.sock.settimeout(_now.attempt.left_to_connect())

    def connect(self) -> None:
        _now.attempt.connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            _now.attempt.connecting = False

    def send(self, data: Any) -> None:
        connection: Any = self
        sock: Any = connection.sock
        if not _now.attempt.connecting:  # a proxy's CONNECT is no part of the request
            _now.attempt.sent = True
        view = memoryview(data)
        while view:  # sendall gives each piece of a TLS record the whole time again
            sock.settimeout(_now.attempt.left())
            view = view[sock.send(view) :]


class _PlainConnection(_Watched, HTTPConnection):  # type: ignore[misc]
    """A connection without TLS."""


class _TlsConnection(_Watched, HTTPSConnection):  # type: ignore[misc]
    """A connection with TLS."""

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        return _TlsOfProxy(super()._connect_tls_proxy(hostname, sock))


class _TlsOfProxy:
    """A proxy's TLS as a socket for the TLS within it, which urllib3 reads in a loop that has no clock of its own."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    @property
    def _io_refs(self) -> int:
        refs: int = self._sock._io_refs
        return refs

    @_io_refs.setter
    def _io_refs(self, refs: int) -> None:
        self._sock._io_refs = refs

    def recv(self, size: int) -> Any:
        self._sock.settimeout(_now.attempt.left())
        return self._sock.recv(size)

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_now.attempt.left())
        self._sock.sendall(data)


class _Fresh:
    """A pool that gives no connection that was long idle to a request that must not be sent twice.

    The server may close an idle connection at the moment when it is used again; then nobody knows whether the
    request was read.
    """

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        _now.attempt.connection = connection
        if _now.attempt.once and connection.sock is not None and time.monotonic() - connection.idle_since > _FRESH:
            connection.close()
        return connection

    def _put_conn(self, conn: Any) -> None:
        """Keep the connection, or close it without a word when enough are kept."""
        pool: Any = self
        if conn is not None:
            conn.idle_since = time.monotonic()
        try:
            if pool.pool is not None:
                pool.pool.put(conn, block=False)
                return
        except Full:
            pass
        if conn is not None:
            conn.close()


class _Stack:
    """What urllib3 asks of a queue, without its lock: an interrupt within that would leave it locked for ever."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._kept: deque[Any] = deque()

    def put(self, item: Any, block: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - a queue's signature
        if len(self._kept) >= self._maxsize:  # threads may pass together: then a few more are kept
            raise Full
        self._kept.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ARG002, FBT001, FBT002 - the same
        try:
            return self._kept.pop()
        except IndexError:
            raise Empty from None

    def qsize(self) -> int:
        return len(self._kept)


class _PlainPool(_Fresh, urllib3.HTTPConnectionPool):
    QueueCls = _Stack  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ConnectionCls = _PlainConnection  # pyright: ignore[reportAssignmentType]


class _TlsPool(_Fresh, urllib3.HTTPSConnectionPool):
    QueueCls = _Stack  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    ConnectionCls = _TlsConnection  # pyright: ignore[reportAssignmentType]


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class _Wire:
    """How requests go on the wire.

    Args:
        host: the value of the Host header.
        prefix: what stands before a request's target: the path of the base URL, or all of it for an http proxy.
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
        if request.method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines)
        if head.count("\n") >= len(lines) or head.count("\r") >= len(lines):
            raise ValueError("a header holds a line break")  # whoever checked it let it pass
        return head.encode("ascii") + b"\r\n\r\n" + body


class Urllib3Transport:
    """One host's pool of connections. Safe over threads; a forked child opens connections of its own.

    Args:
        host: the base URL.
        maxsize: connections kept; more are opened when more threads send at once, and closed after use.
        ca_certs: path of a file of CA certificates, else the system's.
        ssl_context: a context to use instead.
        proxy: URL of the proxy, with its credentials, or None.
        proxy_headers: headers for the proxy.
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
    ) -> None:
        self.budget = RetryBudget()
        self._host = host
        self._maxsize = maxsize
        self._proxy, self._proxy_headers = _proxy_parts(proxy, proxy_headers)
        url = parse_url(host)
        self._address = f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
        self._tls = url.scheme == "https"
        self.ssl_context = ssl_context or (_context(ca_certs) if self._tls else None)
        port = "" if url.port in (None, 443 if self._tls else 80) else f":{url.port}"
        if self._proxy and not self._tls:  # there is no CONNECT that would carry the proxy's headers
            self.wire = _Wire(f"{url.host}{port}", host, self._proxy_headers)
        else:
            self.wire = _Wire(f"{url.host}{port}", (url.path or "").rstrip("/"), {})
        self._manager, self._pool = self._pools()
        _transports.add(self)

    def _pools(self) -> tuple[urllib3.PoolManager, urllib3.HTTPConnectionPool]:
        """A manager and its pool for the host; connections are opened when they are needed."""
        options: dict[str, Any] = {"maxsize": self._maxsize}
        if self._tls:
            options["ssl_context"] = self.ssl_context
        manager: urllib3.PoolManager
        if self._proxy:
            manager = urllib3.ProxyManager(self._proxy, proxy_headers=self._proxy_headers, **options)
        else:
            manager = urllib3.PoolManager(**options)
        manager.pool_classes_by_scheme = _POOLS
        return manager, manager.connection_from_url(self._host)

    def reopen(self) -> None:
        """Begin anew in a forked child, whose parent owns the connections and may have held the locks."""
        self._parents = self._manager  # kept, so that the child neither uses nor closes them
        self._manager, self._pool = self._pools()
        self.budget.unlock()

    def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """One attempt: the answer, or why there is none."""
        outer = getattr(_now, "attempt", None)  # a signal handler or a finalizer may call in the midst of a call
        _now.attempt = attempt = _Attempt(limits, once=not request.repeatable)
        try:
            return self._exchange(attempt, request)
        except _Unreadable as error:
            failure = TransportError("unreadable", str(error), sent=True, status=error.status, headers=error.headers)
            cause = None
        except (HTTPError, OSError, ValueError, OverflowError, HTTPException) as error:
            failure = self._failure(error, sent=attempt.sent)
            cause = error
        except BaseException as interrupt:
            attempt.abandon()
            _bare(interrupt)  # the frames below hold the request's headers
            raise interrupt.with_traceback(None)  # noqa: B904 - it is the same exception
        finally:
            if outer is not None:
                _now.attempt = outer
        failure.__cause__ = _bare(cause)
        return failure

    def _exchange(self, attempt: _Attempt, request: Request) -> Response:
        pool: Any = self._pool
        connection = pool._get_conn()
        fit = False
        try:
            if connection.sock is None:
                if self._proxy and self._tls:
                    pool._prepare_proxy(connection)
                else:
                    connection.connect()
            with suppress(BrokenPipeError):  # the server may have answered before it hung up
                connection.send(self.wire.written(request))
            answer = _TimedResponse(connection.sock, method=request.method)
            try:
                answer.begin()
                response = _read(answer)
            finally:
                answer.close()
            fit = not answer.will_close
        finally:
            if not fit:
                connection.close()
            attempt.release()
        if fit:
            pool._put_conn(connection)
        return response

    def _failure(self, error: BaseException, *, sent: bool) -> TransportError:
        """What an exception of the HTTP library or the socket means."""
        late = any(isinstance(each, TimeoutError) for each in _chain(error))
        kind = _kind_before_sending(error) if not sent else "timeout" if late else "reset"
        return _failed(kind, self._address, _reason(error), sent=sent)

    def close(self) -> None:
        """Close the idle connections."""
        self._manager.clear()

    def __repr__(self) -> str:
        return f"Urllib3Transport({self._host!r})"


class _Unreadable(Exception):
    """An answer that is not read to its end on purpose."""

    def __init__(self, message: str, status: int, headers: Headers) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


def _context(ca_certs: str | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates and host names verified."""
    context = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2, cert_reqs=ssl.CERT_REQUIRED)
    context.check_hostname = True
    if ca_certs is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_certs)
    return context


def _proxy_parts(proxy: str | None, headers: Mapping[str, str] | None) -> tuple[str | None, dict[str, str]]:
    """The proxy's URL without its credentials, and its headers with them: urllib3 sends none by itself."""
    sent: dict[str, str] = {name: Secret(value) for name, value in (headers or {}).items()}
    if not proxy:
        return None, sent
    url = parse_url(proxy)
    if url.auth:
        if "proxy-authorization" not in {name.lower() for name in sent}:
            sent["proxy-authorization"] = Secret("Basic " + b64encode(unquote_to_bytes(url.auth)).decode("ascii"))
        proxy = url._replace(auth=None).url
    return proxy, sent


def _failed(kind: str, address: str, reason: str, *, sent: bool) -> TransportError:
    """An attempt that failed, in words that are the same whatever library it was made with."""
    said = {
        "timeout": "no answer in time" if sent else f"no connection to {address} in time",
        "tls": f"TLS with {address} failed: {reason}",
        "connect": f"cannot connect to {address}: {reason}",
        "reset": f"the connection was lost: {reason}",
    }
    return TransportError(kind, said[kind], sent=sent)


def _kind_before_sending(error: BaseException) -> str:
    """Why no connection came about: `tls` is what another attempt will meet again."""
    chain = _chain(error)
    if any(isinstance(each, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for each in chain):
        return "connect"  # the other side hung up during the handshake
    if any(isinstance(each, TimeoutError) for each in chain):
        return "timeout"
    return "tls" if any(isinstance(each, (ssl.SSLError, SSLError)) for each in chain) else "connect"


def _read(answer: _TimedResponse) -> Response:
    """The whole answer, up to the limit; beyond it the connection is closed by whoever asked."""
    headers = Headers.joined(answer.headers.items())
    status = answer.status
    length = headers.get("content-length", "")
    if "," in length:
        raise _Unreadable("the answer's headers contradict one another", status, headers)
    good = 200 <= status < 300
    if good:
        _check_head(status, headers, length)
    limit = BODY_LIMIT if good else ERROR_LIMIT
    step = _OF_CHUNKS if answer.chunked else _CHUNK
    read = bytearray()
    while len(read) <= limit:
        chunk = answer.read(min(step, limit + 1 - len(read)))
        if not chunk:
            if answer.length:  # of which http.client does not complain
                raise IncompleteRead(b"", answer.length)
            return Response(status, headers, bytes(read))
        read += chunk
    answer.will_close = True
    if good:
        raise _Unreadable(f"the answer is longer than {BODY_LIMIT // 1024} KiB", status, headers)
    return Response(status, headers, bytes(read[:limit]))


def _check_head(status: int, headers: Headers, length: str) -> None:
    """Refuse a body that cannot be read, before it is."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise _Unreadable(f"the answer is encoded as {encoding[:40]!r}, which was not asked for", status, headers)
    if length and not (length.isascii() and length.isdigit()):
        raise _Unreadable("the answer's Content-Length is no number", status, headers)
    if length and (len(length) > 15 or int(length) > BODY_LIMIT):
        raise _Unreadable(f"the answer is longer than {BODY_LIMIT // 1024} KiB", status, headers)


def _chain(error: BaseException | None) -> list[BaseException]:
    """An error and those that led to it, the ones that urllib3 keeps as arguments or `reason` included."""
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


def _reason(error: BaseException) -> str:
    """What went wrong in few words, without addresses of objects."""
    inner = error.args[-1] if error.args else None
    deepest: Any = inner if isinstance(inner, BaseException) else error
    text = str(getattr(deepest, "strerror", None) or deepest)
    return (text.rpartition(": ")[2] or type(deepest).__name__)[:200]


def _bare(error: BaseException | None) -> BaseException | None:
    """An error without its frames, whose variables hold the request's headers."""
    for each in _chain(error):
        each.__traceback__ = None
    return error


_lock = threading.Lock()
_pools: OrderedDict[tuple[Any, ...], Urllib3Transport] = OrderedDict()
_transports: weakref.WeakSet[Urllib3Transport] = weakref.WeakSet()


def transport_for(configuration: Configuration) -> Urllib3Transport:
    """The transport that all clients with these connection settings share."""
    made: Urllib3Transport | None
    try:
        made = _pooled(configuration)
    except (HTTPError, ValueError, OSError):  # its text, and the frames below, may hold the proxy's password
        made = None
    if made is None:
        raise ConfigurationException("the host or the proxy is no URL that can be used; no request was made")
    return made


def _pooled(configuration: Configuration) -> Urllib3Transport:
    with _lock:
        proxy = _proxy_for(configuration)
        key = (
            configuration.host,
            configuration.connection_pool_maxsize,
            configuration.ssl_ca_cert,
            configuration.ssl_context,
            proxy,
            tuple(sorted((configuration.proxy_headers or {}).items())),
        )
        made = _pools.get(key)
        if made is None:
            made = _pools[key] = Urllib3Transport(
                configuration.host,
                maxsize=configuration.connection_pool_maxsize,
                ca_certs=configuration.ssl_ca_cert,
                ssl_context=configuration.ssl_context,
                proxy=proxy,
                proxy_headers=configuration.proxy_headers,
            )
        _pools.move_to_end(key)
        while len(_pools) > _KEPT_POOLS:
            _pools.popitem(last=False)
    return made


def _proxy_for(configuration: Configuration) -> str | None:
    """The proxy to use: the configured one, or the environment's; "" is none; this machine is never proxied."""
    if configuration.proxy is not None:
        return configuration.proxy or None
    if not configuration.host.startswith("https:"):
        return None
    from urllib.request import getproxies, proxy_bypass

    url = parse_url(configuration.host)
    proxies = getproxies()
    return None if proxy_bypass(url.netloc or "") else proxies.get("https") or proxies.get("all")


def _reset_in_child() -> None:
    """A forked child must not share its parent's connections: each would read the other's answers."""
    global _lock
    _lock = threading.Lock()
    for transport in _transports:
        transport.reopen()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)
