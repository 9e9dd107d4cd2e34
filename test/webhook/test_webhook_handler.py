"""Handlers as people write them: what does nothing is a failure, and what ends the shared transaction is found out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import Clock, event

from xendit.exceptions import ApiTypeError, ConfigurationException
from xendit.invoice.reconciliation import reconcile
from xendit.webhook import MemoryInbox, SQLInbox, TransactionWorker, Webhook, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "a-token-of-the-test"
done: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


async def ship(_: Any, __: Any = None) -> None:
    """A handler of an asynchronous shop."""
    done.append("shipped")


def steps(_: Any, __: Any = None) -> Iterator[int]:
    """A handler with a yield in it."""
    done.append("shipped")
    yield 1


async def steps_awaited(_: Any, __: Any = None) -> Any:
    """Both."""
    done.append("shipped")
    yield 1


class Shipping:
    """An object whose call is a coroutine function."""

    async def __call__(self, _: Any, __: Any = None) -> None:
        done.append("shipped")


NEVER_PLAIN: dict[str, Callable[..., object]] = {
    "async def": ship,
    "partial": functools.partial(ship),
    "an object": Shipping(),
    "a method": Shipping().__call__,
    "yield": steps,
    "async yield": steps_awaited,
}


@pytest.mark.parametrize("function", NEVER_PLAIN.values(), ids=NEVER_PLAIN)
def test_a_function_that_does_nothing_when_called_is_refused(function: Any) -> None:
    """By both workers, for each of their functions, and for what an endpoint hands over to."""
    inbox = MemoryInbox()
    for make in (
        lambda: Worker(inbox, function),
        lambda: TransactionWorker(inbox, function),
        lambda: Worker(inbox, print, other=function),
        lambda: Worker(inbox, print, on_failure=function),
        lambda: reconcile(None, None, inbox, enqueue=function),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigurationException, match="must be a plain function"):
            make()


RETURNED: dict[str, Callable[..., object]] = {
    "a coroutine": lambda *_: ship(None),
    "a generator": lambda *_: steps(None),
    "an asynchronous generator": lambda *_: steps_awaited(None),
    "an object's coroutine": lambda *_: Shipping()(None),
}


@pytest.mark.parametrize("function", RETURNED.values(), ids=RETURNED)
@pytest.mark.parametrize("kind", [Worker, TransactionWorker])
def test_what_comes_back_undone_is_a_failure(
    kind: type[Worker], function: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A lambda around a coroutine function: the event is not done, the sentence says why, and it is tried again."""
    inbox = MemoryInbox(now=Clock())
    inbox.add(event())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kind(inbox, function).drain() == (0, 0, 1, 0, 0)
    assert done == []
    [row] = inbox.letters("waiting")
    assert "which nobody awaits or runs through: nothing of it was done" in str(row.error)
    assert "the handler returned a" in caplog.text


def test_a_future_is_no_result_either() -> None:
    """What a thread pool of asyncio gives is awaited by nobody."""
    inbox = MemoryInbox()
    inbox.add(event())
    loop = asyncio.new_event_loop()
    try:
        assert Worker(inbox, lambda _: loop.create_future()).drain().failed == 1
    finally:
        loop.close()


def test_an_ordinary_result_is_none_of_our_business() -> None:
    """A handler may return what it likes: a row, a list, a task's handle."""
    inbox = MemoryInbox()
    for number, result in enumerate((None, 5, [1], {"a": 1}, object(), iter([1]), "text")):
        inbox.add(event(id=f"inv-{number}"))
        assert Worker(inbox, lambda _, result=result: result).drain().handled == 1


def test_a_hand_over_that_is_not_awaited_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The event is stored and acknowledged all the same, and the next drain finds it."""
    inbox = MemoryInbox()
    webhook = Webhook(inbox, TOKEN, enqueue=lambda *_: ship(None))
    body = b'{"id": "inv-1", "user_id": "usr", "status": "PAID", "amount": 1000}'
    assert webhook.answer("POST", {"x-callback-token": TOKEN}, body).status == 200
    assert "is stored but could not be handed over: ApiTypeError: enqueue returned a coroutine" in caplog.text
    assert inbox.tally().waiting == 1


def test_a_report_that_is_not_awaited_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """`on_failure` too must be done when it returns."""
    inbox = MemoryInbox(now=Clock())
    inbox.add(event())

    def fails(_: object) -> None:
        raise ValueError("no stock")

    assert Worker(inbox, fails, on_failure=lambda *_: ship(None)).drain().failed == 1
    assert "on_failure failed: ApiTypeError: on_failure returned a coroutine" in caplog.text


# ------------------------------------------------------------------------------------------ the shared transaction


def commits(connection: sa.Connection) -> None:
    """What users of SQLAlchemy 2 are taught to write."""
    connection.commit()


def commits_the_transaction(connection: sa.Connection) -> None:
    """The same in other words."""
    transaction = connection.get_transaction()
    assert transaction is not None
    transaction.commit()


def commits_and_goes_on(connection: sa.Connection) -> None:
    """What fails is ignored, and more is written."""
    with contextlib.suppress(Exception):
        connection.commit()
    connection.execute(sa.text("INSERT INTO shipped VALUES ('after')"))


def commits_and_fails(connection: sa.Connection) -> None:
    """What fails is reported as something else."""
    try:
        connection.commit()
    except Exception as error:
        raise ValueError("no stock") from error


def rolls_back(connection: sa.Connection) -> None:
    """As an answer to a duplicate, say."""
    connection.rollback()


ENDINGS = [commits, commits_the_transaction, commits_and_goes_on, commits_and_fails, rolls_back]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
@pytest.mark.parametrize("store", ["file", "sqlite", "postgresql", "mariadb"])
def test_a_handler_that_ends_the_transaction_is_found_out_at_once(
    store: str, ending: Callable[[Any], None], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The event is a dead letter after one attempt, and nothing of what the handler wrote is there."""
    if store == "file":
        inbox = SQLInbox(tmp_path / "inbox.db")
    else:
        url = f"sqlite:///{tmp_path / 'mine.db'}" if store == "sqlite" else request.getfixturevalue(store)
        inbox = SQLInbox(sa.create_engine(url)).create_table()
    with inbox.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    inbox.add(event())

    def handle(found: Any, connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})
        ending(connection)

    assert TransactionWorker(inbox, handle).drain() == (0, 0, 0, 1, 0)
    [letter] = inbox.letters()
    assert letter.attempts == 1
    assert "the handler ends the transaction itself" in str(letter.error)
    with inbox.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 0
    inbox.engine.dispose()


def test_savepoints_and_sessions_are_left_alone(tmp_path: Path) -> None:
    """A part that may fail, an ORM session that commits into the transaction, a roll-back before an error."""
    from sqlalchemy import orm

    inbox = SQLInbox(sa.create_engine(f"sqlite:///{tmp_path / 'mine.db'}")).create_table()
    with inbox.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50) PRIMARY KEY)"))
    for number in (1, 2):
        inbox.add(event(id=f"inv-{number}"))

    def handle(found: Any, connection: sa.Connection) -> None:
        insert = sa.text("INSERT INTO shipped VALUES (:id)")
        with connection.begin_nested():
            connection.execute(insert, {"id": found.external_id})
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(insert, {"id": found.external_id})
        with orm.Session(bind=connection) as session:
            session.execute(insert, {"id": f"{found.external_id}, again"})
            session.commit()
        if found.invoice_id == "inv-2":
            connection.rollback()
            raise ValueError("no stock")

    assert TransactionWorker(inbox, handle).drain() == (1, 0, 1, 0, 0)
    with inbox.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 2
    assert "no stock" in str(inbox.letters("waiting")[0].error)
    inbox.engine.dispose()


def test_a_result_undone_takes_its_writes_back(tmp_path: Path) -> None:
    """A handler that wrote something and then returned a coroutine has written nothing."""
    inbox = SQLInbox(tmp_path / "inbox.db")
    with inbox.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    inbox.add(event())

    def handle(found: Any, connection: sa.Connection) -> object:
        connection.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})
        return ship(found)

    assert TransactionWorker(inbox, handle).drain().failed == 1
    with inbox.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 0


def test_the_error_is_ours_to_catch() -> None:
    """The sentence comes as an ApiTypeError, which is a TypeError."""
    from xendit.webhook.functions import check_done

    with pytest.raises(TypeError) as raised:
        check_done("the handler", ship(None))
    assert isinstance(raised.value, ApiTypeError)
