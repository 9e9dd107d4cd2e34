"""Invoices: everything that can happen to an invoice, by the API, by its payer and by itself."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.assumptions import Assumptions
from xendit.sandbox.state.core.accounts import OBJECT_ID
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.checks import is_number
from xendit.sandbox.state.core.errors import SandboxError, invalid_input
from xendit.sandbox.state.core.given import must_be, nearest, sentence, shown
from xendit.sandbox.state.core.ids import object_id
from xendit.sandbox.state.core.jsontext import as_javascript
from xendit.sandbox.state.core.shared import SharedState
from xendit.sandbox.state.invoice.bodies import callback_body
from xendit.sandbox.state.invoice.channels import CHANNELS, known_code
from xendit.sandbox.state.invoice.creation import draft
from xendit.sandbox.state.invoice.listing import read_query
from xendit.sandbox.state.invoice.payments import payment_details
from xendit.sandbox.state.invoice.record import InvoiceRecord, Origin, Payment, Step
from xendit.sandbox.state.invoice.serialization import read_invoice, write_invoice
from xendit.source import SYSTEM, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

#: Points of one time line; failed attempts beyond them are not all shown.
LONGEST_LINE = 100
_API = Origin()


class Invoices(Book[InvoiceRecord]):
    """The invoices of all accounts. Every method may be called from any thread."""

    kind = "invoice"

    def __init__(self, shared: SharedState) -> None:
        super().__init__(shared)
        self._replays: dict[tuple[tuple[str, str], str], str] = {}

    @classmethod
    def alone(
        cls,
        now: Callable[[], datetime] | None = None,
        assumptions: Assumptions | None = None,
        *,
        source: Source = SYSTEM,
        **settings: Any,
    ) -> Invoices:
        """Make a book with a shared state of its own; `settings` are the others of `SharedState`."""
        return cls(SharedState(now or source.now, assumptions or Assumptions(), source=source, **settings))

    # -- what the core asks

    def write(self, record: InvoiceRecord) -> JsonObject:
        """Give all of an invoice as JSON values."""
        return write_invoice(record)

    def read(self, values: JsonMapping) -> InvoiceRecord:
        """Make the invoice of what `write` gave. Raises ValueError."""
        return read_invoice(values)

    def due_times(self, record: InvoiceRecord) -> Iterator[datetime]:
        """Give when it is reminded of, expires or settles."""
        moments: list[datetime | None] = []
        if record.status == "PENDING":
            moments = [record.reminder_date, record.expiry_date]
        elif record.status == "PAID":
            moments = [self._settles_at(record)]
        return (moment for moment in moments if moment is not None and moment >= record.updated)

    def fall_due(self, record: InvoiceRecord, at: datetime) -> None:
        """Remind, expire or settle, if its status still calls for that."""
        if record.status == "PENDING" and record.expiry_date <= at:
            self._expire(record)
        elif record.status == "PENDING" and record.reminder_date == at:
            self._remind(record, at)
        elif record.status == "PAID" and self._settles_at(record) == at:
            self._settle(record, at)

    def reference_of(self, record: InvoiceRecord) -> str:
        """Give the external id."""
        return record.external_id

    def missing(self, record_id: str) -> SandboxError:
        """Say that the account has no such invoice."""
        return SandboxError(404, "INVOICE_NOT_FOUND_ERROR", f"Could not find invoice by id {record_id}")

    def forget_all(self) -> None:
        """Forget every invoice."""
        super().forget_all()
        self._replays = {}

    # -- the four operations

    def create(
        self,
        account: Account,
        body: object,
        *,
        idempotency_key: str | None = None,
        origin: Origin = _API,
        fee_rule: str | None = None,
        split_rule: str | None = None,
        invoice_id: str | None = None,
    ) -> InvoiceRecord:
        """Create an invoice from a decoded JSON body. Raises SandboxError: 400, 403 or 404.

        `fee_rule` and `split_rule` are what `with-fee-rule` and `with-split-rule` name. `invoice_id` is for seeds.
        """
        permit(account, "write")
        shared = self.shared
        asked = draft(body, shared.assumptions)
        check_rules(fee_rule, split_rule, shared.assumptions)
        with shared.lock:
            replay = idempotency_key if shared.assumptions.idempotency == "replayed" else None
            if replay is not None:
                earlier = self.ledger.get(self._replays.get((account.place, replay), ""))
                if earlier is not None:
                    return earlier
            created = shared.now()
            expiry_date = created + asked.duration
            invoice = InvoiceRecord(
                id=invoice_id or object_id(created, shared.source),
                account=account,
                merchant_name=shared.merchant_name,
                external_id=asked.external_id,
                amount=asked.amount,
                currency=asked.currency,
                channels=asked.channels,
                echoed=asked.echoed,
                status="PENDING",
                created=created,
                updated=created,
                expiry_date=expiry_date,
                should_send_email=asked.should_send_email,
                reminder_date=expiry_date - asked.reminder if asked.reminder is not None else None,
                origin=origin,
                fee_rule=fee_rule,
                split_rule=split_rule,
                steps=(Step(created, "created"),),
            )
            self.keep(invoice)
            if replay is not None:
                self._replays[account.place, replay] = invoice.id
                while len(self._replays) > shared.capacity:
                    del self._replays[next(iter(self._replays))]
            return invoice

    def get(self, account: Account, invoice_id: str) -> InvoiceRecord:
        """Give an invoice of the account. Raises SandboxError: 403 or 404 (400 where that is assumed)."""
        permit(account, "read")
        if OBJECT_ID.fullmatch(invoice_id) is None and self.shared.assumptions.malformed_id == "validation_error":
            problem = (("invoice_id",), '"invoice_id" must be a valid id', "string.regex.base")
            raise invalid_input([problem], "params")
        with self.shared.lock:
            self.shared.sweep()
            return self.own(account, invoice_id)

    def list(self, account: Account, query: Sequence[tuple[str, str]]) -> tuple[InvoiceRecord, ...]:
        """List the invoices of the account that the decoded query parameters select, newest first.

        Raises SandboxError: 400, 403, or 404 for an unknown cursor where that is assumed.
        """
        permit(account, "read")
        assumptions = self.shared.assumptions
        listing = read_query(query, assumptions)
        with self.shared.lock:
            self.shared.sweep()
            cursor = listing.cursor
            if cursor is not None:
                try:
                    self.own(account, cursor)
                except SandboxError:
                    if assumptions.unknown_cursor == "not_found":
                        raise
                    if assumptions.unknown_cursor == "empty":
                        return ()
                    cursor = None
            newer = cursor is not None and assumptions.cursor_direction == "newer"
            found = self.ledger.of_account(
                account,
                reference=listing.reference,
                cursor=cursor,
                inclusive=assumptions.cursor_inclusive,
                newer=newer,
            )
            page = tuple(islice(filter(listing.selects, found), listing.limit))
            return page[::-1] if newer else page

    def expire(self, account: Account, invoice_id: str) -> InvoiceRecord:
        """End a PENDING invoice now. Raises SandboxError when there is none, for whatever reason."""
        permit(account, "write")
        with self.shared.lock:
            self.shared.sweep()
            invoice = self.ledger.get(invoice_id)
            if invoice is None or invoice.account.place != account.place or invoice.status != "PENDING":
                raise SandboxError(
                    self.shared.assumptions.failed_expire_status,
                    self.shared.assumptions.failed_expire_code,
                    f"Could not find and update PENDING invoice {invoice_id}",
                )
            return self._expire(replace(invoice, expiry_date=self.shared.now()))

    # -- what no API does

    def find(self, invoice_id: str) -> InvoiceRecord:
        """Give an invoice of any account. Raises SandboxError: 404."""
        with self.shared.lock:
            self.shared.sweep()
            invoice = self.ledger.get(invoice_id)
        if invoice is None:
            raise self.missing(invoice_id)
        return invoice

    def recent(
        self, *, find: str = "", status: str | None = None, before: str | None = None, limit: int = 50
    ) -> tuple[InvoiceRecord, ...]:
        """Give the newest invoices of all accounts whose id or external id holds a text, after one of them if named."""
        with self.shared.lock:
            self.shared.sweep()
            wanted = (
                invoice
                for invoice in self.ledger.newest(before)
                if (status is None or invoice.status == status) and (find in invoice.external_id or find in invoice.id)
            )
            return tuple(islice(wanted, limit))

    def pay(
        self,
        invoice_id: str,
        *,
        channel: str | None = None,
        amount: float | Decimal | None = None,
        late: bool = False,
    ) -> InvoiceRecord:
        """Pay an invoice, over its first channel and in full unless told otherwise.

        `late` also pays one that has EXPIRED, as happens when a payer and the expiry race.

        Raises SandboxError: 404 for an unknown id, 409 when the invoice cannot be paid, 400 for a channel that
        the invoice does not offer or an amount that is none. Their codes begin with SANDBOX_: the real API has
        no such call.
        """
        given = amount
        if isinstance(amount, Decimal):
            amount = float(amount) if amount.is_finite() else math.inf
        if amount is not None and not (is_number(amount) and amount > 0):
            told = must_be("the amount paid", "a number above 0", given, number=True)
            raise SandboxError(400, "SANDBOX_INVALID_AMOUNT", sentence(told))
        with self.shared.lock:
            invoice = self.find(invoice_id)
            late = late or self.shared.assumptions.late_payments
            _expect(invoice, ("PENDING", "EXPIRED") if late else ("PENDING",))
            channel = _offered(invoice, channel)
            now = self.shared.now()
            kind = CHANNELS[invoice.currency][channel]
            paid = as_javascript(amount) if amount is not None else invoice.amount
            payment = Payment(kind, channel, paid, now, payment_details(invoice, channel, self.shared.source))
            step = Step(now, "paid", f"{channel}, after it had expired" if invoice.status == "EXPIRED" else channel)
            invoice = replace(
                invoice, status="PAID", updated=now, payment=payment, steps=_lengthen(invoice.steps, step)
            )
            self.keep(invoice, callback_body(invoice))
            return invoice

    def fail(self, invoice_id: str, *, channel: str | None = None, reason: str = "declined") -> InvoiceRecord:
        """Let a payer try in vain. The invoice stays PENDING and no webhook tells of it; only the time line shows it.

        Raises SandboxError as `pay` does.
        """
        with self.shared.lock:
            invoice = self.find(invoice_id)
            _expect(invoice, ("PENDING",))
            step = Step(self.shared.now(), "attempt_failed", f"{_offered(invoice, channel)}: {reason[:200]}")
            invoice = replace(invoice, steps=_lengthen(invoice.steps, step))
            self.keep(invoice)
            return invoice

    def settle(self, invoice_id: str) -> InvoiceRecord:
        """Settle a PAID invoice: the money has reached the merchant. No webhook tells of it.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PAID.
        """
        with self.shared.lock:
            invoice = self.find(invoice_id)
            _expect(invoice, ("PAID",))
            return self._settle(invoice, self.shared.now())

    # -- inside the lock

    def _settles_at(self, invoice: InvoiceRecord) -> datetime | None:
        delay = self.shared.assumptions.settlement_delay
        if not delay or invoice.payment is None:
            return None
        return invoice.payment.paid_at + timedelta(seconds=delay)

    def _expire(self, invoice: InvoiceRecord) -> InvoiceRecord:
        step = Step(invoice.expiry_date, "expired")
        invoice = replace(invoice, status="EXPIRED", updated=invoice.expiry_date, steps=_lengthen(invoice.steps, step))
        self.keep(invoice, callback_body(invoice) if self.shared.assumptions.expired_webhooks else None)
        return invoice

    def _remind(self, invoice: InvoiceRecord, at: datetime) -> None:
        preference = invoice.echoed.get("customer_notification_preference")
        channels = preference.get("invoice_reminder", ()) if isinstance(preference, dict) else ()
        detail = f"by {', '.join(channels)}" if channels else "nobody: no channel was chosen"
        self.keep(replace(invoice, steps=_lengthen(invoice.steps, Step(at, "reminded", detail))))

    def _settle(self, invoice: InvoiceRecord, at: datetime) -> InvoiceRecord:
        step = Step(at, "settled")
        invoice = replace(invoice, status="SETTLED", updated=at, steps=_lengthen(invoice.steps, step))
        self.keep(invoice)
        return invoice


def check_rules(fee_rule: str | None, split_rule: str | None, assumptions: Assumptions) -> None:
    """Check what `with-fee-rule` and `with-split-rule` name. Raises SandboxError: 400."""
    if assumptions.rule_ids == "any":
        return
    problems = []
    for name, prefix, given in (("with-fee-rule", "xpfeeru_", fee_rule), ("with-split-rule", "splitru_", split_rule)):
        if given is not None and not given.startswith(prefix):
            problems.append(((name,), f'"{name}" must begin with {prefix}', "string.pattern"))
    if problems:
        raise invalid_input(problems, "headers")


def _expect(invoice: InvoiceRecord, statuses: tuple[str, ...]) -> None:
    if invoice.status not in statuses:
        code = "SANDBOX_INVOICE_NOT_PAID" if statuses == ("PAID",) else "SANDBOX_INVOICE_NOT_PENDING"
        raise SandboxError(409, code, f"Invoice {invoice.id} is {invoice.status}, not {' or '.join(statuses)}.")


def _offered(invoice: InvoiceRecord, channel: str | None) -> str:
    channel = invoice.channels[0] if channel is None else known_code(channel)
    if channel not in invoice.channels:
        meant = nearest(channel, invoice.channels)
        told = f"{shown(channel)} was given{meant}"
        text = f"The invoice does not offer that channel, but {', '.join(invoice.channels)}; {told}"
        raise SandboxError(400, "SANDBOX_CHANNEL_NOT_OFFERED", sentence(text))
    return channel


def _lengthen(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    return (*steps[: LONGEST_LINE - 1], step)
