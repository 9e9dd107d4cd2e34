"""Amounts as people write them: each is read in the one way that it can be meant, or refused with both."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from xendit.exceptions import ApiValueError
from xendit.models import CreateInvoiceRequest
from xendit.typed_amount import check_typed_request, typed_amount, written_number

CURRENCIES = ("IDR", "PHP", "VND", "THB", "MYR", "USD")


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("150000", None, "150000"),
        ("150000", "IDR", "150000"),
        (" 150000 ", "IDR", "150000"),
        ("150000.0", "IDR", "150000"),
        ("150000.00", "vnd", "150000"),
        ("99.95", None, "99.95"),
        ("99.95", "PHP", "99.95"),
        ("0.5", "PHP", "0.5"),
        ("-5", "IDR", "-5"),
    ],
)
def test_what_has_one_reading_is_read(text: str, currency: str | None, amount: str) -> None:
    """Digits, and a point before as many decimals as the currency has; `.0` and `.00` mean nothing."""
    assert typed_amount(text, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "currency", "one", "other"),
    [
        ("150.000", None, "150000", "150"),
        ("150.000", "IDR", "150000", "150"),
        ("1.500", "PHP", "1500", "1.50"),
        ("1.500", "IDR", "1500", "1"),
        ("0.500", "PHP", "500", "0.50"),
        ("150.5", "IDR", "1505", "150"),
        ("99.95", "vnd", "9995", "99"),
        ("150000.0000", "PHP", "1500000000", "150000"),
        ("1.2345", "PHP", "12345", "1.23"),
        ("1234567890123456789012345678901234567.891", "PHP", "1234567890123456789012345678901234567891", "67.89"),
    ],
)
def test_what_has_two_readings_is_refused_with_both(text: str, currency: str | None, one: str, other: str) -> None:
    """A point before exactly three digits, and decimals that the currency does not have."""
    with pytest.raises(ApiValueError) as raised:
        typed_amount(text, currency)
    assert f"'{text}'" in str(raised.value)
    assert f"read as {one} or as " in str(raised.value)
    assert f"{other}; write" in str(raised.value)


@pytest.mark.parametrize(
    "text", ["", "ten", "1,5", "150,000", "1.500.000", "1 500", "1e5", "1_000", "NaN", "inf", ".5", "5.", "٣", "0x10"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """Separators, exponents, other digits: with how to write it."""
    with pytest.raises(ApiValueError, match="is no number such as 150000 or 99.95; write it without separators"):
        typed_amount(text, "IDR")


@given(st.integers(0, 10**15), st.sampled_from(CURRENCIES))
def test_every_amount_of_a_currency_can_be_written(units: int, currency: str) -> None:
    """With all its decimals, and with none where they are zero; what is read is what was written."""
    decimals = 0 if currency in ("IDR", "VND") else 2
    amount = Decimal(units).scaleb(-decimals)
    assert typed_amount(f"{amount:f}", currency) == amount
    with pytest.raises(ApiValueError):
        typed_amount(f"{units:,}".replace(",", ".") if units >= 1000 else f"{units}.000", currency)


def test_amounts_inside_a_request_are_looked_at_too() -> None:
    """In items and fees, by the request's currency; other numbers and metadata are left alone; amounts are exact."""

    def check(**changed: Any) -> dict[str, Any]:
        body = {
            "external_id": "a",
            "amount": 100,
            "currency": "PHP",
            "items": [{"name": "x", "price": 99.95, "quantity": 1.500}],
            "metadata": {"weight": 0.125},
            **changed,
        }
        text = json.dumps(body).replace('"quantity": 1.5', '"quantity": 1.500').replace('"AMOUNT"', "1.500")
        values: dict[str, Any] = json.loads(text, parse_float=written_number)
        check_typed_request(values, CreateInvoiceRequest.__plan__)
        return values

    values = check()
    assert values["items"][0]["price"] == Decimal("99.95")
    request = CreateInvoiceRequest(**values)
    assert json.loads(request.to_json())["items"] == [{"name": "x", "price": 99.95, "quantity": 1.5}]
    assert json.loads(request.to_json())["metadata"] == {"weight": 0.125}
    for changed, path in (
        ({"amount": "AMOUNT"}, ("amount",)),
        ({"items": [{"name": "x", "price": "AMOUNT", "quantity": 1}]}, ("items", 0, "price")),
        ({"fees": [{"type": "tax", "value": 1}, {"type": "tax", "value": "AMOUNT"}]}, ("fees", 1, "value")),
        ({"currency": "IDR"}, ("items", 0, "price")),
    ):
        with pytest.raises(ApiValueError, match="it can be read as") as raised:
            check(**changed)
        assert raised.value.path_to_item == path
