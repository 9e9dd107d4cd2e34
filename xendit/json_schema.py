"""JSON Schema of the kinds that hold no model, for pydantic and for the OpenAPI document."""

from __future__ import annotations

from xendit.codec import (
    Array,
    Boolean,
    Choice,
    Date,
    Dictionary,
    FreeForm,
    Integer,
    Nullable,
    Number,
    Text,
    Time,
    Union,
)

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.codec import Kind

#: Searched in order, so that a kind stands before the one that it derives from.
_TYPES: tuple[tuple[type[Kind], dict[str, object]], ...] = (
    (Integer, {"type": "integer"}),
    (Number, {"type": "number"}),
    (Boolean, {"type": "boolean"}),
    (Time, {"type": "string", "format": "date-time"}),
    (Date, {"type": "string", "format": "date"}),
    (FreeForm, {"type": "object"}),
    (Text, {"type": "string"}),
)


def schema_of_value(kind: Kind) -> dict[str, object]:
    """The schema of a kind that holds no other; {} for one that may be anything. An open enum shows its members."""
    if isinstance(kind, Choice):
        return {"type": "string", "examples": [str(member.value) for member in kind.enum]}
    return next((dict(schema) for cls, schema in _TYPES if isinstance(kind, cls)), {})


def schema_of_container(kind: Kind, described: Callable[[Kind], dict[str, object]]) -> dict[str, object] | None:
    """The schema of a list, a dict, a union or what may be null; None for all others.

    Args:
        kind: the kind.
        described: gives the schemas of the kinds inside.
    """
    if isinstance(kind, Array):
        return {"type": "array", "items": described(kind.item)}
    if isinstance(kind, Dictionary):
        return {"type": "object", "additionalProperties": described(kind.item)}
    if isinstance(kind, Nullable):
        return {"anyOf": [described(kind.item), {"type": "null"}]}
    if isinstance(kind, Union):
        return {"anyOf": [described(member) for member in kind.members]}
    return None
