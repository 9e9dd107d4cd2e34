"""The sandbox's rules of money: fees by channel, settlement, balances, refusals; and that they survive."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import xendit
from xendit.apis import BalanceApi, InvoiceApi, RefundApi, TransactionApi
from xendit.sandbox import Sandbox, SandboxError

CHANNELS = [
    ("IDR", "BCA", 100000, 4000, 440, "VIRTUAL_ACCOUNT", 1),
    ("IDR", "ALFAMART", 100000, 5000, 550, "RETAIL_OUTLET", 3),
    ("IDR", "OVO", 100000, 1500, 165, "EWALLET", 2),
    ("IDR", "QRIS", 100001, 700, 77, "QR_CODE", 1),
    ("IDR", "CREDIT_CARD", 100000, 4900, 539, "CARDS", 4),
    ("PHP", "GCASH", 99.95, 2.3, 0.28, "EWALLET", 2),
    ("MYR", "TOUCHNGO", 10.1, 0.14, 0.01, "EWALLET", 2),
    ("USD", "CREDIT_CARD", 20, 1.08, 0, "CARDS", 4),
]


def client_of(sandbox):
    return xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))


def balances(client, currency="IDR", **more):
    return [BalanceApi(client).get_balance(each, currency, **more).balance for each in ("CASH", "HOLDING", "TAX")]


@pytest.mark.parametrize(("currency", "channel", "amount", "fee", "tax", "category", "days"), CHANNELS)
def test_fees_by_channel(sandbox, shop, currency, channel, amount, fee, tax, category, days):
    """A payment makes a transaction whose fee, tax, category and time of settlement are those of the table."""
    invoice = InvoiceApi(shop).create_invoice(external_id="order-1", amount=amount, currency=currency)
    sandbox.pay(invoice.id, channel=channel)
    [found] = TransactionApi(shop).get_all_transactions(reference_id="order-1").data
    assert (found.amount, found.fee.xendit_fee, found.fee.value_added_tax) == (amount, fee, tax)
    assert found.decimal("net_amount") == found.decimal("amount") - found.fee.decimal("xendit_fee") - found.fee.decimal(
        "value_added_tax"
    )
    assert (found.channel_category, found.channel_code, found.cashflow) == (category, channel, "MONEY_IN")
    assert found.product_data.payment_link_id == invoice.id
    assert found.estimated_settlement_time - found.created == timedelta(days=days)
    assert balances(shop, currency) == [0, found.net_amount, 0]
    assert TransactionApi(shop).get_transaction_by_id(found.id) == found


def test_settling_moves_the_balance_and_a_refund_takes_from_it(sandbox, shop):
    """HOLDING becomes CASH when it is settled; a refund takes from CASH, and what failed or was cancelled comes back."""
    sandbox.clock.freeze()
    api = InvoiceApi(shop)
    first, second = (api.create_invoice(external_id=each, amount=100000) for each in ("a", "b"))
    for each in (first, second):
        sandbox.pay(each.id, channel="OVO")
    sandbox.advance("1d")
    between = datetime.fromisoformat(sandbox.clock.json()["now"].replace("Z", "+00:00"))
    sandbox.advance("1h")
    sandbox.settle(first.id)
    assert balances(shop) == [98335, 98335, 0]
    assert balances(shop, at_timestamp=between) == [0, 196670, 0]
    assert balances(shop, at_timestamp=between - timedelta(days=7)) == [0, 0, 0]
    refunds = RefundApi(shop)
    done = refunds.refund_invoice(first, 30000)
    failed = refunds.refund_invoice(first, 20000)
    cancelled = refunds.refund_invoice(first, 10000)
    assert balances(shop)[0] == 38335
    sandbox.fail_refund(failed.id)
    refunds.cancel_refund(cancelled.id)
    sandbox.advance("5s")
    assert refunds.get_refund(done.id).status == "SUCCEEDED"
    assert balances(shop) == [68335, 98335, 0]
    states = {each.product_id: str(each.status) for each in TransactionApi(shop).iter_transactions(types=["REFUND"])}
    assert states == {done.id: "SUCCESS", failed.id: "FAILED", cancelled.id: "VOIDED"}


def test_by_itself(sandbox):
    """Where a delay is assumed, settlement comes by itself; early where that is assumed, too."""
    with Sandbox(assume={"settlement_delay": 3600, "early_settlements": True, "transaction_fees": "none"}) as sandbox:
        sandbox.clock.freeze()
        client = client_of(sandbox)
        invoice = InvoiceApi(client).create_invoice(external_id="a", amount=100000)
        sandbox.pay(invoice.id, channel="OVO")
        assert balances(client) == [0, 100000, 0]
        sandbox.advance("61m")
        [found] = TransactionApi(client).get_all_transactions().data
        assert (found.settlement_status, found.net_amount, found.fee.status) == (
            "EARLY_SETTLED",
            100000,
            "NOT_APPLICABLE",
        )
        assert balances(client) == [100000, 0, 0]


@pytest.mark.parametrize(
    ("assume", "asked", "code", "status"),
    [
        ({}, {"amount": 100001}, "REFUND_AMOUNT_EXCEEDED", 400),
        ({"refund_codes": "sdk"}, {"amount": 100001}, "MAXIMUM_REFUND_AMOUNT_REACHED", 400),
        ({"refunded_kinds": ["CREDIT_CARD"]}, {}, "REFUND_NOT_SUPPORTED", 403),
        ({"refunded_kinds": ["CREDIT_CARD"], "refund_codes": "sdk"}, {}, "REFUND_NOT_SUPPORTED", 400),
        ({"partial_refunds": []}, {"amount": 5}, "PARTIAL_REFUND_NOT_SUPPORTED", 403),
        ({"refund_funds": "cash"}, {}, "INSUFFICIENT_BALANCE", 400),
        ({"refund_limit": 0}, {}, "PARTIAL_REFUND_COUNTS_EXCEEDED", 400),
        ({}, {"amount": 0}, "API_VALIDATION_ERROR", 400),
        ({}, {"currency": "PHP"}, "API_VALIDATION_ERROR", 400),
        ({}, {"reason": "BORED"}, "API_VALIDATION_ERROR", 400),
        ({}, {"invoice_id": "0" * 24}, "DATA_NOT_FOUND", 404),
    ],
)
@pytest.mark.filterwarnings("ignore::xendit.XenditWarning")
def test_refusals(assume, asked, code, status):
    """What may not be refunded is refused with the code and the status that are documented for it."""
    with Sandbox(assume=assume) as sandbox:
        client = client_of(sandbox)
        invoice = InvoiceApi(client).create_invoice(external_id="a", amount=100000)
        sandbox.pay(invoice.id, channel="OVO")
        with pytest.raises(xendit.XenditSdkException) as raised:
            RefundApi(client).create_refund(create_refund={"invoice_id": invoice.id, **asked})
        assert (raised.value.errorCode, raised.value.http_status) == (code, status)
        assert raised.value.outcome == "rejected"


def test_keys_and_references():
    """Where that is assumed, a key gives the first refund again, another body is refused, and a reference is unique."""
    with Sandbox(
        assume={"refund_keys": "replayed", "refund_references": "unique", "concurrent_refunds": False}
    ) as sandbox:
        client = client_of(sandbox)
        invoice = InvoiceApi(client).create_invoice(external_id="a", amount=100000)
        sandbox.pay(invoice.id, channel="OVO")
        api = RefundApi(client)
        asked = {"invoice_id": invoice.id, "amount": 100}
        made = api.create_refund("key", create_refund=asked)
        assert api.create_refund("key", create_refund=asked).id == made.id
        with pytest.raises(xendit.OutcomeUnknownException, match="IDEMPOTENCY_ERROR"):
            api.create_refund("key", create_refund={**asked, "amount": 200})
        with pytest.raises(xendit.BadRequestException, match="REFUND_IN_PROGRESS"):
            api.create_refund(create_refund=asked)
        sandbox.succeed_refund(made.id)
        named = api.create_refund(create_refund={**asked, "reference_id": "r"})
        sandbox.succeed_refund(named.id)
        assert api.create_refund(create_refund={**asked, "reference_id": "r"}).id == named.id  # 409, looked up


def test_one_account_sees_nothing_of_another(sandbox, shop):
    """Transactions, balances and refunds are those of the account that asks."""
    invoice = InvoiceApi(shop).create_invoice(external_id="a", amount=100000)
    sandbox.pay(invoice.id, channel="OVO")
    [found] = TransactionApi(shop).get_all_transactions().data
    refund = RefundApi(shop).refund_invoice(invoice, 1000)
    other = xendit.ApiClient(xendit.Configuration(api_key="xnd_development_other", host=sandbox.url))
    assert TransactionApi(other).get_all_transactions().data == []
    assert balances(other) == [0, 0, 0]
    with pytest.raises(xendit.NotFoundException):
        TransactionApi(other).get_transaction_by_id(found.id)
    with pytest.raises(xendit.NotFoundException):
        RefundApi(other).get_refund(refund.id)
    with pytest.raises(xendit.NotFoundException):
        RefundApi(other).create_refund(create_refund={"invoice_id": invoice.id})
    reader = Sandbox(api_keys={"xnd_development_reader": "none"})
    with reader as closed, pytest.raises(xendit.ForbiddenException):
        BalanceApi(
            xendit.ApiClient(xendit.Configuration(api_key="xnd_development_reader", host=closed.url))
        ).get_balance()


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "last_invoice=5", "types=LUNCH", "limit=51", "created[gte]=soon", "after_id=txn_1", "currency=rp"],
)
def test_a_query_that_is_not_known_is_refused(shop, query):
    """`/transactions` refuses what it does not know, in the shape that was recorded."""
    name, _, value = query.partition("=")
    with pytest.raises(xendit.BadRequestException) as raised:
        shop.request("GET", "/transactions", query={name: value})
    assert raised.value.errors[0][0] == name
    assert raised.value.rawResponse["validation"]["errors"][0]["path"] == f".query.{name}"


def test_walking_both_ways(sandbox, shop):
    """Seventy transactions are walked to the end, each once; `before_id` gives the page of those that are newer."""
    api = InvoiceApi(shop)
    for number in range(70):
        sandbox.pay(api.create_invoice(external_id=f"o-{number}", amount=10000).id, channel="OVO")
    transactions = TransactionApi(shop)
    walked = [each.id for each in transactions.iter_transactions(limit=7)]
    assert len(set(walked)) == len(walked) == 70
    page = transactions.get_all_transactions(before_id=walked[30], limit=10)
    assert ([each.id for each in page.data], page.has_more) == (walked[20:30], True)
    assert [each.id for each in transactions.get_all_transactions(after_id=walked[-2]).data] == [walked[-1]]


def filled(sandbox):
    client = client_of(sandbox)
    invoice = InvoiceApi(client).create_invoice(external_id="a", amount=100000)
    sandbox.pay(invoice.id, channel="OVO")
    sandbox.settle(invoice.id)
    RefundApi(client).refund_invoice(invoice, 10000, reference_id="r")
    sandbox.move_money("CHARGEBACK", 5000, invoice_id=invoice.id)
    return client


def seen(client):
    listed = [each.to_dict() for each in TransactionApi(client).iter_transactions()]
    return listed, [each.to_dict() for each in RefundApi(client).iter_refunds()], balances(client)


def test_it_survives(tmp_path):
    """A file gives back every transaction, refund and balance; what is due by then happens."""
    path = tmp_path / "sandbox.db"
    with Sandbox(db=path, assume={"refund_delay": 0}) as sandbox:
        before = seen(filled(sandbox))
    with Sandbox(db=path) as sandbox:
        after = seen(client_of(sandbox))
    assert after == before
    assert before[2] == [98335 - 10000 - 5000, 0, 0]


def test_an_export_is_taken_over():
    """An export holds the money too; imported, it is the same, and nobody is told."""
    with Sandbox(assume={"refund_delay": 0}) as sandbox:
        before = seen(filled(sandbox))
        export = sandbox.export()
    with Sandbox(assume={"refund_delay": 0}) as sandbox:
        sandbox.load(export)
        assert seen(client_of(sandbox)) == before
        assert not sandbox.deliveries
        sandbox.reset()
        assert seen(client_of(sandbox)) == ([], [], [0, 0, 0])


def test_a_seed():
    """A seed written by hand has paid invoices and refunds of them, by their external ids."""
    seed = {
        "invoices": [
            {"external_id": "a", "amount": 100000, "status": "SETTLED", "channel": "OVO"},
            {"external_id": "b", "amount": 50000, "status": "PAID", "channel": "BCA"},
        ],
        "refunds": [
            {"external_id": "a", "amount": 25000, "reference_id": "r-1"},
            {"external_id": "b", "status": "FAILED", "failure_code": "ACCOUNT_NOT_FOUND"},
        ],
    }
    with Sandbox() as sandbox:
        sandbox.load(seed)
        client = client_of(sandbox)
        assert {(each.amount, str(each.status)) for each in RefundApi(client).iter_refunds()} == {
            (25000, "SUCCEEDED"),
            (50000, "FAILED"),
        }
        assert balances(client) == [98335 - 25000, 50000 - 4440, 0]
    for wrong in (
        {"external_id": "nobody"},
        {"external_id": "a", "amount": 100001},
        {"external_id": "a", "status": "X"},
    ):
        with Sandbox() as sandbox, pytest.raises(ValueError, match="refund 1 of the seed"):
            sandbox.load({**seed, "refunds": [wrong]})


def test_money_that_follows_from_nothing_else(sandbox, shop):
    """A chargeback belongs to its invoice, an adjustment to nobody; what makes no sense is refused."""
    invoice = InvoiceApi(shop).create_invoice(external_id="a", amount=100000)
    with pytest.raises(SandboxError):
        sandbox.move_money("CHARGEBACK", 1, invoice_id=invoice.id)
    sandbox.pay(invoice.id)
    made = sandbox.move_money("CHARGEBACK", 100000, invoice_id=invoice.id)
    assert (made["product_data"]["payment_link_id"], made["reference_id"]) == (invoice.id, "a")
    sandbox.move_money("ADJUSTMENT_ADD", 7, cashflow="MONEY_IN", reference_id="bonus")
    assert balances(shop)[0] == 7 - 100000
    for wrong in (("LUNCH", 1), ("TOPUP", 0), ("TOPUP", -5)):
        with pytest.raises(SandboxError):
            sandbox.move_money(*wrong)


def test_a_file_from_before_there_was_money(tmp_path):
    """Paid invoices of an older file have their transactions when it is opened."""
    path = tmp_path / "sandbox.db"
    with Sandbox(db=path) as sandbox:
        client = client_of(sandbox)
        invoice = InvoiceApi(client).create_invoice(external_id="a", amount=100000)
        sandbox.pay(invoice.id, channel="OVO")
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as file:
        file.execute("DELETE FROM records WHERE kind = 'transaction'")
        file.commit()
    with Sandbox(db=path) as sandbox:
        assert balances(client_of(sandbox)) == [0, 98335, 0]


def test_times_are_in_utc(sandbox, shop):
    """Times that the sandbox writes are read as aware moments."""
    invoice = InvoiceApi(shop).create_invoice(external_id="a", amount=100000)
    sandbox.pay(invoice.id)
    [found] = TransactionApi(shop).get_all_transactions().data
    assert found.created.tzinfo is timezone.utc or found.created.utcoffset() == timedelta(0)
