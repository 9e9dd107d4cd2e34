"""`refund_invoice` on the sandbox: never twice, never said to have failed when it exists, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import threading
from decimal import Decimal
from types import SimpleNamespace

import pytest

import xendit
from xendit.apis import AsyncRefundApi, InvoiceApi, RefundApi, TransactionApi
from xendit.models import InvoiceCallback
from xendit.refund.invoice_refund import Wish, refund_steps
from xendit.sandbox import Sandbox


def paid(sandbox, client, reference="order-1", amount=100000, channel="OVO", **fields):
    """An invoice that was paid."""
    invoice = InvoiceApi(client).create_invoice(external_id=reference, amount=amount, **fields)
    sandbox.pay(invoice.id, channel=channel)
    return invoice


def client_of(sandbox, **settings):
    policy = xendit.RetryPolicy(first_wait=0.01, longest_wait=0.02)
    return xendit.ApiClient(
        xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url, retries=policy, timeout=5, **settings)
    )


def refunds_in(sandbox):
    return list(sandbox.book("refund").ledger)


def test_all_of_it(sandbox, shop):
    """Without an amount all that was paid is given back, through the payment request, under a reference that is made."""
    invoice = paid(sandbox, shop)
    refund = RefundApi(shop).refund_invoice(invoice)
    assert (refund.amount, refund.currency, refund.reason) == (100000, "IDR", "REQUESTED_BY_CUSTOMER")
    assert refund.reference_id == f"refund-{invoice.id}"
    assert refund.payment_request_id.startswith("pr-")
    assert RefundApi(shop).refund_invoice(invoice.id).id == refund.id
    assert len(refunds_in(sandbox)) == 1


def test_parts_add_up_to_what_was_paid(sandbox, shop):
    """Parts are taken from what was paid, exactly; more than is left is refused before anything is created."""
    invoice = paid(sandbox, shop, amount=Decimal("99.95"), currency="PHP", channel="GCASH")
    api = RefundApi(shop)
    first = api.refund_invoice(invoice, Decimal("33.30"), reference_id="a")
    second = api.refund_invoice(invoice, 33.3, "DUPLICATE", "b")
    with pytest.raises(xendit.ApiValueError, match=r"33.36 is more than what is left .*33.35"):
        api.refund_invoice(invoice, Decimal("33.36"), reference_id="c")
    rest = api.refund_invoice(invoice)
    assert [each.decimal("amount") for each in (first, second, rest)] == [
        Decimal("33.3"),
        Decimal("33.3"),
        Decimal("33.35"),
    ]
    with pytest.raises(xendit.ApiValueError, match="given back already"):
        api.refund_invoice(invoice, 1)
    assert len(refunds_in(sandbox)) == 3


def test_asked_again_under_the_same_reference(sandbox, shop):
    """The same reference gives the refund that there is; over another amount it is refused; a failed one is made anew."""
    invoice = paid(sandbox, shop)
    api = RefundApi(shop)
    refund = api.refund_invoice(invoice, 40000, reference_id="return-1")
    assert api.refund_invoice(invoice, 40000, reference_id="return-1").id == refund.id
    assert api.refund_invoice(invoice, reference_id="return-1").id == refund.id
    with pytest.raises(xendit.ApiValueError, match="return another reference_id|bears this reference_id already"):
        api.refund_invoice(invoice, 50000, reference_id="return-1")
    sandbox.fail_refund(refund.id)
    again = api.refund_invoice(invoice, 40000, reference_id="return-1")
    assert (again.id != refund.id, again.reference_id) == (True, "return-1")
    assert api.refund_invoice(invoice).amount == 60000


def key_of(api, invoice, amount, reference):
    """The key that a refund would be sent with now."""
    steps = refund_steps(invoice, Wish(amount, "OTHERS", reference, None, None, None, None), "new")
    asked = next(steps)
    while asked.operation.name != "create_refund":
        asked = steps.send(getattr(api, asked.operation.name)(**asked.arguments))
    return asked.arguments["idempotency_key"]


def test_a_key_does_not_hang_on_other_refunds(sandbox, shop):
    """What is asked for again has its first key, though other parts were given back meanwhile; what failed has a new one."""
    invoice = InvoiceApi(shop).get_invoice_by_id(paid(sandbox, shop).id)
    client = RefundApi(shop)
    reading = SimpleNamespace(
        get_all_refunds=client.get_all_refunds,
        get_all_transactions=TransactionApi(shop).get_all_transactions,
    )
    first = key_of(reading, invoice, 40000, "return-1")
    client.refund_invoice(invoice, 10000, reference_id="return-10")
    assert key_of(reading, invoice, 40000, "return-1") == first
    refund = client.refund_invoice(invoice, 40000, reference_id="return-1")
    sandbox.fail_refund(refund.id)
    assert key_of(reading, invoice, 40000, "return-1") != first


def test_after_a_failure_all_of_it_can_be_given_back(sandbox, shop):
    """A refund of everything that failed is followed by another, which is recognised in its turn."""
    invoice = paid(sandbox, shop)
    api = RefundApi(shop)
    sandbox.fail_refund(api.refund_invoice(invoice).id)
    second = api.refund_invoice(invoice)
    assert second.reference_id == f"refund-{invoice.id}-2"
    assert api.refund_invoice(invoice).id == second.id
    assert len(refunds_in(sandbox)) == 2


def test_a_reference_that_a_failed_refund_bears_is_told():
    """Where an account takes each reference once: which refund bears it, how it ended, and what to do."""
    with Sandbox(assume={"refund_delay": 0, "refund_references": "unique"}) as sandbox:
        client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url, retries=0))
        sandbox.clock.freeze("2026-01-10T05:00:00Z")
        invoice = paid(sandbox, client)
        api = RefundApi(client)
        refund = api.refund_invoice(invoice, 40000, reference_id="return-1")
        sandbox.fail_refund(refund.id)
        sandbox.clock.freeze("2026-01-10T08:00:00Z")
        with pytest.raises(xendit.OutcomeUnknownException) as raised:
            api.refund_invoice(invoice, 40000, reference_id="return-1")
        [note] = raised.value.__notes__
        assert note.startswith(f"refund_invoice: {refund.id} bears this reference_id and is FAILED.")
        assert "give another reference_id" in note
        assert api.refund_invoice(invoice, 40000, reference_id="return-1b").id != refund.id


@pytest.mark.parametrize(
    ("amount", "given"),
    [("5000", {}), (0, {}), (-1, {}), (float("nan"), {}), (5000, {"reference_id": ""}), (5000, {"reference_id": 7})],
)
def test_bad_input_is_told_before_any_socket(recorder, client, amount, given):
    """What cannot be an amount or a reference is refused; nothing is sent."""
    with pytest.raises(xendit.OpenApiException, match="refund_invoice"):
        RefundApi(client).refund_invoice("63cbffba77c0a60ebd31ee2b", amount, **given)
    for wrong in (None, 5, {"id": "i"}):
        with pytest.raises(xendit.ApiTypeError, match="an Invoice, an InvoiceCallback or an invoice's id"):
            RefundApi(client).refund_invoice(wrong, 1)
    assert not recorder.requests


def test_what_was_not_paid_is_not_given_back(sandbox, shop):
    """An invoice that is at hand as PENDING is read again, and refused where it is PENDING still."""
    invoice = InvoiceApi(shop).create_invoice(external_id="order-1", amount=100000)
    with pytest.raises(xendit.ApiValueError, match="the invoice is PENDING"):
        RefundApi(shop).refund_invoice(invoice)
    sandbox.pay(invoice.id)
    assert RefundApi(shop).refund_invoice(invoice, 10000.5 * 2).amount == 20001
    with pytest.raises(xendit.ApiValueError, match="has decimals that IDR does not have"):
        RefundApi(shop).refund_invoice(invoice, Decimal("100.5"))


def test_from_the_webhook(sandbox, shop):
    """The body of the invoice's webhook does as well as the invoice."""
    told = []
    sandbox.deliver_to(lambda headers, body: told.append(body))
    paid(sandbox, shop)
    assert RefundApi(shop).refund_invoice(InvoiceCallback.from_json(told[0]), 1000).amount == 1000


def test_what_was_paid_counts(sandbox, shop):
    """An invoice that was paid with another amount gives back what was paid."""
    invoice = InvoiceApi(shop).create_invoice(external_id="order-1", amount=100000)
    sandbox.pay(invoice.id, amount=60000)
    assert RefundApi(shop).refund_invoice(invoice).amount == 60000


def test_a_key_that_may_not_read_transactions(recorder, client):
    """Then the invoice's id goes out, which Xendit took before; and a list of refunds that there is not is no obstacle."""
    from recorder import INVOICE, Answer

    forbidden = Answer(403, {"error_code": "REQUEST_FORBIDDEN_ERROR", "message": "no"})
    missing = Answer(404, {"error_code": "NOT_FOUND", "message": "no"})
    invoice = {**INVOICE, "status": "PAID", "paid_amount": 150000}
    made = {"id": "rfd-1", "status": "PENDING", "amount": 150000, "currency": "IDR", "reference_id": ""}
    recorder.answers.extend([Answer(body=invoice), forbidden, missing, Answer(body=made)])
    assert RefundApi(client).refund_invoice(INVOICE["id"]).id == "rfd-1"
    assert recorder.last.json == {
        "invoice_id": INVOICE["id"],
        "reference_id": f"refund-{INVOICE['id']}",
        "amount": 150000,
        "currency": "IDR",
        "reason": "REQUESTED_BY_CUSTOMER",
    }
    assert recorder.last.header("idempotency-key").startswith("refund-")


def test_refunds_of_other_payments_are_not_counted(recorder, client):
    """Where the server passes over the filter of a list, the refunds of others neither count nor stand for this one."""
    from recorder import INVOICE, Answer

    invoice = {**INVOICE, "status": "PAID", "paid_amount": 150000, "payment_request_id": "pr-1"}
    other = {"status": "SUCCEEDED", "amount": 140000, "currency": "IDR", "reference_id": f"refund-{INVOICE['id']}"}
    listed = [
        {"id": "rfd-2", "invoice_id": "of-another", "payment_request_id": "pr-2", **other},
        {"id": "rfd-3", "payment_request_id": "pr-2", **other},
        {"id": "rfd-4", "invoice_id": "of-another", **other},
    ]
    mine = {**other, "amount": 20000, "reference_id": "return-1"}
    several = [*listed, {"id": "rfd-5", "invoice_id": INVOICE["id"], **mine}, {"id": "rfd-6", **mine}]
    made = {"id": "rfd-1", "status": "PENDING", "amount": 110000, "currency": "IDR", "reference_id": ""}
    page = Answer(body={"data": several, "has_more": False})
    recorder.answers.extend([Answer(body=invoice), page, page, Answer(body=made)])
    api = RefundApi(client)
    assert api.refund_invoice(INVOICE["id"], payment_request_id="pr-1").id == "rfd-1"
    assert recorder.last.json["amount"] == 110000


def test_what_xendit_demands_today_is_sent():
    """An account that takes payment requests alone, with a reason, is served too."""
    with Sandbox(assume={"refund_requests": "payment_request", "refund_codes": "sdk"}) as sandbox:
        client = client_of(sandbox)
        invoice = paid(sandbox, client)
        assert RefundApi(client).refund_invoice(invoice).status == "PENDING"
        with pytest.raises(xendit.BadRequestException, match="payment_request_id"):
            RefundApi(client).create_refund(create_refund={"invoice_id": invoice.id})


LOSSES = ["commit_then_reset", "commit_then_error", "reset", "error", "html", "truncate", "garbage"]


@pytest.mark.parametrize("kind", LOSSES)
def test_a_lost_answer(sandbox, kind):
    """Whatever becomes of the answer, one refund stands there, or none that was said to."""
    client = client_of(sandbox)
    invoice = paid(sandbox, client)
    sandbox.faults.arm(kind=kind, match="refund.create", times=1)
    api = RefundApi(client)
    try:
        refund = api.refund_invoice(invoice, 30000, reference_id="return-1")
    except xendit.OutcomeUnknownException:
        assert not refunds_in(sandbox)
        refund = api.refund_invoice(invoice, 30000, reference_id="return-1")
    assert [each.id for each in refunds_in(sandbox)] == [refund.id]


def test_a_crash_in_between(sandbox):
    """A program that died after the refund was made asks again, and is given the same one."""
    client = client_of(sandbox)
    invoice = paid(sandbox, client)
    sandbox.faults.arm(kind="commit_then_reset", match="refund.create", times=1)
    sandbox.faults.arm(kind="reset", match="refund.list", after=2, times=20)
    api = RefundApi(client)
    with pytest.raises(xendit.OutcomeUnknownException) as raised:
        api.refund_invoice(invoice, 30000, reference_id="return-1")
    sandbox.faults.clear()
    [there] = refunds_in(sandbox)
    assert api.resolve(raised.value).id == there.id
    assert RefundApi(client_of(sandbox)).refund_invoice(invoice.id, 30000, reference_id="return-1").id == there.id
    assert len(refunds_in(sandbox)) == 1


def test_chaos_through_refund_invoice(sandbox):
    """Sixty refunds by four threads through faults, each asked for until it is known: none doubled, lost or denied."""
    client = client_of(sandbox)
    invoices = [paid(sandbox, client, f"order-{number}", 10000 + number) for number in range(60)]
    for number, kind in enumerate(("commit_then_reset", "commit_then_error", "reset", "error", "html")):
        sandbox.faults.arm(kind=kind, match="refund.create", probability=0.15, seed=number)
        sandbox.faults.arm(kind="error", match="refund.list", probability=0.05, seed=number)
    told, lock = {}, threading.Lock()

    def give_back(some):
        api = RefundApi(client_of(sandbox))
        for invoice in some:
            for _ in range(50):
                try:
                    refund = api.refund_invoice(invoice)
                except xendit.XenditSdkException as error:
                    assert error.outcome in ("unknown", "done", "not_sent"), error
                    continue
                with lock:
                    told[invoice.id] = refund.id
                break

    threads = [threading.Thread(target=give_back, args=(invoices[place::4],)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    there = {each.invoice_id: each.id for each in refunds_in(sandbox)}
    assert len(refunds_in(sandbox)) == 60
    assert told == there


def test_two_at_once(sandbox):
    """Two that ask for all of it at once give it back once: the server has no more to give, or both found the same."""
    client = client_of(sandbox)
    invoice = paid(sandbox, client)
    seen = []

    def give_back():
        try:
            seen.append(RefundApi(client).refund_invoice(invoice).id)
        except (xendit.BadRequestException, xendit.ApiValueError) as error:
            seen.append(type(error).__name__)

    threads = [threading.Thread(target=give_back) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refunds_in(sandbox)) == 1
    assert refunds_in(sandbox)[0].id in seen


def test_in_asyncio(sandbox):
    """The same in asyncio, for a sub-account."""

    async def main():
        configuration = xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)
        async with xendit.AsyncApiClient(configuration) as client:
            user = "5f9a3fbd571a1c4068aa40ce"
            invoice = await xendit.AsyncInvoiceApi(client).for_user(user).create_invoice(external_id="a", amount=5000)
            sandbox.pay(invoice.id)
            api = AsyncRefundApi(client).for_user(user)
            first = await api.refund_invoice(invoice, 2000, reference_id="x")
            again = await api.refund_invoice(invoice.id, 2000, reference_id="x")
            sandbox.succeed_refund(first.id)
            ended = await api.wait_until_final(first.id, 5)
            listed = [each.id async for each in api.iter_refunds(invoice_id=invoice.id)]
            return first.id == again.id == ended.id, ended.status, listed == [first.id]

    assert asyncio.run(main()) == (True, "SUCCEEDED", True)
