"""The part of the control plane that is about invoices: list them, show them, pay, fail, expire and settle them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xendit.sandbox.control import boolean_of, read_object, recent_page, text_of
from xendit.sandbox.state.core.times import format_time
from xendit.sandbox.state.invoice.bodies import invoice_body
from xendit.sandbox.state.invoice.channels import CHANNELS

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.invoice.invoices import Invoices
    from xendit.sandbox.state.invoice.record import InvoiceRecord
    from xendit.sandbox.web import Request

#: Method, path, the method of `InvoiceControl` that answers, and what it does.
INVOICE_CONTROL: list[tuple[str, str, str, str]] = [
    ("GET", "/_sandbox/invoices", "control_invoices", "Invoices of all accounts, newest first"),
    ("GET", "/_sandbox/invoices/<invoice_id>", "control_invoice", "One invoice, its time line and deliveries"),
    ("POST", "/_sandbox/invoices/<invoice_id>/pay", "control_pay", "Pay it"),
    ("POST", "/_sandbox/invoices/<invoice_id>/fail", "control_fail", "Let a payer try in vain"),
    ("POST", "/_sandbox/invoices/<invoice_id>/expire", "control_expire", "Expire it"),
    ("POST", "/_sandbox/invoices/<invoice_id>/settle", "control_settle", "Settle it"),
]


class InvoiceControl:
    """The handlers, in the manner of `xendit.sandbox.control.Control`."""

    routes = tuple(row[:3] for row in INVOICE_CONTROL)

    def __init__(self, invoices: Invoices, stage: Stage) -> None:
        self._invoices = invoices
        self._stage = stage

    def control_invoices(self, request: Request) -> object:
        """List invoices. `find` is a part of the id or external id, `before` the id of the invoice to go on after."""
        found, before = recent_page(request, self._invoices.recent, status=request.args.get("status") or None)
        shown = [{**self._show(one), "timeline": timeline(one)} for one in found]
        return {"invoices": shown, "before": before}

    def control_invoice(self, _request: Request, invoice_id: str) -> object:
        """Give one invoice, its time line, its deliveries, its channels and its account."""
        invoice = self._invoices.find(invoice_id)
        account = invoice.account
        kinds = CHANNELS[invoice.currency]
        return {
            "invoice": self._show(invoice),
            "timeline": timeline(invoice),
            "deliveries": [one.json() for one in self._stage.deliveries if one.subject == invoice_id],
            "channels": [{"code": code, "kind": kinds[code].value} for code in invoice.channels],
            "account": {"user_id": account.user_id, "is_sub_account": account.user_id != account.owner},
            "fee_rule": invoice.fee_rule,
            "split_rule": invoice.split_rule,
        }

    def control_pay(self, request: Request, invoice_id: str) -> object:
        """Pay an invoice over `channel`, with `amount` where it is not paid in full; with `late` also an expired one."""
        body = read_object(request)
        channel = text_of(body, "channel", code="SANDBOX_CHANNEL_NOT_OFFERED")
        late = boolean_of(body, "late")
        paid = self._invoices.pay(invoice_id, channel=channel, amount=body.get("amount"), late=late)
        return self._show(paid)

    def control_fail(self, request: Request, invoice_id: str) -> object:
        """Let a payment over `channel` fail for a `reason`. The invoice stays PENDING."""
        body = read_object(request)
        reason = text_of(body, "reason") or "declined"
        return self._show(self._invoices.fail(invoice_id, channel=text_of(body, "channel"), reason=reason))

    def control_expire(self, _request: Request, invoice_id: str) -> object:
        """Expire an invoice, as its merchant would over the API."""
        account = replace(self._invoices.find(invoice_id).account, permission="write")
        return self._show(self._invoices.expire(account, invoice_id))

    def control_settle(self, _request: Request, invoice_id: str) -> object:
        """Settle a paid invoice."""
        return self._show(self._invoices.settle(invoice_id))

    def _show(self, invoice: InvoiceRecord) -> JsonObject:
        return invoice_body(invoice, self._stage.url)


def timeline(invoice: InvoiceRecord) -> list[dict[str, str]]:
    """Tell what happened to an invoice, in order."""
    return [{"at": format_time(one.at), "what": one.what, "detail": one.detail} for one in invoice.steps]
