"""The asynchronous inbox and its workers: the promises of every inbox, effects once, an endpoint without a thread."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import PROMISES, Clock, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from xendit.exceptions import ApiTypeError, ConfigurationException
from xendit.webhook import (
    AsyncSQLInbox,
    AsyncTransactionWorker,
    AsyncWorker,
    Handlers,
    MemoryInbox,
    SQLInbox,
    Webhook,
    Worker,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

TOKEN = "a-token-of-the-test"
BODY = b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000}'
DRIVERS = ["asyncpg", "psycopg", "aiosqlite", "aiomysql"]


class Loop:
    """An event loop in a thread, so that what is awaited can be asked of plain code."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def close(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Plain:
    """An asynchronous inbox as a plain one has it, for the promises."""

    def __init__(self, inbox: AsyncSQLInbox, loop: Loop) -> None:
        self._inbox = inbox
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inbox, name)
        return lambda *args, **options: self._loop.run(method(*args, **options))

    def transaction(self, claim: Any) -> AbstractContextManager[Any]:
        """Enter and leave it in the loop."""
        return _Entered(self._inbox.transaction(claim), self._loop)


class _Entered:
    def __init__(self, inner: Any, loop: Loop) -> None:
        self._inner = inner
        self._loop = loop

    def __enter__(self) -> Any:
        return self._loop.run(self._inner.__aenter__())

    def __exit__(self, *error: Any) -> Any:
        return self._loop.run(self._inner.__aexit__(*error))


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database by each asynchronous driver."""
    driver = request.param
    if driver == "aiosqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    address: str = request.getfixturevalue("mariadb" if driver == "aiomysql" else "postgresql")
    return address.replace("+psycopg:", f"+{driver}:").replace("+pymysql:", f"+{driver}:")


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop in a thread of its own."""
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def engine(url: str, loop: Loop) -> Iterator[AsyncEngine]:
    """An engine that is disposed of in the loop."""
    made = create_async_engine(url)
    yield made
    loop.run(made.dispose())


async def with_shop(engine: AsyncEngine, **options: Any) -> AsyncSQLInbox:
    """An inbox beside a table of the shop's."""
    inbox = await SQLInbox(engine, **options).create_table()
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    return inbox


async def ship(found: Any, connection: AsyncConnection) -> None:
    """Write what was shipped, over the inbox's connection."""
    await connection.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})


async def shipped(engine: AsyncEngine) -> list[str]:
    """What was shipped."""
    async with engine.connect() as connection:
        return list(await connection.scalars(sa.text("SELECT order_id FROM shipped ORDER BY order_id")))


def test_each_driver_keeps_every_promise(engine: AsyncEngine, loop: Loop) -> None:
    """The promises of inbox_contract.py, on asyncpg, psycopg, aiosqlite and aiomysql."""
    for promise in PROMISES:
        clock = Clock()
        inbox: Any = SQLInbox(engine, now=clock, table=promise.__name__[:40])
        loop.run(inbox.create_table())
        promise(Plain(inbox, loop), clock)  # type: ignore[arg-type]


def test_an_effect_and_done_commit_together(engine: AsyncEngine, loop: Loop) -> None:
    """By connection and by AsyncSession; a failure leaves nothing; a hundred events are each shipped once by three workers."""

    async def shop() -> None:
        inbox = await with_shop(engine)
        fails = True

        async def handle(found: Any, connection: AsyncConnection) -> None:
            async with AsyncSession(bind=connection) as session:
                await session.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})
                await session.flush()
            if fails:
                raise ValueError("no stock")

        await inbox.add(event(id="first"))
        worker = AsyncTransactionWorker(inbox, handle, first_wait=0.001)
        assert (await worker.drain(1)).failed == 1
        assert await shipped(engine) == []
        fails = False
        assert await worker.process("usr/first/paid") == "handled"
        assert await worker.process("usr/first/paid") is None
        for number in range(40):
            await inbox.add(event(id=f"inv-{number:02}"))
        drained = await asyncio.gather(*(AsyncTransactionWorker(inbox, ship).drain() for _ in range(3)))
        assert sum(each.handled for each in drained) == 40
        assert len(await shipped(engine)) == 41
        assert (await inbox.tally(done=True))[:4] == (0, 0, 41, 0)

    loop.run(shop())


def test_several_events_commit_together(engine: AsyncEngine, loop: Loop) -> None:
    """One that fails takes no other with it, and a worker without a transaction calls none again."""

    async def shop() -> None:
        inbox = await with_shop(engine)
        called: list[str] = []

        async def handle(found: Any, connection: AsyncConnection | None = None) -> None:
            called.append(found.external_id)
            if connection is not None:
                await ship(found, connection)
            if found.external_id == "order of inv-2":
                raise ValueError("no stock")

        names = [f"order of inv-{number}" for number in range(5)]
        for kind in (AsyncTransactionWorker, AsyncWorker):
            called.clear()
            for number in range(5):
                key = (await inbox.add(event(id=f"inv-{number}"))).key
                await inbox.replay(key)
            worker: Any = kind(inbox, handle, batch=5)
            worker._claimed_at_once = 5
            assert await worker.drain() == (4, 0, 1, 0, 0)
            again = names[:3] if kind is AsyncTransactionWorker else []
            assert sorted(called) == sorted([*again, *names])
            assert await shipped(engine) == [*names[:2], *names[3:]]
            assert {row.attempts for row in await inbox.letters("done")} == {1}

    loop.run(shop())


def test_a_step_is_taken_once(engine: AsyncEngine, loop: Loop) -> None:
    """In both workers: what has ended is not repeated by the next attempt, whose transaction was rolled back; on SQLite a
    transaction refuses it.
    """

    async def shop() -> None:
        clock = Clock()
        inbox = await with_shop(engine, now=clock)
        sent: list[str] = []

        async def send(address: str, *, parcel: int) -> dict[str, int]:
            sent.append(address)
            return {"parcel": parcel}

        async def handle(found: Any, *connection: Any) -> None:
            for each in connection:
                await ship(found, each)
            assert await found.once("mail", send, found.external_id, parcel=7) == {"parcel": 7}
            if clock.time < 1_800_000_100:
                raise ConnectionError("later")

        await inbox.add(event(id="one"))
        assert (await AsyncWorker(inbox, handle).drain()).failed == 1
        clock.time += 100
        assert (await AsyncWorker(inbox, handle).drain()).handled == 1
        assert sent == ["order of one"]
        assert [step.step for step in await inbox.steps("usr/one/paid")] == ["mail"]
        clock.time -= 100
        await inbox.add(event(id="two"))
        first = await AsyncTransactionWorker(inbox, handle).drain()
        clock.time += 100
        if engine.dialect.name == "sqlite":
            assert first.dead == 1
            assert sent == ["order of one"]
            return
        assert first.failed == 1
        assert (await AsyncTransactionWorker(inbox, handle).drain()).handled == 1
        assert sent == ["order of one", "order of two"]
        assert await shipped(engine) == ["order of two"]

    loop.run(shop())


def test_a_plain_function_as_a_step_is_refused(loop: Loop) -> None:
    """It would hold up the event loop; `asyncio.to_thread` does not, and a lambda around a coroutine function does too."""
    inbox = MemoryInbox()
    inbox.add(event())
    sent: list[str] = []
    problems: list[str] = []

    def plain() -> None:
        sent.append("plain")

    async def later() -> str:
        sent.append("later")
        return "done"

    async def handle(found: Any) -> None:
        try:
            await found.once("plain", plain)
        except ApiTypeError as error:
            problems.append(str(error))
        await found.once("thread", asyncio.to_thread, plain)
        assert await found.once("lambda", lambda: later()) == "done"  # noqa: PLW0108 - that is asked about

    assert loop.run(AsyncWorker(inbox, handle).drain()).handled == 1
    assert sent == ["plain", "later"]
    assert "asyncio.to_thread" in problems[0]


def test_a_commit_of_the_handlers_own_is_found_out(engine: AsyncEngine, loop: Loop) -> None:
    """It is a dead letter at once, and nothing of what it wrote is there."""

    async def shop() -> None:
        inbox = await with_shop(engine)
        await inbox.add(event())

        async def handle(found: Any, connection: AsyncConnection) -> None:
            await ship(found, connection)
            await connection.commit()

        assert (await AsyncTransactionWorker(inbox, handle).drain()).dead == 1
        assert await shipped(engine) == []
        [letter] = await inbox.letters()
        assert "the handler ends the transaction itself" in str(letter.error)

    loop.run(shop())


def test_a_cancelled_worker_leaves_nothing_under_its_lease(engine: AsyncEngine, loop: Loop) -> None:
    """The event under way is due at once, and what it wrote is gone; the others it had claimed are due as before."""

    async def shop() -> None:
        inbox = await with_shop(engine)
        for number in range(5):
            await inbox.add(event(id=f"inv-{number}"))
        began = asyncio.Event()

        async def handle(found: Any, connection: AsyncConnection) -> None:
            await ship(found, connection)
            if found.invoice_id == "inv-2":
                began.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(AsyncTransactionWorker(inbox, handle).run())
        await asyncio.wait_for(began.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await inbox.tally(done=True))[:4] == (3, 0, 2, 0)
        assert len(await shipped(engine)) == 2
        assert {row.attempts for row in await inbox.letters("waiting") if "inv-2" not in row.key} == {0}

    loop.run(shop())


class Interrupted(MemoryInbox):
    """An inbox that has a worker cancelled in the midst of one of its transactions."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at
        self.task: asyncio.Task[Any] | None = None

    async def transact_async(self, procedure: Any, timeout: float | None = None) -> Any:
        """As always; but it takes a while before and after the commit."""
        self.left -= 1
        if self.left == 0 and self.task is not None:
            self.task.cancel()
        await asyncio.sleep(0)
        result = self.transact(procedure, timeout)
        await asyncio.sleep(0)
        return result


@pytest.mark.parametrize("batch", [1, 2, 5])
@pytest.mark.parametrize("kind", [AsyncWorker, AsyncTransactionWorker])
def test_nor_does_one_that_is_cancelled_between_two_handlers(kind: Any, batch: int) -> None:
    """A transaction of the inbox's own comes to its end first: what it claimed or began is given back."""

    async def cancelled(at: int) -> bool:
        inbox = Interrupted(at)
        for number in range(5):
            inbox.add(event(id=f"inv-{number}"))
        called: list[str] = []
        worker = kind(inbox, lambda found, *_: called.append(found.invoice_id), batch=batch)
        worker._claimed_at_once = max(2, batch)
        inbox.task = asyncio.create_task(worker.drain())
        try:
            await inbox.task
            was_cancelled = False
        except asyncio.CancelledError:
            was_cancelled = True
        tally = inbox.tally(done=True)
        assert (tally.waiting, tally.working, tally.done) == (5 - len(called), 0, len(called))
        inbox.left = 0
        assert (await kind(inbox, lambda found, *_: called.append(found.invoice_id)).drain()).handled == tally.waiting
        assert sorted(called) == [f"inv-{number}" for number in range(5)]
        return was_cancelled

    at = 1
    while asyncio.run(cancelled(at)):
        at += 1
    assert at > 2


def test_a_cancellation_is_raised_although_the_database_fails_meanwhile() -> None:
    """Whoever cancelled a task asks for nothing else."""

    class Failing(Interrupted):
        async def transact_async(self, procedure: Any, timeout: float | None = None) -> Any:
            await super().transact_async(procedure, timeout)
            raise ConnectionError("database restarts")

    async def shop(method: str, *given: str) -> None:
        inbox = Failing(1)
        inbox.task = asyncio.create_task(getattr(AsyncWorker(inbox, print), method)(*given))
        with pytest.raises(asyncio.CancelledError):
            await inbox.task

    asyncio.run(shop("drain"))
    asyncio.run(shop("run"))
    asyncio.run(shop("process", "a-key"))


def test_a_cancelled_worker_does_not_wait_for_ever_for_its_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that hangs is left after a while."""
    monkeypatch.setattr("xendit.webhook.async_worker._ENDS_WITHIN", 0.01)
    hangs = asyncio.Event()

    class Hanging(MemoryInbox):
        async def transact_async(self, procedure: Any, timeout: float | None = None) -> Any:
            hangs.set()
            await asyncio.sleep(3600)

    async def shop() -> None:
        task = asyncio.create_task(AsyncWorker(Hanging(), print).drain())
        await hangs.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(task), 60)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(shop())


def test_a_worker_that_outlives_its_loop_begins_nothing(recwarn: pytest.WarningsRecorder) -> None:
    """A program may end in the middle of a handler. What is left of the worker makes no coroutine that nobody awaits."""
    inbox = MemoryInbox()
    inbox.add(event())
    began = asyncio.Event()

    async def handle(_: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    loop = asyncio.new_event_loop()
    task = loop.create_task(AsyncWorker(inbox, handle).drain())
    loop.run_until_complete(began.wait())
    loop.close()
    with pytest.raises(RuntimeError, match="no running event loop"):
        task.get_coro().throw(KeyboardInterrupt())
    task._log_destroy_pending = False  # this is its end
    del task
    gc.collect()
    assert [str(each.message) for each in recwarn] == []


def test_run_ends_when_it_is_stopped() -> None:
    """From another thread, in the middle of a long wait; what had come by then is handled."""
    inbox = MemoryInbox()
    handled = threading.Event()

    async def handle(_: Any) -> None:
        handled.set()

    worker = AsyncWorker(inbox, handle)
    thread = threading.Thread(target=lambda: asyncio.run(worker.run(poll=0.01)))
    thread.start()
    inbox.add(event())
    assert handled.wait(10)
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert inbox.tally(done=True).done == 1


def test_handlers_of_either_kind() -> None:
    """Handlers with coroutine functions work in an asynchronous worker, a plain function among them too."""
    handle, seen = Handlers(), []

    @handle.paid
    async def paid(found: Any) -> None:
        await asyncio.sleep(0)
        seen.append("paid")

    @handle.expired
    def expired(found: Any) -> None:
        seen.append("expired")

    inbox = MemoryInbox()
    inbox.add(event())
    inbox.add(event("EXPIRED", id="inv-2"))
    assert asyncio.run(AsyncWorker(inbox, handle).drain()).handled == 2
    assert seen == ["paid", "expired"]
    with pytest.raises(ConfigurationException, match="must be a plain function"):
        Worker(inbox, handle).drain()


def test_what_an_asynchronous_handler_leaves_undone_is_a_failure() -> None:
    """A generator is refused, a coroutine that returns another one is a failure; on_failure is awaited."""

    async def steps(_: Any) -> AsyncIterator[int]:
        yield 1

    with pytest.raises(ConfigurationException, match="one with `yield` does nothing"):
        AsyncWorker(MemoryInbox(), steps)
    told: list[str] = []

    async def handle(_: Any) -> Any:
        return asyncio.sleep(0)

    async def report(_: Any, error: Exception) -> None:
        await asyncio.sleep(0)
        told.append(str(error))

    inbox = MemoryInbox()
    inbox.add(event())
    assert asyncio.run(AsyncWorker(inbox, handle, on_failure=report).drain()).failed == 1
    assert "nobody awaits" in told[0]


def test_a_plain_inbox_is_refused_by_an_asynchronous_worker(tmp_path: Path) -> None:
    """And an asynchronous one by a plain worker, each with what to take."""

    async def handle(_: Any) -> None: ...

    with pytest.raises(ConfigurationException, match="would hold up the event loop"):
        AsyncWorker(SQLInbox(tmp_path / "x.db"), handle)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationException, match="takes an inbox such as SQLInbox"):
        AsyncWorker("x.db", handle)  # type: ignore[arg-type]
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'y.db'}")
    with pytest.raises(ConfigurationException, match="takes an inbox such as"):
        Worker(SQLInbox(engine), print)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationException, match="the inner engine of an asynchronous one"):
        SQLInbox(engine.sync_engine)


def _post(webhook: Webhook, body: bytes = BODY) -> Callable[[], Coroutine[Any, Any, Any]]:
    async def post() -> Any:
        return await webhook.answer_async("POST", {"x-callback-token": TOKEN}, body)

    return post


def test_an_endpoint_awaits_its_inbox_without_a_thread(
    engine: AsyncEngine, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, a duplicate, handed over by a coroutine function; no thread is asked for."""
    keys: list[str] = []

    async def enqueue(key: str) -> None:
        await asyncio.sleep(0)
        keys.append(key)

    async def no_thread(*_: Any) -> None:
        raise AssertionError("a thread was asked for")

    async def shop() -> None:
        inbox = await SQLInbox(engine).create_table()
        post = _post(Webhook(inbox, TOKEN, enqueue=enqueue))
        monkeypatch.setattr(asyncio, "to_thread", no_thread)
        assert [(await post()).outcome for _ in range(2)] == ["stored", "duplicate"]
        assert keys == ["usr/inv-1/paid"] * 2
        assert (await inbox.tally()).waiting == 1

    loop.run(shop())


def test_a_coroutine_enqueue_works_with_a_plain_inbox(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is awaited in the loop after a thread has stored; what it raises is told, and the answer is 200."""
    keys: list[str] = []

    async def enqueue(key: str) -> None:
        await asyncio.sleep(0)
        keys.append(key)
        if len(keys) == 2:
            raise ConnectionError("no queue")

    post = _post(Webhook(SQLInbox(tmp_path / "x.db"), TOKEN, enqueue=enqueue))
    assert [asyncio.run(post()).status for _ in range(2)] == [200, 200]
    assert keys == ["usr/inv-1/paid"] * 2
    assert "is stored but could not be handed over: ConnectionError" in caplog.text


def test_adapters_that_cannot_await_refuse_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When they are made; an `answer` that is called all the same is 503, and says why."""
    from xendit.webhook.adapters.flask import webhook_blueprint
    from xendit.webhook.adapters.wsgi import WSGIApp

    async def enqueue(_: str) -> None: ...

    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'y.db'}")
    handing, storing = Webhook(MemoryInbox(), TOKEN, enqueue=enqueue), Webhook(SQLInbox(engine), TOKEN)
    with pytest.raises(ConfigurationException, match="WSGIApp cannot await, and enqueue is a coroutine function"):
        WSGIApp(handing)
    with pytest.raises(ConfigurationException, match="webhook_blueprint cannot await, and an AsyncSQLInbox is awaited"):
        webhook_blueprint("/x", storing)
    assert storing.answer("POST", {"x-callback-token": TOKEN}, BODY).status == 503
    assert "cannot await" in caplog.text


def test_an_asynchronous_inbox_that_hangs_is_answered_in_time() -> None:
    """503 at the deadline, and the store is cancelled."""
    cancelled = asyncio.Event()

    class Hanging:
        async def add(self, found: Any, timeout: float = 20.0) -> Any:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.set()
                raise

    async def shop() -> None:
        assert (await _post(Webhook(Hanging(), TOKEN, deadline=0.1))()).status == 503
        assert cancelled.is_set()

    asyncio.run(shop())
