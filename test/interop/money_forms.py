"""How programs call the classes for balances, transactions and refunds, run by any interpreter that has a package `xendit`.

    python money_forms.py URL RELEASE NAME...

As `call_forms`, for the official release 7.0.0 and for ours. Only names that the official package has are used.
"""

import sys
from datetime import datetime, timezone

from call_forms import FORMS, KEY, form, main

FORMS["7"].clear()
ID = "txn_13dcdbb2-7b2c-4e2a-9a2b-7f5f3f3a0f01"
REFUND = "rfd-4f0f9b2e-6f0d-4a51-9f0b-6a1d2c3b4a59"


def client():
    import xendit

    return xendit.ApiClient(xendit.Configuration(api_key=KEY))


@form("7")
def balance():
    from xendit.apis import BalanceApi

    return BalanceApi(client()).get_balance().balance


@form("7")
def balance_of_a_kind_then():
    from xendit.apis import BalanceApi

    moment = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    api = BalanceApi(client())
    return api.get_balance(account_type="HOLDING", currency="PHP", at_timestamp=moment, for_user_id="5f9a").balance


@form("7")
def transaction():
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model import TransactionId

    found = TransactionApi(client()).get_transaction_by_id(id=TransactionId(ID))
    return [found.reference_id, found.amount, str(found.status), found.fee.xendit_fee, found["channel_code"]]


@form("7")
def transaction_by_position():
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model.transaction_id import TransactionId

    return TransactionApi(client()).get_transaction_by_id(TransactionId(ID), "5f9a").created.isoformat()


@form("7")
def transaction_by_its_text():
    from xendit.apis import TransactionApi

    return str(TransactionApi(client()).get_transaction_by_id(ID).status)


@form("7")
def transactions():
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model import TransactionStatuses, TransactionTypes

    page = TransactionApi(client()).get_all_transactions(
        types=[TransactionTypes("PAYMENT"), TransactionTypes("REFUND")],
        statuses=[TransactionStatuses("SUCCESS")],
        reference_id="order-1",
        limit=25.0,
    )
    return [page.has_more, len(page.data), page.data[0].reference_id]


@form("7")
def transactions_filtered():
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model import ChannelsCategories, Currency

    page = TransactionApi(client()).get_all_transactions(
        channel_categories=[ChannelsCategories("EWALLET")],
        product_id="ewc_1",
        account_identifier="081234567890",
        amount=150000.0,
        currency=Currency("IDR"),
        limit=10.0,
        after_id=ID,
    )
    return len(page.data)


@form("7")
def transactions_without_a_limit():
    from xendit.apis import TransactionApi

    return len(TransactionApi(client()).get_all_transactions().data)


@form("7")
def transactions_of_a_month():
    from xendit.apis import TransactionApi
    from xendit.balance_and_transaction.model import DateRangeFilter

    span = DateRangeFilter(
        gte=datetime(2026, 1, 1, tzinfo=timezone.utc), lte=datetime(2026, 1, 31, tzinfo=timezone.utc)
    )
    return len(TransactionApi(client()).get_all_transactions(created=span, limit=10.0).data)


@form("7")
def refund():
    from xendit.apis import RefundApi
    from xendit.refund.model import CreateRefund

    request = CreateRefund(
        payment_request_id="pr-1",
        reference_id="refund-1",
        amount=10000.0,
        currency="IDR",
        reason="REQUESTED_BY_CUSTOMER",
        metadata={"order": "1"},
    )
    made = RefundApi(client()).create_refund(idempotency_key="key-1", create_refund=request)
    return [made.id, made.amount, made.currency, made.get("channel_code")]


@form("7")
def refund_of_an_invoice():
    from xendit.apis import RefundApi
    from xendit.refund.model.create_refund import CreateRefund

    request = CreateRefund(invoice_id="63cbffba77c0a60ebd31ee2b", reason="CANCELLATION")
    return RefundApi(client()).create_refund("key-2", "5f9a", request).id


@form("7")
def refund_read():
    from xendit.apis import RefundApi

    return RefundApi(client()).get_refund(refund_id=REFUND, for_user_id="5f9a").id


@form("7")
def refunds():
    from xendit.apis import RefundApi

    page = RefundApi(client()).get_all_refunds(invoice_id="i", payment_method_type="EWALLET", channel_code="DANA")
    return [len(page.data), page.data[0].id, page.has_more]


@form("7")
def refunds_of_a_payment():
    from xendit.apis import RefundApi

    return len(RefundApi(client()).get_all_refunds("5f9a", "pr-1", limit=5.0, after_id="rfd-1").data)


@form("7")
def refund_cancelled():
    from xendit.apis import RefundApi

    return RefundApi(client()).cancel_refund(REFUND, idempotency_key="key-3").id


if __name__ == "__main__":
    main(*sys.argv[1:])
