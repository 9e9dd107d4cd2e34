"""One HTTP operation as data: what it sends, where its parameters go, what its answers are. No I/O."""

from __future__ import annotations

from xendit.codec import (
    Array,
    Object,
    Time,
    kind_of,
    loads,
    nearest,
    number_text,
    parse_annotation,
    read_json,
    time_text,
    wrong_type,
    wrong_value,
)
from xendit.exceptions import ApiTypeError
from xendit.headers import Headers
from xendit.policy import Value, plain_number, window_reset

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Generic, TypeVar

    from xendit.codec import Kind
    from xendit.events import Notice

    Data_co = TypeVar("Data_co", covariant=True)
else:
    Data_co = None

    class Generic:
        """At run time a parameter says nothing; `typing` alone would cost as much as all of this import."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls


_UNSAFE_SEGMENTS = ("", ".", "..")


class Request:
    """One HTTP request: everything but who sends it. Its repr shows no header and no body."""

    __slots__ = ("body", "headers", "method", "operation", "repeatable", "target")

    def __init__(
        self,
        operation: Operation,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes | None,
        *,
        repeatable: bool | None = None,
    ) -> None:
        self.operation = operation
        self.repeatable = operation.repeatable if repeatable is None else repeatable
        """Whether sending it twice does no harm: of the operation, unless this request bears what makes it so, such as
        an idempotency key that the API documents."""
        self.method = method
        self.target = target
        """Path and query, as they go on the request line."""
        self.headers = headers
        self.body = body

    def __repr__(self) -> str:
        return f"Request({self.operation.name}: {self.method} {self.operation.path})"


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
        return loads(self.data)

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
    """What an answer says of the rate limit; None where it says nothing. Unpacks as `(limit, remaining, reset)`.

    Xendit's is a sliding window, by default 60 requests a minute and operation in test mode, 600 in live mode
    (source: its page on rate limits).

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
    """The result of a call with the answer it came from. Unpacks as the official `(data, status, headers)`.

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


def rate_limit_of(headers: Mapping[str, str]) -> RateLimit:
    """What headers say of the rate limit (facts: `Rate-Limit-Limit`, `-Remaining`, `-Reset` in seconds)."""
    limit, remaining = (plain_number(headers.get(f"rate-limit-{name}", "")) for name in ("limit", "remaining"))
    return RateLimit(
        None if limit is None else int(limit), None if remaining is None else int(remaining), window_reset(headers)
    )


class TransportError(Exception):
    """An attempt without an answer.

    `kind` is "connect", "tls", "timeout", "reset" or "unreadable"; `sent` says whether the server may have
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


class Parameter:
    """One parameter of an operation.

    Args:
        name: its name in Python.
        location: where it goes: path, query, header or body.
        annotation: its type.
        wire: its name on the wire, where that is another.
        twin: a second name that a query parameter is sent under too.
        required: whether it must be given.
        least: its least value.
    """

    __slots__ = ("annotation", "least", "location", "name", "required", "twin", "wire")

    def __init__(
        self,
        name: str,
        location: str,
        annotation: str,
        *,
        wire: str | None = None,
        twin: str | None = None,
        required: bool = False,
        least: int | None = None,
    ) -> None:
        self.name = name
        self.location = location
        self.annotation = annotation
        self.wire = wire or name
        self.twin = twin
        self.required = required
        self.least = least

    def __repr__(self) -> str:
        return f"Parameter({self.name}: {self.annotation} in {self.location})"


class Operation:
    """An operation of the API.

    Args:
        name: the name of its method, such as `get_invoices`.
        method, path: the HTTP request; `{name}` in the path is one quoted segment.
        parameters: in the order of the method.
        returns: the type of a good answer, as an annotation.
        errors: the models of error answers by status.
        models: the package in which the models are found by name.
        repeatable: doing it twice does no harm.
        echo: says what in a good answer shows that it answers another request, or None.
        refuse: raises ApiTypeError or ApiValueError for a request that each of its fields allows and that must not
            be sent all the same; None for none.
        foresee: looks at a body that is about to be sent, and may warn.
        noun: what it makes or reads, as messages name it; an s makes it several.
        user_messages: what may be said to a shopper of an error with this status, where the error's class does not
            know it well enough.
        inspect: looks at a good answer beside what was asked, and gives the Notice of what there is to say, or
            None. It neither raises nor warns: the request was carried out.
        recovery: how to find out what became of a request whose outcome is not known, from the arguments and
            the headers that were added to it.
    """

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        parameters: Sequence[Parameter],
        *,
        returns: str,
        errors: Mapping[int, str],
        models: str,
        repeatable: bool = False,
        echo: Callable[[Mapping[str, Any], Any], str | None] | None = None,
        refuse: Callable[[Mapping[str, Any]], None] | None = None,
        foresee: Callable[[Any], None] | None = None,
        noun: str = "result",
        user_messages: Mapping[int, str] | None = None,
        inspect: Callable[[Mapping[str, Any], Any], Notice | None] | None = None,
        recovery: Callable[[Mapping[str, Any], Mapping[str, str]], Any] | None = None,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.parameters = tuple(parameters)
        self.returns = returns
        self.errors = errors
        self.models = models
        self.repeatable = repeatable
        self.echo = echo
        self.refuse = refuse
        self.foresee = foresee
        self.noun = noun
        self.user_messages = user_messages or {}
        self.inspect = inspect
        self.recovery = recovery
        self._kinds: dict[str, Kind] = {}

    def __repr__(self) -> str:
        return f"Operation({self.name}: {self.method} {self.path})"

    def kind(self, annotation: str) -> Kind:
        """The kind of one of this operation's types."""
        kind = self._kinds.get(annotation)
        if kind is None:
            kind = self._kinds[annotation] = kind_of(parse_annotation(annotation), self._model, received=False)
        return kind

    def _model(self, name: str) -> Any:
        from importlib import import_module

        return getattr(import_module(self.models), name)

    def request(
        self, arguments: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, check: bool = True
    ) -> Request:
        """The request for these arguments.

        Args:
            arguments: by parameter name; None is absent.
            headers: headers to add.
            check: whether a body is checked against its model; JSON it must be in any case.

        Raises:
            ApiTypeError, ApiValueError: an argument cannot be sent; the text names it.
        """
        target, query, body = self.path, [], None
        sent = {"accept": "application/json"}
        if self.method == "POST":  # the official client says so of an empty body too
            sent["content-type"] = "application/json"
        for parameter in self.parameters:
            value = arguments.get(parameter.name)
            path = (self.name, parameter.name)
            if value is None:
                if parameter.required:
                    raise ApiTypeError(f"{self.name} needs {parameter.name!r}", (parameter.name,))
            elif parameter.location == "path":
                target = target.replace("{" + parameter.name + "}", path_segment(value, path))
            elif parameter.location == "header":
                sent[parameter.wire] = header_value(value, path)
            elif parameter.location == "query":
                texts = query_texts(self.kind(parameter.annotation), value, path)
                if parameter.least is not None and value < parameter.least:
                    raise wrong_value(f"it must be {parameter.least} or more", path)
                for wire in filter(None, (parameter.wire, parameter.twin)):
                    query += [(wire, text) for text in texts]
            else:
                body = self._body(parameter, value, check=check).encode("ascii")
        if self.refuse is not None:
            self.refuse(arguments)
        for name, value in (headers or {}).items():
            sent[header_name(name)] = header_value(value, (self.name, "_headers", name))
        if query:
            from urllib.parse import quote, urlencode

            target += "?" + urlencode(query, quote_via=quote)
        return Request(self, self.method, target, sent, body)

    def _body(self, parameter: Parameter, value: Any, *, check: bool) -> str:
        kind = self.kind(parameter.annotation)
        assert isinstance(kind, Object)
        if not check and isinstance(value, dict):
            return self.kind("dict").write(value, (kind.label,))
        taken = kind.take(value, (kind.label,))
        plan = taken.__plan__  # its own: a subclass has fields that the declared class lacks
        text: str = plan.encode(taken)
        plan.check(taken)
        if self.foresee is not None:
            self.foresee(taken)
        return text

    def read(self, response: Response) -> Any:
        """A good answer's body as what the operation returns. Raises ApiTypeError or ApiValueError."""
        return read_json(response.data, self.kind(self.returns))

    def read_unchecked(self, response: Response) -> Any:
        """The same, keeping values of the wrong type as they came."""
        return self.kind(self.returns).loosely(response.json(), ())

    def check_names(self, given: Mapping[str, Any], known: Sequence[str]) -> None:
        """Raise ApiTypeError for an option that does not exist, naming the nearest that does."""
        for name in given:
            if name not in known:
                candidates = [*known, *(parameter.name for parameter in self.parameters)]
                raise ApiTypeError(f"{self.name} has no parameter {name!r}{nearest(name, candidates)}", (name,))


def path_segment(value: object, path: tuple[str | int, ...]) -> str:
    """An id as one quoted segment of a path."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    if value.isalnum() and value.isascii():  # as Xendit's ids are: nothing to refuse, nothing to quote
        return value
    _refuse_control(value, path)
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


def header_value(value: object, path: tuple[str | int, ...]) -> str:
    """A header's value: printable ASCII, not empty."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    _refuse_control(value, path)
    if not value.strip():
        raise wrong_value("it is empty", path)
    if not value.isascii() or len(value) > 255:
        raise wrong_value("it must be printable ASCII, 255 characters at most", path)
    return value


def _refuse_control(value: str, path: tuple[str | int, ...]) -> None:
    if holds_control(value):
        raise wrong_value("it holds a control character", path)


def holds_control(text: str) -> bool:
    """Whether a text holds a control character: one of the first 32, DEL, or one of the 32 from 128 on."""
    if text.isprintable():  # which no control character is
        return False
    return any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)


def query_texts(kind: Kind, value: Any, path: tuple[str | int, ...]) -> list[str]:
    """A query parameter's texts: one, or for a list one each, which is how arrays are repeated."""
    taken = kind.take(value, path)
    if isinstance(kind, Array):
        return [_query_text(kind.item, item, path) for item in taken]
    return [_query_text(kind, taken, path)]


def _query_text(kind: Kind, value: Any, path: tuple[str | int, ...]) -> str:
    if isinstance(kind, Time):
        try:
            return time_text(value.replace(microsecond=value.microsecond // 1000 * 1000))
        except OverflowError:
            pass
        raise wrong_value("in UTC it is no date that can be written", path)
    if isinstance(value, str):
        _refuse_control(value, path)
        if not value:
            raise wrong_value("it is empty", path)
        try:
            value.encode()
        except UnicodeEncodeError:
            pass
        else:
            return str.__str__(value)
        raise wrong_value("it holds a character that cannot be sent", path)
    return number_text(value, path)
