"""MemoryInbox: the inbox of one process, for tests and for trying things out. A restart forgets it."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.webhook import statements
from xendit.webhook.inbox import KeptStep, Stored
from xendit.webhook.statements import run
from xendit.webhook.table import TableInbox

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from typing import Any, TypeAlias, TypeVar

    from xendit.webhook.inbox import Claim
    from xendit.webhook.statements import Perform, Statement, Steps

    T = TypeVar("T")
    #: What a transaction has changed, by the key of a row, or the event and name of a step: each as it was before the
    #: transaction, or None where there was none.
    Changed: TypeAlias = "dict[str | tuple[str, str], Stored | KeptStep | None]"

__all__ = ["MemoryInbox", "MemoryRows"]


@hinted
class MemoryInbox(TableInbox[None]):
    """An inbox in memory.

    A handler of a TransactionWorker gets None for a connection.

    Args:
        now: the clock, in seconds since 1970; that of `source` when None.
        source: where time and ids come from (`xendit.source`).
    """

    own_deadline = True

    def __init__(self, now: Callable[[], float] | None = None, *, source: Source = SYSTEM) -> None:
        self.source = source
        self._lock = threading.RLock()
        self._rows = MemoryRows(now or source.wall)

    def transact(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a transaction; see TableInbox."""
        if not self._lock.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError("the inbox is busy")
        changed: Changed = {}
        try:
            return run(procedure(), lambda statement: self._rows.perform(statement, changed))
        except BaseException:
            self._rows.undo(changed)
            raise
        finally:
            self._lock.release()

    @contextmanager
    def _joint(self) -> Iterator[tuple[Perform, None]]:
        # The lock is held for each statement only and not while a handler runs, so that the endpoint can answer
        # meanwhile.
        changed: Changed = {}

        def perform(statement: Statement) -> object:
            with self._lock:
                return self._rows.perform(statement, changed)

        try:
            yield perform, None
        except BaseException:
            with self._lock:
                self._rows.undo(changed)
            raise

    async def transact_async(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a transaction, for a worker that awaits: here it takes no time."""
        return self.transact(procedure, timeout)

    async def jointly_async(
        self,
        claim: Claim,
        work: Callable[[None], Awaitable[object]],
        ending: Callable[[], Steps[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Await a handler, and run a procedure after it; see TableInbox.jointly."""
        with self._held(claim, others) as (perform, connection):
            await work(connection)
            return run(ending(), perform)

    def __repr__(self) -> str:
        return f"<MemoryInbox of {len(self._rows.table)} events>"


class MemoryRows:
    """Rows in a dict, and the statements over them. Transactions run one at a time, so rows need no locks.

    Rows are frozen, so that a row that was read stays as it was.

    Args:
        now: the clock, in seconds since 1970.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.table: dict[str, Stored] = {}
        self.steps: dict[tuple[str, str], KeptStep] = {}
        self._now = now

    def perform(self, statement: Statement, changed: Changed) -> Any:
        """Do a statement and give its result.

        Args:
            statement: what to do.
            changed: where to note each row as it was before the transaction; None if it was not there.
        """
        return _DOING[type(statement)](_Transaction(self, self._now, changed), statement)

    def undo(self, changed: Changed) -> None:
        """Restore the rows as they were."""
        for key, row in changed.items():
            place: dict[Any, Any] = self.table if isinstance(key, str) else self.steps
            if row is None:
                place.pop(key, None)
            else:
                place[key] = row


#: The functions that perform each kind of statement.
_DOING = statements.Doers()


class _Transaction:
    """The statements, and what they change."""

    def __init__(self, rows: MemoryRows, now: Callable[[], float], changed: Changed) -> None:
        self.table = rows.table
        self.steps = rows.steps
        self.clock = now
        self.changed = changed

    def put(self, key: str, row: Stored | None) -> None:
        """Set a row, or delete it."""
        self.changed.setdefault(key, self.table.get(key))
        if row is None:
            del self.table[key]
        else:
            self.table[key] = row

    def put_step(self, key: tuple[str, str], effect: KeptStep | None) -> None:
        """Set a step, or delete it."""
        self.changed.setdefault(key, self.steps.get(key))
        if effect is None:
            del self.steps[key]
        else:
            self.steps[key] = effect

    def change(self, key: str, **values: Any) -> None:
        """Change a row."""
        self.put(key, _changed(self.table[key], values))

    def owned(self, statement: Any) -> Stored | None:
        """The row of a statement, if it is `working` under the statement's owner; else None."""
        row = self.table.get(statement.key)
        return row if row is not None and row.state == "working" and row.owner == statement.owner else None

    def of_state(self, *states: str) -> list[Stored]:
        """The rows in one of these states."""
        return [row for row in self.table.values() if row.state in states]

    @_DOING.of(statements.ReadClock)
    def _now(self, _: statements.ReadClock) -> float:
        return self.clock()

    @_DOING.of(statements.Insert)
    def _insert(self, statement: statements.Insert) -> bool:
        row, now = statement.row, self.clock()
        if row.key in self.table:
            return False
        self.put(row.key, _changed(row, {"received_at": now, "due_at": now}))
        return True

    @_DOING.of(statements.Read)
    def _read(self, statement: statements.Read) -> Stored | None:
        return self.table.get(statement.key)

    @_DOING.of(statements.CountDelivery)
    def _count_delivery(self, statement: statements.CountDelivery) -> None:
        self.change(statement.key, deliveries=self.table[statement.key].deliveries + 1)

    @_DOING.of(statements.LearnPayment)
    def _learn_payment(self, statement: statements.LearnPayment) -> bool:
        row = self.table.get(statement.key)
        if row is None or row.payment_id is not None:
            return False
        self.change(statement.key, payment_id=statement.payment_id)
        return True

    @_DOING.of(statements.LockDue)
    def _lock_due(self, statement: statements.LockDue) -> list[Stored]:
        now, passed = statement.now, set(statement.passed)
        waiting = [row for row in self.of_state("waiting") if row.due_at <= now]
        lapsed = [row for row in self.of_state("working") if (row.lease_until or 0.0) <= now]
        rows = [row for row in waiting + lapsed if row.key not in passed]
        return sorted(rows, key=lambda row: row.due_at)[: statement.limit]

    @_DOING.of(statements.LockKeys)
    def _lock_keys(self, statement: statements.LockKeys) -> list[Stored]:
        return [self.table[key] for key in sorted(statement.keys) if key in self.table]

    @_DOING.of(statements.Siblings)
    def _siblings(self, statement: statements.Siblings) -> list[Stored]:
        own, subjects = set(statement.keys), set(statement.subjects)
        return [row for row in self.table.values() if row.subject in subjects and row.key not in own]

    @_DOING.of(statements.Take)
    def _take(self, statement: statements.Take) -> None:
        until = statement.now + statement.lease
        for key in statement.keys:
            attempts = self.table[key].attempts + (key in statement.starting)
            values = {"state": "working", "owner": statement.owner, "due_at": statement.now, "lease_until": until}
            self.change(key, **values, attempts=attempts)

    @_DOING.of(statements.Start)
    def _start(self, statement: statements.Start) -> bool:
        row, now = self.owned(statement), self.clock()
        if row is None or (row.lease_until or 0.0) <= now:
            return False
        self.change(row.key, attempts=row.attempts + 1, due_at=now, lease_until=now + statement.lease)
        return True

    @_DOING.of(statements.Renew)
    def _renew(self, statement: statements.Renew) -> bool:
        row, now = self.owned(statement), self.clock()
        if row is None or (row.lease_until or 0.0) <= now:
            return False
        self.change(row.key, due_at=now, lease_until=now + statement.lease)
        return True

    @_DOING.of(statements.ReadEffects)
    def _read_effects(self, statement: statements.ReadEffects) -> list[KeptStep]:
        found = [effect for (key, _), effect in self.steps.items() if key == statement.key]
        return sorted(found, key=lambda effect: (effect.begun_at, effect.step))

    @_DOING.of(statements.BeginEffect)
    def _begin_effect(self, statement: statements.BeginEffect) -> None:
        self.put_step((statement.key, statement.step), KeptStep(statement.step, self.clock(), None))

    @_DOING.of(statements.EndEffect)
    def _end_effect(self, statement: statements.EndEffect) -> bool:
        key = (statement.key, statement.step)
        if key not in self.steps or self.steps[key].done_at is not None:
            return False
        self.put_step(key, self.steps[key]._replace(done_at=self.clock(), result=statement.result.held))
        return True

    @_DOING.of(statements.Hold)
    def _hold(self, statement: statements.Hold) -> bool:
        row = self.owned(statement)
        return row is not None and (row.lease_until or 0.0) > self.clock()

    @_DOING.of(statements.Finish)
    def _finish(self, statement: statements.Finish) -> bool:
        row = self.owned(statement)
        if row is not None:
            self.finished(row.key, statement.outcome)
        return row is not None

    def all_owned(self, statement: Any) -> list[Stored]:
        """The rows of a statement that are `working` under its owner."""
        rows = [self.table.get(key) for key in statement.keys]
        return [row for row in rows if row is not None and row.state == "working" and row.owner == statement.owner]

    @_DOING.of(statements.HoldAll)
    def _hold_all(self, statement: statements.HoldAll) -> int:
        return len([row for row in self.all_owned(statement) if (row.lease_until or 0.0) > self.clock()])

    @_DOING.of(statements.FinishAll)
    def _finish_all(self, statement: statements.FinishAll) -> int:
        rows = self.all_owned(statement)
        for row in rows:
            self.finished(row.key, statement.outcome)
        return len(rows)

    @_DOING.of(statements.Uncount)
    def _uncount(self, statement: statements.Uncount) -> int:
        rows = self.all_owned(statement)
        for row in rows:
            self.change(row.key, attempts=row.attempts - 1)
        return len(rows)

    @_DOING.of(statements.FinishAndStart)
    def _finish_and_start(self, statement: statements.FinishAndStart) -> tuple[bool, bool]:
        return self._finish(statement.finished), self._start(statement.started)

    @_DOING.of(statements.Supersede)
    def _supersede(self, statement: statements.Supersede) -> None:
        self.finished(statement.key, "superseded")

    def finished(self, key: str, outcome: str) -> None:
        """Set a row done."""
        self.change(key, state="done", outcome=outcome, done_at=self.clock(), owner=None, lease_until=None)

    def given_back(self, statement: Any, **values: Any) -> bool:
        """Take a row from its owner."""
        row = self.owned(statement)
        if row is not None:
            self.change(row.key, owner=None, lease_until=self.clock(), **values)
        return row is not None

    @_DOING.of(statements.Fail)
    def _fail(self, statement: statements.Fail) -> bool:
        due_at = self.clock() + statement.wait
        return self.given_back(statement, state="waiting", due_at=due_at, error=statement.error)

    @_DOING.of(statements.Bury)
    def _bury(self, statement: statements.Bury) -> bool:
        return self.given_back(statement, state="dead", due_at=self.clock(), error=statement.error)

    @_DOING.of(statements.GiveBack)
    def _give_back(self, statement: statements.GiveBack) -> bool:
        row = self.owned(statement)
        attempts = 0 if row is None else row.attempts - statement.is_started
        return self.given_back(statement, state="waiting", due_at=statement.due_at, attempts=attempts)

    @_DOING.of(statements.Replay)
    def _replay(self, statement: statements.Replay) -> bool:
        row = self.table.get(statement.key)
        if row is None or row.state == "working":
            return False
        values = {"lease_until": None, "outcome": None, "done_at": None}
        self.change(row.key, state="waiting", due_at=self.clock(), attempts=0, **values)
        return True

    @_DOING.of(statements.MakeDue)
    def _make_due(self, statement: statements.MakeDue) -> int:
        now, latest = statement.now, statement.latest
        ahead = [row for row in self.of_state("waiting", "working") if row.due_at > latest]
        waiting = [
            row
            for row in ahead
            if row.state == "waiting" and (row.attempts == 0 if row.lease_until is None else row.lease_until > latest)
        ]
        working = [row for row in ahead if row.state == "working"]
        for row in waiting:
            self.change(row.key, due_at=now)
        for row in working:
            self.change(row.key, due_at=now, lease_until=now)
        return len(waiting) + len(working)

    @_DOING.of(statements.DeleteDone)
    def _delete_done(self, statement: statements.DeleteDone) -> int:
        old = [row.key for row in self.of_state("done") if (row.done_at or 0.0) < statement.before][: statement.limit]
        for key in old:
            self.put(key, None)
        for step in [step for step in self.steps if step[0] in old]:
            self.put_step(step, None)
        return len(old)

    @_DOING.of(statements.Count)
    def _count(self, statement: statements.Count) -> dict[str, int]:
        return {state: len(self.of_state(state)) for state in statement.states}

    @_DOING.of(statements.OldestDue)
    def _oldest_due(self, statement: statements.OldestDue) -> float | None:
        return min((row.due_at for row in self.of_state("waiting") if row.due_at <= statement.now), default=None)

    @_DOING.of(statements.Latest)
    def _latest(self, statement: statements.Latest) -> list[Stored]:
        rows = self.of_state(statement.state)
        return sorted(rows, key=lambda row: row.received_at, reverse=True)[: statement.limit]


def _changed(row: Stored, values: dict[str, Any]) -> Stored:
    return Stored(**(vars(row) | values))  # dataclasses.replace takes three times as long
