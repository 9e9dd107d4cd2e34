"""State: the invoices of all accounts, and everything that can happen to them. One lock, held inside.

No I/O: the time comes from the clock handed in, and what must be told by webhook is left in a queue (`drain`).
"""

from __future__ import annotations

import heapq
import math
import threading
from bisect import bisect_left, insort
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any, Protocol

from xendit.sandbox.state.accounts import OBJECT_ID, Account, Permission, identify
from xendit.sandbox.state.assumptions import Assumptions
from xendit.sandbox.state.channels import CHANNELS, known_code
from xendit.sandbox.state.checks import is_number
from xendit.sandbox.state.creation import as_javascript, draft
from xendit.sandbox.state.errors import SandboxError, forbidden, invalid_input, invoice_not_found
from xendit.sandbox.state.invoice import Invoice, Origin, Payment, Step, callback_body, payment_details
from xendit.sandbox.state.listing import read_query
from xendit.sandbox.state.times import to_milliseconds
from xendit.source import SYSTEM, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: How many invoices are kept; the oldest make room. Also bounds what is remembered beside them.
CAPACITY = 100_000
#: Points of one time line; failed attempts beyond them are not all shown.
LONGEST_LINE = 100
_WINDOW = 60.0
_API = Origin()


@dataclass(frozen=True)
class Event:
    """Something that a webhook tells: the invoice as it was at that moment, and the body.

    `id` is the `webhook-id`: every attempt to deliver the event carries the same.
    """

    id: str
    invoice: Invoice
    body: Mapping[str, Any]


class Journal(Protocol):
    """Where changes are kept before they count: when `save` returns, they survive the end of the process."""

    def save(self, invoice: Invoice, event: Event | None, forgotten: str | None) -> None:
        """Keep an invoice as it now is, what must be told of it, and drop the one that makes room for it."""

    def clear(self) -> None:
        """Drop everything."""


class NoJournal:
    """Keeps nothing: what happens in memory stays there."""

    def save(self, invoice: Invoice, event: Event | None, forgotten: str | None) -> None:
        """Do nothing."""

    def clear(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Quota:
    """Where an account stands with the rate limit; `reset` is in seconds. One that is not enforced is not announced."""

    limit: int
    remaining: int
    reset: float
    enforced: bool
    exceeded: bool


class State:
    """All that a sandbox knows. Every method may be called from any thread.

    `now` gives the time as an aware datetime, `source` ids, and the time where `now` is None. `api_keys` names the only keys that count and what each may do
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
        journal: Journal | None = None,
        source: Source = SYSTEM,
    ) -> None:
        self.assumptions = assumptions or Assumptions()
        self.merchant_name = merchant_name
        self._source = source
        self._clock = now or source.now
        self._api_keys = None if api_keys is None else dict(api_keys)
        self._capacity = capacity
        self._lock = threading.RLock()
        self._journal = journal or NoJournal()
        self.version = 0
        self._changes: deque[tuple[int, str | None, str]] = deque(maxlen=1_000)
        self._empty()

    def __repr__(self) -> str:
        return f"<State: {len(self._invoices)} invoices>"

    def reset(self) -> None:
        """Forget every invoice, event and count."""
        with self._lock:
            self._journal.clear()
            self._empty()

    def _empty(self) -> None:
        with self._lock:
            self._invoices: dict[str, Invoice] = {}
            self._order: dict[tuple[str, str], list[tuple[datetime, int, str]]] = {}
            self._entries: dict[str, tuple[datetime, int, str]] = {}
            self._due: list[tuple[datetime, int, str]] = []
            self._events: deque[Event] = deque()
            self._replays: dict[tuple[tuple[str, str], str], str] = {}
            self._windows: dict[tuple[tuple[str, str], str], deque[float]] = {}
            self._sequence = 0
            self._note(None, "")

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

    def count(self, account: Account, endpoint: str, limit: int | None = None) -> Quota:
        """Count a request in the sliding minute of an account and an endpoint.

        `limit` is enforced when given; else the limit is the one that is assumed, enforced where that is assumed.
        """
        enforced = self.assumptions.rate_limit_enforced or limit is not None
        limit = self.assumptions.rate_limit if limit is None else limit
        with self._lock:
            now = self.now().timestamp()
            window = self._windows.setdefault((account.place, endpoint), deque())
            _make_room(self._windows, self._capacity)
            # A clock that was set back leaves moments in the future, which count no more than those long past.
            while window and not now - _WINDOW < window[0] <= now:
                window.popleft()
            while len(window) > limit:
                window.popleft()
            over = len(window) >= limit
            if not over:
                window.append(now)
            reset = _WINDOW - (now - window[0]) if window else _WINDOW
        return Quota(limit, limit - len(window), min(max(reset, 0.0), _WINDOW), enforced, over and enforced)

    # -- the four operations

    def create(
        self,
        account: Account,
        body: Any,
        *,
        idempotency_key: str | None = None,
        origin: Origin = _API,
        fee_rule: str | None = None,
        split_rule: str | None = None,
        invoice_id: str | None = None,
    ) -> Invoice:
        """Create an invoice from a decoded JSON body. Raises SandboxError: 400, 403 or 404.

        `fee_rule` and `split_rule` are what `with-fee-rule` and `with-split-rule` name. `invoice_id` is for seeds.
        """
        _permit(account, "write")
        asked = draft(body, self.assumptions)
        check_rules(fee_rule, split_rule, self.assumptions)
        with self._lock:
            replay = idempotency_key if self.assumptions.idempotency == "replayed" else None
            if replay is not None:
                earlier = self._replays.get((account.place, replay))
                if earlier in self._invoices:
                    return self._invoices[earlier]
            created = self.now()
            expiry_date = created + asked.duration
            invoice = Invoice(
                id=invoice_id or _object_id(created, self._source),
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
                fee_rule=fee_rule,
                split_rule=split_rule,
                steps=(Step(created, "created"),),
            )
            self._put(invoice)
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
        self,
        invoice_id: str,
        *,
        channel: str | None = None,
        amount: float | Decimal | None = None,
        late: bool = False,
    ) -> Invoice:
        """Pay an invoice, over its first channel and in full unless told otherwise.

        `late` also pays one that has EXPIRED, as happens when a payer and the expiry race.

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
            late = late or self.assumptions.late_payments
            _expect(invoice, ("PENDING", "EXPIRED") if late else ("PENDING",))
            channel = _offered(invoice, channel)
            now = self.now()
            kind = CHANNELS[invoice.currency][channel]
            paid = as_javascript(amount) if amount is not None else invoice.amount
            payment = Payment(kind, channel, paid, now, payment_details(invoice, channel, self._source))
            step = Step(now, "paid", f"{channel}, after it had expired" if invoice.status == "EXPIRED" else channel)
            invoice = replace(
                invoice, status="PAID", updated=now, payment=payment, steps=_lengthen(invoice.steps, step)
            )
            self._put(invoice, tell=True)
            return invoice

    def fail(self, invoice_id: str, *, channel: str | None = None, reason: str = "declined") -> Invoice:
        """Let a payer try in vain. The invoice stays PENDING and nothing is told: only the time line knows.

        Raises SandboxError as `pay` does.
        """
        with self._lock:
            invoice = self.find(invoice_id)
            _expect(invoice, ("PENDING",))
            step = Step(self.now(), "attempt_failed", f"{_offered(invoice, channel)}: {reason[:200]}")
            invoice = replace(invoice, steps=_lengthen(invoice.steps, step))
            self._put(invoice)
            return invoice

    def settle(self, invoice_id: str) -> Invoice:
        """Settle a PAID invoice: the money has reached the merchant. No webhook tells of it.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PAID.
        """
        with self._lock:
            invoice = self.find(invoice_id)
            _expect(invoice, ("PAID",))
            return self._settle(invoice, self.now())

    def sweep(self) -> None:
        """Do what the clock has passed: remind, expire, settle. Every reading method does so first."""
        with self._lock:
            now = self.now()
            while self._due and self._due[0][0] <= now:
                at, _, invoice_id = self._due[0]
                invoice = self._invoices.get(invoice_id)
                if invoice is None:
                    pass  # it made room for others
                elif invoice.status == "PENDING" and invoice.expiry_date <= at:
                    self._expire(invoice)
                elif invoice.status == "PENDING" and invoice.reminder_date == at:
                    self._remind(invoice, at)
                elif invoice.status == "PAID" and self._settles_at(invoice) == at:
                    self._settle(invoice, at)
                heapq.heappop(self._due)  # not before: what cannot be kept is tried again

    def changes_since(self, version: int) -> tuple[int, tuple[tuple[str | None, str], ...]]:
        """Give the version now, and which invoices changed since one, with their status then; None: a reset."""
        with self._lock:
            return self.version, tuple((one, status) for at, one, status in self._changes if at > version)

    def counts(self) -> dict[str, int]:
        """Count the invoices by status."""
        with self._lock:
            self.sweep()
            return dict(Counter(invoice.status for invoice in self._invoices.values()))

    def everything(self) -> tuple[Invoice, ...]:
        """Give every invoice, oldest first."""
        with self._lock:
            self.sweep()
            return tuple(self._invoices.values())

    def plant(self, invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
        """Take over invoices of an export. Nothing is told of them. Raises ValueError for an id that is there."""
        with self._lock:
            planted = tuple(invoices)
            there = [one.id for one in planted if one.id in self._invoices]
            if there:
                raise ValueError(f"invoice {there[0]} is there already; reset first")
            for invoice in planted:
                self._put(invoice)
            return planted

    def next_due(self) -> datetime | None:
        """Say when the next thing happens by itself; None when nothing will."""
        with self._lock:
            return self._due[0][0] if self._due else None

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

    def _put(self, invoice: Invoice, *, tell: bool = False) -> None:
        """Take an invoice as it now is, first into the journal: what cannot be kept did not happen."""
        event = Event(self._source.uuid(), invoice, callback_body(invoice)) if tell else None
        new = invoice.id not in self._invoices
        full = new and len(self._invoices) >= self._capacity
        forgotten = next(iter(self._invoices)) if full else None
        self._journal.save(invoice, event, forgotten)
        if forgotten is not None:
            self._forget(forgotten)
        if new:
            self._add(invoice)
        self._invoices[invoice.id] = invoice
        self._note(invoice.id, invoice.status)
        if invoice.status == "PAID":
            self._await(invoice)
        if event is not None:
            self._events.append(event)

    def load(self, invoices: Iterable[Invoice]) -> None:
        """Take over invoices that a journal kept, oldest first. They are not told of again."""
        with self._lock:
            for invoice in invoices:
                self._add(invoice)
                if invoice.status == "PAID":
                    self._await(invoice)

    def _add(self, invoice: Invoice) -> None:
        self._sequence += 1
        entry = (invoice.created, self._sequence, invoice.id)
        self._invoices[invoice.id] = invoice
        self._entries[invoice.id] = entry
        insort(self._order.setdefault(invoice.account.place, []), entry)
        if invoice.status == "PENDING":
            self._await(invoice)
        if len(self._due) > 4 * self._capacity:
            self._due = []
            for one in self._invoices.values():
                self._await(one)

    def _note(self, invoice_id: str | None, status: str) -> None:
        """Note that an invoice changed; None: that everything was forgotten."""
        self.version += 1
        self._changes.append((self.version, invoice_id, status))

    def _await(self, invoice: Invoice) -> None:
        """Note when the next things happen to an invoice by themselves."""
        moments: list[datetime | None] = []
        if invoice.status == "PENDING":
            moments = [invoice.reminder_date, invoice.expiry_date]
        elif invoice.status == "PAID":
            moments = [self._settles_at(invoice)]
        for moment in moments:
            if moment is not None and moment >= invoice.updated:
                heapq.heappush(self._due, (moment, self._entries[invoice.id][1], invoice.id))

    def _settles_at(self, invoice: Invoice) -> datetime | None:
        delay = self.assumptions.settlement_delay
        if not delay or invoice.payment is None:
            return None
        return invoice.payment.paid_at + timedelta(seconds=delay)

    def _forget(self, invoice_id: str) -> None:
        place = self._invoices.pop(invoice_id).account.place
        order = self._order[place]
        del order[bisect_left(order, self._entries.pop(invoice_id))]
        if not order:
            del self._order[place]

    def _expire(self, invoice: Invoice) -> Invoice:
        step = Step(invoice.expiry_date, "expired")
        invoice = replace(invoice, status="EXPIRED", updated=invoice.expiry_date, steps=_lengthen(invoice.steps, step))
        self._put(invoice, tell=self.assumptions.expired_webhooks)
        return invoice

    def _remind(self, invoice: Invoice, at: datetime) -> None:
        preference = invoice.echoed.get("customer_notification_preference")
        channels = preference.get("invoice_reminder", ()) if isinstance(preference, dict) else ()
        detail = f"by {', '.join(channels)}" if channels else "nobody: no channel was chosen"
        self._put(replace(invoice, steps=_lengthen(invoice.steps, Step(at, "reminded", detail))))

    def _settle(self, invoice: Invoice, at: datetime) -> Invoice:
        step = Step(at, "settled")
        invoice = replace(invoice, status="SETTLED", updated=at, steps=_lengthen(invoice.steps, step))
        self._put(invoice)
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


def _expect(invoice: Invoice, statuses: tuple[str, ...]) -> None:
    if invoice.status not in statuses:
        code = "SANDBOX_INVOICE_NOT_PAID" if statuses == ("PAID",) else "SANDBOX_INVOICE_NOT_PENDING"
        raise SandboxError(409, code, f"Invoice {invoice.id} is {invoice.status}, not {' or '.join(statuses)}.")


def _offered(invoice: Invoice, channel: str | None) -> str:
    channel = invoice.channels[0] if channel is None else known_code(channel)
    if channel not in invoice.channels:
        offered = ", ".join(invoice.channels)
        text = f"The invoice does not offer this channel, but {offered}."
        raise SandboxError(400, "SANDBOX_CHANNEL_NOT_OFFERED", text)
    return channel


def _lengthen(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    return (*steps[: LONGEST_LINE - 1], step)


def _permit(account: Account, needed: Permission) -> None:
    if account.permission not in ("write", needed):
        raise forbidden()


def _make_room(remembered: dict[Any, Any], capacity: int) -> None:
    while len(remembered) > capacity:
        del remembered[next(iter(remembered))]


def _object_id(moment: datetime, source: Source) -> str:
    """Make an id as MongoDB does: four bytes of time, eight of chance."""
    return f"{int(moment.timestamp()) & 0xFFFFFFFF:08x}{source.hexadecimal(8)}"
