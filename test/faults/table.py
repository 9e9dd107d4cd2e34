"""The table: what a call must come to under every behaviour of the fault server.

Read it in two steps. `BEHAVIOURS` says of each behaviour what it *is* to a client: an answer lost, a refusal, an
answer that cannot be used. `RULES` says what a call makes of each of these, by operation. Where one behaviour
differs from its kind, `EXCEPTIONS` says so and why. The rules are those of a payments client, written down before
any code: reading is repeated, a create never is once a byte of it may have arrived, and nobody is told that a
payment page failed while it exists.

    once      the first request of the call meets the behaviour, all later ones are answered well
    always    every request of the call meets it, look-ups included

An expectation reads `result outcome requests`: what the call returns or raises, the error's `outcome`, and how many
requests the server may see. `recovered` is a create that found its invoice by a look-up. ` | ` parts what is equally
right, ` / ` what is right when the server did not, or did, commit the write. `{error}` is the class that the
behaviour's line names.

`python -m faults.table` prints it for the documents.
"""

from __future__ import annotations

import http.client
import inspect
import sys
from typing import NamedTuple

import aiohttp

from faults.behaviours import parse

OPERATIONS = ("create", "get", "list", "expire")
VARIANTS = ("once", "always")


class Expected(NamedTuple):
    """One thing that a call may come to."""

    result: str
    """returned, recovered, or the name of an exception class."""
    outcomes: tuple[str, ...]
    """What the error's outcome may be; empty for a result."""
    least: int
    most: int
    """How many requests the server may see."""


class Cell(NamedTuple):
    """One cell: a behaviour, an operation, whether the network recovers, and what may come of it."""

    behaviour: str
    operation: str
    variant: str
    tls: bool
    nature: str
    expected: tuple[Expected, ...]
    creates: int
    """How many creates may reach the server: 1, and more only where each was refused as too many."""
    invoices: int
    """How many invoices stand in the ledger when the create raises."""

    @property
    def after(self) -> str:
        """The behaviour that an earlier call met, the one that is judged being answered well; else empty."""
        return self.behaviour.removeprefix("after:") if self.behaviour.startswith("after:") else ""

    @property
    def slow(self) -> bool:
        """Whether the call ends by its clock."""
        return self.nature in ("silent", "dripping", "unconnected", "creeping")

    def __str__(self) -> str:
        wire = "tls" if self.tls else "plain"
        return f"{self.behaviour[:60]}-{self.operation}-{self.variant}-{wire}"


#: What a call makes of each kind of behaviour: once, then always. The outcome of a create that is looked up may be
#: `done` where the answer was a 2xx, for then the server did act; `unknown` is no lie either.
RULES: dict[str, dict[str, tuple[str, str]]] = {
    "good": {  # an answer that a tolerant reader takes
        "read": ("returned - 1", "returned - 1"),
        "create": ("returned - 1", "returned - 1"),
        "expire": ("returned - 1", "returned - 1"),
    },
    "lost": {  # sent, then reset or closed: the server may have acted
        "read": ("returned - 2", "ConnectionException unknown 3"),
        "create": ("OutcomeUnknownException unknown 2-5 / recovered - 2-5", "OutcomeUnknownException unknown 2-5"),
        "expire": ("returned - 2-4", "ConnectionException unknown 3-6"),
    },
    "garbled": {  # what comes is no HTTP: lost, or an answer that cannot be read; both say what happened
        "read": ("returned - 2", "ConnectionException unknown 3 | ResponseException unknown 3"),
        "create": ("OutcomeUnknownException unknown 2-5 / recovered - 2-5", "OutcomeUnknownException unknown 2-5"),
        "expire": ("returned - 2-4", "ConnectionException unknown 3-6 | ResponseException unknown 3-6"),
    },
    "cut": {  # 200, then the framing shows that head or body is not whole: a status was seen, an answer was not
        "read": ("returned - 2", "ConnectionException unknown,done 3 | ResponseException unknown,done 3"),
        "create": (
            "OutcomeUnknownException unknown,done 2-5 / recovered - 2-5",
            "OutcomeUnknownException unknown,done 2-5",
        ),
        "expire": ("returned - 2-4", "ConnectionException unknown,done 3-6 | ResponseException unknown,done 3-6"),
    },
    "silent": {  # nothing more comes: ends by the read timeout, so that another attempt fits
        "read": ("returned - 2", "TimeoutException unknown,done 2-3"),
        "create": (
            "OutcomeUnknownException unknown,done 2-5 / recovered - 2-5",
            "OutcomeUnknownException unknown,done 2-5",
        ),
        "expire": ("returned - 2-4", "TimeoutException unknown,done 2-6"),
    },
    "dripping": {  # something comes all the time: only the budget ends it, and a create keeps a third for look-ups
        "read": ("TimeoutException unknown,done 1-2 | returned - 2", "TimeoutException unknown,done 1-3"),
        "create": ("OutcomeUnknownException unknown 2-5 / recovered - 2-5", "OutcomeUnknownException unknown 2-5"),
        "expire": ("TimeoutException unknown,done 1-3 | returned - 2-4", "TimeoutException unknown,done 1-4"),
    },
    "unreadable": {  # a 2xx that cannot be used: reading again would bring the same; a write was done, so look
        "read": ("ResponseException done 1", "ResponseException done 1"),
        "create": (
            "OutcomeUnknownException unknown,done 2-5 / recovered - 2-5",
            "OutcomeUnknownException unknown,done 2-5",
        ),
        "expire": ("ResponseException unknown,done 2-4 / returned - 2-4", "ResponseException unknown,done 2-4"),
    },
    "unframed": {  # 2xx, and nobody can say where it ends (RFC 9112, 6.3): unusable, or bad framing; never repeated
        "read": ("ResponseException unknown,done 1", "ResponseException unknown,done 1"),
        "create": (
            "OutcomeUnknownException unknown,done 2-5 / recovered - 2-5",
            "OutcomeUnknownException unknown,done 2-5",
        ),
        "expire": ("ResponseException unknown,done 2-4 / returned - 2-4", "ResponseException unknown,done 2-4"),
    },
    "nameless": {  # the external_id is null or absent: fine for who asked by the id, but a create cannot know its invoice
        "read": ("returned - 1", "returned - 1"),
        "create": ("recovered - 2-5", "OutcomeUnknownException unknown,done 2-5"),
        "expire": ("returned - 1", "returned - 1"),
    },
    "later": {  # 408, 425, 500, 502, 503, 504: the fault may pass
        "read": ("returned - 2", "{error} unknown 3"),
        "create": ("OutcomeUnknownException unknown 2-5 / recovered - 2-5", "OutcomeUnknownException unknown 2-5"),
        "expire": ("returned - 2-4", "{error} unknown 3-6"),
    },
    "odd": {  # neither yes nor a clear no, and no reason to hope: redirects, other 5xx, statuses nobody defined
        "read": ("{error} unknown 1", "{error} unknown 1"),
        "create": ("OutcomeUnknownException unknown 2-5 / recovered - 2-5", "OutcomeUnknownException unknown 2-5"),
        "expire": ("{error} unknown 1-4 / returned - 2-4", "{error} unknown 1-4"),
    },
    "refused": {  # a 4xx: the server says that it did not act
        "read": ("{error} rejected 1", "{error} rejected 1"),
        "create": ("{error} rejected 1", "{error} rejected 1"),
        "expire": ("{error} rejected 1", "{error} rejected 1"),
    },
    "too many": {  # 429, soon over: not processed, so that even a create is made again
        "read": ("returned - 2", "RateLimitException rejected 3"),
        "create": ("returned - 2", "RateLimitException rejected 3"),
        "expire": ("returned - 2", "RateLimitException rejected 3"),
    },
    "stale": {  # a pooled connection is reset under the request, which may have arrived
        "read": ("returned - 2 | returned - 1", ""),
        "create": ("OutcomeUnknownException unknown 2-5 | returned - 1", ""),
        "expire": ("returned - 2-4 | returned - 1", ""),
    },
    # ---- before the request: TLS only, where the handshake shows that nothing was sent
    "unconnected": {  # the handshake falls silent
        "read": ("returned - 2", "TimeoutException not_sent 1-3"),
        "create": ("returned - 2", "TimeoutException not_sent 1-3"),
        "expire": ("returned - 2", "TimeoutException not_sent 1-3"),
    },
    "creeping": {  # the handshake moves and never ends: the connect timeout or the budget ends it
        "read": ("returned - 2 | TimeoutException not_sent 1-2", "TimeoutException not_sent 1-3"),
        "create": ("returned - 2 | TimeoutException not_sent 1-2", "TimeoutException not_sent 1-3"),
        "expire": ("returned - 2 | TimeoutException not_sent 1-2", "TimeoutException not_sent 1-3"),
    },
    "torn": {  # the connection ends within the handshake: no verdict on a certificate, so it is tried again
        "read": ("returned - 2", "ConnectionException not_sent 3"),
        "create": ("returned - 2", "ConnectionException not_sent 3"),
        "expire": ("returned - 2", "ConnectionException not_sent 3"),
    },
    "no tls": {  # what answers is not TLS: never repeated
        "read": ("TlsException not_sent 1", "TlsException not_sent 1"),
        "create": ("TlsException not_sent 1", "TlsException not_sent 1"),
        "expire": ("TlsException not_sent 1", "TlsException not_sent 1"),
    },
}

#: What each behaviour is. A second word is the class of its error.
BEHAVIOURS: dict[str, str] = {
    # ---- the connection
    "rst_on_accept": "lost",
    "fin_on_accept": "lost",
    "hang_on_accept": "silent",
    "rst_mid_request": "lost",
    "plain_garbage": "garbled",
    "tls_stall:gap=0.02": "dripping",  # without TLS it drips what never becomes a status line
    # ---- no answer
    "rst_after_request": "lost",
    "rst_after_commit": "lost",
    "fin_after_request": "lost",
    "fin_after_commit": "lost",
    "hang_after_request": "silent",
    "hang_after_commit": "silent",
    "late_commit": "lost",
    "rst_mid_response": "cut",
    "rst_mid_response:fin=1": "cut",  # half a head is no head, whatever status it began with
    # ---- the connection after a good answer
    "ok_then_stale": "good",
    "ok_then_fin": "good",
    "after:ok_then_stale": "stale",
    "after:ok_then_fin": "good",  # a dead connection in the pool is found before it is used
    "after:ok_close": "good",
    "after:extra_body": "good",  # what came unasked is never read as an answer
    "after:chunk_ok": "good",
    "after:gzip": "good",
    "after:huge_body:mb=5": "good",
    "after:huge_error:mb=1": "good",
    "after:half_body": "good",
    # ---- the head
    "slow_headers:gap=0.0005": "good",
    "drip_headers:gap=0.02": "dripping",
    "bad_status_line": "garbled",
    "http09": "garbled",
    "status_999": "odd ServiceException",  # above 500, so the fault is taken to be the server's
    "status_no_reason": "good",  # the phrase is optional (RFC 9112, 4)
    "header_flood": "garbled",  # more than 100 headers
    "header_long": "garbled",  # more than 64 KiB in one
    "header_garbage": "good",  # see EXCEPTIONS
    "length_conflict": "unframed",
    "length_negative": "unframed",
    "length_text": "unframed",
    "continue_flood": "good",  # interim answers mean nothing (RFC 9110, 15.2), and these end; see IN_SYNC
    "continue_flood:n=50": "good",
    "continue_drip:gap=0.02": "dripping",
    # ---- the body and its framing
    "slow_body:gap=0.0001": "good",
    "drip_body:gap=0.02": "dripping",
    "body_stall": "silent",
    "truncated_body": "cut",
    "half_body": "cut",
    "half_body_rst": "cut",
    "half_body_nolength": "unreadable",  # the framing says that it is whole, so it is JSON that ends early
    "extra_body": "good",
    "chunk_ok": "good",
    "chunk_garbage": "cut",
    "chunk_truncated": "cut",
    "chunk_noend": "cut",
    "chunk_huge": "cut",
    # ---- size and encoding: 4 MiB, and identity only
    "huge_body:mb=5": "unreadable",
    "huge_body_nolength:mb=5": "unreadable",
    "huge_body:mb=5,padded=1": "unreadable",  # nothing is wrong with it but its size
    "huge_body_nolength:mb=5,padded=1": "unreadable",
    "huge_body:mb=3,padded=1": "good",
    "huge_body_nolength:mb=3,padded=1": "good",
    "huge_error:mb=1": "later ServiceException",
    "gzip": "good",  # which was not asked for, and can be read
    "gzip_truncated": "unreadable",
    "gzip_garbage": "unreadable",
    "gzip_bomb:mb=16": "unreadable",
    "gzip_nested": "unreadable",
    "encoding_unknown": "unreadable",
    # ---- good answers
    "ok": "good",
    "ok_close": "good",
    "ok_slow:s=0.05": "good",
    # ---- statuses
    "status:code=400,err=API_VALIDATION_ERROR": "refused BadRequestException",
    "status:code=401,err=INVALID_API_KEY": "refused UnauthorizedException",
    "status:code=403,err=REQUEST_FORBIDDEN_ERROR": "refused ForbiddenException",
    "status:code=404,err=INVOICE_NOT_FOUND_ERROR": "refused NotFoundException",
    "status:code=408,err=REQUEST_TIMEOUT": "later XenditSdkException",
    "status:code=409,err=DUPLICATE_ERROR": "refused ConflictException",
    "status:code=418,err=TEAPOT": "refused XenditSdkException",
    "status:code=425,err=TOO_EARLY": "later XenditSdkException",
    "status:code=500": "later ServiceException",
    "status:code=500,commit=1": "later ServiceException",
    "status:code=501": "odd ServiceException",
    "status:code=502": "later ServiceException",
    "status:code=503": "later ServiceException",
    "status:code=503,commit=1": "later ServiceException",
    "status:code=503,retry_after=0.05": "later ServiceException",
    "status:code=503,retry_after=3600": "odd ServiceException",  # later than the budget: no use to wait
    "status:code=504,commit=1": "later ServiceException",
    "status:code=505": "odd ServiceException",
    "html:code=520": "later ServiceException",  # Cloudflare's own: what stands behind it cannot be reached
    "html:code=521": "later ServiceException",
    "html:code=522": "later ServiceException",
    "html:code=523": "later ServiceException",
    "html:code=524,commit=1": "later ServiceException",  # reached, and no answer in its time
    "html:code=525": "odd ServiceException",
    "html:code=530": "later ServiceException",
    "status:code=511": "odd ServiceException",
    "status:code=599": "odd ServiceException",
    "status:code=429": "too many",
    "status:code=429,retry_after=0.05": "too many",
    "status:code=429,retry_after=0": "too many",
    "status:code=429,retry_after=-5": "too many",  # in the past: at once
    "status:code=429,retry_after=soon": "too many",  # no hint at all
    "status:code=429,retry_after=120, 60": "too many",
    "status:code=429,retry_date=-5": "too many",
    "status:code=429,rate_limit_reset=0.05": "too many",
    "status:code=429,retry_after=3600": "refused RateLimitException",  # later than the budget
    "status:code=429,retry_after=9999999999": "refused RateLimitException",
    "status:code=429,retry_date=3600": "refused RateLimitException",
    "status:code=429,rate_limit_reset=58.37": "refused RateLimitException",
    "status:code=429,rate_limit_reset=999999999999999": "refused RateLimitException",  # taken as a minute
    "status:code=429,retry_after=0,rate_limit_reset=3600": "too many",
    "html": "later ServiceException",
    "html:code=404": "refused NotFoundException",
    "html:code=503,commit=1": "later ServiceException",
    "html:code=200": "unreadable",
    "html:code=200,commit=1": "unreadable",
    "empty": "later ServiceException",
    "empty:code=400": "refused BadRequestException",
    "empty:code=200": "unreadable",
    "empty:code=200,commit=1": "unreadable",
    "no_content": "unreadable",
    "no_content:commit=1": "unreadable",
    "text": "unreadable",
    "text:code=503": "later ServiceException",
    "json:kind=array": "refused BadRequestException",
    "json:kind=string": "refused BadRequestException",
    "json:kind=number": "refused BadRequestException",
    "json:kind=null": "refused BadRequestException",
    "json:kind=true": "refused BadRequestException",
    "json:kind=obj_nested": "refused BadRequestException",
    "json:kind=err_list": "refused BadRequestException",
    "json:kind=msg_obj": "refused BadRequestException",
    "json:kind=empty_obj": "refused BadRequestException",
    "json:code=500,kind=null": "later ServiceException",
    "redirect:code=301": "odd XenditSdkException",
    "redirect": "odd XenditSdkException",
    "redirect:code=303": "odd XenditSdkException",
    "redirect:code=307": "odd XenditSdkException",
    "redirect:code=308,commit=1": "odd XenditSdkException",
    "redirect:loop=1": "odd XenditSdkException",
    "redirect:to=file:///etc/hosts": "odd XenditSdkException",
    "redirect:to=//[": "odd XenditSdkException",
    # ---- content
    "deep_json": "unreadable",
    "deep_json:kind=object": "unreadable",
    "deep_json:n=70,kind=object,field=1": "unreadable",
    "deep_json:n=60,kind=object,field=1": "good",  # 64 levels are taken
    "nan": "unreadable",
    "nan:v=Infinity": "unreadable",
    "nan:v=-Infinity": "unreadable",
    "nan:v=1e400": "unreadable",
    "nan:v=-0": "good",  # a number, if a strange one
    "nan:v=1e-400": "good",  # a number too small for a float: 0
    "bigint": "unreadable",
    "amount": "good",  # 2**53 + 1: exact as an int
    "amount:v=100.10": "good",
    "dup_keys": "unreadable",
    "wrong_type": "unreadable",
    "wrong_type:v=true": "unreadable",
    "wrong_type:field=items,v={}": "good",  # an odd value of a display field is kept as it came
    "wrong_type:field=external_id,v=7": "unreadable",
    "null_field": "nameless",
    "missing_field": "nameless",
    "null_field:field=status": "good",
    "null_field:field=id": "good",  # see EXCEPTIONS
    "unknown_enum": "good",
    "unknown_field": "good",
    "invalid_utf8": "unreadable",
    "bom": "good",
    "utf16": "unreadable",
    "charset": "good",  # JSON is UTF-8, whatever the header says
    "charset:cs=idna": "good",
    "surrogate": "good",
    "bad_date": "good",
    "bad_date:v=2030-01-01T00:00:00+99:99": "good",
    "wrong_shape": "unreadable",
    "crowd": "unreadable",  # a list longer than any page
    "crowd:n=1300000": "unreadable",  # within the size, and a gigabyte when each became an invoice
    "json_200:v=null": "unreadable",
    "json_200:v=42": "unreadable",
    'json_200:v="x"': "unreadable",
    "json_200:v={}": "unreadable",  # an invoice without an id is not the one that was asked for
    "json_200:v=[]": "unreadable",
    "json_200:v=true": "unreadable",
    "json_200:v=null,commit=1": "unreadable",
    "other_invoice": "unreadable",
    "other_invoice:commit=1": "unreadable",
}

#: What a behaviour is when the server speaks TLS, where that is another thing.
UNDER_TLS = {
    "rst_on_accept": "torn",
    "fin_on_accept": "torn",
    "hang_on_accept": "unconnected",
    "plain_garbage": "no tls",
    "tls_stall:gap=0.02": "creeping",
}

_STRANGE_HEAD = (
    # Lines that are no headers, beside good framing and a good body. The body is checked by itself, so taking it is
    # right (Postel), and refusing the head is right too (RFC 9112, 2.2 and 5.1).
    "returned - 1 | returned - 2",
    "returned - 1 | ConnectionException unknown,done 3 | ResponseException unknown,done 1-3",
)
#: Where a behaviour differs from what it is, for one operation.
EXCEPTIONS: dict[tuple[str, str], tuple[str, str]] = {
    # The reset can come before the client has written, and it can then prove that nothing was sent: made again.
    ("rst_on_accept", "create"): (
        "OutcomeUnknownException unknown 2-5 | returned - 2",
        "OutcomeUnknownException unknown 2-7 | ConnectionException not_sent 3",
    ),
    ("rst_on_accept", "get"): ("returned - 2", "ConnectionException unknown,not_sent 3"),
    ("rst_on_accept", "list"): ("returned - 2", "ConnectionException unknown,not_sent 3"),
    ("rst_on_accept", "expire"): ("returned - 2-4", "ConnectionException unknown,not_sent 3-6"),
    # The write lands 0.3 s later: a look-up sees it only if the client is that patient. It is never sent again.
    ("late_commit", "create"): (
        "OutcomeUnknownException unknown 2-5 | recovered - 2-5",
        "OutcomeUnknownException unknown 2-5",
    ),
    ("header_garbage", "get"): _STRANGE_HEAD,
    ("header_garbage", "list"): _STRANGE_HEAD,
    ("header_garbage", "create"): (
        "returned - 1 | recovered - 2-5",
        "returned - 1 | OutcomeUnknownException unknown,done 2-5",
    ),
    ("header_garbage", "expire"): (
        "returned - 1-4",
        "returned - 1 | ConnectionException unknown,done 3-6 | ResponseException unknown,done 2-6",
    ),
    # A refusal by its number, yet «too early» says that another attempt may do: raising it and looking are both safe.
    ("status:code=425,err=TOO_EARLY", "create"): (
        "XenditSdkException rejected,unknown 1 | OutcomeUnknownException unknown 2-5",
        "XenditSdkException rejected,unknown 1 | OutcomeUnknownException unknown 2-5",
    ),
    ("status:code=425,err=TOO_EARLY", "get"): ("returned - 2", "XenditSdkException rejected,unknown 3"),
    ("status:code=425,err=TOO_EARLY", "list"): ("returned - 2", "XenditSdkException rejected,unknown 3"),
    ("status:code=425,err=TOO_EARLY", "expire"): ("returned - 2-4", "XenditSdkException rejected,unknown 3-6"),
    # Without an id it is not shown to be the one that was asked for; a create is known by its external_id.
    ("null_field:field=id", "get"): RULES["unreadable"]["read"],
    ("null_field:field=id", "expire"): RULES["unreadable"]["expire"],
    ("null_field:field=id", "create"): (
        "returned - 1 | recovered - 2-5",
        "returned - 1 | recovered - 2-5 | OutcomeUnknownException unknown,done 2-5",
    ),
    # A list may be empty. One that was asked for by an external_id holds no invoice that does not bear it.
    ("json_200:v=[]", "list"): RULES["good"]["read"],
    ("null_field", "list"): RULES["unreadable"]["read"],
    ("missing_field", "list"): RULES["unreadable"]["read"],
}


#: Where the asynchronous client differs: aiohttp's parser (llhttp) refuses at its first byte what http.client reads on
#: over, and refuses a head whose length is none where ours refuses the body. Either way there is no answer.
IN_ASYNC: dict[str, str] = {
    "tls_stall:gap=0.02": "garbled",
    "length_conflict": "garbled",
    "length_negative": "garbled",
    "length_text": "garbled",
}

#: Where the synchronous client differs with the release of Python: newer patches of `http.client` (3.14.10 and 3.15.2, for
#: two) give up at a hundred interim answers, where older ones read on.
IN_SYNC: dict[str, str] = {"continue_flood": "garbled"} if hasattr(http.client, "_MAXINTERIMRESPONSES") else {}


def expectations(text: str, *, error: str, committed: bool) -> tuple[Expected, ...]:
    """What a line of the rules allows."""
    found = []
    for choice in text.split(" | "):
        without, parted, with_commit = choice.partition(" / ")
        result, outcomes, requests = (with_commit if parted and committed else without).split()
        least, _, most = requests.partition("-")
        found.append(
            Expected(
                result.replace("{error}", error),
                () if outcomes == "-" else tuple(outcomes.split(",")),
                int(least),
                int(most or least),
            )
        )
    return tuple(found)


def cell(behaviour: str, operation: str, variant: str, *, tls: bool, world: str = "sync") -> Cell:
    """One cell of the table."""
    kind, _, error = BEHAVIOURS[behaviour].partition(" ")
    other = IN_ASYNC if world == "async" else IN_SYNC
    if behaviour in other:
        kind = other[behaviour]
    elif BEHAVIOURS[behaviour] in RULES:
        kind, error = BEHAVIOURS[behaviour], ""
    lines: tuple[str, str] | None = EXCEPTIONS.get((behaviour, operation))
    if tls and behaviour in UNDER_TLS:
        kind, lines = UNDER_TLS[behaviour], None
    lines = lines or RULES[kind]["read" if operation in ("get", "list") else operation]
    met = parse(behaviour.removeprefix("after:"))
    committed = bool(met.parameters.get("commit")) and kind != "stale"
    return Cell(
        behaviour,
        operation,
        variant,
        tls,
        kind,
        expectations(lines[VARIANTS.index(variant)], error=error, committed=committed),
        creates=3 if kind == "too many" else 1,
        invoices=int(committed or met.name == "late_commit"),
    )


def cells(*, tls: bool, world: str = "sync") -> list[Cell]:
    """The whole table; what an earlier call met has one variant only."""
    return [
        cell(behaviour, operation, variant, tls=tls, world=world)
        for behaviour in BEHAVIOURS
        for operation in OPERATIONS
        for variant in VARIANTS
        if variant == "once" or not behaviour.startswith("after:")
    ]


#: What the plain transport makes of it beside what the table says, in threads: urllib3 does not tell a handshake from the
#: request behind it, so what ends there may have been sent. aiohttp does.
_UNPROVEN = {
    "unconnected": ("TimeoutException unknown 1-5", "OutcomeUnknownException unknown 2-5"),
    "creeping": ("TimeoutException unknown 1-5", "OutcomeUnknownException unknown 1-5"),
    "torn": ("ConnectionException unknown 3", "OutcomeUnknownException unknown 2-5"),
    "no tls": ("TlsException unknown 1-2", "OutcomeUnknownException unknown 1-5"),
}
#: The same for two answers that http.client and urllib3 read in their own way: the first half of a head is a head with an
#: empty body, which cannot be used; two lengths are an error like a lost connection. Neither is ever a wrong value.
_READ_OTHERWISE = {
    "rst_mid_response": "ResponseException done 1",
    "rst_mid_response:fin=1": "ResponseException done 1",
    "length_conflict": "returned - 2 | ConnectionException unknown 3",
}


def on_the_plain_transport(each: Cell, world: str) -> Cell:
    """A cell with what the plain transport may come to: the same, or "unknown" in place of "not sent"."""
    if world == "async":
        if (
            each.behaviour == "header_flood"
            and "max_headers" not in inspect.signature(aiohttp.ClientSession).parameters
        ):
            # Older releases of aiohttp read any number of headers.
            good = cell("continue_flood:n=50", each.operation, each.variant, tls=each.tls)
            return each._replace(expected=(*each.expected, *good.expected))
        return each
    reads, writes = _UNPROVEN.get(each.nature, ("", ""))
    more = writes if each.operation == "create" else reads or _READ_OTHERWISE.get(each.behaviour, "")
    if each.operation == "expire" and more:
        more += " | ConnectionException unknown 3-6 | ResponseException unknown,done 2-6"
    return each._replace(expected=(*each.expected, *expectations(more, error="", committed=False))) if more else each


def shown(each: Cell) -> str:
    """A cell in few words."""
    words = []
    for expected in each.expected:
        requests = f"{expected.least}-{expected.most}" if expected.most > expected.least else f"{expected.least}"
        outcome = f", {' or '.join(expected.outcomes)}" if expected.outcomes else ""
        words.append(f"{expected.result.removesuffix('Exception')}{outcome} ({requests})")
    return " or ".join(words)


def markdown(*, tls: bool = False) -> str:
    """The table for the documents, a row a behaviour."""
    heads = [f"{operation} {variant}" for operation in OPERATIONS for variant in VARIANTS]
    lines = ["| behaviour | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for behaviour in BEHAVIOURS:
        row = [
            shown(cell(behaviour, operation, variant, tls=tls))
            if variant == "once" or not behaviour.startswith("after:")
            else ""
            for operation in OPERATIONS
            for variant in VARIANTS
        ]
        lines.append(f"| `{behaviour}` | " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown(tls="tls" in sys.argv[1:]))
