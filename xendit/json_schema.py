"""JSON Schema of the kinds that hold no model: for pydantic, and for whoever describes the API."""

from __future__ import annotations

from xendit.codec import Boolean, Choice, FreeForm, Integer, Number, Text, Time

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec import Kind

#: The first that fits; a narrower kind stands before the one that it derives from.
_TYPES: tuple[tuple[type[Kind], dict[str, object]], ...] = (
    (Integer, {"type": "integer"}),
    (Number, {"type": "number"}),
    (Boolean, {"type": "boolean"}),
    (Time, {"type": "string", "format": "date-time"}),
    (FreeForm, {"type": "object"}),
    (Text, {"type": "string"}),
)


def schema_of_value(kind: Kind) -> dict[str, object]:
    """The schema of a kind that holds no other; {} for one that may be anything. An open enum shows its members."""
    if isinstance(kind, Choice):
        return {"type": "string", "examples": [str(member.value) for member in kind.enum]}
    return next((dict(schema) for cls, schema in _TYPES if isinstance(kind, cls)), {})
