"""Money is exact: how an amount that a user gave is understood, sent, looked up and compared, and read out again.

The values are those that shops have: totals computed with floats, integers of numpy and pandas, money values of
py-moneyed, texts that Django translates late, and differences of two times.
"""

from __future__ import annotations

import decimal
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from moneyed import Money

import xendit
from xendit.amounts import cut_amount, exact_amount, exact_decimal, given_money, same_amount
from xendit.apis import InvoiceApi
from xendit.exceptions import ApiKeyError, ApiTypeError, ApiValueError, XenditWarning
from xendit.models import (
    CreateInvoiceRequest,
    Invoice,
    InvoiceCallback,
    InvoiceCallbackItem,
    InvoiceFee,
    InvoiceItem,
)
from xendit.sandbox import Sandbox
from xendit.webhook.event import read_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.webhook.event import InvoiceEvent

NOISE = [
    ("PHP", 1100.1 * 3, Decimal("3300.30")),
    ("MYR", 0.1 + 0.2, Decimal("0.30")),
    ("USD", 4.35 * 100, Decimal("435.00")),
    ("IDR", 1000 * 1.005, Decimal(1005)),
    ("IDR", reduce(add, [16499.9] * 10), Decimal(164999)),  # what `sum` gives before Python 3.12
    ("VND", 1.1 * 1.1 * 1_000_000, Decimal(1210000)),
    (None, 1100.1 * 3, Decimal("3300.30")),
    (None, 1000 * 1.005, Decimal(1005)),
    ("XTS", 1100.1 * 3, Decimal("3300.30")),
]
"""A currency, what a shop computed, and what it meant."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def api(sandbox: Sandbox) -> InvoiceApi:
    """An InvoiceApi that talks to the sandbox."""
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(host=sandbox.url, api_key=sandbox.api_key)))


def webhook(**fields: Any) -> InvoiceEvent:
    """The event of a webhook with these fields."""
    body = {"id": "i", "external_id": "o", "user_id": "u", "status": "PAID", **fields}
    return read_event(json.dumps(body).encode())  # type: ignore[return-value]


def sent(request: CreateInvoiceRequest) -> dict[str, Any]:
    """What goes on the wire, numbers exact."""
    body: dict[str, Any] = json.loads(request.to_json(), parse_float=Decimal)
    return body


# ------------------------------------------------------------------------------------------ float noise


@pytest.mark.parametrize(("currency", "computed", "meant"), NOISE)
def test_float_noise_is_the_amount_that_was_meant(currency: str | None, computed: float, meant: Decimal) -> None:
    """An amount, a price and a fee with float noise go out as the amount that the currency has."""
    assert Decimal(repr(computed)) != meant
    request = CreateInvoiceRequest(
        external_id="o",
        amount=computed,
        items=[InvoiceItem(name="n", price=computed, quantity=1), InvoiceItem(name="n", price=5, quantity=0.1 + 0.2)],
        fees=[InvoiceFee(type="t", value=-computed)],
    )
    if currency not in (None, "XTS"):
        request.currency = currency
    body = sent(request)
    assert (body["amount"], body["items"][0]["price"], body["fees"][0]["value"]) == (meant, meant, -meant)
    assert body["items"][1]["quantity"] == Decimal("0.30000000000000004")  # no amount of money
    assert request.amount == computed  # what was given is not changed


@pytest.mark.parametrize(
    "amount", [Decimal("1100.1") * 3, Decimal("3300.2999999999997"), Decimal("0.1"), 7, 10**17 + 1]
)
@pytest.mark.parametrize("currency", ["IDR", "PHP", None])
def test_int_and_decimal_stay_exact(amount: Any, currency: str | None) -> None:
    """Only floats have noise: what is exact goes out as it is."""
    body = sent(CreateInvoiceRequest("o", amount, currency=currency))
    assert Decimal(body["amount"]) == Decimal(amount)


@pytest.mark.parametrize(
    ("currency", "amount"), [("IDR", 1000.5), ("IDR", 1100.5600000000002), ("PHP", 1.005), ("PHP", 9.999)]
)
def test_a_float_that_is_no_amount_of_the_currency_is_sent_as_it_is(currency: str, amount: float) -> None:
    """More than noise is never rounded away."""
    assert sent(CreateInvoiceRequest("o", amount, currency=currency))["amount"] == Decimal(repr(amount))


@given(st.integers(1, 10**13), st.sampled_from([1e-12, -1e-12, 9e-13, 1.1e-12, -3e-12, 2e-16]))
def test_noise_is_what_lies_within_a_billionth_of_a_thousandth(cents: int, share: float) -> None:
    """The nearest amount is taken exactly when the float is within 10⁻¹² of its own size of it."""
    value = cents / 100 * (1 + share)
    exact = Decimal(repr(value))
    near = exact.quantize(Decimal("0.01"))
    assert exact_amount(value, "PHP") == (near if abs(near - exact) <= abs(exact) * Decimal("1e-12") else exact)


@given(st.decimals(0, 10**9, places=2), st.lists(st.integers(1, 9), max_size=5))
def test_a_total_computed_with_floats_is_the_total_computed_with_decimals(price: Decimal, counts: list[int]) -> None:
    """A sum of price by quantity in floats is understood as the exact sum."""
    computed = float(sum(float(price) * count for count in counts))
    assert exact_amount(computed, "PHP") == price * sum(counts)


def test_the_programs_decimal_context_changes_nothing() -> None:
    """A program that computes with six digits, or traps floats, has the same amounts."""
    with decimal.localcontext(decimal.Context(prec=4, traps=[decimal.Inexact, decimal.FloatOperation])):
        assert exact_amount(1234567.89 + 1e-10, "PHP") == Decimal("1234567.89")
        assert cut_amount(Decimal("1234567.899"), "PHP") == Decimal("1234567.89")
        assert cut_amount(Decimal("1E+308"), "IDR") == Decimal("1E+308")
        assert sent(CreateInvoiceRequest("o", 1100.1 * 3, currency="PHP"))["amount"] == Decimal("3300.3")


@pytest.mark.parametrize(("currency", "computed", "meant"), NOISE[:6])
def test_an_orders_own_total_always_matches(currency: str, computed: float, meant: Decimal) -> None:
    """`event.matches` understands both the order's total and the webhook's amount as they were sent."""
    event = webhook(amount=float(meant), paid_amount=float(meant), currency=currency)
    for total in (computed, meant, float(meant)):
        assert event.matches(amount=total, currency=currency, external_id="o")
    assert not event.matches(amount=meant + 1, currency=currency, external_id="o")
    assert webhook(amount=computed, currency=currency).matches(amount=meant, currency=currency, external_id="o")


@pytest.mark.parametrize(("currency", "computed", "meant"), NOISE[:6])
def test_a_lost_create_is_found_by_a_noisy_total(
    sandbox: Sandbox, api: InvoiceApi, currency: str, computed: float, meant: Decimal
) -> None:
    """The look-up after a lost answer finds the invoice that was created over a float with noise."""
    key = f"lost-{currency}-{meant}"
    made = api.create_invoice({"external_id": key, "amount": computed, "currency": currency})
    assert made.decimal("amount") == meant
    assert api.resolve(key, amount=computed, currency=currency).id == made.id
    assert api.resolve(key, amount=meant).id == made.id
    assert same_amount(computed, made.amount, currency)


@pytest.mark.parametrize("currency", ["IDR", "PHP", None])
def test_prices_and_fees_are_told_like_the_amount(api: InvoiceApi, currency: str | None) -> None:
    """A decimal that the currency lacks is told with its place, in items and in fees; what it has is not."""
    whole = {"external_id": "o", "amount": 1000, "currency": currency}
    with pytest.raises(XenditWarning, match=r"\['items'\]\[1\]\['price'\]: 0\.505 has decimals"):
        api.create_invoice(
            {
                **whole,
                "items": [
                    {"name": "a", "price": 1000, "quantity": 1},
                    {"name": "b", "price": Decimal("0.505"), "quantity": 1.5},
                ],
            }
        )
    with pytest.raises(XenditWarning, match=r"\['fees'\]\[0\]\['value'\]: 2\.255 has decimals"):
        api.create_invoice({**whole, "fees": [{"type": "service", "value": 2.255}]})
    if currency != "IDR":
        api.create_invoice({**whole, "items": [{"name": "a", "price": 0.5, "quantity": 1.5}]})


def test_what_xendit_will_cut_is_said_before_the_request(api: InvoiceApi) -> None:
    """A warning names the amount and what is left of it, and as an error it ends the call with nothing created."""
    with pytest.raises(XenditWarning, match=r"1000\.5 has decimals .* IDR .* cut it to 1000,"):
        api.create_invoice({"external_id": "cut", "amount": Decimal("1000.5"), "currency": "IDR"})
    with pytest.raises(XenditWarning, match=r"10\.005 .* cut it to 10,"):
        api.create_invoice({"external_id": "cut", "amount": 10.005})
    assert api.get_invoices(external_id="cut") == []
    api.create_invoice({"external_id": "cut", "amount": 1000 * 1.005, "currency": "IDR"})  # noise is nothing to cut


# ------------------------------------------------------------------------------------------ kinds of values


def lazy() -> Any:
    """A text that Django translates when it is read."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    from django.utils.translation import gettext_lazy

    return gettext_lazy("Order")


def test_integers_of_numpy_and_pandas_are_integers() -> None:
    """They are taken wherever an int is: amounts, ids, durations, quantities, free-form data, queries."""
    frame = pd.DataFrame({"amount": [100000, 50000]})
    request = CreateInvoiceRequest(
        external_id=np.int64(7),
        amount=frame["amount"].sum(),
        invoice_duration=np.int32(3600),
        should_send_email=np.bool_(True),
        items=[{"name": "n", "price": np.uint8(5), "quantity": np.int16(2)}],
        metadata={"rows": np.int64(2), "mean": [np.float64(0.5)]},
    )
    assert json.loads(request.to_json()) == {
        "external_id": "7",
        "amount": 150000,
        "invoice_duration": 3600,
        "should_send_email": True,
        "items": [{"name": "n", "price": 5, "quantity": 2}],
        "metadata": {"rows": 2, "mean": [0.5]},
    }
    assert type(request.amount) is int
    for odd in (np.array([1, 2]), pd.NA, pd.NaT, np.bool_(True), np.timedelta64(1, "s")):
        with pytest.raises(ApiTypeError, match=r"\['amount'\]"):
            CreateInvoiceRequest("o", odd)


def test_a_lazy_text_is_a_text() -> None:
    """Django's `gettext_lazy` is taken wherever a str is, in the language of that moment."""
    request = CreateInvoiceRequest(
        external_id=lazy(),
        amount=1,
        description=lazy(),
        currency="IDR",
        items=[InvoiceItem(name=lazy(), price=1, quantity=1)],
        payment_methods=[lazy()],
        metadata={"title": lazy()},
    )
    body = json.loads(request.to_json())
    assert (body["external_id"], body["description"], body["items"][0]["name"]) == ("Order", "Order", "Order")
    assert (body["payment_methods"], body["metadata"]) == (["Order"], {"title": "Order"})
    assert type(request.description) is str


def test_a_difference_of_two_times_is_a_duration() -> None:
    """`deadline - now` has microseconds in production: they are cut."""
    deadline = datetime(2027, 1, 1, tzinfo=timezone.utc)
    now = deadline - timedelta(hours=1) + timedelta(microseconds=1)
    assert CreateInvoiceRequest("o", 1, invoice_duration=deadline - now).invoice_duration == 3599
    with pytest.raises(ApiValueError, match="1 or more"):
        CreateInvoiceRequest("o", 1, invoice_duration=timedelta(microseconds=1))


def test_a_decimal_in_free_form_data_is_exact() -> None:
    """Metadata that were read with `parse_float=Decimal` go out digit by digit; what is no number does not."""
    data = {"a": Decimal("0.10"), "b": [Decimal("12345678901234567890.5"), 1.0, True, None], "c": {"d": Decimal(5)}}
    request = CreateInvoiceRequest("o", 1, metadata=data)
    assert request.metadata == data
    assert '"metadata":{"a":0.10,"b":[12345678901234567890.5,1.0,true,null],"c":{"d":5}}' in request.to_json()
    with pytest.raises(ApiValueError, match=r"\['metadata'\]\['a'\]"):
        CreateInvoiceRequest("o", 1, metadata={"a": Decimal("NaN")})


# ------------------------------------------------------------------------------------------ money values


class Price:
    """What py-moneyed's Money looks like."""

    def __init__(self, amount: str, currency: str) -> None:
        self.amount = Decimal(amount)
        self.currency = currency


def test_a_money_value_brings_its_currency() -> None:
    """An amount with a currency of its own is never read in another one."""
    for price in (Money("99.95", "PHP"), Price("99.95", "php")):
        request = CreateInvoiceRequest("o", price)
        assert (request.amount, request.currency) == (Decimal("99.95"), "PHP")
        assert CreateInvoiceRequest("o", price, currency="php").currency == "PHP"
        with pytest.raises(ApiValueError, match=r"\['amount'\]: the amount is in PHP, and currency says another one"):
            CreateInvoiceRequest("o", price, currency="IDR")
        request.amount = price
        request.currency = "IDR"
        with pytest.raises(ApiValueError, match="another one"):
            request.amount = price
        with pytest.raises(ApiTypeError, match=r"\['price'\]"):  # it could not keep the currency
            InvoiceItem(name="n", price=price, quantity=1)
        assert given_money(price) == (Decimal("99.95"), "PHP")
    with pytest.raises(ApiTypeError, match=r"\['amount'\]"):
        CreateInvoiceRequest("o", Invoice.from_dict({"amount": 5, "currency": "PHP"}))


def test_a_currency_may_be_in_lower_case() -> None:
    """A code in lower case is the currency, without a warning; what is no code is told."""
    assert CreateInvoiceRequest("o", 1, currency="idr").currency == "IDR"
    request = CreateInvoiceRequest("o", 1)
    request.currency = "Php"
    assert request.currency == "PHP"
    with pytest.warns(XenditWarning, match="no known InvoiceCurrency"):
        assert CreateInvoiceRequest("o", 1, currency="xts").currency == "xts"
    assert not Invoice.from_dict({"currency": "idr"}).currency.is_known  # what came is kept as it came


# ------------------------------------------------------------------------------------------ Decimals out


def test_amounts_are_read_as_exact_decimals() -> None:
    """Every two-decimal amount compares with an order's Decimal, on invoices, webhooks, items and requests."""
    body = '{"amount":1150.35,"paid_amount":1150.35,"items":[{"name":"n","price":0.10,"quantity":3}],"is_high":true}'
    for cls in (Invoice, InvoiceCallback):
        read = cls.from_json(body)
        assert read.amount != Decimal("1150.35")  # why it is needed
        assert read.decimal("paid_amount") == read.decimal("amount") == Decimal("1150.35")
        assert read.items[0].decimal("price") == Decimal("0.1")  # type: ignore[index]
        assert read.decimal("initial_amount") is None
        with pytest.raises(ApiKeyError, match="paid_amont.*did you mean 'paid_amount'"):
            read.decimal("paid_amont")
        with pytest.raises(ApiTypeError, match="is_high"):
            read.decimal("is_high")
    assert InvoiceCallbackItem.from_dict({"price": 19.99}).decimal("price") == Decimal("19.99")
    assert CreateInvoiceRequest("o", Decimal("1.10")).decimal("amount") == Decimal("1.10")


@given(st.integers(0, 10**13))
def test_every_two_decimal_amount_comes_out_exactly(cents: int) -> None:
    """What stands on the wire with two decimals is what `decimal` gives."""
    text = str(Decimal(cents).scaleb(-2))
    assert Invoice.from_json(f'{{"amount":{text}}}').decimal("amount") == Decimal(text)


# ------------------------------------------------------------------------------------------ mistakes


def test_a_number_that_is_none_is_told() -> None:
    """What cannot be an amount is an error that names it."""
    with pytest.raises(ApiTypeError, match="amount: a str was given"):
        exact_decimal("5", ("amount",))
    with pytest.raises(ApiTypeError, match=r"amount.*a bool was given"):
        given_money(True)
    with pytest.raises(ApiValueError, match="NaN"):
        exact_amount(float("nan"))
    with pytest.raises(ApiTypeError, match="currency"):
        given_money(5, 6)
