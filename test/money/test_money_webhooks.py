"""The webhooks of refunds and reports: read, told apart, handled once, by functions named after them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import xendit
from xendit.apis import InvoiceApi, RefundApi
from xendit.testing import signed
from xendit.webhook import Handlers, MemoryInbox, OtherEvent, RefundEvent, ReportEvent, UnreadableEvent, Webhook, Worker
from xendit.webhook.event import read_event

REAL = (Path(__file__).parent.parent / "payloads" / "webhook__odoo-refund-event-2023.json").read_bytes()
REPORT = {
    "id": "report_5c1b34a2-6ceb-4c24-aba9-c836bac82b28",
    "type": "TRANSACTIONS",
    "status": "COMPLETED",
    "url": "https://reports.example/report.csv?token=secret",
    "filter": {"from": "2026-01-01T00:00:00.000Z", "to": "2026-01-31T00:00:00.000Z"},
    "format": "CSV",
    "currency": "IDR",
    "business_id": "5f9a3fbd571a1c4068aa40ce",
}


def changed(**data):
    """The real webhook, with other values."""
    body = json.loads(REAL)
    name = data.pop("event", body["event"])
    return json.dumps({**body, "event": name, "data": {**body["data"], **data}}).encode()


def test_a_real_webhook():
    """The real body of 2023 is a RefundEvent, with its subject, its rank and what a shop needs."""
    event = read_event(REAL)
    assert isinstance(event, RefundEvent)
    assert (event.kind, event.event_name, event.is_succeeded, event.rank) == (
        "refund_succeeded",
        "refund.succeeded",
        True,
        2,
    )
    assert event.subject == "64118d86854d7d89206e732d/RFD-00001"
    assert event.dedupe_key == f"{event.subject}/succeeded"
    assert (event.refund_id, event.invoice_id) == ("RFD-00001", "64dc9fc9a23a9340d20c309d")
    assert (event.external_id, event.payment_id) == (None, "ewc_b4eab1df-139f-4c96-9fb4-ec492f589895")
    assert (event.refund.amount, event.refund.created_text) == (1110000, "2023-08-17T02:34:24.963128Z")
    assert isinstance(event, OtherEvent)  # as programs for earlier versions know it
    assert event.data["id"] == "RFD-00001"


def test_it_may_lack_what_the_official_model_demands():
    """Without a country, and with the envelope twice, as two examples of Xendit's have it, it is the same refund."""
    body = json.loads(changed(status="FAILED", failure_code="REFUND_FAILED", event="refund.failed"))
    del body["data"]["country"]
    event = read_event(json.dumps({**body, "data": body}).encode())
    assert isinstance(event, RefundEvent)
    assert (event.kind, event.refund.failure_code, event.is_succeeded) == ("refund_failed", "REFUND_FAILED", False)


@pytest.mark.parametrize(
    "body",
    [changed(status=7), changed(amount="all")],
    ids=["status", "amount"],
)
def test_what_cannot_be_read_is_kept_and_told(body):
    """A refund that cannot be read is a dead letter, and shows no value."""
    event = read_event(body)
    assert isinstance(event, UnreadableEvent)
    assert "RefundCallback" in event.problem


def test_a_short_body():
    """What names a refund and no more is its event; what names none is told as other envelopes are."""
    event = read_event(b'{"event": "refund.failed", "business_id": "b", "data": {"id": "RFD-1"}}')
    assert isinstance(event, RefundEvent)
    assert (event.kind, event.is_succeeded, event.rank, event.refund.amount) == ("refund_failed", False, 2, None)
    for inner in (b"[]", b"{}", b'{"id": 5}', b'{"id": ""}'):
        event = read_event(b'{"event": "refund.failed", "data": ' + inner + b"}")
        assert type(event) is OtherEvent


def test_a_report():
    """The body of a report, which has no envelope, is told from an invoice's; its address is shown nowhere."""
    event = read_event(json.dumps(REPORT).encode())
    assert isinstance(event, ReportEvent)
    assert (event.kind, event.report.is_final) == ("report_completed", True)
    assert event.subject == f"{REPORT['business_id']}/{REPORT['id']}"
    assert event.report.filter.from_.year == 2026
    assert "secret" not in repr(event)
    assert "secret" not in repr(event.report)
    assert isinstance(read_event(json.dumps({**REPORT, "status": None}).encode()), UnreadableEvent)


def test_each_goes_to_the_function_that_is_called_as_it():
    """`handle.refund_succeeded` and its like are derived; each event is handled once however often it comes."""
    handle, seen = Handlers(), []

    @handle.refund_succeeded
    def given_back(event: RefundEvent) -> None:
        seen.append(("given back", event.refund_id))

    @handle.refund_failed
    def not_given_back(event: RefundEvent) -> None:
        seen.append(("failed", event.refund_id))

    @handle.report_completed
    def written(event: ReportEvent) -> None:
        seen.append(("written", event.report_id))

    inbox = MemoryInbox()
    webhook = Webhook(inbox, "token")
    later = changed(id="RFD-2", status="FAILED", event="refund.failed")
    for body in (REAL, REAL, later, json.dumps(REPORT).encode(), REAL):
        request = signed(json.loads(body), token="token")
        assert webhook.answer("POST", request.headers, request.body).status == 200
    Worker(inbox, handle).drain()
    assert sorted(seen) == [("failed", "RFD-2"), ("given back", "RFD-00001"), ("written", REPORT["id"])]
    assert handle.listed.keys() == {"on refund.succeeded", "on refund.failed", "on report.completed"}


def test_a_misspelt_name_is_told():
    """A decorator that there is not names the nearest."""
    with pytest.raises(AttributeError, match="did you mean 'refund_succeeded'"):
        Handlers().refund_succeded  # noqa: B018


def test_a_plain_handler_is_not_called_with_them():
    """A worker's one function, written for invoices, is not given a refund; its `other` is."""
    inbox, invoices, others = MemoryInbox(), [], []
    inbox.add(read_event(REAL))
    Worker(inbox, invoices.append, other=others.append).drain()
    assert (invoices, [type(each) for each in others]) == ([], [RefundEvent])


def test_the_sandbox_tells_of_refunds(sandbox, shop):
    """A refund ends by itself, or as it is told to, and each end reaches the function of the shop, once."""
    handle, seen = Handlers(), []
    handle.refund_succeeded(lambda event: seen.append((event.kind, event.external_id)))
    handle.refund_failed(lambda event: seen.append((event.kind, event.external_id)))
    handle.paid(lambda event: None)
    inbox = MemoryInbox()
    webhook = Webhook(inbox, sandbox.callback_token)
    sandbox.deliver_to(lambda headers, body: webhook.answer("POST", headers, body).status)
    sandbox.clock.freeze()
    invoice = InvoiceApi(shop).create_invoice(external_id="order-1", amount=100000)
    sandbox.pay(invoice.id, channel="OVO")
    refunds = RefundApi(shop)
    refunds.refund_invoice(invoice, 10000, reference_id="good")
    failing = refunds.refund_invoice(invoice, 20000, reference_id="bad")
    sandbox.fail_refund(failing.id, "ACCOUNT_NOT_FOUND")
    sandbox.advance("2s")
    for delivery in list(sandbox.deliveries):
        sandbox.resend(delivery)
    sandbox.deliver()
    Worker(inbox, handle).drain()
    assert sorted(seen) == [("refund_failed", "bad"), ("refund_succeeded", "good")]
    assert refunds.get_refund(failing.id).failure_code == "ACCOUNT_NOT_FOUND"
    assert {each.kind for each in sandbox.deliveries} == {"invoice", "refund"}
    with pytest.raises(xendit.BadRequestException):
        refunds.cancel_refund(failing.id)
