"""What the inbox asks of its store: named statements, each with what it means and what it gives back. No I/O.

A procedure of `procedures.py` is a generator. It yields a statement, is sent its result, and returns what it was for. All
statements of one procedure run in one transaction, of which a crash, or an error, leaves nothing; between two
transactions anything may happen. `run` drives a procedure; a store brings `perform`, which does one statement.

What a store must hold to:

- A transaction sees what others have committed by the time of each statement (READ COMMITTED), and its own changes.
- A row that a transaction has locked or changed is its own until it ends. `LockDue`, `LockKeys` and `CountDelivery` pass
  by the rows of others and never wait; every other statement that changes a row waits for whoever has it. A database
  that has one writer at a time locks nothing besides.
- "ReadClock" is the store's clock, which all workers share. It goes on within a transaction.
- A statement that names an `owner` changes the row only where it is `working` under that owner, and tells whether it did.
  A claim that another worker has taken over can thus change nothing.

What a crash leaves between transactions: rows that are `working` under a lease that nobody renews. When it has run out
`LockDue` finds them again.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeAlias

    from xendit.webhook.inbox import State, Stored

    T_co = TypeVar("T_co", covariant=True)

    #: Does one statement in the transaction that is open, and gives its result.
    Perform: TypeAlias = "Callable[[Statement], Any]"

T = TypeVar("T")
Does = TypeVar("Does", bound="Callable[..., Any]")


class Doers(dict[type, "Callable[..., Any]"]):
    """What does each kind of statement in one kind of store: functions, noted by `@doers.of(kind)`."""

    def of(self, kind: type) -> Callable[[Does], Does]:
        """Decorate what does a kind of statement."""

        def note(function: Does) -> Does:
            self[kind] = function
            return function

        return note


class ReadClock(NamedTuple):
    """→ float. Seconds since 1970 by the store's clock."""


class Insert(NamedTuple):
    """→ bool. Insert a row, received and due now; False where its key is there. Waits for whoever inserts the same key."""

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
    """→ list[Stored]. Lock what is due, the longest first: waiting and due, or working under a lease that has run out."""

    now: float
    limit: int
    passed: tuple[str, ...] = ()
    """Keys that are not to be given again."""


class LockKeys(NamedTuple):
    """→ list[Stored]. Lock the rows of these keys and read them as they are then; without those that another has."""

    keys: tuple[str, ...]


class Siblings(NamedTuple):
    """→ list[Stored]. The rows of these subjects, besides those of `keys`, without a lock."""

    subjects: tuple[str, ...]
    keys: tuple[str, ...]


class Take(NamedTuple):
    """→ None. Put rows that are locked under a lease: `working`, with `owner`, and `due_at` = when that was.

    The attempt of `starting` begins with it; the others wait for their `Start`.
    """

    keys: tuple[str, ...]
    owner: str
    now: float
    lease: float
    starting: str


class Start(NamedTuple):
    """→ bool. Count an attempt, and renew the lease: its handler is called next. False where the lease was lost or is over."""

    key: str
    owner: str
    lease: float


class Renew(NamedTuple):
    """→ bool. Renew the lease of what is being handled. False where it was lost or is over."""

    key: str
    owner: str
    lease: float


class Hold(NamedTuple):
    """→ bool. Lock a row until the transaction ends. False where the lease was lost or is over."""

    key: str
    owner: str


class Finish(NamedTuple):
    """→ bool. `done`, with its outcome."""

    key: str
    owner: str
    outcome: str


class FinishAndStart(NamedTuple):
    """→ tuple[bool, bool]. `Finish` one row and `Start` another: what each of them gives."""

    finished: Finish
    started: Start


class Supersede(NamedTuple):
    """→ None. `done` as `superseded`: a row that is locked, and that nobody works on."""

    key: str


class Fail(NamedTuple):
    """→ bool. `waiting` again, to be tried in `wait` seconds; `lease_until` = when it was given back."""

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
    """→ bool. `waiting` again, due as it was before it was taken; `lease_until` = when it was given back."""

    key: str
    owner: str
    due_at: float
    is_started: bool
    """Whether its attempt had begun, and is to be taken back: its handler was not called."""


class Replay(NamedTuple):
    """→ bool. `waiting` and due now, with no attempt behind it, whatever it was; False where it is `working` or not there."""

    key: str


class MakeDue(NamedTuple):
    """→ int. Make due now what was claimed, added or given back after `latest`, a time ahead of now; say how many.

    Of a working row `due_at` says when it was claimed. Of a waiting one that was tried, `lease_until` says when it was given
    back; one that was never tried was due at once.
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
    """→ float | None. When the waiting row that is due the longest was due."""

    now: float


class ReadEffects(NamedTuple):
    """→ list[KeptStep]. The steps of an event, the first begun first."""

    key: str


class BeginEffect(NamedTuple):
    """→ None. Note that the function of a step is called now, whether or not there is such a note."""

    key: str
    step: str


class EndEffect(NamedTuple):
    """→ bool. Note that it has returned, and what; False when that is noted already, and stays."""

    key: str
    step: str
    result: str


class Latest(NamedTuple):
    """→ list[Stored]. The rows of a state, the latest received first."""

    state: State
    limit: int


if TYPE_CHECKING:
    Statement: TypeAlias = (
        ReadClock | Insert | Read | CountDelivery | LearnPayment | LockDue | LockKeys | Siblings | Take | Start | Renew | Hold
        | ReadEffects | BeginEffect | EndEffect | Finish
        | FinishAndStart | Supersede | Fail | Bury | GiveBack | Replay | MakeDue | DeleteDone | Count | OldestDue | Latest
    )  # fmt: skip
    #: A procedure under way: yields statements, is sent their results, returns what it was for.
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
