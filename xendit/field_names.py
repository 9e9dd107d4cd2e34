"""FieldNames: what `keys()` of a model gives."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    T = TypeVar("T")


class FieldNames(list[str]):
    """The names of the fields that are there, as a list that also has the set operations of a dict's keys.

    `csv.DictWriter` needs them: it subtracts its columns from the keys.
    """

    __slots__ = ()

    def __sub__(self, other: Iterable[object]) -> set[str]:
        return set(self).difference(other)

    def __rsub__(self, other: Iterable[T]) -> set[T]:
        return set(other).difference(self)

    def __and__(self, other: Iterable[object]) -> set[str]:
        return set(self).intersection(other)

    def __or__(self, other: Iterable[T]) -> set[str | T]:
        return {*self, *other}

    def __xor__(self, other: Iterable[T]) -> set[str | T]:
        return {*self} ^ {*other}

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__
