"""The actions of a worker: what `work.py` asks its driver to do next. No I/O."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import Any, TypeAlias, TypeVar

    from xendit.webhook.batch import Call
    from xendit.webhook.inbox import Claim
    from xendit.webhook.statements import Steps

    T_co = TypeVar("T_co", covariant=True)

    Action: TypeAlias = "Transact | CallHandler | CallJointly | Pause"
    #: A generator that yields actions and is sent their results.
    Actions: TypeAlias = Generator[Action, Any, "T_co"]

__all__ = ["CallHandler", "CallJointly", "Pause", "Transact"]


class Transact(NamedTuple):
    """Run a procedure in a transaction of the inbox's own. → what it returns."""

    procedure: Callable[[], Steps[Any]]


class CallHandler(NamedTuple):
    """Call a function of the user's. → None. Raises what the function raises, or an error if it did not do its work."""

    what: str
    """What the function is for, as messages name it."""
    function: Callable[..., object]
    arguments: tuple[object, ...]


class CallJointly(NamedTuple):
    """Call handlers within a transaction that holds their events, run a procedure in it too, and commit. → what that
    returns.
    """

    claims: Sequence[Claim]
    """The events, at least one."""
    calls: Callable[[], Iterator[Call]]
    """Gives what is to be called, one after the other; the next one is asked for when a handler has returned."""
    ending: Callable[[], Steps[Any]]


class Pause(NamedTuple):
    """Wait so many seconds, or until the worker is stopped. → None."""

    seconds: float
