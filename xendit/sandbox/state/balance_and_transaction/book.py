"""Transactions: movements of money, which follow from what happens to invoices and refunds, and the balances of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.balance_and_transaction.fees import CATEGORIES, charge, exact, number, settles_at
from xendit.sandbox.state.balance_and_transaction.listing import STATUSES, TRANSACTION_ID, TYPES, read_query
from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord, read_transaction, write_transaction
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.checks import is_number
from xendit.sandbox.state.core.errors import SandboxError, ValidationRefusal
from xendit.sandbox.state.core.given import must_be, sentence, shown
from xendit.sandbox.state.core.ids import uuid_of
from xendit.sandbox.state.core.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.shared import SharedState
    from xendit.sandbox.state.invoice.record import InvoiceRecord
    from xendit.sandbox.state.refund.record import RefundRecord

ACCOUNT_TYPES = ("CASH", "HOLDING", "TAX")
CASHFLOWS = ("MONEY_IN", "MONEY_OUT")
_PAID = ("PAID", "SETTLED")
#: The status of a refund → the status of its transaction.
_OF_REFUND = {"PENDING": "PENDING", "SUCCEEDED": "SUCCESS", "FAILED": "FAILED", "CANCELLED": "VOIDED"}
_NEVER = datetime.max.replace(tzinfo=timezone.utc)


class TransactionBook(Book[TransactionRecord]):
    """The transactions of all accounts. Every method may be called from any thread.

    Transactions cannot be made over the API: they follow from payments, settlements and refunds.
    """

    kind = "transaction"

    def __init__(self, shared: SharedState) -> None:
        super().__init__(shared)
        self._totals: defaultdict[tuple[tuple[str, str], str, str], Decimal] = defaultdict(Decimal)
        self._payments: dict[str, str] = {}
        shared.follow(self.kind, self._count)
        shared.follow("invoice", self._of_invoice)
        shared.follow("refund", self._of_refund)

    # -- what the core asks

    def write(self, record: TransactionRecord) -> JsonObject:
        """Give all of a transaction as JSON values."""
        return write_transaction(record)

    def read(self, values: JsonMapping) -> TransactionRecord:
        """Make the transaction of what `write` gave. Raises ValueError."""
        return read_transaction(values)

    def reference_of(self, record: TransactionRecord) -> str:
        """Give the merchant's own id."""
        return record.reference_id

    def missing(self, record_id: str) -> SandboxError:
        """Say that the account has no such transaction."""
        return SandboxError(404, "DATA_NOT_FOUND", f"Could not find transaction {record_id}")

    def forget_all(self) -> None:
        """Forget every transaction."""
        super().forget_all()
        self._totals.clear()
        self._payments.clear()

    def recalled(self) -> None:
        """Add up the transactions of the file; of a file from before there were any, make them first."""
        for record in self.ledger:
            self._count(None, record)
        for kind, made in (("invoice", self._of_invoice), ("refund", self._of_refund)):
            for each in list(self.shared.book(kind).ledger):
                made(None, each)

    # -- the operations

    def get(self, account: Account, transaction_id: str) -> TransactionRecord:
        """Give a transaction of the account. Raises SandboxError: 400, 403 or 404."""
        permit(account, "read")
        if TRANSACTION_ID.fullmatch(transaction_id) is None:
            raise ValidationRefusal([("id", "should match pattern of a transaction's id")])
        with self.shared.lock:
            return self.own(account, transaction_id)

    def list(self, account: Account, query: Sequence[tuple[str, str]]) -> tuple[tuple[TransactionRecord, ...], bool]:
        """Give a page of the account's transactions, newest first, and whether there are more. Raises SandboxError."""
        permit(account, "read")
        wanted = read_query(query)
        newer = wanted.after is None and wanted.before is not None
        cursor = wanted.before if newer else wanted.after
        with self.shared.lock:
            if cursor is not None:
                self.own(account, cursor)
            found = self.ledger.of_account(account, reference=wanted.reference, cursor=cursor, newer=newer)
            page = tuple(islice(filter(wanted.selects, found), wanted.limit + 1))
        more = len(page) > wanted.limit
        page = page[: wanted.limit]
        return (page[::-1] if newer else page), more

    def balance(self, account: Account, query: Sequence[tuple[str, str]]) -> int | float:
        """Give what an account holds, now or at a moment. Raises SandboxError: 400 or 403."""
        permit(account, "read")
        given = dict(query)
        of_type = given.get("account_type", "CASH")
        currency = given.get("currency", self.shared.assumptions.default_currency)
        problems = []
        if of_type not in ACCOUNT_TYPES:
            problems.append(("account_type", f"should be one of {', '.join(ACCOUNT_TYPES)}"))
        if not currency:
            problems.append(("currency", "should not be empty"))
        at = parse_time(given["at_timestamp"]) if "at_timestamp" in given else None
        if "at_timestamp" in given and at is None:
            problems.append(("at_timestamp", 'should match format "date-time"'))
        if problems:
            raise ValidationRefusal(problems)
        with self.shared.lock:
            if at is None:
                return number(self._totals[account.place, currency, of_type])
            parts = (
                part
                for record in self.ledger.of_account(account)
                if record.currency == currency
                for name, part in effects(record, at)
                if name == of_type
            )
            return number(sum(parts, Decimal(0)))

    def between(
        self, account: Account, begin: datetime, end: datetime, currency: str | None = None
    ) -> tuple[TransactionRecord, ...]:
        """Give the transactions of an account that were made in a span of time, oldest first. Called inside the lock."""
        found = (
            each
            for each in self.ledger.of_account(account)
            if begin <= each.created <= end and currency in (None, each.currency)
        )
        return tuple(sorted(found, key=lambda each: (each.created, each.id)))

    def cash(self, account: Account, currency: str) -> Decimal:
        """Give the CASH balance of an account. Called inside the lock."""
        return self._totals[account.place, currency, "CASH"]

    def balances(self, account: Account) -> dict[str, dict[str, int | float]]:
        """Give all balances of an account, by currency and type."""
        with self.shared.lock:
            found: dict[str, dict[str, int | float]] = {}
            for (place, currency, of_type), total in self._totals.items():
                if place == account.place:
                    found.setdefault(currency, dict.fromkeys(ACCOUNT_TYPES, 0))[of_type] = number(total)
            return found

    def all_balances(self) -> dict[str, dict[str, dict[str, int | float]]]:
        """Give the balances of every account, by its business id, then by currency and type."""
        with self.shared.lock:
            self.shared.sweep()
            found: dict[str, dict[str, dict[str, int | float]]] = {}
            for ((_, user_id), currency, of_type), total in self._totals.items():
                of_account = found.setdefault(user_id, {})
                of_account.setdefault(currency, dict.fromkeys(ACCOUNT_TYPES, 0))[of_type] = number(total)
            return found

    def payment(
        self, *, invoice_id: str | None = None, payment_request_id: str | None = None
    ) -> TransactionRecord | None:
        """Give the payment of an invoice or of a payment request; None when there is none. Called inside the lock."""
        name = f"invoice {invoice_id}" if payment_request_id is None else payment_request_id
        return self.ledger.get(self._payments.get(name, ""))

    # -- what no API does

    def find(self, transaction_id: str) -> TransactionRecord:
        """Give a transaction of any account. Raises SandboxError: 404."""
        with self.shared.lock:
            self.shared.sweep()
            record = self.ledger.get(transaction_id)
        if record is None:
            raise self.missing(transaction_id)
        return record

    def recent(self, *, find: str = "", before: str | None = None, limit: int = 50) -> tuple[TransactionRecord, ...]:
        """Give the newest transactions of all accounts that have a text in their ids or reference."""
        with self.shared.lock:
            self.shared.sweep()
            wanted = (
                record
                for record in self.ledger.newest(before)
                if any(find in text for text in (record.id, record.reference_id, record.product_id))
            )
            return tuple(islice(wanted, limit))

    def move(self, account: Account, body: JsonMapping) -> TransactionRecord:
        """Make a transaction that follows from nothing else in the sandbox, such as a CHARGEBACK or an adjustment.

        The members are `type`, `amount` and `cashflow` (MONEY_OUT if it is not given), and optionally `invoice_id`, the
        invoice to which it belongs, `reference_id` and `currency`. Raises SandboxError: 400 or 404.
        """
        of_type, amount, cashflow = body.get("type"), body.get("amount"), body.get("cashflow", "MONEY_OUT")
        if of_type not in TYPES:
            text = must_be("the type", f"one of {', '.join(TYPES)}", of_type, TYPES)
            raise SandboxError(400, "SANDBOX_INVALID_REQUEST", sentence(text))
        if cashflow not in CASHFLOWS:
            text = must_be("the cashflow", f"one of {', '.join(CASHFLOWS)}", cashflow, CASHFLOWS)
            raise SandboxError(400, "SANDBOX_INVALID_REQUEST", sentence(text))
        if not is_number(amount) or amount <= 0:
            text = must_be("the amount", "a number above 0", amount, number=True)
            raise SandboxError(400, "SANDBOX_INVALID_AMOUNT", sentence(text))
        with self.shared.lock:
            now = self.shared.now()
            paid = self.payment(invoice_id=str(body["invoice_id"])) if body.get("invoice_id") else None
            if body.get("invoice_id") and paid is None:
                told = f"There is no payment of that invoice; {shown(body['invoice_id'])} was given."
                raise SandboxError(404, "SANDBOX_INVOICE_NOT_PAID", told)
            record = TransactionRecord(
                id=f"txn_{self.shared.source.uuid()}",
                account=account if paid is None else paid.account,
                created=now,
                updated=now,
                type=of_type,
                status="SUCCESS",
                cashflow=cashflow,
                currency=str(
                    body.get("currency") or (paid and paid.currency) or self.shared.assumptions.default_currency
                ),
                amount=amount,
                net_amount=amount,
                product_id=str(body.get("product_id") or of_type.lower()),
                reference_id=str(body.get("reference_id") or (paid and paid.reference_id) or ""),
                channel_category=paid.channel_category if paid else "OTHER",
                channel_code=paid.channel_code if paid else None,
                payment_request_id=paid.payment_request_id if paid else None,
                payment_link_id=paid.payment_link_id if paid else None,
            )
            self.keep(record)
            return record

    # -- inside the lock: what follows from what happens elsewhere

    def _of_invoice(self, _before: InvoiceRecord | None, invoice: InvoiceRecord) -> None:
        """A payment makes a transaction; its settlement settles it."""
        payment = invoice.payment
        if payment is None or invoice.status not in _PAID:
            return
        found = self.payment(invoice_id=invoice.id)
        if found is None:
            assumptions = self.shared.assumptions
            kept = charge(payment.amount, invoice.currency, payment.kind, free=assumptions.transaction_fees == "none")
            found = TransactionRecord(
                id=f"txn_{uuid_of(f'payment of invoice {invoice.id}')}",
                account=replace(invoice.account, permission="write"),
                created=payment.paid_at,
                updated=payment.paid_at,
                type="PAYMENT",
                status="SUCCESS",
                cashflow="MONEY_IN",
                currency=invoice.currency,
                amount=payment.amount,
                product_id=str(payment.details.get("payment_id") or invoice.id),
                reference_id=invoice.external_id,
                channel_category=CATEGORIES[payment.kind],
                channel_code=payment.channel,
                account_identifier=payment.details.get("payment_destination"),
                xendit_fee=kept.fee,
                value_added_tax=kept.tax,
                net_amount=kept.net,
                settlement_status="PENDING",
                estimated_settlement_time=settles_at(payment.paid_at, payment.kind),
                payment_request_id=f"pr-{uuid_of(f'payment request of invoice {invoice.id}')}",
                payment_link_id=invoice.id,
                payment_kind=payment.kind.value,
            )
            self.keep(found)
        if invoice.status == "SETTLED" and found.settlement_status == "PENDING":
            at = invoice.updated
            estimated = found.estimated_settlement_time
            early = self.shared.assumptions.early_settlements and estimated is not None and at < estimated
            status = "EARLY_SETTLED" if early else "SETTLED"
            self.keep(replace(found, settlement_status=status, settled_at=at, updated=at))

    def _of_refund(self, _before: RefundRecord | None, refund: RefundRecord) -> None:
        """A refund takes money; when it fails or is cancelled, the money comes back."""
        transaction_id = f"txn_{uuid_of(f'refund {refund.id}')}"
        found, status = self.ledger.get(transaction_id), _OF_REFUND[refund.status]
        paid = self.payment(payment_request_id=refund.payment_request_id)
        if found is None:
            found = TransactionRecord(
                id=transaction_id,
                account=replace(refund.account, permission="write"),
                created=refund.created,
                updated=refund.created,
                type="REFUND",
                status="PENDING",
                cashflow="MONEY_OUT",
                currency=refund.currency,
                amount=refund.amount,
                net_amount=refund.amount,
                product_id=refund.id,
                reference_id=refund.reference_id,
                channel_category=paid.channel_category if paid else "OTHER",
                channel_code=refund.channel_code,
                payment_request_id=refund.payment_request_id,
                payment_link_id=refund.invoice_id,
            )
            if status == "PENDING":
                self.keep(found)
        if status != found.status:
            ended = None if status == "SUCCESS" else refund.updated
            self.keep(replace(found, status=status, updated=refund.updated, ended_at=ended))

    def _count(self, before: TransactionRecord | None, record: TransactionRecord) -> None:
        """Keep the totals, and where a payment is found."""
        for one, sign in ((before, -1), (record, 1)):
            for of_type, part in effects(one) if one is not None else ():
                self._totals[one.account.place, one.currency, of_type] += sign * part  # type: ignore[union-attr]
        if record.type == "PAYMENT":
            self._payments[f"invoice {record.payment_link_id}"] = record.id
            if record.payment_request_id is not None:
                self._payments[record.payment_request_id] = record.id


def effects(record: TransactionRecord, at: datetime = _NEVER) -> Iterator[tuple[str, Decimal]]:
    """Say what a transaction adds to which part of the balance, as of a moment."""
    if record.created > at:
        return
    if record.cashflow == "MONEY_OUT":
        if record.ended_at is None or record.ended_at > at:
            yield "CASH", -(exact(record.amount) + exact(record.xendit_fee) + exact(record.value_added_tax))
        return
    waits = record.estimated_settlement_time is not None and (record.settled_at is None or record.settled_at > at)
    yield "HOLDING" if waits else "CASH", exact(record.net_amount)


def page_of(found: tuple[Any, ...], *, more: bool) -> JsonObject:
    """Give a page as the API shows it."""
    return {"has_more": more, "data": list(found), "links": []}


assert set(_OF_REFUND.values()) <= set(STATUSES)
