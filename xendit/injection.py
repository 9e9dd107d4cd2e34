"""What frameworks that inject dependencies see of a constructor: which object it needs, and that it can do without.

Such a framework asks a constructor for its parameters and their types, and makes an object of each type. Ours take
more than that (a client or a key, by position or by name, with types that are imported for checkers alone), so what a
framework sees is stated here. Checkers and editors read the source and see the constructor itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature
    from typing import TypeVar

    F = TypeVar("F", bound=Callable[..., None])


def needs(name: str, needed: type[object], hide: Callable[[object], object] | None = None) -> Callable[[F], F]:
    """Show a constructor to containers, such as dishka, as one that takes a single object.

    `inspect.signature` follows `__wrapped__`, and `typing.get_type_hints` reads `__annotations__`: neither costs an
    import here, as making a Signature would.

    Args:
        name: the parameter.
        needed: its type.
        hide: makes an argument one that a traceback does not show, where arguments are secrets.
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
    """The same constructor without defaults of its own: Python 3.10 reads a default of None into the type."""

    def made(self: object, *given: object, **named: object) -> None:
        if hide is not None:
            given = tuple(hide(each) for each in given)
            named = {name: hide(each) for name, each in named.items()}
        init(self, *given, **named)

    made.__doc__ = init.__doc__
    return made  # type: ignore[return-value]


class NothingNeeded:
    """The `__signature__` of a class that can be made without arguments, for FastAPI's `Depends(InvoiceApi)`.

    FastAPI would take each parameter of the class for one of the web request, and refuse the type of ours. It asks the
    class; who asks `__init__`, as dishka does, sees what `needs` says. A subclass with a constructor of its own is seen
    as it is.
    """

    def __set_name__(self, owner: type[object], _: str) -> None:
        self._init = owner.__init__

    def __get__(self, instance: object, owner: type[object]) -> Signature:
        if instance is not None or owner.__init__ is not self._init:
            raise AttributeError("__signature__")
        from inspect import Signature

        return Signature()
