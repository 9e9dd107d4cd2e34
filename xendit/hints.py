"""The annotations of a model as types, for whoever asks a class for them: `typing.get_type_hints`, `inspect`.

A model's annotations are texts whose names are imported for type checkers alone, because importing them would cost
every program. So a class holds them in a dict that finds the type of a field when it is read.
"""

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
    Object,
    Text,
    Time,
    Union,
)

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from inspect import Signature
    from typing import Any

    from xendit.codec import Field, Kind

_PLAIN: tuple[tuple[type[Kind], type], ...] = ((Integer, int), (Number, float), (Boolean, bool), (Text, str))
"""The first that fits; a narrower kind stands before the one that it derives from."""


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


class Hints(dict[str, "Any"]):
    """The annotations of the fields that a class declares. Reading one loads the classes that its type names.

    `__iter__` stands here so that `dict(hints)` copies what is read, not what is stored.
    """

    def __init__(self, declared: Iterable[Field]) -> None:
        super().__init__({each.name: each for each in declared})

    def __getitem__(self, name: str) -> object:
        field: Field = super().__getitem__(name)
        hint = type_of(field.kind)
        if field.required:
            return hint
        from typing import Optional

        return Optional[hint]  # noqa: UP045 - `Any | None` cannot be written with a bar at run time

    def get(self, name: str, default: object = None) -> object:
        """The type of a field, or the default."""
        return self[name] if name in self else default  # noqa: SIM401 - that would call itself

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def values(self) -> Any:
        """The types."""
        return {name: self[name] for name in self}.values()

    def items(self) -> Any:
        """The fields and their types."""
        return {name: self[name] for name in self}.items()

    def copy(self) -> dict[str, object]:
        """A plain dict of the types."""
        return dict(self)

    def __repr__(self) -> str:
        return repr(dict(self))


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
