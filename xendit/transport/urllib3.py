"""Sends one Request with urllib3 and says whether the server may have seen it.

Nothing here decides about retries, redirects or content: urllib3's own retries, redirects and decoding are
off. Connections are pooled by connection settings, not by client, so that a client a call opens no new ones.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from xendit.exceptions import ConfigurationException
from xendit.headers import Headers
from xendit.operation import Response, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xendit.configuration import Configuration
    from xendit.operation import Request
    from xendit.policy import Limits

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a good answer: a page of 100 invoices is about 0.4 MiB."""
ERROR_LIMIT = 64 * 1024
"""Bytes of an error body that are kept."""
_CHUNK = 64 * 1024
_KEPT_POOLS = 32

_attempt = threading.local()


class _Watched:
    """Notes, before the first byte of a request is written, that the server may see it."""

    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        if not self._connecting:  # a proxy's CONNECT is no part of the request
            _attempt.sent = True
        super().send(data)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    """A connection without TLS."""


class _TlsConnection(_Watched, HTTPSConnection):
    """A connection with TLS."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection  # pyright: ignore[reportAssignmentType]


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection  # pyright: ignore[reportAssignmentType]


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class Urllib3Transport:
    """One host's pool of connections. Safe over threads; a forked child opens connections of its own."""

    def __init__(
        self,
        host: str,
        *,
        maxsize: int,
        ca_certs: str | None,
        proxy: str | None,
        proxy_headers: Mapping[str, str] | None,
    ) -> None:
        self._host = host
        self._maxsize = maxsize
        self._ca_certs = ca_certs
        self._proxy = proxy
        self._proxy_headers = dict(proxy_headers or {})
        url = parse_url(host)
        self._tls = url.scheme == "https"
        self._prefix = (url.path or "").rstrip("/")
        self._manager, self._pool = self._pools()
        _transports.add(self)

    def _pools(self) -> tuple[urllib3.PoolManager, urllib3.HTTPConnectionPool]:
        """A manager and its pool for the host; connections are opened when they are needed."""
        options: dict[str, Any] = {"maxsize": self._maxsize}
        if self._tls:
            options.update(cert_reqs="CERT_REQUIRED", ca_certs=self._ca_certs)
        manager: urllib3.PoolManager
        if self._proxy:
            manager = urllib3.ProxyManager(self._proxy, proxy_headers=self._proxy_headers, **options)
        else:
            manager = urllib3.PoolManager(**options)
        manager.pool_classes_by_scheme = _POOLS
        return manager, manager.connection_from_url(self._host)

    def reopen(self) -> None:
        """Begin anew in a forked child, whose parent owns the connections."""
        self._parents = self._manager  # kept, so that the child neither uses nor closes them
        self._manager, self._pool = self._pools()

    def send(self, request: Request, limits: Limits) -> Response | TransportError:
        """One attempt: the answer, or why there is none."""
        _attempt.sent = False
        ends = time.monotonic() + limits.total
        problem: tuple[str, str, BaseException | None]
        try:
            # an http proxy is given the whole URL, everyone else the path
            whole = self._proxy and not self._tls
            answer = self._pool.urlopen(
                request.method,
                (self._host if whole else self._prefix) + request.target,
                body=request.body,
                headers=request.headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=urllib3.Timeout(connect=limits.connect, read=limits.read),
                preload_content=False,
                decode_content=False,
            )
            return self._read(answer, ends)
        except _Unreadable as error:
            problem = ("unreadable", str(error), None)
        except (NewConnectionError, ProxyError) as error:  # before its base, ConnectTimeoutError
            problem = ("connect", f"cannot connect: {_reason(error)}", error)
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            problem = ("timeout", "no answer in time" if _attempt.sent else "no connection in time", error)
        except SSLError as error:
            problem = ("reset" if _attempt.sent else "tls", f"TLS failed: {_reason(error)}", error)
        except (HTTPError, OSError, ValueError, OverflowError) as error:  # http.client lets a bad chunk size out
            if _attempt.sent:
                problem = ("reset", f"the connection was lost: {_reason(error)}", error)
            else:
                problem = ("connect", f"cannot connect: {_reason(error)}", error)
        kind, message, cause = problem
        failure = TransportError(kind, message, sent=_attempt.sent)
        failure.__cause__ = _bare(cause)
        return failure

    @staticmethod
    def _read(answer: Any, ends: float) -> Response:
        """The whole answer, up to the limit; the connection goes back to the pool, or is closed."""
        headers = Headers(answer.headers)
        good = 200 <= answer.status < 300
        limit = BODY_LIMIT if good else ERROR_LIMIT
        read = bytearray()
        whole = False
        try:
            encoding = headers.get("content-encoding", "").strip().lower()
            if good and encoding not in ("", "identity"):
                raise _Unreadable(f"the answer is encoded as {headers['content-encoding'][:40]!r}, which was not asked for")
            while len(read) <= limit:
                chunk = answer.read(min(_CHUNK, limit + 1 - len(read)), decode_content=False)
                if not chunk:
                    whole = True
                    break
                read += chunk
                if time.monotonic() > ends:
                    raise ReadTimeoutError(answer, None, "the answer did not end in time")
            if not whole and good:
                raise _Unreadable(f"the answer is longer than {BODY_LIMIT // 1024} KiB")
        finally:
            if whole:
                answer.release_conn()
            else:
                answer.close()
        return Response(answer.status, headers, bytes(read[:limit]))

    def close(self) -> None:
        """Close the idle connections."""
        self._manager.clear()

    def __repr__(self) -> str:
        return f"Urllib3Transport({self._host!r})"


class _Unreadable(Exception):
    """An answer that is not read to its end on purpose."""


def _reason(error: BaseException) -> str:
    """What went wrong in few words, without addresses of objects."""
    inner = error.args[-1] if error.args else None
    deepest: Any = inner if isinstance(inner, BaseException) else error
    text = str(deepest.strerror or "") if isinstance(deepest, OSError) else str(deepest)
    return (text.rpartition(": ")[2] or type(deepest).__name__)[:200]


def _bare(error: BaseException | None) -> BaseException | None:
    """An error without its frames, whose variables hold the request's headers."""
    seen: BaseException | None = error
    while seen is not None:
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
    return error


_lock = threading.Lock()
_pools: OrderedDict[tuple[Any, ...], Urllib3Transport] = OrderedDict()
_transports: weakref.WeakSet[Urllib3Transport] = weakref.WeakSet()


def transport_for(configuration: Configuration) -> Urllib3Transport:
    """The transport that all clients with these connection settings share."""
    proxy = _proxy_for(configuration)
    key = (
        configuration.host,
        configuration.connection_pool_maxsize,
        configuration.ssl_ca_cert,
        proxy,
        tuple(sorted((configuration.proxy_headers or {}).items())),
    )
    with _lock:
        found = _pools.get(key)
        if found is None:
            try:
                found = Urllib3Transport(
                    configuration.host,
                    maxsize=configuration.connection_pool_maxsize,
                    ca_certs=configuration.ssl_ca_cert,
                    proxy=proxy,
                    proxy_headers=configuration.proxy_headers,
                )
            except (HTTPError, ValueError):  # the text may hold the proxy's password
                found = None
            if found is None:
                raise ConfigurationException("the host or the proxy is no URL that can be used; no request was made")
            _pools[key] = found
            while len(_pools) > _KEPT_POOLS:
                _pools.popitem(last=False)
        _pools.move_to_end(key)
        return found


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
