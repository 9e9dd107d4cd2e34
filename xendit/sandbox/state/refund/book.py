"""Refunds: everything that can happen to a refund, by the API and by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from xendit.sandbox.state.balance_and_transaction.fees import exact, number, rounded
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.errors import SandboxError, invalid_input
from xendit.sandbox.state.core.given import must_be, sentence
from xendit.sandbox.state.core.jsontext import as_javascript
from xendit.sandbox.state.refund.bodies import callback_body
from xendit.sandbox.state.refund.record import RefundRecord, read_refund, write_refund
from xendit.sandbox.state.refund.requests import read_request, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
    from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord
    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.shared import SharedState

STANDING = ("PENDING", "SUCCEEDED")
COUNTRIES = {"IDR": "ID", "PHP": "PH", "THB": "TH", "VND": "VN", "MYR": "MY", "USD": "ID"}
#: The kind of a channel, as an invoice names it → as a refund names it.
_METHODS = {"BANK_TRANSFER": "VIRTUAL_ACCOUNT", "RETAIL_OUTLET": "OVER_THE_COUNTER", "CREDIT_CARD": "CARD"}
FAILURES = ("ACCOUNT_ACCESS_BLOCKED", "ACCOUNT_NOT_FOUND", "DUPLICATE_ERROR", "INSUFFICIENT_BALANCE", "REFUND_FAILED")
_TEXTS = ("payment_request_id", "invoice_id", "payment_method_type", "channel_code")
USUAL_PAGE, LARGEST_PAGE = 10, 100


class Refunds(Book[RefundRecord]):
    """The refunds of all accounts. Every method may be called from any thread."""

    kind = "refund"

    def __init__(self, shared: SharedState) -> None:
        super().__init__(shared)
        self._keys: dict[tuple[tuple[str, str], str], tuple[str, str]] = {}
        self._of_payment: dict[str, list[str]] = {}
        shared.follow(self.kind, self._note)

    # -- what the core asks

    def write(self, record: RefundRecord) -> JsonObject:
        """Give all of a refund as JSON values."""
        return write_refund(record)

    def read(self, values: JsonMapping) -> RefundRecord:
        """Make the refund of what `write` gave. Raises ValueError."""
        return read_refund(values)

    def due_times(self, record: RefundRecord) -> Iterator[datetime]:
        """Give the moment at which a pending refund succeeds by itself, unless it is assumed not to."""
        delay = self.shared.assumptions.refund_delay
        if record.status == "PENDING" and delay:
            yield record.created + timedelta(seconds=delay)

    def fall_due(self, record: RefundRecord, at: datetime) -> None:
        """Let it succeed, if it is still pending."""
        if record.status == "PENDING":
            self._end(record, "SUCCEEDED", at)

    def reference_of(self, record: RefundRecord) -> str:
        """Give the merchant's own id."""
        return record.reference_id

    def forget_all(self) -> None:
        """Forget every refund."""
        super().forget_all()
        self._keys.clear()
        self._of_payment.clear()

    def recalled(self) -> None:
        """Note the payments to which the refunds of the file belong."""
        for record in self.ledger:
            self._note(None, record)

    # -- the operations

    def create(
        self,
        account: Account,
        body: object,
        *,
        idempotency_key: str | None = None,
        refund_id: str | None = None,
        payment: TransactionRecord | None = None,
    ) -> RefundRecord:
        """Create a refund from a decoded JSON body. Raises SandboxError: 400, 403, 404 or 409.

        `refund_id` and `payment` are for seeds: the payment need not be there yet.
        """
        permit(account, "write")
        assumptions = self.shared.assumptions
        given = read_request(body, assumptions)
        with self.shared.lock:
            key = None if assumptions.refund_keys == "ignored" else idempotency_key
            fingerprint = json.dumps(given, sort_keys=True)
            if key is not None and (account.place, key) in self._keys:
                earlier, sent = self._keys[account.place, key]
                if sent != fingerprint:
                    raise SandboxError(409, "IDEMPOTENCY_ERROR", "The idempotency key was used with another request.")
                return self.own(account, earlier)
            reference = given.get("reference_id", "")
            if reference and assumptions.refund_references == "unique" and self._bears(account, reference):
                raise SandboxError(409, "DUPLICATE_ERROR", f"There is a refund with reference_id {reference} already.")
            paid = payment or self._payment_of(account, given)
            amount = self._judge(given, paid)
            now = self.shared.now()
            kind = paid.payment_kind or ""
            record = RefundRecord(
                id=refund_id or f"rfd-{self.shared.source.uuid()}",
                account=replace(account, permission="write"),
                created=now,
                updated=now,
                status="PENDING",
                amount=amount,
                currency=paid.currency,
                reference_id=reference,
                reason=given.get("reason", ""),
                payment_id=paid.product_id,
                payment_request_id=paid.payment_request_id or "",
                payment_method_type=_METHODS.get(kind, kind),
                channel_code=paid.channel_code or "",
                country=COUNTRIES.get(paid.currency, "ID"),
                invoice_id=paid.payment_link_id or "",
                metadata=given.get("metadata"),
            )
            self.keep(record)
            if key is not None:
                self._keys[account.place, key] = record.id, fingerprint
                while len(self._keys) > self.shared.capacity:
                    del self._keys[next(iter(self._keys))]
            return record

    def get(self, account: Account, refund_id: str) -> RefundRecord:
        """Give a refund of the account. Raises SandboxError: 403 or 404."""
        permit(account, "read")
        with self.shared.lock:
            return self.own(account, refund_id)

    def list(self, account: Account, query: Sequence[tuple[str, str]]) -> tuple[tuple[RefundRecord, ...], bool]:
        """Give a page of the account's refunds, newest first, and whether there are more. Raises SandboxError."""
        permit(account, "read")
        given = dict(query)
        limit = given.get("limit", str(USUAL_PAGE))
        if not (limit.replace(".0", "").isascii() and limit.replace(".0", "").isdigit() and float(limit) >= 1):
            raise invalid_input([(("limit",), '"limit" must be a number from 1 on', "number.base")], "query")
        size = min(int(float(limit)), LARGEST_PAGE)
        newer = "after_id" not in given and "before_id" in given
        cursor = given.get("before_id") if newer else given.get("after_id")
        with self.shared.lock:
            if cursor is not None:
                self.own(account, cursor)
            found = self.ledger.of_account(account, cursor=cursor, newer=newer)
            wanted = {name: given[name] for name in _TEXTS if name in given}
            fitting = (each for each in found if all(getattr(each, name) == wanted[name] for name in wanted))
            page = tuple(islice(fitting, size + 1))
        more = len(page) > size
        page = page[:size]
        return (page[::-1] if newer else page), more

    def cancel(self, account: Account, refund_id: str) -> RefundRecord:
        """Cancel a PENDING refund. Raises SandboxError: 403 or 404, and 400 for one that has ended."""
        permit(account, "write")
        with self.shared.lock:
            record = self.own(account, refund_id)
            if record.status == "CANCELLED":
                return record
            if record.status != "PENDING":
                message = f"The refund is {record.status} and cannot be cancelled."
                raise refusal("INELIGIBLE_TRANSACTION_STATUS", message, self.shared.assumptions)
            return self._end(record, "CANCELLED", self.shared.now())

    # -- what no API does

    def find(self, refund_id: str) -> RefundRecord:
        """Give a refund of any account. Raises SandboxError: 404."""
        with self.shared.lock:
            self.shared.sweep()
            record = self.ledger.get(refund_id)
        if record is None:
            raise self.missing(refund_id)
        return record

    def recent(self, *, find: str = "", before: str | None = None, limit: int = 50) -> tuple[RefundRecord, ...]:
        """Give the newest refunds of all accounts that have a text in an id or the reference."""
        with self.shared.lock:
            self.shared.sweep()
            wanted = (
                each
                for each in self.ledger.newest(before)
                if any(find in text for text in (each.id, each.reference_id, each.invoice_id))
            )
            return tuple(islice(wanted, limit))

    def succeed(self, refund_id: str) -> RefundRecord:
        """Let a PENDING refund succeed, and tell. Raises SandboxError: 404, or 409 when it has ended."""
        with self.shared.lock:
            return self._end(self._pending(refund_id), "SUCCEEDED", self.shared.now())

    def fail(self, refund_id: str, failure_code: str = "REFUND_FAILED") -> RefundRecord:
        """Let a PENDING refund fail, and tell. Raises SandboxError: 404, 409 when it has ended, 400 for another code."""
        if failure_code not in FAILURES:
            text = must_be("the failure_code", f"one of {', '.join(FAILURES)}", failure_code, FAILURES)
            raise SandboxError(400, "SANDBOX_INVALID_REQUEST", sentence(text))
        with self.shared.lock:
            record = replace(self._pending(refund_id), failure_code=failure_code)
            return self._end(record, "FAILED", self.shared.now())

    # -- inside the lock

    def _pending(self, refund_id: str) -> RefundRecord:
        record = self.find(refund_id)
        if record.status != "PENDING":
            raise SandboxError(409, "SANDBOX_REFUND_NOT_PENDING", f"The refund is {record.status}.")
        return record

    def _end(self, record: RefundRecord, status: str, at: datetime) -> RefundRecord:
        record = replace(record, status=status, updated=at)
        self.keep(record, None if status == "CANCELLED" else callback_body(record, at))
        return record

    def _payment_of(self, account: Account, given: JsonMapping) -> TransactionRecord:
        """Find the payment that is to be given back. Raises SandboxError: 404, or 400 where nothing was paid."""
        transactions: TransactionBook = self.shared.book("transaction")  # type: ignore[assignment] # the book of this kind
        request, invoice_id = given.get("payment_request_id"), given.get("invoice_id")
        paid = transactions.payment(payment_request_id=request, invoice_id=invoice_id)
        if paid is not None and paid.account.place == account.place:
            return paid
        if request is None:
            invoice = self.shared.book("invoice").ledger.get(str(invoice_id))
            if invoice is not None and invoice.account.place == account.place:
                message = f"The invoice is {invoice.status}: nothing was paid."
                raise refusal("INELIGIBLE_TRANSACTION_STATUS", message, self.shared.assumptions)
        raise SandboxError(404, "DATA_NOT_FOUND", f"Could not find a payment of {request or invoice_id}")

    def _judge(self, given: JsonMapping, paid: TransactionRecord) -> int | float:
        """Give the amount of a refund. Raises SandboxError for what may not be given back."""
        assumptions = self.shared.assumptions
        kind = paid.payment_kind or ""
        if kind not in assumptions.refunded_kinds:
            raise refusal("REFUND_NOT_SUPPORTED", f"Payments by {kind} cannot be refunded.", assumptions)
        currency = given.get("currency", paid.currency)
        if currency != paid.currency:
            problem = (("currency",), f'"currency" must be {paid.currency}', "any.allowOnly")
            raise invalid_input([problem], "body")
        others = [
            each
            for each in map(self.ledger.get, self._of_payment.get(paid.payment_request_id or "", ()))
            if each is not None and each.status in STANDING
        ]
        left = exact(paid.amount) - sum((exact(each.amount) for each in others), Decimal(0))
        asked = exact(as_javascript(given["amount"])) if "amount" in given else left
        if rounded(asked, paid.currency) != asked:
            raise invalid_input(
                [(("amount",), f'"amount" has decimals that {currency} does not have', "number.base")], "body"
            )
        if asked > left or asked <= 0:
            raise refusal("REFUND_AMOUNT_EXCEEDED", f"{number(left)} of the payment can be refunded.", assumptions)
        if asked != exact(paid.amount) and kind not in assumptions.partial_refunds:
            raise refusal("PARTIAL_REFUND_NOT_SUPPORTED", f"Payments by {kind} are refunded as a whole.", assumptions)
        if len(others) >= assumptions.refund_limit:
            message = f"A payment has {assumptions.refund_limit} refunds at most."
            raise refusal("PARTIAL_REFUND_COUNTS_EXCEEDED", message, assumptions)
        if not assumptions.concurrent_refunds and any(each.status == "PENDING" for each in others):
            raise refusal("REFUND_IN_PROGRESS", "Another refund of this payment is in progress.", assumptions)
        if assumptions.refund_funds == "cash":
            transactions: TransactionBook = self.shared.book("transaction")  # type: ignore[assignment] # of this kind
            if transactions.cash(paid.account, paid.currency) < asked:
                raise refusal("INSUFFICIENT_BALANCE", "The CASH balance does not cover the refund.", assumptions)
        return number(asked)

    def _bears(self, account: Account, reference: str) -> bool:
        return any(True for _ in self.ledger.of_account(account, reference=reference))

    def _note(self, before: RefundRecord | None, record: RefundRecord) -> None:
        """Note the payment to which a refund belongs."""
        several = self._of_payment.setdefault(record.payment_request_id, [])
        if before is None and record.id not in several:
            several.append(record.id)
