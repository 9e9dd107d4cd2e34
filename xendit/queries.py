"""How arguments of many types become text: filters in a query, and a body of no declared type. No I/O.

This module imports the codec, so it is loaded only by the first call that has a query or such a body. Many programs
make no such call.
"""

from __future__ import annotations

from xendit.codec import Array, Kind, Object, Time, as_text, json_text, number_text, time_text
from xendit.messages import refuse_control
from xendit.words import wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.words import Path

_ANYTHING, _MOMENT = Kind(), Time()


def query_pairs(
    name: str, kind: Kind, value: object, path: Path, *, separator: str | None = None
) -> list[tuple[str, str]]:
    """A query parameter as pairs of name and text.

    A list becomes a pair for each of its items, which is how Xendit takes arrays; or, with a separator, one text. A
    model becomes a pair for each of its fields, such as `created[gte]` and `created[lte]` for a range of times.

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
        refuse_control(value, path)
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


def json_body(value: object, path: Path) -> bytes:
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
