"""What a server may do instead of answering well: eighty behaviours, and a TLS handshake that stalls.

A behaviour is a name with parameters, written `status:code=503,err=SERVER_ERROR,commit=1`. Here stands what each
does with its turn; the sockets are in `faults.server`. Those of the stage `connection` act before a request is
read; the others after it was read whole and, where `commit` says so, after the ledger was written.
"""

from __future__ import annotations

import random
import re
import zlib
from email.utils import formatdate
from functools import cache, lru_cache
from gzip import compress
from json import dumps
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from faults.lookalike import Invoice
    from faults.server import Turn

    Act = Callable[..., None]

MEBI = 1 << 20
_BLOCK = 64 * 1024


class _Kind(NamedTuple):
    """One behaviour's declaration: when it acts, what it does, its parameters with their defaults."""

    stage: str
    act: Act
    defaults: dict[str, Any]


KINDS: dict[str, _Kind] = {}


class Behaviour(NamedTuple):
    """One behaviour with the parameters that were given."""

    name: str
    given: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters, each of its default's type."""
        defaults = KINDS[self.name].defaults
        return {**defaults, **{name: type(defaults[name])(text) for name, text in self.given}}

    @property
    def stage(self) -> str:
        """connection or request."""
        return KINDS[self.name].stage

    def act(self, turn: Turn) -> None:
        """Do it."""
        parameters = self.parameters
        if parameters.pop("commit", 0):
            turn.commit()
        KINDS[self.name].act(turn, **parameters)

    def __str__(self) -> str:
        return self.name + ":" * bool(self.given) + ",".join(f"{name}={text}" for name, text in self.given)


@cache
def parse(text: str) -> Behaviour:
    """A behaviour from its text. Raises ValueError for a name or a parameter that does not exist.

    A comma parts two parameters only where a name and `=` follow it, so that values may hold commas.
    """
    name, _, rest = text.partition(":")
    if name not in KINDS:
        raise ValueError(f"there is no behaviour {name!r}")
    given = []
    for part in re.split(r",(?=[a-z_]+=)", rest) if rest else ():
        parameter, equals, value = part.partition("=")
        if not equals or parameter not in KINDS[name].defaults:
            raise ValueError(f"{name} has no parameter {parameter!r}")
        given.append((parameter, value))
    found = Behaviour(name, tuple(given))
    _ = found.parameters  # a text that does not convert raises here, not in a thread of the server
    return found


def _on_connection(**defaults: Any) -> Callable[[Act], Act]:
    def declare(act: Act) -> Act:
        KINDS[act.__name__] = _Kind("connection", act, defaults)
        return act

    return declare


def _on_request(*, commit: int, **defaults: Any) -> Callable[[Act], Act]:
    def declare(act: Act) -> Act:
        KINDS[act.__name__] = _Kind("request", act, {**defaults, "commit": commit})
        return act

    return declare


# ---- before a request is read


@_on_connection()
def rst_on_accept(turn: Turn) -> None:
    """RST straight after accept, nothing read."""
    turn.rst()


@_on_connection()
def fin_on_accept(turn: Turn) -> None:
    """FIN straight after accept, nothing read."""
    turn.fin()


@_on_connection(hang_s=60.0)
def hang_on_accept(turn: Turn, hang_s: float) -> None:
    """Accept, never read, never answer."""
    turn.wait(hang_s)
    turn.rst()


@_on_connection(n=10)
def rst_mid_request(turn: Turn, n: int) -> None:
    """Read n bytes of the request, then RST."""
    turn.handshake()
    turn.receive(n)
    turn.rst()


@_on_connection(n=64)
def plain_garbage(turn: Turn, n: int) -> None:
    """Random bytes that are no HTTP and no TLS, at once; then FIN."""
    turn.send_plain(b"\x15\x03\x01\x00\x02\x02F" + random.Random(n).randbytes(n))
    turn.fin()


@_on_connection(gap=0.05, hang_s=60.0)
def tls_stall(turn: Turn, gap: float, hang_s: float) -> None:
    """Answer the TLS hello a byte every gap seconds, so that the handshake moves and never ends.

    Without TLS it drips bytes that never become a status line.
    """
    flight = turn.server_flight() if turn.secure else b"H" * 64
    for place in range(len(flight) - 1):
        turn.send_plain(flight[place : place + 1])
        if not turn.wait(gap):
            break
    turn.wait(hang_s)
    turn.rst()


# ---- the request is read, no answer comes


def _rst(turn: Turn) -> None:
    turn.rst()


def _fin(turn: Turn) -> None:
    turn.fin()


def _hang(turn: Turn, hang_s: float) -> None:
    turn.hang(hang_s)


KINDS["rst_after_request"] = _Kind("request", _rst, {"commit": 0})
KINDS["rst_after_commit"] = _Kind("request", _rst, {"commit": 1})
KINDS["fin_after_request"] = _Kind("request", _fin, {"commit": 0})
KINDS["fin_after_commit"] = _Kind("request", _fin, {"commit": 1})
KINDS["hang_after_request"] = _Kind("request", _hang, {"commit": 0, "hang_s": 60.0})
KINDS["hang_after_commit"] = _Kind("request", _hang, {"commit": 1, "hang_s": 60.0})


@_on_request(commit=0, s=0.3)
def late_commit(turn: Turn, s: float) -> None:
    """RST now, write the ledger s seconds later: a look-up made at once finds nothing."""
    turn.commit_later(s)
    turn.rst()


# ---- the head


@_on_request(commit=1, fin=0)
def rst_mid_response(turn: Turn, fin: int) -> None:
    """The status line and half of the headers, then RST; with fin=1 the end looks orderly."""
    head, _ = turn.good()
    turn.send(head[: len(head) // 2])
    if fin:
        turn.fin()
    else:
        turn.rst()


@_on_request(commit=1)
def ok_then_stale(turn: Turn) -> None:
    """Answer well, then RST when the next request's bytes arrive on this connection: that one is not processed."""
    turn.send_good()
    turn.rst_at_next_bytes()


@_on_request(commit=1)
def ok_then_fin(turn: Turn) -> None:
    """Answer well, keep-alive promised, then FIN at once."""
    turn.send_good()
    turn.fin()


@_on_request(commit=1, gap=0.05)
def slow_headers(turn: Turn, gap: float) -> None:
    """The good answer, its head one byte every gap seconds."""
    head, body = turn.good()
    if turn.drip(head, gap):
        turn.send(body)


@_on_request(commit=0, gap=0.2, hang_s=60.0)
def drip_headers(turn: Turn, gap: float, hang_s: float) -> None:
    """One header byte every gap seconds: the client's clock for each recv never runs out."""
    turn.send(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    turn.drip(b"a" * int(hang_s / gap), gap)
    turn.rst()


@_on_request(commit=0)
def bad_status_line(turn: Turn) -> None:
    """No status line that anyone knows."""
    turn.send(b"NOPE nope nope\r\n\r\n")
    turn.fin()


@_on_request(commit=0)
def http09(turn: Turn) -> None:
    """A bare body without a status line."""
    turn.send(b'{"id":"x"}')
    turn.fin()


@_on_request(commit=0)
def status_999(turn: Turn) -> None:
    """A status that HTTP does not have, with a JSON body."""
    turn.answer(999, b'{"error_code":"ODD","message":"fault 999"}')


@_on_request(commit=1)
def status_no_reason(turn: Turn) -> None:
    """200 without a reason phrase, and a valid answer."""
    head, body = turn.good()
    turn.send(head.replace(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200\r\n", 1) + body)


@_on_request(commit=1, n=500)
def header_flood(turn: Turn, n: int) -> None:
    """The good answer with n more headers."""
    turn.send_good(*(f"X-Flood-{number}: 1".encode() for number in range(n)))


@_on_request(commit=1, n=MEBI)
def header_long(turn: Turn, n: int) -> None:
    """The good answer with one header line of n bytes."""
    turn.send_good(b"X-Long: " + b"a" * (n - 8))


@_on_request(commit=1)
def header_garbage(turn: Turn) -> None:
    """The good answer with header lines that hold no colon, NULs, a bare CR and 8-bit bytes."""
    turn.send_good(b"no colon here", b"X-Nul: a\x00b", b"X-Cr: a\rb", b"X-High: \xe9\xff", b"\xff\xfe: x")


@_on_request(commit=1)
def length_conflict(turn: Turn) -> None:
    """Two Content-Length headers that differ, as in response smuggling."""
    turn.send_good(b"Content-Length: 10")
    turn.fin()


@_on_request(commit=1)
def length_negative(turn: Turn) -> None:
    """Content-Length: -1."""
    turn.send_good(length=b"-1")
    turn.fin()


@_on_request(commit=1)
def length_text(turn: Turn) -> None:
    """Content-Length: banana."""
    turn.send_good(length=b"banana")
    turn.fin()


@_on_request(commit=1, n=1000)
def continue_flood(turn: Turn, n: int) -> None:
    """n interim answers before the good one."""
    turn.send(b"HTTP/1.1 100 Continue\r\n\r\n" * n)
    turn.send_good()


@_on_request(commit=0, gap=0.2, hang_s=60.0)
def continue_drip(turn: Turn, gap: float, hang_s: float) -> None:
    """An interim answer every gap seconds; the final one never comes."""
    for _ in range(int(hang_s / gap)):
        turn.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not turn.wait(gap):
            break
    turn.rst()


# ---- the body and its framing


@_on_request(commit=1, gap=0.01)
def slow_body(turn: Turn, gap: float) -> None:
    """The good answer, its body one byte every gap seconds."""
    head, body = turn.good()
    turn.send(head)
    turn.drip(body, gap)


@_on_request(commit=0, gap=0.2, hang_s=60.0)
def drip_body(turn: Turn, gap: float, hang_s: float) -> None:
    """A million bytes promised, one space every gap seconds."""
    turn.send(turn.head(200, 1_000_000))
    turn.drip(b" " * int(hang_s / gap), gap)
    turn.rst()


@_on_request(commit=1, hang_s=60.0)
def body_stall(turn: Turn, hang_s: float) -> None:
    """The head and half the body, then nothing."""
    head, body = turn.good()
    turn.send(head + body[: len(body) // 2])
    turn.hang(hang_s)


@_on_request(commit=1, n=100)
def truncated_body(turn: Turn, n: int) -> None:
    """The whole body, n bytes more promised, FIN."""
    _, body = turn.good()
    turn.send(turn.head(turn.status, len(body) + n) + body)
    turn.fin()


@_on_request(commit=1)
def half_body(turn: Turn) -> None:
    """Half the promised body, FIN."""
    head, body = turn.good()
    turn.send(head + body[: len(body) // 2])
    turn.fin()


@_on_request(commit=1)
def half_body_rst(turn: Turn) -> None:
    """Half the promised body, RST."""
    head, body = turn.good()
    turn.send(head + body[: len(body) // 2])
    turn.rst()


@_on_request(commit=1)
def half_body_nolength(turn: Turn) -> None:
    """Half the JSON with no length, FIN: the framing says that it is complete."""
    _, body = turn.good()
    turn.send(turn.head(turn.status, None) + body[: len(body) // 2])
    turn.fin()


@_on_request(commit=1)
def extra_body(turn: Turn) -> None:
    """The good answer and 50 bytes more, which look like the answer to the next request."""
    head, body = turn.good()
    turn.send(head + body + b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id":"x"}\n')


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _chunks(data: bytes) -> Iterator[bytes]:
    return (_chunk(data[place : place + 7]) for place in range(0, len(data), 7))


@_on_request(commit=1)
def chunk_ok(turn: Turn) -> None:
    """The good answer in chunks of 7 bytes, with a trailer."""
    _, body = turn.good()
    turn.send(turn.head(turn.status, "chunked", b"Trailer: X-End") + b"".join(_chunks(body)) + b"0\r\nX-End: 1\r\n\r\n")


@_on_request(commit=1)
def chunk_garbage(turn: Turn) -> None:
    """A chunk size that is no number."""
    turn.send(turn.head(turn.status, "chunked") + b"zzz\r\n" + turn.good()[1])
    turn.fin()


@_on_request(commit=1)
def chunk_truncated(turn: Turn) -> None:
    """FIN in the middle of a chunk."""
    whole = _chunk(turn.good()[1])
    turn.send(turn.head(turn.status, "chunked") + whole[: len(whole) // 2])
    turn.fin()


@_on_request(commit=1)
def chunk_noend(turn: Turn) -> None:
    """One whole chunk, no last one, FIN."""
    turn.send(turn.head(turn.status, "chunked") + _chunk(turn.good()[1]))
    turn.fin()


@_on_request(commit=1)
def chunk_huge(turn: Turn) -> None:
    """A chunk of 16 EiB is announced, then FIN."""
    turn.send(turn.head(turn.status, "chunked") + b"ffffffffffffffff\r\n" + turn.good()[1])
    turn.fin()


# ---- size and encoding


def _stream(turn: Turn, prefix: bytes, fill: bytes, suffix: bytes, size: int) -> None:
    turn.send(prefix)
    block = fill * _BLOCK
    left = size - len(prefix) - len(suffix)
    while left > 0:
        turn.send(block[:left])
        left -= _BLOCK
    turn.send(suffix)


@_on_request(commit=1, mb=64, padded=0)
def huge_body(turn: Turn, mb: int, padded: int) -> None:
    """A JSON string of mb MiB, its length honest; with padded=1 the good answer with spaces up to that size."""
    turn.send(turn.head(200, mb * MEBI))
    if padded:
        _stream(turn, turn.good()[1], b" ", b"", mb * MEBI)
    else:
        _stream(turn, b'"', b"a", b'"', mb * MEBI)


@_on_request(commit=1, mb=64, padded=0)
def huge_body_nolength(turn: Turn, mb: int, padded: int) -> None:
    """mb MiB of the letter a, no length, FIN; with padded=1 the good answer with spaces up to that size."""
    turn.send(turn.head(200, None))
    if padded:
        _stream(turn, turn.good()[1], b" ", b"", mb * MEBI)
    else:
        _stream(turn, b"", b"a", b"", mb * MEBI)
    turn.fin()


@_on_request(commit=0, mb=32)
def huge_error(turn: Turn, mb: int) -> None:
    """500 with mb MiB of HTML."""
    turn.send(turn.head(500, mb * MEBI, kind=b"text/html"))
    _stream(turn, b"<html>", b" ", b"</html>", mb * MEBI)


def _encoded(turn: Turn, encoding: bytes, body: bytes) -> None:
    turn.answer(turn.status, body, b"Content-Encoding: " + encoding)


@_on_request(commit=1)
def gzip(turn: Turn) -> None:
    """The good body in correct gzip, which was not asked for."""
    _encoded(turn, b"gzip", compress(turn.good()[1]))


@_on_request(commit=1)
def gzip_truncated(turn: Turn) -> None:
    """A gzip body cut in half, its length honest."""
    whole = compress(turn.good()[1])
    _encoded(turn, b"gzip", whole[: len(whole) // 2])


@_on_request(commit=1)
def gzip_garbage(turn: Turn) -> None:
    """Said to be gzip, and is not."""
    _encoded(turn, b"gzip", turn.good()[1])


@lru_cache(maxsize=4)
def _bomb(mb: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(b'"')]
    parts += [packer.compress(b"0" * MEBI) for _ in range(mb)]
    return b"".join([*parts, packer.compress(b'"'), packer.flush()])


@_on_request(commit=1, mb=256)
def gzip_bomb(turn: Turn, mb: int) -> None:
    """A small gzip body that expands to mb MiB."""
    _encoded(turn, b"gzip", _bomb(mb))


@_on_request(commit=1, n=20)
def gzip_nested(turn: Turn, n: int) -> None:
    """The good body, gzipped n times over."""
    body = turn.good()[1]
    for _ in range(n):
        body = compress(body)
    _encoded(turn, b", ".join([b"gzip"] * n), body)


@_on_request(commit=1)
def encoding_unknown(turn: Turn) -> None:
    """The good body, plain, under an encoding that nobody knows."""
    _encoded(turn, b"banana", turn.good()[1])


@_on_request(commit=1, n=1001)
def crowd(turn: Turn, n: int) -> None:
    """A list of n empty objects."""
    turn.answer(200, b"[" + b",".join([b"{}"] * n) + b"]")


# ---- good answers and statuses


@_on_request(commit=1)
def ok(turn: Turn) -> None:
    """The good answer."""
    turn.send_good()


@_on_request(commit=1)
def ok_close(turn: Turn) -> None:
    """The good answer, and the end of the connection announced."""
    turn.send_good(b"Connection: close")
    turn.fin()


@_on_request(commit=1, s=1.0)
def ok_slow(turn: Turn, s: float) -> None:
    """Commit, wait s seconds, answer well."""
    if turn.wait(s):
        turn.send_good()


@_on_request(commit=0, code=503, err="SERVER_ERROR", retry_after="", retry_date="", rate_limit_reset="")
def status(turn: Turn, code: int, err: str, retry_after: str, retry_date: str, rate_limit_reset: str) -> None:
    """A JSON error; Retry-After raw or as the date so many seconds from now; Rate-Limit-Reset raw."""
    headers = []
    if retry_date:
        retry_after = formatdate(turn.now() + float(retry_date), usegmt=True)
    if retry_after:
        headers.append(b"Retry-After: " + retry_after.encode("latin-1"))
    if rate_limit_reset:
        headers.append(b"Rate-Limit-Reset: " + rate_limit_reset.encode("latin-1"))
    turn.answer(code, dumps({"error_code": err, "message": f"fault {code}"}).encode(), *headers)


@_on_request(commit=0, code=502)
def html(turn: Turn, code: int) -> None:
    """A page of a gateway."""
    page = f"<html><head><title>{code}</title></head><body><h1>{code} Bad Gateway</h1></body></html>"
    turn.answer(code, page.encode(), kind=b"text/html")


@_on_request(commit=0, code=500)
def empty(turn: Turn, code: int) -> None:
    """No body."""
    turn.answer(code, b"")


@_on_request(commit=0)
def no_content(turn: Turn) -> None:
    """204."""
    turn.send(turn.head(204, None))


@_on_request(commit=0, code=200)
def text(turn: Turn, code: int) -> None:
    """Plain text."""
    turn.answer(code, b"upstream connect error", kind=b"text/plain")


_BODIES = {
    "array": b'[{"error_code":"X"}]',
    "string": b'"fault"',
    "number": b"42",
    "null": b"null",
    "true": b"true",
    "obj_nested": b'{"error_code":{"code":"X","message":"m"},"message":["m"]}',
    "err_list": b'{"error_code":"X","message":"m","errors":[{"path":["amount"],"message":"m"},7,null,["x"]]}',
    "msg_obj": b'{"error_code":"X","message":{"en":"m"}}',
    "empty_obj": b"{}",
}


@_on_request(commit=0, code=400, kind="array")
def json(turn: Turn, code: int, kind: str) -> None:
    """A JSON body of a kind that no error has."""
    turn.answer(code, _BODIES[kind])


@_on_request(commit=0, code=302, to="", loop=0)
def redirect(turn: Turn, code: int, to: str, loop: int) -> None:
    """A redirect: to the peer, to a given URL, or to itself."""
    target = turn.request.target if loop else to or turn.peer_url + turn.request.target
    turn.answer(code, b"", b"Location: " + target.encode())


# ---- content


def _with(turn: Turn, change: Callable[[Invoice], Any], *headers: bytes) -> None:
    """The good answer, its first invoice changed."""
    turn.answer(turn.status, dumps(turn.good_value(change), separators=(",", ":")).encode(), *headers)


def _with_literal(turn: Turn, field: str, literal: str) -> None:
    """The good answer, one field of its first invoice being this text, which need not be JSON."""
    mark = "@@literal@@"
    whole = dumps(turn.good_value(lambda invoice: invoice.update({field: mark})), separators=(",", ":"))
    turn.answer(turn.status, whole.replace(f'"{mark}"', literal, 1).encode())


@_on_request(commit=1, n=100_000, kind="array", field=0)
def deep_json(turn: Turn, n: int, kind: str, field: int) -> None:
    """n levels of nesting; with field=1 inside a valid invoice."""
    opening, closing = ("[", "]") if kind == "array" else ('{"a":', "}")
    deep = opening * n + ("" if kind == "array" else "1") + closing * n
    if field:
        _with_literal(turn, "metadata", deep)
    else:
        turn.answer(200, deep.encode())


@_on_request(commit=1, v="NaN")
def nan(turn: Turn, v: str) -> None:
    """An amount that is no JSON number, or no number of this world."""
    _with_literal(turn, "amount", v)


@_on_request(commit=1, n=5000)
def bigint(turn: Turn, n: int) -> None:
    """An amount of n digits."""
    _with_literal(turn, "amount", "9" * n)


@_on_request(commit=1, v="9007199254740993")
def amount(turn: Turn, v: str) -> None:
    """An amount as it is given."""
    _with_literal(turn, "amount", v)


@_on_request(commit=1)
def dup_keys(turn: Turn) -> None:
    """status and amount twice, the second time another."""
    whole = dumps(turn.good_value(lambda invoice: invoice.update(status="PENDING", amount=1)), separators=(",", ":"))
    end = whole.rindex("}")
    turn.answer(turn.status, (whole[:end] + ',"status":"PAID","amount":999' + whole[end:]).encode())


@_on_request(commit=1, field="amount", v='"abc"')
def wrong_type(turn: Turn, field: str, v: str) -> None:
    """A field of another type."""
    _with_literal(turn, field, v)


@_on_request(commit=1, field="external_id")
def null_field(turn: Turn, field: str) -> None:
    """A field that is null."""
    _with(turn, lambda invoice: invoice.update({field: None}))


@_on_request(commit=1, field="external_id")
def missing_field(turn: Turn, field: str) -> None:
    """A field that is not there."""
    _with(turn, lambda invoice: invoice.pop(field))


@_on_request(commit=1, field="status", v="REVERSED_2031")
def unknown_enum(turn: Turn, field: str, v: str) -> None:
    """A value that no list of ours holds."""
    _with(turn, lambda invoice: invoice.update({field: v}))


@_on_request(commit=1)
def unknown_field(turn: Turn) -> None:
    """Fields that no list of ours holds, some named as Python names things."""
    names = ("fault", "class", "self", "from", "__class__", "__dict__", "_data_store", "to_dict", "")
    _with(turn, lambda invoice: invoice.update(dict.fromkeys(names, "x")))


@_on_request(commit=1)
def invalid_utf8(turn: Turn) -> None:
    """A description with the byte 0xff."""
    value = turn.good_value(lambda invoice: invoice.update(description="@@"))
    turn.answer(turn.status, dumps(value).encode().replace(b"@@", b"a\xffb"))


@_on_request(commit=1)
def bom(turn: Turn) -> None:
    """The good body behind a UTF-8 byte order mark."""
    turn.answer(turn.status, b"\xef\xbb\xbf" + turn.good()[1])


@_on_request(commit=1)
def utf16(turn: Turn) -> None:
    """The good body in UTF-16, unannounced."""
    turn.answer(turn.status, turn.good()[1].decode().encode("utf-16"))


@_on_request(commit=1, cs="bogus-1")
def charset(turn: Turn, cs: str) -> None:
    """The good body under a charset of the server's choosing."""
    turn.answer(turn.status, turn.good()[1], kind=b"application/json; charset=" + cs.encode())


@_on_request(commit=1)
def surrogate(turn: Turn) -> None:
    """A description that is half a character."""
    _with(turn, lambda invoice: invoice.update(description="\ud800"))


@_on_request(commit=1, v="soon")
def bad_date(turn: Turn, v: str) -> None:
    """An expiry_date that is no date."""
    _with(turn, lambda invoice: invoice.update(expiry_date=v))


@_on_request(commit=1)
def wrong_shape(turn: Turn) -> None:
    """A list where an invoice is due, an invoice where a list is."""
    value = turn.good_value()
    turn.answer(200, dumps((value or [{}])[0] if isinstance(value, list) else [value]).encode())


@_on_request(commit=0, v="null")
def json_200(turn: Turn, v: str) -> None:
    """200, its body this JSON."""
    turn.answer(200, v.encode())


@_on_request(commit=0)
def other_invoice(turn: Turn) -> None:
    """A well-formed invoice that is not the one asked for."""
    others = {"external_id": "another", "reference_id": "another"}
    _with(turn, lambda invoice: invoice.update({name: others.get(name, "64f0" + "e" * 20) for name in ("id", *others)}))
