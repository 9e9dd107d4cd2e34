"""What frameworks that inject dependencies see of a constructor: which object it needs, and that it can do without.

Such a framework asks a constructor for its parameters and their types, and makes an object of each type. Ours take
more than that (a client or a key, by position or by name, with types that are imported for checkers alone), so what a
framework sees is stated here. Checkers and editors read the source and see the constructor itself.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature
    from typing import TypeVar

    F = TypeVar("F", bound=Callable[..., None])


def needs(name: str, needed: type[object]) -> Callable[[F], F]:
    """Show a constructor to containers, such as dishka, as one that takes a single object.

    `inspect.signature` follows `__wrapped__`, and `typing.get_type_hints` reads `__annotations__`: neither costs an
    import here, as making a Signature would.

    Args:
        name: the parameter.
        needed: its type.
    """

    def enter(init: F) -> F:
        def shown(self: object, given: object) -> None:
            """Never called: only its signature is looked at."""

        shown.__code__ = shown.__code__.replace(co_varnames=("self", name))
        shown.__annotations__ = {name: needed, "return": type(None)}
        init.__wrapped__ = shown  # type: ignore[attr-defined]
        init.__annotations__ = shown.__annotations__
        return init

    return enter


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
