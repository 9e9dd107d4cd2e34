"""Several events in one commit: whose handlers are called, and how the events end. No I/O.

A worker with a `batch` begins the attempts of several events at once and calls their handlers one after the other.
`procedures.py` says which events are taken together, and `work.py` what follows when one fails.
"""

from __future__ import annotations

from typing import NamedTuple

from xendit.webhook import procedures
from xendit.webhook.inbox import LeaseLost, keys_of
from xendit.webhook.statements import FinishAll, Uncount

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from xendit.webhook.event import Event
    from xendit.webhook.inbox import Claim
    from xendit.webhook.statements import Steps

    #: A handler, and the event that it is called with.
    Call: TypeAlias = tuple[Callable[..., object], Event]

__all__ = ["INTERRUPTED", "EventBatch", "SettledTogether", "interrupted_together", "settle_together"]

INTERRUPTED = "the worker was interrupted"


class SettledTogether(NamedTuple):
    """What came of `settle_together`."""

    kept: int
    """How many of the handled events were still ours."""
    started: int | None
    """The index of the upcoming event whose attempt begins; None if no attempt begins."""
    claims: list[Claim] | None
    """What was claimed in the same transaction; None if nobody looked."""


def settle_together(
    handled: Sequence[Claim],
    uncalled: Sequence[Claim],
    upcoming: Sequence[Claim],
    lease: float,
    claiming: Callable[[], Steps[list[Claim]]] | None = None,
    *,
    must_keep: bool,
) -> Steps[SettledTogether]:
    """End events of one owner whose attempts were begun together, and begin the attempt of the next one; see `settle`.

    Args:
        handled: those that are finished.
        uncalled: those whose attempts are taken off again. If they are worked on later, they are also `upcoming`.
        upcoming: what the same worker has claimed and not started, in order.
        lease: seconds of the lease that begins.
        claiming: claims the events that come after these.
        must_keep: whether the handlers' changes are in this transaction, so that none may be committed if another
            worker has one of the events.

    Raises:
        LeaseLost: another worker has one of the events, and `must_keep`.
    """
    kept = 0
    if handled:
        kept = yield FinishAll(keys_of(handled), handled[0].owner, "handled")
        if must_keep and kept < len(handled):
            raise LeaseLost("an event that was handled together with others was taken over by another worker")
    if uncalled:
        yield Uncount(keys_of(uncalled), uncalled[0].owner)
    settled = yield from procedures.settle(None, upcoming, lease)
    return SettledTogether(kept, settled.started, None if claiming is None else (yield from claiming()))


class EventBatch:
    """Events whose attempts have begun together, and how far their handlers got.

    Args:
        begun: the events.
        functions: the handler of each, by key; those without one are not called.
        may_go_on: whether a further handler may be called.
    """

    def __init__(
        self, begun: Sequence[Claim], functions: dict[str, Callable[..., object]], may_go_on: Callable[[], bool]
    ) -> None:
        self.begun = begun
        self.fit = tuple(each for each in begun if each.key in functions)
        self.called: list[Claim] = []
        """Those whose handlers were called and are to be finished; the last one may be under way."""
        self.alone: Claim | None = None
        """The one whose handler failed."""
        self._functions = functions
        self._may_go_on = may_go_on

    def calls(self) -> Iterator[Call]:
        """What is to be called, one after the other; from the beginning, where a transaction is done again."""
        self.called.clear()
        for claim in self.fit:
            if self.called and not self._may_go_on():
                return
            self.called.append(claim)
            yield self._functions[claim.key], claim.event

    def fail(self, *, is_undone: bool) -> None:
        """Note that the last handler failed; and whether what all of them did was undone with it."""
        self.alone = self.called.pop() if self.called else None
        if is_undone:
            self.called.clear()

    @property
    def rest(self) -> tuple[Claim, ...]:
        """Those that are neither finished nor failed, in order."""
        gone = {each.key for each in self.called}
        return tuple(each for each in self.begun if each.key not in gone and each is not self.alone)


def interrupted_together(batch: EventBatch, upcoming: Sequence[Claim], lease: float) -> Steps[None]:
    """What is done when a worker is ended in the middle of a batch: what was handled is done, and the rest is due."""
    yield from settle_together(tuple(batch.called), batch.rest, (), lease, must_keep=False)
    if batch.alone is not None:
        yield from procedures.fail(batch.alone, INTERRUPTED, 0.0)
    yield from procedures.give_back(None, (*batch.rest, *upcoming))
