"""The webhook of an invoice: InvoiceEvent, and how a body is read as one. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xendit.amounts import cut_amount
from xendit.codec import is_decimal, json_text, parse_time
from xendit.exceptions import ApiTypeError
from xendit.invoice.model.invoice_callback import InvoiceCallback
from xendit.static_typing import hinted
from xendit.webhook.event import Event, bounded_key, digest_key, key_part
from xendit.webhook.order import order_id, order_price
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from xendit.webhook.event import Delivered
    from xendit.webhook.order import OrderAmount, OrderId

__all__ = ["InvoiceEvent", "rank_of", "read"]

#: The order of an invoice's states: a lower one never overwrites a higher one.
_RANKS = {"PENDING": 0, "EXPIRED": 1, "PAID": 2, "SETTLED": 3}
#: The invoice of the dashboard's "Test and save" (seen in a real test delivery; no such invoice can be read).
_TEST_INVOICE = ("579c8d61f23fa4ca35e52da4", "invoice_123124123")


def rank_of(status: str | None) -> int:
    """The place of a status in PENDING < EXPIRED < PAID < SETTLED; -1 for None and for a status not known."""
    return _RANKS.get(str(status), -1)


@hinted
@dataclass(frozen=True)
class InvoiceEvent(Event):
    """An invoice was paid or has expired.

    `dedupe_key` is user id / invoice id / `paid` or `expired`. PAID and SETTLED both count as `paid`, because it
    depends on the moment which of the two is read. The key of a second payment of a paid invoice ends with its payment
    id.
    """

    callback: InvoiceCallback
    """The webhook's body as a model; for an invoice that `reconcile` found, what the list said about it."""
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
        """Id of the payment. Only e-wallet and QR payments have one, and never an invoice that `reconcile` found."""
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

        The inbox knows of an expiry if a webhook told it; an invoice that `reconcile` found names both times itself.
        """
        if not self.is_paid:
            return False
        expiry = _moment(self.callback.get("expiry_date"))
        paid_at = _moment(self.callback.paid_at)
        return self.after_expiry or (expiry is not None and paid_at is not None and paid_at > expiry)

    @property
    def stored_kind(self) -> str:
        """`second_payment`, or the kind."""
        return "second_payment" if self.is_second_payment else self.kind

    @property
    def rank(self) -> int:
        """PENDING < EXPIRED < PAID < SETTLED. A second payment ranks as a payment: neither overwrites the other."""
        return rank_of("PAID" if self.kind == "paid" else self.callback.status)

    @property
    def is_payment(self) -> bool:
        """Whether it is paid, and names its payment."""
        return self.kind == "paid" and self.payment_id is not None

    @property
    def is_for_handler(self) -> bool:
        """Whether it is paid or has expired."""
        return self.is_paid or self.is_expired

    @property
    def must_be_handled(self) -> bool:
        """Whether it is money that came in."""
        return self.is_paid

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
        """Whether the invoice is the one you asked for. Check it before you ship, because the token is no signature.

        The amount must be the same (compared as Xendit cuts it: IDR and VND without decimals, others with two), and not
        less may have been paid. A float is understood as `create_invoice` understands it, so the total with which an
        order was created always matches. If `paid_amount` came as something other than a number, nothing matches.

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
        asked: float | None = self.callback.amount  # a webhook may lack the amount
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
        key = bounded_key(f"{base}/{key_part(self.payment_id)}")
        return replace(self, dedupe_key=key, is_second_payment=True)

    def as_stored(self, key: str, kind: str, others: Sequence[Event]) -> InvoiceEvent:
        """The event with what the inbox knows: whether the invoice had expired or been paid before."""
        after_expiry = self.is_paid and any(other.kind == "expired" for other in others)
        is_second = kind == "second_payment"
        if (key, after_expiry, is_second) == (self.dedupe_key, self.after_expiry, self.is_second_payment):
            return self
        return replace(self, dedupe_key=key, after_expiry=after_expiry, is_second_payment=is_second)


def read(delivered: Delivered) -> InvoiceEvent | None:
    """The event of a body without an envelope, which is how Xendit tells of invoices.

    Raises:
        ApiTypeError, ApiValueError: this version cannot read the body; the text shows no value.
    """
    data = delivered.data
    for name in ("id", "status"):
        value = data.get(name)
        if not isinstance(value, str) or not value:
            found = "an empty text" if value == "" else type_name(value)
            raise ApiTypeError(f"InvoiceCallback[{name!r}]: {found} was found, text is needed", (name,))
    callback = delivered.read_as(InvoiceCallback)
    key = delivered.stored_key or bounded_key(f"{_subject(callback)}/{_kind(str(callback.status))}")
    return InvoiceEvent(key, delivered.body, callback, webhook_id=delivered.webhook_id, source=delivered.source)


def _kind(status: str) -> str:
    kind = "paid" if status in ("PAID", "SETTLED") else key_part(status.lower())
    return kind if len(kind) <= 40 else "unknown"


def _subject(callback: InvoiceCallback) -> str:
    return bounded_key(f"{key_part(_text(callback.user_id))}/{key_part(callback.id)}")


def _text(value: object) -> str | None:
    """An id as text. An id that is no text is kept as JSON, because it still names the same thing each time."""
    if value is None or isinstance(value, str):
        return value
    text = json_text(value, ())
    return text if isinstance(value, int) else digest_key(text.encode("ascii"))


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
