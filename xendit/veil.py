"""Veiled values: what a frame of ours may hold without showing it. No I/O.

An error tracker shows the variables of every frame of a traceback, and `pytest --showlocals` does. A model masks what is personal
in it; a request that is given as a dict cannot. So the frames that a failed call leaves behind have it in an object that tells its
names alone.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Veiled", "unveiled", "veiled"]


class Veiled:
    """A value that is not shown. It is no mapping, so that nobody who writes a mapping out goes through it."""

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held

    def __repr__(self) -> str:
        held = self.held
        if not hasattr(held, "keys"):
            return f"<{type(held).__name__}: not shown>"
        names = ", ".join(name if isinstance(name, str) and name.isidentifier() else "…" for name in held)
        return f"<{type(held).__name__} of {names}: values not shown>"


def veiled(value: object) -> Any:
    """The same, in an object that does not show it; what shows nothing by itself (a model, None) stays as it is."""
    shows = isinstance(value, (list, tuple, str, bytes)) or hasattr(value, "keys")
    return Veiled(value) if shows and not hasattr(value, "__plan__") else value


def unveiled(arguments: Mapping[str, object]) -> Mapping[str, object]:
    """Arguments by name, with the values of those that are veiled. Most calls have none, and keep what they were given."""
    for value in arguments.values():
        if type(value) is Veiled:
            return {name: each.held if type(each) is Veiled else each for name, each in arguments.items()}
    return arguments
