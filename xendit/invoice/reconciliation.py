"""Events that no webhook brought: `reconcile` lists them and adds them to the inbox; `confirm` asks about one order.

Both read with an InvoiceApi that is handed in. An event has the same key whether a webhook or `reconcile` brings it, so
it is handled only once, whichever comes first.
"""

from __future__ import annotations

import inspect
from datetime import datetime, timedelta
from typing import NamedTuple

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.invoice.invoice_api import InvoiceApi
from xendit.invoice.webhook import InvoiceEvent
from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.webhook.event import read_event
from xendit.webhook.functions import check_done, check_function
from xendit.webhook.order import order_id, order_price
from xendit.webhook.table import KEEP_AT_LEAST
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from xendit.invoice.model.invoice import Invoice
    from xendit.webhook.inbox import Inbox
    from xendit.webhook.order import OrderAmount, OrderId

__all__ = ["Reconciled", "confirm", "reconcile"]

_LOOK_BACK = KEEP_AT_LEAST - timedelta(days=1)
_PAGE = 100
_INSTANT = timedelta(milliseconds=1)
#: The window ends this much after now, because clocks differ.
_MARGIN = timedelta(hours=1)


class Reconciled(NamedTuple):
    """What `reconcile` found."""

    listed: int
    """Invoices that were paid or have expired in the window."""
    added: int
    """Events among them that the inbox did not have."""


@hinted
def reconcile(
    invoice_api: InvoiceApi,
    since: datetime | timedelta,
    inbox: Inbox[Any],
    *,
    until: datetime | None = None,
    for_user_id: str | None = None,
    enqueue: Callable[[str], object] | None = None,
    source: Source = SYSTEM,
) -> Reconciled:
    """Add to the inbox the payments and expiries since a time that no webhook brought.

    Run it every hour with `timedelta(hours=25)`, and after every outage, because Xendit may not send an event again
    when your endpoint did not answer in time. It may run on any number of machines at once.

    Args:
        invoice_api: the API to ask.
        since: when the window begins, or how long ago. At most 30 days ago, because events that were purged from the
            inbox must not be found again.
        inbox: the inbox to which events are added.
        until: when the window ends; None for now.
        for_user_id: business id of the sub-account to list (xenPlatform).
        enqueue: called with the key of each event that was added, like the `enqueue` of a Webhook.
        source: where time comes from (`xendit.source`).

    Raises:
        ApiTypeError, ApiValueError: `since` or `until` is no aware time, or too long ago.
        XenditSdkException: the list could not be read; what was added stays.
    """
    _refuse_asynchronous("reconcile", invoice_api)
    if enqueue is not None:
        check_function("enqueue", enqueue)
    now = source.now()
    begin = now - since if isinstance(since, timedelta) else _aware("since", since)
    end = now + _MARGIN if until is None else _aware("until", until)
    if begin < now - _LOOK_BACK - timedelta(minutes=5):
        raise ApiValueError(
            f"since is more than {_LOOK_BACK.days} days ago: events that the inbox has purged would be handled again"
        )
    if begin >= end:
        raise ApiValueError("since must be before until")
    listed = added = 0
    for what, statuses in (("paid", ["PAID", "SETTLED"]), ("expired", ["EXPIRED"])):
        query = {"statuses": statuses, "for_user_id": for_user_id}
        for invoice in _window(invoice_api, what, begin, end, query, set()):
            event = read_event(invoice.to_json().encode(), source="reconcile")
            if isinstance(event, InvoiceEvent) and not _is_within(event, invoice, begin):
                continue  # the server does not know the parameter
            listed += 1
            stored = inbox.add(event)
            added += stored.is_new
            if stored.is_new and enqueue is not None and stored.state == "waiting":
                check_done("enqueue", enqueue(stored.key))
    return Reconciled(listed, added)


@hinted
def confirm(
    external_id: OrderId | None = None,
    invoice_api: InvoiceApi | None = None,
    *,
    invoice_id: str | None = None,
    since: datetime | None = None,
    amount: OrderAmount | None = None,
    currency: str | None = None,
    for_user_id: str | None = None,
) -> Invoice | None:
    """Ask the API whether an order is paid: the paid invoice of this order, or None.

    It proves nothing that the payer came back to `success_redirect_url`: anyone can open that page. Ask here, or wait
    for the webhook.

    Several invoices can bear one external id: because an order is repeated, a cart is paid each month, or a database
    was set up anew. So name the invoice by the id that `create_invoice` gave you, or say since when it can have been
    made. Then the payment of an earlier order is never taken for the payment of this one.

        confirm(invoice_id=order.xendit_id)
        confirm(order.id, since=order.created)

    Args:
        external_id: the id that you gave the invoice: str, int or UUID. If `invoice_id` is given too, both must fit.
        invoice_api: the API to ask; None for one with the default key.
        invoice_id: the id of the invoice at Xendit.
        since: an aware time. An invoice that was made earlier belongs to another order. It is compared with Xendit's
            clock, in milliseconds, so note the time before you create the invoice, by a clock that is right.
        amount, currency: what your order costs, as `event.matches` takes them; an invoice over another amount does not
            count. Leave the currency out if the amount names it.
        for_user_id: business id of the sub-account that it belongs to (xenPlatform).

    Raises:
        ApiTypeError, ApiValueError: an argument is of another type, or neither id is given; nothing was asked.
        ApiValueError: several invoices with this external id were paid, and neither `invoice_id` nor `since` says which
            is meant.
        NotFoundException: there is no invoice with this `invoice_id`.
        XenditSdkException: the API could not be asked. Then nothing is known; ask again later.
    """
    if external_id is None and invoice_id is None:
        raise ApiTypeError("confirm: give invoice_id, or external_id with since")
    if (amount is None) != (currency is None) and not hasattr(amount, "currency"):
        raise ApiTypeError("confirm: give amount and currency together, or neither")
    key = None if external_id is None else order_id(external_id, "confirm")
    if amount is not None:
        order_price(amount, currency, "confirm")  # so that a mistake is reported before anything is asked
    begin = None if since is None else _in_milliseconds(_aware("since", since))
    api = InvoiceApi() if invoice_api is None else invoice_api
    _refuse_asynchronous("confirm", api)

    def is_paid_for_this_order(invoice: Invoice) -> bool:
        made: object = invoice.created  # an answer may lack the time, or have an odd value there
        if begin is not None and not (isinstance(made, datetime) and made >= begin):
            return False
        return invoice.is_paid and key in (None, invoice.external_id)

    def is_over_its_price(invoice: Invoice) -> bool:
        if amount is None:
            return True
        event = read_event(invoice.to_json().encode(), source="reconcile")
        return isinstance(event, InvoiceEvent) and event.matches(
            amount=amount, currency=currency, external_id=invoice.external_id
        )

    if invoice_id is not None:
        paid = [
            invoice
            for invoice in [api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)]
            if is_paid_for_this_order(invoice)
        ]
    else:
        query: dict[str, Any] = {"external_id": key, "statuses": ["PAID", "SETTLED"], "for_user_id": for_user_id}
        if begin is not None:  # compared again, because the server's bound may be exclusive
            query["created_after"] = begin - timedelta(seconds=1)
        paid = [invoice for page in _pages(api, query) for invoice in page if is_paid_for_this_order(invoice)]
        if len(paid) > 1 and begin is None:
            raise ApiValueError(
                f"confirm: {len(paid)} invoices of this external_id were paid, and some may be of earlier orders: give"
                " invoice_id, or since, the time at which this order was made",
                ("external_id",),
            )
    return next((invoice for invoice in paid if is_over_its_price(invoice)), None)


def _window(
    invoice_api: InvoiceApi, what: str, begin: datetime, end: datetime, query: dict[str, Any], seen: set[str]
) -> Iterator[Invoice]:
    """Every invoice of a window of time, each once.

    It is not certain whether the page after a cursor holds older or newer invoices (docs/Fidelity.md). So if a full
    page is followed by nothing new, the window is cut in half. In this way everything is found in either case.
    """
    pages = 0
    full = False
    for page in _pages(invoice_api, {**query, f"{what}_after": begin, f"{what}_before": end}):
        pages += 1
        full = len(page) >= _PAGE
        for invoice in page:
            if invoice.id not in seen:
                seen.add(invoice.id)
                yield invoice
    if pages == 1 and full and end - begin > 4 * _INSTANT:
        middle = begin + (end - begin) / 2  # the halves overlap: the server may leave out the ends of a window
        yield from _window(invoice_api, what, begin, middle + _INSTANT, query, seen)
        yield from _window(invoice_api, what, middle - _INSTANT, end, query, seen)


def _pages(invoice_api: InvoiceApi, query: dict[str, Any]) -> Iterator[list[Invoice]]:
    """The pages of a query, until a page brings nothing new, whatever the cursor means."""
    seen: set[str] = set()
    last: str | None = None
    while True:
        page = invoice_api.get_invoices(limit=_PAGE, last_invoice=last, **query)
        if all(invoice.id in seen for invoice in page):
            return
        yield page
        seen.update(invoice.id for invoice in page)
        last = page[-1].id


def _is_within(event: InvoiceEvent, invoice: Invoice, begin: datetime) -> bool:
    """Whether the event is not older than the window; True if the invoice does not say when it was, or says it oddly."""
    moment: object = invoice.paid_at if event.is_paid else invoice.expiry_date
    return not isinstance(moment, datetime) or moment >= begin - timedelta(seconds=1)


def _refuse_asynchronous(where: str, invoice_api: object) -> None:
    if inspect.iscoroutinefunction(getattr(invoice_api, "get_invoices", None)):
        raise ApiTypeError(f"{where} takes an InvoiceApi, not the asynchronous one: call it in a thread")


def _in_milliseconds(moment: datetime) -> datetime:
    """A time as the API gives times, with parts of a millisecond cut off."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _aware(name: str, moment: object) -> datetime:
    if not isinstance(moment, datetime):
        raise ApiTypeError(f"{name}: {type_name(moment)} was given, a datetime with a time zone is needed", (name,))
    if moment.tzinfo is None:
        raise ApiValueError(f"{name}: the datetime has no time zone", (name,))
    return moment
