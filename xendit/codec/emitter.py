"""What the writers of the three functions share: a text, and lines that give up on a surprise. No I/O."""

from __future__ import annotations

from xendit.codec.jsontext import Surprise
from xendit.codec.source import FunctionText, indented

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.codec.source import Lines

_LOWEST, _HIGHEST = -(10**300), 10**300
"""Integers between these two are written as they are; `number_text` decides about the others."""


class Emitter:
    """What the three visitors share: a text, and lines for a value in a variable that raise on a surprise."""

    def __init__(self, title: str, avoided: Iterable[str] = ()) -> None:
        self.source = FunctionText(title, avoided)

    def unless(self, condition: str) -> str:
        """A line that gives up unless a condition holds."""
        return f"if not ({condition}): raise {self.source.refer(Surprise, 'Surprise')}"

    def is_of(self, variable: str, *classes: type) -> str:
        """A condition: the value is of one of these classes, subclasses excluded."""
        return " or ".join(f"{variable}.__class__ is {self.source.builtin(cls)}" for cls in classes)

    def is_finite_number(self, variable: str) -> str:
        """A condition: the value is an int, or a float that is neither NaN nor infinite."""
        return f"{self.is_of(variable, int)} or {self.is_of(variable, float)} and {variable} - {variable} == 0.0"

    def is_bounded_integer(self, variable: str) -> str:
        """A condition: the value is an int that can be written as it is."""
        lowest, highest = self.source.refer(_LOWEST, "lowest"), self.source.refer(_HIGHEST, "highest")
        return f"{self.is_of(variable, int)} and {lowest} < {variable} < {highest}"

    def each(self, variable: str, lines: Lines) -> Lines:
        """Lines that make a list in the variable by doing the lines for each item of a list."""
        found = self.source.fresh("found")
        return [
            self.unless(self.is_of(variable, list)),
            f"{found} = []",
            f"for {variable} in {variable}:",
            *indented([*lines, f"{found}.append({variable})"]),
            f"{variable} = {found}",
        ]
