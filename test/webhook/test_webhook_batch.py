"""A worker with a `batch`: several events in one commit, and what holds for each of them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import Clock, event

from xendit.source import Source
from xendit.webhook import LeaseLost, MemoryInbox, SQLInbox, TransactionWorker, Worker, procedures, read_event
from xendit.webhook.batch import settle_together

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = (Worker, TransactionWorker)
REPORT = b'{"event":"report.ready","business_id":"b","created":"c","data":{"id":"RPT-1"}}'


class Shop:
    """An inbox with five events and a clock, beside a table of what its handlers wrote."""

    def __init__(self, inbox: Any, clock: Clock) -> None:
        self.inbox = inbox
        self.clock = clock
        self.called: list[str] = []
        for number in range(5):
            inbox.add(event(id=f"inv-{number}"))
            clock.time += 1

    def rows(self) -> dict[str, Any]:
        """The rows by the invoice's id."""
        states = ("waiting", "working", "done", "dead")
        return {row.key.split("/")[1]: row for state in states for row in self.inbox.letters(state)}

    def handle(self, found: Any, *shared: Any) -> None:
        """Note the call; and write what was shipped over a connection, where there is one."""
        self.called.append(found.invoice_id)
        if shared and shared[0] is not None:
            shared[0].execute(sa.text("INSERT INTO shipped VALUES (:id)"), {"id": found.invoice_id})

    def shipped(self) -> list[str]:
        """What was shipped, by committed transactions."""
        with self.inbox.engine.connect() as connection:
            return sorted(connection.scalars(sa.text("SELECT order_id FROM shipped")))

    def worker(self, kind: Any, handler: Any = None, **options: Any) -> Any:
        """A worker that claims five events at once."""
        worker = kind(self.inbox, handler or self.handle, **{"batch": 5, **options})
        worker._claimed_at_once = 5
        return worker


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, engine_of: Callable[..., sa.Engine], tmp_path: Any) -> Shop:
    """A shop on a database."""
    url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue(request.param)
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (order_id varchar(50))"))
    clock = Clock()
    return Shop(SQLInbox(engine, now=clock).create_table(), clock)


NAMES = [f"inv-{number}" for number in range(5)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_events_share_a_commit(kind: Any, database: str, engine_of: Callable[..., sa.Engine]) -> None:
    """Twenty of them: one commit for the end of all and for the next claim; each has its one attempt.

    Where the handlers share a transaction, the claim has a commit of its own.
    """
    engine = engine_of(database)
    inbox = SQLInbox(engine).create_table()
    for number in range(60):
        inbox.add(event(id=f"inv-{number}"))
    worker = kind(inbox, lambda *_: None, batch=20)
    assert worker.drain(20).handled == 20  # it begins with few and learns that handlers are quick
    assert worker._claimed_at_once > 1
    worker._claimed_at_once = 20
    commits: list[object] = []
    sa.event.listen(engine, "commit", commits.append)
    assert worker.drain(40).handled == 40
    assert len(commits) == (3 if kind is Worker else 4)
    assert worker._claimed_at_once == 20
    rows = inbox.letters("done")
    assert (len(rows), {row.attempts for row in rows}, {row.outcome for row in rows}) == (60, {1}, {"handled"})
    assert inbox.tally()[:2] == (0, 0)


def test_a_limit_holds_for_what_is_claimed_with_an_end(shop: Shop) -> None:
    """What `drain` may not work on any more is not claimed either."""
    worker = shop.worker(Worker, batch=2)
    worker._claimed_at_once = 2
    assert worker.drain(3).handled == 3
    assert shop.called == NAMES[:3]
    assert [shop.rows()[name].attempts for name in NAMES] == [1, 1, 1, 0, 0]
    assert shop.inbox.tally()[:2] == (2, 0)


def test_a_stop_after_a_claim_gives_back_all_but_one(shop: Shop) -> None:
    """The claim that came with the end of a batch is committed by then; the first of its events is under way."""
    worker = shop.worker(Worker, batch=2)
    worker._claimed_at_once = 2
    commits: list[object] = []

    def commit(connection: object) -> None:
        commits.append(connection)
        if len(commits) == 2:
            worker.stop()

    sa.event.listen(shop.inbox.engine, "commit", commit)
    assert worker.drain().handled == 3
    assert [shop.rows()[name].attempts for name in NAMES] == [1, 1, 1, 0, 0]
    assert shop.inbox.tally()[:2] == (2, 0)


def test_a_claim_that_fails_undoes_the_end_with_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are one transaction: no event is done of which the worker was told that it is not."""
    worker = shop.worker(Worker, batch=2)
    worker._claimed_at_once = 2
    claim = procedures.claim
    claims = iter((claim, refused))

    def next_claim(*given: Any, **named: Any) -> Any:
        return next(claims)(*given, **named)

    monkeypatch.setattr("xendit.webhook.procedures.claim", next_claim)
    with pytest.raises(RuntimeError, match="no claim"):
        worker.drain()
    assert shop.called == NAMES[:2]
    assert shop.inbox.tally(done=True)[:3] == (3, 2, 0)
    monkeypatch.setattr("xendit.webhook.procedures.claim", claim)
    shop.clock.time += 61
    assert shop.worker(Worker).drain().handled == 5
    assert {name: row.attempts for name, row in shop.rows().items()} == {
        **dict.fromkeys(NAMES[:2], 2),
        **dict.fromkeys(NAMES[2:], 1),
    }


def refused(*_: object, **__: object) -> Any:
    """A claim that fails before it has claimed anything."""
    raise RuntimeError("no claim")


def test_one_that_fails_takes_no_other_with_it(shop: Shop) -> None:
    """In one transaction: it is rolled back, and each is handled by itself; only what fails has no effect."""

    def handle(found: Any, connection: Any) -> None:
        shop.handle(found, connection)
        if found.invoice_id == "inv-2":
            raise ValueError("no stock")

    assert shop.worker(TransactionWorker, handle).drain() == (4, 0, 1, 0, 0)
    assert shop.shipped() == ["inv-0", "inv-1", "inv-3", "inv-4"]
    assert shop.called == ["inv-0", "inv-1", "inv-2", *NAMES]
    rows = shop.rows()
    assert (rows["inv-2"].state, rows["inv-2"].error.splitlines()[-1]) == ("waiting", "ValueError: no stock")
    assert {row.attempts for row in rows.values()} == {1}


def test_without_a_transaction_none_is_called_again(shop: Shop) -> None:
    """What returned before the failure is done, what comes after it is handled next, and the failure is tried later."""

    def handle(found: Any) -> None:
        shop.handle(found)
        if found.invoice_id == "inv-2":
            raise ValueError("no stock")

    assert shop.worker(Worker, handle).drain() == (4, 0, 1, 0, 0)
    assert shop.called == NAMES
    assert {name: row.state for name, row in shop.rows().items()} == {
        **dict.fromkeys(NAMES, "done"),
        "inv-2": "waiting",
    }
    assert {row.attempts for row in shop.rows().values()} == {1}


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_that_kills_its_process_costs_its_neighbours_one_attempt(kind: Any, shop: Shop) -> None:
    """After the first kill each event is alone, and the killer alone becomes a dead letter."""
    for number in range(10):
        claims = shop.inbox.transact(shop.inbox.claiming(60.0, 5, together=True))
        assert len(procedures.begun_by(claims, together=True)) == (1 if number else 5)
        shop.clock.time += 61
    rows = shop.rows()
    assert sorted(row.attempts for row in rows.values()) == [1, 1, 1, 1, 10]
    assert shop.worker(kind, attempts=10).drain() == (4, 0, 0, 1, 0)
    assert shop.called == NAMES[1:]
    assert shop.rows()["inv-0"].state == "dead"


def test_a_lease_that_was_lost_is_not_finished(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Another worker takes all over while a handler is slow: what it handled stays its own, and nothing more is called."""
    other = Worker(shop.inbox, lambda found: shop.called.append(f"other {found.invoice_id}"), lease=60)

    def handle(found: Any) -> None:
        shop.handle(found)
        if found.invoice_id == "inv-1":
            shop.clock.time += 61
            assert other.drain().handled == 5
            now.append(10.0)

    now = [0.0]
    worker = shop.worker(Worker, handle, source=Source(monotonic=lambda: now[-1]))
    assert worker.drain() == (0, 0, 0, 0, 2)
    assert shop.called == ["inv-0", "inv-1", *(f"other {name}" for name in NAMES)]
    assert "2 of 2 webhooks in a batch took longer than their lease of 60 s" in caplog.text
    assert {row.attempts for row in shop.rows().values()} == {2}


def test_none_is_committed_where_one_was_lost(shop: Shop) -> None:
    """A batch whose handlers share a transaction ends as a whole or not at all."""
    claims = shop.inbox.transact(shop.inbox.claiming(60.0, 5, together=True))
    shop.clock.time += 61
    taken = shop.inbox.claim(claims[2].key)
    assert taken is not None
    with pytest.raises(LeaseLost):
        shop.inbox.transact(lambda: settle_together(claims, (), (), 60.0, must_keep=True))
    assert shop.inbox.tally(done=True).done == 0
    with pytest.raises(LeaseLost):
        shop.inbox.jointly(claims[0], lambda _: shop.called.append("never"), lambda: iter(()), claims[1:])
    assert shop.called == []
    assert shop.inbox.done(taken)


def test_a_memory_inbox_takes_a_lost_batch_back() -> None:
    """Although its handlers share no transaction, no event is done that another worker has."""
    shop = Shop(MemoryInbox(now=(clock := Clock())), clock)
    other = Worker(shop.inbox, lambda found: shop.called.append(f"other {found.invoice_id}"), lease=60)

    def handle(found: Any, _: None) -> None:
        shop.handle(found)
        if shop.called == ["inv-0", "inv-1", "inv-2"]:
            shop.clock.time += 61
            assert other.drain(1).handled == 1

    assert shop.worker(TransactionWorker, handle).drain() == (4, 0, 0, 0, 0)
    assert shop.rows()["inv-0"].attempts == 2
    assert {row.state for row in shop.rows().values()} == {"done"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_called_is_given_back_on_stop(kind: Any, shop: Shop) -> None:
    """As it was: due when it was due, and without an attempt. What was called is finished."""
    before = shop.rows()

    def handle(found: Any, *shared: Any) -> None:
        shop.handle(found, *shared)
        if found.invoice_id == "inv-1":
            worker.stop()

    worker = shop.worker(kind, handle)
    assert worker.drain().handled == 2
    after = shop.rows()
    assert [after[name].state for name in NAMES] == ["done", "done", "waiting", "waiting", "waiting"]
    for name in NAMES[2:]:
        assert (after[name].attempts, after[name].owner) == (0, None)
        assert after[name].due_at == pytest.approx(before[name].due_at)


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_handler_ends_its_batch(kind: Any, shop: Shop) -> None:
    """After a second no more are called in it; the rest follow one by one, each under a lease that begins anew."""
    now = [0.0]
    commits: list[object] = []

    def handle(found: Any, *shared: Any) -> None:
        shop.handle(found, *shared)
        now.append(now[-1] + 0.6)
        shop.clock.time += 10

    worker = shop.worker(kind, handle, lease=60, source=Source(monotonic=lambda: now[-1]))
    sa.event.listen(shop.inbox.engine, "commit", commits.append)
    assert worker.drain().handled == 5
    assert shop.called == NAMES
    assert len(commits) == 6  # a claim, two events together, three by themselves, and a claim that finds nothing
    assert {row.attempts for row in shop.rows().values()} == {1}


@pytest.mark.parametrize("kind", KINDS)
def test_ctrl_c_gives_the_rest_back(kind: Any, shop: Shop) -> None:
    """All is due at once. What a plain handler has done is done; what a transaction undid is not."""

    def handle(found: Any, *shared: Any) -> None:
        shop.handle(found, *shared)
        if found.invoice_id == "inv-1":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.worker(kind, handle).drain()
    rows = shop.rows()
    first = "done" if kind is Worker else "waiting"
    assert [rows[name].state for name in NAMES] == [first, *["waiting"] * 4]
    assert [rows[name].attempts for name in NAMES] == [int(kind is Worker), 1, 0, 0, 0]
    assert shop.worker(kind).drain().handled == (4 if kind is Worker else 5)


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_handler_takes_is_ended_by_itself(kind: Any) -> None:
    """Ignored, or a dead letter after a replay; the others are handled together."""
    shop = Shop(MemoryInbox(now=(clock := Clock())), clock)
    shop.inbox.add(read_event(REPORT))
    key = shop.inbox.add(read_event(b"[1]")).key
    assert shop.inbox.replay(key)
    worker = shop.worker(kind, batch=7)
    worker._claimed_at_once = 7
    assert worker.drain() == (5, 1, 0, 1, 0)
    assert shop.called == NAMES


def test_a_subject_keeps_its_order() -> None:
    """Two payments of one invoice: the one that is tried again is called first, as without a batch."""
    shop = Shop(MemoryInbox(now=(clock := Clock())), clock)
    fails = True

    def handle(found: Any) -> None:
        shop.called.append(f"{found.invoice_id} {found.payment_id}")
        if fails and found.payment_id == "one":
            raise ValueError("no stock")

    shop.inbox.add(event(id="inv-9", payment_id="one"))
    assert shop.worker(Worker, handle).drain().failed == 1
    shop.clock.time += 15
    shop.inbox.add(event(id="inv-9", payment_id="two"))
    for number in (10, 11):
        shop.inbox.add(event(id=f"inv-{number}"))
    fails = False
    shop.called.clear()
    assert shop.worker(Worker, handle).drain().handled == 4
    assert shop.called == ["inv-10 None", "inv-11 None", "inv-9 one", "inv-9 two"]


def test_a_commit_of_a_handlers_own_is_found_out(shop: Shop) -> None:
    """It alone becomes a dead letter, and nothing of it stays; the others have their effect once."""

    def handle(found: Any, connection: Any) -> None:
        shop.handle(found, connection)
        if found.invoice_id == "inv-3":
            connection.commit()

    assert shop.worker(TransactionWorker, handle).drain() == (4, 0, 0, 1, 0)
    assert shop.shipped() == ["inv-0", "inv-1", "inv-2", "inv-4"]
    assert shop.rows()["inv-3"].state == "dead"


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_taken_once_although_the_batch_is_undone(
    kind: Any, postgresql: str, engine_of: Callable[..., sa.Engine]
) -> None:
    """`event.once` keeps what it did, whatever becomes of the transaction around it."""
    inbox = SQLInbox(engine_of(postgresql)).create_table()
    for number in range(3):
        inbox.add(event(id=f"inv-{number}"))
    mailed: list[str] = []

    def handle(found: Any, *_: Any) -> None:
        found.once("mail", mailed.append, found.invoice_id)
        if found.invoice_id == "inv-2":
            raise ValueError("no stock")

    worker = kind(inbox, handle, batch=3)
    worker._claimed_at_once = 3
    assert worker.drain() == (2, 0, 1, 0, 0)
    assert mailed == ["inv-0", "inv-1", "inv-2"]
