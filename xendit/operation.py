"""One HTTP operation as data: what it sends, where its parameters go, what its answers are. No I/O.

All operations are declared when a product is imported, but a program calls few of them. So a declaration holds types as
texts, and the modules that read and write values, the codec above all, are loaded by the first call.
"""

from __future__ import annotations

from xendit.exceptions import ApiTypeError, ResponseException
from xendit.messages import (
    LARGE_ANSWER,
    ApiResponse,
    RateLimit,
    Request,
    Response,
    TransportError,
    header_name,
    header_value,
    holds_control,
    path_segment,
    rate_limit_of,
)
from xendit.source import SYSTEM
from xendit.static_typing import hinted
from xendit.words import nearest, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from xendit.codec import Kind
    from xendit.codec.plan import Instance
    from xendit.events import Notice
    from xendit.messages import Arguments

__all__ = [
    "ApiResponse",
    "Listing",
    "Operation",
    "Parameter",
    "RateLimit",
    "Request",
    "Response",
    "TransportError",
    "header_name",
    "header_value",
    "holds_control",
    "path_segment",
    "rate_limit_of",
]


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
        separator: where a query takes a list as one text, what stands between its items; without it, the parameter is
            repeated for each item.
    """

    __slots__ = ("annotation", "least", "location", "name", "required", "separator", "twin", "wire")

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
        separator: str | None = None,
    ) -> None:
        self.name = name
        self.location = location
        self.annotation = annotation
        self.wire = wire or name
        self.twin = twin
        self.required = required
        self.least = least
        self.separator = separator

    def __repr__(self) -> str:
        return f"Parameter({self.name}: {self.annotation} in {self.location})"


@hinted
class Listing:
    """How the pages of a list follow one another, where a page is asked for with the id of the last item before it.

    Xendit's lists are objects, `{"has_more": true, "data": [...], "links": [...]}`. Some operations are documented with
    a bare array instead. Both are read.

    Args:
        items: the field that holds the items.
        has_more: the field that says whether there is another page.
        cursor: the parameter that takes the id.
        identity: the field of an item that is its id.
        largest: how many items a page may have at most, where the API says so.
    """

    __slots__ = ("cursor", "has_more", "identity", "items", "largest")

    def __init__(
        self,
        *,
        items: str = "data",
        has_more: str = "has_more",
        cursor: str = "after_id",
        identity: str = "id",
        largest: int | None = None,
    ) -> None:
        self.items = items
        self.has_more = has_more
        self.cursor = cursor
        self.identity = identity
        self.largest = largest

    def following(self, arguments: Arguments, answer: Any) -> dict[str, object] | None:
        """The arguments that ask for the page after this answer, or None when it was the last one.

        If the server does not say whether there is another page, there may be one when this page is as long as was
        asked for.

        Raises:
            ResponseException: there is another page, but no item has an id with which to ask for it.
        """
        items = answer.get(self.items) or []
        more = answer.get(self.has_more)
        if more is None:
            limit = arguments.get("limit")
            more = limit is not None and len(items) >= limit
        if not more:
            return None
        last = items[-1].get(self.identity) if items else None
        if not isinstance(last, str) or last == arguments.get(self.cursor):
            raise ResponseException("there are more pages, and nothing says where the next one begins", outcome="done")
        return {**arguments, self.cursor: last}


@hinted
class MadeThing:
    """What the look-up of a create needs to know of a thing that was made, the same for all products."""

    @staticmethod
    def identity(made: object) -> str | None:
        """Xendit's id of the thing; None for a raw answer."""
        return getattr(made, "id", None)

    @staticmethod
    def age(made: Any) -> tuple[bool, Any]:
        """A key that sorts the oldest first; a thing that does not say when it was created comes last."""
        return made.created is None, made.created


def headers_of_others(headers: Mapping[str, str], key: str) -> dict[str, str]:
    """The headers of a request that other requests about the same thing bear too.

    These are all headers but those about the body and the idempotency key.

    Args:
        headers: those of the request itself.
        key: the name of the header with its idempotency key, in small letters.
    """
    return {name: value for name, value in headers.items() if name.lower() not in ("content-type", key)}


@hinted
class Operation:
    """An operation of the API.

    Args:
        name: the name of its method, such as `get_invoices`.
        method, path: the HTTP request; `{name}` in the path is one quoted segment.
        parameters: in the order of the method.
        returns: the type of a good answer, as an annotation.
        errors: the models of error answers by status.
        models: the package in which the models are found by name.
        repeatable: whether doing it twice does no harm.
        headers: headers that every request of it bears, such as `api-version`; a caller's `_headers` replace them.
        idempotency: the name of the header parameter in which the API documents a key that makes a repetition harmless.
            A request that bears such a key may be sent again; where the caller gives none, one is made.
        listing: how its pages follow one another, where its answer is one page of a list.
        echo: compares a good answer with the request, and says what in it shows that it answers another request; None
            when nothing does.
        refuse: raises ApiTypeError or ApiValueError for a request that must not be sent although each of its fields is
            allowed; None when there is no such rule.
        foresee: looks at a body that is about to be sent, and may warn.
        noun: what the operation makes or reads, as messages name it; its plural is formed with an s.
        user_messages: by status, what may be said to a shopper of an error where the error's class has no text that is
            precise enough.
        inspect: compares a good answer with what was asked, and gives a Notice of what there is to say, or None. It
            neither raises nor warns, because the request was carried out.
        recovery: how to find out what became of a request whose outcome is not known, from the arguments and the
            headers that were added to it.
        passing: error codes of refusals that say «not now»: nothing was done, and the request is sent again.
        existing: error codes of refusals that say that it was done before. It is not known whether an earlier attempt
            of this request did it, so it is looked up.
        resendable: whether a create that was looked for in vain may be sent again for a user who asks for that
            (`on_unknown="resend"`); otherwise it is only looked up.
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
        headers: Mapping[str, str] | None = None,
        idempotency: str | None = None,
        listing: Listing | None = None,
        echo: Callable[[Arguments, object], str | None] | None = None,
        refuse: Callable[[Arguments], None] | None = None,
        foresee: Callable[[Any], None] | None = None,
        noun: str = "result",
        user_messages: Mapping[int, str] | None = None,
        inspect: Callable[[Arguments, Any], Notice | None] | None = None,
        recovery: Callable[[Arguments, Mapping[str, str]], Any] | None = None,
        passing: frozenset[str] = frozenset(),
        existing: frozenset[str] = frozenset(),
        resendable: bool = True,
    ) -> None:
        self.name = name
        self.method = method
        self.path = path
        self.parameters = tuple(parameters)
        self.returns = returns
        self.errors = errors
        self.models = models
        self.repeatable = repeatable
        self.headers = dict(headers or {})
        self.idempotency = idempotency
        self.listing = listing
        self.echo = echo
        self.refuse = refuse
        self.foresee = foresee
        self.noun = noun
        self.user_messages = user_messages or {}
        self.inspect = inspect
        self.recovery = recovery
        self.passing = passing
        self.existing = existing
        self.resendable = resendable
        self._kinds: dict[str, Kind] = {}

    def __repr__(self) -> str:
        return f"Operation({self.name}: {self.method} {self.path})"

    def kind(self, annotation: str) -> Kind:
        """The kind of one of this operation's types."""
        kind = self._kinds.get(annotation)
        if kind is None:
            from xendit.codec import kind_of, parse_annotation

            kind = self._kinds[annotation] = kind_of(parse_annotation(annotation), self._model, received=False)
        return kind

    def _model(self, name: str) -> object:
        from importlib import import_module

        return getattr(import_module(self.models), name)

    def request(
        self,
        arguments: Arguments,
        headers: Mapping[str, str] | None = None,
        *,
        check: bool = True,
        new_key: Callable[[], str] = SYSTEM.uuid,
    ) -> Request:
        """The request for these arguments.

        Args:
            arguments: by parameter name; None is absent.
            headers: headers to add.
            check: whether a body is checked against its model; it must be JSON in any case.
            new_key: makes an idempotency key.

        Raises:
            ApiTypeError, ApiValueError: an argument cannot be sent; the text names it.
        """
        target, query, body = self.path, [], None
        sent = {"accept": "application/json", **self.headers}
        if self.method == "POST":  # the official client sends the header with an empty body too
            sent["content-type"] = "application/json"
        key_header = None
        for parameter in self.parameters:
            value = arguments.get(parameter.name)
            path = (self.name, parameter.name)
            if parameter.name == self.idempotency:
                key_header = parameter.wire.lower()
                if value is not None:
                    sent[key_header] = header_value(value, path)
            elif value is None:
                if parameter.required:
                    raise ApiTypeError(f"{self.name} needs {parameter.name!r}", (parameter.name,))
            elif parameter.location == "path":
                target = target.replace("{" + parameter.name + "}", path_segment(value, path))
            elif parameter.location == "header":
                sent[parameter.wire] = header_value(value, path)
            elif parameter.location == "query":
                from xendit.queries import query_pairs

                kind = self.kind(parameter.annotation)
                pairs = query_pairs(parameter.wire, kind, value, path, separator=parameter.separator)
                if parameter.least is not None and value < parameter.least:
                    raise wrong_value(f"it must be {parameter.least} or more", path)
                query += pairs
                if parameter.twin is not None:
                    query += [(parameter.twin, text) for _, text in pairs]
            else:
                body = self._body(parameter, value, check=check).encode("ascii")
                sent["content-type"] = "application/json"
        if self.refuse is not None:
            self.refuse(arguments)
        for name, value in (headers or {}).items():
            sent[header_name(name)] = header_value(value, (self.name, "_headers", name))
        if key_header is not None:
            sent.setdefault(key_header, new_key())
        if query:
            from urllib.parse import quote, urlencode

            target += "?" + urlencode(query, quote_via=quote)
        if key_header is None:
            return Request(self, self.method, target, sent, body)
        return Request(self, self.method, target, sent, body, repeatable=True, idempotency_key=sent[key_header])

    def _body(self, parameter: Parameter, value: object, *, check: bool) -> str:
        from xendit.codec.containers import Object
        from xendit.codec.scalars import as_dict

        kind = self.kind(parameter.annotation)
        if not isinstance(kind, Object):
            path = (self.name, parameter.name)
            return kind.write(kind.take(value, path), path)
        if not check and isinstance(value := as_dict(value), dict):
            return self.kind("dict").write(value, (kind.label,))
        taken: Instance = kind.plan.take(value, (kind.label,))
        plan = taken.__plan__  # the plan of its own class: a subclass has more fields
        text: str = plan.encode(taken)
        plan.check(taken)
        if self.foresee is not None:
            self.foresee(taken)
        return text

    def read(self, response: Response) -> Any:
        """A good answer's body as what the operation returns. Raises ApiTypeError or ApiValueError."""
        data = response.data
        if len(data) > LARGE_ANSWER:
            response.check_extent()
        if self.listing is not None and data.lstrip()[:1] == b"[":  # a bare array
            data = b'{"%b":%b}' % (self.listing.items.encode("ascii"), data)
        return self.kind(self.returns).from_json(data)

    def read_unchecked(self, response: Response) -> object:
        """The same, keeping values of the wrong type as they came."""
        value = response.json()
        if self.listing is not None and isinstance(value, list):
            value = {self.listing.items: value}
        return self.kind(self.returns).loosely(value, ())

    def check_names(self, given: Mapping[str, object], known: Sequence[str]) -> None:
        """Raise ApiTypeError for an option that does not exist, naming the nearest that does."""
        for name in given:
            if name not in known:
                candidates = [*known, *(parameter.name for parameter in self.parameters)]
                raise ApiTypeError(f"{self.name} has no parameter {name!r}{nearest(name, candidates)}", (name,))
