"""Reconcile and confirm, on the sandbox: what no webhook brought is found, and nothing is handled twice."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from xendit.api_client import ApiClient
from xendit.configuration import Configuration
from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.invoice.invoice_api import InvoiceApi
from xendit.webhook import MemoryInbox, Webhook, Worker, confirm, reconcile

if TYPE_CHECKING:
    from xendit.models import Invoice

from xendit.sandbox import Assumptions, Sandbox

HOUR = timedelta(hours=1)


class Settled(InvoiceApi):
    """An API that shows what was paid as settled, as Xendit does some days later."""

    def get_invoices(self, *args: Any, **options: Any) -> list[Invoice]:
        """List."""
        page = super().get_invoices(*args, **options)
        for invoice in page:
            if invoice.status == "PAID":
                invoice.status = "SETTLED"
        return page


def api_of(sandbox: Sandbox, kind: type[InvoiceApi] = InvoiceApi) -> InvoiceApi:
    """An API on the sandbox."""
    return kind(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))


def create(api: InvoiceApi, external_id: str | int, amount: float = 50_000) -> Invoice:
    """An open invoice."""
    return api.create_invoice({"external_id": external_id, "amount": amount, "currency": "IDR"})


def deliver(sandbox: Sandbox, inbox: MemoryInbox, count: int) -> None:
    """Hand the sandbox's webhooks, as they were sent, to an endpoint."""
    webhook = Webhook(inbox, sandbox.callback_token)
    for delivery in sandbox.wait_for_delivery(count):
        headers = {"x-callback-token": sandbox.callback_token, "webhook-id": delivery.id}
        assert webhook.answer("POST", headers, delivery.body.encode()).status == 200


@pytest.mark.parametrize("first", ["webhook", "reconcile"])
@pytest.mark.parametrize("handled_between", [True, False])
def test_webhook_and_settlement_have_one_effect(sandbox: Sandbox, first: str, handled_between: bool) -> None:
    """The webhook says PAID, the list SETTLED, and e-wallets have a payment id only in the first: one event."""
    api = api_of(sandbox, Settled)
    for external_id, channel in (("order-1", "BCA"), ("order-2", "OVO"), ("order-3", "QRIS")):
        sandbox.pay(create(api, external_id).id, channel=channel)
    sandbox.expire(create(api, "order-4").id)
    inbox = MemoryInbox()
    effects: list[str] = []
    worker = Worker(inbox, lambda event: effects.append(f"{event.external_id} {event.kind}"))
    steps = [lambda: deliver(sandbox, inbox, 4), lambda: reconcile(api, HOUR, inbox)]
    for step in steps if first == "webhook" else reversed(steps):
        step()
        if handled_between:
            worker.drain()
    worker.drain()
    assert sorted(effects) == ["order-1 paid", "order-2 paid", "order-3 paid", "order-4 expired"]
    assert inbox.tally(done=True) == (0, 0, 4, 0, 0.0)


def test_what_no_webhook_brought_is_added_once(sandbox: Sandbox) -> None:
    """More than a page of it, run twice, and handed over like what a webhook brought."""
    api = api_of(sandbox)
    for number in range(103):
        sandbox.pay(create(api, f"order-{number}").id)
    create(api, "still open")
    inbox = MemoryInbox()
    keys: list[str] = []
    assert reconcile(api, HOUR, inbox, enqueue=keys.append) == (103, 103)
    assert len(set(keys)) == 103
    assert reconcile(api, HOUR, inbox, enqueue=keys.append) == (103, 0)
    assert len(keys) == 103
    assert {row.source for row in inbox.letters("waiting", 200)} == {"reconcile"}


@pytest.mark.parametrize(
    "choices", [{"cursor_direction": "newer", "date_bounds": "exclusive"}, {"cursor_inclusive": True}]
)
def test_everything_is_found_under_every_reading(choices: dict[str, Any]) -> None:
    """Whichever way the cursor goes, and whether the ends of a window are in it: more than a page is found whole."""
    with Sandbox(assumptions=Assumptions(**choices)) as sandbox:
        api = api_of(sandbox)
        for number in range(130):
            sandbox.pay(create(api, f"order-{number}").id)
        inbox = MemoryInbox()
        assert reconcile(api, HOUR, inbox) == (130, 130)


def test_a_late_payment_is_told_by_both_times(sandbox: Sandbox) -> None:
    """A listed invoice that was paid after its expiry is late, though no expiry was ever told."""
    api = api_of(sandbox)

    class Late(InvoiceApi):
        def get_invoices(self, *args: Any, **options: Any) -> list[Invoice]:
            page = super().get_invoices(*args, **options)
            for invoice in page:
                assert invoice.paid_at is not None
                invoice.expiry_date = invoice.paid_at - timedelta(minutes=1)
            return page

    sandbox.pay(create(api, "order-1").id)
    inbox = MemoryInbox()
    reconcile(api_of(sandbox, Late), HOUR, inbox)
    late: list[bool] = []
    Worker(inbox, lambda event: late.append(event.is_late)).drain()
    assert late == [True]


def test_what_is_older_than_the_window_is_not_added(sandbox: Sandbox) -> None:
    """Even if the server took no notice of the window: what was purged must not come back."""
    api = api_of(sandbox)
    old = datetime.now(timezone.utc) - timedelta(days=60)

    class Deaf(InvoiceApi):
        def get_invoices(self, *args: Any, **options: Any) -> list[Invoice]:
            page = super().get_invoices(*args, **options)
            for invoice in page:
                invoice.paid_at = old
            return page

    sandbox.pay(create(api, "order-1").id)
    inbox = MemoryInbox()
    assert reconcile(api_of(sandbox, Deaf), HOUR, inbox) == (0, 0)


@pytest.mark.parametrize("inclusive", [True, False])
def test_pages_end_whatever_the_cursor_means(inclusive: bool) -> None:
    """A cursor that includes its own invoice, or is not understood at all, repeats nothing and ends."""
    from xendit.models import Invoice

    fields: dict[str, Any] = {"user_id": "u", "external_id": "o", "status": "PAID", "amount": 1}
    everything = [Invoice.from_dict({"id": f"inv-{number}", **fields}) for number in range(7)]

    class Api:
        calls = 0

        def get_invoices(self, *, last_invoice: str | None, statuses: list[str], **_: Any) -> list[Invoice]:
            self.calls += 1
            if statuses == ["EXPIRED"]:
                return []
            ids = [invoice.id for invoice in everything]
            start = 0 if last_invoice is None else ids.index(last_invoice) + (not inclusive)
            return everything[start : start + 3]

    api: Any = Api()
    assert reconcile(api, HOUR, MemoryInbox()) == (7, 7)
    assert api.calls < 10


@pytest.mark.parametrize(
    ("since", "until", "error", "problem"),
    [
        (timedelta(days=31), None, ApiValueError, "more than 30 days ago"),
        (datetime(2020, 1, 1, tzinfo=timezone.utc), None, ApiValueError, "more than 30 days ago"),
        (datetime(2020, 1, 1), None, ApiValueError, "since: the datetime has no time zone"),
        (-2 * HOUR, None, ApiValueError, "since must be before until"),
        ("25h", None, ApiTypeError, "since: a str was given"),
        (HOUR, "now", ApiTypeError, "until: a str was given"),
    ],
)
def test_a_window_must_make_sense(since: Any, until: Any, error: type[Exception], problem: str) -> None:
    """Before anything is asked."""
    with pytest.raises(error, match=problem):
        reconcile(None, since, MemoryInbox(), until=until)  # type: ignore[arg-type]


def test_an_asynchronous_api_is_told_apart() -> None:
    """Its coroutine would never be awaited."""

    class Async:
        async def get_invoices(self) -> None:
            pass

    with pytest.raises(ApiTypeError, match="reconcile takes an InvoiceApi, not the asynchronous one"):
        reconcile(Async(), HOUR, MemoryInbox())  # type: ignore[arg-type]
    with pytest.raises(ApiTypeError, match="confirm takes an InvoiceApi, not the asynchronous one"):
        confirm("order-1", Async())  # type: ignore[arg-type]


def test_confirm_asks_the_api(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """None while it is open, the invoice once it is paid, whichever of several with the same id it is."""
    api = api_of(sandbox)
    monkeypatch.setenv("XENDIT_API_KEY", sandbox.api_key)
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    assert confirm("order-1", api) is None
    invoice = create(api, "order-1")
    assert confirm("order-1", api) is None
    sandbox.pay(invoice.id)
    create(api, "order-1")
    found = confirm("order-1")
    assert found is not None
    assert found.id == invoice.id
    settled = confirm("order-1", api_of(sandbox, Settled))
    assert settled is not None
    assert confirm("order-1", api, amount=50_000, currency="IDR") is not None
    assert confirm("order-1", api, amount=60_000, currency="IDR") is None
    assert confirm("order-1", api, amount=50_000, currency="PHP") is None
    assert confirm("order-2", api) is None
    with pytest.raises(ApiTypeError, match="together"):
        confirm("order-1", api, amount=50_000)
    with pytest.raises(ApiTypeError, match="together"):
        confirm("order-1", api, currency="IDR")


def test_an_old_payment_is_not_taken_for_a_new_order(sandbox: Sandbox) -> None:
    """Two orders of one key, the first paid: by invoice id or by time the second is open, until it is paid too."""
    api = api_of(sandbox)
    old = create(api, 7)
    sandbox.pay(old.id)
    time.sleep(0.002)  # the API tells times in milliseconds
    since = datetime.now(timezone.utc)
    new = create(api, 7)
    assert confirm(invoice_id=new.id, invoice_api=api) is None
    assert confirm(7, api, since=since) is None
    found = confirm(7, api)
    assert found is not None
    assert found.id == old.id
    sandbox.pay(new.id)
    for ways in ({"invoice_id": new.id}, {"external_id": 7, "since": since}, {"external_id": 7, "invoice_id": new.id}):
        found = confirm(invoice_api=api, amount=Decimal("50000.00"), currency="idr", **ways)  # type: ignore[arg-type]
        assert found is not None
        assert found.id == new.id
    assert confirm(8, api, invoice_id=new.id) is None
    assert confirm(invoice_api=api, invoice_id=old.id, since=since) is None
    for price in ({}, {"amount": 50_000, "currency": "IDR"}, {"amount": 1, "currency": "IDR"}):
        with pytest.raises(ApiValueError, match="2 invoices of this external_id were paid"):
            confirm(7, api, **price)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "error", "problem"),
    [
        ({}, ApiTypeError, "give invoice_id, or external_id with since"),
        (
            {"external_id": 1.5},
            ApiTypeError,
            r"confirm\['external_id'\]: a float was given, str, int or UUID is needed",
        ),
        ({"external_id": "x", "since": datetime(2026, 1, 1)}, ApiValueError, "since: the datetime has no time zone"),
        ({"external_id": "x", "since": "today"}, ApiTypeError, "since: a str was given"),
        ({"external_id": "x", "amount": "5", "currency": "IDR"}, ApiTypeError, r"confirm\['amount'\]: a str was given"),
    ],
)
def test_a_mistake_in_confirm_is_told(arguments: Any, error: type[Exception], problem: str) -> None:
    """Before anything is asked."""
    with pytest.raises(error, match=problem):
        confirm(invoice_api=None, **arguments)


def test_confirm_does_not_believe_a_deaf_server(sandbox: Sandbox) -> None:
    """An invoice of another order, from a server that ignores the query, confirms nothing."""
    api = api_of(sandbox)
    sandbox.pay(create(api, "order-2").id)

    class Deaf(InvoiceApi):
        def get_invoices(self, *args: Any, **options: Any) -> list[Invoice]:
            options.pop("external_id", None)
            return super().get_invoices(*args, **options)

    assert confirm("order-1", api_of(sandbox, Deaf)) is None
