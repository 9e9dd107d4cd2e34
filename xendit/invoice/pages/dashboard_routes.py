"""The HTTP side of the dashboard: its pages and its forms. A page renews itself when `control_events` sends a change."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from xendit.invoice.pages import dashboard
from xendit.sandbox.pages.formats import format_number
from xendit.sandbox.pages.forms import read_fault_form, whole, whole_or
from xendit.sandbox.pages.frame import PAGE, DashboardPart
from xendit.sandbox.requests import RequestFilter
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.clock import checked
from xendit.sandbox.state.invoice.bodies import invoice_body
from xendit.sandbox.web import Response
from xendit.typed_amount import typed_amount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.sandbox.control import Stage
    from xendit.sandbox.deliveries.record import Delivery
    from xendit.sandbox.pages.frame import Form
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.invoice.invoices import Invoices
    from xendit.sandbox.web import Request

ROUTES: list[tuple[str, str, str]] = [
    ("GET", "/", "ui_root"),
    ("GET", "/_sandbox/", "ui_invoices"),
    ("GET", "/_sandbox/ui/invoices/<invoice_id>", "ui_invoice"),
    ("GET", "/_sandbox/ui/webhooks", "ui_webhooks"),
    ("GET", "/_sandbox/ui/webhooks/<number>", "ui_webhook"),
    ("GET", "/_sandbox/ui/requests", "ui_requests"),
    ("GET", "/_sandbox/ui/clock", "ui_clock"),
    ("GET", "/_sandbox/ui/faults", "ui_faults"),
    ("POST", "/_sandbox/ui/do/<act>", "ui_act"),
]
"""Method, path and the method of `Dashboard` that answers, as in `server`."""


class Dashboard(DashboardPart):
    """The pages and forms of the dashboard that are about invoices, webhooks, the clock and faults."""

    routes = tuple(ROUTES)
    wrong_fields = {  # noqa: RUF012
        "pay": "amount",
        "SANDBOX_INVALID_AMOUNT": "amount",
        "SANDBOX_CHANNEL_NOT_OFFERED": "channel",
        "target": "url",
        "advance": "by",
        "set": "to",
        "speed": "factor",
    }

    def __init__(self, invoices: Invoices, stage: Stage, guard: Guard) -> None:
        super().__init__(invoices.shared, stage, guard)
        self._invoices = invoices

    # -- pages

    def ui_root(self, _request: Request) -> Response:
        """Lead whoever opens the sandbox's bare address to its dashboard."""
        return Response(status=302, headers={"Location": "/_sandbox/"})

    def ui_invoices(self, request: Request) -> Response:
        """List the invoices of every account, newest first."""
        find, status = request.args.get("find", "").strip(), request.args.get("status") or None
        found = self._invoices.recent(find=find, status=status, before=request.args.get("before"), limit=PAGE + 1)
        query = {name: value for name, value in (("find", find), ("status", status)) if value}
        older = urlencode({**query, "before": found[PAGE - 1].id}, errors="replace") if len(found) > PAGE else None
        return self.page(
            request,
            "invoices",
            "invoice/dashboard_invoices.html",
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
            invoice = self._invoices.find(invoice_id)
        except SandboxError:
            return self.missing(request, "invoices", "No such invoice", ("/_sandbox/", "All invoices"))
        deliveries = [one for one in self._stage.deliveries if one.subject == invoice_id]
        return self.page(
            request,
            "invoices",
            "invoice/dashboard_invoice.html",
            invoice=dashboard.invoice_row(invoice),
            timeline=dashboard.timeline(invoice, deliveries),
            rows=self._rows(reversed(deliveries)),
            payable=invoice.status in ("PENDING", "EXPIRED"),
            due=format_number(invoice.amount).replace(",", ""),
            currency=invoice.currency,
            groups=dashboard.channel_groups(invoice),
            json=json.dumps(invoice_body(invoice, self._stage.url), indent=2, ensure_ascii=False),
        )

    def ui_webhooks(self, request: Request) -> Response:
        """List the attempts to deliver webhooks, newest first."""
        before = whole_or(request.args.get("before", ""), sys.maxsize)
        newest = [one for one in reversed(self._stage.deliveries) if one.number < before]
        return self.page(
            request,
            "webhooks",
            "invoice/dashboard_webhooks.html",
            rows=self._rows(newest[:PAGE]),
            older=f"/_sandbox/ui/webhooks?before={newest[PAGE - 1].number}" if len(newest) > PAGE else None,
            target=self._stage.webhook_url or "",
        )

    def ui_webhook(self, request: Request, number: str) -> Response:
        """Show one attempt: what was sent, what came back, and when it is tried again."""
        log = self._stage.deliveries
        delivery = next((one for one in log if str(one.number) == number), None)
        if delivery is None:
            return self.missing(request, "webhooks", "No such webhook", ("/_sandbox/ui/webhooks", "All webhooks"))
        return self.page(
            request,
            "webhooks",
            "invoice/dashboard_webhook.html",
            row=dashboard.delivery_row(delivery),
            **dashboard.exchange(delivery, [one for one in log if one.id == delivery.id]),
        )

    def ui_requests(self, request: Request) -> Response:
        """List the requests to the API, newest first."""
        given = {name: request.args.get(name, "").strip() for name in ("status", "method", "path", "before")}
        try:
            wanted = RequestFilter(_several(given["status"]), _several(given["method"]), given["path"])
        except ValueError:
            wanted = RequestFilter(("failed",), _several(given["method"]), given["path"])
        before = whole_or(given["before"], sys.maxsize)
        found = [one for one in reversed(wanted.among(self._stage.requests.after())) if one.number < before]
        query = {name: value for name, value in given.items() if value and name != "before"}
        older = urlencode({**query, "before": found[PAGE - 1].number}, errors="replace") if len(found) > PAGE else None
        return self.page(
            request,
            "requests",
            "invoice/dashboard_requests.html",
            rows=[dashboard.request_row(one) for one in found[:PAGE]],
            older=older and f"/_sandbox/ui/requests?{older}",
            given=given,
            filtered=bool(query),
            live="/_sandbox/events?requests",
        )

    def ui_clock(self, request: Request) -> Response:
        """Show the clock, and what moves it."""
        clock = self._stage.clock
        steps = ("15m", "1h", "24h", "25h", "7d")
        speed = f"{clock.speed:g}"
        return self.page(
            request, "clock", "invoice/dashboard_clock.html", frozen=clock.frozen, speed=speed, steps=steps
        )

    def ui_faults(self, request: Request) -> Response:
        """Show the armed faults, and a form that arms one."""
        return self.page(
            request,
            "faults",
            "invoice/dashboard_faults.html",
            rows=[dashboard.fault_row(armed) for armed in self._stage.faults],
            kinds=dashboard.fault_kinds(),
            places=dashboard.fault_places(),
            options=dashboard.FAULT_OPTIONS,
        )

    # -- what its forms do

    def ui_act(self, request: Request, act: str) -> Response:
        """Do what a form asks, and redirect to the page of the form, which then shows a sentence on the result."""
        handler = getattr(self, f"_do_{act}", None)
        if handler is None:
            raise SandboxError(404, "NOT_FOUND", "The dashboard has no such form.")
        return self.act(request, handler, form="pay" if act == "fail" else act)

    def _do_pay(self, form: Form) -> str:
        given, invoice_id = form.get("amount", "").strip(), form.get("invoice", "")
        amount = typed_amount(given, self._invoices.find(invoice_id).currency) if given else None
        channel = form.get("channel") or None
        invoice = self._invoices.pay(invoice_id, channel=channel, amount=amount, late=True)
        return f"Paid over {dashboard.invoice_row(invoice).channel}."

    def _do_fail(self, form: Form) -> str:
        self._invoices.fail(form.get("invoice", ""), channel=form.get("channel") or None)
        return "The payment failed; the invoice can still be paid."

    def _do_settle(self, form: Form) -> str:
        self._invoices.settle(form.get("invoice", ""))
        return "Settled."

    def _do_expire(self, form: Form) -> str:
        invoice = self._invoices.find(form.get("invoice", ""))
        self._invoices.expire(replace(invoice.account, permission="write"), invoice.id)
        return "Expired."

    def _do_target(self, form: Form) -> str:
        self._stage.webhook_url = form.get("url", "").strip() or None
        return "Webhooks go there from now on." if self._stage.webhook_url else "Webhooks go nowhere from now on."

    def _do_resend(self, form: Form) -> str:
        self._stage.resend(form.get("webhook", ""))
        return "Sent again."

    def _do_duplicate(self, form: Form) -> str:
        times = whole(form, "times")
        self._stage.resend(form.get("webhook", ""), times=times, reason="duplicate")
        return f"Sent {times} times more."

    def _do_reorder(self, form: Form) -> str:
        chosen = set(form.getlist("delivery")[:PAGE])
        ids = dict.fromkeys(one.id for one in reversed(self._stage.deliveries) if str(one.number) in chosen)
        if len(ids) < 2:
            raise ValueError("select two webhooks or more")
        self._stage.reorder(list(ids))
        return f"Sent {len(ids)} again, the newest first."

    def _do_advance(self, form: Form) -> str:
        made = self._stage.advance(form.get("by", "").strip())
        return f"Time has passed; {len(made)} webhook{'' if len(made) == 1 else 's'} left meanwhile."

    def _do_freeze(self, _form: Form) -> str:
        self._stage.clock.freeze()
        self._stage.changed_clock()
        return "The clock stands."

    def _do_resume(self, _form: Form) -> str:
        self._stage.clock.resume()
        self._stage.changed_clock()
        return "The clock runs."

    def _do_set(self, form: Form) -> str:
        self._stage.clock.set(checked(form.get("to", "").strip()))
        self._stage.changed_clock()
        return "The clock is set."

    def _do_speed(self, form: Form) -> str:
        try:
            factor = float(form.get("factor", ""))
        except ValueError:
            raise ValueError("the speed must be a number, such as 60") from None
        self._stage.clock.run(factor)
        self._stage.changed_clock()
        return f"A second is now {factor:g} by the clock."

    def _do_arm(self, form: Form) -> str:
        armed = self._stage.faults.arm(**{"kind": "", **read_fault_form(form)})
        return f"{armed.fault.kind} is armed."

    def _do_disarm(self, form: Form) -> str:
        self._stage.faults.disarm(form.get("fault", ""))
        return "The fault is taken back."

    def _do_disarm_all(self, _form: Form) -> str:
        self._stage.faults.clear()
        return "No fault is armed."

    # -- shared

    def _rows(self, deliveries: Iterable[Delivery]) -> list[dashboard.DeliveryRow]:
        """Show attempts in a list. Only the last attempt of a webhook says when the next one is due."""
        last = {one.id: one.number for one in self._stage.deliveries}
        return [
            dashboard.delivery_row(one if last.get(one.id) == one.number else replace(one, next_attempt=None))
            for one in deliveries
        ]


def _several(text: str) -> tuple[str, ...]:
    """Give the texts that stand in one, with commas between them."""
    return tuple(part for part in text.replace(",", " ").split() if part)
