"""The file of a report: which transactions are in it, and in which columns. The columns are ours (docs/Fidelity.md)."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.balance_and_transaction.book import effects
from xendit.sandbox.state.balance_and_transaction.fees import number
from xendit.sandbox.state.core.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
    from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord
    from xendit.sandbox.state.transaction_report.record import ReportRecord

_FIRST = datetime.min.replace(tzinfo=timezone.utc)

_USUAL: Mapping[str, Callable[[TransactionRecord], Any]] = {
    "Transaction ID": lambda one: one.id,
    "Created": lambda one: format_time(one.created),
    "Type": lambda one: one.type,
    "Status": lambda one: one.status,
    "Reference": lambda one: one.reference_id,
    "Channel": lambda one: one.channel_code or one.channel_category,
    "Currency": lambda one: one.currency,
    "Amount": lambda one: -one.amount if one.cashflow == "MONEY_OUT" else one.amount,
    "Fee": lambda one: one.xendit_fee,
    "VAT": lambda one: one.value_added_tax,
    "Net amount": lambda one: -one.net_amount if one.cashflow == "MONEY_OUT" else one.net_amount,
    "Settlement status": lambda one: one.settlement_status or "",
    "Estimated settlement": lambda one: (
        "" if one.estimated_settlement_time is None else format_time(one.estimated_settlement_time)
    ),
}
_MORE: Mapping[str, Callable[[TransactionRecord], Any]] = {
    "Product ID": lambda one: one.product_id,
    "Invoice ID": lambda one: one.payment_link_id or "",
    "Payment request ID": lambda one: one.payment_request_id or "",
    "Account": lambda one: one.account_identifier or "",
    "Updated": lambda one: format_time(one.updated),
}


def file_of(report: ReportRecord, transactions: TransactionBook) -> str:
    """Write the file of a report: a line of names, and one for each transaction. Called inside the lock."""
    if report.type == "BALANCE_HISTORY":
        return _text(
            ("Created", "Transaction ID", "Type", "Currency", "Change", "Balance"), _history(report, transactions)
        )
    found = transactions.between(report.account, report.begin, report.end, report.currency)
    if report.type == "UPCOMING_TRANSACTIONS":
        found = tuple(each for each in found if each.settlement_status == "PENDING")
    columns = {**_USUAL, **_MORE} if report.type == "DETAILED_TRANSACTIONS" else _USUAL
    return _text(tuple(columns), ([column(each) for column in columns.values()] for each in found))


def _history(report: ReportRecord, transactions: TransactionBook) -> Iterator[list[Any]]:
    """Go through what changed the CASH balance in the span of time, with the balance after each."""
    balances: dict[str, Decimal] = {}
    for each in transactions.between(report.account, _FIRST, report.end, report.currency):
        change = sum((part for of_type, part in effects(each, report.end) if of_type == "CASH"), Decimal(0))
        balances[each.currency] = balance = balances.get(each.currency, Decimal(0)) + change
        if change and each.created >= report.begin:
            yield [format_time(each.created), each.id, each.type, each.currency, number(change), number(balance)]


def _text(columns: tuple[str, ...], rows: Iterable[list[Any]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return target.getvalue()
