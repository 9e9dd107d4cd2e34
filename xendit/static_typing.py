"""`overload` and `Generic`, as typing has them for checkers. At run time they do nothing: typing is not worth its import."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Generic, overload
else:

    def overload(function):
        """The function itself."""
        return function

    class Generic:
        """A class of which a parameter says nothing."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls


__all__ = ["Generic", "overload"]
