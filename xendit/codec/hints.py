"""The annotations of a model as types, for whoever asks a class for them: `typing.get_type_hints`, `inspect`.

A model's annotations are texts whose names are imported for type checkers alone, because every program would pay for
importing them. So a class holds its annotations in a special dict, `Hints` of `annotations.py`, which asks this module
for the type when an annotation is read.
"""

from __future__ import annotations

from xendit.codec.containers import Array, Nullable, Object
from xendit.codec.kinds import Boolean, Choice, Date, FreeForm, Integer, Kind, Number, Text, Time
from xendit.codec.uncommon import Dictionary, Union

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Signature

    from xendit.codec.annotations import Field

_PLAIN: tuple[tuple[type[Kind], type], ...] = ((Integer, int), (Number, float), (Boolean, bool), (Text, str))
"""Kinds and the types of their values. The first that fits counts, so a subclass stands before its base."""


def type_of(kind: Kind) -> object:
    """The type of what a field of this kind reads as."""
    import typing
    from datetime import date, datetime

    if isinstance(kind, Object):
        return kind.plan.cls
    if isinstance(kind, Array):
        return list[type_of(kind.item)]  # type: ignore[misc]
    if isinstance(kind, Dictionary):
        return dict[str, type_of(kind.item)]  # type: ignore[misc]
    if isinstance(kind, (Nullable, Union)):
        parts = kind.members if isinstance(kind, Union) else (kind.item, None)
        return typing.Union[tuple(None if part is None else type_of(part) for part in parts)]  # noqa: UP007 - of data
    if isinstance(kind, Choice):
        return kind.enum
    if isinstance(kind, (Time, Date)):
        return datetime if isinstance(kind, Time) else date
    if isinstance(kind, FreeForm):
        return dict[str, typing.Any]
    return next((plain for cls, plain in _PLAIN if isinstance(kind, cls)), typing.Any)


def hint_of(field: Field) -> object:
    """The type of what a field reads as, None included where it may be absent."""
    hint = type_of(field.kind)
    if field.required:
        return hint
    from typing import Optional

    return Optional[hint]  # noqa: UP045 - `Any | None` cannot be written with a bar at run time


def signature_of(declared: Iterable[Field]) -> Signature:
    """The signature of the constructor of a model with these fields."""
    from inspect import Parameter, Signature

    return Signature(
        [
            Parameter(
                each.name,
                Parameter.POSITIONAL_OR_KEYWORD,
                default=Parameter.empty if each.required else None,
                annotation=each.annotation,
            )
            for each in declared
        ]
    )
