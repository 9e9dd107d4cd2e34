"""How arguments are written into a request: an id into its path, a value into a header, a filter into its query.

Whatever could change the meaning of the request, such as a control character or an id that is empty, is refused here.
"""

from __future__ import annotations

from xendit.codec import Array, Kind, Object, Time, as_text, json_text, number_text, time_text
from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str | int, ...]

_UNSAFE_SEGMENTS = ("", ".", "..")
_ANYTHING, _MOMENT = Kind(), Time()


def path_segment(value: object, path: Path) -> str:
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


def header_value(value: object, path: Path) -> str:
    """A header's value: printable ASCII, not empty."""
    if not isinstance(value, str):
        raise wrong_type(value, "str", path)
    _refuse_control(value, path)
    if not value.strip():
        raise wrong_value("it is empty", path)
    if not value.isascii() or len(value) > 255:
        raise wrong_value("it must be printable ASCII, 255 characters at most", path)
    return value


def _refuse_control(value: str, path: Path) -> None:
    if holds_control(value):
        raise wrong_value("it holds a control character", path)


def holds_control(text: str) -> bool:
    """Whether a text holds a control character: one of the first 32, DEL, or one of the 32 from 128 on."""
    if text.isprintable():  # which no control character is
        return False
    return any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)


def query_pairs(
    name: str, kind: Kind, value: object, path: Path, *, separator: str | None = None
) -> list[tuple[str, str]]:
    """A query parameter as pairs of name and text.

    A list is a pair for each of its items, which is how Xendit takes arrays, or one text with the separator between
    them. A model is a pair for each of its fields, such as `created[gte]` and `created[lte]` for a range of times.

    Args:
        name: its name on the wire.
        kind: its type.
        value: what was given.
        path: where it was given, for an error.
        separator: what stands between the items of a list that goes out as one text.

    Raises:
        ApiTypeError, ApiValueError: it cannot be sent.
    """
    taken = kind.take(value, path)
    if isinstance(kind, Array):
        texts = [query_text(kind.item, item, path) for item in taken]
        if separator is None:
            return [(name, text) for text in texts]
        if any(separator in text for text in texts):
            raise wrong_value(f"an item holds {separator!r}, which separates the items", path)
        return [(name, separator.join(texts))] if texts else []
    if isinstance(kind, Object):
        fields = taken.__plan__.fields
        return [
            pair
            for member in taken
            if taken[member] is not None and member in fields
            for pair in query_pairs(
                f"{name}[{fields[member].wire}]",
                fields[member].kind,
                taken[member],
                (*path, member),
            )
        ]
    if isinstance(taken, dict):
        return free_pairs(name, taken, path)
    return [(name, query_text(kind, taken, path))]


def query_text(kind: Kind, value: Any, path: Path) -> str:
    """A value of a query as text: true and false, numbers without exponents, times in UTC with milliseconds."""
    if isinstance(kind, Time):
        try:
            return time_text(value.replace(microsecond=value.microsecond // 1000 * 1000))
        except OverflowError:
            pass
        raise wrong_value("in UTC it is no date that can be written", path)
    if isinstance(value, bool):
        return "true" if value else "false"
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
    if hasattr(value, "isoformat"):  # a date without a time
        return str(value.isoformat())
    return number_text(value, path)


def free_pairs(name: str, value: Any, path: Path) -> list[tuple[str, str]]:
    """A query parameter of no declared type as pairs of name and text: a list is repeated, a dict is `name[key]`.

    None is left out. A datetime goes out in UTC with milliseconds, a date as it is.

    Raises:
        ApiTypeError, ApiValueError: it cannot be sent.
    """
    if value is None:
        return []
    if hasattr(value, "keys"):
        return [pair for key in value.keys() for pair in free_pairs(f"{name}[{key}]", value[key], (*path, key))]  # noqa: SIM118 - a model has keys, too
    if isinstance(value, (list, tuple)):
        return [pair for item in value for pair in free_pairs(name, item, path)]
    if hasattr(value, "utcoffset"):
        return [(name, query_text(_MOMENT, _MOMENT.take(value, path), path))]
    text = as_text(value)
    if text is None and hasattr(value, "urn"):  # a UUID
        text = str(value)
    return [(name, query_text(_ANYTHING, value if text is None else text, path))]


def json_body(value: Any, path: Path) -> bytes:
    """A body of no declared type: a model by its declaration, anything else as JSON exactly as it is.

    Raises:
        ApiTypeError, ApiValueError: JSON cannot hold it.
    """
    plan = getattr(value, "__plan__", None)
    if plan is None:
        return json_text(value, path).encode("ascii")
    text: str = plan.encode(value)
    plan.check(value)
    return text.encode("ascii")
