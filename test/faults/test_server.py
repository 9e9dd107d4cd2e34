"""The fault server does what its behaviours say, judged over plain sockets; the client under test has no part here."""

from __future__ import annotations

import gc
import gzip
import json
import select
import socket
import ssl
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from faults.behaviours import KINDS, parse
from faults.server import FaultServer, ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme

CREATE = json.dumps({"external_id": "e-1", "amount": 10000.5}).encode()


class Heard(NamedTuple):
    """What a client heard, and how it ended: reset, fin, open, or silent (an answer begun and not ended)."""

    data: bytes
    end: str

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def json(self) -> Any:
        return json.loads(self.body)


def connect(server: FaultServer | str) -> socket.socket:
    """A plain connection to the server, TLS or not."""
    url = server if isinstance(server, str) else server.url
    connection = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(method: str, target: str, body: bytes = b"") -> bytes:
    """A request's bytes."""
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eA==\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def complete(data: bytes) -> bool:
    """Whether this is an answer of an honest length."""
    head, end, body = data.partition(b"\r\n\r\n")
    lengths = [line[15:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    if head.startswith(b"HTTP/1.1 204"):
        return bool(end)
    return bool(end) and (body.endswith(b"0\r\nX-End: 1\r\n\r\n") if not lengths else lengths == [b"%d" % len(body)])


def hear(connection: socket.socket, patience: float = 0.15) -> Heard:
    """All that comes until the connection ends or falls silent."""
    data = b""
    while True:
        connection.settimeout(0.02 if complete(data) else patience)
        try:
            more = connection.recv(1 << 20)
        except (ConnectionResetError, ssl.SSLEOFError):  # inside TLS a reset may look like an end without a farewell
            return Heard(data, "reset")
        except TimeoutError:
            return Heard(data, "open" if complete(data) else "silent")
        if not more:
            return Heard(data, "fin")
        data += more


def ask(
    server: FaultServer, behaviour: str, sent: bytes = request("POST", "/v2/invoices/", CREATE), patience: float = 0.15
) -> Heard:
    """One request under one behaviour, on a connection of its own."""
    server.script(behaviour)
    return ask_again(server, sent, patience)


def ask_again(server: FaultServer, sent: bytes, patience: float = 0.15) -> Heard:
    """One request under whatever comes, on a connection of its own."""
    try:
        with connect(server) as connection:
            connection.sendall(sent)
            return hear(connection, patience)
    except ConnectionResetError:  # before it was sent
        return Heard(b"", "reset")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A plain server."""
    with FaultServer() as running:
        yield running


@pytest.fixture
def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """The client's side of TLS."""
    made = ssl.create_default_context()
    authority.configure_trust(made)
    return made


# How each behaviour ends: as a client hears it, with how many invoices in the ledger, and what the bytes show.


def _any(heard: Heard) -> bool:
    return True


def _nothing(heard: Heard) -> bool:
    return heard.data == b""


def _fields(heard: Heard) -> Any:
    return json.loads(heard.body)


def _is_ok(heard: Heard) -> bool:
    return heard.status == 200 and heard.json()["external_id"] == "e-1" and heard.json()["amount"] == 10000


def _is_cut_gzip(heard: Heard) -> bool:
    unpacker = zlib.decompressobj(31)
    return unpacker.decompress(heard.body) != b"" and not unpacker.eof


def _short(by: int) -> Callable[[Heard], bool]:
    """The head promises this many bytes more than came; -1 for half."""

    def shows(heard: Heard) -> bool:
        promised = int(heard.head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        return promised // 2 == len(heard.body) if by < 0 else promised - by == len(heard.body)

    return shows


ENDS: dict[str, tuple[str, int, Callable[[Heard], bool]]] = {
    "rst_on_accept": ("reset", 0, _nothing),
    "fin_on_accept": ("fin", 0, _nothing),
    "hang_on_accept:hang_s=5": ("silent", 0, _nothing),
    "rst_mid_request": ("reset", 0, _nothing),
    "plain_garbage": ("fin", 0, lambda heard: len(heard.data) == 71 and b"HTTP" not in heard.data),
    "tls_stall:gap=0.001": ("silent", 0, lambda heard: heard.data == b"H" * 63),
    "rst_after_request": ("reset", 0, _nothing),
    "rst_after_commit": ("reset", 1, _nothing),
    "fin_after_request": ("fin", 0, _nothing),
    "fin_after_commit": ("fin", 1, _nothing),
    "hang_after_request": ("silent", 0, _nothing),
    "hang_after_commit": ("silent", 1, _nothing),
    "late_commit:s=9": ("reset", 0, _nothing),
    "rst_mid_response": ("reset", 1, lambda heard: b"\r\n\r\n" not in heard.data),
    "rst_mid_response:fin=1": ("fin", 1, lambda heard: b"\r\n\r\n" not in heard.data),
    "ok_then_stale": ("open", 1, _is_ok),
    "ok_then_fin": ("fin", 1, _is_ok),
    "slow_headers:gap=0.0005": ("open", 1, _is_ok),
    "drip_headers:gap=0.01,hang_s=0.1": ("reset", 0, lambda heard: heard.data.endswith(b"X-Drip: " + b"a" * 10)),
    "bad_status_line": ("fin", 0, lambda heard: heard.data.startswith(b"NOPE nope nope")),
    "http09": ("fin", 0, lambda heard: heard.data == b'{"id":"x"}'),
    "status_999": ("open", 0, lambda heard: heard.status == 999),
    "status_no_reason": ("open", 1, lambda heard: heard.data.startswith(b"HTTP/1.1 200\r\n")),
    "header_flood": ("open", 1, lambda heard: heard.head.count(b"\r\nX-Flood-") == 500),
    "header_long": ("open", 1, lambda heard: max(map(len, heard.head.split(b"\r\n"))) == 1 << 20),
    "header_garbage": ("open", 1, lambda heard: b"\r\nno colon here\r\n" in heard.head and b"\x00" in heard.head),
    "length_conflict": ("fin", 1, lambda heard: heard.head.count(b"Content-Length: ") == 2),
    "length_negative": ("fin", 1, lambda heard: b"Content-Length: -1\r\n" in heard.data),
    "length_text": ("fin", 1, lambda heard: b"Content-Length: banana\r\n" in heard.data),
    "continue_flood": ("silent", 1, lambda heard: heard.data.count(b"HTTP/1.1 100 Continue\r\n\r\n") == 1000),
    "continue_drip:gap=0.01,hang_s=0.05": (
        "reset",
        0,
        lambda heard: heard.data == b"HTTP/1.1 100 Continue\r\n\r\n" * 5,
    ),
    "slow_body:gap=0.0001": ("open", 1, _is_ok),
    "drip_body:gap=0.01,hang_s=0.05": (
        "reset",
        0,
        lambda heard: heard.body == b" " * 5 and b": 1000000\r\n" in heard.data,
    ),
    "body_stall": ("silent", 1, _short(-1)),
    "truncated_body": ("fin", 1, _short(100)),
    "half_body": ("fin", 1, _short(-1)),
    "half_body_rst": ("reset", 1, _any),
    "half_body_nolength": ("fin", 1, lambda heard: b"Content-Length" not in heard.head and heard.body[:1] == b"{"),
    "extra_body": ("silent", 1, lambda heard: heard.body[-50:].startswith(b"HTTP/1.1 200 OK")),
    "chunk_ok": ("open", 1, lambda heard: heard.body.startswith(b'7\r\n{"id":"\r\n')),
    "chunk_garbage": ("fin", 1, lambda heard: heard.body.startswith(b"zzz\r\n")),
    "chunk_truncated": ("fin", 1, lambda heard: int(heard.body.split(b"\r\n")[0], 16) > len(heard.body)),
    "chunk_noend": ("fin", 1, lambda heard: heard.body.endswith(b"}\r\n")),
    "chunk_huge": ("fin", 1, lambda heard: heard.body.startswith(b"ffffffffffffffff\r\n")),
    "huge_body:mb=2": ("open", 1, lambda heard: len(heard.json()) == 2 * (1 << 20) - 2),
    "huge_body_nolength:mb=2": ("fin", 1, lambda heard: heard.body == b"a" * 2 * (1 << 20)),
    "huge_body:mb=2,padded=1": ("open", 1, lambda heard: _is_ok(heard) and len(heard.body) == 2 << 20),
    "huge_body_nolength:mb=2,padded=1": ("fin", 1, lambda heard: _is_ok(heard) and len(heard.body) == 2 << 20),
    "huge_error:mb=2": ("open", 0, lambda heard: heard.status == 500 and len(heard.body) == 2 << 20),
    "crowd": ("open", 1, lambda heard: json.loads(heard.body) == [{}] * 1001),
    "gzip": ("open", 1, lambda heard: json.loads(gzip.decompress(heard.body))["external_id"] == "e-1"),
    "gzip_truncated": ("open", 1, _is_cut_gzip),
    "gzip_garbage": ("open", 1, lambda heard: b"Content-Encoding: gzip" in heard.head and _is_ok(heard)),
    "gzip_bomb:mb=4": (
        "open",
        1,
        lambda heard: len(heard.body) < 9000 and len(gzip.decompress(heard.body)) == (4 << 20) + 2,
    ),
    "gzip_nested": ("open", 1, lambda heard: heard.head.count(b"gzip, ") == 19 and heard.body[:2] == b"\x1f\x8b"),
    "encoding_unknown": ("open", 1, lambda heard: b"Content-Encoding: banana" in heard.head and _is_ok(heard)),
    "ok": ("open", 1, _is_ok),
    "ok_close": ("fin", 1, lambda heard: b"Connection: close" in heard.head and _is_ok(heard)),
    "ok_slow:s=0.05": ("open", 1, _is_ok),
    "status:code=429,err=RATE,retry_after=7": (
        *("open", 0),
        lambda heard: (
            b"Retry-After: 7\r\n" in heard.data and heard.json()["error_code"] == "RATE" and heard.status == 429
        ),
    ),
    "status:commit=1,retry_date=2": ("open", 1, lambda heard: b"GMT" in heard.head.partition(b"Retry-After: ")[2][:40]),
    "status:rate_limit_reset=58.37": ("open", 0, lambda heard: b"\r\nRate-Limit-Reset: 58.37" in heard.head),
    "html": ("open", 0, lambda heard: heard.status == 502 and b"text/html" in heard.head),
    "html:code=200,commit=1": ("open", 1, lambda heard: heard.status == 200 and heard.body.startswith(b"<html>")),
    "empty": ("open", 0, lambda heard: heard.status == 500 and heard.body == b""),
    "no_content": ("open", 0, lambda heard: heard.status == 204 and heard.body == b""),
    "text": ("open", 0, lambda heard: heard.status == 200 and b"text/plain" in heard.head),
    "json:kind=obj_nested": (
        "open",
        0,
        lambda heard: heard.status == 400 and heard.json()["error_code"]["code"] == "X",
    ),
    "redirect:code=307": (
        "open",
        0,
        lambda heard: heard.status == 307 and b"Location: http://127.0.0.1:" in heard.head,
    ),
    "redirect:loop=1": ("open", 0, lambda heard: heard.head.endswith(b"Location: /v2/invoices/")),
    "redirect:to=file:///etc/hosts": ("open", 0, lambda heard: heard.head.endswith(b"Location: file:///etc/hosts")),
    "deep_json": ("open", 1, lambda heard: heard.body == b"[" * 100_000 + b"]" * 100_000),
    "deep_json:n=70,kind=object,field=1": (
        "open",
        1,
        lambda heard: heard.body.count(b'{"a":') == 70 and bool(heard.json()),
    ),
    "nan": ("open", 1, lambda heard: b'"amount":NaN,' in heard.body),
    "bigint": ("open", 1, lambda heard: b'"amount":' + b"9" * 5000 + b"," in heard.body),
    "amount:v=100.10": ("open", 1, lambda heard: b'"amount":100.10,' in heard.body),
    "dup_keys": ("open", 1, lambda heard: heard.body.count(b'"status":') == 2 and heard.json()["amount"] == 999),
    "wrong_type": ("open", 1, lambda heard: heard.json()["amount"] == "abc"),
    "null_field": ("open", 1, lambda heard: heard.json()["external_id"] is None),
    "missing_field": ("open", 1, lambda heard: "external_id" not in heard.json() and "id" in heard.json()),
    "unknown_enum": ("open", 1, lambda heard: heard.json()["status"] == "REVERSED_2031"),
    "unknown_field": ("open", 1, lambda heard: heard.json()["__class__"] == heard.json()["class"] == "x"),
    "invalid_utf8": ("open", 1, lambda heard: b'"a\xffb"' in heard.body),
    "bom": ("open", 1, lambda heard: heard.body.startswith(b'\xef\xbb\xbf{"id"')),
    "utf16": ("open", 1, lambda heard: json.loads(heard.body.decode("utf-16"))["external_id"] == "e-1"),
    "charset": ("open", 1, lambda heard: b"charset=bogus-1" in heard.head and _is_ok(heard)),
    "surrogate": ("open", 1, lambda heard: heard.json()["description"] == "\ud800"),
    "bad_date": ("open", 1, lambda heard: heard.json()["expiry_date"] == "soon"),
    "wrong_shape": ("open", 1, lambda heard: heard.json()[0]["external_id"] == "e-1"),
    "json_200:v=42": ("open", 0, lambda heard: heard.body == b"42" and heard.status == 200),
    "other_invoice": ("open", 0, lambda heard: heard.json()["external_id"] == "another"),
}


@pytest.mark.parametrize("behaviour", ENDS)
def test_a_behaviour_does_what_its_line_says(behaviour: str, server: FaultServer) -> None:
    """Each ends the connection as it says, sends what it says, and writes the ledger only where it says."""
    end, committed, shows = ENDS[behaviour]
    heard = ask(server, behaviour)
    assert heard.end == end
    assert shows(heard)
    assert len(server.ledger) == committed
    (entry,) = server.journal
    assert entry.behaviour == behaviour
    assert entry.committed == bool(committed)
    assert entry.operation == ("create" if parse(behaviour).stage == "request" else "")


def test_every_behaviour_is_tried() -> None:
    """All of them, and the TLS handshake that stalls."""
    assert {parse(text).name for text in ENDS} == set(KINDS)
    assert len(KINDS) == 82


def test_a_behaviour_is_read_from_its_text() -> None:
    """Parameters have the type of their defaults, values may hold commas, and what does not exist is refused."""
    assert parse("status:code=429,retry_after=120, 60").parameters["retry_after"] == "120, 60"
    assert parse("deep_json:n=7").parameters == {"n": 7, "kind": "array", "field": 0, "commit": 1}
    assert str(parse("html:code=502,commit=1")) == "html:code=502,commit=1"
    assert parse("ok") == parse("ok")
    for wrong in ("nonsense", "ok:speed=1", "html:code", "html:code=bad"):
        with pytest.raises(ValueError, match=r"there is no|has no parameter|invalid literal"):
            parse(wrong)


def test_the_lookalike_has_the_four_operations(server: FaultServer) -> None:
    """Create, get, list by external_id newest first, expire once; ids that nobody has are 404."""
    made = ask(server, "ok").json()
    again = ask(server, "ok").json()
    assert made["id"] != again["id"]
    listed = ask(server, "ok", request("GET", "/v2/invoices?external_id=e-1")).json()
    assert [each["id"] for each in listed] == [again["id"], made["id"]]
    assert ask(server, "ok", request("GET", "/v2/invoices?external_id=e-2")).json() == []
    assert ask(server, "ok", request("GET", f"/v2/invoices/{made['id']}")).json() == made
    expire = request("POST", f"/invoices/{made['id']}/expire!")
    assert ask(server, "ok", expire).json()["status"] == "EXPIRED"
    assert ask(server, "ok", expire).status == 404
    assert ask(server, "ok", request("GET", "/v2/invoices/none")).status == 404
    assert ask(server, "ok", request("GET", "/elsewhere")).status == 404
    assert ask(server, "ok", request("POST", "/v2/invoices/", b'{"external_id":"x","amount":NaN}')).status == 400
    assert server.ledger.duplicates() == ["e-1"]


def test_a_404_stays_one_under_a_fault_of_content(server: FaultServer) -> None:
    """What does not exist is not made up."""
    assert ask(server, "unknown_field", request("GET", "/v2/invoices/none")).status == 404
    assert ask(server, "nan", request("GET", "/v2/invoices?external_id=none")).body == b"[]"
    assert ask(server, "wrong_shape", request("GET", "/v2/invoices")).json() == {}


def test_the_date_agrees_with_the_clock_that_invoices_are_made_by() -> None:
    """A server whose clock is an hour ahead says so in Date and in created alike; a list may lag behind it."""
    with FaultServer(skew=3600, lag=60) as server:
        heard = ask(server, "ok")
        date = heard.head.partition(b"Date: ")[2].partition(b"\r\n")[0].decode()
        told = time.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")
        assert 3595 < time.mktime(told) - time.timezone - time.time() < 3605
        assert heard.json()["created"][:16] == time.strftime("%Y-%m-%dT%H:%M", told)
        assert ask(server, "ok", request("GET", "/v2/invoices?external_id=e-1")).json() == []


def test_a_script_is_followed_in_order_and_ends_in_its_default(server: FaultServer) -> None:
    """On one connection: two scripted behaviours, then the default for ever."""
    server.script("html", "ok", default="empty:code=503")
    with connect(server) as connection:
        statuses = []
        for _ in range(4):
            connection.sendall(request("GET", "/v2/invoices"))
            statuses.append(hear(connection).status)
    assert statuses == [502, 200, 503, 503]
    assert [(entry.connection, entry.behaviour) for entry in server.journal] == [
        *((1, "html"), (1, "ok"), (1, "empty:code=503"), (1, "empty:code=503"))
    ]


def test_what_acts_on_accept_also_acts_on_an_open_connection(server: FaultServer) -> None:
    """Where the client reuses a connection, the next bytes on it meet the behaviour, and are not read."""
    server.script("ok", "rst_on_accept", "fin_on_accept")
    with connect(server) as connection:
        connection.sendall(request("GET", "/v2/invoices"))
        assert hear(connection).end == "open"
        connection.sendall(request("POST", "/v2/invoices/", CREATE))
        assert hear(connection) == Heard(b"", "reset")
    with connect(server) as connection:
        assert hear(connection) == Heard(b"", "fin")
    assert [entry.operation for entry in server.journal] == ["list", "", ""]
    assert len(server.ledger) == 0


def test_a_stale_connection_does_not_process_what_comes_next(server: FaultServer) -> None:
    """The answer is good; the next create on that connection is reset and not committed."""
    server.script("ok_then_stale")
    with connect(server) as connection:
        connection.sendall(request("POST", "/v2/invoices/", CREATE))
        assert _is_ok(hear(connection))
        connection.sendall(request("POST", "/v2/invoices/", CREATE))
        assert hear(connection) == Heard(b"", "reset")
    assert len(server.ledger) == 1
    assert [entry.method for entry in server.journal] == ["POST", ""]


def test_a_late_commit_comes_later_and_at_the_latest_when_the_server_closes() -> None:
    """A look-up made at once finds nothing, one made later finds it; closing waits for no clock."""
    with FaultServer() as server:
        assert ask(server, "late_commit:s=0.05").end == "reset"
        assert len(server.ledger) == 0
        wait_until(lambda: len(server.ledger) == 1)
        ask(server, "late_commit:s=99")
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert len(server.ledger) == 2


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait at most 5 s for something that is about to hold."""
    ends = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < ends
        select.select([], [], [], 0.005)


def test_the_journal_keeps_what_an_audit_needs(server: FaultServer) -> None:
    """Connection, method, target, header names, the Authorization value, the body."""
    ask(server, "ok")
    (entry,) = server.journal
    assert (entry.connection, entry.method, entry.target) == (1, "POST", "/v2/invoices/")
    assert entry.headers == ("host", "authorization", "content-length")
    assert entry.authorization == "Basic eA=="
    assert entry.body == CREATE
    server.forget()
    assert not server.journal
    assert len(server.ledger) == 0


def test_the_weather_is_the_dice_of_its_seed(server: FaultServer) -> None:
    """The same seed brings the same faults, look-ups have their own, connections theirs."""

    def run() -> list[str]:
        server.forget()
        server.weather(7, {"ok": 2, "html": 1, "empty": 1}, {"status": 1}, {"ok": 3, "rst_on_accept": 1})
        for number in range(20):
            ask_again(server, request("POST" if number % 2 else "GET", "/v2/invoices", CREATE))
        return [entry.behaviour for entry in server.journal]

    first = run()
    assert first == run()
    assert set(first) == {"ok", "html", "empty", "status", "rst_on_accept"}
    assert {entry.behaviour for entry in server.journal if entry.method == "GET"} == {"status"}
    with pytest.raises(ValueError, match="rst_on_accept acts on connections"):
        server.weather(1, {"rst_on_accept": 1})


def test_the_peer_is_another_origin_with_books_of_its_own(server: FaultServer) -> None:
    """Who follows a redirect is seen there, and nowhere else."""
    location = ask(server, "redirect").head.partition(b"Location: ")[2].decode()
    assert location == server.peer_url + "/v2/invoices/"
    assert server.peer is not None
    assert server.peer.connections == 0
    with connect(server.peer_url) as connection:
        connection.sendall(request("GET", "/v2/invoices"))
        assert hear(connection).status == 200
    assert server.peer.connections == 1
    assert [entry.method for entry in server.peer.journal] == ["GET"]
    assert len(server.journal) == 1


TLS_ENDS = {
    "rst_on_accept": (ConnectionResetError, ssl.SSLEOFError),
    "fin_on_accept": (ssl.SSLEOFError, ConnectionResetError),
    "hang_on_accept": TimeoutError,
    "plain_garbage": ssl.SSLError,
    "tls_stall:gap=0": TimeoutError,
    "tls_stall:gap=0.01": TimeoutError,
}


@pytest.mark.parametrize("behaviour", TLS_ENDS)
def test_what_acts_on_accept_acts_before_the_handshake(
    behaviour: str, context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """The handshake fails as the behaviour says, and no request is seen."""
    with FaultServer(context) as server:
        server.script(behaviour)
        with pytest.raises(TLS_ENDS[behaviour]), connect(server) as plain:
            plain.settimeout(0.1)
            client_context.wrap_socket(plain, server_hostname="127.0.0.1")
        assert [entry.method for entry in server.journal] == [""]


@pytest.mark.parametrize(
    "behaviour",
    ["ok", "rst_mid_request", "rst_after_commit", "fin_after_commit", "ok_then_fin", "half_body", "ok_close"],
)
def test_what_acts_on_requests_acts_inside_tls(
    behaviour: str, context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """After the handshake the same is heard as without TLS; a FIN is announced, so that it is no torn connection."""
    end, committed, shows = ENDS[behaviour]
    with FaultServer(context) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert server.peer_url.startswith("https://")
        server.script(behaviour)
        with client_context.wrap_socket(
            connect(server), server_hostname="127.0.0.1", suppress_ragged_eofs=False
        ) as connection:
            connection.sendall(request("POST", "/v2/invoices/", CREATE))
            heard = hear(connection)
        assert heard.end == end
        assert shows(heard)
        assert len(server.ledger) == committed


def test_an_early_behaviour_meets_an_open_tls_connection_too(
    context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    """Garbage on it is garbage below TLS."""
    with FaultServer(context) as server:
        server.script("ok", "plain_garbage")
        with client_context.wrap_socket(connect(server), server_hostname="127.0.0.1") as connection:
            for end in ("open", "garbage"):
                connection.sendall(request("GET", "/v2/invoices"))
                if end == "open":
                    assert hear(connection).end == end
                else:
                    with pytest.raises(ssl.SSLError):
                        hear(connection)


@pytest.mark.parametrize(
    "behaviour",
    [
        "hang_on_accept",
        "hang_after_request",
        "drip_headers",
        "continue_drip",
        "body_stall",
        "ok_slow:s=60",
        "tls_stall",
    ],
)
def test_closing_ends_what_hangs(behaviour: str) -> None:
    """No thread and no socket outlives the server, whatever it was at."""
    before = set(threading.enumerate())
    begun = time.monotonic()
    with FaultServer() as server:
        server.script(behaviour)
        connection = connect(server)
        connection.sendall(request("POST", "/v2/invoices/", CREATE))
        wait_until(lambda: bool(server.journal))
    connection.close()
    assert time.monotonic() - begun < 2
    assert set(threading.enumerate()) <= before
    gc.collect()  # a socket left open would warn now, and a warning is an error


def test_the_server_runs_in_a_process_of_its_own(authority: trustme.CA, tmp_path: Path) -> None:
    """Its words are the same there; a wrong one is refused and does not end it."""
    with ServerProcess() as server:
        made = server.add("e-0", currency="PHP", amount=1.5)
        assert made["amount"] == 1.5
        server.script("html:code=503")
        with connect(server.url) as connection:
            connection.sendall(request("POST", "/v2/invoices/", CREATE))
            assert hear(connection, 1).status == 503
            connection.sendall(request("POST", "/v2/invoices/", CREATE))
            assert hear(connection, 1).status == 200
        assert [entry.operation for entry in server.journal] == ["create", "create"]
        assert server.journal[1].body == CREATE
        assert server.journal[1].committed
        assert [invoice["external_id"] for invoice in server.ledger] == ["e-0", "e-1"]
        assert server.peer_connections == 0
        with pytest.raises(ValueError, match="there is no behaviour 'nonsense'"):
            server.script("nonsense")
        with pytest.raises(ValueError, match="there is no command"):
            server.ask("nonsense")
        server.weather(3, {"html": 1})
        server.forget()
        assert server.journal == []
    chain = tmp_path / "chain.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    with ServerProcess(chain) as server:
        assert server.url.startswith("https://")
