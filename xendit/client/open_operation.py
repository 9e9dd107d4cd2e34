"""Any path of the API: an Operation that is made for one request, from a method, a path, a query and a body.

It is for operations that this package does not name yet. It has everything that a named operation has (key, time
limits, errors, events, repeated reads) except the knowledge of what an answer means: an answer is just JSON. A request
that may have acted is never sent again, unless the caller names the header in which Xendit documents an idempotency key
for it.
"""

from __future__ import annotations

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.messages import Request, header_name, header_value, path_segment
from xendit.operation import Operation
from xendit.queries import free_pairs, json_body
from xendit.source import SYSTEM
from xendit.words import nearest, wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    from xendit.messages import Arguments, Response

    Query: TypeAlias = Mapping[str, Any] | Iterable[tuple[str, Any]]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_READS = frozenset({"GET"})
"""The methods whose requests only read, and may be repeated. By the HTTP standard PUT and DELETE may be repeated too,
but nothing documents that for Xendit's."""
_NAME = "request"
_IN_A_PATH = frozenset("-._~!$&'()*+,;=:@%/")


class OpenOperation(Operation):
    """What `client.request` and `call_api` call.

    Args:
        method: the HTTP method.
        path: the path without host and query; `{name}` is filled from `ids`, as one quoted segment.
        ids: by name.
        query: names and values; a list is repeated, a dict is `name[key]`, None is left out.
        json: the body, anything that JSON can hold, or a model.
        headers: to add.
        idempotency_header: the header in which Xendit documents an idempotency key for this request.
        idempotency_key: the key; else one is made.
        read: makes something else of the JSON of a good answer.

    Raises:
        ApiTypeError, ApiValueError: something cannot be sent; the text names it.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Query | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        idempotency_header: str | None = None,
        idempotency_key: str | None = None,
        read: Callable[[Any], Any] | None = None,
    ) -> None:
        method, target = _checked_method(method), _filled(path, ids or {})
        super().__init__(
            _NAME,
            method,
            _route(path),
            (),
            returns="Any",
            errors={},
            models="",
            noun="result of this request",
            repeatable=method in _READS,
            recovery=None if method in _READS else _no_recovery,
        )
        self._target = target + _query_text(query)
        self._content = None if json is None else json_body(json, (_NAME, "json"))
        self._given = {header_name(name): _header(name, value) for name, value in (headers or {}).items()}
        self._key_header = None
        if idempotency_header is not None:
            self._key_header = header_name(idempotency_header)
            if idempotency_key is not None:
                if self._key_header in self._given:
                    raise wrong_value("it is given as a header and as idempotency_key", (_NAME, "idempotency_key"))
                self._given[self._key_header] = header_value(idempotency_key, (_NAME, "idempotency_key"))
        elif idempotency_key is not None:
            raise ApiTypeError(
                "request: idempotency_key needs idempotency_header, the name under which Xendit documents it",
                ("idempotency_header",),
            )
        self._interpret = read

    def request(
        self,
        arguments: Arguments,  # noqa: ARG002 - the signature of all operations
        headers: Mapping[str, str] | None = None,
        *,
        check: bool = True,  # noqa: ARG002 - the same
        new_key: Callable[[], str] = SYSTEM.uuid,
    ) -> Request:
        """The request, with the client's headers."""
        sent = {"accept": "application/json"}
        if self._content is not None or self.method == "POST":
            sent["content-type"] = "application/json"
        sent.update({header_name(name): _header(name, value) for name, value in (headers or {}).items()})
        sent.update(self._given)
        if self._key_header is None:
            return Request(self, self.method, self._target, sent, self._content)
        key = sent.setdefault(self._key_header, new_key())
        return Request(self, self.method, self._target, sent, self._content, repeatable=True, idempotency_key=key)

    def read(self, response: Response) -> Any:
        """The JSON of a good answer; None where it is empty. Raises ApiTypeError or ApiValueError."""
        value = response.json() if response.data.strip() else None
        return value if self._interpret is None else self._interpret(value)

    read_unchecked = read


def _no_recovery(arguments: Arguments, headers: Mapping[str, str]) -> None:
    """Stands for a recovery where there is none; the error says that nothing can be found out."""


def _header(name: str, value: object) -> str:
    return header_value(value, (_NAME, "headers", name))


def _checked_method(method: object) -> str:
    if not isinstance(method, str):
        raise wrong_type(method, "str", (_NAME, "method"))
    if method.upper() not in METHODS:
        raise wrong_value(
            f"the method must be one of {', '.join(METHODS)}{nearest(method, METHODS)}", (_NAME, "method")
        )
    return method.upper()


def _filled(path: object, ids: Mapping[str, object]) -> str:
    """The path with its ids filled in. Refuses a path that something on the way could change, as one with `..`."""
    where = (_NAME, "path")
    if not isinstance(path, str):
        raise wrong_type(path, "str", where)
    if not path.startswith("/") or path.startswith("//"):
        raise wrong_value("it must begin with one slash: the host is the client's, /balance is a path", where)
    if "?" in path or "#" in path:
        raise wrong_value("it holds a query or a fragment: give query={...}", where)
    left = dict(ids)
    segments = []
    for segment in path.split("/"):
        if segment.startswith("{") and segment.endswith("}"):
            name = segment[1:-1]
            if name not in left:
                raise ApiTypeError(f"request: the path needs ids={{{name!r}: ...}}", (_NAME, "ids", name))
            segments.append(path_segment(left.pop(name), (_NAME, "ids", name)))
            continue
        if segment.replace("%2e", ".").replace("%2E", ".") in (".", ".."):
            raise wrong_value("it holds a segment of dots, which would change the path", where)
        if not segment.isascii() or not all(each.isalnum() or each in _IN_A_PATH for each in segment):
            raise wrong_value(
                "it holds a character that no path has: write {name} there and give ids={'name': ...}", where
            )
        segments.append(segment)
    if left:
        raise ApiValueError(f"request: the path has no {{{next(iter(left))}}}", (_NAME, "ids", next(iter(left))))
    return "/".join(segments)


def _route(path: str) -> str:
    """The path as events and logs show it: segments that may be ids, which are all with a digit in them, are left out.

    A version, such as `v2`, stays.
    """

    def shown(segment: str) -> str:
        is_version = segment[:1] in "vV" and segment[1:].isdigit()
        return "{id}" if any(each.isdigit() or each in "%@" for each in segment) and not is_version else segment

    return "/".join(shown(segment) for segment in path.split("/"))


def _query_text(query: Any) -> str:
    if query is None:
        return ""
    if isinstance(query, (str, bytes)) or not hasattr(query, "__iter__"):
        raise wrong_type(query, "a dict or a list of pairs", (_NAME, "query"))
    items = query.items() if hasattr(query, "items") else query
    pairs: list[tuple[str, str]] = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 2 or not isinstance(item[0], str):
            raise wrong_type(item, "a pair of a name and a value", (_NAME, "query"))
        pairs += free_pairs(item[0], item[1], (_NAME, "query", item[0]))
    if not pairs:
        return ""
    from urllib.parse import quote, urlencode

    return "?" + urlencode(pairs, quote_via=quote)
