"""Where the rows of a journal are: a SQLite file, or a database that SQLAlchemy reaches (extra `inbox`).

Both do the same: they make the tables, and call a function in a transaction or, where it only reads, without one.
The function is given `run(statement, **values)`, which gives rows. What the database refuses is a JournalException.
"""

from __future__ import annotations

import os
import weakref
from threading import Lock

from xendit.database import CLOCKS as SERVER_CLOCKS, HOLDING, attempts
from xendit.exceptions import ConfigurationException, JournalException
from xendit.process import Process

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias, TypeVar

    from sqlalchemy import Engine

    Run: TypeAlias = Callable[..., list[tuple[Any, ...]]]
    Done = TypeVar("Done")

#: The statement that asks for seconds since 1970 by the database's clock, which goes on within a transaction.
CLOCKS = {"sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0", **SERVER_CLOCKS}
#: Seconds that a SQLite file is waited for while another program has it locked.
PATIENCE = 30.0


class SqliteFile:
    """A SQLite file with one connection, on which one transaction runs at a time. A forked child has a connection of
    its own.

    Nobody can close the journal that a batch made for itself, so the connection is closed with the last reference to
    this object. A forked child does not close the parent's connection.
    """

    dialect = "sqlite"
    clock = CLOCKS["sqlite"]
    held = ""
    passing = ""

    def __init__(self, path: str) -> None:
        import sqlite3

        self._path = path
        self._error = sqlite3.Error
        self._process = Process()
        try:
            if path != ":memory:":
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._open()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationException(f"journal: {path!r} cannot be used: {_said(error)}") from error

    def _open(self) -> None:
        import sqlite3

        self._mutex = Lock()
        self._connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        self._closing = weakref.finalize(self, self._connection.close)
        self._closing.atexit = False  # a thread of a batch may still be writing while the interpreter ends
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            # On PyPy a statement goes on until its cursor is closed, and SQLite refuses the next setting.
            self._connection.execute(f"PRAGMA {setting}").close()

    def _open_again(self) -> object:
        """Open a new connection with a new lock, and return the old connection, which is not closed."""
        before = self._connection
        self._closing.detach()
        self._open()
        return before

    def _held(self) -> Lock:
        """The lock of this process's connection. A journal in memory can be used only in the process that made it."""
        if self._path != ":memory:":
            self._process.follow(self._open_again)
        return self._mutex

    def make(self, statements: Sequence[str]) -> None:
        """Make the tables and indexes that are not there."""
        self.transact(lambda run: [run(statement) for statement in statements])

    def read(self, work: Callable[[Run], Done]) -> Done:
        """Do work that only reads. It is not held up by a program that has locked the file for writing."""
        with self._held():
            try:
                return work(self._run)
            except self._error as error:
                raise JournalException(f"the journal {self} cannot be read: {_said(error)}") from error

    def transact(self, work: Callable[[Run], Done]) -> Done:
        """Do the work in a transaction."""
        with self._held():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    done = work(self._run)
                    self._connection.commit()
                except BaseException:
                    self._connection.rollback()
                    raise
            except self._error as error:
                raise JournalException(f"the journal {self} cannot be written: {_said(error)}") from error
            return done

    def _run(self, statement: str, **given: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, given).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._held():
            self._connection.close()

    def __str__(self) -> str:
        return self._path


class Database:
    """A database behind SQLAlchemy.

    Args:
        where: its URL; or the user's own Engine, whose pool is used, always under READ COMMITTED, and never closed.
    """

    passing = " FOR UPDATE SKIP LOCKED"
    """What makes a SELECT lock its rows, and skip rows that another transaction has locked."""
    held = " FOR UPDATE"
    """What makes a SELECT lock its rows, and wait for rows that another transaction has locked."""

    def __init__(self, where: str | Engine) -> None:
        try:
            import sqlalchemy
            from sqlalchemy.exc import ArgumentError, SQLAlchemyError
        except ImportError as error:
            from xendit.installation import explain

            explain(error, "sqlalchemy", "a journal in a database needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"')
        try:
            self._is_ours = isinstance(where, str)
            engine = (
                sqlalchemy.create_engine(where, pool_pre_ping=True, hide_parameters=True)
                if isinstance(where, str)
                else where
            )
        except ArgumentError:  # its text shows the URL, and with it the password
            raise ConfigurationException("journal: that is no URL that SQLAlchemy can use") from None
        if engine.dialect.is_async:
            raise ConfigurationException("journal: an asynchronous engine does not do: make one with create_engine")
        self.dialect = engine.dialect.name
        if self.dialect not in CLOCKS:
            raise ConfigurationException(
                f"journal: {self.dialect} is not known to it; SQLite, PostgreSQL, MySQL and MariaDB are"
            )
        # This also helps where the engine's connections would commit each statement by themselves.
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        self.clock = CLOCKS[self.dialect]
        self._error = SQLAlchemyError
        self._text = sqlalchemy.text
        self._process = Process()

    def make(self, statements: Sequence[str]) -> None:
        """Make the tables and indexes that are not there."""

        def work(run: Run) -> None:
            for statement in statements:
                run(statement)

        try:
            self.transact(work)
        except JournalException:  # PostgreSQL fails when another process makes them at the same moment
            self.transact(work)

    def read(self, work: Callable[[Run], Done]) -> Done:
        """Do work that only reads."""
        return self.transact(work)

    def transact(self, work: Callable[[Run], Done]) -> Done:
        """Do the work in a transaction; do it again when the database rolled it back in favour of another one."""
        try:
            for attempt in attempts():
                with attempt:
                    return self._once(work)
        except self._error as error:
            origin = getattr(error, "orig", None)
            raise JournalException(f"the journal {self} cannot be used: {_said(origin or error)}") from error
        raise AssertionError

    def _leave_pool(self) -> object:
        """Replace the engine's pool and return the old one, none of whose connections is closed."""
        pool = self._engine.pool
        self._engine.dispose(close=False)
        return pool

    def _once(self, work: Callable[[Run], Done]) -> Done:
        self._process.follow(self._leave_pool)
        with self._engine.begin() as connection:
            if self.dialect == "postgresql":
                connection.execute(self._text(f"SELECT {HOLDING}"))

            def run(statement: str, **given: object) -> list[tuple[Any, ...]]:
                done = connection.execute(self._text(statement), given)
                return [tuple(row) for row in done] if done.returns_rows else []

            return work(run)

    def close(self) -> None:
        """Close the connections, where the engine is our own."""
        if self._is_ours:
            self._engine.dispose()

    def __str__(self) -> str:
        return self._engine.url.render_as_string(hide_password=True)


def _said(error: BaseException) -> str:
    """What a database or the system says is wrong, in words that tell a user what to do about it."""
    text = str(error).strip().partition("\n")[0][:300]
    if "database is locked" in text:
        return f"another program has had it locked for {PATIENCE:g} seconds"
    if "disk is full" in text or "disk full" in text.lower():
        return "the disk is full"
    return text or type(error).__name__
