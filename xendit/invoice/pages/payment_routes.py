"""The HTTP side of the payment page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from xendit.invoice.pages import payment
from xendit.invoice.pages.texts import LANGUAGES, Texts, choose_language
from xendit.sandbox.pages.guard import html
from xendit.sandbox.state import SandboxError
from xendit.sandbox.web import Request, Response

if TYPE_CHECKING:
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.invoice.invoices import Invoices
    from xendit.sandbox.state.invoice.record import InvoiceRecord

ROUTES: list[tuple[str, str, str]] = [
    ("GET", "/web/<invoice_id>", "page_show"),
    ("GET", "/web/<invoice_id>/status", "page_status"),
    ("POST", "/web/<invoice_id>/<act>", "page_act"),
]
"""Method, path and the method of `PaymentPage` that answers, as in `server`."""

#: Seconds before a payer is taken back to the shop: long enough to read what happened.
PAUSE = 2

_ACTS = {"pay": "paid", "fail": "failed", "expire": "expired"}


class PaymentPage:
    """The payment page of an invoice."""

    routes = tuple(ROUTES)

    def __init__(self, invoices: Invoices, guard: Guard) -> None:
        self._invoices = invoices
        self._guard = guard

    def page_show(self, request: Request, invoice_id: str) -> Response:
        """Show an invoice to its payer."""
        try:
            invoice = self._invoices.find(invoice_id)
        except SandboxError:
            return self._missing(request)
        return self._payment_page(request, invoice)

    def page_status(self, _request: Request, invoice_id: str) -> Response:
        """Tell the page's script where the invoice stands, and how long it has, by the sandbox's own clock."""
        invoice = self._invoices.find(invoice_id)
        left = (invoice.expiry_date - self._invoices.shared.now()).total_seconds()
        body = json.dumps({"status": invoice.status, "seconds_left": max(0.0, round(left, 3))})
        return Response(body, content_type="application/json; charset=utf-8")

    def page_act(self, request: Request, invoice_id: str, act: str) -> Response:
        """Pay, fail or expire as the form asks, then show what came of it."""
        if act not in _ACTS:
            raise SandboxError(404, "NOT_FOUND", "A payment page can pay, fail and expire.")
        try:
            invoice = self._invoices.find(invoice_id)
        except SandboxError:
            return self._missing(request)
        if not self._guard.is_ours(request, f"invoice {invoice_id}"):
            return self._payment_page(request, invoice, stale=True)
        event: str | None = _ACTS[act]
        channel = request.form.get("channel") or None
        try:
            if act == "pay":
                self._invoices.pay(invoice_id, channel=channel)
            elif act == "fail":
                self._invoices.fail(invoice_id, channel=channel)
            else:
                self._invoices.expire(replace(invoice.account, permission="write"), invoice_id)
        except SandboxError:
            event = None  # paid or expired since the page was shown: showing it again says so
        language = request.form.get("lang")
        where = payment.address(
            invoice_id,
            channel=channel if event == "failed" else None,
            done=event,
            lang=language if language in LANGUAGES else None,
        )
        return Response(status=303, headers={"Location": where})

    def _payment_page(self, request: Request, invoice: InvoiceRecord, *, stale: bool = False) -> Response:
        asked = request.values.get("lang")
        texts = Texts(choose_language(asked, invoice.echoed.get("locale"), request.headers.get("Accept-Language", "")))
        done = request.args.get("done")
        shown = payment.view(
            invoice,
            self._invoices.shared.now(),
            texts.language,
            channel=request.values.get("channel"),
            event=done if done in get_args(payment.PageEvent) else None,  # type: ignore[arg-type]
        )
        lang = asked if asked in LANGUAGES else None
        going = shown.going if shown.event is not None and "stay" not in request.args else None
        session = self._guard.session(request)
        response = html(
            "invoice/payment.html",
            403 if stale else 200,
            view=shown,
            t=texts,
            lang=lang,
            languages=LANGUAGES,
            address=payment.address,
            token=self._guard.token(session, f"invoice {invoice.id}"),
            stale=stale,
            going=going,
        )
        if going is not None and going.link is not None:
            # Not a redirect: the policy of the page that held the form allows none to another site.
            response.headers["Refresh"] = f"{PAUSE}; url={going.link}"
        self._guard.remember(request, response, session)
        return response

    def _missing(self, request: Request) -> Response:
        texts = Texts(choose_language(request.values.get("lang"), None, request.headers.get("Accept-Language", "")))
        return html("invoice/missing.html", 404, t=texts)
