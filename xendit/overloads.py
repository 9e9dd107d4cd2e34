"""`overload`, as typing has it for checkers. At run time it gives the function back: typing is not worth its import."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import overload
else:

    def overload(function):
        """The function itself."""
        return function


__all__ = ["overload"]
