"""Time in the sandbox: the clock, and what happens by itself when it passes: reminders, expiries, retries, settlement."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from xendit.sandbox import Assumptions, SandboxError
from xendit.sandbox.state.core.clock import Clock
from xendit.sandbox.state.core.retries import STEPS, wait_after
from xendit.sandbox.state.core.times import read_duration

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        *(("25h", 90_000), ("1d12h", 129_600), ("90s", 90), ("250ms", 0.25), ("1.5m", 90), ("1w", 604_800)),
        *((0, 0), (2.5, 2.5), (timedelta(minutes=3), 180)),
    ],
)
def test_durations(given_, seconds):
    """A duration is written as people write it."""
    assert read_duration(given_).total_seconds() == seconds


@pytest.mark.parametrize(
    "bad", ["", "h", "-1h", "1y", "1 h", "25", None, True, -1, float("nan"), float("inf"), [], timedelta(-1)]
)
def test_no_durations(bad):
    """Anything else is refused with a sentence that shows what would be right."""
    with pytest.raises(ValueError, match="such as 25h"):
        read_duration(bad)


def test_steps_of_the_retries():
    """Six waits of 15 min, 45 min, 2 h, 3 h, 6 h and 12 h, which are 24 hours in all."""
    assert [step.total_seconds() / 60 for step in STEPS] == [15, 45, 120, 180, 360, 720]
    assert sum(STEPS, timedelta()) == timedelta(hours=24)
    usual = Assumptions()
    assert [wait_after("FAILED", n, usual) for n in range(1, 8)] == [*STEPS, None]
    assert {wait_after(outcome, 1, usual) for outcome in ("COMPLETED", "TIMEOUT", "URL_NOT_SET", "DROPPED")} == {None}
    assert wait_after("TIMEOUT", 1, Assumptions(retried_outcomes={"TIMEOUT"})) == STEPS[0]
    assert wait_after("FAILED", 1, Assumptions(webhook_retries=0)) is None


@pytest.mark.parametrize(
    "wrong", [{"retried_outcomes": {"COMPLETED"}}, {"webhook_retries": 7}, {"settlement_delay": -1}]
)
def test_assumptions_about_time_are_checked(wrong):
    """A switch that makes no sense is refused by name."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Assumptions(**wrong)


# ------------------------------------------------------------------------------------------------ the clock


def test_clock_freezes_runs_and_is_set(clock):
    """It stands when frozen, runs on from there, can be set, and runs faster when told to."""
    ours = Clock(clock)
    began = ours()
    assert began == clock()
    ours.freeze()
    clock.forward(hours=1)
    assert (ours(), ours.frozen) == (began, True)
    ours.resume()
    clock.forward(seconds=10)
    assert ours() == began + timedelta(seconds=10)
    ours.set(NOON)
    ours.run(60)
    clock.forward(seconds=10)
    assert ours() == NOON + timedelta(minutes=10)
    again = Clock(clock)
    again.load(ours.dump())
    assert abs(again() - ours()) < timedelta(milliseconds=1)
    ours.reset()
    assert (ours(), ours.speed, ours.frozen) == (clock(), 1.0, False)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), "2", True, 1e9])
def test_clock_speeds(speed):
    """A speed is a number above 0, and not beyond reason."""
    with pytest.raises(ValueError, match="speed must be"):
        Clock().run(speed)


@pytest.mark.parametrize("moment", ["yesterday", datetime(2026, 1, 1), 5, None, "0001-01-01", "9999-12-31"])
def test_clock_moments(moment):
    """A moment is aware and within reach."""
    with pytest.raises(ValueError, match="a moment must be"):
        Clock().set(moment)


@given(st.lists(st.sampled_from(["freeze", "resume", "wait"]) | st.integers(1, 100), max_size=12))
def test_clock_never_jumps_back(steps):
    """Freezing, resuming and changing the speed never turn the time back or make it jump."""
    now = NOON
    clock = Clock(lambda: now)
    last = clock()
    for step in steps:
        if step == "wait":
            now += timedelta(seconds=7)
        else:
            before = clock()
            clock.run(step) if isinstance(step, int) else getattr(clock, step)()
            assert clock() == before
        assert clock() >= last
        last = clock()


def test_date_header_is_the_sandboxs_time(sandbox, client):
    """The `Date` of an answer agrees with the `created` in it, wherever the clock stands."""
    sandbox.freeze("2030-05-06T07:08:09Z")
    answer = client.ask("POST", "/v2/invoices", {"external_id": "a", "amount": 1})
    assert answer.headers["Date"] == "Mon, 06 May 2030 07:08:09 GMT"
    assert answer.json()["created"] == "2030-05-06T07:08:09.000Z"


# ---------------------------------------------------------------------------------------- what time brings


def test_advance_expires_and_retries_in_order(sandbox, client):
    """25 hours: the invoice expires at 24 h, and its webhook is tried again at 15 min and at 1 h, in order."""
    moments = []
    sandbox.deliver_to(lambda headers, body: moments.append((sandbox.clock(), headers["webhook-id"])) or 500)
    start = sandbox.freeze(NOON)
    invoice = client.create()
    made = sandbox.advance("25h")
    day = timedelta(hours=24)
    assert [at - start for at, _ in moments] == [day, day + timedelta(minutes=15), day + timedelta(hours=1)]
    assert len({webhook_id for _, webhook_id in moments}) == 1
    assert [(one.attempt, one.outcome, one.error_class) for one in made] == [(n, "FAILED", "5xx") for n in (1, 2, 3)]
    assert made[-1].next_attempt == start + day + timedelta(hours=3)
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "EXPIRED"
    assert [len(sandbox.advance("2d")), len(sandbox.advance("7d"))] == [4, 0]
    assert sandbox.clock() == start + timedelta(hours=25, days=9)


def test_retries_end_with_success(sandbox, client):
    """After an attempt that succeeded, nothing is tried again."""
    sandbox.freeze()
    sandbox.faults.arm("webhook_fail", times=2, status=503)
    sandbox.deliver_to(lambda request: None)
    sandbox.pay(client.create(invoice_duration=10_000_000)["id"])
    outcomes = [one.outcome for one in (*sandbox.deliveries, *sandbox.advance("48h"))]
    assert outcomes == ["FAILED", "FAILED", "COMPLETED"]


def test_timeouts_and_missing_urls_are_not_retried(sandbox, client):
    """As Xendit's help says: only Failed is tried again."""
    sandbox.freeze()
    sandbox.pay(client.create()["id"])
    assert sandbox.wait_for_delivery()[0].next_attempt is None
    assert sandbox.advance("48h") == ()


def test_timeouts_are_retried_when_switched(start, receiver):
    """With the other reading of the documents, a missing URL is tried again, and reaches one that was set since."""
    sandbox, client = start(assumptions=Assumptions(retried_outcomes={"URL_NOT_SET"}))
    sandbox.freeze()
    sandbox.pay(client.create(invoice_duration=1_000_000)["id"])
    sandbox.wait_for_delivery()
    sandbox.webhook_url = receiver.url
    assert [(one.reason, one.outcome) for one in sandbox.advance("1h")] == [("retry", "COMPLETED")]


def test_retry_by_the_worker(start, clock, receiver):
    """Without anyone asking, the worker sends a retry when the clock comes to it."""
    sandbox, client = start(now=clock, webhook_url=receiver.url)
    receiver.status = 500
    sandbox.pay(client.create(invoice_duration=1_000_000)["id"])
    sandbox.wait_for_delivery()
    receiver.status = 200
    clock.forward(minutes=15)
    first, second = sandbox.wait_for_delivery(2)
    assert (first.id, first.outcome, second.outcome, second.attempt) == (second.id, "FAILED", "COMPLETED", 2)


def test_speed(start):
    """An invoice of an hour expires in a moment when an hour passes in one."""
    sandbox, client = start(speed=36_000)
    client.create(invoice_duration=3_600)
    (delivery,) = sandbox.wait_for_delivery()
    assert delivery.invoice_status == "EXPIRED"


def test_reminder(sandbox, client):
    """A reminder is noted at its time, by the channels that were chosen, while the invoice is PENDING."""
    sandbox.freeze(NOON)
    preference = {"invoice_reminder": ["whatsapp", "email"]}
    made = client.create(reminder_time=1, reminder_time_unit="hours", customer_notification_preference=preference)
    paid = client.create(reminder_time=1, reminder_time_unit="hours")
    sandbox.pay(paid["id"])
    sandbox.advance("24h")
    lines = [client.ask("GET", f"/_sandbox/invoices/{one['id']}").json()["timeline"] for one in (made, paid)]
    assert [point["what"] for point in lines[0]] == ["created", "reminded", "expired"]
    assert lines[0][1] == {"at": "2026-02-01T11:00:00.000Z", "what": "reminded", "detail": "by whatsapp, email"}
    assert [point["what"] for point in lines[1]] == ["created", "paid"]


def test_settlement_by_itself(start):
    """Where it is assumed, a payment settles after its delay, and no webhook tells of it."""
    sandbox, client = start(assumptions=Assumptions(settlement_delay=86_400))
    sandbox.freeze()
    sandbox.deliver_to(lambda request: None)
    invoice = client.create()
    sandbox.pay(invoice["id"])
    assert sandbox.advance("23h") == ()
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "PAID"
    assert sandbox.advance("1h") == ()
    assert client.ask("GET", "/v2/invoices?statuses=SETTLED").json()[0]["id"] == invoice["id"]


def test_settle_and_late_payment(sandbox, client):
    """PENDING cannot settle; EXPIRED can be paid when that is asked for; PAID can settle, once."""
    sandbox.deliver_to(lambda request: None)
    invoice = client.create()["id"]
    with pytest.raises(SandboxError, match="409 SANDBOX_INVOICE_NOT_PAID"):
        sandbox.settle(invoice)
    sandbox.expire(invoice)
    with pytest.raises(SandboxError, match="409 SANDBOX_INVOICE_NOT_PENDING"):
        sandbox.pay(invoice)
    assert sandbox.pay(invoice, late=True)["status"] == "PAID"
    assert sandbox.settle(invoice)["status"] == "SETTLED"
    with pytest.raises(SandboxError, match="is SETTLED"):
        sandbox.settle(invoice)
    assert [one.invoice_status for one in sandbox.deliveries] == ["EXPIRED", "PAID"]


def test_failed_attempt(sandbox, client):
    """A payer who fails leaves the invoice PENDING; nothing is told, and the time line knows."""
    sandbox.deliver_to(lambda request: None)
    invoice = client.create()["id"]
    assert sandbox.fail(invoice, channel="OVO", reason="no balance")["status"] == "PENDING"
    assert sandbox.deliveries == ()
    line = client.ask("GET", f"/_sandbox/invoices/{invoice}").json()["timeline"]
    assert line[1]["detail"] == "OVO: no balance"
