"""Batches in one process: the pace, what is sent and what is not, how a run is stopped, and what slips say."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import os
import subprocess
import sys
import threading
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from clerk import requests as orders
from faults.server import FaultServer
from hypothesis import given, strategies as st

from xendit import (
    ApiClient,
    AsyncApiClient,
    AsyncInvoiceApi,
    Configuration,
    InvoiceApi,
    RetryPolicy,
    exceptions,
)
from xendit.bulk import Batch, Journal, Report, Result, create_many
from xendit.bulk.journal import Item, Turn
from xendit.bulk.pace import Pace
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException, JournalException
from xendit.operation import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server that fails as it is told."""
    with FaultServer() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> str:
    """sync or async."""
    name: str = request.param
    return name


def on(server: FaultServer, **settings: Any) -> Configuration:
    """The settings of a client of that server."""
    policy = RetryPolicy(retries=1, first_wait=0.01, longest_wait=0.02, lookups=2, resend_after=0.1)
    return Configuration(host=server.url, api_key="xnd_development_k", **{"retries": policy, "timeout": 2, **settings})


def api_of(server: FaultServer, **settings: Any) -> InvoiceApi:
    """A client of that server."""
    return InvoiceApi(ApiClient(on(server, **settings)))


def run(server: FaultServer, world: str, requests: Any, **options: Any) -> tuple[list[Result], Report]:
    """A batch from its start to its end, in either world."""
    if world == "sync":
        batch = create_many(api_of(server), requests, **options)
        return list(batch), batch.report()

    async def main() -> tuple[list[Result], Report]:
        async with AsyncApiClient(on(server)) as client:
            batch = create_many(AsyncInvoiceApi(client), requests, **options)
            return [each async for each in batch], batch.report()

    return asyncio.run(main())


def creates(server: FaultServer) -> int:
    """How many creates the server saw."""
    return [entry.operation for entry in server.journal].count("create")


# ------------------------------------------------------------------------------------------ what is sent


def test_each_item_gives_a_result(server: FaultServer, world: str) -> None:
    """Created, with the invoice; refused, with the error; unknown, with its outcome; each once."""
    server.script("status:code=400,err=API_VALIDATION_ERROR", "rst_after_request", default="ok")
    results, report = run(server, world, orders(12), concurrency=1)
    by_id = {each.external_id: each for each in results}
    assert len(results) == len(by_id) == 12
    assert by_id["order-0"].state == "failed"
    assert isinstance(by_id["order-0"].error, exceptions.BadRequestException)
    assert by_id["order-1"].state == "unknown"
    assert by_id["order-1"].error is not None
    assert by_id["order-1"].error.outcome == "unknown"
    created = by_id["order-2"]
    assert created.invoice is not None
    assert created.invoice_id == created.invoice.id == server.ledger.of("order-2")[0]["id"]
    assert (report.created, report.failed, report.unknown, report.pending) == (10, ("order-0",), ("order-1",), ())
    assert str(report) == "10 of 12 created, 1 failed (order-0), 1 unknown (order-1)"
    assert creates(server) == 12


def test_a_batch_has_a_length(server: FaultServer, tmp_path: Path) -> None:
    """The number of its items, before it runs, after, and when it is gone on with; also one without items is there."""
    with contextlib.closing(Journal(tmp_path / "items.db")) as journal:
        batch = create_many(api_of(server), orders(5), journal=journal)
        assert len(batch) == len(journal) == 5
        assert len(list(batch)) == 5
        assert len(create_many(api_of(server), [], journal=journal)) == 5
    with contextlib.closing(Journal(tmp_path / "nothing.db")) as nothing:
        assert len(nothing) == 0
        assert nothing


def test_so_many_are_under_way_at_a_time(server: FaultServer, world: str) -> None:
    """As `concurrency` says: eight at once take as long as one."""
    server.script(default="ok_slow:s=0.3")
    begun = time.monotonic()
    _, report = run(server, world, orders(8), concurrency=8)
    assert report.created == 8
    assert time.monotonic() - begun < 1.5
    assert server.connections <= 8


def test_a_lost_answer_is_looked_up_and_not_sent_again(server: FaultServer, world: str) -> None:
    """As by `create_invoice` itself."""
    server.script("rst_after_commit", default="ok")
    results, _ = run(server, world, orders(3), concurrency=1)
    assert [each.state for each in results] == ["created"] * 3
    assert creates(server) == 3


def test_too_many_requests_are_waited_for_and_sent_again(server: FaultServer, world: str) -> None:
    """A 429 says that nothing was done; the whole run holds until the server allows more."""
    server.script(*["status:code=429,retry_after=0.05"] * 4, default="ok")
    results, report = run(server, world, orders(5), concurrency=2)
    assert [each.state for each in results] == ["created"] * 5
    assert report.is_complete
    assert server.ledger.duplicates() == []


def test_what_was_never_sent_is_left_for_the_next_run(world: str, tmp_path: Path) -> None:
    """With nobody listening the items stay pending; with the same journal they are created later, and once."""
    with FaultServer() as gone:
        closed: Any = SimpleNamespace(url=gone.url)
    options: dict[str, Any] = {"journal": tmp_path / "batch.db", "concurrency": 2}
    results, report = run(closed, world, orders(2), **options)
    assert {each.state for each in results} == {"pending"}
    assert {each.error.outcome for each in results if each.error} == {"not_sent"}
    assert report.pending == ("order-0", "order-1")
    with FaultServer(port=int(closed.url.rpartition(":")[2])) as server:
        results, report = run(server, world, orders(2), **options)
        assert report.created == 2
        results, report = run(server, world, orders(3), **options)  # the two that are done, and one more
        assert [each.external_id for each in results] == ["order-2"]
        assert report.created == 3
        assert creates(server) == 3


def test_a_batch_on_the_sandbox_waits_for_no_limit(tmp_path: Path) -> None:
    """It is created at full speed, for the sandbox announces no limit that it does not enforce."""
    from xendit.sandbox import Sandbox

    with Sandbox() as sandbox:
        api = InvoiceApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
        begun = time.monotonic()
        batch = create_many(api, orders(150), journal=tmp_path / "batch.db")  # at 60 a minute it would be two minutes
        assert [result.state for result in batch] == ["created"] * 150
        assert time.monotonic() - begun < 30


def test_a_run_that_reaches_nobody_ends(world: str) -> None:
    """After ten tries in a row, whatever is left."""
    with FaultServer() as gone:
        closed: Any = SimpleNamespace(url=gone.url)
    results, report = run(closed, world, orders(500), concurrency=5)
    assert 0 < len(results) <= 20
    assert len(report.pending) == report.total == 500


def test_an_unknown_item_is_looked_up_by_the_next_run(server: FaultServer, tmp_path: Path, world: str) -> None:
    """And found when the invoice exists, or named again when it does not; it is not sent again."""
    journal = tmp_path / "batch.db"
    server.script("rst_after_commit", *["status:code=500"] * 2)
    _, report = run(server, world, orders(1), journal=journal)
    assert report.unknown == ("order-0",)
    results, report = run(server, world, orders(1), journal=journal)
    assert report.created == 1
    assert results[0].invoice_id == server.ledger.of("order-0")[0]["id"]
    server.script("rst_after_request")
    for _ in range(2):
        _, report = run(server, world, orders(2), journal=journal)
        assert report.unknown == ("order-1",)
    assert creates(server) == 2


def test_an_older_invoice_is_not_taken_for_the_lost_one(server: FaultServer, tmp_path: Path) -> None:
    """One with the same external_id from before the batch began is another."""
    server.add("order-0", 10_000, created="2020-01-01T00:00:00.000Z")
    server.script("rst_after_request", default="ok")
    for _ in range(2):
        _, report = run(server, "sync", orders(1), journal=tmp_path / "batch.db")
        assert report.unknown == ("order-0",)


def test_resend_creates_what_was_looked_for_in_vain(server: FaultServer, tmp_path: Path, world: str) -> None:
    """In the next run too, and only when it was asked for."""
    journal = tmp_path / "batch.db"
    server.script("rst_after_request")
    _, report = run(server, world, orders(1), journal=journal)
    assert report.unknown == ("order-0",)
    _, report = run(server, world, orders(1), journal=journal, on_unknown="resend")
    assert report.is_complete
    assert len(server.ledger) == 1


def test_a_view_creates_for_its_user(server: FaultServer) -> None:
    """With the fee rule and the split rule that are given."""
    api = api_of(server).for_user("sub-1")
    create_many_headers = {"for-user-id", "with-fee-rule", "with-split-rule"}
    assert len(list(create_many(api, orders(1), with_fee_rule="fee", with_split_rule="split"))) == 1
    assert create_many_headers <= set(server.journal[0].headers)


def test_numbers_go_out_as_they_were_given(server: FaultServer) -> None:
    """Through the journal: exact, in the body and in metadata."""
    order = {"external_id": "a", "amount": Decimal("10000.10"), "metadata": {"rate": 0.1, "deep": [1, None, True]}}
    list(create_many(api_of(server), [order]))
    body = server.journal[0].body.decode()
    assert '"amount":10000.1' in body.replace(" ", "")
    assert '"rate":0.1' in body.replace(" ", "")


# ------------------------------------------------------------------------------------------ stopped


@pytest.mark.parametrize(
    "closed",
    [
        pytest.param(
            False,
            marks=pytest.mark.skipif(
                sys.implementation.name != "cpython", reason="a break is noticed when garbage is collected"
            ),
        ),
        True,
    ],
)
def test_leaving_the_loop_stops_the_run(server: FaultServer, tmp_path: Path, closed: bool) -> None:
    """Nothing is begun any more, what is under way is waited for, and the rest is pending."""
    batch = create_many(api_of(server), orders(50), journal=tmp_path / "batch.db", concurrency=2)
    results = iter(batch)
    with contextlib.closing(results) if closed else contextlib.nullcontext():
        for number, _ in enumerate(results):
            if number == 4:
                break
    del results
    report = batch.report()
    assert report.sending == ()
    assert report.created == len(server.ledger) < 15
    assert report.created + len(report.pending) == 50
    assert not [each for each in threading.enumerate() if each.name.startswith("xendit-bulk")]
    with pytest.raises(ApiValueError, match="run already"):
        iter(batch)


def test_an_interrupt_says_what_was_done(server: FaultServer) -> None:
    """Ctrl-C while the loop waits: the note counts, and names."""
    import signal

    server.script("ok", "ok", default="ok_slow:s=0.5")
    batch = create_many(api_of(server), orders(10), concurrency=1)
    timer = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as raised:
        for _ in batch:
            pass
    timer.join()
    (note,) = raised.value.__notes__
    assert note.startswith("create_many was stopped: ")
    assert "of 10 created" in note
    assert "not done" in note
    assert batch.report().created == len(server.ledger)


def test_a_cancelled_batch_waits_for_what_is_under_way(server: FaultServer) -> None:
    """So that no outcome is unknown for want of patience."""
    server.script(default="ok_slow:s=0.2")

    async def main() -> Report:
        async with AsyncApiClient(on(server)) as client:
            batch = create_many(AsyncInvoiceApi(client), orders(20), concurrency=3)

            async def consume() -> None:
                async for _ in batch:
                    pass

            task = asyncio.ensure_future(consume())
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return batch.report()

    report = asyncio.run(main())
    assert (report.unknown, report.sending) == ((), ())
    assert 0 < report.created == len(server.ledger) < 20


def test_after_a_break_an_asynchronous_batch_is_stopped_by_hand(server: FaultServer) -> None:
    """`stop` waits for what is under way."""

    async def main() -> Report:
        async with AsyncApiClient(on(server)) as client:
            batch = create_many(AsyncInvoiceApi(client), orders(40), concurrency=2)
            async for _ in batch:
                break
            await batch.stop()
            return batch.report()

    report = asyncio.run(main())
    assert report.sending == ()
    assert report.created == len(server.ledger) < 40


def test_an_error_that_is_no_call_failure_ends_the_run(server: FaultServer, world: str) -> None:
    """A key function that fails is raised to whoever iterates, with the note."""

    def key() -> str:
        if creates(server) >= 3:
            raise RuntimeError("the vault is closed")
        return "xnd_development_k"

    configuration = Configuration(host=server.url, api_key=key)

    async def main() -> None:
        async with AsyncApiClient(configuration) as client:
            async for _ in create_many(AsyncInvoiceApi(client), orders(9), concurrency=1):
                pass

    with pytest.raises(RuntimeError, match="vault") as raised:
        if world == "async":
            asyncio.run(main())
        else:
            list(create_many(InvoiceApi(ApiClient(configuration)), orders(9), concurrency=1))
    assert "3 of 9 created" in getattr(raised.value, "__notes__", [""])[-1]


# ------------------------------------------------------------------------------------------ slips


@pytest.mark.parametrize(
    ("requests", "options", "said"),
    [
        ([{"external_id": "a", "amount": 1}, {"external_id": "b"}], {}, r"requests\[1\]: .*amount"),
        ([{"external_id": "a", "amount": 1}] * 2, {}, r"requests\[1\]: external_id 'a' came before"),
        (["order-1"], {}, r"requests\[0\]"),
        ([], {"concurrency": 0}, "concurrency"),
        ([], {"concurrency": True}, "concurrency"),
        ([], {"rate_limit": 0}, "rate_limit"),
        ([], {"rate_limit": "60"}, "rate_limit"),
        ([], {"on_unknown": "lookip"}, "lookup"),
        ([], {"key_rotated": "no"}, "key_rotated: a str was given"),
        ([{"external_id": "a", "amount": 1}], {"with_fee_rule": 7}, "with_fee_rule"),
    ],
    ids=str,
)
def test_a_slip_is_named_before_anything_is_sent(
    server: FaultServer, requests: Any, options: Any, said: str, tmp_path: Path
) -> None:
    """All requests are checked first, and nothing is put into the journal."""
    journal = tmp_path / "batch.db"
    with pytest.raises((ApiTypeError, ApiValueError), match=said):
        create_many(api_of(server), requests, journal=journal, **options)
    assert not journal.exists()
    assert server.journal == []


@pytest.mark.parametrize("named", [False, True])
def test_the_journal_of_a_batch_is_closed_with_it(server: FaultServer, tmp_path: Path, named: bool) -> None:
    """Nobody else can close a journal that `create_many` made, in memory or of a path."""
    import sqlite3

    batch = create_many(api_of(server), orders(2), journal=tmp_path / "batch.db" if named else None)
    assert len(list(batch)) == 2
    store: Any = batch.journal._store
    connection = store._connection
    assert connection.execute("SELECT count(*) FROM xendit_bulk").fetchall() == [(2,)]
    del batch, store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_changed_request_is_refused(server: FaultServer, tmp_path: Path) -> None:
    """The journal knows the batch by its requests: another amount, or another fee rule, is another batch."""
    journal = tmp_path / "batch.db"
    api = api_of(server)
    list(create_many(api, orders(2), journal=journal))
    changed = [{"external_id": "order-1", "amount": 5}]
    with pytest.raises(ApiValueError, match="'order-1' with another request"):
        create_many(api, changed, journal=journal)
    with pytest.raises(ApiValueError, match="'order-0' with another request"):
        create_many(api, orders(2), journal=journal, with_fee_rule="fee")
    assert len(list(create_many(api, changed, journal=Journal(journal, "april")))) == 1


def test_what_is_no_api_or_no_journal_is_refused(server: FaultServer, tmp_path: Path) -> None:
    """With what is needed instead; a password in a URL is not repeated."""
    client: Any = ApiClient(on(server))
    with pytest.raises(ApiTypeError, match="one of InvoiceApi, AsyncInvoiceApi"):
        create_many(client, [])
    (tmp_path / "text.db").write_text("this is no database, but a text of some length\n" * 50)
    wrong: Any
    for wrong in (
        7,
        tmp_path / "text.db",
        tmp_path / "missing" / "x.db",
        "post gres://u:hunter2@h",
        "oracle://u:hunter2@h/d",
    ):
        with pytest.raises((ConfigurationException, ImportError)) as raised:
            create_many(api_of(server), [], journal=wrong)
        assert "hunter2" not in str(raised.value)
    with pytest.raises(ConfigurationException, match="name"):
        Journal(tmp_path / "a.db", "")


def test_a_journal_is_for_its_owner_alone(server: FaultServer, tmp_path: Path) -> None:
    """The file is private, its request goes when the invoice is made, and a repr shows no password."""
    path = tmp_path / "batch.db"
    order = {"external_id": "a", "amount": 10000, "payer_email": "someone@example.com"}
    journal = Journal(path)
    list(create_many(api_of(server), [order], journal=journal))
    assert path.stat().st_mode & 0o077 == 0
    assert journal._store.transact(lambda execute: execute("SELECT body FROM xendit_bulk")) == [(None,)]
    assert "batch.db" in repr(journal)
    journal.close()
    shown = repr(Journal(f"sqlite:///{path}", "april"))
    assert "april" in shown


FORKED = """
import ctypes, os, sys
from xendit.bulk import Journal
from xendit.bulk.journal import Item

journal = Journal(sys.argv[1])
journal.add([Item("first", "{}", "0" * 64)])
fork = ctypes.PyDLL(None).fork  # as uWSGI does: nothing of os.register_at_fork runs

def work(name):
    for number in range(20):
        journal.add([Item(f"{name}-{number}", "{}", "0" * 64)])
        assert any(each.external_id == f"{name}-{number}" for each in journal.results()), name

children = []
for number in range(3):
    pid = fork()
    if pid == 0:
        status = 1
        try:
            work(f"child-{number}")
            status = 0
        finally:
            os._exit(status)
    children.append(pid)
work("parent")
print([os.waitpid(pid, 0)[1] for pid in children], sum(1 for _ in journal.results()))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)
@pytest.mark.skipif(sys.implementation.name != "cpython", reason="it forks by ctypes.PyDLL, which PyPy lacks")
def test_a_journal_made_before_a_fork_is_used_by_each_process_alone(database: str) -> None:
    """Children and the parent write at once, each over a connection of its own: every row is there."""
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, database], capture_output=True, text=True, check=False, timeout=120
    )
    assert (ran.returncode, ran.stdout) == (0, "[0, 0, 0] 81\n"), ran.stderr


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_what_the_database_undoes_is_done_again(database: str) -> None:
    """A real deadlock of two runs ends with both done; any other error is the database's, without what was written."""
    import sqlalchemy

    first, second = Journal(database), Journal(database)
    first.add([Item("a", "{}", "0" * 64), Item("b", "{}", "0" * 64)])
    rows: Any = first._store.transact(lambda execute: execute("SELECT external_id, item FROM xendit_bulk"))
    keys = {str(external_id): str(item) for external_id, item in rows}
    met = threading.Barrier(2)
    tries: list[str] = []

    def cross(journal: Journal, one: str, other: str) -> None:
        def work(execute: Any) -> None:
            is_first = one not in tries
            tries.append(one)
            # By the whole key: without it newer releases of MariaDB hold every row that they have looked at.
            touch = "UPDATE xendit_bulk SET message = :said WHERE batch = :batch AND item = :item"
            execute(touch, said=one, batch=journal.batch, item=keys[one])
            if is_first:
                met.wait(30)  # both hold one, so that the next statement of each waits for the other
            execute(touch, said=one, batch=journal.batch, item=keys[other])

        journal._store.transact(work)

    threads = [
        threading.Thread(target=cross, args=(first, "a", "b")),
        threading.Thread(target=cross, args=(second, "b", "a")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) > 2
    assert len({each.message for each in first.results()}) == 1  # the later one of the two
    with pytest.raises(JournalException, match="cannot be used") as raised:
        first._store.transact(lambda execute: execute("SELECT nonsense :said FROM nowhere", said="ayu@example.com"))
    assert isinstance(raised.value.__cause__, sqlalchemy.exc.DBAPIError)
    assert "ayu@" not in f"{raised.value} {raised.value.__cause__}"
    first.close()
    second.close()


def test_an_empty_batch_is_done_at_once(server: FaultServer, world: str) -> None:
    """No result, no request."""
    results, report = run(server, world, [])
    assert (results, report.total, report.is_complete, server.journal) == ([], 0, True, [])


# ------------------------------------------------------------------------------------------ the journal


def test_a_claim_is_one_run_s_alone_until_its_lease_ends(tmp_path: Path) -> None:
    """Another run is told how long to wait; then it takes over what may have been sent."""
    first, second = Journal(tmp_path / "b.db"), Journal(tmp_path / "b.db")
    first.add([Item("a", '{"external_id":"a"}', "0" * 64)])
    begun = first.begin()
    mine = first.claim("1" * 32, begun, 0.3)
    assert isinstance(mine, Turn)
    assert mine.fresh
    wait = second.claim("2" * 32, begun, 5)
    assert isinstance(wait, float)
    assert 0 < wait <= 0.3
    assert first.claim("1" * 32, begun, 5) is None
    assert not second.is_done("2" * 32, begun)
    threading.Event().wait(0.35)
    taken = second.claim("2" * 32, begun, 5)
    assert isinstance(taken, Turn)
    assert not taken.fresh
    assert taken.begun == pytest.approx(mine.begun)
    assert not first.renew(mine.key, "1" * 32, 5)
    first.settle(mine.key, "1" * 32, Result("a", "failed"))  # too late: it is another's
    assert second.results()[0].state == "sending"
    first.settle(mine.key, "1" * 32, Result("a", "created", "id"))  # but what was made was made
    second.settle(mine.key, "2" * 32, Result("a", "unknown"))
    assert second.results()[0].state == "created"
    assert second.is_done("2" * 32, begun)
    first.close()
    second.close()


# ------------------------------------------------------------------------------------------ the pace


@given(
    st.integers(1, 20),
    st.floats(0.1, 60),
    st.integers(1, 10),
    st.lists(st.sampled_from(["send", "answer", "tick"]), max_size=200),
)
def test_no_more_is_sent_than_the_server_allows(limit: int, window: float, workers: int, moves: list[str]) -> None:
    """Of a server that counts as Xendit does, a run asks at most as much as it had under way before the first answer."""
    pace = Pace()
    now = 0.0
    sent: list[float] = []
    flying: list[float] = []
    refused = 0
    for move in moves:
        if move == "tick":
            now += window / 7
        elif move == "send" and len(flying) < workers and not pace.delay(now):
            if len([each for each in sent if each > now - window]) >= limit:
                refused += 1
            sent.append(now)
            flying.append(now)
        elif move == "answer" and flying:
            flying.pop(0)
            inside = [each for each in sent if each > now - window]
            reset = (inside[-1] + window - now) if inside else 0.0
            pace.ended(RateLimit(limit, max(0, limit - len(inside)), reset), now)
    assert refused <= workers


@given(st.floats(1, 6000), st.lists(st.floats(0, 3), max_size=60))
def test_a_limit_of_ones_own_is_held(per_minute: float, pauses: list[float]) -> None:
    """Two requests are never closer than the limit says."""
    pace, now = Pace(per_minute), 0.0
    sent = []
    for pause in pauses:
        now += pause
        wait = pace.delay(now)
        if wait:
            now += wait + 1e-9
            wait = pace.delay(now)
        assert wait == pytest.approx(0.0, abs=1e-6)
        sent.append(now)
    gaps = [later - sooner for sooner, later in itertools.pairwise(sent)]
    assert all(gap >= 60 / per_minute - 1e-6 for gap in gaps)


def test_a_refusal_holds_everyone() -> None:
    """Until the seconds are over."""
    pace = Pace()
    assert pace.delay(0.0) == 0.0
    pace.hold(5.0, 1.0)
    assert pace.delay(2.0) == pytest.approx(4.0)
    assert pace.delay(6.0) == 0.0


def test_a_batch_is_iterated_as_its_api_is() -> None:
    """A Batch has no `async for`, so that a mistake is found by a checker, and by Python."""
    assert not hasattr(Batch, "__aiter__")


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("level", ["AUTOCOMMIT", None])
def test_a_journal_takes_an_engine(database: str, level: Any, engine_of: Any) -> None:
    """Also one whose connections commit by themselves: the journal's own transactions do not; the engine is left open."""
    engine = engine_of(database, **({} if level is None else {"isolation_level": level}))
    item = Item("order-1", "{}", "d" * 64)
    journal = Journal(engine, "march")
    journal.add([item])
    with pytest.raises(ApiValueError):
        journal.add([Item("order-2", "{}", "d" * 64), Item("order-1", "{}", "e" * 64)])
    assert [each.external_id for each in journal.results()] == ["order-1"]  # and not order-2
    journal.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM xendit_bulk").scalar() == 1
    assert [each.external_id for each in Journal(engine, "march").results()] == ["order-1"]


@pytest.mark.parametrize(("setting", "used"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
def test_a_journal_waits_for_the_disk(setting: str, used: str, postgresql: str, engine_of: Any) -> None:
    """Whatever the session says, in each of its transactions on PostgreSQL: what it has sent is never sent again."""
    import sqlalchemy

    engine = engine_of(postgresql, connect_args={"options": f"-c synchronous_commit={setting}"})
    seen: list[Any] = []

    @sqlalchemy.event.listens_for(engine, "commit")
    def note(connection: Any) -> None:
        seen.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar())

    journal = Journal(engine, "march")
    journal.add([Item("order-1", "{}", "d" * 64)])
    assert len(list(journal.results())) == 1
    journal.close()
    assert seen
    assert set(seen) == {used}


def test_an_engine_that_a_journal_cannot_use_is_refused(engine_of: Any) -> None:
    """One in memory, and an asynchronous one."""
    with pytest.raises(ConfigurationException, match="in memory"):
        Journal(engine_of("sqlite://"))
    with pytest.raises(ConfigurationException, match="a path, a URL or an Engine is needed"):
        Journal(17)  # type: ignore[arg-type]
