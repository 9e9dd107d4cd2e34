"""SQLInbox: the inbox in a SQL database, by SQLAlchemy: a SQLite file, PostgreSQL or MySQL.

Needs the extra `inbox` (SQLAlchemy). Only the database's clock counts, so the clocks of fifty machines need not agree.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TypeVar, overload

from xendit.installation import explain
from xendit.static_typing import hinted

try:
    import sqlalchemy as sa
except ImportError as error:
    explain(error, "sqlalchemy", "the SQL inbox needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"')

from xendit.database import attempts
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.webhook.connections import Transactions, create_tables, file_engine, inbox_table, watched
from xendit.webhook.table import TableInbox
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from os import PathLike
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncEngine

    from xendit.webhook.async_sql import AsyncSQLInbox
    from xendit.webhook.statements import Perform, Steps

__all__ = ["SQLInbox", "inbox_table"]

T = TypeVar("T")


@hinted
class SQLInbox(TableInbox["sa.Connection"]):
    """An inbox in a SQL database.

        SQLInbox("inbox.db")                  # a SQLite file, made with its table when it is not there
        SQLInbox(engine).create_table()       # your engine: PostgreSQL, MySQL or SQLite
        SQLInbox(async_engine)                # your asynchronous engine: an AsyncSQLInbox, whose methods are awaited

    A handler of a TransactionWorker gets the SQLAlchemy Connection whose transaction also finishes the event; an
    ORM `Session(bind=connection)` joins it.

    A roll-back really undoes each transaction, and a commit is on the disk when it returns. To that end an engine whose
    connections commit by themselves is refused, and PostgreSQL's `synchronous_commit` is raised to `on`. An inbox that
    was made before a fork uses connections of its own in the child, and leaves the parent's alone.

    Args:
        engine: a path, which becomes a SQLite file; or your own Engine, which is used as it is and never closed.
        table: the table's name.
        schema: the table's schema, where the database has schemas.
        now: a clock, in seconds since 1970, in place of the database's; for tests.
        source: where ids come from (`xendit.source`), and time too where it is not the system's.

    Raises:
        ConfigurationException: the engine is neither a path nor an Engine, or is one of an in-memory SQLite database,
            which no other connection would see.
    """

    engine: sa.Engine
    """The engine whose connections are used."""
    table: sa.Table
    """The inbox's table."""

    if TYPE_CHECKING:  # a type checker would believe an __init__, so it is shown none

        @overload
        def __new__(  # type: ignore[misc] # what an asynchronous engine makes is another class
            cls,
            engine: AsyncEngine,
            *,
            table: str = "xendit_inbox",
            schema: str | None = None,
            now: Callable[[], float] | None = None,
            source: Source = SYSTEM,
        ) -> AsyncSQLInbox: ...
        @overload
        def __new__(
            cls,
            engine: sa.Engine | str | PathLike[str],
            *,
            table: str = "xendit_inbox",
            schema: str | None = None,
            now: Callable[[], float] | None = None,
            source: Source = SYSTEM,
        ) -> SQLInbox: ...
        def __new__(cls, engine: object, **options: object) -> Any: ...  # noqa: D102

    else:

        def __new__(  # noqa: D102 - the class' own text says it
            cls,
            engine: sa.Engine | AsyncEngine | str | PathLike[str],
            *,
            table: str = "xendit_inbox",
            schema: str | None = None,
            now: Callable[[], float] | None = None,
            source: Source = SYSTEM,
        ) -> SQLInbox | AsyncSQLInbox:
            asynchronous = sys.modules.get("sqlalchemy.ext.asyncio")  # if it is not loaded, there can be no such engine
            if asynchronous is None or not isinstance(engine, asynchronous.AsyncEngine):
                return super().__new__(cls)
            from xendit.webhook.async_sql import AsyncSQLInbox

            return AsyncSQLInbox(engine, table=table, schema=schema, now=now, source=source)

        def __init__(self, engine: sa.Engine | str | PathLike[str], **options: object) -> None:
            self._begin(engine, **options)

    def _begin(
        self,
        engine: sa.Engine | str | PathLike[str],
        *,
        table: str = "xendit_inbox",
        schema: str | None = None,
        now: Callable[[], float] | None = None,
        source: Source = SYSTEM,
    ) -> None:
        self.source = source
        self.table = inbox_table(sa.MetaData(), table, schema)
        if isinstance(engine, sa.Engine):
            self.engine = engine
        elif isinstance(engine, str) or hasattr(engine, "__fspath__"):
            self.engine = file_engine(engine)
        else:
            raise ConfigurationException(f"SQLInbox takes a path or a SQLAlchemy Engine, {type_name(engine)} was given")
        if self.engine.dialect.is_async:
            raise ConfigurationException(
                "SQLInbox was given the inner engine of an asynchronous one, whose driver works inside its event loop"
                " alone: give the asynchronous engine itself, SQLInbox(async_engine), and await what it does; or make an"
                " engine with create_engine and a driver that is not asynchronous"
            )
        clock = now or (None if source is SYSTEM else source.wall)
        self._transactions = Transactions(self.engine, self.table, clock, self._look_once)
        if self.engine is not engine:
            self.create_table()

    def create_table(self) -> SQLInbox:
        """Make the table and its indexes unless they are there, and give the inbox.

        Raises:
            ConfigurationException: the engine's connections commit by themselves.
        """
        self._transactions.follow_process()
        create_tables(self.table, self.engine)
        with self._joint():  # opening it checks the engine's connections
            pass
        return self

    def __repr__(self) -> str:
        return f"<SQLInbox: {self.engine.url.render_as_string(hide_password=True)}, table {self.table.fullname}>"

    def transact(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a transaction; see TableInbox."""
        self._transactions.follow_process()
        for attempt in attempts(1 if timeout is not None else None):
            with attempt, self.engine.connect() as connection:
                return self._transactions.transact(connection, procedure, timeout)
        raise AssertionError

    @property
    def has_one_writer(self) -> bool:
        """Whether it is SQLite; see TableInbox."""
        return self._transactions.has_one_writer

    @contextmanager
    def _joint(self) -> Iterator[tuple[Perform, sa.Connection]]:
        self._transactions.follow_process()
        with self.engine.connect() as connection:
            self._transactions.prepare(connection)
            with connection.begin():
                yield self._transactions.begun(connection), connection

    def _watched(self, connection: sa.Connection) -> AbstractContextManager[None]:
        return watched(connection)
