"""The text of functions that are to be compiled, and the objects that they name. No I/O.

Names are where a compiler goes wrong: two classes may have the same name, a field may be called `v` or `len`, and a
list inside a list needs a second loop variable. So no name is derived from what it stands for. `fresh` gives a name
that nothing else in this text has, `refer` names an object by its identity, and both avoid the names of the model's own
fields, which become parameters.
"""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    Lines: TypeAlias = "list[str]"


class FunctionText:
    """Lines that are to become functions, which will share their global names.

    Args:
        title: what tracebacks call the text, such as `read Invoice`.
        avoided: names that are taken already.
    """

    def __init__(self, title: str, avoided: Iterable[str] = ()) -> None:
        self.title = title
        self.lines: Lines = []
        """The finished text."""
        self.names: dict[str, Any] = {"__name__": __name__}
        """The objects that it refers to, by their names in it."""
        self._taken = {*avoided}
        self._by_identity: dict[int, str] = {}

    def fresh(self, stem: str) -> str:
        """A name that nothing else here has: the stem, with a number behind it where it is taken."""
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def refer(self, thing: object, stem: str) -> str:
        """The name by which the text refers to an object, which is kept alive here, so that its identity stays its own."""
        name = self._by_identity.get(id(thing))
        if name is None:
            name = self._by_identity[id(thing)] = self.fresh(stem)
            self.names[name] = thing
        return name

    def builtin(self, thing: type) -> str:
        """A name for a built-in class that a field of the same name cannot hide."""
        return self.refer(thing, thing.__name__)


def indented(lines: Lines, levels: int = 1) -> Lines:
    """The lines, indented by this many levels more."""
    return ["    " * levels + line for line in lines]


def attribute(name: str) -> str | None:
    """`.name` as Python writes it; None for a keyword, which only `getattr` can ask for."""
    from keyword import iskeyword

    return None if iskeyword(name) or not name.isidentifier() else f".{sys.intern(name)}"
