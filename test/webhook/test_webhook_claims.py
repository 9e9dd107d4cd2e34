"""Claims of several events: what counts as an attempt, whose lease is renewed, what is given back, how often is committed."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import Clock, event

from xendit.webhook import MemoryInbox, SQLInbox, TransactionWorker, Worker, procedures
from xendit.webhook.actions import Pause

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def inbox_and_clock(request: pytest.FixtureRequest, tmp_path: Path, engine_of: Callable[..., sa.Engine]) -> Any:
    """An inbox with five events, and its clock."""
    clock = Clock()
    inbox: Any = MemoryInbox(now=clock)
    if request.param != "memory":
        url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgresql")
        inbox = SQLInbox(engine_of(url), now=clock).create_table()
    for number in range(5):
        inbox.add(event(id=f"inv-{number}"))
        clock.time += 1
    return inbox, clock


def rows_of(inbox: Any) -> dict[str, Any]:
    """The rows by the invoice's id."""
    states = ("waiting", "working", "done", "dead")
    return {row.key.split("/")[1]: row for state in states for row in inbox.letters(state)}


def test_an_event_that_kills_its_process_leaves_its_neighbours_alone(inbox_and_clock: Any) -> None:
    """Claimed with four others and killed ten times: it alone has attempts, and becomes a dead letter."""
    inbox, clock = inbox_and_clock
    for _ in range(10):
        claims = inbox.transact(inbox.claiming(60.0, 5))  # whoever has these is killed in the handler of the first
        assert [claim.event.invoice_id for claim in claims] == [f"inv-{number}" for number in range(5)]
        clock.time += 61
    assert [row.attempts for row in rows_of(inbox).values()].count(0) == 4
    handled: list[str] = []
    drained = Worker(inbox, lambda found: handled.append(found.invoice_id), attempts=10).drain()
    assert (drained.handled, drained.dead) == (4, 1)
    assert sorted(handled) == ["inv-1", "inv-2", "inv-3", "inv-4"]
    assert rows_of(inbox)["inv-0"].state == "dead"


@pytest.mark.parametrize("kind", [Worker, TransactionWorker])
def test_a_lease_begins_anew_before_each_handler(inbox_and_clock: Any, kind: Any) -> None:
    """Handlers of 25 s and a lease of 60 s: the five take longer than a lease, and none is lost or called twice."""
    inbox, clock = inbox_and_clock
    seen: list[tuple[str, float]] = []

    def lease_of(key: str, *shared: Any) -> float:
        if not shared or shared[0] is None:
            return next(row.lease_until for row in inbox.letters("working") if row.key == key)
        query = sa.select(inbox.table.c.lease_until).where(inbox.table.c.key == key)
        return float(shared[0].scalar(query))

    def handle(found: Any, *shared: Any) -> None:
        seen.append((found.invoice_id, lease_of(found.dedupe_key, *shared) - clock.time))
        clock.time += 25

    worker = kind(inbox, handle, lease=60)
    worker._claimed_at_once = 5
    assert worker.drain().handled == 5
    assert sorted(seen) == [(f"inv-{number}", 60.0) for number in range(5)]
    assert {row.attempts for row in rows_of(inbox).values()} == {1}


def test_what_lapses_before_it_begins_is_left_to_others(inbox_and_clock: Any) -> None:
    """Handlers of 40 s under leases of 60: another worker takes the third meanwhile, and nothing is handled twice."""
    inbox, clock = inbox_and_clock
    seen: list[str] = []
    other = Worker(inbox, lambda found: seen.append(f"other {found.invoice_id}"), lease=60)

    def handle(found: Any) -> None:
        seen.append(found.invoice_id)
        clock.time += 40
        if found.invoice_id == "inv-1":
            assert other.drain(1).handled == 1

    worker = Worker(inbox, handle, lease=60)
    worker._claimed_at_once = 5
    assert worker.drain().handled == 4
    assert seen == ["inv-0", "inv-1", "other inv-2", "inv-3", "inv-4"]


def test_what_was_not_begun_is_given_back_on_stop(inbox_and_clock: Any) -> None:
    """As it was: due when it was due, and without an attempt; the event under way is finished."""
    inbox, _ = inbox_and_clock
    before = rows_of(inbox)

    def handle(found: Any, *_: Any) -> None:
        worker.stop()

    worker: Any = TransactionWorker(inbox, handle)
    worker._claimed_at_once = 5
    assert worker.drain().handled == 1
    after = rows_of(inbox)
    assert after["inv-0"].state == "done"
    for name in ("inv-1", "inv-2", "inv-3", "inv-4"):
        row = after[name]
        assert (row.state, row.attempts, row.owner) == ("waiting", 0, None)
        assert row.due_at == pytest.approx(before[name].due_at)


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("kind", [Worker, TransactionWorker])
def test_an_event_costs_one_commit(kind: Any, database: str, engine_of: Callable[..., sa.Engine]) -> None:
    """And its share of the claims, of which there are few; each statement's text is written once."""
    engine = engine_of(database)
    inbox = SQLInbox(engine).create_table()
    for number in range(60):
        inbox.add(event(id=f"inv-{number}"))
    worker = kind(inbox, lambda *_: None)
    worker._claimed_at_once = 20
    worker.drain(20)
    commits: list[object] = []
    sa.event.listen(engine, "commit", commits.append)
    texts = dict(inbox._transactions._texts._known)
    assert worker.drain(40).handled == 40
    assert 42 <= len(commits) <= 44
    assert inbox._transactions._texts._known == texts


def test_four_workers_share_what_waits(postgresql: str, engine_of: Callable[..., sa.Engine]) -> None:
    """On PostgreSQL, at once: each event is handled once, and nobody goes without."""
    inbox = SQLInbox(engine_of(postgresql, pool_size=8)).create_table()
    for number in range(120):
        inbox.add(event(id=f"inv-{number}"))
    met = threading.Barrier(4)
    seen: dict[int, list[str]] = {number: [] for number in range(4)}

    def work(number: int) -> None:
        def handle(found: Any, _: Any) -> None:
            seen[number].append(found.invoice_id)
            time.sleep(0.01)  # long enough that whoever found all of it claimed at first finds something later

        worker = TransactionWorker(inbox, handle)
        met.wait()
        while inbox.tally().waiting:
            worker.drain(30)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [each for several in seen.values() for each in several]
    assert len(everything) == len(set(everything)) == 120
    assert all(seen.values())


def test_a_purge_deletes_in_batches(inbox_and_clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no transaction locks much, or for long."""
    inbox, clock = inbox_and_clock
    assert Worker(inbox, lambda _: None).drain().handled == 5
    clock.time += 41 * 86_400
    inbox.add(event(id="waits"))
    monkeypatch.setattr("xendit.webhook.table.PURGED_AT_ONCE", 2)
    sizes: list[int] = []
    transact = inbox.transact

    def counted(*arguments: Any) -> Any:
        result = transact(*arguments)
        sizes.append(result)
        return result

    monkeypatch.setattr(inbox, "transact", counted)
    assert inbox.purge(timedelta(days=40)) == 5
    assert sizes == [2, 2, 1]


def test_what_is_done_is_counted_only_where_it_is_asked_for(inbox_and_clock: Any) -> None:
    """The others are exact all the same."""
    inbox, _ = inbox_and_clock
    Worker(inbox, lambda _: None).drain(2)
    assert inbox.tally()[:4] == (3, 0, None, 0)
    assert inbox.tally(done=True)[:4] == (3, 0, 2, 0)


def test_a_claim_is_small_where_handlers_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker learns how much it works on in a quarter of a second, and never holds more than a hundred."""
    clock = Clock()
    inbox = MemoryInbox(now=clock)
    worker = Worker(inbox, lambda _: None)
    for _ in range(12):
        worker._adapt(worker._claimed_at_once, 0.01)
    assert worker._claimed_at_once == 100
    for _ in range(12):
        worker._adapt(worker._claimed_at_once, 9.0)
    assert worker._claimed_at_once == 1


def test_settling_begins_the_next_whose_lease_was_kept(inbox_and_clock: Any) -> None:
    """One that another worker has taken meanwhile is passed over, whether the event before ended well or badly."""
    inbox, clock = inbox_and_clock
    first, second, third, *_ = inbox.transact(inbox.claiming(60.0, 5))
    clock.time += 59
    assert inbox.transact(partial(procedures.settle, procedures.finish(first), [second], 60.0)) == (True, 0)
    clock.time += 2
    assert inbox.claim(third.key) is not None
    settled = inbox.transact(partial(procedures.settle, procedures.fail(second, "no", 1.0), [third], 60.0))
    assert settled == (True, None)
    assert inbox.transact(partial(procedures.settle, procedures.finish(first), [third], 60.0)) == (False, None)


def test_a_worker_does_not_look_to_the_tick() -> None:
    """Each pause is a little shorter or longer, so that workers that began together do not go on meeting over one subject."""
    pauses: list[float] = []

    class Counting(Worker):
        def _do(self, action: Any) -> object:
            if not isinstance(action, Pause):
                return super()._do(action)
            pauses.append(action.seconds)
            if len(pauses) == 20:
                self.stop()
            return None

    Counting(MemoryInbox(), print).run(poll=5.0)
    assert all(4.0 <= each <= 6.0 for each in pauses)
    assert len(set(pauses)) == 20


def test_two_workers_that_meet_over_a_subject_look_again_at_once(
    postgresql: str, engine_of: Callable[..., sa.Engine]
) -> None:
    """One that finds an event of the same subject locked lets its own go, and looks again after a moment, not after `poll`."""
    engine = engine_of(postgresql)
    inbox = SQLInbox(engine).create_table()
    for payment in ("one", "two"):
        inbox.add(event(id="inv-1", payment_id=payment))
    handled: list[str | None] = []
    pauses: list[float] = []

    class Meeting(Worker):
        def _do(self, action: Any) -> object:
            if not isinstance(action, Pause):
                return super()._do(action)
            pauses.append(action.seconds)
            if len(pauses) == 2:
                other.close()  # the other worker has let its event go
            return None

    worker = Meeting(inbox, lambda found: handled.append(found.payment_id))
    other = engine.connect()
    other.execute(sa.text("SELECT 1 FROM xendit_inbox WHERE payment_id = 'two' FOR UPDATE"))
    assert worker.drain().handled == 2
    assert handled == ["one", "two"]
    assert len(pauses) == 2
    assert all(0 <= each <= 0.1 for each in pauses)
    with engine.connect() as other:
        inbox.add(event(id="inv-1", payment_id="three"))
        inbox.add(event(id="inv-1", payment_id="four"))
        other.execute(sa.text("SELECT 1 FROM xendit_inbox WHERE payment_id = 'four' FOR UPDATE"))
        pauses[:] = [0.0] * 3
        assert worker.drain().handled == 0  # nor does it look for ever
        assert len(pauses) == 6
