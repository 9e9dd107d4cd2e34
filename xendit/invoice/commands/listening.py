"""`xendit webhooks listen`: the webhooks of a sandbox as they happen, or those that Xendit's list of invoices implies."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import api_client, target
from xendit.cli.control import control
from xendit.cli.ending import AUTH, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import DurationType
from xendit.cli.frame import connection_options, json_option
from xendit.cli.output import Output, printable
from xendit.cli.webhooks.group import webhooks
from xendit.cli.webhooks.posting import REMOTE, checked_receiver, described, post, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from xendit.cli.control import ControlPlane
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.listing import InvoiceFilters
    from xendit.invoice.model.invoice import Invoice

#: Two lists every so many seconds stay below the 60 a minute that Xendit allows a test key.
_POLL = 4.0
#: How far a poll looks back beyond the one before, so that it finds what the server lists a little late.
_OVERLAP = 60.0


@webhooks.command(
    examples=[
        "xendit webhooks listen",
        "xendit webhooks listen --forward-to http://localhost:8000/webhooks/xendit",
        "xendit webhooks listen --poll --forward-to http://localhost:8000/webhooks/xendit",
    ]
)
@click.option("--forward-to", "url", metavar="URL", help="Send each webhook there too.")
@click.option("--poll", is_flag=True, help="Ask Xendit's test mode instead of a sandbox: there is no stream of events.")
@click.option("--interval", type=DurationType(), metavar="DURATION", help=f"--poll: how often; {_POLL:g}s at least.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@REMOTE
@connection_options
@json_option
def listen(
    url: str | None,
    poll: bool,  # noqa: FBT001
    interval: timedelta | None,
    count: int | None,
    allow_remote: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Show webhooks as they happen, and send them to your application.

    The sandbox tells of its webhooks at once. Xendit has no stream of events: --poll asks its list of invoices
    within the rate limit of a test key, and makes of each change the webhook that would come, marked as polled.
    It knows what the list shows, so the ids of payments are missing, and it comes some seconds late.
    """
    output = Output(as_json=as_json)
    if url is not None:
        url = checked_receiver(url, allow_remote=allow_remote)
    token = token_of() if url is not None else ""
    if poll:
        from xendit.invoice.invoice_api import InvoiceApi

        where = target(base_url, to_sandbox=to_sandbox)
        if where.mode == "live":
            raise CommandFailure("--poll is for a test key: a live one would spend your live rate limit", AUTH)
        pause = _POLL if interval is None else interval.total_seconds()
        if pause < _POLL and not where.is_local:
            raise click.UsageError(
                f"--interval must be {_POLL:g}s or more: Xendit allows a test key 60 requests a minute"
            )
        told: Iterator[dict[str, object]] = polled(InvoiceApi(api_client(where)), pause)
        output.say(f"asking {where.host} every {pause:g} s, within its rate limit; Ctrl-C ends this")
    else:
        plane = control(base_url)
        told = _streamed(plane, output)
    for event in told:
        _show_and_forward(output, event, url, token)
        if count is not None:
            count -= 1
            if count == 0:
                break
    return OK


def _streamed(plane: ControlPlane, output: Output) -> Iterator[dict[str, object]]:
    """The first delivery of each webhook of a sandbox."""
    from xendit.cli.events import Teller, following

    seen: set[str] = set()
    for event in Teller(plane.url, None, output, following(output, plane.url)).changes():
        if event["event"] == "delivery" and event["id"] not in seen:
            seen.add(event["id"])
            yield {"source": "sandbox", "webhook_id": event["id"], "body": event["request"]["body"]}


def polled(api: InvoiceApi, pause: float) -> Iterator[dict[str, object]]:
    """The webhooks of what was paid or has expired since the first call, made of the list."""
    from datetime import datetime, timedelta, timezone

    began = datetime.now(timezone.utc)
    since = began - timedelta(seconds=_OVERLAP)
    seen: set[tuple[str, str]] = set()
    first = True
    while True:
        now = datetime.now(timezone.utc)
        until = now + timedelta(seconds=_OVERLAP)
        windows: dict[str, InvoiceFilters] = {
            "paid": {"statuses": ["PAID", "SETTLED"], "paid_after": since, "paid_before": until},
            "expired": {"statuses": ["EXPIRED"], "expired_after": since, "expired_before": until},
        }
        for what, window in windows.items():
            for invoice in api.iter_invoices(**window):
                if (invoice.id, what) not in seen:
                    seen.add((invoice.id, what))
                    if not first:
                        yield {"source": "polled", "webhook_id": None, "body": webhook_body(invoice)}
        first = False
        time.sleep(pause)
        since = max(since, now - timedelta(seconds=_OVERLAP))


#: Fields that an invoice of a list has and its webhook does not.
_NOT_IN_WEBHOOKS = ("customer", "metadata", "invoice_url", "expiry_date", "merchant_profile_picture_url")


def webhook_body(invoice: Invoice, **changed: object) -> dict[str, object]:
    """The webhook of an invoice, as far as the list tells; SETTLED is told as PAID."""
    body: dict[str, object] = json.loads(invoice.to_json())
    kept = {
        name: value
        for name, value in body.items()
        if name not in _NOT_IN_WEBHOOKS and not name.startswith(("available_", "should_", "customer_"))
    }
    status = "PAID" if kept["status"] == "SETTLED" else kept["status"]
    return {**kept, "status": status, "is_high": False, **changed}


def _show_and_forward(output: Output, event: dict[str, Any], url: str | None, token: str) -> None:
    body = event["body"]
    answer = None
    problem = None
    if url is not None:
        raw = json.dumps(body, separators=(",", ":")).encode()
        try:
            answer = post(url, raw, token, event["webhook_id"])
        except CommandFailure as failure:
            problem = failure.message
    if not output.for_people:
        forwarded = {} if url is None else {"forwarded_to": url, "answered": answer.status if answer else None}
        output.line({**event, **forwarded, **({"problem": problem} if problem else {})})
        return
    status, *others = described(body)
    line = "  ".join([output.styled(status), *(printable(each) for each in others if each)])
    if event["source"] == "polled":
        line += "  (polled)"
    if answer is not None:
        line += f"  → {url}  {answer.status} in {answer.milliseconds:.0f} ms"
    output.text(line + (f"  → {problem}" if problem else ""))
