"""What the inbox asks of its store: named statements, each with what it means and what it gives back. No I/O.

A procedure of `procedures.py` is a generator. It yields a statement, is sent the result, and in the end returns the
result of the whole procedure. All statements of one procedure run in one transaction: after a crash or an error nothing
of them remains. Between two transactions anything may happen. `run` drives a procedure; a store provides `perform`,
which does one statement.

A store must keep these rules:

- Each statement of a transaction sees what others have committed before that statement (READ COMMITTED), and the
  transaction's own changes.
- A row that a transaction has locked or changed belongs to it until it ends. `LockDue`, `LockKeys` and `CountDelivery`
  skip rows that belong to others and never wait. Every other statement that changes a row waits until the row is free.
  A database that has only one writer at a time needs no locks on rows.
- `ReadClock` reads the store's clock, which all workers share. The clock goes on within a transaction.
- A statement that names an `owner` changes the row only if it is `working` under that owner, and says whether it did.
  So a worker whose claim was taken over can change nothing.

A crash between transactions leaves rows that are `working` under a lease that nobody renews. When the lease has run
out, `LockDue` finds these rows again.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias

    from xendit.veil import Veiled
    from xendit.webhook.inbox import State, Stored

    T_co = TypeVar("T_co", covariant=True)

    #: Does one statement in the transaction that is open, and gives its result.
    Perform: TypeAlias = "Callable[[Statement], Any]"

T = TypeVar("T")
Does = TypeVar("Does", bound="Callable[..., Any]")


class Doers(dict[type, "Callable[..., Any]"]):
    """The functions that do each kind of statement in one kind of store, registered by `@doers.of(kind)`."""

    def of(self, kind: type) -> Callable[[Does], Does]:
        """Decorate the function that does a kind of statement."""

        def note(function: Does) -> Does:
            self[kind] = function
            return function

        return note


class ReadClock(NamedTuple):
    """→ float. Seconds since 1970 by the store's clock."""


class Insert(NamedTuple):
    """→ bool. Insert a row, received and due now; False if its key exists. Waits for others that insert the same key."""

    row: Stored


class Read(NamedTuple):
    """→ Stored | None. The row of a key, without a lock."""

    key: str


class CountDelivery(NamedTuple):
    """→ None. Add one to a row's deliveries; do nothing while another transaction has the row."""

    key: str


class LearnPayment(NamedTuple):
    """→ bool. Set the payment id of a row that has none."""

    key: str
    payment_id: str


class LockDue(NamedTuple):
    """→ list[Stored]. Lock rows that are waiting and due, or working under a lease that is over; longest due first."""

    now: float
    limit: int
    passed: tuple[str, ...] = ()
    """Keys that were looked at before and are to be left out."""


class LockKeys(NamedTuple):
    """→ list[Stored]. Lock the rows of these keys and read them as they are then, except those locked by others."""

    keys: tuple[str, ...]


class Siblings(NamedTuple):
    """→ list[Stored]. The rows of these subjects, except those with one of these `keys`, read without a lock."""

    subjects: tuple[str, ...]
    keys: tuple[str, ...]


class Take(NamedTuple):
    """→ None. Put locked rows under a lease: `working`, with `owner`, and with `due_at` = now.

    The attempts of `starting` begin with this; those of the others begin with their `Start`.
    """

    keys: tuple[str, ...]
    owner: str
    now: float
    lease: float
    starting: tuple[str, ...]


class Start(NamedTuple):
    """→ bool. Count an attempt and renew the lease: the handler is called next. False if the lease was lost or is over."""

    key: str
    owner: str
    lease: float


class Renew(NamedTuple):
    """→ bool. Renew the lease of an event that is being handled. False if the lease was lost or is over."""

    key: str
    owner: str
    lease: float


class Hold(NamedTuple):
    """→ bool. Lock a row until the transaction ends. False where the lease was lost or is over."""

    key: str
    owner: str


class HoldAll(NamedTuple):
    """→ int. Lock rows until the transaction ends; say of how many the lease is neither lost nor over."""

    keys: tuple[str, ...]
    owner: str


class FinishAll(NamedTuple):
    """→ int. `done`, with its outcome, for each of these rows that is still the owner's; say how many."""

    keys: tuple[str, ...]
    owner: str
    outcome: str


class Uncount(NamedTuple):
    """→ int. Take the attempt off rows again, because their handlers were not called; say how many are the owner's."""

    keys: tuple[str, ...]
    owner: str


class Finish(NamedTuple):
    """→ bool. `done`, with its outcome."""

    key: str
    owner: str
    outcome: str


class FinishAndStart(NamedTuple):
    """→ tuple[bool, bool]. `Finish` one row and `Start` another; the results of both."""

    finished: Finish
    started: Start


class Supersede(NamedTuple):
    """→ None. Mark a locked row, on which nobody works, as `done` with the outcome `superseded`."""

    key: str


class Fail(NamedTuple):
    """→ bool. Make a row `waiting` again, due in `wait` seconds; `lease_until` = when it was given back."""

    key: str
    owner: str
    error: str
    wait: float


class Bury(NamedTuple):
    """→ bool. `dead`: a dead letter."""

    key: str
    owner: str
    error: str


class GiveBack(NamedTuple):
    """→ bool. Make a row `waiting` again, due as before it was taken; `lease_until` = when it was given back."""

    key: str
    owner: str
    due_at: float
    is_started: bool
    """Whether its attempt was counted, and must be taken off again because the handler was not called."""


class Replay(NamedTuple):
    """→ bool. Make a row `waiting` and due now, with no attempts counted. False if it is `working` or does not exist."""

    key: str


class MakeDue(NamedTuple):
    """→ int. Make rows due now that were claimed, added or given back after `latest`, a time ahead of now; say how
    many.

    For a working row, `due_at` says when it was claimed. For a waiting row that was tried before, `lease_until` says
    when it was given back. A row that was never tried was due when it was added.
    """

    now: float
    latest: float


class DeleteDone(NamedTuple):
    """→ int. Delete at most `limit` rows that were done before a time, with their steps; say how many."""

    before: float
    limit: int


class Count(NamedTuple):
    """→ dict[str, int]. How many rows have each of these states."""

    states: tuple[str, ...]


class OldestDue(NamedTuple):
    """→ float | None. The earliest time at which a waiting row was due."""

    now: float


class ReadEffects(NamedTuple):
    """→ list[KeptStep]. The steps of an event, the first begun first."""

    key: str


class BeginEffect(NamedTuple):
    """→ None. Note that the function of a step is called now, in place of an earlier note."""

    key: str
    step: str


class EndEffect(NamedTuple):
    """→ bool. Note that it has returned, and what. False if an earlier return is noted already; that one stays."""

    key: str
    step: str
    result: Veiled
    """Not shown, because frames of errors show statements."""


class Latest(NamedTuple):
    """→ list[Stored]. The rows of a state, the latest received first."""

    state: State
    limit: int


if TYPE_CHECKING:
    Statement: TypeAlias = (
        ReadClock | Insert | Read | CountDelivery | LearnPayment | LockDue | LockKeys | Siblings | Take | Start | Renew | Hold
        | ReadEffects | BeginEffect | EndEffect | Finish
        | HoldAll | FinishAll | Uncount | FinishAndStart | Supersede | Fail | Bury | GiveBack | Replay | MakeDue | DeleteDone | Count | OldestDue | Latest
    )  # fmt: skip
    #: A procedure under way: it yields statements, is sent their results, and returns its own result.
    Steps: TypeAlias = Generator[Statement, Any, T_co]


def run(steps: Steps[T], perform: Perform) -> T:
    """Drive a procedure to its end inside a transaction that is open, and give what it returns."""
    try:
        statement = next(steps)
        while True:
            statement = steps.send(perform(statement))
    except StopIteration as end:
        result: T = end.value
        return result
