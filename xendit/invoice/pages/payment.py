"""What the payment page shows of an invoice, ready for the template. Pure: a record in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from xendit.invoice.pages import qr
from xendit.invoice.pages.methods import Method, MethodGroup, groups, kind_of, name_of
from xendit.sandbox.pages.formats import exactly, format_amount, format_left, format_moment, format_number
from xendit.sandbox.state.core.times import format_time
from xendit.sandbox.state.invoice.channels import ChannelKind
from xendit.sandbox.state.invoice.payments import destination

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.pages.formats import Language
    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.state.invoice.record import InvoiceRecord

#: What just happened on the page, when something did.
PageEvent = Literal["paid", "failed", "expired"]
#: Groups are all open when an invoice offers no more channels than this.
FEW = 8

_PAID = ("PAID", "SETTLED")


@dataclass(frozen=True)
class Line:
    """An item or a fee: its name, how it comes about (`2 x IDR 5,000`, or nothing), and what it costs."""

    name: str
    count: str
    cost: str


@dataclass(frozen=True)
class Way:
    """How to pay over the chosen channel. A number is a virtual account's or a payment code; `code` is SVG."""

    method: Method
    kind: ChannelKind
    number: str | None
    code: str | None


@dataclass(frozen=True)
class Return:
    """Where the payer goes afterwards: the address as it was given, and as a link if it is one for browsers."""

    text: str
    link: str | None


@dataclass(frozen=True, kw_only=True)
class View:
    """All that the template of the payment page shows."""

    id: str
    state: Literal["pending", "paid", "expired"]
    status: str
    event: PageEvent | None
    merchant: str
    initial: str
    amount: str
    """What is due, or what was paid."""
    total: str
    """The invoice's amount."""
    description: str | None
    reference: str
    payer: str | None
    items: tuple[Line, ...]
    fees: tuple[Line, ...]
    sum_of_lines: str | None
    expires: str
    expires_at: str
    seconds_left: int
    left: str
    groups: tuple[MethodGroup, ...]
    few: bool
    first: Method
    chosen: str | None
    """The channel that the payer chose, which stays chosen after an attempt that failed."""
    way: Way | None
    paid_with: str | None
    paid_at: str | None
    success: Return | None
    failure: Return | None

    @property
    def going(self) -> Return | None:
        """Where this page leads, after what just happened."""
        if self.event is None:
            return self.success if self.state == "paid" else None
        return self.success if self.event == "paid" else self.failure


def view(
    invoice: InvoiceRecord,
    now: datetime,
    language: Language,
    *,
    channel: str | None = None,
    event: PageEvent | None = None,
) -> View:
    """Gather what the page shows at a moment. `channel` is the chosen one; one that is not offered counts as none.

    An event that the invoice's status belies (a link that was kept) is none either.
    """
    state: Literal["pending", "paid", "expired"] = (
        "paid" if invoice.status in _PAID else "expired" if invoice.status == "EXPIRED" else "pending"
    )
    if event != {"pending": "failed", "paid": "paid", "expired": "expired"}[state]:
        event = None
    payment = invoice.payment
    shown = payment.amount if payment is not None else invoice.amount
    items, fees = invoice.echoed.get("items", ()), invoice.echoed.get("fees", ())
    methods = groups(invoice.currency, invoice.channels, language)
    left = (invoice.expiry_date - now).total_seconds()
    chosen = channel if state == "pending" and channel in invoice.channels else None
    return View(
        id=invoice.id,
        state=state,
        status=invoice.status,
        event=event,
        merchant=invoice.merchant_name,
        initial=next((letter.upper() for letter in invoice.merchant_name if letter.isalnum()), "·"),
        amount=format_amount(shown, invoice.currency, language),
        total=format_amount(invoice.amount, invoice.currency, language),
        description=invoice.echoed.get("description"),
        reference=invoice.external_id,
        payer=_payer(invoice.echoed),
        items=tuple(_item(item, invoice.currency, language) for item in items),
        fees=tuple(Line(fee["type"], "", format_amount(fee["value"], invoice.currency, language)) for fee in fees),
        sum_of_lines=_sum_of_lines(invoice, items, fees, language),
        expires=format_moment(invoice.expiry_date, invoice.currency, language),
        expires_at=format_time(invoice.expiry_date),
        seconds_left=max(0, int(left)),
        left=format_left(left),
        groups=methods,
        few=len(invoice.channels) <= FEW,
        first=methods[0].methods[0],
        chosen=chosen,
        way=_way(invoice, chosen, language) if chosen is not None and event is None else None,
        paid_with=Method(payment.channel, name_of(payment.channel, language)).title if payment is not None else None,
        paid_at=format_moment(payment.paid_at, invoice.currency, language) if payment is not None else None,
        success=_return(invoice.echoed.get("success_redirect_url")),
        failure=_return(invoice.echoed.get("failure_redirect_url")),
    )


def _item(item: JsonMapping, currency: str, language: Language) -> Line:
    quantity, price = item["quantity"], item["price"]
    cost = format_amount(exactly(quantity) * exactly(price), currency, language)
    count = f"{format_number(quantity, language)} \N{MULTIPLICATION SIGN} {format_amount(price, currency, language)}"
    return Line(item["name"], "" if quantity == 1 else count, cost)


def _sum_of_lines(invoice: InvoiceRecord, items: Any, fees: Any, language: Language) -> str | None:
    """Add up items and fees; None when that is the amount, which wins in any case."""
    if not items:
        return None
    total = sum((exactly(item["quantity"]) * exactly(item["price"]) for item in items), Decimal())
    total += sum((exactly(fee["value"]) for fee in fees), Decimal())
    return None if total == exactly(invoice.amount) else format_amount(total, invoice.currency, language)


def _payer(echoed: JsonMapping) -> str | None:
    customer = echoed.get("customer", {})
    names = [customer.get(part) for part in ("given_names", "surname")]
    name = " ".join(part for part in names if part)
    return name or customer.get("email") or echoed.get("payer_email") or None


def _way(invoice: InvoiceRecord, channel: str, language: Language) -> Way:
    kind = kind_of(invoice.currency, channel)
    number = destination(invoice.id, channel, kind)
    code = qr.svg(qr.payload(invoice)) if kind is ChannelKind.QR else None
    return Way(Method(channel, name_of(channel, language)), kind, number, code)


def _return(url: str | None) -> Return | None:
    return None if url is None else Return(url, safe_link(url))


def safe_link(url: str) -> str | None:
    """Give an http:// or https:// address in a form that is safe in an attribute and a header; None for any other."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return quote(url, safe="%/:=&?~#+!$,;@()*[]", errors="replace") if usable else None


def address(invoice_id: str, **query: str | None) -> str:
    """Give the path of an invoice's page, with what is set of a query."""
    given = {name: value for name, value in query.items() if value}
    path = f"/web/{quote(invoice_id, safe='', errors='replace')}"
    return f"{path}?{urlencode(given)}" if given else path
