"""An HTTP/1.1 server for one WSGI application: keep-alive, threads, loopback only, closed with all its threads.

Werkzeug's own development server closes every connection after one answer, and so would hide mistakes in a client's
pool. This server keeps connections open. It knows nothing about invoices. A request that is no valid HTTP is answered
in JSON with a 4xx and never with a 5xx, because a 5xx always means a fault that was armed.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import socket
import socketserver
import struct
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from xendit.process import daemonic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

logger = logging.getLogger(__name__)

BODY_LIMIT = 1_048_576
"""Bytes of a request body; more is answered with 413."""
CONNECTION_LIMIT = 1_000
"""Connections at a time; more are closed at once."""
IDLE_SECONDS = 30.0
"""How long a connection may stay silent."""
#: How much of a body that is too long is read and thrown away, so that the client sees the answer.
_PATIENCE = 8 * BODY_LIMIT

_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(;[^\r\n]*)?\r?\n")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


class BadRequest(Exception):
    """A request that is no HTTP that this server understands: the status to answer, and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands each to the application, writes the answers."""

    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def _serve(self) -> None:
        try:
            environ = self._environ(self._read_body())
        except BadRequest as problem:
            self.send_error(problem.status, problem.message)
            return
        status, headers, chunks = self._ask(environ)
        breakage = environ.get("xendit.breakage")
        if breakage is not None and isinstance(chunks, list):
            kind, seconds = breakage
            self._break(kind, seconds, status, headers, b"".join(chunks))
        elif isinstance(chunks, list):
            self._write(status, headers, b"".join(chunks))
        else:
            self._stream(status, headers, chunks)

    def _break(self, kind: str, seconds: float, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        """Break the answer as an armed fault says, and end the connection."""
        self.close_connection = True
        if kind in ("hang", "timeout"):
            self.server.ended.wait(seconds)
        elif kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(self.connection.detach())
        elif kind == "garbage":
            self.wfile.write(b"\x16\x03\x01 this is no HTTP\x00\xff\r\n\r\n")
        else:
            self._write(status, headers, body, cut=len(body) // 2)

    def _stream(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        """Send an answer of unknown length piece by piece, and end the connection after it."""
        self.close_connection = True
        self._write(status, headers, b"")
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()

    def _write(self, status: str, headers: list[tuple[str, str]], body: bytes, cut: int | None = None) -> None:
        self.log_request(status[:3])
        self.send_response_only(int(status[:3]), status[4:])
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Give the time for the `Date` header, by the sandbox's clock: clients compare it with `created`."""
        return super().date_time_string(self.server.now().timestamp() if timestamp is None else timestamp)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815
    do_OPTIONS = do_TRACE = do_CONNECT = _serve  # noqa: N815

    def _ask(self, environ: dict[str, object]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        """Call the application and collect its answer: a list, unless it is a stream of events."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _problem: object = None) -> None:
            started.append((status, headers))

        chunks = self.server.application(environ, start_response)
        if started and dict(started[-1][1]).get("Content-Type", "").startswith("text/event-stream"):
            return *started[-1], () if self.command == "HEAD" else chunks
        try:
            body = list(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return *started[-1], body

    def _environ(self, body: bytes) -> dict[str, Any]:
        """Give the WSGI environment of the request."""
        if not self.path.startswith("/"):
            raise BadRequest(400, "The request target must be a path")
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, object] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "xendit.ended": self.server.ended,
            "CONTENT_LENGTH": str(len(body)),
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key != "CONTENT_LENGTH" and "_" not in name:
                key = f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    # -- the body

    def _read_body(self) -> bytes:
        """Read the body whole, so that the next request begins where it should."""
        codings = self.headers.get_all("Transfer-Encoding", [])
        lengths = {value.strip() for value in self.headers.get_all("Content-Length", [])}
        if codings:
            if lengths or [coding.strip().lower() for coding in codings] != ["chunked"]:
                raise BadRequest(400, "The length of the request body is not clear")
            return self._read_chunks()
        if not lengths:
            return b""
        text = lengths.pop()
        if lengths or _LENGTH.fullmatch(text) is None:
            raise BadRequest(400, "The length of the request body is not clear")
        if int(text) > BODY_LIMIT:
            self._throw_away(int(text))
            raise BadRequest(413, f"The request body is longer than {BODY_LIMIT} bytes")
        return self._exactly(int(text))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            match = _CHUNK.fullmatch(self.rfile.readline(1_024))
            if match is None:
                raise BadRequest(400, "The chunks of the request body cannot be read")
            size = int(match.group(1), 16)
            if len(body) + size > BODY_LIMIT:
                self._throw_away(size)
                raise BadRequest(413, f"The request body is longer than {BODY_LIMIT} bytes")
            if size == 0:
                break
            body += self._exactly(size)
            if self.rfile.readline(3) not in (b"\r\n", b"\n"):
                raise BadRequest(400, "The chunks of the request body cannot be read")
        for _ in range(100):
            if self.rfile.readline(8_192) in (b"\r\n", b"\n", b""):
                return bytes(body)
        raise BadRequest(400, "The request has too many trailers")

    def _exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise BadRequest(400, "The request body ends early")
        return data

    def _throw_away(self, size: int) -> None:
        left = min(size, _PATIENCE)
        while left > 0 and (data := self.rfile.read(min(left, 65_536))):
            left -= len(data)

    # -- what http.server asks of a handler

    def handle_expect_100(self) -> bool:
        """Answer `Expect: 100-continue` at once, because the client sends its body only after that."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that cannot be read, in JSON, and close the connection."""
        if code >= 500:  # http.server's answers to an unknown method or version
            code = 405 if code == 501 else 400
        self.close_connection = True
        text = {"error_code": "SANDBOX_BAD_REQUEST", "message": message or explain or "Bad request"}
        if code == 405:
            text["error_code"] = "METHOD_NOT_ALLOWED"
        body = json.dumps(text).encode()
        self.log_request(code)
        self.send_response_only(code)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if code == 405:
            self.send_header("Allow", ", ".join(_METHODS))
        self.end_headers()
        if getattr(self, "command", None) != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log method, path and status; never a query, a header or a body, which may hold personal data."""
        path = getattr(self, "path", "-").partition("?")[0]
        logger.debug("%s %s %s", getattr(self, "command", "-"), path, code)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: http.server would quote the request line with its query."""


class Server(socketserver.TCPServer):
    """Listens on one address of this machine and gives each connection a thread. `tick` is called many times a second."""

    allow_reuse_address = os.name == "posix"
    request_queue_size = 1_024

    def __init__(
        self,
        port: int,
        application: Application,
        tick: Callable[[], None],
        now: Callable[[], datetime],
        host: str = "127.0.0.1",
    ) -> None:
        self.application = application
        self.now = now
        self._tick = tick
        self.ended = threading.Event()
        """Set when the server closes. A handler that waits or streams must watch it."""
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._thread = daemonic(threading.Thread(target=self._listen, name="xendit-sandbox"))
        super().__init__((host, port), Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening, hang up on everyone, and return when no thread is left."""
        self.ended.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            left = [*self._open.items()]
            for _, connection in left:
                with suppress(OSError):  # the client may have been first
                    connection.shutdown(socket.SHUT_RDWR)
        for thread, _ in left:
            if thread is not threading.current_thread():
                thread.join()

    def _listen(self) -> None:
        self.serve_forever(poll_interval=0.05)

    def service_actions(self) -> None:
        """Do what has fallen due. Called by socketserver about twenty times a second."""
        self._tick()

    def process_request(self, request: Any, client_address: object) -> None:
        """Give a new connection its thread."""
        thread = daemonic(
            threading.Thread(target=self._converse, args=(request, client_address), name="xendit-sandbox-connection")
        )
        with self._lock:
            full = len(self._open) >= CONNECTION_LIMIT
            if not full:
                self._open[thread] = request
        if full:
            self.shutdown_request(request)
            return
        try:
            thread.start()
        except RuntimeError:  # the machine gives no more threads
            with self._lock:
                del self._open[thread]
            self.shutdown_request(request)

    def _converse(self, request: socket.socket, client_address: object) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client hung up
        except Exception:  # noqa: BLE001  one connection must not end the others
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)
            with self._lock:
                del self._open[threading.current_thread()]

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Log an exception that no request's own handling caught."""
        logger.exception("a connection failed")  # noqa: LOG004  socketserver calls this in its handler
