"""WorldDatabase: the database of a shop in a world, with transactions, row locks, crashes and a clock that may jump.

The inbox's own procedures run over it, statement by statement (`xendit.webhook.statements`). Between two statements
other transactions go on, and the process may be killed. Then the server notices after a while that its client is gone,
and rolls back the open transaction. What was committed stays, leases included.

Each statement of a transaction sees what others have committed before it, and the transaction's own changes. A row that
a transaction has changed or locked belongs to it until it ends: statements that skip locked rows skip it, all others
wait. If transactions wait for one another in a circle, one of them is undone. With `single_writer` a transaction waits
at its beginning until no other one is open, as in SQLite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xendit.testing.world.scheduler import EPOCH
from xendit.webhook.memory import MemoryRows
from xendit.webhook.statements import CountDelivery, Hold, HoldAll, LockDue, LockKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xendit.testing.world.scheduler import Steps, Task, World, WorldProcess
    from xendit.webhook.inbox import KeptStep, Stored
    from xendit.webhook.statements import Statement, Steps as Procedure

_STATEMENT = (0.0003, 0.003)
"""Seconds that a statement takes, at least and at most."""
_NOTICED = 3.0
"""Seconds within which the server notices that a client was killed."""


class WorldDatabaseError(Exception):
    """What a database's driver raises: the connection broke, or the transaction was undone in favour of another."""

    def __init__(self, text: str, sqlstate: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


class WorldDatabase:
    """The database of a shop.

    Args:
        world: where it is.
        name: what the trace calls it.
        trouble: the probability that a transaction meets a fault.
        single_writer: whether there is one transaction at a time.
    """

    def __init__(self, world: World, name: str, *, trouble: float = 0.0, single_writer: bool = False) -> None:
        self.world = world
        self.name = name
        self.trouble = trouble
        self.single_writer = single_writer
        self.skew = 0.0
        """Seconds by which its clock is ahead of the true time."""
        self.jumps = 0
        """How often its clock was set."""
        self.luck = world.stream(name)
        self.rows: dict[str, Stored] = {}
        """The committed rows."""
        self.steps: dict[tuple[str, str], KeptStep] = {}
        """The steps of events that are committed, by event and name."""
        self.locks: dict[str | tuple[str, str], WorldTransaction] = {}
        """Which transaction has which row; the key `""` stands for the whole database where there is only one
        writer."""
        self._doing = MemoryRows(self.now)
        self._waiting: dict[Task, None] = {}
        self.noticing: Callable[[], object] = lambda: None
        """Called when an event begins to wait for a worker."""

    def now(self) -> float:
        """Its clock, in seconds since 1970."""
        return EPOCH + self.world.now + self.skew

    def perform(
        self, statement: Statement, view: dict[str, Stored], steps: dict[tuple[str, str], KeptStep], changed: Any
    ) -> Any:
        """Do a statement on a copy of the rows and of the steps."""
        self._doing.table = view
        self._doing.steps = steps
        return self._doing.perform(statement, changed)

    def next_due(self) -> float | None:
        """Seconds until a worker may find something; None when nothing waits."""
        moments = [row.due_at for row in self.rows.values() if row.state == "waiting"]
        moments += [row.lease_until or 0.0 for row in self.rows.values() if row.state == "working"]
        return max(0.0, min(moments) - self.now()) if moments else None

    def wait(self, transaction: WorldTransaction, holder: WorldTransaction) -> Steps:
        """Wait until another transaction ends; be undone if that one waits for this one."""
        transaction.waits_for = holder
        each: WorldTransaction | None = holder
        while each is not None:
            each = each.waits_for
            if each is transaction:
                transaction.waits_for = None
                self.world.note(self.name, "undoes", "a deadlock")
                raise WorldDatabaseError("deadlock detected", "40P01")
        task = self.world.current
        assert task is not None  # these are its steps
        self._waiting[task] = None
        yield None
        transaction.waits_for = None

    def release(self, transaction: WorldTransaction) -> None:
        """Free the rows of a transaction that has ended."""
        for key in [key for key, holder in self.locks.items() if holder is transaction]:
            del self.locks[key]
        waiting, self._waiting = self._waiting, {}
        for task in waiting:
            self.world.wake(task)


class WorldTransaction:
    """One transaction. `begin`, `perform`, `commit` and `roll_back` are steps of the task that has it.

    Args:
        database: where it is.
        process: whose connection it is: killed with it, it is rolled back.
    """

    def __init__(self, database: WorldDatabase, process: WorldProcess) -> None:
        self.database = database
        self.process = process
        self.waits_for: WorldTransaction | None = None
        self._writes: dict[str, Stored | None] = {}
        self._steps: dict[tuple[str, str], KeptStep | None] = {}
        self._effects: list[Callable[[], object]] = []
        """The changes of the shop's own code, which are carried out when the transaction commits."""
        self._fault = ""

    def begin(self) -> Steps:
        """Open it."""
        database, world = self.database, self.database.world
        yield database.luck.between(*_STATEMENT)
        if world.strikes(database.trouble, database.luck):
            self._fault = database.luck.choice(("refused", "broken", "unheard", "slow"))
            world.note(database.name, self._fault)
            if self._fault == "refused":
                raise WorldDatabaseError("the database is not there", "08006")
            if self._fault == "slow":
                yield 25.0 * database.luck.chance()
        self.process.noticing[self._abandoned] = None
        if database.single_writer:
            while (holder := database.locks.get("")) is not None:
                yield from database.wait(self, holder)
            database.locks[""] = self

    def perform(self, statement: Statement) -> Steps:
        """Do a statement, and give its result."""
        database = self.database
        yield database.luck.between(*_STATEMENT)
        kind = type(statement)
        while True:
            taken = {key for key, holder in database.locks.items() if holder is not self}
            view = {**database.rows, **self._writes}
            passes = kind is LockDue or kind is LockKeys
            rows = {key: row for key, row in view.items() if row is not None and not (passes and key in taken)}
            steps = {key: step for key, step in {**database.steps, **self._steps}.items() if step is not None}
            changed: dict[str | tuple[str, str], object] = {}
            result = database.perform(statement, rows, steps, changed)
            wanted: Iterable[str | tuple[str, str]] = changed
            if passes:
                wanted = [row.key for row in result]
            elif kind is Hold and result:
                wanted = (statement.key,)  # type: ignore[union-attr] # a Hold has one
            elif kind is HoldAll:
                wanted = [key for key in statement.keys if key in rows]  # type: ignore[union-attr] # it has several
            blocked = next((key for key in wanted if key in taken), None)
            if blocked is None:
                break
            if kind is CountDelivery:
                return None
            yield from database.wait(self, database.locks[blocked])
        for key in wanted:
            database.locks[key] = self
        for key in changed:
            if isinstance(key, tuple):
                self._steps[key] = steps.get(key)
            else:
                self._writes[key] = rows.get(key)
        return result

    def run(self, procedure: Procedure[Any]) -> Steps:
        """Run a procedure in it, and give what it returns."""
        try:
            statement = next(procedure)
            while True:
                result = yield from self.perform(statement)
                statement = procedure.send(result)
        except StopIteration as done:
            return done.value

    def effect(self, function: Callable[[], object]) -> None:
        """Let a change of the shop's own code commit with this transaction."""
        self._effects.append(function)

    def commit(self) -> Steps:
        """Commit it. When the connection breaks at this moment, nobody can know whether it was committed."""
        database = self.database
        yield database.luck.between(*_STATEMENT)
        if self._fault == "broken":
            self._end()
            raise WorldDatabaseError("the connection was lost before the commit", "08006")
        for key, row in self._writes.items():
            if row is None:
                database.rows.pop(key, None)
            else:
                database.rows[key] = row
        for name, step in self._steps.items():
            if step is None:
                database.steps.pop(name, None)
            else:
                database.steps[name] = step
        for each in self._effects:
            each()
        self._end()
        if any(row is not None and row.state == "waiting" for row in self._writes.values()):
            database.noticing()
        if self._fault == "unheard":
            raise WorldDatabaseError("the connection was lost during the commit", "08007")
        yield 0.0002

    def roll_back(self) -> None:
        """End it without a trace."""
        self._end()

    def _end(self) -> None:
        self.process.noticing.pop(self._abandoned, None)
        self.database.release(self)

    def _abandoned(self) -> None:
        """The client was killed: the server notices it some time later, and only then rolls back."""

        def notice(_: object) -> None:
            self.database.release(self)

        self.database.world.at(_NOTICED * self.database.luck.chance(), notice)
