"""The inbox: where events wait to be handled once, and what every store of them promises. No I/O.

An event is stored before it is acknowledged, and worked on later, under a lease. A lease is a right that ends by
itself: for so many seconds one worker, the owner, may work on the event, and no other takes it. A worker that dies does
not renew its lease; when that has run out, another worker takes the event over and becomes its owner. A worker that was
only slow may still be at work then. So everything it does with the event is done only if it still is the owner; if it
is not, its claim no longer counts, and nothing is changed (this is called fencing). The algorithm is in
`procedures.py`, written once for every store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from xendit.webhook.event import Event
    from xendit.webhook.statements import Steps

__all__ = [
    "Added",
    "AsyncInbox",
    "AsyncStore",
    "Claim",
    "Inbox",
    "KeptStep",
    "LeaseLost",
    "State",
    "StepRefused",
    "Stored",
    "Tally",
    "TransactionEnded",
    "keys_of",
]

#: `waiting` (for a worker, or to be tried again), `working` (under a lease), `done`, or `dead` (a dead letter).
State: TypeAlias = Literal["waiting", "working", "done", "dead"]

C_co = TypeVar("C_co", covariant=True)
T = TypeVar("T")


class LeaseLost(Exception):
    """The claim no longer counts: its lease ran out and another worker took the event over. Nothing was written."""


class TransactionEnded(Exception):
    """A handler committed, or rolled back, the transaction that it shares with the inbox."""

    def __init__(self) -> None:
        super().__init__(
            "the handler ends the transaction itself, and what it writes would no longer commit together with the"
            " event's `done`: leave commit and rollback to the worker; for a part that may fail there are savepoints"
            " (begin_nested of SQLAlchemy, atomic of Django)"
        )


class StepRefused(Exception):
    """`event.once` was called in a transaction for which its own commit would wait."""


class KeptStep(NamedTuple):
    """A step of an event, as `event.once` keeps it. Times are seconds since 1970 in UTC, by the clock of the store."""

    step: str
    begun_at: float
    """When its function was called the last time."""
    done_at: float | None
    """When the function returned; None if it raised or its process died."""
    result: str | None = None
    """What it returned, as JSON. May hold personal data."""


@hinted
class Added(NamedTuple):
    """What became of an event that was added."""

    key: str
    """The key it is stored under: hand it to a task queue."""
    is_new: bool
    """False when it was there already: a duplicate."""
    state: State
    """Where it stands now."""


@hinted
@dataclass(frozen=True)
class Claim:
    """An event under a lease: what a worker works on."""

    key: str
    """The key it is stored under."""
    event: Event
    """What happened."""
    attempt: int
    """Which attempt this is, from 1. An attempt that a killed worker did not finish counts."""
    owner: str
    """Whose lease it is; a later claim of the same event has another owner."""
    due_at: float = 0.0
    """When it was due, by the clock of the store. An event that is given back unhandled is due at that time again."""


def keys_of(claims: Sequence[Claim]) -> tuple[str, ...]:
    """The keys of claimed events, in order."""
    return tuple(each.key for each in claims)


@hinted
@dataclass(frozen=True)
class Stored:
    """A row of the inbox. Times are seconds since 1970 in UTC, by the clock of the store."""

    key: str
    subject: str
    """What it happened to: rows of one subject are worked on one after the other."""
    kind: str
    """`paid`, `second_payment`, `expired`, another status in lower case, `other` or `unreadable`."""
    body: bytes = field(repr=False)
    """The JSON text as it came. Holds personal data."""
    webhook_id: str | None
    payment_id: str | None
    external_id: str | None
    source: str
    """`webhook` or `reconcile`."""
    state: State
    received_at: float
    due_at: float
    """When it may be worked on; while a worker has it, when the worker claimed it."""
    attempts: int = 0
    deliveries: int = 1
    """How often it was brought; duplicates that arrive while it is worked on are not counted."""
    lease_until: float | None = None
    """Until when a worker has it; after it was given back, when that happened."""
    owner: str | None = None
    error: str | None = field(default=None, repr=False)
    """Why it failed the last time, with API keys and e-mail addresses replaced."""
    outcome: str | None = None
    """How it ended: `handled`, `ignored` (no handler for its kind) or `superseded` (a higher state came first)."""
    done_at: float | None = None


class Claims(list[Claim]):
    """Events that one transaction has claimed."""

    met = False
    """Whether another worker was claiming events of the same subjects at that moment. Then both let those go."""


class Tally(NamedTuple):
    """How many events stand where. Alert on `dead` and on `oldest_waiting`."""

    waiting: int
    working: int
    done: int | None
    """None where it was not asked for, because counting all events that ever came takes time."""
    dead: int
    oldest_waiting: float
    """Seconds since the oldest waiting event was due; 0 when none is overdue."""


@hinted
class Inbox(Protocol[C_co]):
    """What a store of events does. C_co is the connection that `transaction` hands to a handler.

    Every method may be called from any thread and any process, and raises whatever its store raises when that fails. A
    store whose `add` always returns or raises within `timeout` may say so with `own_deadline = True`. The endpoint
    calls the `add` of any other store in a thread that it can leave behind.
    """

    def add(self, event: Event, timeout: float = 20.0) -> Added:
        """Store an event durably, once. An UnreadableEvent is stored as a dead letter.

        A second payment, by its `payment_id`, of what was paid already is stored as an event of its own.

        Args:
            event: what happened.
            timeout: seconds after which to give up and raise.
        """
        ...

    def claim(self, key: str | None = None, lease: float = 60.0) -> Claim | None:
        """Take the next event that is due, or the one of that key, for `lease` seconds.

        Two events of one subject are never claimed at once. An event with a lower state than one that the inbox has for
        its subject is not handed out, but done as `superseded`. None means that there is nothing to do, or that another
        worker has it.
        """
        ...

    def transaction(self, claim: Claim) -> AbstractContextManager[C_co]:
        """A transaction of the store: what is written over its connection commits together with `done`.

        Raises:
            LeaseLost: on entry, before anything was written.
            TransactionEnded: inside, when a commit or a roll-back is tried, and on leaving, if one was tried.
        """
        ...

    def done(self, claim: Claim, outcome: str = "handled") -> bool:
        """Finish an event. False: the lease was lost, and the event belongs to another worker."""
        ...

    def fail(self, claim: Claim, error: str, retry_in: float | None) -> bool:
        """Give an event back, to be tried again in `retry_in` seconds; None makes it a dead letter."""
        ...

    def replay(self, key: str) -> bool:
        """Let an event that is dead or done be handled again, now. False: there is no such event."""
        ...

    @property
    def has_one_writer(self) -> bool:
        """Whether a transaction that has written keeps every other one from writing, as in SQLite."""
        ...

    def transact_apart(self, procedure: Callable[[], Steps[T]]) -> T:
        """Run a procedure in a transaction apart from any that this thread has open; it is committed when this returns."""
        ...

    def transact(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure (`xendit.webhook.procedures`) in a short transaction, and give what it returns."""
        ...

    def claiming(
        self, lease: float, limit: int = 1, key: str | None = None, *, together: bool = False
    ) -> Callable[[], Steps[list[Claim]]]:
        """The procedure that claims several events: what a worker transacts. `together` is for a worker with a `batch`."""
        ...

    def jointly(
        self,
        claim: Claim,
        work: Callable[[C_co], object],
        ending: Callable[[], Steps[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Hand a transaction that holds the event to `work`, run the procedure `ending` in it too, and commit.

        It holds the `others` too: more events of the same owner.

        Raises:
            LeaseLost: on entry, before anything was written.
            TransactionEnded: as `transaction` does.
        """
        ...

    def purge(self, older_than: timedelta) -> int:
        """Delete events that were done longer ago, and return how many. Dead letters stay.

        Raises:
            ApiValueError: it is less than 31 days. A deleted event would be handled again if it came again.
        """
        ...

    def tally(self, *, done: bool = False) -> Tally:
        """Count the events by state; those that are done only where that is asked for."""
        ...

    def letters(self, state: State = "dead", limit: int = 100) -> list[Stored]:
        """The events of a state, the latest first."""
        ...


@hinted
class AsyncStore(Protocol):
    """What an endpoint asks of an asynchronous inbox."""

    async def add(self, event: Event, timeout: float = 20.0) -> Added:
        """Store an event durably, once; see Inbox."""
        ...


@hinted
class AsyncInbox(Protocol[C_co]):
    """What an asynchronous worker asks of an inbox. C_co is the connection that its handlers get."""

    def claiming(
        self, lease: float, limit: int = 1, key: str | None = None, *, together: bool = False
    ) -> Callable[[], Steps[list[Claim]]]:
        """The procedure that claims several events; see Inbox."""
        ...

    @property
    def has_one_writer(self) -> bool:
        """Whether a transaction that has written keeps every other one from writing, as in SQLite."""
        ...

    async def transact_async(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a short transaction; see Inbox.transact."""
        ...

    async def jointly_async(
        self,
        claim: Claim,
        work: Callable[[C_co], Awaitable[object]],
        ending: Callable[[], Steps[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Hand a transaction that holds the event to `work`, and run a procedure in it too; see Inbox.jointly."""
        ...
