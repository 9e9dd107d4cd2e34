"""SQLInbox: the inbox in a SQL database, by SQLAlchemy Core: a SQLite file, PostgreSQL or MySQL.

Needs the extra `inbox` (SQLAlchemy). The database's clock is the one that counts, so that the clocks of fifty
machines need not agree.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import asdict
from typing import TypeVar

from xendit.installation import explain

try:
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import IntegrityError, SQLAlchemyError
    from sqlalchemy.pool import NullPool
except ImportError as error:
    explain(error, "sqlalchemy", "the SQL inbox needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"')

from xendit.database import CLOCKS, HOLDING
from xendit.exceptions import ConfigurationException
from xendit.process import Process
from xendit.source import SYSTEM, Source
from xendit.webhook.inbox import Stored, TransactionEnded
from xendit.webhook.table import TableInbox
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike
    from typing import Any

    from xendit.webhook.inbox import State
    from xendit.webhook.table import Rows

__all__ = ["SQLInbox", "inbox_table"]

logger = logging.getLogger("xendit.webhook")

T = TypeVar("T")

_HOLDING = sa.text(f"SELECT {HOLDING}")
_HOLDING_IN_TIME = sa.text(
    f"SELECT {HOLDING}, set_config('statement_timeout', :within, true), set_config('lock_timeout', :within, true)"
)
_BY_ITSELF = (
    "the engine's connections commit each statement by themselves (AUTOCOMMIT), so that nothing could be undone and an"
    " event be handled twice: give SQLInbox an engine that does not, such as"
    ' engine.execution_options(isolation_level="READ COMMITTED"), or for SQLite "SERIALIZABLE"'
)
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

    Each transaction is one that a roll-back undoes and whose commit is on the disk when it returns: an engine whose
    connections commit by themselves is refused, and PostgreSQL's `synchronous_commit` is raised to `on`. An inbox that
    was made before a fork uses connections of its own in the child, and leaves the parent's alone.

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
        else:
            raise ConfigurationException(
                f"SQLInbox takes a path or a SQLAlchemy Engine, {type_name(engine)} was given"
                " (an asynchronous engine does not do: make one with create_engine)"
            )
        if self.engine.dialect.is_async:
            raise ConfigurationException(
                "SQLInbox was given the inner engine of an asynchronous one, whose driver works inside its event loop"
                " alone: make an engine with create_engine and a driver that is not asynchronous"
            )
        self._dialect = self.engine.dialect.name
        # Under a stricter level than this, two workers that meet would fail instead of passing one another by.
        self._short_level = "READ COMMITTED" if self._dialect in CLOCKS else None
        self._process = Process()
        if self.engine is not engine:
            self.create_table()

    def create_table(self) -> SQLInbox:
        """Make the table and its indexes unless they are there, and give the inbox.

        Raises:
            ConfigurationException: the engine's connections commit by themselves.
        """
        self._process.follow(self._leave_pool)
        self.table.metadata.create_all(self.engine)
        with self._rows():  # which looks at what the engine gives
            pass
        return self

    def __repr__(self) -> str:
        return f"<SQLInbox: {self.engine.url.render_as_string(hide_password=True)}, table {self.table.fullname}>"

    @contextmanager
    def _rows(self, timeout: float | None = None) -> Iterator[Rows]:
        with self._begun(self._short_level) as connection:
            rows = _SQLRows(connection, self.table, self._clock)
            rows.begin(timeout)
            yield rows

    @contextmanager
    def _joint(self) -> Iterator[tuple[Rows, sa.Connection]]:
        with self._begun(None) as connection:
            rows = _SQLRows(connection, self.table, self._clock)
            rows.begin(None)
            yield rows, connection

    @contextmanager
    def _begun(self, level: object) -> Iterator[sa.Connection]:
        """A transaction on a connection of this process, under an isolation level or, where it is None, the engine's."""
        self._process.follow(self._leave_pool)
        with self.engine.connect() as connection:
            if self._dialect != "sqlite" and _commits_by_itself(connection):
                raise ConfigurationException(_BY_ITSELF)
            if level is not None:
                connection.execution_options(isolation_level=level)
            with connection.begin():
                self._look_once(self._dialect, lambda query: _row_of(connection, query))
                yield connection

    def _leave_pool(self) -> sa.Pool:
        """Have the pool make new connections, and give the old one; none of its connections is closed."""
        pool = self.engine.pool
        self.engine.dispose(close=False)
        return pool

    @contextmanager
    def _watched(self, connection: sa.Connection) -> Iterator[None]:
        # A commit is refused before it reaches the database. SQLAlchemy takes its transaction for over by then and
        # would leave the database's own open, for the next user of the connection to commit: it is rolled back here.
        ended: list[str] = []

        def refuse(_: object) -> None:
            ended.append("commit")
            connection.connection.rollback()
            raise TransactionEnded

        def note(_: object) -> None:
            ended.append("rollback")

        event.listen(connection, "commit", refuse)
        event.listen(connection, "rollback", note)
        try:
            yield
        except Exception as error:
            if "commit" in ended and not isinstance(error, TransactionEnded):  # the handler went on after it
                raise TransactionEnded from error
            raise
        finally:
            event.remove(connection, "commit", refuse)
            event.remove(connection, "rollback", note)
        if ended:
            raise TransactionEnded


class _SQLRows:
    """Rows over a connection with an open transaction."""

    def __init__(self, connection: sa.Connection, table: sa.Table, clock: Callable[[], float] | None) -> None:
        self._connection = connection
        self._table = table
        self._dialect = connection.dialect.name
        self._clock = clock

    def begin(self, timeout: float | None) -> None:
        """Take SQLite's write lock before anything is read; have PostgreSQL give up in time, and keep what it commits."""
        if self._dialect == "sqlite":
            self._connection.execute(sa.update(self._table).where(sa.false()).values(state=self._table.c.state))
            raw: Any = self._connection.connection.dbapi_connection
            if not getattr(raw, "in_transaction", True):  # the lock is gone already
                raise ConfigurationException(_BY_ITSELF)
        elif self._dialect == "postgresql":
            self._connection.execute(_HOLDING if timeout is None else _HOLDING_IN_TIME, _milliseconds(timeout))

    def now(self) -> float:
        if self._clock is not None:
            return self._clock()
        query = CLOCKS.get(self._dialect)
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

    def change(self, key: str, values: Mapping[str, object], where: Mapping[str, object]) -> bool:
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

    def make_due(self, now: float, latest: float) -> int:
        column = self._table.c
        never_tried = sa.and_(column.lease_until.is_(None), column.attempts == 0)
        waiting = sa.and_(column.state == "waiting", sa.or_(never_tried, column.lease_until > latest))
        ahead = sa.update(self._table).where(column.due_at > latest)
        found = self._connection.execute(ahead.where(waiting).values(due_at=now)).rowcount
        held = ahead.where(column.state == "working").values(due_at=now, lease_until=now)
        return int(found + self._connection.execute(held).rowcount)

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


def _row_of(connection: sa.Connection, query: str) -> tuple[Any, ...] | None:
    """The row of a statement; None of a database that only looks like one of ours, or of a role that may not ask."""
    try:
        with connection.begin_nested():
            return tuple(connection.execute(sa.text(query)).one())
    except SQLAlchemyError:
        return None


def _milliseconds(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"within": str(max(1, int(seconds * 1000)))}


def _commits_by_itself(connection: sa.Connection) -> bool:
    """Whether the driver commits each statement. The level that the server names does not tell."""
    raw: Any = connection.connection.dbapi_connection
    try:
        return bool(connection.dialect.detect_autocommit_setting(raw))
    except (AttributeError, NotImplementedError):  # an older SQLAlchemy, or a dialect that does not know
        ask = getattr(raw, "get_autocommit", None)
        return bool(ask()) if callable(ask) else getattr(raw, "autocommit", False) is True


def _stored(row: sa.Row[object]) -> Stored:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Stored(**{**values, "body": bytes(values["body"])})


def _file_engine(path: str | PathLike[str]) -> sa.Engine:
    """An engine for a SQLite file: written ahead and synced, one connection a use, safe over fork and threads."""
    name = os.fspath(path)
    if "://" in name:
        raise ConfigurationException("SQLInbox takes a path or an Engine: write SQLInbox(create_engine(url))")
    if not name or name == ":memory:":
        raise ConfigurationException("SQLInbox takes a file's path: for an inbox in memory there is MemoryInbox")
    _make_private(name)
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


def _make_private(name: str) -> None:
    """Make a file that its owner alone may read, for bodies hold personal data; of one that is there, say who else may.

    SQLite gives the files beside it the same mode. A file that is there keeps its own: two users may share it on purpose.
    """
    try:
        os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))
        mode = os.stat(name).st_mode & 0o777  # noqa: PTH116 - the path is a text here
    except OSError as error:
        raise ConfigurationException(f"SQLInbox: {name!r} cannot be used: {error.strerror}") from error
    if os.name == "posix" and mode & 0o077:
        logger.warning(
            "%s holds personal data, and others than its owner may use it (mode %03o): chmod 600", name, mode
        )
