"""What the inbox says it holds, it holds: on engines that commit by themselves, databases that do not wait, after a fork."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from inbox_contract import event

from xendit.database import weaknesses_of
from xendit.exceptions import ConfigurationException
from xendit.webhook import Added, MemoryInbox, SQLInbox, TransactionWorker, Webhook
from xendit.webhook.connections import holds_greenlets

TOKEN = "a-token-of-the-test"
BODY = b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000}'
BY_ITSELF = "commit each statement by themselves"


@pytest.fixture
def urls(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """The address of a database by the name of its kind."""
    return lambda kind: f"sqlite:///{tmp_path / 'x.db'}" if kind == "sqlite" else request.getfixturevalue(kind)


# ------------------------------------------------------------------------------------------ engines


ALONE: list[tuple[str, dict[str, Any]]] = [
    *((kind, {"isolation_level": "AUTOCOMMIT"}) for kind in ("sqlite", "postgresql", "mariadb")),
    *((kind, {"execution_options": {"isolation_level": "AUTOCOMMIT"}}) for kind in ("sqlite", "postgresql", "mariadb")),
    *((kind, {"connect_args": {"autocommit": True}}) for kind in ("postgresql", "mariadb")),
    ("sqlite", {"connect_args": {"isolation_level": None}}),
]
if sys.version_info >= (3, 12):
    ALONE.append(("sqlite", {"connect_args": {"autocommit": True}}))


@pytest.mark.parametrize(("kind", "options"), ALONE, ids=str)
def test_an_engine_that_commits_by_itself_is_refused(
    kind: str, options: dict[str, Any], urls: Any, engine_of: Any
) -> None:
    """By create_table, and by every use where the table was there before; an endpoint answers 503."""
    with pytest.raises(ConfigurationException, match=BY_ITSELF):
        SQLInbox(engine_of(urls(kind), **options)).create_table()
    inbox = SQLInbox(engine_of(urls(kind), **options))  # which the line above has made the table for
    for use in (lambda: inbox.add(event()), inbox.claim, inbox.tally):
        with pytest.raises(ConfigurationException, match=BY_ITSELF):
            use()
    assert Webhook(inbox, TOKEN).answer("POST", {"x-callback-token": TOKEN}, BODY).status == 503
    assert SQLInbox(engine_of(urls(kind))).tally().waiting == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_what_the_refusal_names_works(kind: str, urls: Any, engine_of: Any) -> None:
    """The same engine with a level for the inbox: what a handler that fails has written is not there."""
    level = "SERIALIZABLE" if kind == "sqlite" else "READ COMMITTED"
    engine = engine_of(urls(kind), isolation_level="AUTOCOMMIT").execution_options(isolation_level=level)
    inbox = SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    inbox.add(event())

    def handle(found: Any, connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})
        raise ConnectionError("the next step failed")

    assert TransactionWorker(inbox, handle).drain().failed == 1
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 0


def test_the_recipe_for_savepoints_in_sqlite_is_no_such_engine(urls: Any, engine_of: Any) -> None:
    """SQLAlchemy's documented recipe takes the driver's transactions off, and begins each by itself."""
    engine = engine_of(urls("sqlite"))

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    assert SQLInbox(engine).create_table().add(event()).is_new


# ------------------------------------------------------------------------------------------ the disk


@pytest.mark.parametrize(
    ("setting", "used"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
def test_postgresql_commits_when_it_is_on_the_disk(setting: str, used: str, postgresql: str, engine_of: Any) -> None:
    """Whatever the session says, in every transaction of the inbox; the session's own are left as they were."""
    engine = engine_of(postgresql, connect_args={"options": f"-c synchronous_commit={setting}"})
    inbox = SQLInbox(engine).create_table()
    seen: list[Any] = []

    @sa.event.listens_for(engine, "commit")
    def note(connection: sa.Connection) -> None:
        seen.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar())

    inbox.add(event())
    TransactionWorker(inbox, lambda *_: None).drain()
    inbox.tally()
    assert len(seen) >= 4
    assert set(seen) == {used}
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == setting


@pytest.mark.parametrize(
    ("dialect", "values", "said"),
    [
        ("postgresql", ("on", "on", "", 0), []),
        ("postgresql", ("on", "on", "standby", 1), []),
        ("postgresql", ("on", "on", "", 2), ["standbys are asynchronous"]),
        ("postgresql", ("off", "on", "", 0), ["fsync or full_page_writes is off"]),
        ("postgresql", ("on", "off", "", 1), ["fsync or full_page_writes is off", "standbys are asynchronous"]),
        ("mysql", (1,), []),
        ("mysql", (2,), ["innodb_flush_log_at_trx_commit is 2"]),
        ("mariadb", (0,), ["innodb_flush_log_at_trx_commit is 0"]),
        ("sqlite", (2,), []),
        ("sqlite", (3,), []),
        ("sqlite", (1,), ["PRAGMA synchronous is below FULL"]),
    ],
)
def test_settings_that_lose_what_was_acknowledged_are_known(
    dialect: str, values: tuple[Any, ...], said: list[str]
) -> None:
    """Those that no transaction can change: a sentence for each."""
    found = weaknesses_of(dialect, values)
    assert len(found) == len(said)
    for sentence, words in zip(found, said, strict=True):
        assert words in sentence


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_such_a_setting_is_told_once(
    kind: str, urls: Any, engine_of: Any, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    """A line in the log at the first use, on databases that were set so."""
    engine = engine_of(urls(kind))
    if kind == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
    elif kind == "mariadb":
        with engine.connect() as connection:
            before = connection.scalar(sa.text("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit"))
            connection.execute(sa.text("SET GLOBAL innodb_flush_log_at_trx_commit = 2"))
        reset = sa.text(f"SET GLOBAL innodb_flush_log_at_trx_commit = {before}")
        request.addfinalizer(lambda: engine.connect().execute(reset))
    inbox = SQLInbox(engine).create_table()
    for _ in range(3):
        inbox.tally()
    words = "the inbox's database may lose what it has acknowledged"
    assert caplog.text.count(words) == 1


# ------------------------------------------------------------------------------------------ what is undone


def test_what_the_database_undoes_costs_no_attempt(postgresql: str, engine_of: Any) -> None:
    """Under SERIALIZABLE two handlers that read what the other writes are put in order: one is done again, at once."""
    engine = engine_of(postgresql, isolation_level="SERIALIZABLE")
    inbox = SQLInbox(engine).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    for number in range(2):
        inbox.add(event(id=f"inv-{number}"))
    met = threading.Barrier(2)
    calls: list[str] = []

    def handle(found: Any, connection: sa.Connection) -> None:
        calls.append(found.invoice_id)
        connection.execute(sa.text("SELECT count(*) FROM shipped"))
        with contextlib.suppress(threading.BrokenBarrierError):
            met.wait(2)  # both have read, the first time
        connection.execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.external_id})

    worker = TransactionWorker(inbox, handle, attempts=1)
    threads = [threading.Thread(target=worker.drain, args=(1,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 3
    assert inbox.tally(done=True)[:4] == (0, 0, 2, 0)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 2


@pytest.mark.parametrize("number", [1205, 1213])
def test_an_error_of_ones_own_is_not_taken_for_it(number: int) -> None:
    """A KeyError of an order whose key is the number of a deadlock is a failure, after one call."""
    inbox = MemoryInbox()
    inbox.add(event())
    calls: list[object] = []

    def handle(found: object, _: object) -> None:
        calls.append(found)
        raise KeyError(number)

    assert TransactionWorker(inbox, handle).drain().failed == 1
    assert len(calls) == 1


# ------------------------------------------------------------------------------------------ forks


FORKED = """
import os, sys
sys.path.insert(0, {tests!r})
import sqlalchemy as sa
from inbox_contract import event
from xendit.webhook import SQLInbox, TransactionWorker

patience = {{"connect_args": {{"timeout": 60}}}} if {url!r}.startswith("sqlite") else {{}}
engine = sa.create_engine({url!r}, pool_size=1, max_overflow=0, **patience)
inbox = SQLInbox(engine).create_table()
with engine.begin() as connection:
    connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50) PRIMARY KEY)"))
    own = connection.connection.dbapi_connection

def work(name):
    for number in range(20):
        assert inbox.add(event(id=f"{{name}}-{{number}}"), timeout=10).is_new
    insert = sa.text("INSERT INTO shipped VALUES (:id)")
    worker = TransactionWorker(inbox, lambda found, each: each.execute(insert, {{"id": found.external_id}}) and None)
    assert worker.drain().failed == 0

def forked(name):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work(name)
            with engine.connect() as connection:
                assert connection.connection.dbapi_connection is not own
            if name == "child-0":
                os.waitpid(forked("grandchild"), 0)
            status = 0
        finally:
            os._exit(status)
    return pid

children = [forked(f"child-{{number}}") for number in range(3)]
work("parent")
print([os.waitpid(pid, 0)[1] for pid in children])
with engine.connect() as connection:
    print(connection.connection.dbapi_connection is own, connection.scalar(sa.text("SELECT count(*) FROM shipped")))
print(tuple(inbox.tally(done=True))[:4])
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_an_engine_made_before_a_fork_is_used_by_each_process_alone(kind: str, urls: Any) -> None:
    """gunicorn --preload, uWSGI: children, a grandchild and the parent add and work at once; all is stored and done once."""
    program = FORKED.format(tests=str(Path(__file__).parent), url=urls(kind))
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["[0, 0, 0]", "True 100", "(0, 0, 100, 0)"]


# ------------------------------------------------------------------------------------------ threads


def test_a_thread_that_cannot_start_gives_its_slot_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that is short of threads for a while: 503, and afterwards everything as before."""

    class Store:
        def add(self, found: Any, timeout: float) -> Added:
            return Added(found.dedupe_key, True, "waiting")

    webhook = Webhook(Store(), TOKEN)  # type: ignore[arg-type]
    headers = {"x-callback-token": TOKEN}

    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        assert {webhook.answer("POST", headers, BODY).status for _ in range(70)} == {503}
    assert webhook.answer("POST", headers, BODY).status == 200


# ------------------------------------------------------------------------------------------ greenlets


@pytest.mark.parametrize(
    ("driver", "is_patched", "callback", "held"),
    [
        ("psycopg2", True, None, True),
        ("psycopg2", True, print, False),
        ("psycopg2", False, None, False),
        ("psycopg", True, None, False),
    ],
)
def test_a_driver_that_holds_up_all_greenlets_is_known(
    driver: str, is_patched: bool, callback: object, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg2 where gevent has patched sockets, unless psycogreen has it wait with gevent."""
    monkeypatch.setitem(sys.modules, "gevent.monkey", SimpleNamespace(is_module_patched=lambda _: is_patched))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "psycopg2.extensions", SimpleNamespace(get_wait_callback=lambda: callback))  # type: ignore[arg-type]
    assert holds_greenlets(driver) == held
