"""What the dashboard shows of invoices and webhook deliveries, ready for its templates. Pure: records in, values out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from xendit.invoice.pages.methods import Method, groups, name_of
from xendit.invoice.pages.texts import GROUPS
from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, Fault
from xendit.sandbox.pages.formats import format_amount
from xendit.sandbox.pages.frame import Moment, Tone, moment
from xendit.sandbox.products import operations, product_rules, webhook_statuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from xendit.sandbox.deliveries.record import Delivery
    from xendit.sandbox.faults import Armed
    from xendit.sandbox.requests import LoggedRequest
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.invoice.record import InvoiceRecord

_STATUS_TONES: dict[str, Tone] = {"PENDING": "wait", "PAID": "good", "SETTLED": "good", "EXPIRED": "none"}
_OUTCOME_TONES: dict[str, Tone] = {"COMPLETED": "good", "URL_NOT_SET": "wait"}


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice in a list."""

    id: str
    reference: str
    amount: str
    status: str
    tone: Tone
    channel: str | None
    created: Moment
    expires: Moment


@dataclass(frozen=True)
class Entry:
    """A point of a time line; `link` is where its detail leads."""

    at: Moment
    title: str
    detail: str = ""
    tone: Tone = "none"
    link: str | None = None


@dataclass(frozen=True)
class DeliveryRow:
    """An attempt to deliver a webhook, in a list. `number` is the attempt's own, `webhook` the event's id."""

    number: int
    webhook: str
    invoice_id: str | None
    title: str
    reference: str
    attempt: str
    outcome: str
    tone: Tone
    answer: str
    took: str
    at: Moment
    next: Moment | None


@dataclass(frozen=True)
class ChannelGroup:
    """Channels of one kind, to choose from."""

    title: str
    methods: tuple[Method, ...]


def invoice_row(invoice: InvoiceRecord) -> InvoiceRow:
    """Show an invoice in a list."""
    payment = invoice.payment
    return InvoiceRow(
        id=invoice.id,
        reference=invoice.external_id,
        amount=format_amount(invoice.amount, invoice.currency),
        status=invoice.status,
        tone=_STATUS_TONES.get(invoice.status, "none"),
        channel=Method(payment.channel, name_of(payment.channel)).title if payment is not None else None,
        created=moment(invoice.created),
        expires=moment(invoice.expiry_date),
    )


def pretty(text: str) -> str:
    """Indent a JSON text; any other text stays as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return json.dumps(value, indent=2, ensure_ascii=False)


#: What an attempt that was not simply due is called.
_REASONS = {"retry": "retry", "resend": "resent", "duplicate": "duplicate", "reorder": "reordered"}

_STEP_TITLES: dict[str, tuple[str, Tone]] = {
    "created": ("Created", "none"),
    "reminded": ("Reminded", "none"),
    "attempt_failed": ("Payment failed", "bad"),
    "paid": ("Paid", "good"),
    "expired": ("Expired", "none"),
    "settled": ("Settled", "good"),
}

ERRORS: dict[str, str] = {
    "4xx": "The receiver refused it: is the path right, and the token?",
    "5xx": "The receiver failed: its own log says why.",
    "ECONNREFUSED": "Nothing listens there: is the application running, and on this port?",
    "ECONNRESET": "The receiver hung up before it answered.",
    "ECONNABORTED": "The answer broke off.",
    "ETIMEDOUT": "The receiver took too long. Answer first, and work afterwards.",
    "EAI_AGAIN": "The host's name could not be resolved.",
}
"""Class of error, in the words of Xendit's dashboard → what to look for."""


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """Show an attempt in a list."""
    reason = _REASONS.get(delivery.reason)
    return DeliveryRow(
        number=delivery.number,
        webhook=delivery.id,
        invoice_id=delivery.subject if delivery.kind == "invoice" else None,
        title=f"{delivery.kind.capitalize()} {delivery.subject_status}",
        reference=delivery.reference or delivery.subject,
        attempt=f"{delivery.attempt}" if reason is None else f"{delivery.attempt}, {reason}",
        outcome=delivery.outcome,
        tone=_OUTCOME_TONES.get(delivery.outcome, "bad"),
        answer=str(delivery.response_status or delivery.error_class or "-"),
        took=_took(delivery.milliseconds),
        at=moment(delivery.sent_at),
        next=None if delivery.next_attempt is None else moment(delivery.next_attempt),
    )


@dataclass(frozen=True)
class RequestRow:
    """A request to the API, in a list."""

    at: Moment
    method: str
    target: str
    status: str
    tone: Tone
    detail: str
    took: str
    request_id: str


def request_row(request: LoggedRequest) -> RequestRow:
    """Show a request in a list."""
    status = request.status
    details = [request.error_code, f"fault {request.fault}" if request.fault else None]
    return RequestRow(
        at=Moment(request.at, f"{request.at[:10]} {request.at[11:19]} UTC"),
        method=request.method,
        target=unquote(request.path + (f"?{request.query}" if request.query else "")),  # for people, %3A as a colon
        status="no answer" if status is None else str(status),
        tone="good" if status is not None and status < 400 else "bad",
        detail=", ".join(one for one in details if one),
        took=_took(request.milliseconds),
        request_id=request.request_id,
    )


def _took(milliseconds: float) -> str:
    return f"{milliseconds:.0f}\xa0ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f}\xa0s"


def timeline(invoice: InvoiceRecord, deliveries: Iterable[Delivery]) -> list[Entry]:
    """Tell what happened to an invoice, in order, and what is going to."""
    entries: list[tuple[datetime, Entry]] = []
    for step in invoice.steps:
        title, tone = _STEP_TITLES.get(step.what, (step.what, "none"))
        detail = step.detail
        if step.what == "created":
            detail = format_amount(invoice.amount, invoice.currency)
        elif step.what == "paid" and invoice.payment is not None:
            detail = f"{format_amount(invoice.payment.amount, invoice.currency)} over {detail}"
        entries.append((step.at, Entry(moment(step.at), title, detail, tone)))
    due: datetime | None = None
    for one in deliveries:
        entries.append((one.sent_at, attempt_entry(one, "Webhook")))
        due = one.next_attempt
    entries.sort(key=lambda pair: pair[0])
    coming = [(due, "Webhook again")] if due is not None else []
    if invoice.status == "PENDING":
        coming.append((invoice.expiry_date, "Expires"))
    return [entry for _, entry in entries] + [Entry(moment(at), title, "", "wait") for at, title in sorted(coming)]


def attempt_entry(delivery: Delivery, title: str) -> Entry:
    """Show an attempt on a time line, with a link to its own page."""
    row = delivery_row(delivery)
    was_sent = delivery.response_status is not None or delivery.error_class is not None
    detail = f"{row.outcome} {row.answer} in {row.took}" if was_sent else row.outcome
    return Entry(row.at, title, detail, row.tone, f"/_sandbox/ui/webhooks/{delivery.number}")


def exchange(delivery: Delivery, attempts: Sequence[Delivery]) -> JsonObject:
    """Show what was sent and what came back, among all attempts for the same event, oldest first.

    The callback token is never kept, so it is not shown.
    """
    shown = delivery.json()
    schedule = [
        attempt_entry(one, f"Attempt {one.attempt}" + (" (this one)" if one.number == delivery.number else ""))
        for one in attempts
    ]
    due = attempts[-1].next_attempt
    if due is not None:
        schedule.append(Entry(moment(due), f"Attempt {attempts[-1].attempt + 1}", "due", "wait"))
    return {
        "url": delivery.url,
        "request_headers": tuple(shown["request"]["headers"].items()),
        "request_body": pretty(delivery.body),
        "response_status": delivery.response_status,
        "response_body": pretty(delivery.response_body),
        "error": delivery.error_class or delivery.error,
        "explained": ERRORS.get(delivery.error_class or "", delivery.error if delivery.error_class else None),
        "schedule": schedule,
    }


def channel_groups(invoice: InvoiceRecord) -> list[ChannelGroup]:
    """Group the channels of an invoice to choose from."""
    return [ChannelGroup(GROUPS[group.kind][0], group.methods) for group in groups(invoice.currency, invoice.channels)]


# ---- faults

FAULT_KINDS: dict[str, str] = {
    "latency": "answers late",
    "error": "answers with an error and does nothing",
    "rate_limit": "answers 429 and does nothing",
    "limiter": "a true limit of requests a minute",
    "hang": "does nothing and never answers",
    "reset": "does nothing and resets the connection",
    "truncate": "does it; the answer breaks off",
    "garbage": "does nothing and answers what is no HTTP",
    "html": "answers with the HTML page of a gateway",
    "commit_then_reset": "does it, then resets the connection",
    "commit_then_timeout": "does it, then never answers",
    "commit_then_error": "does it, then answers with an error",
    "webhook_drop": "is never sent",
    "webhook_duplicate": "is sent twice",
    "webhook_delay": "is sent later",
    "webhook_reorder": "is sent after the next one",
    "webhook_token": "carries a wrong token",
    "webhook_fail": "counts as failed",
}
"""Kind of fault → what happens to a request, or to a webhook, that meets it."""

FAULT_OPTIONS = (
    ("external_id", "Only this external id", ""),
    ("after", "After so many that pass", "0"),
    ("probability", "Probability", "1"),
    ("seed", "Seed of the dice", "0"),
    ("seconds", "Seconds (latency, hang, timeout, delay)", "by kind"),
    ("status", "HTTP status (errors)", "500"),
    ("error_code", "Error code (errors)", "SERVER_ERROR"),
    ("message", "Message (errors)", ""),
    ("limit", "Requests a minute (limiter)", "60"),
)
"""The rarer fields of a fault: name, label, what stands when it is empty."""


@dataclass(frozen=True)
class FaultRow:
    """An armed fault in the list."""

    id: str
    kind: str
    detail: str
    match: str
    when: str
    seen: int
    struck: int
    spent: bool


def fault_places() -> list[tuple[str, list[tuple[str, str]]]]:
    """Group what a fault can match, each as value and text. `kind.operation` is offered where there are several kinds."""
    several = len(product_rules()) > 1
    return [
        ("Everything", [("*", "all that it can meet")]),
        ("Requests", [(name, name) for name in operations() if several or "." not in name]),
        ("Webhooks", [(name, name) for name in webhook_statuses() if several or "." not in name]),
    ]


def fault_kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """Group the kinds of fault by what meets them."""
    return [
        ("Requests", [(kind, FAULT_KINDS[kind]) for kind in REQUEST_KINDS]),
        ("Webhooks", [(kind, FAULT_KINDS[kind]) for kind in WEBHOOK_KINDS]),
    ]


def fault_row(armed: Armed) -> FaultRow:
    """Show an armed fault, with those of its fields that differ from their defaults."""
    fault = armed.fault
    names = ("seconds", "status", "error_code", "limit")
    shown = {name: getattr(fault, name) for name in names if getattr(fault, name) != getattr(Fault, name)}
    details = [f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in shown.items()]
    details += [f"message {fault.message}"] if fault.message is not None else []
    match = "all" if fault.match == "*" else fault.match
    when = "until taken back" if fault.times is None else "once" if fault.times == 1 else f"{fault.times} times"
    if fault.after:
        when += f", after {fault.after}"
    if fault.probability != 1:
        when += f", with probability {fault.probability:g}"
    return FaultRow(
        id=armed.id,
        kind=fault.kind,
        detail=", ".join(details),
        match=match if fault.external_id is None else f"{match} of {fault.external_id}",
        when=when,
        seen=armed.seen,
        struck=armed.struck,
        spent=armed.spent,
    )
