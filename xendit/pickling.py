"""Pickling: makes an instance from its pickle, which a version of this library with other fields may have written."""

from __future__ import annotations

from xendit.codec import LooseReading

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.codec import Plan


def revived(cls: Any, values: dict[str, Any], untyped: tuple[str, ...], unknown: dict[str, Any] | None) -> Any:
    """An instance as it was pickled, by field names, so that a later version with other fields reads it."""
    plan: Plan = cls.__plan__
    instance = object.__new__(cls)
    values, unknown = dict(values), dict(unknown or {})
    for wire in [wire for wire in unknown if wire in plan.wires]:  # fields that were unknown then and are known now
        value, name = unknown.pop(wire), plan.wires[wire].name
        if value is None:
            untyped += (name,)
        else:
            reading = LooseReading()
            values[name] = plan.fields[name].kind.receive(value, (plan.name, name), reading)
            if reading.kept:
                untyped += (name,)
    for name in (*plan.names, *plan.texts):
        object.__setattr__(instance, name, values.pop(name, None))
    object.__setattr__(instance, "_untyped", tuple(name for name in untyped if name in plan.fields))
    object.__setattr__(instance, "_unknown", {**values, **unknown} or None)
    return instance
