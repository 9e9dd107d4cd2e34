"""Workers: who gets which event, and what follows from how it ended."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from inbox_contract import Clock, event

from xendit.exceptions import ConfigurationException
from xendit.source import Source
from xendit.webhook import MemoryInbox, TransactionWorker, Worker, read_event
from xendit.webhook.actions import Pause

REPORT = b'{"event":"report.ready","business_id":"b","created":"c","data":{"id":"RPT-1"}}'
TEST_AND_SAVE = (
    b'{"id":"579c8d61f23fa4ca35e52da4","external_id":"invoice_123124123","user_id":"u","status":"PAID","amount":50000}'
)


def inbox_of(*events: Any, clock: Clock | None = None) -> MemoryInbox:
    """An inbox that holds these events."""
    inbox = MemoryInbox(now=clock or Clock())
    for each in events:
        inbox.add(each)
    return inbox


def test_each_event_goes_where_it_belongs(caplog: pytest.LogCaptureFixture) -> None:
    """Paid and expired to the handler, the rest to `other`; the dashboard's test to nobody."""
    handled: list[str] = []
    others: list[str] = []
    events = [event(), event("EXPIRED", id="inv-2"), event("ON_HOLD", id="inv-3"), read_event(REPORT)]
    inbox = inbox_of(*events, read_event(TEST_AND_SAVE))
    caplog.set_level("INFO", "xendit.webhook")
    worker = Worker(inbox, lambda each: handled.append(each.kind), other=lambda each: others.append(each.kind))
    assert worker.drain() == (4, 1, 0, 0, 0)
    assert (handled, others) == (["paid", "expired"], ["on_hold", "other"])
    assert "the dashboard's test webhook arrived" in caplog.text


def test_an_odd_field_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """What is odd in a body is told when it comes; worker, listing and the look at other events say nothing again."""
    odd = b'{"id":"inv-%s","external_id":"o","user_id":"u","status":"%s","amount":5,"is_high":"no boolean"}'
    inbox = inbox_of(read_event(odd % (b"1", b"PAID")), read_event(odd % (b"2", b"EXPIRED")))
    assert caplog.text.count("is_high") == 2
    handled: list[object] = []
    assert Worker(inbox, lambda each: handled.append(each.callback.is_high)).drain().handled == 2
    assert handled == ["no boolean"] * 2
    assert caplog.text.count("is_high") == 2


def test_what_nobody_handles_is_ignored_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """Without `other`, an envelope is done, and the log says that nobody was there."""
    inbox = inbox_of(read_event(REPORT))
    assert Worker(inbox, lambda _: None).drain().ignored == 1
    assert "of kind other has no handler" in caplog.text
    [row] = inbox.letters("done")
    assert row.outcome == "ignored"


def test_a_failure_waits_longer_each_time_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    """Ten seconds, twenty, …, until it is a dead letter with the traceback, and nothing personal in the log."""
    clock = Clock()
    inbox = inbox_of(event(), clock=clock)
    told: list[tuple[str, str]] = []

    def handle(_: object) -> None:
        raise ValueError("no stock for ayu@example.com")

    worker = Worker(
        inbox, handle, attempts=3, on_failure=lambda each, error: told.append((each.dedupe_key, str(error)))
    )
    waits = []
    for _ in range(2):
        assert worker.drain() == (0, 0, 1, 0, 0)
        [row] = inbox.letters("waiting")
        waits.append(row.due_at - clock.time)
        assert worker.drain() == (0, 0, 0, 0, 0)
        clock.time += 60
    assert 8 <= waits[0] <= 12
    assert 16 <= waits[1] <= 24
    assert worker.drain() == (0, 0, 0, 1, 0)
    [letter] = inbox.letters()
    assert "ValueError: no stock for ***" in str(letter.error)
    assert "in handle" in str(letter.error)
    assert letter.attempts == 3
    assert told == [("usr/inv-1/paid", "no stock for ayu@example.com")] * 3
    assert "ayu" not in caplog.text
    assert "failed (attempt 3 of 3) and is a dead letter now: ValueError: no stock for ***" in caplog.text
    assert "failed (attempt 1 of 3) and will be tried again by the first drain in" in caplog.text
    assert caplog.text.count("in handle\n") == 3


def test_a_failure_that_nobody_would_try_again_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Where only the endpoint hands events over, the log says that a drain is missing; a drain ends that."""
    inbox = inbox_of(event())

    def handle(_: object) -> None:
        raise ValueError("no stock")

    worker = Worker(inbox, handle)
    assert worker.process("usr/inv-1/paid") == "failed"
    assert "of which this process has run none: let cron or a task queue drain each minute" in caplog.text
    caplog.clear()
    worker.drain()
    assert worker.process("usr/inv-1/paid") == "failed"
    assert "of which this process has run none" not in caplog.text


def test_a_report_that_fails_hides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An error tracker that is down does not keep the event from being kept."""

    def handle(_: object) -> None:
        raise ValueError("no stock")

    def report(*_: object) -> None:
        raise ConnectionError("no tracker")

    inbox = inbox_of(event())
    assert Worker(inbox, handle, on_failure=report).drain().failed == 1
    assert "on_failure failed: ConnectionError" in caplog.text
    assert "ValueError: no stock" in caplog.text


def test_an_event_that_kills_its_workers_ends() -> None:
    """A worker that never comes back is an attempt too: at last the event is a dead letter, and is not run again."""
    clock = Clock()
    inbox = inbox_of(event(), clock=clock)
    for _ in range(2):
        assert inbox.claim(lease=60) is not None
        clock.time += 61
    ran: list[object] = []
    assert Worker(inbox, ran.append, attempts=2).drain().dead == 1
    assert ran == []
    assert "no worker came to an end with it in 2 attempts" in str(inbox.letters()[0].error)


def test_ctrl_c_gives_the_event_back() -> None:
    """KeyboardInterrupt leaves the worker, and the event is due at once."""

    def handle(_: object) -> None:
        raise KeyboardInterrupt

    inbox = inbox_of(event())
    with pytest.raises(KeyboardInterrupt):
        Worker(inbox, handle).drain()
    assert inbox.tally().waiting == 1
    assert inbox.claim() is not None


@pytest.mark.parametrize("kind", [Worker, TransactionWorker])
def test_a_worker_that_is_too_slow_is_told(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Its completion is refused, and the log says what to change."""
    clock = Clock()
    inbox = inbox_of(event(), clock=clock)

    def slow(*_: object) -> None:
        clock.time += 61
        assert inbox.claim(lease=60) is not None

    if kind is TransactionWorker:  # nobody takes over what its transaction holds, so it is slow before that
        transact, slow_once = inbox.transact, [slow]

        def late(*arguments: Any) -> Any:
            result = transact(*arguments)
            if slow_once:
                slow_once.pop()()
            return result

        inbox.transact = late  # type: ignore[method-assign]
    assert kind(inbox, slow if kind is Worker else lambda *_: None, lease=60).drain() == (0, 0, 0, 0, 1)
    assert "took longer than its lease of 60 s" in caplog.text


def test_a_transaction_worker_hands_over_the_connection() -> None:
    """Which a MemoryInbox does not have."""
    seen: list[Any] = []
    inbox = inbox_of(event(), read_event(REPORT))

    def handle(each: Any, connection: None) -> None:
        seen.append((each.kind, connection))

    assert TransactionWorker(inbox, handle, other=handle).drain().handled == 2
    assert seen == [("paid", None), ("other", None)]


def test_what_cannot_be_read_is_dead_after_a_replay() -> None:
    """A replay reads again; what still cannot be read is dead again, and its place is kept."""
    inbox = inbox_of(read_event(b'{"id": "x", "status": "PAID", "amount": "odd"}'))
    [letter] = inbox.letters()
    assert inbox.replay(letter.key)
    assert Worker(inbox, lambda _: None).drain().dead == 1
    assert "['amount']" in str(inbox.letters()[0].error)


def test_what_a_later_version_reads_is_handled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead letter that becomes readable is handled under its true key, not a second time after reconcile."""
    from xendit.exceptions import ApiValueError
    from xendit.invoice.model import InvoiceCallback

    def refuse(_: object) -> Any:
        raise ApiValueError("InvoiceCallback['x']: not known yet")

    with monkeypatch.context() as patch:
        patch.setattr(InvoiceCallback, "from_dict", refuse)
        odd = event()
    inbox = inbox_of(odd, event("SETTLED"))
    handled: list[str] = []
    worker = Worker(inbox, lambda each: handled.append(each.dedupe_key))
    worker.drain()
    [letter] = inbox.letters()
    assert inbox.replay(letter.key)
    worker.drain()
    assert handled == ["usr/inv-1/paid"]
    assert inbox.tally(done=True)[:4] == (0, 0, 2, 0)


def test_process_handles_one_key() -> None:
    """What a task queue calls: None when somebody else was first."""
    inbox = inbox_of(event(), event(id="inv-2"))
    worker = Worker(inbox, lambda _: None)
    assert worker.process("usr/inv-2/paid") == "handled"
    assert worker.process("usr/inv-2/paid") is None
    assert worker.process("no such key") is None
    assert inbox.tally().waiting == 1
    assert worker.drain(limit=0) == (0, 0, 0, 0, 0)
    assert worker.drain(limit=1).handled == 1


def test_run_goes_on_until_it_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    """It survives an inbox that is down for a while, handles what comes, and ends after the event under way."""
    inbox = MemoryInbox()
    handled = threading.Event()
    worker = Worker(inbox, lambda _: handled.set())
    real, down = inbox.claiming, [True]

    def claiming(*args: Any, **options: Any) -> Any:
        if down.pop() if down else False:
            raise ConnectionError("database restarts")
        return real(*args, **options)

    inbox.claiming = claiming  # type: ignore[method-assign]
    thread = threading.Thread(target=worker.run, kwargs={"poll": 0.01})
    thread.start()
    inbox.add(event())
    assert handled.wait(10)
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert "the inbox cannot be read: ConnectionError" in caplog.text


@pytest.mark.parametrize(("poll", "pauses"), [(1.0, [0.0, 2.0, 4.0, 8.0]), (0.0, [0.0, 0.2, 0.4, 0.8])])
def test_an_inbox_that_is_down_is_asked_less_and_less_often(poll: float, pauses: list[float]) -> None:
    """Also where it goes down when there is much to do, so that the worker does not pause between two looks."""
    paused: list[float] = []

    class Busy(Worker):
        def _do(self, action: Any) -> object:
            if isinstance(action, Pause):
                paused.append(action.seconds)
                inbox.claiming = refuse  # type: ignore[method-assign]
                if len(paused) == 4:
                    self.stop()
                return None
            return super()._do(action)

    def refuse(*_: Any, **__: Any) -> Any:
        raise ConnectionError("database restarts")

    inbox = MemoryInbox()
    inbox.add(event())
    Busy(inbox, lambda _: None, source=Source(entropy=lambda count: b"\x80" + bytes(count - 1))).run(poll)
    assert paused == pytest.approx(pauses)


async def _coroutine(_: object) -> None:
    pass


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"inbox": "x.db"}, "takes an inbox"),
        ({"handler": None}, "handler must be a function, None was given"),
        ({"handler": _coroutine}, "handler must be a plain function"),
        ({"other": "x"}, "other must be a function"),
        ({"lease": 0}, "lease must be a number of seconds above zero, 0 was given"),
        ({"first_wait": "1"}, "first_wait must be"),
        ({"longest_wait": float("inf")}, "longest_wait must be"),
        ({"attempts": 0}, "attempts must be"),
        ({"attempts": 1.5}, "attempts must be a whole number above zero, 1.5 was given"),
        ({"batch": 0}, "batch must be a whole number from 1 to 100"),
        ({"batch": 101}, "batch must be"),
        ({"batch": True}, "batch must be a whole number from 1 to 100, a bool was given"),
    ],
)
@pytest.mark.parametrize("kind", [Worker, TransactionWorker])
def test_a_mistake_is_found_at_construction(kind: Any, options: dict[str, Any], problem: str) -> None:
    """Each setting says what it must be."""
    with pytest.raises(ConfigurationException, match=problem):
        kind(**({"inbox": MemoryInbox(), "handler": print} | options))
