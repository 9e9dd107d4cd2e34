"""The query of a list of transactions: reads its parameters into a test of transactions. `Transactions` applies it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.errors import ValidationRefusal
from xendit.sandbox.state.core.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord

LARGEST_PAGE, USUAL_PAGE = 50, 10
TRANSACTION_ID = re.compile(r"txn_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TYPES = [
    "BATCH_DISBURSEMENT",
    "DISBURSEMENT",
    "PAYMENT",
    "REMITTANCE",
    "REMITTANCE_PAYOUT",
    "REMITTANCE_COLLECTION",
    "TRANSFER",
    "PLATFORM_FEE",
    "REFUND",
    "CASHBACK",
    "TOPUP",
    "WITHDRAWAL",
    "OTHER",
    "ADJUSTMENT_ADD",
    "ADJUSTMENT_DEDUCT",
    "BNPL_PARTNER_SETTLEMENT_CREDIT",
    "BNPL_PARTNER_SETTLEMENT_DEBIT",
    "CASHBACK_FEE",
    "CASHBACK_VAT",
    "CHARGEBACK",
    "CONVERSION",
    "FOREX_DEDUCT",
    "FOREX_DEPOSIT",
    "IN_PERSON_PAYMENT",
    "LOAN_REPAYMENT",
    "RESERVES_HOLD",
    "RESERVES_RELEASE",
    "TRANSFER_IN",
    "TRANSFER_OUT",
]
STATUSES = ("SUCCESS", "PENDING", "FAILED", "REVERSED", "VOIDED")
CATEGORIES = [
    "BANK",
    "CARDLESS_CREDIT",
    "PAYLATER",
    "CARDS",
    "CASH",
    "DIRECT_DEBIT",
    "EWALLET",
    "INVOICE",
    "QR_CODE",
    "RETAIL_OUTLET",
    "VIRTUAL_ACCOUNT",
    "XENPLATFORM",
    "DIRECT_BANK_TRANSFER",
    "OTHER",
]
#: Parameters that hold several texts, what of a transaction each compares, and the texts that are allowed.
ARRAYS: dict[str, tuple[str, Sequence[str]]] = {
    "types": ("type", TYPES),
    "statuses": ("status", STATUSES),
    "channel_categories": ("channel_category", CATEGORIES),
}
TEXTS = ("product_id", "account_identifier", "currency")
RANGES = ("created[gte]", "created[lte]", "updated[gte]", "updated[lte]")
CURSORS = ("after_id", "before_id")
#: Every parameter that exists. Any other is refused, as a recording shows.
KNOWN = (*ARRAYS, "reference_id", *TEXTS, "amount", *RANGES, "limit", *CURSORS)
_CODE = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class TransactionQuery:
    """A query that was read. The reference is kept apart, because the ledger can find transactions by it directly."""

    limit: int
    after: str | None
    before: str | None
    reference: str | None
    tests: tuple[Callable[[TransactionRecord], bool], ...]

    def selects(self, record: TransactionRecord) -> bool:
        """Say whether a transaction fulfils every condition."""
        return all(test(record) for test in self.tests)


def read_query(pairs: Sequence[tuple[str, str]]) -> TransactionQuery:
    """Read the parameters, decoded. Raises ValidationRefusal."""
    problems = [(name[:100], f"Unknown query parameter '{name[:100]}'") for name, _ in pairs if name not in KNOWN]
    tests: list[Callable[[TransactionRecord], bool]] = []
    given: dict[str, list[str]] = {name: [value for key, value in pairs if key == name] for name in KNOWN}
    for name, (attribute, allowed) in ARRAYS.items():
        values = given[name]
        problems += [(name, f"should be equal to one of the allowed values: {', '.join(allowed)}")] * (
            not set(values) <= set(allowed)
        )
        if values:
            tests.append(_among(attribute, frozenset(values)))
    singles = {name: values[0] for name, values in given.items() if values and name not in ARRAYS}
    problems += [(name, "should be given once") for name in singles if len(given[name]) > 1]
    problems += [(name, "should not be empty") for name, value in singles.items() if not value]
    for name in TEXTS:
        if name in singles:
            tests.append(_equals(name, singles[name]))
    if _CODE.fullmatch(singles.get("currency", "IDR")) is None:
        problems.append(("currency", "should be a currency's code"))
    amount = singles.get("amount")
    if amount is not None:
        if _NUMBER.fullmatch(amount) is None:
            problems.append(("amount", "should be number"))
        else:
            tests.append(_of_amount(float(amount)))
    for name in RANGES:
        if name in singles:
            test = _range(name, singles[name])
            if test is None:
                problems.append((name, 'should match format "date-time"'))
            else:
                tests.append(test)
    limit = singles.get("limit", str(USUAL_PAGE))
    page = float(limit) if _NUMBER.fullmatch(limit) else 0.0
    if not 1 <= page <= LARGEST_PAGE or page != int(page):
        problems.append(("limit", f"should be a whole number from 1 to {LARGEST_PAGE}"))
    problems += [
        (name, "should match pattern of a transaction's id")
        for name in CURSORS
        if name in singles and TRANSACTION_ID.fullmatch(singles[name]) is None
    ]
    if problems:
        raise ValidationRefusal(problems)
    return TransactionQuery(
        limit=int(page),
        after=singles.get("after_id"),
        before=singles.get("before_id"),
        reference=singles.get("reference_id"),
        tests=tuple(tests),
    )


def _equals(name: str, wanted: str) -> Callable[[TransactionRecord], bool]:
    return lambda record: getattr(record, name) == wanted


def _among(name: str, wanted: frozenset[str]) -> Callable[[TransactionRecord], bool]:
    return lambda record: getattr(record, name) in wanted


def _of_amount(wanted: float) -> Callable[[TransactionRecord], bool]:
    return lambda record: record.amount == wanted


def _range(name: str, text: str) -> Callable[[TransactionRecord], bool] | None:
    """Read one end of a span of time; None when it is no moment."""
    moment = parse_time(text)
    if moment is None:
        return None
    attribute, _, end = name.rstrip("]").partition("[")
    if end == "gte":
        return lambda record: getattr(record, attribute) >= moment
    return lambda record: getattr(record, attribute) <= moment
