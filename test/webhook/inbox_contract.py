"""What every inbox promises, as functions of a fresh inbox and its clock; run on each store by test_webhook_inbox.py.

Each function's docstring is the promise.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.webhook import InvoiceEvent, LeaseLost, OtherEvent, UnreadableEvent, Worker, read_event

if TYPE_CHECKING:
    from xendit.webhook import Event, Inbox


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


def event(status: str = "PAID", id: str = "inv-1", **more: Any) -> Event:
    """An event of an invoice."""
    body = {"id": id, "user_id": "usr", "external_id": f"order of {id}", "status": status, "amount": 1000, **more}
    return read_event(json.dumps(body).encode(), webhook_id="wh-1")


def a_duplicate_is_not_stored_twice(inbox: Inbox[Any], clock: Clock) -> None:
    """The same event is one row, however often it comes, and PAID and SETTLED are the same."""
    assert inbox.add(event()) == ("usr/inv-1/paid", True, "waiting")
    assert inbox.add(event(updated="2025-01-01T00:00:00Z")) == ("usr/inv-1/paid", False, "waiting")
    assert inbox.add(event("SETTLED")) == ("usr/inv-1/paid", False, "waiting")
    [row] = inbox.letters("waiting")
    assert (row.deliveries, row.webhook_id, row.external_id) == (3, "wh-1", "order of inv-1")
    claim = inbox.claim()
    assert claim is not None
    assert inbox.done(claim)
    assert inbox.add(event()) == ("usr/inv-1/paid", False, "done")
    assert inbox.claim() is None


def a_second_payment_is_an_event_of_its_own(inbox: Inbox[Any], clock: Clock) -> None:
    """Another payment id on a paid invoice is told apart; the same one again is a duplicate."""
    assert inbox.add(event(payment_id="ewc_1")).is_new
    assert not inbox.add(event(payment_id="ewc_1")).is_new
    assert inbox.add(event(payment_id="ewc_2")) == ("usr/inv-1/paid/ewc_2", True, "waiting")
    assert not inbox.add(event(payment_id="ewc_2")).is_new
    assert not inbox.add(event(payment_id="ewc_1")).is_new
    assert not inbox.add(event()).is_new
    events = []
    while (claim := inbox.claim()) is not None:
        assert isinstance(claim.event, InvoiceEvent)
        events.append((claim.event.dedupe_key, claim.event.is_second_payment))
        inbox.done(claim)
    assert sorted(events) == [("usr/inv-1/paid", False), ("usr/inv-1/paid/ewc_2", True)]


def what_reconcile_found_learns_its_payment(inbox: Inbox[Any], clock: Clock) -> None:
    """A listed invoice has no payment id; the webhook after it is the same event, a third payment is not."""
    assert inbox.add(event("SETTLED")).is_new
    assert not inbox.add(event(payment_id="ewc_1")).is_new
    assert inbox.add(event(payment_id="ewc_2")).is_new
    assert {row.payment_id for row in inbox.letters("waiting")} == {"ewc_1", "ewc_2"}


def a_lease_runs_out(inbox: Inbox[Any], clock: Clock) -> None:
    """A worker that dies loses its event to another; one that was only slow can no longer finish it."""
    inbox.add(event())
    slow = inbox.claim(lease=60)
    assert slow is not None
    assert slow.attempt == 1
    clock.time += 59
    assert inbox.claim() is None
    assert inbox.claim(slow.key) is None
    clock.time += 2
    fresh = inbox.claim(lease=60)
    assert fresh is not None
    assert (fresh.key, fresh.attempt) == (slow.key, 2)
    assert fresh.owner != slow.owner
    assert not inbox.done(slow)
    assert not inbox.fail(slow, "too late", 1.0)
    with pytest.raises(LeaseLost), inbox.transaction(slow):
        raise AssertionError("the handler must not run")
    assert inbox.tally().working == 1
    assert inbox.done(fresh)
    assert not inbox.done(fresh)


def a_failure_is_tried_again(inbox: Inbox[Any], clock: Clock) -> None:
    """What failed is due again after its wait, or at once when asked for by key; then it is a dead letter, kept."""
    key = inbox.add(event()).key
    claim = inbox.claim()
    assert claim is not None
    assert inbox.fail(claim, "no stock", 30.0)
    assert inbox.claim() is None
    by_key = inbox.claim(key)
    assert by_key is not None
    assert inbox.fail(by_key, "no stock", 30.0)
    clock.time += 31
    again = inbox.claim()
    assert again is not None
    assert again.attempt == 3
    assert inbox.fail(again, "still no stock\0", None)
    clock.time += 10_000_000
    assert inbox.claim() is None
    assert inbox.claim(key) is None
    [letter] = inbox.letters()
    assert (letter.key, letter.state, letter.error, letter.attempts) == (key, "dead", "still no stock\ufffd", 3)
    assert inbox.add(event()) == (key, False, "dead")


def events_are_replayed(inbox: Inbox[Any], clock: Clock) -> None:
    """A dead or done event is handled again when somebody wants it so; one under work is left alone."""
    key = inbox.add(event()).key
    claim = inbox.claim()
    assert claim is not None
    assert not inbox.replay(key)
    inbox.fail(claim, "bad", None)
    for _ in range(2):
        assert inbox.replay(key)
        claim = inbox.claim()
        assert claim is not None
        assert claim.attempt == 1
        assert inbox.done(claim)
    assert not inbox.replay("no such key")


def a_lower_state_never_overwrites(inbox: Inbox[Any], clock: Clock) -> None:
    """EXPIRED that comes after PAID, even before PAID was handled, is done without being handed out."""
    inbox.add(event("EXPIRED"))
    inbox.add(event("PENDING"))
    inbox.add(event("PAID"))
    claim = inbox.claim()
    assert claim is not None
    assert claim.key == "usr/inv-1/paid"
    assert isinstance(claim.event, InvoiceEvent)
    assert claim.event.is_late
    inbox.done(claim)
    assert inbox.claim("usr/inv-1/expired") is None
    assert inbox.claim() is None
    assert {(row.kind, row.outcome) for row in inbox.letters("done")} == {
        ("expired", "superseded"), ("pending", "superseded"), ("paid", "handled")
    }  # fmt: skip


def paid_after_expired_is_handled(inbox: Inbox[Any], clock: Clock) -> None:
    """A payment that arrives after the expiry was handled is handed out too, and is late; a usual one is not."""
    inbox.add(event("EXPIRED"))
    claim = inbox.claim()
    assert claim is not None
    assert claim.event.kind == "expired"
    inbox.done(claim)
    inbox.add(event("PAID"))
    inbox.add(event("PAID", id="inv-2"))
    late = {}
    while (claim := inbox.claim()) is not None:
        assert isinstance(claim.event, InvoiceEvent)
        late[claim.event.invoice_id] = claim.event.is_late
        inbox.done(claim)
    assert late == {"inv-1": True, "inv-2": False}


def many_superseded_events_hide_nothing(inbox: Inbox[Any], clock: Clock) -> None:
    """What is to be done is found behind a hundred events that are only to be passed over."""
    for number in range(101):
        inbox.add(event("EXPIRED", id=f"inv-{number}"))
    clock.time += 1
    for number in range(101):
        inbox.add(event("PAID", id=f"inv-{number}"))
    claim = inbox.claim()
    assert claim is not None
    assert claim.event.kind == "paid"


def one_subject_is_worked_on_at_a_time(inbox: Inbox[Any], clock: Clock) -> None:
    """While EXPIRED is being handled, PAID of the same invoice waits, and that of another does not."""
    inbox.add(event("EXPIRED"))
    claim = inbox.claim(lease=60)
    assert claim is not None
    inbox.add(event("PAID"))
    inbox.add(event("PAID", id="inv-2"))
    assert inbox.claim("usr/inv-1/paid") is None
    other = inbox.claim()
    assert other is not None
    assert other.key == "usr/inv-2/paid"
    assert inbox.claim() is None
    inbox.done(claim)
    paid = inbox.claim()
    assert paid is not None
    assert paid.key == "usr/inv-1/paid"


def the_oldest_comes_first(inbox: Inbox[Any], clock: Clock) -> None:
    """Events are given out in the order in which they became due, and the tally tells how long one waits."""
    for number in range(3):
        inbox.add(event(id=f"inv-{number}"))
        clock.time += 10
    assert inbox.tally(done=True) == (3, 0, 0, 0, 30.0)
    order = []
    while (claim := inbox.claim()) is not None:
        order.append(claim.key)
        inbox.done(claim)
    assert order == ["usr/inv-0/paid", "usr/inv-1/paid", "usr/inv-2/paid"]
    assert inbox.tally(done=True) == (0, 0, 3, 0, 0.0)


def what_is_old_and_done_is_purged(inbox: Inbox[Any], clock: Clock) -> None:
    """Only what was done long ago goes; what waits or is dead stays, and nobody can forget too early."""
    for id in ("done", "dead", "waits"):
        inbox.add(event(id=id))
    for id in ("done", "dead"):
        claim = inbox.claim(f"usr/{id}/paid")
        assert claim is not None
        if id == "done":
            inbox.done(claim)
        else:
            inbox.fail(claim, "bad", None)
    for bad in (timedelta(days=30), timedelta(0), timedelta(days=-99)):
        with pytest.raises(ApiValueError, match="at least 31 days"):
            inbox.purge(bad)
    with pytest.raises(ApiTypeError, match="older_than: an int was given"):
        inbox.purge(90)  # type: ignore[arg-type]
    assert inbox.purge(timedelta(days=40)) == 0
    clock.time += 41 * 86_400
    assert inbox.purge(timedelta(days=40)) == 1
    assert inbox.tally(done=True)[:4] == (1, 0, 0, 1)


def what_cannot_be_read_is_kept(inbox: Inbox[Any], clock: Clock) -> None:
    """An odd amount, a number for an id, a list, NUL and half a surrogate: stored raw, and where it is wrong is said."""
    bodies = {
        b'{"id": "x", "status": "PAID", "amount": "a lot"}': "amount",
        b'{"id": 5, "status": "PAID"}': "'id'",
        b"[1]": "a list",
        b"null": "None",
    }
    for body, problem in bodies.items():
        added = inbox.add(read_event(body))
        assert (added.is_new, added.state) == (True, "dead")
        assert not inbox.add(read_event(body)).is_new
        [letter] = [row for row in inbox.letters() if row.key == added.key]
        assert letter.body == body
        assert problem in str(letter.error)
    assert inbox.claim() is None
    again = next(iter(inbox.letters()))
    assert inbox.replay(again.key)
    claim = inbox.claim()
    assert claim is not None
    assert isinstance(claim.event, UnreadableEvent)
    assert claim.event.body == again.body


def any_text_is_stored(inbox: Inbox[Any], clock: Clock) -> None:
    """Ids that a database could stumble over: NUL, half a surrogate, slashes, emoji, quotes, great length."""
    for number, text in enumerate(["\0", "\ud800", "a/b", "ü😀", "'; DROP TABLE xendit_inbox; --", "x" * 5000]):
        added = inbox.add(event(id=f"{number}{text}", payment_id=text, external_id=text))
        assert added.is_new
        assert len(added.key) <= 200
        assert added.key.isascii()
        claim = inbox.claim()
        assert claim is not None
        assert claim.key == added.key
        assert inbox.done(claim)
        assert not inbox.add(event(id=f"{number}{text}", payment_id=text)).is_new
    assert inbox.tally(done=True).done == 6


def other_events_are_stored(inbox: Inbox[Any], clock: Clock) -> None:
    """An envelope is an event like any other, with its body as it came."""
    body = b'{"event":"report.ready","business_id":"b","created":"c","data":{"id":"RPT-1"}}'
    assert inbox.add(read_event(body)) == ("b/report.ready/RPT-1/c", True, "waiting")
    assert not inbox.add(read_event(body)).is_new
    claim = inbox.claim()
    assert claim is not None
    assert isinstance(claim.event, OtherEvent)
    assert (claim.event.name, claim.event.data, claim.event.body) == ("report.ready", {"id": "RPT-1"}, body)


def a_transaction_finishes_the_event(inbox: Inbox[Any], clock: Clock) -> None:
    """`transaction` marks the event done at its end, and leaves it under its lease when something is raised."""
    inbox.add(event())
    claim = inbox.claim()
    assert claim is not None
    with pytest.raises(ZeroDivisionError), inbox.transaction(claim):
        raise ZeroDivisionError
    assert inbox.tally().working == 1
    with inbox.transaction(claim):
        pass
    assert inbox.tally(done=True).done == 1
    with pytest.raises(LeaseLost), inbox.transaction(claim):
        pass


def a_clock_that_was_ahead_holds_nothing_up(inbox: Inbox[Any], clock: Clock) -> None:
    """What was added, claimed and given back while the clock was 7 hours ahead is due as soon as it is set right."""
    clock.time += 7 * 3600
    for number in range(3):
        inbox.add(event(id=f"inv-{number}"))
    given_back, held = inbox.claim(lease=60), inbox.claim(lease=60)
    assert given_back is not None
    assert held is not None
    assert inbox.fail(given_back, "no stock", 600.0)
    clock.time -= 7 * 3600
    keys = []
    while (claim := inbox.claim()) is not None:
        keys.append(claim.key)
        assert inbox.done(claim)
    assert len(set(keys)) == 3
    assert not inbox.done(held)


def a_clock_that_was_ahead_is_seen_in_the_tally(inbox: Inbox[Any], clock: Clock) -> None:
    """Whoever watches `oldest_waiting` is told that something waits, also by key and where no worker runs."""
    clock.time += 7 * 3600
    key = inbox.add(event()).key
    other = inbox.add(event(id="inv-2")).key
    assert inbox.claim(other) is not None
    clock.time -= 7 * 3600
    assert inbox.claim(other) is not None
    assert inbox.tally()[:2] == (1, 1)
    clock.time += 100
    assert inbox.tally().oldest_waiting == 100
    assert inbox.claim(key) is not None


def an_honest_wait_is_kept(inbox: Inbox[Any], clock: Clock) -> None:
    """A retry in some hours, a long lease and a clock that goes back a little are nothing to be mended."""
    for number in range(2):
        inbox.add(event(id=f"inv-{number}"))
    claim, held = inbox.claim(), inbox.claim(lease=10_000)
    assert claim is not None
    assert held is not None
    assert inbox.fail(claim, "no stock", 9_000.0)
    clock.time -= 30
    assert inbox.claim() is None
    assert inbox.tally(done=True) == (1, 1, 0, 0, 0.0)
    clock.time += 9_000
    assert inbox.claim() is None
    clock.time += 31
    again = inbox.claim()
    assert again is not None
    assert again.key == claim.key
    assert inbox.claim() is None
    assert inbox.done(held)


def a_step_is_taken_once(inbox: Any, clock: Clock) -> None:
    """A step that has ended is not taken again, whatever becomes of the attempt; what it returned is given again."""
    calls: list[str] = []
    trouble = ["the label printer", "the mail server", "the handler"]

    def print_label(order: str) -> dict[str, Any]:
        calls.append(f"label {order}")
        if trouble[0] == "the label printer":
            raise ConnectionError(trouble[0])
        return {"parcel": "p-1", "weights": [1, 2.5, None, True]}

    def send(address: str, *, parcel: str) -> None:
        calls.append(f"mail {address} {parcel}")
        if trouble[0] == "the mail server":
            raise ConnectionError(trouble[0])

    def handle(found: Any) -> None:
        label = found.once("label", print_label, found.external_id)
        assert label == {"parcel": "p-1", "weights": [1, 2.5, None, True]}
        assert found.once("mail", send, "ayu@example.com", parcel=label["parcel"]) is None
        if trouble[0] == "the handler":
            raise ConnectionError(trouble[0])

    inbox.add(event())
    worker = Worker(inbox, handle)
    for _ in range(3):
        assert worker.drain().failed == 1
        trouble[:] = trouble[1:] or ["nothing"]
        clock.time += 4_000
    assert worker.drain().handled == 1
    label, mail = "label order of inv-1", "mail ayu@example.com p-1"
    assert calls == [label, label, mail, mail]
    steps = inbox.steps("usr/inv-1/paid")
    assert [(step.step, step.done_at is not None) for step in steps] == [("label", True), ("mail", True)]
    assert inbox.steps("usr/inv-2/paid") == []
    clock.time += 40 * 86_400
    assert inbox.purge(timedelta(days=31)) == 1
    assert inbox.steps("usr/inv-1/paid") == []


#: What is promised through a Worker, and so in its own way by an asynchronous inbox.
WORKER_PROMISES = [a_step_is_taken_once]
PROMISES = [
    a_duplicate_is_not_stored_twice,
    a_second_payment_is_an_event_of_its_own,
    what_reconcile_found_learns_its_payment,
    a_lease_runs_out,
    a_failure_is_tried_again,
    events_are_replayed,
    a_lower_state_never_overwrites,
    paid_after_expired_is_handled,
    many_superseded_events_hide_nothing,
    one_subject_is_worked_on_at_a_time,
    the_oldest_comes_first,
    what_is_old_and_done_is_purged,
    what_cannot_be_read_is_kept,
    any_text_is_stored,
    other_events_are_stored,
    a_transaction_finishes_the_event,
    a_clock_that_was_ahead_holds_nothing_up,
    a_clock_that_was_ahead_is_seen_in_the_tally,
    an_honest_wait_is_kept,
]
