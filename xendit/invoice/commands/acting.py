"""`pay`, `fail`, `settle` and `expire`: what happens to one invoice, and what became of its webhook. `open`: its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.cli.control import control, dashboard_of
from xendit.cli.ending import NOT_FOUND, OK, CommandFailure
from xendit.cli.events import tell_deliveries
from xendit.cli.extra import click
from xendit.cli.flags import AmountType, json_number
from xendit.cli.frame import json_option, sandbox_option, zone_option
from xendit.cli.output import Output
from xendit.cli.sandbox.group import sandbox
from xendit.cli.sandbox.watch import open_address
from xendit.display import money
from xendit.typed_amount import check_typed_amount

if TYPE_CHECKING:
    from decimal import Decimal

    from xendit.cli.control import ControlPlane
    from xendit.sandbox.state.core.jsontext import JsonObject

#: How many invoices are searched for an external id: one page.
_PAGE = 100


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
    found = invoice_id(plane, named)
    known = len(plane.get("/deliveries", subject=found))
    given = {name: value for name, value in body.items() if value is not None}
    invoice = plane.post(f"/invoices/{found}/{path}", given)
    output.record(facts_of(invoice), invoice)
    if told:
        tell_deliveries(output, plane, found, known)
    return OK


def invoice_id(plane: ControlPlane, given: str) -> str:
    """The id of an invoice that was named by its id, its external id, or `last` for the newest.

    Raises CommandFailure when the sandbox has none of that name.
    """
    found = plane.get("/invoices", find="" if given == "last" else given, limit=_PAGE)["invoices"]
    if given == "last" and found:
        return str(found[0]["id"])
    for each in found:
        if given in (each["id"], each["external_id"]):
            return str(each["id"])
    known = "there is no invoice yet" if given == "last" else f"there is no invoice {given!r}"
    raise CommandFailure(f"{known} in the sandbox at {plane.url}", NOT_FOUND)


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
@zone_option
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
        check_typed_amount(amount, plane.get(f"/invoices/{invoice_id(plane, invoice)}")["invoice"]["currency"])
    body = {"channel": channel, "amount": None if amount is None else json_number(amount), "late": late}
    return _act(base_url, invoice, "pay", body, as_json=as_json, told=True)


@sandbox.command(examples=["xendit sandbox fail order-1 --reason 'not enough balance'"])
@click.argument("invoice")
@click.option("--channel", metavar="CODE", help="How the payer tried.")
@click.option("--reason", help="What the time line says.")
@sandbox_option
@zone_option
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
@zone_option
@json_option
def settle(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Settle a paid invoice. No webhook tells of it."""
    return _act(base_url, invoice, "settle", {}, as_json=as_json, told=False)


@sandbox.command(examples=["xendit sandbox expire order-1"])
@click.argument("invoice")
@sandbox_option
@zone_option
@json_option
def expire(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Expire an invoice, and say what became of the webhook."""
    return _act(base_url, invoice, "expire", {}, as_json=as_json, told=True)


@sandbox.command("open", examples=["xendit sandbox open", "xendit sandbox open last"])
@click.argument("invoice", required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the address instead of opening it.")
@sandbox_option
def open_page(invoice: str | None, only_print: bool, base_url: str | None) -> int:  # noqa: FBT001
    """Open the dashboard in a browser, or the payment page of an invoice."""
    plane = control(base_url)
    address = dashboard_of(plane.url)
    if invoice is not None:
        address = plane.get(f"/invoices/{invoice_id(plane, invoice)}")["invoice"]["invoice_url"]
    return open_address(address, only_print=only_print)
