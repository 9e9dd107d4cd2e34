"""How the inbox uses SQLAlchemy: its table, its transactions, and the engines and connections that it refuses.

All of this takes the plain Connection. An AsyncConnection calls it by way of `run_sync`, so that it is written only
once.
"""

from __future__ import annotations

import logging
import os
import sys
import weakref
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from xendit.installation import explain

try:
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError
except ImportError as error:
    explain(error, "sqlalchemy", "the SQL inbox needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"')

from xendit.database import CLOCKS
from xendit.exceptions import ConfigurationException
from xendit.process import Process
from xendit.webhook.inbox import TransactionEnded
from xendit.webhook.statements import run
from xendit.webhook.texts import Statements, StatementTexts

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike
    from typing import Any

    from xendit.veil import Veiled
    from xendit.webhook.statements import Steps

__all__ = ["Transactions", "create_tables", "file_engine", "inbox_table", "make_tables", "watched"]

logger = logging.getLogger("xendit.webhook")

T = TypeVar("T")

_BY_ITSELF = (
    "the engine's connections commit each statement by themselves (AUTOCOMMIT), so that nothing could be undone and an"
    " event be handled twice: give SQLInbox an engine that does not, such as"
    ' engine.execution_options(isolation_level="READ COMMITTED"), or for SQLite "SERIALIZABLE"'
)
MAKINGS = (False, False, True)
"""The attempts at making the tables; True marks the last one."""
#: Seconds that a SQLite file of our own making waits for another writer.
_BUSY = 15.0


def inbox_table(metadata: sa.MetaData, name: str = "xendit_inbox", schema: str | None = None) -> sa.Table:
    """The inbox's table, added to your MetaData: for Alembic, or for `metadata.create_all`.

    With it comes the table of the steps that `event.once` keeps, `<name>_step`.
    """
    double: sa.Double[float] = sa.Double()
    key = sa.String(200).with_variant(sa.String(200, collation="ascii_bin"), "mysql", "mariadb")
    body = sa.LargeBinary().with_variant(sa.LargeBinary(16_000_000), "mysql", "mariadb")
    step_name = sa.String(300).with_variant(sa.String(300, collation="ascii_bin"), "mysql", "mariadb")
    sa.Table(
        f"{name}_step",
        metadata,
        sa.Column("name", step_name, primary_key=True),
        sa.Column("key", key, nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("begun_at", double, nullable=False),
        sa.Column("done_at", double),
        sa.Column("result", sa.Text),
        sa.Index(f"{name}_step_key", "key"),
        schema=schema,
    )
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
        # A claim looks for waiting events by the first index, and for events that a dead worker left by the second.
        sa.Index(f"{name}_due", "state", "due_at"),
        sa.Index(f"{name}_lease", "state", "lease_until"),
        sa.Index(f"{name}_external_id", "external_id"),
        schema=schema,
    )


def make_tables(connection: sa.Connection, table: sa.Table) -> None:
    """Make the inbox's tables unless they are there, and any index that tables of an earlier version lack."""
    table.metadata.create_all(connection)
    inspector = sa.inspect(connection)
    for each in table.metadata.tables.values():
        there = {index["name"] for index in inspector.get_indexes(each.name, schema=each.schema)}
        for index in each.indexes:
            if index.name not in there:
                index.create(connection)


def create_tables(table: sa.Table, engine: sa.Engine) -> None:
    """Make the inbox's tables and indexes unless they are there.

    All workers of a server may do this at once. One of them makes the tables; the others fail, try again, and find
    them.
    """
    for is_last in MAKINGS:
        try:
            with engine.begin() as connection:
                make_tables(connection, table)
        except SQLAlchemyError:  # noqa: PERF203 - each attempt may fail
            if is_last:
                raise
        else:
            return


class Transactions:
    """The inbox's transactions on the connections of one engine.

    Args:
        engine: whose connections.
        table: the inbox's table.
        clock: gives the time, in place of the database.
        look: checks the database's settings; called with the name of the database and a function that asks it.

    Raises:
        ConfigurationException: it is no database that the inbox works in.
    """

    def __init__(
        self,
        engine: sa.Engine,
        table: sa.Table,
        clock: Callable[[], float] | None,
        look: Callable[[str, Callable[[str], Sequence[object] | None]], None],
    ) -> None:
        if holds_greenlets(engine.dialect.driver):
            logger.warning(
                "psycopg2 under gevent holds up every greenlet while it waits for the database, so that one that hangs is not"
                " answered 503 in time: take psycopg 3 (postgresql+psycopg://), or psycogreen"
            )
        if not event.contains(engine, "commit", _refuse_commit):
            event.listen(engine, "commit", _refuse_commit)
            event.listen(engine, "rollback", _note_rollback)
        self._engine = engine
        self._clock = clock
        self._look = look
        self._process = Process()
        self.has_one_writer = engine.dialect.name == "sqlite"
        """Whether a transaction that has written keeps every other one from writing."""
        dialect, preparer = engine.dialect, engine.dialect.identifier_preparer
        self._dialect = dialect.name
        # Under a stricter level than this, two workers that meet would fail instead of skipping each other's rows.
        self._short_level = "READ COMMITTED" if self._dialect in CLOCKS else None
        self._texts = StatementTexts(
            self._dialect,
            preparer.format_table(table),
            preparer.format_table(sa.Table(f"{table.name}_step", sa.MetaData(), schema=table.schema)),
            preparer.quote,
            style=dialect.paramstyle,
            has_own_clock=clock is not None,
        )

    def follow_process(self) -> None:
        """In a forked child, make the engine open connections of its own. Must be called before each use."""
        self._process.follow(self._leave_pool)

    def _leave_pool(self) -> sa.Pool:
        """Replace the engine's pool and return the old one, none of whose connections is closed."""
        pool = self._engine.pool
        self._engine.dispose(close=False)
        return pool

    def transact(self, connection: sa.Connection, procedure: Callable[[], Steps[T]], timeout: float | None) -> T:
        """Run a procedure in a transaction of the inbox's own on a connection that has none."""
        self.prepare(connection, self._short_level)
        with connection.begin():
            return run(procedure(), self.begun(connection, timeout))

    def prepare(self, connection: sa.Connection, level: object = None) -> None:
        """Refuse a connection that commits by itself; set its isolation level, where one is given."""
        if self._dialect != "sqlite" and _commits_by_itself(connection):
            raise ConfigurationException(_BY_ITSELF)
        if level is not None:
            connection.execution_options(isolation_level=level)

    def begun(self, connection: sa.Connection, timeout: float | None = None) -> Statements:
        """Prepare a transaction that has just begun for the inbox, and return what performs its statements."""
        execute = partial(_execute, connection)
        perform = Statements(self._texts, execute, self._clock)
        perform.begin(timeout)
        if self._dialect == "sqlite":
            raw: Any = connection.connection.driver_connection
            if not getattr(raw, "in_transaction", True):  # the lock is already lost
                raise ConfigurationException(_BY_ITSELF)
        self._look(self._dialect, lambda query: _row_of(connection, query))
        return perform


def _execute(connection: sa.Connection, text: str, values: Veiled) -> tuple[Sequence[Sequence[object]], int]:
    """Run a statement on the driver's own cursor, because SQLAlchemy's work around it takes longer than the statement.

    What SQLAlchemy does when a connection breaks is done here too. Its errors show the values of a statement; these do
    not.
    """
    dialect, pooled = connection.dialect, connection.connection
    cursor = pooled.cursor()
    try:
        cursor.execute(text, values.held)
        rows = cursor.fetchall() if cursor.description else ()
        return rows, cursor.rowcount
    except dialect.loaded_dbapi.Error as error:
        broken = dialect.is_disconnect(error, pooled, cursor)
        if broken:
            with suppress(SQLAlchemyError):  # SQLAlchemy sees it too, and drops the pool's other connections
                connection.exec_driver_sql("SELECT 1")
        hidden: Any = values  # still veiled, because some tools show the attributes of errors
        raise DBAPIError.instance(
            text,
            hidden,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=broken,
            dialect=dialect,
        ) from error
    except BaseException as error:
        if not isinstance(error, Exception):  # cancelled or killed: the database's answer would stay unread
            connection.invalidate(error)
        raise
    finally:
        with suppress(Exception):  # the connection may be gone
            cursor.close()


def holds_greenlets(driver: str) -> bool:
    """Whether a driver waits in C code and so blocks all greenlets, where gevent has replaced threads by greenlets."""
    monkey = sys.modules.get("gevent.monkey")
    if driver != "psycopg2" or monkey is None or not monkey.is_module_patched("socket"):
        return False
    extensions = sys.modules.get("psycopg2.extensions")  # psycogreen makes it wait by way of gevent
    return extensions is None or extensions.get_wait_callback() is None


#: The connections that handlers have at this moment, each with the ways in which its transaction was ended meanwhile.
#: The listener is on the engine, because adding one to a single connection, and removing it, takes as long as a
#: statement.
_watched: dict[sa.Connection, list[str]] = {}


@contextmanager
def watched(connection: sa.Connection) -> Iterator[None]:
    """Watch a handler with that connection; raise TransactionEnded where it ends the transaction itself."""
    ended = _watched[connection] = []
    try:
        yield
    except Exception as error:
        if "commit" in ended and not isinstance(error, TransactionEnded):  # the handler went on after its commit
            raise TransactionEnded from error
        raise
    finally:
        del _watched[connection]
    if ended:
        raise TransactionEnded


def _refuse_commit(connection: sa.Connection) -> None:
    # A commit is refused before it reaches the database. By then SQLAlchemy believes that its transaction is over, and
    # would leave the database's transaction open, which the next user of the connection would commit. So it is rolled
    # back here.
    ended = _watched.get(connection)
    if ended is not None:
        ended.append("commit")
        connection.connection.rollback()
        raise TransactionEnded


def _note_rollback(connection: sa.Connection) -> None:
    ended = _watched.get(connection)
    if ended is not None:
        ended.append("rollback")


def _row_of(connection: sa.Connection, query: str) -> tuple[Any, ...] | None:
    """The row of a statement; None if the database is another one than it claims, or the role may not ask."""
    try:
        with connection.begin_nested():
            return tuple(connection.execute(sa.text(query)).one())
    except SQLAlchemyError:
        return None


def _commits_by_itself(connection: sa.Connection) -> bool:
    """Whether the driver commits each statement by itself, which the server's isolation level does not show."""
    raw: Any = connection.connection.dbapi_connection
    try:
        return bool(connection.dialect.detect_autocommit_setting(raw))
    except (AttributeError, NotImplementedError):  # an older SQLAlchemy, or a dialect that cannot say
        ask = getattr(raw, "get_autocommit", None)
        return bool(ask()) if callable(ask) else getattr(raw, "autocommit", False) is True


def file_engine(path: str | PathLike[str]) -> sa.Engine:
    """An engine for a SQLite file, with a write-ahead log, synced at each commit, and connections that are kept."""
    name = os.fspath(path)
    if "://" in name:
        raise ConfigurationException("SQLInbox takes a path or an Engine: write SQLInbox(create_engine(url))")
    if not name or name == ":memory:":
        raise ConfigurationException("SQLInbox takes a file's path: for an inbox in memory there is MemoryInbox")
    _make_private(name)
    engine = sa.create_engine(sa.URL.create("sqlite", database=name), connect_args={"timeout": _BUSY})
    weakref.finalize(engine, _close, engine.pool, os.getpid())

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    return engine


def _close(pool: sa.Pool, process: int) -> None:
    """Close the idle connections of a pool, but only in the process that opened them."""
    if os.getpid() == process:
        pool.dispose()


def _make_private(name: str) -> None:
    """Make a file that only its owner may read, because bodies hold personal data; warn if others may read an existing
    one.

    SQLite gives the files beside it the same mode. The mode of an existing file is not changed, because two users may
    share it on purpose.
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
