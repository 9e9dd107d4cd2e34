"""JSON Schema of what a declaration compiles to: for pydantic, and for whoever describes the API."""

from __future__ import annotations

from xendit.codec import Array, Boolean, Choice, FreeForm, Integer, Number, Object, Text, Time

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.codec import Kind, Plan

#: The first that fits; a narrower kind stands before the one that it derives from.
_TYPES: tuple[tuple[Any, dict[str, Any]], ...] = (
    (Integer, {"type": "integer"}),
    (Number, {"type": "number"}),
    (Boolean, {"type": "boolean"}),
    (Time, {"type": "string", "format": "date-time"}),
    (FreeForm, {"type": "object"}),
    (Text, {"type": "string"}),
)


def schema_of(plan: Plan, around: tuple[Plan, ...] = ()) -> dict[str, Any]:
    """The schema of a model, what it holds described in place. Unknown fields are allowed, as they are read.

    Args:
        plan: the model's.
        around: the models that it is described within; one that holds its own kind is named there and not described.
    """
    named = {"type": "object", "title": plan.cls.__name__}
    if plan in around:
        return named
    within = (*around, plan)
    return {
        **named,
        "properties": {name: _of_kind(field.kind, within) for name, field in plan.fields.items()},
        "required": [name for name, field in plan.fields.items() if field.required and not plan.received],
    }


def _of_kind(kind: Kind, around: tuple[Plan, ...]) -> dict[str, Any]:
    if isinstance(kind, Object):
        return schema_of(kind.plan, around)
    if isinstance(kind, Array):
        return {"type": "array", "items": _of_kind(kind.item, around)}
    if isinstance(kind, Choice):
        return {"type": "string", "examples": [str(member.value) for member in kind.enum]}
    return schema_of_value(kind)


def schema_of_value(kind: Kind) -> dict[str, Any]:
    """The schema of a kind that holds no other; {} for one that may be anything."""
    return next((dict(schema) for cls, schema in _TYPES if isinstance(kind, cls)), {})
