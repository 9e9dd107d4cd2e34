"""What goes over the wire and what comes back: a Request, a Response, and the ApiResponse that a caller is given. No
I/O.

This module also writes an id into a path and a value into a header; `queries` writes the other arguments. Whatever
could change the meaning of a request, such as a control character or an empty id, is refused.
"""

from __future__ import annotations

from xendit.headers import Headers
from xendit.policy import Value, plain_number, window_reset
from xendit.static_typing import Generic, hinted
from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeAlias, TypeVar

    from xendit.operation import Operation
    from xendit.words import Path

    Arguments: TypeAlias = Mapping[str, Any]
    """What was given for the parameters of an operation, by name; None is absent."""

    Data_co = TypeVar("Data_co", covariant=True)
else:
    Data_co = None


LARGE_ANSWER = 700_000
"""Answers of so many bytes or more have their values counted before any value is made. A page of 100 long invoices has
400,000 bytes. Counting costs a tenth of reading, and the values of shorter answers take forty megabytes at most."""


@hinted
class Request:
    """One HTTP request: everything but who sends it. Its repr shows no header and no body."""

    __slots__ = ("body", "headers", "idempotency_key", "method", "operation", "repeatable", "target", "traced")

    def __init__(
        self,
        operation: Operation,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        repeatable: bool | None = None,
        idempotency_key: str | None = None,
        traced: bool = False,
    ) -> None:
        self.operation = operation
        self.idempotency_key = idempotency_key
        """The key that makes a repetition of this request harmless, or None."""
        self.repeatable = operation.repeatable if repeatable is None else repeatable
        """Whether sending it twice does no harm. The operation says so, or this request bears an idempotency key that
                the API documents."""
        self.method = method
        self.target = target
        """Path and query, as they go on the request line."""
        self.headers = headers
        self.body = body
        self.traced = traced
        """Whether a hook of the client makes the span and the trace headers, so that no instrumentation has to."""

    def __repr__(self) -> str:
        return f"Request({self.operation.name}: {self.method} {self.operation.path})"


@hinted
class Response:
    """One HTTP answer, read whole."""

    __slots__ = ("data", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.data = data

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.data.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON, read strictly. Raises ApiTypeError or ApiValueError."""
        from xendit.codec.jsontext import loads

        if len(self.data) > LARGE_ANSWER:
            self.check_extent()
        return loads(self.data)

    def check_extent(self) -> None:
        """Raise ApiValueError for a body whose values would fill the memory."""
        from xendit.codec.jsontext import check_extent

        check_extent(self.data)

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """A header by name, in any case."""
        value: str | None = self.headers.get(name, default)
        return value

    def getheaders(self) -> Headers:
        """All headers."""
        return self.headers

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.data)} bytes)"


class RateLimit(Value):
    """What an answer says about the rate limit; None where it says nothing. Unpacks as `(limit, remaining, reset)`.

    Xendit's limit is a sliding window: by default 60 requests a minute for each operation in test mode, and 600 in live
    mode (source: its page on rate limits).

    Args:
        limit: requests a window.
        remaining: requests left in it.
        reset: seconds until it is full again, 60 at most: a longer time, which no window has, is taken as 60.
    """

    __slots__ = ("limit", "remaining", "reset")
    limit: int | None
    remaining: int | None
    reset: float | None

    def __init__(self, limit: int | None, remaining: int | None, reset: float | None) -> None:
        self._hold(limit=limit, remaining=remaining, reset=reset)

    def __iter__(self) -> Iterator[float | None]:
        return iter(self._key())


class ApiResponse(Generic[Data_co]):
    """The result of a call with the answer from which it was read. Unpacks as the official SDK's `(data, status,
    headers)`.

    Args:
        data: what the method returns.
        response: the answer.
        attempts: how many requests were sent, look-ups included.
        recovered: whether the data was found by a look-up, because the answer to the create was lost; the answer is
            then the look-up's.
    """

    __slots__ = ("attempts", "data", "recovered", "response")

    def __init__(self, data: Data_co, response: Response, *, attempts: int = 1, recovered: bool = False) -> None:
        self.data = data
        self.response = response
        self.attempts = attempts
        self.recovered = recovered

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def headers(self) -> Headers:
        """The headers, found by name in any case."""
        return self.response.headers

    @property
    def content(self) -> bytes:
        """The body as it came."""
        return self.response.data

    @property
    def request_id(self) -> str | None:
        """Xendit's id of the request, for its support."""
        found: str | None = self.headers.get("request-id")
        return found

    @property
    def rate_limit(self) -> RateLimit:
        """What the answer says of the rate limit."""
        return rate_limit_of(self.headers)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.data, self.status, self.headers))

    def __repr__(self) -> str:
        of = f"list of {len(self.data)}" if isinstance(self.data, list) else type(self.data).__name__
        return f"<ApiResponse: {self.status}, {of}, attempts={self.attempts}, recovered={self.recovered}>"


class ModelList(list):  # type: ignore[type-arg] # what is in it is said by the method that gives it
    """The list that an answer holds: a list in every respect. A shell shows a line per model, a notebook a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        from xendit.display import lines_of

        return lines_of(self)

    def _repr_html_(self) -> str:
        from xendit.display import rows_of

        return rows_of(self)


@hinted
def rate_limit_of(headers: Mapping[str, str]) -> RateLimit:
    """What headers say about the rate limit: `Rate-Limit-Limit`, `-Remaining`, and `-Reset`, which is in seconds."""
    limit, remaining = (plain_number(headers.get(f"rate-limit-{name}", "")) for name in ("limit", "remaining"))
    return RateLimit(
        None if limit is None else int(limit), None if remaining is None else int(remaining), window_reset(headers)
    )


def foreign_encoding(encoding: str) -> str:
    """What to say of an answer whose Content-Encoding is not read."""
    known = {"br": "with brotli ", "zstd": "with Zstandard ", "deflate": "with deflate "}.get(encoding, "")
    said = f"the answer is compressed {known}(Content-Encoding: {encoding[:40]}), which was not asked for"
    return f"{said}; look at the proxy or gateway on the way"


@hinted
class TransportError(Exception):
    """An attempt without an answer.

    `kind` is "connect", "proxy" (it gives no tunnel), "tls", "timeout", "reset" or "unreadable"; `sent` says whether the server may have
    seen the request; `status` and `headers` are those of an answer that began well and cannot be read.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        sent: bool,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.sent = sent
        self.status = status
        self.headers = Headers(headers or {})


# ------------------------------------------------------------------------------------------ what may stand in a request


_UNSAFE_SEGMENTS = ("", ".", "..")


def path_segment(value: object, path: Path) -> str:
    """An id as one quoted segment of a path."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    if value.isascii() and value.replace("_", "").replace("-", "").isalnum():  # Xendit's own ids need no quoting
        return value
    refuse_control(value, path)
    if value.strip() in _UNSAFE_SEGMENTS:
        raise wrong_value("it is empty" if not value.strip() else "it is no id", path)
    from urllib.parse import quote

    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        pass
    raise wrong_value("it holds a character that cannot be sent", path)


def header_name(name: object) -> str:
    """A header name in lower case, if it is one that a caller may set."""
    if not isinstance(name, str):
        raise wrong_type(name, "str", ("_headers",))
    text = name.lower()
    if not text or not text.isascii() or not all(letter.isalnum() or letter in "-_." for letter in text):
        raise wrong_value("a header name has letters, digits and dashes only", ("_headers",))
    if text in ("authorization", "host", "content-length", "transfer-encoding", "accept-encoding", "connection"):
        raise wrong_value(f"{text!r} is set by the client", ("_headers",))
    return text


def header_value(value: object, path: Path) -> str:
    """A header's value: printable ASCII, not empty."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    refuse_control(value, path)
    if not value.strip():
        raise wrong_value("it is empty", path)
    if not value.isascii() or len(value) > 255:
        raise wrong_value("it must be printable ASCII, 255 characters at most", path)
    return value


def refuse_control(value: str, path: Path) -> None:
    """Raise ApiValueError for a text that holds a control character."""
    if holds_control(value):
        raise wrong_value("it holds a control character", path)


def holds_control(text: str) -> bool:
    """Whether a text holds a control character: one of the first 32, DEL, or one of the 32 from 128 on."""
    if text.isprintable():  # no control character is printable
        return False
    return any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
