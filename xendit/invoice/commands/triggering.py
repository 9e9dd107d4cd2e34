"""`xendit trigger`: something happens to an invoice of yours, and your endpoint hears of it."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from xendit.cli.connection import api_client, is_local, target
from xendit.cli.control import control
from xendit.cli.ending import API, AUTH, NETWORK, OK, CommandFailure
from xendit.cli.events import told_delivery
from xendit.cli.extra import click
from xendit.cli.flags import WordType
from xendit.cli.frame import ExampleCommand, connection_options, json_option
from xendit.cli.output import Output
from xendit.cli.webhooks.posting import PATIENCE, REMOTE, checked_receiver, post, show_answers, token_of
from xendit.invoice.commands.acting import facts_of, invoice_id
from xendit.invoice.commands.listening import webhook_body

if TYPE_CHECKING:
    from xendit.cli.connection import Target
    from xendit.cli.control import ControlPlane


@click.command(
    cls=ExampleCommand,
    examples=[
        "xendit trigger invoice.paid --invoice last --to http://localhost:8000/webhooks/xendit",
        "xendit trigger invoice.expired --invoice order-1",
    ],
)
@click.argument("event", type=WordType(["invoice.paid", "invoice.expired"]))
@click.option(
    "--invoice", metavar="INVOICE", required=True, help="Your invoice; in a sandbox also its external id, or `last`."
)
@click.option("--to", "url", metavar="URL", help="Your webhook endpoint; in a sandbox, where it sends webhooks anyhow.")
@click.option("--channel", metavar="CODE", help="How it is paid, such as BCA.")
@REMOTE
@connection_options
@json_option
def trigger(
    event: str,
    invoice: str,
    url: str | None,
    channel: str | None,
    allow_remote: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Make something happen to an invoice of yours, and your endpoint hear of it.

    In a sandbox the invoice is really paid or expired. Xendit's test mode offers no such call: there the invoice
    stays as it is, and --to gets the webhook that Xendit would send about it.
    """
    output = Output(as_json=as_json)
    if url is not None:
        url = checked_receiver(url, allow_remote=allow_remote)
    named = base_url or os.environ.get("XENDIT_BASE_URL")
    if to_sandbox or (named and is_local(named)) or (not named and not os.environ.get("XENDIT_API_KEY")):
        return _trigger_in_sandbox(output, control(base_url), event, invoice, url, channel)
    where = target(base_url, to_sandbox=False)
    if url is None:
        raise click.UsageError("give --to URL: Xendit does not send a webhook about something that did not happen")
    return _trigger_from_here(output, where, event, invoice, url, channel)


def _trigger_in_sandbox(
    output: Output, plane: ControlPlane, event: str, given: str, url: str | None, channel: str | None
) -> int:
    subject = invoice_id(plane, given)
    known = len(plane.get("/deliveries", subject=subject))
    what = "pay" if event == "invoice.paid" else "expire"
    found = plane.post(f"/invoices/{subject}/{what}", {"channel": channel} if channel else {})
    deadline = time.monotonic() + PATIENCE
    while not (made := plane.get("/deliveries", subject=subject)[known:]):
        if time.monotonic() > deadline:
            raise CommandFailure("the sandbox has not sent the webhook yet", NETWORK)
        time.sleep(0.03)
    delivery = made[0]
    if url is not None and delivery["url"] != url:
        body = delivery["request"]["body"]
        raw = json.dumps(body, separators=(",", ":")).encode()
        return show_answers(output, url, body, [post(url, raw, token_of(), delivery["id"])])
    output.record(facts_of(found), found)
    output.say(told_delivery(delivery, output))
    return OK if delivery["outcome"] in ("COMPLETED", "URL_NOT_SET") else API


def _trigger_from_here(output: Output, where: Target, event: str, given: str, url: str, channel: str | None) -> int:
    from datetime import datetime, timezone

    from xendit.codec import time_text
    from xendit.invoice.invoice_api import InvoiceApi

    if where.mode == "live":
        raise CommandFailure("a live invoice is paid by its payer, and by nobody else", AUTH)
    found = InvoiceApi(api_client(where)).get_invoice_by_id(given)
    now = time_text(datetime.now(timezone.utc))
    changed: dict[str, object] = {"status": "EXPIRED", "updated": now}
    if event == "invoice.paid":
        changed = {
            "status": "PAID",
            "updated": now,
            "paid_at": now,
            "paid_amount": json.loads(found.to_json())["amount"],
            "payment_method": "BANK_TRANSFER",
            "payment_channel": channel or "BCA",
        }
    body = webhook_body(found, **changed)
    output.say(f"the invoice stays {found.status} at Xendit; this webhook was made here")
    return show_answers(output, url, body, [post(url, json.dumps(body).encode(), token_of())])
