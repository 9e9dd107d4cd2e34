"""AsyncSQLInbox: the inbox over an asynchronous engine of SQLAlchemy: asyncpg, psycopg, aiosqlite, aiomysql.

Its transactions are those of `connections.py`. They run on the plain connection that is inside the asynchronous one.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from xendit.installation import explain
from xendit.static_typing import hinted

try:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
except ImportError as error:
    explain(error, "sqlalchemy", "the SQL inbox needs SQLAlchemy", 'pip install "xendit-sdk[inbox]"')

from xendit.database import attempts
from xendit.exceptions import ConfigurationException
from xendit.source import SYSTEM, Source
from xendit.webhook import procedures
from xendit.webhook.connections import MAKINGS, Transactions, inbox_table, make_tables, watched
from xendit.webhook.inbox import LeaseLost
from xendit.webhook.statements import run
from xendit.webhook.table import PURGED_AT_ONCE, Inboxes
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import timedelta

    from xendit.webhook.event import Event
    from xendit.webhook.inbox import Added, Claim, KeptStep, State, Stored, Tally
    from xendit.webhook.statements import Perform, Steps

__all__ = ["AsyncSQLInbox"]

T = TypeVar("T")


@hinted
class AsyncSQLInbox(Inboxes):
    """What `SQLInbox(async_engine)` gives: an inbox whose methods are awaited.

        inbox = SQLInbox(create_async_engine("postgresql+asyncpg://shop@db/shop"))
        await inbox.create_table()

    A handler of an AsyncTransactionWorker gets the AsyncConnection whose transaction also finishes the event; an
    `AsyncSession(bind=connection)` joins it. Everything else is as for SQLInbox, with which it may share a table.

    Args:
        engine: your own AsyncEngine, which is used as it is and never closed.
        table, schema, now, source: as SQLInbox takes them.

    Raises:
        ConfigurationException: it is no AsyncEngine, or its database is none that the inbox works in.
    """

    own_deadline = True

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        table: str = "xendit_inbox",
        schema: str | None = None,
        now: Callable[[], float] | None = None,
        source: Source = SYSTEM,
    ) -> None:
        if not isinstance(engine, AsyncEngine):
            raise ConfigurationException(f"AsyncSQLInbox takes an AsyncEngine, {type_name(engine)} was given")
        self.source = source
        self.table = inbox_table(sa.MetaData(), table, schema)
        self.engine = engine
        clock = now or (None if source is SYSTEM else source.wall)
        self._transactions = Transactions(engine.sync_engine, self.table, clock, self._look_once)

    def __repr__(self) -> str:
        return f"<AsyncSQLInbox: {self.engine.url.render_as_string(hide_password=True)}, table {self.table.fullname}>"

    async def create_table(self) -> AsyncSQLInbox:
        """Make the table and its indexes unless they are there, and give the inbox; see SQLInbox.create_table."""
        self._transactions.follow_process()
        for is_last in MAKINGS:
            try:
                async with self.engine.begin() as connection:
                    await connection.run_sync(make_tables, self.table)
                break
            except SQLAlchemyError:
                if is_last:
                    raise
        async with self._joint():  # opening it checks the engine's connections
            pass
        return self

    @property
    def has_one_writer(self) -> bool:
        """Whether it is SQLite; see TableInbox."""
        return self._transactions.has_one_writer

    async def transact_async(self, procedure: Callable[[], Steps[T]], timeout: float | None = None) -> T:
        """Run a procedure in a short transaction of the inbox's own; see TableInbox.transact."""
        self._transactions.follow_process()
        for attempt in attempts(1 if timeout is not None else None):
            with attempt:
                async with self.engine.connect() as connection:
                    return await connection.run_sync(self._transactions.transact, procedure, timeout)
        raise AssertionError

    async def jointly_async(
        self,
        claim: Claim,
        work: Callable[[AsyncConnection], Awaitable[object]],
        ending: Callable[[], Steps[T]],
        others: Sequence[Claim] = (),
    ) -> T:
        """Hand a transaction that holds the event to `work`, and run a procedure in it too; see TableInbox.jointly."""
        async with self._held(claim, others) as (perform, connection):
            with watched(_inner(connection)):
                await work(connection)
            return await connection.run_sync(lambda _: run(ending(), perform))

    @asynccontextmanager
    async def _joint(self) -> AsyncIterator[tuple[Perform, AsyncConnection]]:
        self._transactions.follow_process()
        async with self.engine.connect() as connection:
            await connection.run_sync(self._transactions.prepare)
            async with connection.begin():
                yield await connection.run_sync(self._transactions.begun), connection

    @asynccontextmanager
    async def _held(self, claim: Claim, others: Sequence[Claim] = ()) -> AsyncIterator[tuple[Perform, AsyncConnection]]:
        async with self._joint() as (perform, connection):
            if not await connection.run_sync(lambda _: run(procedures.hold(claim, others), perform)):
                raise LeaseLost(f"{claim.key} was taken over by another worker")
            yield perform, connection

    async def add(self, event: Event, timeout: float = 20.0) -> Added:
        """Store an event durably, once; see Inbox."""
        return await self.transact_async(partial(procedures.add, event), timeout)

    async def claim(self, key: str | None = None, lease: float = 60.0) -> Claim | None:
        """Take an event for `lease` seconds; see Inbox."""
        return next(iter(await self.transact_async(self.claiming(lease, key=key))), None)

    @asynccontextmanager
    async def transaction(self, claim: Claim) -> AsyncIterator[AsyncConnection]:
        """A transaction that a handler shares with the inbox; see Inbox."""
        async with self._held(claim) as (perform, connection):
            with watched(_inner(connection)):
                yield connection
            await connection.run_sync(lambda _: run(procedures.finish(claim), perform))

    async def done(self, claim: Claim, outcome: str = "handled") -> bool:
        """Finish an event; see Inbox."""
        return await self.transact_async(partial(procedures.finish, claim, outcome))

    async def fail(self, claim: Claim, error: str, retry_in: float | None) -> bool:
        """Give an event back; see Inbox."""
        return await self.transact_async(partial(procedures.fail, claim, error, retry_in))

    async def replay(self, key: str) -> bool:
        """Let an event be handled again; see Inbox."""
        return await self.transact_async(partial(procedures.replay, key))

    async def purge(self, older_than: timedelta) -> int:
        """Delete what was done longer ago; see Inbox."""
        age = procedures.check_age(older_than)
        purged = 0
        while True:
            count = await self.transact_async(partial(procedures.delete_done, age, PURGED_AT_ONCE))
            purged += count
            if count < PURGED_AT_ONCE:
                return purged

    async def tally(self, *, done: bool = False) -> Tally:
        """Count the events by state; see Inbox."""
        return await self.transact_async(partial(procedures.tally, self._watch, done=done))

    async def steps(self, key: str) -> list[KeptStep]:
        """The steps of an event that `event.once` keeps; see TableInbox."""
        return await self.transact_async(partial(procedures.effects, key))

    async def letters(self, state: State = "dead", limit: int = 100) -> list[Stored]:
        """The events of a state, the latest first; see Inbox."""
        return await self.transact_async(partial(procedures.letters, state, limit))


def _inner(connection: AsyncConnection) -> sa.Connection:
    """The plain connection inside an asynchronous one."""
    inner = connection.sync_connection
    assert inner is not None
    return inner
