"""Every inbox keeps every promise of inbox_contract.py; and what is SQLAlchemy's own."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import PROMISES, WORKER_PROMISES, Clock, event

from xendit.exceptions import ConfigurationException
from xendit.webhook import MemoryInbox, SQLInbox, TransactionWorker
from xendit.webhook.sql import inbox_table

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("promise", [*PROMISES, *WORKER_PROMISES], ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("store", ["memory", "file", "sqlite engine", "postgresql", "mariadb"])
def test_a_store_keeps_its_promise(
    store: str,
    promise: Callable[..., None],
    tmp_path: Path,
    engine_of: Callable[..., sa.Engine],
    request: pytest.FixtureRequest,
) -> None:
    """Each promise on each store."""
    clock = Clock()
    if store == "memory":
        promise(MemoryInbox(now=clock), clock)
    elif store == "file":
        promise(SQLInbox(tmp_path / "inbox.db", now=clock), clock)
    else:
        url = f"sqlite:///{tmp_path / 'mine.db'}" if "sqlite" in store else request.getfixturevalue(store)
        promise(SQLInbox(engine_of(url), now=clock).create_table(), clock)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_django_keeps_every_promise(database: str) -> None:
    """The same promises on Django's connection, in a process of its own."""
    program = Path(__file__).with_name("django_inbox.py")
    command = [sys.executable, "-W", "error", str(program), database]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("kept ") == len(PROMISES) + len(WORKER_PROMISES)


def test_two_claims_at_once_never_get_the_same(postgresql: str, engine_of: Callable[..., sa.Engine]) -> None:
    """Twenty threads on a real PostgreSQL share forty events without a clash."""
    engine = engine_of(postgresql, pool_size=20)
    inbox = SQLInbox(engine).create_table()
    for number in range(40):
        inbox.add(event(id=f"inv-{number}"))
    taken: list[str] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while (claim := inbox.claim()) is not None:
                taken.append(claim.key)
        except Exception as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (claim := inbox.claim()) is not None:  # a thread may leave early when all it looks at is being taken
        taken.append(claim.key)
    assert errors == []
    assert sorted(taken) == sorted(f"usr/inv-{number}/paid" for number in range(40))


def test_a_duplicate_does_not_wait_for_the_handler(postgresql: str, engine_of: Callable[..., sa.Engine]) -> None:
    """While a transaction holds an event, its duplicate is answered at once: an answer must come in time."""
    engine = engine_of(postgresql)
    inbox = SQLInbox(engine).create_table()
    inbox.add(event())
    claim = inbox.claim()
    assert claim is not None
    with inbox.transaction(claim):
        assert inbox.add(event(), timeout=2.0) == (claim.key, False, "working")


def test_a_held_row_is_given_up_in_time(postgresql: str, engine_of: Callable[..., sa.Engine]) -> None:
    """PostgreSQL itself ends an `add` that waits for a lock longer than it may."""
    engine = engine_of(postgresql)
    inbox = SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("LOCK TABLE xendit_inbox IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(sa.exc.OperationalError, match="timeout"):
            inbox.add(event(), timeout=0.2)
    assert inbox.add(event()).is_new


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_stricter_engine_works_too(postgresql: str, level: Any, engine_of: Callable[..., sa.Engine]) -> None:
    """The inbox's own transactions do not fail under the isolation level that a shop chose."""
    engine = engine_of(postgresql, isolation_level=level)
    inbox = SQLInbox(engine).create_table()
    for number in range(5):
        inbox.add(event(id=f"inv-{number}"))
    seen: list[Any] = []
    worker = TransactionWorker(inbox, lambda _, connection: seen.append(connection.get_isolation_level()))
    assert worker.drain().handled == 5
    assert seen == [level] * 5


def test_an_orm_session_joins_the_transaction(tmp_path: Path) -> None:
    """What a Session writes over the handler's connection commits with `done`, and not without it."""
    from sqlalchemy import orm

    class Base(orm.DeclarativeBase):
        pass

    class Order(Base):
        __tablename__ = "orders"
        id = orm.mapped_column(sa.String, primary_key=True)

    inbox = SQLInbox(tmp_path / "shop.db")
    Base.metadata.create_all(inbox.engine)
    inbox.add(event())
    fails = True

    def handle(event: Any, connection: sa.Connection) -> None:
        with orm.Session(bind=connection) as session:
            session.add(Order(id=event.external_id))
            session.flush()
            if fails:
                raise ValueError("no stock")

    def orders() -> int:
        with inbox.engine.connect() as connection:
            return int(connection.scalar(sa.text("SELECT count(*) FROM orders")) or 0)

    worker = TransactionWorker(inbox, handle, first_wait=0.001)
    assert worker.drain(limit=1).failed == 1
    assert orders() == 0
    fails = False
    assert worker.process("usr/inv-1/paid") == "handled"
    assert orders() == 1


def test_a_table_may_have_another_name(tmp_path: Path, engine_of: Callable[..., sa.Engine]) -> None:
    """The table goes into the shop's own metadata, for Alembic."""
    metadata = sa.MetaData()
    assert inbox_table(metadata, "webhooks").name in metadata.tables
    engine = engine_of(f"sqlite:///{tmp_path / 'x.db'}")
    metadata.create_all(engine)
    assert SQLInbox(engine, table="webhooks").add(event()).is_new


@pytest.mark.parametrize("engine", ["sqlite:///x.db", "", ":memory:", None, 5])
def test_what_is_no_engine_is_refused(engine: Any) -> None:
    """A typo is told at construction, with what to write instead."""
    with pytest.raises(ConfigurationException, match="SQLInbox takes a"):
        SQLInbox(engine)


def test_the_inner_engine_of_an_asynchronous_one_is_refused() -> None:
    """At construction, and not with MissingGreenlet at the first webhook."""
    engine = sa.create_engine("sqlite://")
    engine.dialect.is_async = True
    with pytest.raises(ConfigurationException, match="the inner engine of an asynchronous one"):
        SQLInbox(engine)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_is_for_its_owner_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A new one, with the files that SQLite keeps beside it; one that others may read is told of, and left as it is."""
    path = tmp_path / "inbox.db"
    inbox = SQLInbox(path)
    with inbox.engine.connect() as connection:
        inbox.add(event())
        assert connection.scalar(sa.text("SELECT count(*) FROM xendit_inbox")) == 1
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("inbox.db", "inbox.db-wal", "inbox.db-shm"), 0o600)
    assert "personal data" not in caplog.text
    path.chmod(0o644)
    SQLInbox(path)
    assert "holds personal data, and others than its owner may use it (mode 644): chmod 600" in caplog.text
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_is_told(tmp_path: Path) -> None:
    """In one sentence, with the path."""
    with pytest.raises(ConfigurationException, match="nowhere/inbox.db' cannot be used: No such file or directory"):
        SQLInbox(tmp_path / "nowhere" / "inbox.db")


def test_a_clock_that_was_set_back_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """In one line, with how many events it concerned."""
    clock = Clock()
    inbox = MemoryInbox(now=clock)
    clock.time += 7 * 3600
    inbox.add(event())
    clock.time -= 7 * 3600
    assert inbox.claim() is not None
    assert inbox.tally().working == 1
    assert caplog.text.count("was ahead and was set back: 1 events no longer wait for it") == 1


def test_a_password_is_not_shown() -> None:
    """The repr of an inbox names its database without the password."""
    engine = sa.create_engine("postgresql+psycopg://shop:geheim@db.example/shop")
    assert "geheim" not in repr(SQLInbox(engine))
    assert "db.example" in repr(SQLInbox(engine))


def test_without_sqlalchemy_one_line_says_what_to_install() -> None:
    """The import fails with the name of the extra; everything else of the package works without it."""
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from xendit.webhook import MemoryInbox, Webhook, Worker\n"
        "try:\n    from xendit.webhook import SQLInbox\n"
        "except ImportError as error:\n    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == 'the SQL inbox needs SQLAlchemy: pip install "xendit-sdk[inbox]"\n'
