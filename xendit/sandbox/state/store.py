"""State: the invoices of all accounts, and everything that can happen to them. One lock, held inside.

No I/O: the time comes from the clock handed in, and what must be told by webhook is left in a queue (`drain`).
"""

from __future__ import annotations

import heapq
import math
import secrets
import threading
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.accounts import OBJECT_ID, Account, Permission, identify
from xendit.sandbox.state.assumptions import Assumptions
from xendit.sandbox.state.channels import CHANNELS
from xendit.sandbox.state.checks import is_number
from xendit.sandbox.state.creation import as_javascript, draft
from xendit.sandbox.state.errors import SandboxError, forbidden, invalid_input, invoice_not_found
from xendit.sandbox.state.invoice import Invoice, Origin, Payment, callback_body, payment_details
from xendit.sandbox.state.listing import read_query
from xendit.sandbox.state.times import to_milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: How many invoices are kept; the oldest make room. Also bounds what is remembered beside them.
CAPACITY = 100_000
_WINDOW = 60.0
_API = Origin()


@dataclass(frozen=True)
class Event:
    """Something that a webhook tells: the invoice as it was at that moment, and the body."""

    invoice: Invoice
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Quota:
    """Where an account stands with the rate limit; `reset` is in seconds."""

    limit: int
    remaining: int
    reset: float
    exceeded: bool


def utc_now() -> datetime:
    """Give the time of this machine."""
    return datetime.now(timezone.utc)


class State:
    """All that a sandbox knows. Every method may be called from any thread.

    `now` gives the time as an aware datetime. `api_keys` names the only keys that count and what each may do
    (`none`, `read`, `write`); without it every `xnd_development_…` key is an account of its own.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] | None = None,
        assumptions: Assumptions | None = None,
        api_keys: Mapping[str, Permission] | None = None,
        merchant_name: str = "Sandbox Merchant",
        capacity: int = CAPACITY,
    ) -> None:
        self.assumptions = assumptions or Assumptions()
        self.merchant_name = merchant_name
        self._clock = now or utc_now
        self._api_keys = None if api_keys is None else dict(api_keys)
        self._capacity = capacity
        self._lock = threading.RLock()
        self.version = 0
        self.reset()

    def __repr__(self) -> str:
        return f"<State: {len(self._invoices)} invoices>"

    def reset(self) -> None:
        """Forget every invoice, event and count."""
        with self._lock:
            self._invoices: dict[str, Invoice] = {}
            self._order: dict[tuple[str, str], list[tuple[datetime, int, str]]] = {}
            self._entries: dict[str, tuple[datetime, int, str]] = {}
            self._due: list[tuple[datetime, str]] = []
            self._events: deque[Event] = deque()
            self._replays: dict[tuple[tuple[str, str], str], str] = {}
            self._windows: dict[tuple[tuple[str, str], str], deque[float]] = {}
            self._sequence = 0
            self.version += 1

    def now(self) -> datetime:
        """Give the time, in UTC and whole milliseconds. Raises ValueError when the clock gives a naive one."""
        moment = self._clock()
        if moment.tzinfo is None:
            raise ValueError("now() must give an aware datetime, such as datetime.now(timezone.utc)")
        return to_milliseconds(moment)

    # -- who calls

    def account(self, key: str | None, for_user_id: str | None = None) -> Account:
        """Find the account of a key, and of the sub-account it acts for. Raises SandboxError: 401 or 403."""
        return identify(key, for_user_id, self._api_keys, self.assumptions)

    def count(self, account: Account, endpoint: str) -> Quota:
        """Count a request in the sliding minute of an account and an endpoint."""
        limit = self.assumptions.rate_limit
        with self._lock:
            now = self.now().timestamp()
            window = self._windows.setdefault((account.place, endpoint), deque(maxlen=limit))
            _make_room(self._windows, self._capacity)
            while window and window[0] <= now - _WINDOW:
                window.popleft()
            over = len(window) >= limit
            if not over:
                window.append(now)
            reset = _WINDOW - (now - window[0]) if window else _WINDOW
        exceeded = over and self.assumptions.rate_limit_enforced
        return Quota(limit, limit - len(window), min(max(reset, 0.0), _WINDOW), exceeded)

    # -- the four operations

    def create(
        self, account: Account, body: Any, *, idempotency_key: str | None = None, origin: Origin = _API
    ) -> Invoice:
        """Create an invoice from a decoded JSON body. Raises SandboxError: 400, 403 or 404."""
        _permit(account, "write")
        asked = draft(body, self.assumptions)
        with self._lock:
            replay = idempotency_key if self.assumptions.idempotency == "replayed" else None
            if replay is not None:
                earlier = self._replays.get((account.place, replay))
                if earlier in self._invoices:
                    return self._invoices[earlier]
            created = self.now()
            expiry_date = created + asked.duration
            invoice = Invoice(
                id=_object_id(created),
                account=account,
                merchant_name=self.merchant_name,
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
            )
            self._add(invoice)
            if replay is not None:
                self._replays[account.place, replay] = invoice.id
                _make_room(self._replays, self._capacity)
            return invoice

    def get(self, account: Account, invoice_id: str) -> Invoice:
        """Give an invoice of the account. Raises SandboxError: 403 or 404 (400 where that is assumed)."""
        _permit(account, "read")
        if OBJECT_ID.fullmatch(invoice_id) is None and self.assumptions.malformed_id == "validation_error":
            problem = (("invoice_id",), '"invoice_id" must be a valid id', "string.regex.base")
            raise invalid_input([problem], "params")
        with self._lock:
            self.sweep()
            return self._own(account, invoice_id)

    def list(self, account: Account, query: Sequence[tuple[str, str]]) -> tuple[Invoice, ...]:
        """List the invoices of the account that the decoded query parameters select, newest first.

        Raises SandboxError: 400, 403, or 404 for an unknown cursor where that is assumed.
        """
        _permit(account, "read")
        listing = read_query(query, self.assumptions)
        with self._lock:
            self.sweep()
            order = self._order.get(account.place, [])
            positions: Iterable[int] = range(len(order) - 1, -1, -1)
            newer = False
            if listing.cursor is not None:
                try:
                    cursor = self._own(account, listing.cursor)
                except SandboxError:
                    if self.assumptions.unknown_cursor == "not_found":
                        raise
                    if self.assumptions.unknown_cursor == "empty":
                        return ()
                else:
                    at = bisect_left(order, self._entries[cursor.id])
                    skip = 0 if self.assumptions.cursor_inclusive else 1
                    newer = self.assumptions.cursor_direction == "newer"
                    positions = range(at + skip, len(order)) if newer else range(at - skip, -1, -1)
            found = (self._invoices[order[position][2]] for position in positions)
            page = tuple(islice(filter(listing.selects, found), listing.limit))
            return page[::-1] if newer else page

    def expire(self, account: Account, invoice_id: str) -> Invoice:
        """End a PENDING invoice now. Raises SandboxError when there is none, for whatever reason."""
        _permit(account, "write")
        with self._lock:
            self.sweep()
            invoice = self._invoices.get(invoice_id)
            if invoice is None or invoice.account.place != account.place or invoice.status != "PENDING":
                raise SandboxError(
                    self.assumptions.failed_expire_status,
                    self.assumptions.failed_expire_code,
                    f"Could not find and update PENDING invoice {invoice_id}",
                )
            now = self.now()
            return self._expire(replace(invoice, expiry_date=now))

    # -- what no API does

    def find(self, invoice_id: str) -> Invoice:
        """Give an invoice of any account. Raises SandboxError: 404."""
        with self._lock:
            self.sweep()
            invoice = self._invoices.get(invoice_id)
        if invoice is None:
            raise invoice_not_found(invoice_id)
        return invoice

    def recent(
        self, *, find: str = "", status: str | None = None, before: str | None = None, limit: int = 50
    ) -> tuple[Invoice, ...]:
        """Give the newest invoices of all accounts whose id or external id holds a text, after one of them if named."""
        with self._lock:
            self.sweep()
            newest = reversed(self._invoices.values())
            if before in self._invoices:
                newest = dropwhile(lambda invoice: invoice.id != before, newest)
                next(newest)
            wanted = (
                invoice
                for invoice in newest
                if (status is None or invoice.status == status) and (find in invoice.external_id or find in invoice.id)
            )
            return tuple(islice(wanted, limit))

    def pay(
        self, invoice_id: str, *, channel: str | None = None, amount: float | Decimal | None = None
    ) -> Invoice:
        """Pay an invoice, over its first channel and in full unless told otherwise.

        Raises SandboxError: 404 for an unknown id, 409 when the invoice cannot be paid, 400 for a channel that
        the invoice does not offer or an amount that is none. Their codes begin with SANDBOX_: the real API has
        no such call.
        """
        if isinstance(amount, Decimal):
            amount = float(amount) if amount.is_finite() else math.inf
        if amount is not None and not (is_number(amount) and amount > 0):
            raise SandboxError(400, "SANDBOX_INVALID_AMOUNT", "The amount paid must be a number above 0.")
        with self._lock:
            invoice = self.find(invoice_id)
            payable = ("PENDING", "EXPIRED") if self.assumptions.late_payments else ("PENDING",)
            if invoice.status not in payable:
                raise SandboxError(
                    409,
                    "SANDBOX_INVOICE_NOT_PENDING",
                    f"Invoice {invoice_id} is {invoice.status}, not PENDING.",
                )
            channel = invoice.channels[0] if channel is None else channel
            if channel not in invoice.channels:
                offered = ", ".join(invoice.channels)
                raise SandboxError(
                    400,
                    "SANDBOX_CHANNEL_NOT_OFFERED",
                    f"The invoice does not offer this channel, but {offered}.",
                )
            now = self.now()
            kind = CHANNELS[invoice.currency][channel]
            paid = as_javascript(amount) if amount is not None else invoice.amount
            payment = Payment(kind, channel, paid, now, payment_details(invoice, channel))
            invoice = replace(invoice, status="PAID", updated=now, payment=payment)
            self._invoices[invoice_id] = invoice
            self.version += 1
            self._tell(invoice)
            return invoice

    def sweep(self) -> None:
        """Expire what the clock has passed. Every reading method does so first."""
        with self._lock:
            now = self.now()
            while self._due and self._due[0][0] <= now:
                _, invoice_id = heapq.heappop(self._due)
                invoice = self._invoices.get(invoice_id)
                if invoice is not None and invoice.status == "PENDING":
                    self._expire(invoice)

    def drain(self) -> tuple[Event, ...]:
        """Take the events that nobody took yet, oldest first."""
        with self._lock:
            events = tuple(self._events)
            self._events.clear()
            return events

    # -- inside the lock

    def _own(self, account: Account, invoice_id: str) -> Invoice:
        invoice = self._invoices.get(invoice_id)
        if invoice is None or invoice.account.place != account.place:
            raise invoice_not_found(invoice_id)
        return invoice

    def _add(self, invoice: Invoice) -> None:
        self._sequence += 1
        self.version += 1
        entry = (invoice.created, self._sequence, invoice.id)
        self._invoices[invoice.id] = invoice
        self._entries[invoice.id] = entry
        insort(self._order.setdefault(invoice.account.place, []), entry)
        heapq.heappush(self._due, (invoice.expiry_date, invoice.id))
        if len(self._invoices) > self._capacity:
            self._forget(next(iter(self._invoices)))
        if len(self._due) > 2 * self._capacity:
            self._due = [
                (one.expiry_date, one.id) for one in self._invoices.values() if one.status == "PENDING"
            ]
            heapq.heapify(self._due)

    def _forget(self, invoice_id: str) -> None:
        place = self._invoices.pop(invoice_id).account.place
        order = self._order[place]
        del order[bisect_left(order, self._entries.pop(invoice_id))]
        if not order:
            del self._order[place]

    def _expire(self, invoice: Invoice) -> Invoice:
        invoice = replace(invoice, status="EXPIRED", updated=invoice.expiry_date)
        self._invoices[invoice.id] = invoice
        self.version += 1
        if self.assumptions.expired_webhooks:
            self._tell(invoice)
        return invoice

    def _tell(self, invoice: Invoice) -> None:
        self._events.append(Event(invoice, callback_body(invoice)))


def _permit(account: Account, needed: Permission) -> None:
    if account.permission not in ("write", needed):
        raise forbidden()


def _make_room(remembered: dict[Any, Any], capacity: int) -> None:
    while len(remembered) > capacity:
        del remembered[next(iter(remembered))]


def _object_id(moment: datetime) -> str:
    """Make an id as MongoDB does: four bytes of time, eight of chance."""
    return f"{int(moment.timestamp()) & 0xFFFFFFFF:08x}{secrets.token_hex(8)}"
