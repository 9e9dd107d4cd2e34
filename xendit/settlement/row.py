"""What a reconciliation tells: a row for each payment and each movement, and totals. Every amount is an exact Decimal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - a NamedTuple's types are looked up where its hints are asked for
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

ZERO = Decimal(0)


class Problem(str, Enum):
    """Why a row does not add up."""

    NO_TRANSACTION = "no transaction"
    """The invoice is paid, and no transaction is known that paid it."""
    NO_INVOICE = "no invoice"
    """A payment came in, and no invoice is known that it paid."""
    AMOUNT = "amounts differ"
    """The invoice says that another amount was paid than the transaction says."""
    CURRENCY = "currencies differ"
    """The invoice and the transaction are in two currencies."""
    NET = "net differs"
    """The net amount is not the amount less fees and taxes."""
    FAILED = "not successful"
    """The invoice is paid, and its transaction says that it failed, was reversed or voided."""
    TWICE = "paid twice"
    """A second transaction paid the same invoice."""
    REFUNDS = "refunded too much"
    """More was given back than was paid."""

    def __str__(self) -> str:
        return self.value


class SettlementRow(NamedTuple):
    """A payment, or another movement of money. What a row cannot say is None."""

    kind: str
    """`payment`; `refund` or `chargeback`, of an invoice that was paid in another period; `other` for all else."""
    currency: str
    """ISO 4217 code of all its amounts."""
    channel: str
    """The channel, such as `BCA`; else its category, or empty."""
    invoice_id: str | None = None
    external_id: str | None = None
    """Your own id: of the invoice, else of the transaction."""
    paid_at: datetime | None = None
    """When it was paid, by the clock of the period's time zone; for another movement, when it was made."""
    paid: Decimal | None = None
    """What the invoice says was paid."""
    transaction_id: str | None = None
    transaction_type: str | None = None
    joined_by: str = "none"
    """How the invoice and the transaction were matched: `payment_link_id`, `reference_id`, or `none`."""
    amount: Decimal | None = None
    """What the transaction says moved, before fees; below zero for money that went out."""
    fee: Decimal | None = None
    tax: Decimal | None = None
    """Value added tax and what is withheld."""
    net: Decimal | None = None
    """What is left of the amount; below zero for money that went out."""
    settlement: str = ""
    """PENDING, SETTLED, EARLY_SETTLED, or empty for what is not settled at all."""
    settles_at: datetime | None = None
    """When it is, or was, to be settled, by the clock of the period's time zone."""
    refunded: Decimal = ZERO
    """What was given back of it, or is about to be, as far as the listed transactions know."""
    charged_back: Decimal = ZERO
    """What the payer's bank took back."""
    difference: Decimal = ZERO
    """By how much it does not add up: above zero for what is too much, below zero for what is missing."""
    problem: Problem | None = None
    """Why it does not add up; None for a row that does."""

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return self._asdict()


COLUMNS = SettlementRow._fields
"""The names of a row's fields, in order."""
AMOUNTS = ("paid", "amount", "fee", "tax", "net", "refunded", "charged_back", "difference")
"""Those that are amounts."""
TIMES = ("paid_at", "settles_at")
"""Those that are times."""


@dataclass
class Total:
    """The sums of many rows in one currency over one channel."""

    currency: str
    channel: str
    count: int = 0
    """Payments."""
    paid: Decimal = ZERO
    amount: Decimal = ZERO
    fee: Decimal = ZERO
    tax: Decimal = ZERO
    net: Decimal = ZERO
    """Of payments alone."""
    settled: Decimal = ZERO
    """The part of `net` that is settled."""
    pending: Decimal = ZERO
    """The part of `net` that is not settled yet."""
    refunded: Decimal = ZERO
    charged_back: Decimal = ZERO
    other: Decimal = ZERO
    """All other movements of the period."""
    differences: int = 0
    """Rows that do not add up."""
    columns: tuple[str, ...] = field(
        default=(
            *("currency", "channel", "count", "paid", "amount", "fee", "tax", "net", "settled", "pending"),
            *("refunded", "charged_back", "other", "differences"),
        ),
        repr=False,
        compare=False,
    )

    def add(self, row: SettlementRow) -> None:
        """Take a row into account."""
        if row.problem is not None:
            self.differences += 1
        if row.refunded is not ZERO:  # as in nearly all rows
            self.refunded += row.refunded
        if row.charged_back is not ZERO:
            self.charged_back += row.charged_back
        net = row.net or ZERO
        if row.kind == "other":
            self.other += net
        if row.kind != "payment":
            return
        self.count += 1
        self.paid += row.paid or ZERO
        self.amount += row.amount or ZERO
        self.fee += row.fee or ZERO
        self.tax += row.tax or ZERO
        self.net += net
        if row.settlement == "PENDING":
            self.pending += net
        else:
            self.settled += net

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return {name: getattr(self, name) for name in self.columns}
