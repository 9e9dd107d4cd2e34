"""What type checkers see of our classes, and tools that ask a running program for types; other programs pay nothing for
it.

`overload` and `Generic` are those of typing for type checkers. At run time they do nothing, which saves the import of
typing. `hinted` is for tools that ask a running program, such as pydantic, dependency containers and Sphinx.

`needs` and `NothingNeeded` are for frameworks that inject dependencies. Such a framework asks a constructor for its
parameters and their types, and makes an object of each type. Our constructors are too flexible for that: they take a
client or a key, by position or by name, with types that are imported for type checkers alone. So `needs` and
`NothingNeeded` say what a framework is to see, while type checkers and editors read the source and see the constructor
itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, ValuesView
    from inspect import Signature
    from typing import Generic, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., None])
    T = TypeVar("T")
else:

    def overload(function):
        """The function itself."""
        return function

    class Generic:
        """A class whose parameters in brackets have no effect."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls


__all__ = ["Generic", "NothingNeeded", "hinted", "needs", "overload"]


class LateHints(dict[str, object]):
    """The annotations of a function or class, which become types when somebody reads them.

    Names in our annotations are imported under `if TYPE_CHECKING:`. A running program has none of them, so
    `typing.get_type_hints` and `inspect.signature` could not evaluate the texts. Both read or copy this dict, and find
    types in it: the classes that an annotation names are imported at that moment, and not before.

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
        written = getattr(written, "__forward_arg__", written)  # a TypedDict has wrapped its texts
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

    It does the same for the base classes in this package.
    """
    if not isinstance(target, type):
        _hint(target)
        return target
    for owner in target.__mro__:
        if owner.__module__.partition(".")[0] != __name__.partition(".")[0]:
            continue
        # From Python 3.14 on a NamedTuple or TypedDict has a function that makes its annotations when they are asked
        # for.
        if "__annotations__" in vars(owner) or "__annotate_func__" in vars(owner):
            _hint(owner)
        for name, value in vars(owner).items():
            if name[0] != "_" or name in ("__init__", "__new__", "__call__"):
                function = getattr(value, "fget", None) or getattr(value, "__func__", value)
                if hasattr(function, "__code__"):
                    _hint(function)
    return target


def _hint(target: object) -> None:
    written = target.__annotations__
    if type(written) is dict:
        target.__annotations__ = LateHints(written, target.__module__)


def needs(name: str, needed: type[object], hide: Callable[[object], object] | None = None) -> Callable[[F], F]:
    """Show a constructor to containers, such as dishka, as one that takes a single object.

    `inspect.signature` follows `__wrapped__`, and `typing.get_type_hints` reads `__annotations__`. Setting these two
    costs no import, while making a Signature would.

    Args:
        name: the parameter.
        needed: its type.
        hide: applied to an argument that is a secret, so that a traceback does not show it.
    """

    def enter(init: F) -> F:
        def shown(self: object, given: object) -> None:
            """Never called: only its signature is looked at."""

        shown.__code__ = shown.__code__.replace(co_varnames=("self", name))
        shown.__annotations__ = {name: needed, "return": type(None)}
        made = init if sys.version_info >= (3, 11) else _without_defaults(init, hide)
        made.__wrapped__ = shown  # type: ignore[attr-defined]
        made.__annotations__ = shown.__annotations__
        return made

    return enter


def _without_defaults(init: F, hide: Callable[[object], object] | None) -> F:
    """The same constructor without defaults: with a default of None, Python 3.10 adds None to the type."""

    def made(self: object, *given: object, **named: object) -> None:
        if hide is not None:
            given = tuple(hide(each) for each in given)
            named = {name: hide(each) for name, each in named.items()}
        init(self, *given, **named)

    made.__doc__ = init.__doc__
    return made  # type: ignore[return-value]


class NothingNeeded:
    """The `__signature__` of a class that can be made without arguments, for FastAPI's `Depends(InvoiceApi)`.

    FastAPI would take each parameter of the constructor for a parameter of the web request, and refuse our types. It
    asks the class for its signature, and so finds this one. A tool that asks `__init__`, as dishka does, finds what
    `needs` says. A subclass with a constructor of its own is seen as it is.
    """

    def __set_name__(self, owner: type[object], _: str) -> None:
        self._init = owner.__init__

    def __get__(self, instance: object, owner: type[object]) -> Signature:
        if instance is not None or owner.__init__ is not self._init:
            raise AttributeError("__signature__")
        from inspect import Signature

        return Signature()
