"""Events: what a webhook tells, as frozen values, and the key under which it is handled once. No I/O.

Event
├── InvoiceEvent      an invoice was paid or has expired
├── OtherEvent        an envelope {"event": …, "data": …}: a refund, another product
└── UnreadableEvent   good JSON that the models cannot read; it is kept, never refused
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from xendit.amounts import cut_amount
from xendit.codec import is_decimal, json_text, loads, parse_time, type_name
from xendit.exceptions import ApiTypeError, ApiValueError, WebhookBodyException
from xendit.invoice.model.invoice_callback import InvoiceCallback
from xendit.webhook.order import order_id, order_price

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Literal, TypeAlias

    from xendit.webhook.order import OrderAmount, OrderId

    Source: TypeAlias = Literal["webhook", "reconcile"]

__all__ = ["Event", "InvoiceEvent", "OtherEvent", "UnreadableEvent", "rank_of", "read_event"]

#: The order of an invoice's states: a lower one never overwrites a higher one.
_RANKS = {"PENDING": 0, "EXPIRED": 1, "PAID": 2, "SETTLED": 3}
#: The invoice of the dashboard's "Test and save" (facts: a real test delivery; no such invoice can be read).
_TEST_INVOICE = ("579c8d61f23fa4ca35e52da4", "invoice_123124123")
#: The longest key, in characters: what every database can index.
_LONGEST_KEY = 200


def rank_of(status: str | None) -> int:
    """The place of a status in PENDING < EXPIRED < PAID < SETTLED; -1 for None and for a status not known."""
    return _RANKS.get(str(status), -1)


@dataclass(frozen=True)
class Event:
    """What all events have. An event holds personal data in its body; its repr does not show it."""

    dedupe_key: str
    """The name of what happened: the same for every delivery of it. Printable ASCII, at most 200 characters."""
    body: bytes = field(repr=False)
    """The JSON text as it came."""
    webhook_id: str | None = field(default=None, kw_only=True)
    """The header `webhook-id` of the delivery. Older accounts send none, and no listed invoice has one."""
    source: Source = field(default="webhook", kw_only=True)
    """Whether a webhook brought it, or `reconcile` found it."""

    @property
    def kind(self) -> str:
        """What happened, in one word: `paid`, `expired`, another status in lower case, `other` or `unreadable`."""
        return "unreadable"

    @property
    def subject(self) -> str:
        """What it happened to: the dedupe key without its kind. Events of one subject are handled in order."""
        return self.dedupe_key

    @property
    def payment_id(self) -> str | None:
        """The id of the payment, when the event names one."""
        return None

    @property
    def external_id(self) -> str | None:
        """Your own id of the order, when the event names one."""
        return None


@dataclass(frozen=True)
class InvoiceEvent(Event):
    """An invoice was paid or has expired.

    `dedupe_key` is user id / invoice id / `paid` or `expired`; PAID and SETTLED are both `paid`, because which
    of the two is read depends on when one looks. A second payment of a paid invoice has its payment id behind.
    """

    callback: InvoiceCallback
    """The webhook's body as a model; for a reconciled invoice, what the list told of it."""
    is_second_payment: bool = False
    """Whether the invoice had been paid before, by another payment: money to be given back. Set by the inbox."""
    after_expiry: bool = False
    """Whether the inbox knows that the invoice had expired before this payment. Set by the inbox."""

    @property
    def kind(self) -> str:
        """`paid`, `expired`, or another status in lower case."""
        return _kind(str(self.callback.status))

    @property
    def subject(self) -> str:
        """User id / invoice id."""
        return _subject(self.callback)

    @property
    def invoice_id(self) -> str:
        """Id of the invoice at Xendit."""
        return self.callback.id

    @property
    def user_id(self) -> str | None:
        """Id of the business, yours or a sub-account's, that the invoice belongs to."""
        return _text(self.callback.user_id)

    @property
    def external_id(self) -> str | None:
        """Your own id, as it was given on creation: the way to find your order."""
        return self.callback.external_id

    @property
    def payment_id(self) -> str | None:
        """Id of the payment; of e-wallet and QR payments, and never of an invoice that `reconcile` found."""
        return _text(self.callback.payment_id)

    @property
    def is_paid(self) -> bool:
        """Whether the payer has paid: the status is PAID or SETTLED."""
        return self.callback.is_paid

    @property
    def is_expired(self) -> bool:
        """Whether the invoice was not paid in time, or was expired by hand."""
        return self.callback.is_expired

    @property
    def is_late(self) -> bool:
        """Whether it was paid after it had expired: you may have given the goods to another payer.

        The inbox knows of an expiry that it was told; a reconciled invoice names both times itself.
        """
        if not self.is_paid:
            return False
        expiry = _moment(self.callback.get("expiry_date"))
        paid_at = _moment(self.callback.paid_at)
        return self.after_expiry or (expiry is not None and paid_at is not None and paid_at > expiry)

    @property
    def is_dashboard_test(self) -> bool:
        """Whether it is the fixed body of the dashboard's "Test and save". There is no such invoice."""
        return (self.callback.id, self.callback.external_id) == _TEST_INVOICE

    def supersedes(self, status: str | None) -> bool:
        """Whether this event may overwrite a status that you stored: PENDING < EXPIRED < PAID < SETTLED.

        None, or a text that is no invoice status, may be overwritten.
        """
        return rank_of(self.callback.status) > rank_of(status)

    def matches(self, *, amount: OrderAmount, currency: str | None = None, external_id: OrderId) -> bool:
        """Whether the invoice is the one you asked for. Check it before you ship: the token is no signature.

        The amount must be the same (compared as Xendit cuts it: IDR and VND without decimals, others with two), and of a
        paid invoice no less may have been paid. A float is understood as `create_invoice` understands it, so that the
        total that an order was created with always matches. A `paid_amount` that came as something else than a number matches nothing.

        Args:
            amount: what your order costs, in major units of the currency: int, float or Decimal, or a value with
                `amount` and `currency`, such as a Money of py-moneyed and django-money.
            currency: ISO 4217 code, in either case; not needed where the amount names it.
            external_id: the id that you gave the invoice: str, int or UUID.

        Raises:
            ApiTypeError: the amount is no number, there is no currency, or the id is of another type.
            ApiValueError: the amount is in another currency than the one given.
        """
        number, code = order_price(amount, currency, "matches")
        key = order_id(external_id, "matches")
        wanted = cut_amount(number, code, ("matches", "amount"))
        asked: float | None = self.callback.amount  # a webhook may lack it
        paid = self.callback.paid_amount
        return (
            self.callback.external_id == key
            and str(self.callback.currency) == code
            and asked is not None
            and cut_amount(asked, code) == wanted
            and (paid is None or not self.is_paid or (_is_number(paid) and cut_amount(paid, code) >= wanted))
        )

    def as_second_payment(self) -> InvoiceEvent:
        """The same event under a key of its own, which ends with its payment id."""
        base = f"{_subject(self.callback)}/{self.kind}"
        key = _bounded(f"{base}/{_quoted(self.payment_id)}")
        return replace(self, dedupe_key=key, is_second_payment=True)


@dataclass(frozen=True)
class OtherEvent(Event):
    """An envelope `{"event": …, "data": …}`: a refund, or an event of another product of Xendit's."""

    name: str
    """What the envelope calls it, such as `refund.succeeded`."""
    data: Any = field(repr=False)
    """What the envelope holds under `data`, decoded."""

    @property
    def kind(self) -> str:
        """`other`."""
        return "other"


@dataclass(frozen=True)
class UnreadableEvent(Event):
    """Good JSON under a good token that is no event this version can read. The inbox keeps it as a dead letter."""

    problem: str
    """What is wrong and where, such as `['paid_at']: no date`. It shows no value."""


def read_event(body: bytes, *, webhook_id: str | None = None, source: Source = "webhook") -> Event:
    """The event that a body tells. It is not verified here; `Verifier` does that first.

    Raises:
        WebhookBodyException: the body is not UTF-8 or not JSON, or is nested too deeply.
    """
    try:
        data = loads(body)
    except (ApiTypeError, ApiValueError) as error:
        raise WebhookBodyException(str(error)) from None
    if isinstance(data, dict) and isinstance(data.get("event"), str) and "data" in data:
        return OtherEvent(
            _envelope_key(data, body), body, data["event"], data["data"], webhook_id=webhook_id, source=source
        )
    problem = _not_an_invoice(data)
    if problem is None:
        try:
            callback = InvoiceCallback.from_dict(data)
        except (ApiTypeError, ApiValueError) as error:
            problem = str(error)
        else:
            key = _bounded(f"{_subject(callback)}/{_kind(str(callback.status))}")
            return InvoiceEvent(key, body, callback, webhook_id=webhook_id, source=source)
    return UnreadableEvent(_digest(body), body, problem, webhook_id=webhook_id, source=source)


def _not_an_invoice(data: object) -> str | None:
    if not isinstance(data, dict):
        return f"the JSON is {type_name(data)}, an object is needed"
    for name in ("id", "status"):
        value = data.get(name)
        if not isinstance(value, str) or not value:
            found = "an empty text" if value == "" else type_name(value)
            return f"InvoiceCallback[{name!r}]: {found} was found, text is needed"
    return None


def _kind(status: str) -> str:
    kind = "paid" if status in ("PAID", "SETTLED") else _quoted(status.lower())
    return kind if len(kind) <= 40 else "unknown"


def _subject(callback: InvoiceCallback) -> str:
    return _bounded(f"{_quoted(_text(callback.user_id))}/{_quoted(callback.id)}")


def _envelope_key(data: dict[str, Any], body: bytes) -> str:
    inner = data["data"]
    named = inner.get("id") if isinstance(inner, dict) else None
    # The time tells apart what happens to one object twice.
    parts = (data.get("business_id"), data["event"], named, data.get("created"))
    if not isinstance(named, str) or not named:
        return _digest(body)
    return _bounded("/".join(_quoted(part if isinstance(part, str) else None) for part in parts))


def _text(value: object) -> str | None:
    """An id as text. One that came as something else names the same thing each time it comes, so it is kept as JSON."""
    if value is None or isinstance(value, str):
        return value
    text = json_text(value, ())
    return text if isinstance(value, int) else _digest(text.encode("ascii"))


def _quoted(text: str | None) -> str:
    """Text as a part of a key: what a database or a log could stumble over is percent-encoded."""
    return quote((text or "-").encode("utf-8", "surrogatepass"), safe="-_.~:")


def _bounded(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else _digest(key.encode("ascii"))


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and (isinstance(value, (int, float)) or is_decimal(value))


def _moment(value: Any) -> datetime | None:
    """A time, or a text that the callback keeps as it came, as a time; None when it cannot be read."""
    if not isinstance(value, str):
        return value if hasattr(value, "timestamp") else None
    try:
        return parse_time(value)
    except ValueError:
        return None
