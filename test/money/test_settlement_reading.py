"""A page that is read straight into rows comes to the same rows as one that is read into models first."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter
from xendit.balance_and_transaction.operations import GET_ALL_TRANSACTIONS
from xendit.exceptions import OpenApiException
from xendit.invoice.operations import GET_INVOICES
from xendit.messages import Response
from xendit.settlement.reading import InvoiceWalk, RowPage, TransactionWalk
from xendit.settlement.store import Store

if TYPE_CHECKING:
    from xendit.operation import Operation

INVOICE: dict[str, Any] = {
    "id": "6a1f0001",
    "external_id": "order-1",
    "status": "SETTLED",
    "amount": 150_000,
    "paid_amount": 150_000,
    "paid_at": "2026-01-15T08:31:09.123Z",
    "updated": "2026-01-15T08:31:10.000Z",
    "payment_method": "EWALLET",
    "payment_channel": "OVO",
    "invoice_url": "https://checkout.example/web/6a1f0001",
    "currency": "IDR",
    "available_banks": [],
}
TRANSACTION: dict[str, Any] = {
    "id": "txn_1",
    "type": "PAYMENT",
    "status": "SUCCESS",
    "cashflow": "MONEY_IN",
    "reference_id": "order-1",
    "currency": "IDR",
    "channel_code": "OVO",
    "channel_category": "EWALLET",
    "amount": 150_000,
    "net_amount": 147_502.5,
    "settlement_status": "SETTLED",
    "estimated_settlement_time": "2026-01-17T08:31:09.123Z",
    "created": "2026-01-15T08:31:09.123Z",
    "fee": {"xendit_fee": 2250, "value_added_tax": 247.5, "xendit_withholding_tax": 0, "status": "COMPLETED"},
    "product_data": {"payment_link_id": "6a1f0001", "payment_request_id": "pr-1", "capture_id": None},
}
TIMES = (
    "2026-01-15T08:31:09Z",
    "2026-01-15T08:31:09.123456Z",
    "2026-01-15T08:31:09.123456789Z",
    "2026-01-15T08:31:09.123+07:00",
    "2026-01-15T08:31:09",
    "2026-01-15",
    "2026-W03-4T08:31:09.123Z",
    "20260115T083109.1234567Z",
    "2026-01-15T08:31:09,123Z",
    "2026-01-15 08:31:09.123Z",
    "2026-01-15T24:00:00.000Z",
    "2026-02-30T08:31:09.123Z",
    "2026-01-15T08:31:09.12aZ",
    "0001-01-01T00:00:00.000+07:00",
    "soon",
    "",
)
JUNK = (None, 0, -1, 5, 1.5, 1e300, 10**30, True, "", "x", "12", [], [1, "a"], {}, {"a": {"b": "c"}}, *TIMES)


def body(kind: str, items: list[dict[str, Any]]) -> bytes:
    """A page of these."""
    return json.dumps(items if kind == "invoice" else {"has_more": False, "data": items}).encode()


def read_both(kind: str, data: bytes) -> tuple[Any, Any, bool]:
    """What comes of a page straight and by way of models, and whether the straight way was taken to its end."""
    operation: Any = InvoiceWalk(GET_INVOICES) if kind == "invoice" else TransactionWalk(GET_ALL_TRANSACTIONS)
    response = Response(200, {"content-type": "application/json"}, data)
    taken: list[str] = []

    class Watched(type(operation)):  # type: ignore[misc]
        def carefully(self, models: Any) -> RowPage:
            taken.append("carefully")
            page: RowPage = super().carefully(models)
            return page

    def outcome(read: Any) -> Any:
        try:
            page = read(response)
        except OpenApiException as error:
            return str(error)
        return [*map(tuple, page.rows)], page.last, page.more

    watched = Watched(operation)
    straight = outcome(watched.read)
    watched.quickly = None
    return straight, outcome(watched.read), taken.count("carefully") < 2


@pytest.mark.parametrize(("kind", "item"), [("invoice", INVOICE), ("transaction", TRANSACTION)])
def test_an_ordinary_page_takes_the_straight_way(kind: str, item: dict[str, Any]) -> None:
    """And comes to the same rows; also where fields are new, null or absent."""
    more = {**item, "news_of_tomorrow": {"a": ["b", {"c": None}]}}
    fewer = {name: value for name, value in item.items() if name in ("id", "paid_at", "amount")}
    for items in ([item], [more, fewer], [dict.fromkeys(item) | {"id": "i"}], []):
        straight, careful, was_straight = read_both(kind, body(kind, items))
        assert straight == careful
        assert was_straight


@pytest.mark.parametrize("text", TIMES)
@pytest.mark.parametrize(
    ("kind", "name"), [("invoice", "paid_at"), ("transaction", "created"), ("transaction", "estimated_settlement_time")]
)
def test_each_form_of_a_time(kind: str, name: str, text: str) -> None:
    """A time comes to the same text, whatever form it had, and one that is none to the same too."""
    item = {**(INVOICE if kind == "invoice" else TRANSACTION), name: text}
    straight, careful, _ = read_both(kind, body(kind, [item]))
    assert straight == careful


_paths = st.one_of(
    st.tuples(st.just("invoice"), st.sampled_from([*INVOICE]), st.none()),
    st.tuples(st.just("transaction"), st.sampled_from([*TRANSACTION]), st.none()),
    st.tuples(
        st.just("transaction"),
        st.just("fee"),
        st.sampled_from(
            ["xendit_fee", "value_added_tax", "xendit_withholding_tax", "third_party_withholding_tax", "status"]
        ),
    ),
    st.tuples(
        st.just("transaction"), st.just("product_data"), st.sampled_from(["payment_link_id", "payment_request_id"])
    ),
)


@given(st.lists(st.tuples(_paths, st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_whatever_a_field_holds_both_ways_agree(changes: list[tuple[tuple[str, str, str | None], Any]]) -> None:
    """Both come to the same rows, which can be kept, or to the same error."""
    kind = changes[0][0][0]
    item = json.loads(json.dumps(INVOICE if kind == "invoice" else TRANSACTION))
    for (of, name, inner), value in changes:
        if of != kind:
            continue
        if inner is None:
            item[name] = value
        elif isinstance(item[name], dict):
            item[name][inner] = value
    straight, careful, _ = read_both(kind, body(kind, [item]))
    assert straight == careful
    if not isinstance(straight, str):
        store = Store()
        store.begin_anew()
        store.take(f"{kind}s", straight[0])
        assert store.count(f"{kind}s") == len(straight[0])
        store.close()


def test_a_key_that_came_twice_is_refused_as_ever() -> None:
    """Two amounts in one invoice: nobody can say which one counts."""
    data = body("invoice", [INVOICE]).replace(b'"amount": 150000', b'"amount": 1, "amount": 150000', 1)
    straight, careful, _ = read_both("invoice", data)
    assert straight == careful
    assert "twice" in straight


def test_a_request_that_is_written_once_is_the_one_that_would_be_made() -> None:
    """For ordinary cursors and odd ones, also where other arguments come in between."""
    begin, end = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 2, 1, tzinfo=timezone.utc)
    invoices, transactions = InvoiceWalk(GET_INVOICES), TransactionWalk(GET_ALL_TRANSACTIONS)
    for cursor in (None, "6a1f-0_1", "6a1f0002", "a b/c", "ID-OF-THE-LAST-ITEM", "", 7):
        for user in (None, "5f9a3fbd571a1c4068aa40ce"):
            asked = {"for_user_id": user, "statuses": ["PAID", "SETTLED"], "paid_after": begin, "paid_before": end}
            created = DateRangeFilter(gte=begin, lte=end)
            for pages, plain, arguments in (
                (invoices, GET_INVOICES, {**asked, "limit": 100, "last_invoice": cursor}),
                (transactions, GET_ALL_TRANSACTIONS, {"for_user_id": user, "created": created, "after_id": cursor}),
            ):
                for headers in ({}, {"x-one": "1"}):
                    assert outcome_of(pages, arguments, headers) == outcome_of(plain, arguments, headers)


def outcome_of(operation: Operation, arguments: dict[str, Any], headers: dict[str, str]) -> Any:
    """All that a request says, or the error."""
    try:
        made = operation.request(arguments, headers)
    except OpenApiException as error:
        return str(error)
    return made.method, made.target, made.headers, made.body, made.repeatable, made.idempotency_key
