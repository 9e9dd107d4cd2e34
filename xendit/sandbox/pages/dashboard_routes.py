"""The HTTP side of the dashboard: its pages, its forms, and the stream that says when something changed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from xendit.sandbox.pages import dashboard
from xendit.sandbox.pages.guard import html
from xendit.sandbox.state import SandboxError, invoice_body

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from xendit.sandbox.deliveries import Delivery
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state import State

ROUTES: list[tuple[str, str, str]] = [
    ("GET", "/_sandbox/", "ui_invoices"),
    ("GET", "/_sandbox/ui/invoices/<invoice_id>", "ui_invoice"),
    ("GET", "/_sandbox/ui/webhooks", "ui_webhooks"),
    ("GET", "/_sandbox/ui/webhooks/<delivery_id>", "ui_webhook"),
    ("GET", "/_sandbox/ui/changes", "ui_changes"),
    ("POST", "/_sandbox/ui/do/<act>", "ui_act"),
]
"""Method, path and the method of `Dashboard` that answers, as in `server`."""

PAGE = 50
"""Rows on a page."""
#: Seconds between two looks for a change, and between two signs of life of the stream.
LOOK, ALIVE = 0.2, 15.0

_SUBJECT = "dashboard"

class Stage(Protocol):
    """What the dashboard needs of the sandbox beyond its state."""

    webhook_url: str | None

    @property
    def url(self) -> str:
        """Where the sandbox is."""
        ...

    @property
    def api_key(self) -> str:
        """The test key to call it with."""
        ...

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """The log of webhook deliveries, oldest first."""
        ...


class Dashboard:
    """Answers a developer."""

    def __init__(self, state: State, stage: Stage, guard: Guard) -> None:
        self._state = state
        self._stage = stage
        self._guard = guard
        self._notices: dict[str, dashboard.Notice] = {}

    # -- pages

    def ui_invoices(self, request: Request) -> Response:
        """List the invoices of every account, newest first."""
        find, status = request.args.get("find", "").strip(), request.args.get("status") or None
        found = self._state.recent(find=find, status=status, before=request.args.get("before"), limit=PAGE + 1)
        query = {name: value for name, value in (("find", find), ("status", status)) if value}
        older = urlencode({**query, "before": found[PAGE - 1].id}, errors="replace") if len(found) > PAGE else None
        return self._page(
            request,
            "invoices",
            "dashboard_invoices.html",
            rows=[dashboard.invoice_row(invoice) for invoice in found[:PAGE]],
            older=older and f"/_sandbox/?{older}",
            find=find,
            chosen=status,
            statuses=("PENDING", "PAID", "SETTLED", "EXPIRED"),
            base_url=self._stage.url,
            api_key=self._stage.api_key,
        )

    def ui_invoice(self, request: Request, invoice_id: str) -> Response:
        """Show an invoice: its time line, its webhooks, and what can happen to it next."""
        try:
            invoice = self._state.find(invoice_id)
        except SandboxError:
            return self._missing(request, "invoices", "No such invoice")
        deliveries = [one for one in self._stage.deliveries if one.invoice_id == invoice_id]
        late = invoice.status == "EXPIRED" and self._state.assumptions.late_payments
        return self._page(
            request,
            "invoices",
            "dashboard_invoice.html",
            invoice=dashboard.invoice_row(invoice),
            timeline=dashboard.timeline(invoice, deliveries),
            rows=[dashboard.delivery_row(one, self._reference(one)) for one in reversed(deliveries)],
            payable=invoice.status == "PENDING" or late,
            groups=dashboard.channel_groups(invoice),
            json=json.dumps(invoice_body(invoice, self._stage.url), indent=2, ensure_ascii=False),
        )

    def ui_webhooks(self, request: Request) -> Response:
        """List the attempts to deliver webhooks, newest first."""
        newest = self._stage.deliveries[::-1]
        return self._page(
            request,
            "webhooks",
            "dashboard_webhooks.html",
            rows=[dashboard.delivery_row(one, self._reference(one)) for one in newest[:PAGE]],
            older=None,
            target=self._stage.webhook_url or "",
        )

    def ui_webhook(self, request: Request, delivery_id: str) -> Response:
        """Show one attempt: what was sent, what came back, and when it is tried again."""
        found = [one for one in self._stage.deliveries if one.id == delivery_id]
        if not found:
            return self._missing(request, "webhooks", "No such webhook")
        delivery = found[-1]
        return self._page(
            request,
            "webhooks",
            "dashboard_webhook.html",
            row=dashboard.delivery_row(delivery, self._reference(delivery)),
            **dashboard.exchange(delivery),
        )

    def ui_changes(self, request: Request) -> Response:
        """Say, for as long as the page is open, whenever something changed."""
        ended: threading.Event = request.environ["xendit.ended"]
        return Response(self._changes(ended), content_type="text/event-stream; charset=utf-8", direct_passthrough=True)

    def _changes(self, ended: threading.Event) -> Iterator[bytes]:
        told, spoken = "", time.monotonic()
        while True:
            version = self._version()
            now = time.monotonic()
            if version != told:
                yield f"event: change\ndata: {version}\n\n".encode()
                told, spoken = version, now
            elif now - spoken > ALIVE:
                yield b": still here\n\n"
                spoken = now
            if ended.wait(LOOK):
                return

    # -- what its forms do

    def ui_act(self, request: Request, act: str) -> Response:
        """Do what a form asks, and lead back to where it stands, with a sentence on what came of it."""
        handler = getattr(self, f"_do_{act}", None)
        if handler is None:
            raise SandboxError(404, "NOT_FOUND", "The dashboard has no such form.")
        session = self._guard.session(request)
        back = request.form.get("back", "")
        if not back.startswith("/_sandbox/") or not back.isprintable() or not back.isascii():
            back = "/_sandbox/"
        if not self._guard.is_ours(request, _SUBJECT):
            notice = dashboard.Notice("This page was out of date, so nothing was done. Please try again.", "bad")
        else:
            try:
                notice = dashboard.Notice(handler(request.form), "good")
            except SandboxError as refusal:
                notice = dashboard.Notice(refusal.message, "bad")
            except ValueError as problem:
                notice = dashboard.Notice(f"{problem}.".replace("..", "."), "bad")
        self._notices[session] = notice
        while len(self._notices) > 100:
            del self._notices[next(iter(self._notices))]
        response = Response(status=303, headers={"Location": back})
        self._guard.remember(request, response, session)
        return response

    def _do_pay(self, form: Any) -> str:
        given = form.get("amount", "").strip()
        try:
            amount = Decimal(given) if given else None
        except InvalidOperation:
            raise ValueError("The amount paid must be a number such as 10000 or 134.40") from None
        invoice = self._state.pay(form.get("invoice", ""), channel=form.get("channel") or None, amount=amount)
        row = dashboard.invoice_row(invoice)
        return f"Paid over {row.channel}."

    def _do_expire(self, form: Any) -> str:
        invoice = self._state.find(form.get("invoice", ""))
        self._state.expire(replace(invoice.account, permission="write"), invoice.id)
        return "Expired."

    def _do_target(self, form: Any) -> str:
        self._stage.webhook_url = form.get("url", "").strip() or None
        return "Webhooks go there from now on." if self._stage.webhook_url else "Webhooks go nowhere from now on."

    # -- shared

    def _reference(self, delivery: Delivery) -> str:
        try:
            return self._state.find(delivery.invoice_id).external_id
        except SandboxError:
            return delivery.invoice_id

    def _version(self) -> str:
        deliveries = self._stage.deliveries
        return f"{self._state.version}.{len(deliveries)}.{deliveries[-1].id if deliveries else ''}"

    def _missing(self, request: Request, tab: str, title: str) -> Response:
        return self._page(request, tab, "dashboard_missing.html", 404, missing=title)

    def _page(self, request: Request, tab: str, template: str, status: int = 200, **values: Any) -> Response:
        session = self._guard.session(request)
        here = request.full_path.rstrip("?")
        response = html(
            template,
            status,
            tab=tab,
            tabs=dashboard.TABS[:2],
            now=dashboard.now(self._state.now()),
            version=self._version(),
            notice=self._notices.pop(session, None),
            page=dashboard.Page(self._guard.token(session, _SUBJECT), here),
            **values,
        )
        self._guard.remember(request, response, session)
        return response
