"""Marks: a rare branch says that it was taken, to whoever listens.

A test that passes because the branch it is about was never reached proves nothing. So the branches that only rare faults lead to
leave a mark, and a run of simulated worlds (`xendit.testing.world`) counts them: one that was never reached fails it.

Nobody listens in a program that runs. Then a mark costs the call of a function that does nothing, and it stands on rare branches
alone.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["listen", "mark"]

_listener: Callable[[str], object] | None = None


def mark(name: str) -> None:
    """Say that a branch was taken. `name` is a literal, `place: what`, so that the source can be searched for all of them."""
    if _listener is not None:
        _listener(name)


def listen(listener: Callable[[str], object] | None) -> Callable[[str], object] | None:
    """Have a function called with each mark from now on; None ends that. Gives the one that was called until now."""
    global _listener
    before, _listener = _listener, listener
    return before
