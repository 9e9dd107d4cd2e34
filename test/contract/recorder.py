"""A raw HTTP server on loopback that keeps what reached it, byte for byte, and answers with canned bodies.

It uses the standard library's sockets alone: a server that tidied a request line or a header would hide what
the tests are there to see. Nothing here knows the package under test.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import socketserver
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

KEY = "xnd_development_contract=="
"""The API key of the recorded calls; it opens nothing."""

INVOICE: dict[str, Any] = {
    "id": "63cbffba77c0a60ebd31ee2b",
    "external_id": "order-1001",
    "user_id": "5f9a3fbd571a1c4068aa40ce",
    "status": "PENDING",
    "merchant_name": "Toko Kopi",
    "merchant_profile_picture_url": "https://merchant.example/logo.png",
    "amount": 150000,
    "payer_email": "budi@example.com",
    "description": "Two bags of coffee",
    "expiry_date": "2026-11-24T15:14:02.404Z",
    "invoice_url": "https://checkout-staging.example/v2/63cbffba77c0a60ebd31ee2b",
    "available_banks": [
        {
            "bank_code": "BCA",
            "collection_type": "POOL",
            "transfer_amount": 150000,
            "bank_branch": "Virtual Account",
            "account_holder_name": "TOKO KOPI",
            "identity_amount": 0,
        }
    ],
    "available_retail_outlets": [{"retail_outlet_name": "ALFAMART"}],
    "available_ewallets": [{"ewallet_type": "OVO"}],
    "available_qr_codes": [{"qr_code_type": "QRIS"}],
    "available_direct_debits": [{"direct_debit_type": "DD_BRI"}],
    "available_paylaters": [],
    "should_exclude_credit_card": False,
    "should_send_email": False,
    "items": [{"name": "Coffee", "price": 75000, "quantity": 2}],
    "created": "2026-11-23T15:14:02.404Z",
    "updated": "2026-11-23T15:14:02.404Z",
    "currency": "IDR",
}
"""A pending invoice as the API writes one: integers for amounts, absent fields left out."""


@dataclass(frozen=True)
class Recorded:
    """One request as it came: the request line, the headers in order, the body."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def method(self) -> str:
        return self.line.split(" ", 1)[0]

    @property
    def target(self) -> str:
        """The path and the query as they stood in the request line."""
        return self.line.split(" ")[1]

    @property
    def path(self) -> str:
        """The path before any decoding."""
        return self.target.split("?", 1)[0]

    @property
    def query(self) -> list[list[str]]:
        """The names and values of the query in order, decoded."""
        _, _, text = self.target.partition("?")
        return [list(pair) for pair in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))]

    @property
    def json(self) -> Any:
        """The body as JSON, or None when there was none."""
        return json.loads(self.body) if self.body else None

    @property
    def key(self) -> str:
        """The API key that the Authorization header carries."""
        scheme, _, credentials = (self.header("Authorization") or "").partition(" ")
        name, colon, password = base64.b64decode(credentials).decode().partition(":")
        assert (scheme, colon, password) == ("Basic", ":", ""), "the key is the user name, the password is empty"
        return name

    def header(self, name: str) -> str | None:
        """The one value of a header; it fails when the header came twice."""
        values = [value for each, value in self.headers if each.lower() == name.lower()]
        assert len(values) <= 1, f"{name} was sent {len(values)} times"
        return values[0] if values else None


@dataclass(frozen=True)
class Answer:
    """What the server says next: a status, a body (bytes, or JSON to be written), more headers."""

    status: int = 200
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=utf-8"

    def encoded(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        head = [
            f"HTTP/1.1 {self.status} Canned",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@dataclass
class Recorder:
    """The server; use it in a `with` block. `requests` holds what came, `answers` what is said before the default.

    The default answer is the invoice above: with the fields of a create, in a list when a list was asked for,
    expired when it was expired.
    """

    requests: list[Recorded] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    connections: int = 0

    def __enter__(self) -> Recorder:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.recorder = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was quicker
                    connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def answer(self, request: Recorded) -> Answer:
        with self._lock:
            self.requests.append(request)
            if self.answers:
                return self.answers.popleft()
        if request.path.endswith("/v2/invoices") and request.method == "GET":
            return Answer(body=[{**INVOICE, **{name: text for name, text in request.query if name == "external_id"}}])
        if request.path.endswith("expire!"):
            return Answer(body={**INVOICE, "id": unquote(request.path.split("/")[-2]), "status": "EXPIRED"})
        if request.method == "POST":
            return Answer(body=_created(request.json or {}))
        return Answer(body={**INVOICE, "id": unquote(request.path.split("/")[-1])})


def _created(asked: dict[str, Any]) -> dict[str, Any]:
    """The invoice of a create: the fields that a server repeats, where they have the type that it takes."""
    kept: dict[str, Any] = {}
    for name, types in {"external_id": (str,), "amount": (int, float), "currency": (str,)}.items():
        if isinstance(asked.get(name), types):
            kept[name] = asked[name]
    if isinstance(asked.get("external_id"), int):
        kept["external_id"] = str(asked["external_id"])
    return {**INVOICE, **kept}


class _Server(socketserver.ThreadingTCPServer):
    # Handlers end when their connection does; closing the server waits for them.
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True
    recorder: Recorder

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.recorder.opened(connection)  # here and not in the handler: nothing is accepted after shutdown()
        return connection, address


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def finish(self) -> None:
        self.server.recorder.closed(self.request)
        super().finish()

    def handle(self) -> None:
        try:
            while request := self._read():
                self.wfile.write(self.server.recorder.answer(request).encoded())
        except ConnectionError:
            return  # the client left, or the test is over

    def _read(self) -> Recorded | None:
        line = self.rfile.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return None
        headers = []
        while text := self.rfile.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = text.partition(":")
            headers.append((name, value.strip(" \t")))
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        assert not any(name.lower() == "transfer-encoding" for name, _ in headers), "bodies are sent whole"
        return Recorded(line, tuple(headers), self.rfile.read(lengths[0]) if lengths else b"")
