"""Balances and transactions over the wire: what is sent, how real bodies are read, and the walk through all pages."""

from __future__ import annotations

import asyncio
import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from recorder import KEY, Answer

import xendit
from xendit.apis import AsyncTransactionApi, BalanceApi, TransactionApi
from xendit.balance_and_transaction.model import DateRangeFilter, TransactionId, TransactionResponse

ID = "txn_13dcdbb2-7b2c-4e2a-9a2b-7f5f3f3a0f01"
#: The shape of a recorded answer of 2022, with the fields that the official model lacks. Ids and names are made up.
TRANSACTION = {
    "id": ID,
    "product_id": "ewc_b4eab1df-139f-4c96-9fb4-ec492f589895",
    "type": "PAYMENT",
    "status": "SUCCESS",
    "channel_category": "EWALLET",
    "channel_code": "OVO",
    "account_identifier": None,
    "reference_id": "order-1",
    "currency": "IDR",
    "amount": 150000,
    "net_amount": 147502.5,
    "net_amount_currency": "IDR",
    "cashflow": "MONEY_IN",
    "settlement_status": "EARLY_SETTLED",
    "estimated_settlement_time": "2022-12-08T07:00:00.000Z",
    "business_id": "5f9a3fbd571a1c4068aa40ce",
    "created": "2022-12-06T07:47:29.220981439Z",
    "updated": "2022-12-06T07:47:30Z",
    "fee": {
        "xendit_fee": 2250,
        "value_added_tax": 247.5,
        "xendit_withholding_tax": 0,
        "third_party_withholding_tax": 0,
        "status": "COMPLETED",
    },
    "product_data": {
        "capture_id": None,
        "payment_request_id": "pr-90392f42-d98a-49ef-a7f3-abcezas123",
        "reusable_payment_link_id": None,
        "payment_link_id": "63cbffba77c0a60ebd31ee2b",
    },
}
EMPTY = {"has_more": False, "data": [], "links": []}
REFUSED = {
    "message": "Invalid input",
    "error": "API_VALIDATION_ERROR",
    "error_code": "API_VALIDATION_ERROR",
    "status_code": 400,
    "validation": {"errors": [{"path": ".query.nonsense", "message": "Unknown query parameter 'nonsense'"}]},
}


def page_of(numbers, *, has_more):
    data = [{**TRANSACTION, "id": f"txn_{number}"} for number in numbers]
    return Answer(body={"has_more": has_more, "data": data, "links": []})


def test_balance(client, recorder):
    """Every parameter goes out once, a time in UTC; the balance is exact."""
    recorder.answers.extend([Answer(body={"balance": 1241231.55})] * 2)
    api = BalanceApi(client)
    jakarta = timezone(timedelta(hours=7))
    balance = api.get_balance("HOLDING", "PHP", datetime(2026, 1, 31, 7, tzinfo=jakarta), "5f9a")
    assert balance.decimal("balance") == Decimal("1241231.55")
    assert recorder.last.path == "/balance"
    assert recorder.last.query == [
        ["account_type", "HOLDING"],
        ["currency", "PHP"],
        ["at_timestamp", "2026-01-31T00:00:00.000Z"],
    ]
    assert recorder.last.header("for-user-id") == "5f9a"
    api.get_balance()
    assert recorder.last.target == "/balance"


def test_transaction_is_read(client, recorder):
    """A real body is read whole: what the official model lacks, a settlement status that it does not know, nanoseconds."""
    recorder.answers.append(Answer(body=TRANSACTION))
    found = TransactionApi(client).get_transaction_by_id(TransactionId(ID))
    assert recorder.last.target == f"/transactions/{ID}"
    assert (found.net_amount, found.product_data.payment_link_id) == (147502.5, "63cbffba77c0a60ebd31ee2b")
    assert found.settlement_status == "EARLY_SETTLED"
    assert found.settlement_status.is_known
    assert found.decimal("net_amount") == found.decimal("amount") - found.fee.decimal("xendit_fee") - found.fee.decimal(
        "value_added_tax"
    )
    assert found.created == datetime(2022, 12, 6, 7, 47, 29, 220981, tzinfo=timezone.utc)
    assert found.created_text == "2022-12-06T07:47:29.220981439Z"
    assert json.loads(found.to_json()) == TRANSACTION


def test_everything_but_the_id_may_be_missing():
    """An answer of an id alone is read, and so is one whose optional values are null or empty."""
    assert TransactionResponse.from_dict({"id": "txn_1"}).amount is None
    assert TransactionResponse(id="txn_1").fee is None
    found = TransactionResponse.from_dict({**TRANSACTION, "settlement_status": None, "product_data": None, "fee": {}})
    assert (found.settlement_status, found.product_data, found.fee.xendit_fee) == (None, None, None)
    assert "081234567890" not in repr(TransactionResponse(id="txn_1", account_identifier="081234567890"))


@pytest.mark.parametrize(
    ("created", "query"),
    [
        (DateRangeFilter(gte="2026-01-01"), [["created[gte]", "2026-01-01T00:00:00.000Z"]]),
        (
            {"gte": date(2026, 1, 1), "lte": datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)},
            [["created[gte]", "2026-01-01T00:00:00.000Z"], ["created[lte]", "2026-01-31T23:59:59.999Z"]],
        ),
        ({}, []),
    ],
)
def test_ranges_and_arrays(client, recorder, created, query):
    """A range is a pair for each of its ends, an array is repeated; no name goes out that the API does not know."""
    recorder.answers.append(Answer(body=EMPTY))
    page = TransactionApi(client).get_all_transactions(
        types=["PAYMENT", "REFUND"], channel_categories=["EWALLET"], created=created, amount=Decimal("10000.00")
    )
    assert (page.has_more, page.data, page.links) == (False, [], [])
    wanted = [["types", "PAYMENT"], ["types", "REFUND"], ["channel_categories", "EWALLET"], ["amount", "10000"]]
    assert recorder.last.query == wanted + query


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"created": {"gte": "yesterday"}}, "gte"),
        ({"created": 5}, "created"),
        ({"limit": 0}, "limit"),
        ({"amount": "10000"}, "amount"),
        ({"after_id": ""}, "after_id"),
        ({"types": "PAYMENT"}, "types"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_sent(client, recorder, arguments, name):
    """What cannot be sent is told with its name; nothing is."""
    with pytest.raises(xendit.OpenApiException, match=name):
        TransactionApi(client).get_all_transactions(**arguments)
    assert not recorder.requests


@pytest.mark.parametrize(
    ("body", "code", "message", "errors"),
    [
        (REFUSED, "API_VALIDATION_ERROR", "Invalid input", (("nonsense", "Unknown query parameter 'nonsense'"),)),
        ({"error_code": "A", "message": "m"}, "A", "m", ()),
        ({"error_code": "A", "error_message": "m"}, "A", "m", ()),
        (
            {"error_code": "A", "message": "m", "errors": [{"path": "/body/amount", "message": "is wrong"}]},
            "A",
            "m",
            (("amount", "is wrong"),),
        ),
    ],
)
def test_error_shapes(client, recorder, body, code, message, errors):
    """All four shapes of an error give code, message and fields, and a model that has what came."""
    recorder.answers.append(Answer(400, body))
    with pytest.raises(xendit.BadRequestException) as raised:
        TransactionApi(client).get_all_transactions()
    error = raised.value
    assert (error.errorCode, error.errorMessage, error.errors) == (code, message, errors)
    assert type(error.model).__name__ == "ValidationError"
    assert error.model.to_dict() == body


def test_walk(client, recorder):
    """The walk asks for 50 a page, follows `after_id`, and skips what was on the page before."""
    recorder.answers.extend(
        [page_of([1, 2], has_more=True), page_of([2, 3], has_more=True), page_of([], has_more=False)]
    )
    api = TransactionApi(client)
    assert [each.id for each in api.iter_transactions(types=["PAYMENT"])] == ["txn_1", "txn_2", "txn_3"]
    assert [each.query for each in recorder.requests] == [
        [["types", "PAYMENT"], ["limit", "50"]],
        [["types", "PAYMENT"], ["limit", "50"], ["after_id", "txn_2"]],
        [["types", "PAYMENT"], ["limit", "50"], ["after_id", "txn_3"]],
    ]


@pytest.mark.parametrize(
    "pages",
    [
        [page_of([1], has_more=True), page_of([1], has_more=True)],
        [page_of([1], has_more=True), page_of([2], has_more=True), page_of([1], has_more=True)],
        [page_of([], has_more=True)],
    ],
    ids=["the same page", "around in a circle", "an empty page"],
)
def test_a_cursor_that_is_not_followed_raises_rather_than_loops(client, recorder, pages):
    """A server that gives no new page ends the walk with an error."""
    recorder.answers.extend(pages)
    with pytest.raises(xendit.ResponseException):
        list(TransactionApi(client).iter_transactions())
    assert len(recorder.requests) == len(pages)


@pytest.mark.parametrize("read_ahead", [False, True])
def test_walk_in_asyncio(recorder, read_ahead):
    """The same in asyncio, one page at a time or one ahead, for a sub-account."""
    recorder.answers.extend([page_of([1, 2], has_more=True), page_of([3], has_more=False)])

    async def walk():
        async with xendit.AsyncApiClient(xendit.Configuration(api_key=KEY, host=recorder.url)) as client:
            api = AsyncTransactionApi(client).for_user("5f9a")
            return [each.id async for each in api.iter_transactions(read_ahead=read_ahead)]

    assert asyncio.run(walk()) == ["txn_1", "txn_2", "txn_3"]
    assert {each.header("for-user-id") for each in recorder.requests} == {"5f9a"}


@pytest.mark.parametrize("filters", [{"limit": 51}, {"limit": "5"}, {"nonsense": 1}, {"_preload_content": False}])
def test_bad_filters(client, recorder, filters):
    """A walk refuses what a page cannot have before anything is sent."""
    with pytest.raises(xendit.OpenApiException):
        TransactionApi(client).iter_transactions(**filters)
    assert not recorder.requests
