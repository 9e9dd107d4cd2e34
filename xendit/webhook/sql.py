"""SQLInbox: the inbox in a SQL database, by SQLAlchemy Core: a SQLite file, PostgreSQL or MySQL.

Needs the extra `inbox` (SQLAlchemy). The database's clock is the one that counts, so that the clocks of fifty
machines need not agree.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from typing import TypeVar

try:
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.pool import NullPool
except ImportError:
    raise ImportError('the SQL inbox needs SQLAlchemy: pip install "xendit-sdk[inbox]"', name="sqlalchemy") from None

from xendit.codec import type_name
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.webhook.inbox import Stored
from xendit.webhook.table import TableInbox

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from typing import Any

    from xendit.webhook.inbox import State
    from xendit.webhook.table import Rows

__all__ = ["SQLInbox", "inbox_table"]

T = TypeVar("T")

#: Seconds since 1970 by the database's clock, which unlike `now()` goes on within a transaction.
_CLOCKS = {
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) AS double precision)",
    "mysql": "SELECT unix_timestamp(sysdate(6))",
    "mariadb": "SELECT unix_timestamp(sysdate(6))",
}
#: Seconds that a SQLite file of our own making waits for another writer.
_BUSY = 15.0


def inbox_table(metadata: sa.MetaData, name: str = "xendit_inbox", schema: str | None = None) -> sa.Table:
    """The inbox's table, added to your MetaData: for Alembic, or for `metadata.create_all`."""
    double: sa.Double[float] = sa.Double()
    key = sa.String(200).with_variant(sa.String(200, collation="ascii_bin"), "mysql", "mariadb")
    body = sa.LargeBinary().with_variant(sa.LargeBinary(16_000_000), "mysql", "mariadb")
    return sa.Table(
        name,
        metadata,
        sa.Column("key", key, primary_key=True),
        sa.Column("subject", key, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body", body, nullable=False),
        sa.Column("webhook_id", sa.String(255)),
        sa.Column("payment_id", sa.String(255)),
        sa.Column("external_id", sa.String(255)),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("received_at", double, nullable=False),
        sa.Column("due_at", double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("lease_until", double),
        sa.Column("owner", sa.String(32)),
        sa.Column("error", sa.Text),
        sa.Column("outcome", sa.String(20)),
        sa.Column("done_at", double),
        sa.Index(f"{name}_subject", "subject"),
        sa.Index(f"{name}_due", "state", "due_at"),
        sa.Index(f"{name}_external_id", "external_id"),
        schema=schema,
    )


class SQLInbox(TableInbox["sa.Connection"]):
    """An inbox in a SQL database.

        SQLInbox("inbox.db")                  # a SQLite file, made with its table when it is not there
        SQLInbox(engine).create_table()       # your engine: PostgreSQL, MySQL or SQLite

    A handler of a TransactionWorker gets the SQLAlchemy Connection whose transaction also finishes the event; an
    ORM `Session(bind=connection)` joins it.

    Args:
        engine: a path, which becomes a SQLite file; or your own Engine, which is used as it is and never closed.
        table: the table's name.
        schema: the table's schema, where the database has schemas.
        now: a clock, in seconds since 1970, in place of the database's; for tests.
        source: where ids come from (`xendit.source`), and time too where it is not the system's.

    Raises:
        ConfigurationException: the engine is neither, or an in-memory SQLite database, which no other connection
            would see.
    """

    def __init__(
        self,
        engine: sa.Engine | str | PathLike[str],
        *,
        table: str = "xendit_inbox",
        schema: str | None = None,
        now: Callable[[], float] | None = None,
        source: Source = SYSTEM,
    ) -> None:
        self.source = source
        self._clock = now or (None if source is SYSTEM else source.wall)
        self.table = inbox_table(sa.MetaData(), table, schema)
        if isinstance(engine, sa.Engine):
            self.engine = engine
        elif isinstance(engine, str) or hasattr(engine, "__fspath__"):
            self.engine = _file_engine(engine)
            self.create_table()
        else:
            raise ConfigurationException(
                f"SQLInbox takes a path or a SQLAlchemy Engine, {type_name(engine)} was given"
                " (an asynchronous engine does not do: make one with create_engine)"
            )
        self._dialect = self.engine.dialect.name
        # Under a stricter level than this, two workers that meet would fail instead of passing one another by.
        level = "READ COMMITTED" if self._dialect in _CLOCKS else None
        self._short = self.engine.execution_options(isolation_level=level) if level else self.engine

    def create_table(self) -> SQLInbox:
        """Make the table and its indexes unless they are there, and give the inbox."""
        self.table.metadata.create_all(self.engine)
        return self

    def __repr__(self) -> str:
        return f"<SQLInbox: {self.engine.url.render_as_string(hide_password=True)}, table {self.table.fullname}>"

    @contextmanager
    def _rows(self, timeout: float | None = None) -> Iterator[Rows]:
        with self._short.begin() as connection:
            rows = _SQLRows(connection, self.table, self._clock)
            rows.begin(timeout)
            yield rows

    @contextmanager
    def _joint(self) -> Iterator[tuple[Rows, sa.Connection]]:
        with self.engine.begin() as connection:
            rows = _SQLRows(connection, self.table, self._clock)
            rows.begin(None)
            yield rows, connection


class _SQLRows:
    """Rows over a connection with an open transaction."""

    def __init__(self, connection: sa.Connection, table: sa.Table, clock: Callable[[], float] | None) -> None:
        self._connection = connection
        self._table = table
        self._dialect = connection.dialect.name
        self._clock = clock

    def begin(self, timeout: float | None) -> None:
        """Take SQLite's write lock before anything is read; have PostgreSQL give up in time."""
        if self._dialect == "sqlite":
            self._connection.execute(sa.update(self._table).where(sa.false()).values(state=self._table.c.state))
        elif self._dialect == "postgresql" and timeout is not None:
            milliseconds = str(max(1, int(timeout * 1000)))
            for setting in ("statement_timeout", "lock_timeout"):
                self._connection.execute(sa.select(sa.func.set_config(setting, milliseconds, sa.true())))

    def now(self) -> float:
        if self._clock is not None:
            return self._clock()
        query = _CLOCKS.get(self._dialect)
        return SYSTEM.wall() if query is None else float(self._connection.scalar(sa.text(query)))

    def insert(self, row: Stored) -> bool:
        if self._dialect in ("postgresql", "sqlite"):
            module: Any = __import__(f"sqlalchemy.dialects.{self._dialect}", fromlist=["insert"])
            statement = module.insert(self._table).values(**asdict(row)).on_conflict_do_nothing()
            statement = statement.execution_options(preserve_rowcount=True)  # else kept of UPDATE and DELETE alone
            return bool(self._connection.execute(statement).rowcount == 1)
        try:
            with self._connection.begin_nested():
                self._connection.execute(sa.insert(self._table).values(**asdict(row)))
        except IntegrityError:
            return False
        return True

    def get(self, key: str) -> Stored | None:
        found = self._connection.execute(sa.select(self._table).where(self._table.c.key == key)).one_or_none()
        return None if found is None else _stored(found)

    def count_delivery(self, key: str) -> None:
        free = sa.select(self._table.c.key).where(self._table.c.key == key).with_for_update(skip_locked=True)
        if self._connection.execute(free).one_or_none() is not None:
            self._connection.execute(
                sa.update(self._table).where(self._table.c.key == key).values(deliveries=self._table.c.deliveries + 1)
            )

    def lock(self, subject: str) -> list[Stored] | None:
        of_it = self._table.c.subject == subject
        there = self._connection.scalar(sa.select(sa.func.count()).select_from(self._table).where(of_it))
        query = sa.select(self._table).where(of_it).order_by(self._table.c.key)
        rows = self._connection.execute(query.with_for_update(skip_locked=True)).all()
        return None if len(rows) < (there or 0) else [_stored(row) for row in rows]

    def change(self, key: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
        # `== None` becomes IS NULL.
        conditions = [self._table.c[name] == value for name, value in where.items()]
        statement = sa.update(self._table).where(self._table.c.key == key, *conditions).values(**values)
        return bool(self._connection.execute(statement).rowcount == 1)

    def due(self, now: float, limit: int) -> list[tuple[str, str]]:
        column = self._table.c
        waiting = sa.and_(column.state == "waiting", column.due_at <= now)
        left = sa.and_(column.state == "working", column.lease_until <= now)
        query = sa.select(column.key, column.subject).where(sa.or_(waiting, left)).order_by(column.due_at)
        return [(row.key, row.subject) for row in self._connection.execute(query.limit(limit))]

    def delete_done(self, before: float) -> int:
        column = self._table.c
        deleted = self._connection.execute(
            sa.delete(self._table).where(column.state == "done", column.done_at < before)
        )
        return int(deleted.rowcount)

    def counts(self, now: float) -> tuple[dict[str, int], float | None]:
        column = self._table.c
        query = sa.select(column.state, sa.func.count()).group_by(column.state)
        counts = {str(state): int(count) for state, count in self._connection.execute(query)}
        overdue = sa.select(sa.func.min(column.due_at)).where(column.state == "waiting", column.due_at <= now)
        return counts, self._connection.scalar(overdue)

    def latest(self, state: State, limit: int) -> list[Stored]:
        query = sa.select(self._table).where(self._table.c.state == state)
        query = query.order_by(self._table.c.received_at.desc()).limit(limit)
        return [_stored(row) for row in self._connection.execute(query)]


def _stored(row: sa.Row[Any]) -> Stored:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Stored(**{**values, "body": bytes(values["body"])})


def _file_engine(path: str | PathLike[str]) -> sa.Engine:
    """An engine for a SQLite file: written ahead and synced, one connection a use, safe over fork and threads."""
    import os

    name = os.fspath(path)
    if "://" in name:
        raise ConfigurationException("SQLInbox takes a path or an Engine: write SQLInbox(create_engine(url))")
    if not name or name == ":memory:":
        raise ConfigurationException("SQLInbox takes a file's path: for an inbox in memory there is MemoryInbox")
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=name), poolclass=NullPool, connect_args={"timeout": _BUSY}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine
