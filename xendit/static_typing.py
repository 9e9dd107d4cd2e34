"""`overload`, `Generic` and `hinted`: what type checkers and tools that ask for types see, at no cost to a running program.

`overload` and `Generic` are those of typing for checkers, and do nothing at run time: typing is not worth its import.
`hinted` is for tools that ask a running program, such as pydantic, dependency containers and Sphinx.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator, ValuesView
    from typing import Generic, TypeVar, overload

    T = TypeVar("T")
else:

    def overload(function):
        """The function itself."""
        return function

    class Generic:
        """A class of which a parameter says nothing."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls


__all__ = ["Generic", "hinted", "overload"]


class LateHints(dict[str, object]):
    """The annotations of a function or class, as types for whoever reads them.

    Names in our annotations are imported under `if TYPE_CHECKING:`, where a running program has none of them, so that
    `typing.get_type_hints` and `inspect.signature` could not evaluate the texts. Both read or copy this dict, and find
    types in it: the classes that an annotation names are imported then, and not before.

    Args:
        written: the annotations as texts.
        module: the name of the module that they stand in.
    """

    __slots__ = ("_module",)

    def __init__(self, written: dict[str, object], module: str) -> None:
        super().__init__(written)
        self._module = module

    def __getitem__(self, name: str) -> object:
        written = super().__getitem__(name)
        if not isinstance(written, str):
            return written
        from xendit.late_types import type_of

        return type_of(written, self._module)

    def get(self, name: str, default: object = None) -> object:
        """The type of a parameter or an attribute, or the default."""
        return self[name] if name in self else default  # noqa: SIM401 - that would call itself

    def __iter__(self) -> Iterator[str]:  # with it, `dict(hints)` asks `__getitem__`
        return super().__iter__()

    def values(self) -> ValuesView[object]:  # type: ignore[override] # of a dict that holds the types
        """The types."""
        return {name: self[name] for name in self}.values()

    def items(self) -> ItemsView[str, object]:  # type: ignore[override]
        """The names and their types."""
        return {name: self[name] for name in self}.items()

    def copy(self) -> dict[str, object]:
        """A plain dict of the types."""
        return dict(self)


def hinted(target: T) -> T:
    """Let tools ask a function, or a class and its public methods, for the types of its annotations. A decorator.

    It goes through the bases in this package too.
    """
    if not isinstance(target, type):
        _hint(target)
        return target
    for owner in target.__mro__:
        if owner.__module__.partition(".")[0] != __name__.partition(".")[0]:
            continue
        # From Python 3.14 on a NamedTuple or TypedDict has a function that makes its annotations, and none until they are asked for.
        if "__annotations__" in vars(owner) or "__annotate_func__" in vars(owner):
            _hint(owner)
        for name, value in vars(owner).items():
            if name[0] != "_" or name in ("__init__", "__new__", "__call__"):
                function = getattr(value, "fget", None) or getattr(value, "__func__", value)
                if hasattr(function, "__code__"):
                    _hint(function)
    return target


def _hint(target: object) -> None:
    if type(target.__annotations__) is dict:
        # A TypedDict has wrapped its texts already.
        written = {name: getattr(each, "__forward_arg__", each) for name, each in target.__annotations__.items()}
        target.__annotations__ = LateHints(written, target.__module__)
