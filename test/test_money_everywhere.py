"""One amount on its whole way: typed, in a file or computed; sent; answered; told by a webhook; exported. It stays itself."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from xendit.cli.flags import AmountType, check_amounts
from xendit.cli.formats import columns_of, writer_of
from xendit.cli.requests import RequestFile
from xendit.invoice.operations import CREATE_INVOICE, sought_of
from xendit.models import CreateInvoiceRequest, Invoice
from xendit.testing import paid
from xendit.webhook import InvoiceEvent, read_event

CURRENCIES = {"IDR": 0, "VND": 0, "PHP": 2, "THB": 2, "MYR": 2, "USD": 2}


def typed(amount: Decimal, currency: str, _directory: Path) -> dict[str, Any]:
    """On a command line."""
    values = {"external_id": "17", "amount": AmountType().convert(f"{amount:f}", None, None), "currency": currency}
    check_amounts(values, CreateInvoiceRequest)
    return values


def in_csv(amount: Decimal, currency: str, directory: Path) -> dict[str, Any]:
    """In a row of a CSV file, as a spreadsheet writes it."""
    file = directory / "one.csv"
    file.write_text(f"external_id;amount;currency\n17;{amount:f};{currency}\n", "utf-8")
    return RequestFile(file, CreateInvoiceRequest).requests[0]


def in_json(amount: Decimal, currency: str, directory: Path) -> dict[str, Any]:
    """In a line of JSON."""
    file = directory / "one.jsonl"
    file.write_text(f'{{"external_id": 17, "amount": {amount:f}, "currency": "{currency}"}}\n', "utf-8")
    return RequestFile(file, CreateInvoiceRequest).requests[0]


def computed(amount: Decimal, currency: str, _directory: Path) -> dict[str, Any]:
    """As a float that a sum has left noise in, where there is any."""
    total = float(amount) / 3
    return {"external_id": 17, "amount": total + total + total, "currency": currency.lower()}


def exact(amount: Decimal, currency: str, _directory: Path) -> dict[str, Any]:
    """As a Decimal."""
    return {"external_id": 17, "amount": amount, "currency": currency}


def exported(directory: Path, invoice: Invoice, name: str) -> Any:
    """The amount of an invoice in an exported file."""
    kept = directory / "kept"
    kept.write_text(invoice.to_json() + "\n", "ascii")
    with (directory / name).open("wb") as target:
        writer_of(directory / name, columns_of(Invoice))(kept, target)
    if name.endswith(".parquet"):
        import pyarrow.parquet

        return pyarrow.parquet.read_table(directory / name).to_pylist()[0]["amount"]
    text = (directory / name).read_text("utf-8")
    if name.endswith(".csv"):
        [row] = csv.DictReader(io.StringIO(text, newline=""))
        return Decimal(row["amount"])
    return json.loads(text, parse_float=Decimal)["amount"]


@pytest.mark.parametrize("way", [typed, in_csv, in_json, computed, exact])
@settings(max_examples=40)
@given(currency=st.sampled_from(sorted(CURRENCIES)), units=st.integers(100, 10**9))
def test_an_amount_stays_itself(way: Any, currency: str, units: int) -> None:
    """What goes out is what was meant, what comes back equals it, and the webhook, the look-up and exports agree."""
    meant = Decimal(units).scaleb(-CURRENCIES[currency])
    with TemporaryDirectory() as directory:
        given = way(meant, currency, Path(directory))
        body = CREATE_INVOICE.request({"create_invoice_request": given}).body
        assert body is not None
        sent = json.loads(body, parse_float=Decimal, parse_int=Decimal)
        assert (sent["amount"], sent["external_id"]) == (meant, "17")
        invoice = Invoice.from_dict({"id": "i", "status": "PAID", **json.loads(body), "currency": currency})
        assert invoice.decimal("amount") == meant
        assert sought_of(17, given["amount"], currency).fits(invoice, 0.0)
        event = read_event(json.dumps(paid(**{**json.loads(body), "currency": currency})).encode())
        assert isinstance(event, InvoiceEvent)
        assert event.matches(amount=given["amount"], currency=currency, external_id=given["external_id"])
        assert event.matches(amount=meant, currency=currency.lower(), external_id="17")
        assert not event.matches(
            amount=meant + Decimal(1).scaleb(-CURRENCIES[currency]), currency=currency, external_id=17
        )
        for name in ("a.csv", "a.jsonl", "a.parquet"):
            assert exported(Path(directory), invoice, name) == meant
