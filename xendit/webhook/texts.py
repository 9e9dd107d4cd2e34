"""The statements of `statements.py` as SQL, for SQLite, PostgreSQL and MySQL (MariaDB). No I/O: what runs them is
handed in.

SQLAlchemy and Django run the same texts, over the cursor of an open transaction. Each text is made once for a table and
not for each statement. A list of values is one array for PostgreSQL. The other databases have no arrays: there, each
value of a list is a value of the statement, and a list is filled up to a power of two, so that there are few different
texts; some drivers prepare a text that they see often.
"""

# ruff: noqa: S608 - the names in these texts are ours, and every value is handed to the driver beside them

from __future__ import annotations

import re
from dataclasses import fields
from typing import NamedTuple

from xendit.database import CLOCKS, HOLDING
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM
from xendit.veil import Veiled, veiled
from xendit.webhook import statements
from xendit.webhook.inbox import KeptStep, Stored

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    from xendit.webhook.statements import Statement

    #: Runs a statement with its values in order, which are veiled; returns its rows, if any, and how many rows it
    #: affected.
    Execute: TypeAlias = "Callable[[str, Veiled], tuple[Sequence[Sequence[Any]], int]]"

__all__ = ["COLUMNS", "StatementTexts", "Statements"]

COLUMNS = tuple(field.name for field in fields(Stored))
"""The columns of the table, in order."""

_VALUE = re.compile(r":(\w+)")
_LIST = re.compile(r"\b(NOT )?IN \((:\w+)\)")
#: Statements whose own text makes PostgreSQL's commit durable. A transaction that opens with one needs no `Begin`.
_OPENING = ("Hold", "HoldAll", "FinishAndStart")
#: The row of a claim that still counts. A row with an owner is always `working`, so the state is not asked for. If it
#: were, a planner might use the index on the state, and so search very many rows, instead of the key.
_HELD = "key = :key AND owner = :owner"
_ALL_HELD = "key IN (:keys) AND owner = :owner"


class _Text(NamedTuple):
    """A statement with named values; one that stands in parentheses may be a list."""

    parts: tuple[str, ...]
    """What stands between the values."""
    names: tuple[str, ...]


class StatementTexts:
    """The SQL of one table on one kind of database.

    Args:
        dialect: `sqlite`, `postgresql`, `mysql` or `mariadb`.
        table: the table's name as a statement has it: quoted, with its schema.
        steps: the name of the table of steps, likewise.
        quote: quotes the name of a column.
        style: how the driver marks a value, as DB-API names it: `qmark`, `format`, `pyformat` or `numeric_dollar`.
        has_own_clock: whether the time comes from the program and not from the database.

    Raises:
        ConfigurationException: there is no SQL for such a database.
    """

    def __init__(
        self, dialect: str, table: str, steps: str, quote: Callable[[str], str], *, style: str, has_own_clock: bool
    ) -> None:
        if dialect not in ("sqlite", "postgresql", "mysql", "mariadb"):
            raise ConfigurationException(
                f"the inbox works in SQLite, PostgreSQL, MySQL and MariaDB, and {dialect} was given"
            )
        self.dialect = dialect
        self.is_mysql = dialect in ("mysql", "mariadb")
        self._style = style
        self._known: dict[tuple[str, tuple[int, ...]], str] = {}
        clock = None if has_own_clock else CLOCKS.get(dialect)
        self.clock = None if clock is None else clock.removeprefix("SELECT ")
        """The expression of the database's own time; None where a statement is handed the time."""
        #: What `now` is within a statement.
        now = self.clock or ("CAST(:now AS double precision)" if dialect == "postgresql" else ":now")
        skip = "" if dialect == "sqlite" else " FOR UPDATE SKIP LOCKED"
        lock = "" if dialect == "sqlite" else " FOR UPDATE"
        columns = ", ".join(COLUMNS)
        waiting = f"SELECT {columns} FROM inbox WHERE state = 'waiting' AND due_at <= :now_is"
        lapsed = f"SELECT {columns} FROM inbox WHERE state = 'working' AND lease_until <= :now_is"

        def due(condition: str) -> str:
            # Two searches, each in the order of an index: with `OR`, a database would sort all rows that it finds.
            return (
                f"SELECT * FROM ({waiting}{condition} ORDER BY due_at LIMIT :limit{skip}) AS waits UNION ALL"
                f" SELECT * FROM ({lapsed}{condition} ORDER BY lease_until LIMIT :limit{skip}) AS lapsed"
            )

        own = {"received_at": now, "due_at": now}
        if self.is_mysql:  # text instead of bytes, which aiomysql cannot hand over with current PyMySQL
            own["body"] = "UNHEX(:body)"
        values = ", ".join(own.get(name, f":{name}") for name in COLUMNS)
        insert = f"INSERT INTO inbox ({columns}) VALUES ({values})"
        # MySQL reports 1 for an inserted row and 2 for a changed one.
        insert += (
            " ON DUPLICATE KEY UPDATE deliveries = inbox.deliveries + 1" if self.is_mysql else " ON CONFLICT DO NOTHING"
        )
        ahead = "WHERE due_at > :latest AND"
        given_back = f"UPDATE inbox SET owner = NULL, lease_until = {now}"
        start = (
            f"UPDATE inbox SET attempts = attempts + 1, due_at = {now}, lease_until = {now} + :lease"
            f" WHERE {_HELD} AND lease_until > {now}"
        )
        finish = (
            f"UPDATE inbox SET state = 'done', outcome = :outcome, done_at = {now}, owner = NULL, lease_until = NULL"
            f" WHERE {_HELD}"
        )
        holding = f", {HOLDING}" if dialect == "postgresql" else ""
        limits = "set_config('statement_timeout', :within, true), set_config('lock_timeout', :within, true)"
        texts = {
            "Begin": (
                f"SELECT {now}, {HOLDING}"
                if dialect == "postgresql"
                else "UPDATE inbox SET state = state WHERE 0 = 1"  # changes no row, but takes SQLite's lock
            ),
            "Begin in time": f"SELECT {now}, {HOLDING}, {limits}",
            "ReadClock": f"SELECT {now}",
            "Insert": insert,
            "Read": f"SELECT {columns} FROM inbox WHERE key = :key",
            "Free": f"SELECT key FROM inbox WHERE key = :key{skip}",
            "CountDelivery": "UPDATE inbox SET deliveries = deliveries + 1 WHERE key = :key",
            "LearnPayment": "UPDATE inbox SET payment_id = :payment_id WHERE key = :key AND payment_id IS NULL",
            "LockDue": due(""),
            "LockDue after some": due(" AND key NOT IN (:passed)"),
            "LockKeys": f"SELECT {columns} FROM inbox WHERE key IN (:keys) ORDER BY key{skip}",
            "Siblings": f"SELECT {columns} FROM inbox WHERE subject IN (:subjects) AND key NOT IN (:keys)",
            "Take": (
                "UPDATE inbox SET state = 'working', owner = :owner, due_at = :now_is, lease_until = :until,"
                " attempts = attempts + CASE WHEN key IN (:starting) THEN 1 ELSE 0 END WHERE key IN (:keys)"
            ),
            "Start": start,
            "Renew": (
                f"UPDATE inbox SET due_at = {now}, lease_until = {now} + :lease WHERE {_HELD} AND lease_until > {now}"
            ),
            "Hold": f"SELECT key{holding} FROM inbox WHERE {_HELD} AND lease_until > {now}{lock}",
            "HoldAll": f"SELECT key{holding} FROM inbox WHERE {_ALL_HELD} AND lease_until > {now}{lock}",
            "Finish": finish,
            "FinishAll": finish.replace(_HELD, _ALL_HELD),
            "Uncount": f"UPDATE inbox SET attempts = attempts - 1 WHERE {_ALL_HELD}",
            "FinishAndStart": (
                f"WITH finished AS ({finish} RETURNING 1), started AS ({start.replace(':key', ':next')} RETURNING 1)"
                f" SELECT (SELECT count(*) FROM finished), (SELECT count(*) FROM started){holding}"
            ),
            "Supersede": (
                f"UPDATE inbox SET state = 'done', outcome = 'superseded', done_at = {now}, owner = NULL,"
                " lease_until = NULL WHERE key = :key"
            ),
            "Fail": f"{given_back}, state = 'waiting', due_at = {now} + :wait, error = :error WHERE {_HELD}",
            "Bury": f"{given_back}, state = 'dead', due_at = {now}, error = :error WHERE {_HELD}",
            "GiveBack": f"{given_back}, state = 'waiting', due_at = :due_at, attempts = attempts - :begun WHERE {_HELD}",
            "Replay": (
                f"UPDATE inbox SET state = 'waiting', due_at = {now}, attempts = 0, lease_until = NULL, outcome = NULL,"
                " done_at = NULL WHERE key = :key AND state IN ('dead', 'done', 'waiting')"
            ),
            "MakeDue waiting": (
                f"UPDATE inbox SET due_at = :now_is {ahead} state = 'waiting'"
                " AND ((lease_until IS NULL AND attempts = 0) OR lease_until > :latest)"
            ),
            "MakeDue working": f"UPDATE inbox SET due_at = :now_is, lease_until = :now_is {ahead} state = 'working'",
            # A row is due before it is done, so `due_at < :before` lets the index on state and due_at find old rows.
            "DoneBefore": (
                "SELECT key FROM inbox WHERE state = 'done' AND due_at < :before AND done_at < :before"
                f" ORDER BY due_at LIMIT :limit{skip}"
            ),
            "Delete": "DELETE FROM inbox WHERE key IN (:keys) AND state = 'done'",
            "ReadEffects": "SELECT step, begun_at, done_at, result FROM steps WHERE key = :key ORDER BY begun_at, step",
            "BeginEffect": (
                f"INSERT INTO steps (name, key, step, begun_at) VALUES (:name, :key, :step, {now})"
                + (
                    f" ON DUPLICATE KEY UPDATE begun_at = {now}"
                    if dialect in ("mysql", "mariadb")
                    else f" ON CONFLICT (name) DO UPDATE SET begun_at = {now}"
                )
            ),
            "EndEffect": f"UPDATE steps SET done_at = {now}, result = :result WHERE name = :name AND done_at IS NULL",
            "DeleteEffects": "DELETE FROM steps WHERE key IN (:keys)",
            "Count": "SELECT state, count(*) FROM inbox WHERE state IN (:states) GROUP BY state",
            "OldestDue": "SELECT min(due_at) FROM inbox WHERE state = 'waiting' AND due_at <= :now_is",
            "Latest": f"SELECT {columns} FROM inbox WHERE state = :state ORDER BY received_at DESC LIMIT :limit",
        }

        def named(text: str) -> str:
            if dialect == "postgresql":
                text = _LIST.sub(lambda found: f"{'<> ALL' if found[1] else '= ANY'}({found[2]})", text)
            text = re.sub(r"(?<![:\w])key\b", lambda _: quote("key"), text)
            text = re.sub(r"\bsteps\b", lambda _: steps, text)
            return re.sub(r"\binbox\b", lambda _: table, text)

        self._texts = {name: self._split(named(text)) for name, text in texts.items()}

    def bound(self, name: str, values: Mapping[str, object]) -> tuple[str, Veiled]:
        """A statement as the driver takes it, and its values in order. They are veiled, because frames of errors show
        them.

        Args:
            name: which statement.
            values: the values by their names. A tuple stands for a list; where it is no array, it is filled up to a power
                of two by repeating its last item. A veiled value is handed over as it is.
        """
        statement = self._texts[name]
        rooms: list[int] = []
        ordered: list[object] = []
        for each in statement.names:
            value = values[each]
            if isinstance(value, tuple) and self.dialect == "postgresql":
                rooms.append(1)
                ordered.append(list(value))
            elif isinstance(value, tuple):
                room = 1 << (len(value) - 1).bit_length()
                rooms.append(room)
                ordered += (*value, *[value[-1]] * (room - len(value)))
            else:
                rooms.append(1)
                ordered.append(value.held if type(value) is Veiled else value)
        known = name, tuple(rooms)
        text = self._known.get(known)
        if text is None:
            text = self._known[known] = self._written(statement, rooms)
        return text, Veiled(tuple(ordered))

    @staticmethod
    def _split(text: str) -> _Text:
        found = _VALUE.split(text)
        return _Text(tuple(found[::2]), tuple(found[1::2]))

    def _written(self, text: _Text, rooms: list[int]) -> str:
        written = [text.parts[0]]
        number = 0
        for room, part in zip(rooms, text.parts[1:], strict=True):
            marks = [self._mark(number + each) for each in range(1, room + 1)]
            number += room
            written += [", ".join(marks), part]
        return "".join(written)

    def _mark(self, number: int) -> str:
        if self._style in ("format", "pyformat"):
            return "%s"
        return f"${number}" if self._style == "numeric_dollar" else "?"


#: The functions that perform each kind of statement.
_DOING = statements.Doers()


class Statements:
    """Does statements in one transaction that is open: the `perform` of a SQL store.

    Args:
        texts: the SQL.
        execute: runs one.
        clock: the time, where it does not come from the database.
    """

    def __init__(self, texts: StatementTexts, execute: Execute, clock: Callable[[], float] | None) -> None:
        self._texts = texts
        self._execute = execute
        self._clock = clock or (SYSTEM.wall if texts.clock is None else None)
        self._began = 0.0
        self._is_open = True

    def __call__(self, statement: Statement) -> Any:
        """Do a statement and give its result."""
        own = _DOING.get(type(statement))
        if own is not None:
            return own(self, statement)
        return self._changed(type(statement).__name__, statement._asdict()) == 1  # one that changes one row

    def begin(self, timeout: float | None) -> None:
        """Take SQLite's write lock before anything is read; tell PostgreSQL to give up in time and to commit durably.

        Args:
            timeout: seconds that a statement may take and wait in PostgreSQL; None leaves PostgreSQL's own setting.
        """
        if self._texts.dialect == "sqlite":
            self._run("Begin", {})
        elif self._texts.dialect == "postgresql":
            if timeout is None:
                self._is_open = False  # the first statement opens it
            else:
                self._open("Begin in time", {"within": str(max(1, int(timeout * 1000)))})

    def _open(self, name: str, values: dict[str, object]) -> None:
        self._is_open = True
        self._began = float(self._run(name, values)[0][0][0])

    def _run(self, name: str, values: dict[str, object]) -> tuple[Sequence[Sequence[Any]], int]:
        if not self._is_open:
            if name in _OPENING:
                self._is_open = True
            else:
                self._open("Begin", {})
        if self._clock is not None:
            values["now"] = self._clock()
        return self._execute(*self._texts.bound(name, values))

    def _rows(self, name: str, values: dict[str, object]) -> list[Stored]:
        return [_stored(row) for row in self._run(name, values)[0]]

    def _changed(self, name: str, values: dict[str, object]) -> int:
        return self._run(name, values)[1]

    @_DOING.of(statements.ReadClock)
    def _now(self, _: statements.ReadClock) -> float:
        if self._clock is not None:
            return self._clock()
        if not self._is_open:
            self._open("Begin", {})
        return self._began or float(self._run("ReadClock", {})[0][0][0])

    @_DOING.of(statements.Insert)
    def _insert(self, statement: statements.Insert) -> bool:
        row = statement.row
        values = {name: getattr(row, name) for name in COLUMNS} | {"body": veiled(row.body)}
        if self._texts.is_mysql:
            if self._run("Read", {"key": row.key})[0]:
                return False  # read first: an insert would wait for the handler that has the row
            values["body"] = veiled(row.body.hex())
        return self._changed("Insert", values) == 1

    @_DOING.of(statements.Read)
    def _read(self, statement: statements.Read) -> Stored | None:
        return next(iter(self._rows("Read", {"key": statement.key})), None)

    @_DOING.of(statements.CountDelivery)
    def _count_delivery(self, statement: statements.CountDelivery) -> None:
        if self._run("Free", {"key": statement.key})[0]:
            self._run("CountDelivery", {"key": statement.key})

    @_DOING.of(statements.LockDue)
    def _lock_due(self, statement: statements.LockDue) -> list[Stored]:
        values: dict[str, object] = {"now_is": statement.now, "limit": statement.limit, "passed": statement.passed}
        rows = self._rows("LockDue after some" if statement.passed else "LockDue", values)
        rows.sort(key=lambda row: row.due_at)
        return rows[: statement.limit]

    @_DOING.of(statements.Take)
    def _take(self, statement: statements.Take) -> None:
        self._run("Take", {**statement._asdict(), "now_is": statement.now, "until": statement.now + statement.lease})

    @_DOING.of(statements.Hold)
    def _hold(self, statement: statements.Hold) -> bool:
        return len(self._run("Hold", statement._asdict())[0]) == 1

    @_DOING.of(statements.HoldAll)
    def _hold_all(self, statement: statements.HoldAll) -> int:
        return len(self._run("HoldAll", statement._asdict())[0])

    @_DOING.of(statements.FinishAll)
    @_DOING.of(statements.Uncount)
    def _change_all(self, statement: statements.FinishAll | statements.Uncount) -> int:
        return self._changed(type(statement).__name__, statement._asdict())

    @_DOING.of(statements.FinishAndStart)
    def _finish_and_start(self, statement: statements.FinishAndStart) -> tuple[bool, bool]:
        finished, started = statement
        if self._texts.dialect == "postgresql":
            values = {**finished._asdict(), "next": started.key, "lease": started.lease}
            row = self._run("FinishAndStart", values)[0][0]
            return bool(row[0]), bool(row[1])
        return self(finished), self(started)

    @_DOING.of(statements.GiveBack)
    def _give_back(self, statement: statements.GiveBack) -> bool:
        return self._changed("GiveBack", {**statement._asdict(), "begun": int(statement.is_started)}) == 1

    @_DOING.of(statements.MakeDue)
    def _make_due(self, statement: statements.MakeDue) -> int:
        values: dict[str, object] = {"now_is": statement.now, "latest": statement.latest}
        return self._changed("MakeDue waiting", values) + self._changed("MakeDue working", values)

    @_DOING.of(statements.DeleteDone)
    def _delete_done(self, statement: statements.DeleteDone) -> int:
        keys = tuple(row[0] for row in self._run("DoneBefore", statement._asdict())[0])
        if keys:
            self._run("DeleteEffects", {"keys": keys})
        return self._changed("Delete", {"keys": keys}) if keys else 0

    @_DOING.of(statements.ReadEffects)
    def _read_effects(self, statement: statements.ReadEffects) -> list[KeptStep]:
        return [KeptStep(*row) for row in self._run("ReadEffects", statement._asdict())[0]]

    @_DOING.of(statements.BeginEffect)
    def _begin_effect(self, statement: statements.BeginEffect) -> None:
        self._run("BeginEffect", {**statement._asdict(), "name": _name_of(statement)})

    @_DOING.of(statements.EndEffect)
    def _end_effect(self, statement: statements.EndEffect) -> bool:
        return self._changed("EndEffect", {**statement._asdict(), "name": _name_of(statement)}) == 1

    @_DOING.of(statements.Count)
    def _count(self, statement: statements.Count) -> dict[str, int]:
        return {str(state): int(number) for state, number in self._run("Count", statement._asdict())[0]}

    @_DOING.of(statements.OldestDue)
    def _oldest_due(self, statement: statements.OldestDue) -> float | None:
        found: float | None = self._run("OldestDue", {"now_is": statement.now})[0][0][0]
        return found

    @_DOING.of(statements.LockKeys)
    @_DOING.of(statements.Siblings)
    @_DOING.of(statements.Latest)
    def _read_several(self, statement: Statement) -> list[Stored]:
        return self._rows(type(statement).__name__, statement._asdict())


def _name_of(statement: statements.BeginEffect | statements.EndEffect) -> str:
    """The key of a step's row. It is one column, because Django knows no primary key of several columns."""
    return f"{statement.key}#{statement.step}"


def _stored(row: Sequence[Any]) -> Stored:
    values = list(row)
    values[3] = bytes(values[3])
    return Stored(*values)
