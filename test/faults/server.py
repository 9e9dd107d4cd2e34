"""A server on raw sockets that fails as it is told, and keeps the books by which a client is judged.

    with FaultServer() as server:
        server.script("rst_after_commit", "ok")         # for the next two requests; afterwards the default, ok
        ...                                             # the client under test calls server.url
        server.ledger.of("order-1"), server.journal     # what was committed, what was asked

`python -m faults.server` runs it in a process of its own, steered by lines of JSON (see `ServerProcess`): where a
test measures the client's memory, or forks, the server must be elsewhere. What each behaviour does stands in
`faults.behaviours`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from faults.behaviours import Behaviour, parse
from faults.lookalike import Invoice, Ledger, Xendit, operation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

_OK = parse("ok")
_HEAD_LIMIT = 1 << 20
_RESET_ON_CLOSE = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # struct linger: on, zero seconds


class Request(NamedTuple):
    """A request as it was read."""

    method: str = ""
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header by its name in lower case, or an empty text."""
        return next((value for each, value in self.headers if each == name), "")


@dataclass
class Entry:
    """A line of the journal. A behaviour that acts before a request is read has an empty method."""

    connection: int
    behaviour: str
    method: str = ""
    target: str = ""
    headers: tuple[str, ...] = ()
    authorization: str = ""
    body: bytes = b""
    committed: bool = False

    @property
    def operation(self) -> str:
        """create, get, list or expire; empty for what is none of them."""
        return operation_of(self.method, self.target)


class Turn:
    """One connection, and the request it is at: what a behaviour acts through."""

    def __init__(self, server: FaultServer, connection: socket.socket, number: int) -> None:
        self._server = server
        self._connection = connection
        self._number = number
        self._read_ahead = b""
        self._entry = Entry(number, "")
        self._pending: Callable[[], Any] = _nothing
        self._good: tuple[int, Any] = (200, {})
        self.request = Request()
        self.secure = server.context is not None
        self.over = False

    # ---- the wire

    def handshake(self) -> None:
        """The TLS handshake, where there is TLS and it was not made yet."""
        if self.secure and not isinstance(self._connection, ssl.SSLSocket):
            assert self._server.context is not None
            wrapped = self._server.context.wrap_socket(
                self._connection, server_side=True, do_handshake_on_connect=False
            )
            self._server._replace(self._connection, wrapped)
            self._connection = wrapped
            wrapped.do_handshake()

    def server_flight(self) -> bytes:
        """What a TLS server says to this client's hello."""
        assert self._server.context is not None
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        machine = self._server.context.wrap_bio(incoming, outgoing, server_side=True)
        while not outgoing.pending:
            incoming.write(self._connection.recv(65536) or self._gone())
            try:
                machine.do_handshake()
            except ssl.SSLWantReadError:
                continue
        return outgoing.read()

    def _gone(self) -> bytes:
        raise ConnectionError("the client closed the connection")

    def next_bytes(self) -> bool:
        """Wait until the client sends something; False when it closes the connection instead."""
        if not self._read_ahead:
            self._read_ahead = self._connection.recv(65536)
        return bool(self._read_ahead)

    def receive(self, n: int) -> bytes:
        """Exactly n bytes of what the client sends."""
        while len(self._read_ahead) < n:
            self._read_ahead += self._connection.recv(min(65536, n - len(self._read_ahead))) or self._gone()
        data, self._read_ahead = self._read_ahead[:n], self._read_ahead[n:]
        return data

    def read_request(self) -> Request | None:
        """The next request, whole; None when the client closes the connection."""
        while b"\r\n\r\n" not in self._read_ahead:
            more = self._connection.recv(65536)
            if not more or len(self._read_ahead) > _HEAD_LIMIT:
                return None
            self._read_ahead += more
        head, _, self._read_ahead = self._read_ahead.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
        request = Request(method, target, headers)
        return request._replace(body=self.receive(int(request.header("content-length") or 0)))

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._connection.sendall(data)

    def send_plain(self, data: bytes) -> None:
        """Send these bytes below TLS."""
        socket.socket.sendall(self._connection, data)

    def drip(self, data: bytes, gap: float) -> bool:
        """Send one byte every gap seconds; False when the server closes meanwhile."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            if not self.wait(gap):
                return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait, without reading; False when the server closes meanwhile."""
        return not self._server._closing.wait(seconds)

    def hang(self, seconds: float) -> None:
        """Say nothing for these seconds, or until the client or the server closes; then RST."""
        self._connection.settimeout(seconds)
        try:
            self._connection.recv(1)
        finally:
            self.rst()

    def rst(self) -> None:
        """Close with a TCP reset."""
        self.over = True
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._connection.close()
        self._server._count_end()

    def fin(self) -> None:
        """Close in good order, TLS told; what the client still sends is drained, or the kernel would reset."""
        self.over = True
        if isinstance(self._connection, ssl.SSLSocket):
            self._connection.setblocking(False)
            with suppress(OSError, ValueError):  # the client's half of the farewell is not waited for
                self._connection.unwrap()
        _shutdown(self._connection, socket.SHUT_WR)
        self._server._count_end()
        self._connection.settimeout(5)
        while socket.socket.recv(self._connection, 65536):
            continue

    def rst_at_next_bytes(self) -> None:
        """RST as soon as the client uses this connection again."""
        if self.next_bytes():
            self._server._write(Entry(self._number, self._entry.behaviour))
            self.rst()
        self.over = True

    # ---- the books

    def begin(self, request: Request, entry: Entry) -> None:
        """Turn to the next request."""
        self.request, self._entry = request, entry
        self._pending, *good = self._server.xendit.prepare(request.method, request.target, request.body)
        self._good = (good[0], good[1])

    def commit(self) -> None:
        """Do what the request asks for."""
        pending, self._pending = self._pending, _nothing
        pending()
        self._entry.committed = True

    def commit_later(self, seconds: float) -> None:
        """Do it in so many seconds, or when the server closes."""
        self._server._later(seconds, self.commit)

    # ---- answers

    @property
    def peer_url(self) -> str:
        """The base URL of another origin."""
        return self._server.peer_url

    @property
    def status(self) -> int:
        """The status of the good answer, which is an honest 404 or 400 where that is due."""
        return self._good[0]

    def now(self) -> float:
        """The server's clock."""
        return self._server.xendit.now()

    def good_value(self, change: Callable[[Invoice], Any] | None = None) -> Any:
        """The good answer; its first invoice, where it has one, changed."""
        status, value = self._good
        if change is not None and value and status == 200:
            several = value.get("data") if isinstance(value, dict) and "data" in value else value
            if several:
                change(several[0] if isinstance(several, list) else several)
        return value

    def good(self) -> tuple[bytes, bytes]:
        """The good answer as head and body."""
        body = json.dumps(self.good_value(), separators=(",", ":")).encode()
        return self.head(self.status, len(body)), body

    def send_good(self, *headers: bytes, length: bytes | None = None) -> None:
        """Send the good answer, with these header lines more or this length."""
        body = self.good()[1]
        self.send(self.head(self.status, length or len(body), *headers) + body)

    def answer(self, status: int, body: bytes, *headers: bytes, kind: bytes = b"application/json") -> None:
        """Send an answer in good framing."""
        self.send(self.head(status, len(body), *headers, kind=kind) + body)

    def head(
        self, status: int, length: int | bytes | str | None, *headers: bytes, kind: bytes = b"application/json"
    ) -> bytes:
        """An answer's head. The length may be a number, raw bytes, "chunked", or None for none.

        As Xendit's do, all bear the headers of the rate limit; when a 429 may come back its behaviour alone says.
        """
        left = b"0" if status == 429 else b"59"
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}".encode(),
            b"Content-Type: " + kind,
            b"Date: " + self._server.xendit.date().encode(),
            f"Request-Id: fault-{self._number}".encode(),
            b"Rate-Limit-Limit: 60",
            b"Rate-Limit-Remaining: " + left,
        ]
        if status != 429:
            lines.append(b"Rate-Limit-Reset: 58.37")
        if length == "chunked":
            lines.append(b"Transfer-Encoding: chunked")
        elif isinstance(length, bytes):
            lines.append(b"Content-Length: " + length)
        elif length is not None:
            lines.append(f"Content-Length: {length}".encode())
        return b"\r\n".join([*lines, *headers]) + b"\r\n\r\n"


_REASONS = {200: "OK", 204: "No Content", 404: "Not Found", 500: "Internal Server Error"}


class FaultServer:
    """The server. It begins with its construction and ends with `close`, which leaves no thread behind.

    Args:
        context: serves TLS with it, its certificate being one for 127.0.0.1; else plain HTTP.
        skew: seconds by which its clock, in `Date` and `created`, is ahead of this machine's.
        lag: seconds after which an invoice shows in a list.
        peer: whether there is another origin beside it, for redirects.

    Attributes:
        journal: every request that was read, and whatever acted before one was.
        connections, ended: connections that were accepted; that a behaviour has closed, or half closed.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        *,
        skew: float = 0.0,
        lag: float = 0.0,
        peer: bool = True,
        port: int = 0,
    ) -> None:
        self.context = context
        self.xendit = Xendit(skew=skew, lag=lag)
        self.journal: list[Entry] = []
        self.connections = 0
        self.ended = 0
        self._script: deque[Behaviour] = deque()
        self._default = _OK
        self._weather: _Weather | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._acceptor = threading.Thread(target=self._accept, name="faults-accept", daemon=True)
        self._acceptor.start()
        self.peer = FaultServer(context, peer=False) if peer else None

    @property
    def url(self) -> str:
        """Its base URL."""
        scheme = "http" if self.context is None else "https"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def peer_url(self) -> str:
        """The base URL of the other origin."""
        return self.url if self.peer is None else self.peer.url

    @property
    def ledger(self) -> Ledger:
        """What was committed."""
        return self.xendit.ledger

    # ---- what it is told

    def script(self, *behaviours: str, default: str = "ok") -> None:
        """What to do with the next requests, in order, and with all that follow."""
        parsed = [parse(each) for each in behaviours]
        with self._lock:
            self._script = deque(parsed)
            self._default = parse(default)
            self._weather = None

    def weather(
        self,
        seed: int,
        creates: Mapping[str, float],
        others: Mapping[str, float] | None = None,
        connections: Mapping[str, float] | None = None,
    ) -> None:
        """A random behaviour for each request and each new connection, by weight.

        Args:
            seed: of the dice.
            creates: for creates; `ok` is one of them, unless all shall fail.
            others: for all else, look-ups foremost; else they go well.
            connections: for new connections; `ok` lets one through.
        """
        drawn = _Weather(seed, creates, others or {"ok": 1}, connections or {"ok": 1})
        with self._lock:
            self._script.clear()
            self._default = _OK
            self._weather = drawn

    def add(self, external_id: str, amount: float = 10_000, **fields: Any) -> Invoice:
        """An invoice that exists before the test begins; with `refund=True` a refund."""
        make = self.xendit.refund if fields.pop("refund", False) else self.xendit.invoice
        return self.ledger.commit(make(external_id, amount, **fields))

    def forget(self) -> None:
        """Begin anew: empty books, all goes well."""
        self.script()
        self.ledger.clear()
        for each in (self, self.peer):
            if each is not None:
                with each._lock:
                    each.journal.clear()
                    each.connections = each.ended = 0

    def _before_request(self, *, fresh: bool) -> Behaviour | None:
        """What acts on a connection before its next request is read, if anything does."""
        with self._lock:
            if self._script:
                return self._script.popleft() if self._script[0].stage == "connection" else None
            found = self._weather.connection() if self._weather and fresh else self._default
            return found if found.stage == "connection" else None

    def _for_request(self, request: Request) -> Behaviour:
        with self._lock:
            if self._script:
                return self._script.popleft()
            if self._weather:
                return self._weather.request(operation_of(request.method, request.target))
            return self._default

    # ---- what it does

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                number = self.connections
            self._start(self._serve, connection, number)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name="faults", daemon=True)
        with self._lock:
            self._threads = {each for each in self._threads if each.is_alive()} | {thread}
            thread.start()

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        def run() -> None:
            self._closing.wait(seconds)
            work()

        self._start(run)

    def _replace(self, old: socket.socket, new: socket.socket) -> None:
        with self._lock:
            self._open.discard(old)
            self._open.add(new)

    def _write(self, entry: Entry) -> Entry:
        with self._lock:
            self.journal.append(entry)
        return entry

    def _count_end(self) -> None:
        with self._lock:
            self.ended += 1

    def _serve(self, connection: socket.socket, number: int) -> None:
        turn = Turn(self, connection, number)
        try:
            with suppress(OSError, ValueError):  # the client went away, or sent what is no HTTP
                self._converse(turn, number)
        finally:
            with self._lock:
                self._open.discard(turn._connection)
            turn._connection.close()
            connection.close()

    def _converse(self, turn: Turn, number: int) -> None:
        fresh = True
        while not turn.over:
            if not fresh and not turn.next_bytes():
                return
            early = self._before_request(fresh=fresh)
            if early is not None:
                self._write(Entry(number, str(early)))
                early.act(turn)
                return
            turn.handshake()
            fresh = False
            request = turn.read_request()
            if request is None:
                return
            names = tuple(name for name, _ in request.headers)
            behaviour = self._for_request(request)
            entry = Entry(number, str(behaviour), request.method, request.target, names)
            entry.authorization, entry.body = request.header("authorization"), request.body
            self._write(entry)
            turn.begin(request, entry)
            behaviour.act(turn)

    def close(self) -> None:
        """End everything: whoever waits is woken, all threads are joined, what was to be committed later is."""
        self._closing.set()
        _shutdown(self._listener, socket.SHUT_RDWR)
        self._acceptor.join(5)
        self._listener.close()
        with self._lock:
            still_open, threads = list(self._open), list(self._threads)
        for connection in still_open:
            _shutdown(connection, socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive(), f"{thread.name} did not end"
        if self.peer is not None:
            self.peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Weather:
    """Dice that fall by weight."""

    def __init__(self, seed: int, *weights: Mapping[str, float]) -> None:
        self._dice = random.Random(seed)
        self._creates, self._others, self._connections = (
            ([parse(text) for text in each], list(each.values())) for each in weights
        )
        for behaviour in self._creates[0] + self._others[0]:
            if behaviour.stage != "request":
                raise ValueError(f"{behaviour} acts on connections, before anyone knows what is asked")

    def request(self, operation: str) -> Behaviour:
        """For a request."""
        behaviours, weights = self._creates if operation == "create" else self._others
        return self._dice.choices(behaviours, weights)[0]

    def connection(self) -> Behaviour:
        """For a new connection."""
        behaviours, weights = self._connections
        return self._dice.choices(behaviours, weights)[0]


def _shutdown(connection: socket.socket, how: int) -> None:
    """Shut a socket down below TLS, whose own state another thread may be using; closed already is fine too."""
    with suppress(OSError):
        socket.socket.shutdown(connection, how)


def _nothing() -> None:
    """There is nothing left to commit."""


# ---- in a process of its own


class ServerProcess:
    """A FaultServer in another process, with the same words for the same things.

    Args:
        chain: a PEM file with a key and its certificate for 127.0.0.1, for TLS.
        skew, lag: as FaultServer's.
    """

    def __init__(self, chain: str | os.PathLike[str] | None = None, *, skew: float = 0.0, lag: float = 0.0) -> None:
        command = [sys.executable, "-m", "faults.server", f"--skew={skew}", f"--lag={lag}"]
        if chain is not None:
            command.append(f"--chain={os.fspath(chain)}")
        self._process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
        )
        self._lock = threading.Lock()
        self.pid = self._process.pid
        told = self._read()
        self.url, self.peer_url = told["url"], told["peer_url"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the server's process ended")
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def ask(self, do: str, *given: Any, **named: Any) -> Any:
        """One command; its answer."""
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps([do, given, named]) + "\n")
            self._process.stdin.flush()
            return self._read()

    def script(self, *behaviours: str, default: str = "ok") -> None:
        """As FaultServer's."""
        self.ask("script", *behaviours, default=default)

    def weather(self, seed: int, *weights: Mapping[str, float] | None) -> None:
        """As FaultServer's, its mappings in order."""
        self.ask("weather", seed, *weights)

    def add(self, external_id: str, amount: float = 10_000, **fields: Any) -> Invoice:
        """As FaultServer's."""
        invoice: Invoice = self.ask("add", external_id, amount, **fields)
        return invoice

    def forget(self) -> None:
        """As FaultServer's."""
        self.ask("forget")

    @property
    def journal(self) -> list[Entry]:
        """What was asked until now."""
        return [_entry(each) for each in self.ask("journal")]

    @property
    def peer_connections(self) -> int:
        """How many connections the other origin saw."""
        count: int = self.ask("peer_connections")
        return count

    @property
    def ledger(self) -> Ledger:
        """A copy of what was committed until now."""
        copy = Ledger()
        for invoice in self.ask("ledger"):
            copy.commit(invoice)
        return copy

    def close(self) -> None:
        """End the process in good order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        code = self._process.wait(10)
        assert code == 0, f"the server's process ended with {code}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(**{**told, "headers": tuple(told["headers"]), "body": base64.b64decode(told["body"])})


def _obey(server: FaultServer, do: str, given: list[Any], named: dict[str, Any]) -> Any:
    """What a command of the other process brings."""
    if do == "journal":
        return [{**vars(entry), "body": base64.b64encode(entry.body).decode()} for entry in list(server.journal)]
    if do == "ledger":
        return list(server.ledger)
    if do == "peer_connections":
        return 0 if server.peer is None else server.peer.connections
    if do not in ("script", "weather", "add", "forget"):
        raise ValueError(f"there is no command {do!r}")
    return getattr(server, do)(*given, **named)


def _tell(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve, and obey the lines on standard input until it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chain", help="PEM file with a key and its certificate, for TLS")
    parser.add_argument("--skew", type=float, default=0.0)
    parser.add_argument("--lag", type=float, default=0.0)
    options = parser.parse_args()
    context = None
    if options.chain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.chain)
    with FaultServer(context, skew=options.skew, lag=options.lag) as server:
        _tell({"url": server.url, "peer_url": server.peer_url})
        for line in sys.stdin:
            try:
                answer = _obey(server, *json.loads(line))
            except (ValueError, TypeError) as error:
                answer = {"error": str(error)}
            _tell(answer)


if __name__ == "__main__":
    main()
