"""`pay`, `fail`, `settle` and `expire`: what happens to one invoice, and what became of its webhook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from xendit.cli.control import control
from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.flags import AmountType, json_number
from xendit.cli.frame import json_option, sandbox_option
from xendit.cli.output import Output, money
from xendit.cli.sandbox.group import sandbox
from xendit.typed_amount import check_typed_amount

if TYPE_CHECKING:
    from decimal import Decimal

    from xendit.cli.control import ControlPlane
    from xendit.sandbox.state.core.jsontext import JsonObject

#: Seconds to wait for the webhook of what was done, to say what became of it.
_PATIENCE = 2.0


def facts_of(invoice: dict[str, object]) -> list[tuple[str, object]]:
    """What is shown of an invoice."""
    facts = [
        ("id", invoice["id"]),
        ("external id", invoice["external_id"]),
        ("status", invoice["status"]),
        ("amount", money(invoice["amount"], invoice.get("currency"))),
    ]
    if "paid_amount" in invoice:
        facts.append(("paid", f"{money(invoice['paid_amount'], invoice['currency'])} by {invoice['payment_channel']}"))
    return facts


def _act(base_url: str | None, named: str, path: str, body: JsonObject, *, as_json: bool, told: bool) -> int:
    """Do something to an invoice, show it, and say what became of its webhook."""
    output, plane = Output(as_json=as_json), control(base_url)
    invoice_id = plane.invoice_id(named)
    known = len(plane.get("/deliveries", invoice_id=invoice_id))
    given = {name: value for name, value in body.items() if value is not None}
    invoice = plane.post(f"/invoices/{invoice_id}/{path}", given)
    output.record(facts_of(invoice), invoice)
    if told:
        tell_deliveries(output, plane, invoice_id, known)
    return OK


def tell_deliveries(output: Output, plane: ControlPlane, invoice_id: str, known: int, *, expected: int = 1) -> None:
    """Say what became of the webhooks of an invoice beyond the first `known`; wait a moment for one."""
    from xendit.cli.events import told_delivery

    if plane.get("/status")["webhook_url"] is None:
        output.say("no webhook was sent: the sandbox has no webhook URL (--webhook-url)")
        return
    deadline = time.monotonic() + _PATIENCE
    while True:
        made = plane.get("/deliveries", invoice_id=invoice_id)[known:]
        if len(made) >= expected or time.monotonic() > deadline:
            break
        time.sleep(0.03)
    for each in made:
        output.say(told_delivery(each, output))
    if not made:
        output.say("the webhook is still under way: `xendit sandbox events` shows how it ends")


@sandbox.command(
    examples=[
        "xendit sandbox pay order-1",
        "xendit sandbox pay last --channel BCA",
        "xendit sandbox pay order-2 --late",
    ]
)
@click.argument("invoice")
@click.option("--channel", metavar="CODE", help="How it is paid, such as BCA, OVO or QRIS; else the first it offers.")
@click.option(
    "--amount", type=AmountType(), metavar="AMOUNT", help="What is paid, where that is not the invoice's amount."
)
@click.option("--late", is_flag=True, help="Also when it has expired, as a payer does who wins the race.")
@sandbox_option
@json_option
def pay(
    invoice: str,
    channel: str | None,
    amount: Decimal | None,
    late: bool,  # noqa: FBT001
    base_url: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Pay an invoice, as its payer would, and say what became of the webhook."""
    if amount is not None:
        plane = control(base_url)
        check_typed_amount(amount, plane.get(f"/invoices/{plane.invoice_id(invoice)}")["invoice"]["currency"])
    body = {"channel": channel, "amount": None if amount is None else json_number(amount), "late": late}
    return _act(base_url, invoice, "pay", body, as_json=as_json, told=True)


@sandbox.command(examples=["xendit sandbox fail order-1 --reason 'not enough balance'"])
@click.argument("invoice")
@click.option("--channel", metavar="CODE", help="How the payer tried.")
@click.option("--reason", help="What the time line says.")
@sandbox_option
@json_option
def fail(
    invoice: str,
    channel: str | None,
    reason: str | None,
    base_url: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Let a payer try in vain: the invoice stays PENDING, and no webhook tells of it."""
    return _act(base_url, invoice, "fail", {"channel": channel, "reason": reason}, as_json=as_json, told=False)


@sandbox.command(examples=["xendit sandbox settle order-1"])
@click.argument("invoice")
@sandbox_option
@json_option
def settle(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Settle a paid invoice. No webhook tells of it."""
    return _act(base_url, invoice, "settle", {}, as_json=as_json, told=False)


@sandbox.command(examples=["xendit sandbox expire order-1"])
@click.argument("invoice")
@sandbox_option
@json_option
def expire(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Expire an invoice, and say what became of the webhook."""
    return _act(base_url, invoice, "expire", {}, as_json=as_json, told=True)
