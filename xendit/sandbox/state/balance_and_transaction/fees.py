"""What Xendit keeps of a payment, and when the payment is to be settled: made-up tables in the form of its price list.

docs/Fidelity.md shows them. Nothing here knows of invoices or accounts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from xendit.sandbox.state.core.jsontext import as_javascript
from xendit.sandbox.state.invoice.channels import ChannelKind

#: Currency → kind of channel → what is kept: a flat amount, and a part of what was paid in percent.
RATES: dict[str, dict[ChannelKind, tuple[str, str]]] = {
    "IDR": {
        ChannelKind.BANK: ("4000", "0"),
        ChannelKind.RETAIL: ("5000", "0"),
        ChannelKind.EWALLET: ("0", "1.5"),
        ChannelKind.QR: ("0", "0.7"),
        ChannelKind.DIRECT_DEBIT: ("0", "1.9"),
        ChannelKind.PAYLATER: ("0", "2.3"),
        ChannelKind.CARD: ("2000", "2.9"),
    },
    "PHP": {
        ChannelKind.RETAIL: ("20", "0"),
        ChannelKind.EWALLET: ("0", "2.3"),
        ChannelKind.QR: ("0", "1.4"),
        ChannelKind.DIRECT_DEBIT: ("15", "0"),
        ChannelKind.PAYLATER: ("0", "1.5"),
        ChannelKind.CARD: ("10", "3.2"),
    },
    "THB": {
        ChannelKind.EWALLET: ("0", "1.8"),
        ChannelKind.QR: ("0", "0.9"),
        ChannelKind.DIRECT_DEBIT: ("15", "0"),
        ChannelKind.CARD: ("0", "3.4"),
    },
    "VND": {
        ChannelKind.BANK: ("5000", "0"),
        ChannelKind.EWALLET: ("0", "1.6"),
        ChannelKind.CARD: ("3300", "2.7"),
    },
    "MYR": {
        ChannelKind.EWALLET: ("0", "1.4"),
        ChannelKind.DIRECT_DEBIT: ("1", "0"),
        ChannelKind.CARD: ("0.50", "2.4"),
    },
    "USD": {ChannelKind.CARD: ("0.30", "3.9")},
}
#: Currency → value added tax on the fee, in percent.
TAXES = {"IDR": "11", "PHP": "12", "THB": "7", "VND": "10", "MYR": "8", "USD": "0"}
#: Kind of channel → days until a payment is settled.
DAYS = {
    ChannelKind.BANK: 1,
    ChannelKind.RETAIL: 3,
    ChannelKind.EWALLET: 2,
    ChannelKind.QR: 1,
    ChannelKind.DIRECT_DEBIT: 2,
    ChannelKind.PAYLATER: 5,
    ChannelKind.CARD: 4,
}
#: Kind of channel → what a transaction calls it.
CATEGORIES = {
    ChannelKind.BANK: "VIRTUAL_ACCOUNT",
    ChannelKind.RETAIL: "RETAIL_OUTLET",
    ChannelKind.EWALLET: "EWALLET",
    ChannelKind.QR: "QR_CODE",
    ChannelKind.DIRECT_DEBIT: "DIRECT_DEBIT",
    ChannelKind.PAYLATER: "PAYLATER",
    ChannelKind.CARD: "CARDS",
}
_UNITS = {"IDR": Decimal(1), "VND": Decimal(1)}


class Charge(NamedTuple):
    """What is kept of a payment, and what is left of it."""

    fee: int | float
    tax: int | float
    net: int | float


def charge(amount: float, currency: str, kind: ChannelKind, *, free: bool) -> Charge:
    """Say what is kept of a payment; of one that is free, nothing. Each part is rounded to what the currency has."""
    flat, percent = ("0", "0") if free else RATES[currency][kind]
    paid = exact(amount)
    fee = rounded(Decimal(flat) + paid * Decimal(percent) / 100, currency)
    tax = rounded(fee * Decimal(TAXES[currency]) / 100, currency)
    return Charge(number(fee), number(tax), number(paid - fee - tax))


def settles_at(paid_at: datetime, kind: ChannelKind) -> datetime:
    """Say when a payment is to be settled."""
    return paid_at + timedelta(days=DAYS[kind])


def exact(value: float) -> Decimal:
    """Give a JSON number exactly as its text has it."""
    return Decimal(repr(value))


def number(value: Decimal) -> int | float:
    """Give an amount as a JSON number."""
    return as_javascript(float(value))


def rounded(value: Decimal, currency: str) -> Decimal:
    """Round an amount to what its currency has."""
    return value.quantize(_UNITS.get(currency, Decimal("0.01")), ROUND_HALF_UP)
