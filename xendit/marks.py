"""Marks: a rare branch tells a listener that it was taken.

A test proves nothing if it passes because the branch that it is about was never reached. So each branch that only rare
faults lead to has a mark, and a run of simulated worlds (`xendit.testing.world`) counts the marks. The run fails if one
of them was never reached.

In an ordinary program nobody listens. Then a mark costs only the call of a function that does nothing, and only on rare
branches.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["listen", "mark"]

_listener: Callable[[str], object] | None = None


def mark(name: str) -> None:
    """Say that a branch was taken. `name` is a literal, `place: what`, so that all marks can be found in the source."""
    if _listener is not None:
        _listener(name)


def listen(listener: Callable[[str], object] | None) -> Callable[[str], object] | None:
    """Call a function with each mark from now on; None ends that. Returns the function that was called until now."""
    global _listener
    before, _listener = _listener, listener
    return before
