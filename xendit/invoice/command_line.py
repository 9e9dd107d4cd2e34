"""What the command line has for invoices beyond what is derived from their operations (`xendit.cli.product_commands`).

This module has `open`, `watch` and `wait`, which follow an invoice, and `list` with all its pages, and says how an
invoice is shown to people. The commands on many invoices are in `xendit.invoice.commands`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xendit.cli.connection import PATIENT, api_client, target
from xendit.cli.ending import API, NETWORK, NOT_FOUND, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import Derived, DurationType, given, parameter_docs, parameter_options
from xendit.cli.following import changes
from xendit.cli.frame import (
    ExampleCommand,
    connection_options,
    json_option,
    zone_option,
)
from xendit.cli.output import Output, printable
from xendit.cli.product_commands import Extras, as_sent, tell_of_more
from xendit.display import money
from xendit.exceptions import add_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from xendit.cli.connection import Target
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice

_COLUMNS = ("id", "~external id", "status", ">amount", "@created")
#: How many invoices a page has when nobody says.
_USUAL_PAGE = 10
_ALIASES = {"statuses": ("--status",), "created_after": ("--since",), "payment_channels": ("--channel",)}
FOR_USER = click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")


def api_of(called: Target, **settings: Any) -> InvoiceApi:
    """The Invoice API at what a command calls."""
    from xendit.invoice.invoice_api import InvoiceApi

    return InvoiceApi(api_client(called, **settings))


# ------------------------------------------------------------------------------------------ how one is shown


def _facts(invoice: Invoice) -> list[tuple[str, Any]]:
    facts = [
        ("id", invoice.id),
        ("external id", invoice.external_id),
        ("status", str(invoice.status)),
        ("amount", money(invoice.amount, invoice.currency)),
        ("created", invoice.created),
        ("expires", invoice.expiry_date),
        ("payment page", invoice.invoice_url),
    ]
    if invoice.get("paid_at") is not None:
        paid = money(invoice.get("paid_amount"), invoice.currency)
        facts[4:6] = [("paid", f"{paid} by {invoice.get('payment_channel')}"), ("at", invoice.get("paid_at"))]
    return facts


def _row(invoice: Invoice) -> tuple[object, ...]:
    """An invoice as a row of a table."""
    amount = money(invoice.amount, invoice.currency)
    return invoice.id, invoice.external_id, str(invoice.status), amount, invoice.created


def _question(request: CreateInvoiceRequest) -> str:
    amount = money(request.amount, request.currency)
    return f"Create a live invoice of {amount} ({printable(request.external_id)})?"


def named_invoice(api: InvoiceApi, name: str, for_user_id: str | None) -> Invoice:
    """The invoice of an id, or for `last` the newest of the account.

    Raises:
        CommandFailure: the account has no invoice yet.
        NotFoundException: there is none of this id.
    """
    if name != "last":
        return api.get_invoice_by_id(name, for_user_id=for_user_id)
    newest = api.get_invoices(limit=1, for_user_id=for_user_id)
    if not newest:
        raise CommandFailure("there is no invoice yet", NOT_FOUND)
    return newest[0]


def _show(output: Output, invoice: Invoice) -> None:
    output.record(_facts(invoice), None if output.for_people else as_sent(invoice))


@click.command(
    "open", cls=ExampleCommand, examples=["xendit invoices open last", "xendit invoices open 593f4ed1c3d3bb7f39733d83"]
)
@click.argument("invoice_id", metavar="ID|last")
@click.option("--print", "only_print", is_flag=True, help="Print the address instead of opening it.")
@FOR_USER
@connection_options
def open_page(
    invoice_id: str,
    only_print: bool,  # noqa: FBT001
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
) -> int:
    """Open an invoice's payment page in a browser; `last` is the newest."""
    from xendit.cli.sandbox.watch import open_address

    api = api_of(target(base_url, to_sandbox=to_sandbox))
    invoice = named_invoice(api, invoice_id, for_user_id)
    return open_address(invoice.invoice_url, only_print=only_print)


# ------------------------------------------------------------------------------------------ waiting


@click.command(
    cls=ExampleCommand, examples=["xendit invoices watch last", "xendit invoices watch 593f4ed1c3d3bb7f39733d83"]
)
@click.argument("invoice_id", metavar="ID|last")
@click.option(
    "--interval", type=DurationType(), metavar="DURATION", default="2s", show_default=True, help="How often to ask."
)
@FOR_USER
@connection_options
@zone_option
@json_option
def watch(
    invoice_id: str,
    interval: timedelta,
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Show an invoice and each change of its status, until it is paid or has expired."""
    output = Output(as_json=as_json)
    api = api_of(target(base_url, to_sandbox=to_sandbox))
    last = None
    if invoice_id == "last":
        invoice_id = named_invoice(api, invoice_id, for_user_id).id
    try:
        for invoice in changes(
            lambda: api.get_invoice_by_id(invoice_id, for_user_id=for_user_id),
            lambda invoice: invoice.status,
            lambda invoice: invoice.is_final,
            max(interval.total_seconds(), 0.2),
        ):
            last = invoice
            if output.for_people:
                state = output.styled(str(invoice.status).ljust(8))
                output.text(
                    f"{output.now()}  {state}  {printable(invoice.external_id)}"
                    f"  {money(invoice.amount, invoice.currency)}"
                )
            else:
                output.line(as_sent(invoice))
    except KeyboardInterrupt as interrupt:
        if last is not None:
            add_note(interrupt, f"the invoice was {last.status} when it was last seen")
        raise
    return OK


@click.command(
    cls=ExampleCommand,
    examples=[
        "xendit invoices wait 593f4ed1c3d3bb7f39733d83 --timeout 10m",
        "xendit invoices wait ID --timeout 1h && ./ship.sh",
    ],
)
@click.argument("invoice_id", metavar="ID|last")
@click.option(
    "--timeout", type=DurationType(), metavar="DURATION", default="24h", show_default=True, help="How long to wait."
)
@FOR_USER
@connection_options
@zone_option
@json_option
def wait(
    invoice_id: str,
    timeout: timedelta,
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Wait until an invoice is paid: exit code 0 when it is, 1 when it has expired, 5 when the time is up."""
    from xendit.exceptions import TimeoutException

    output = Output(as_json=as_json)
    api = api_of(target(base_url, to_sandbox=to_sandbox))
    invoice = named_invoice(api, invoice_id, for_user_id)
    if not invoice.is_final:
        try:
            output.say(f"{printable(invoice.external_id)} is {invoice.status}; waiting")
            invoice = api.wait_until_final(invoice.id, timeout.total_seconds(), for_user_id=for_user_id)
        except TimeoutException as problem:
            if getattr(problem.model, "status", None) is None:
                raise
            _show(output, problem.model)
            raise CommandFailure(
                f"it is still {problem.model.status} after {timeout.total_seconds():g} s", NETWORK
            ) from None
        except KeyboardInterrupt as interrupt:
            add_note(interrupt, f"the invoice was {invoice.status} when it was first seen")
            raise
    _show(output, invoice)
    return OK if invoice.is_paid else API


# ------------------------------------------------------------------------------------------ many invoices


def pages(api: InvoiceApi, query: dict[str, Any], last: str | None = None) -> Iterator[list[Invoice]]:
    """The pages of a query after the invoice `last`, each without what an earlier one had."""
    asked = query if last is None else {**query, "last_invoice": last}
    return (page.data for page in api.pages(**asked) if page.data)


def query_options(*left_out: str) -> list[click.Option]:
    """An option for each parameter of the list of invoices."""
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.operations import GET_INVOICES

    wanted = [each for each in GET_INVOICES.parameters if each.name not in ("for_user_id", *left_out)]
    return parameter_options(GET_INVOICES, wanted, parameter_docs(InvoiceApi.get_invoices), _ALIASES)


def asked(query: dict[str, object], for_user_id: str | None) -> dict[str, Any]:
    """The parameters that were given. If only one bound of a pair of times was given, the other is filled in."""
    from xendit.invoice.listing import with_both_bounds

    return {**with_both_bounds(given(query)), "for_user_id": for_user_id}


@click.command(
    "list",
    cls=Derived,
    derive=query_options,
    examples=[
        "xendit invoices list",
        "xendit invoices list --status PENDING --status PAID --since 7d",
        "xendit invoices list --all | jq -r .id",
    ],
)
@click.option("--all", "every", is_flag=True, help="Every page, as one JSON object a line.")
@FOR_USER
@connection_options
@zone_option
@json_option
def list_invoices(
    every: bool,  # noqa: FBT001
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    **query: object,
) -> int:
    """List invoices, newest first: a page of them, or all.

    A MOMENT is 2026-01-31, 2026-01-31T09:00:00Z, or 7d for seven days ago. Xendit wants bounds of time in pairs;
    where one is given, the other is filled in.
    """
    output = Output(as_json=as_json)
    question = asked(query, for_user_id)
    api = api_of(target(base_url, to_sandbox=to_sandbox), **(PATIENT if every else {}))
    if not every:
        page = api.get_invoices(**question)
        if output.for_people:
            output.table(_COLUMNS, map(_row, page), "no invoice fits")
            tell_of_more(output, there_are=question.get("limit") is None and len(page) >= _USUAL_PAGE)
        else:
            output.json([as_sent(invoice) for invoice in page])
        return OK
    count = 0
    try:
        for page in pages(api, question):
            if output.for_people:
                output.table(_COLUMNS, map(_row, page), "", header=count == 0)
            for invoice in [] if output.for_people else page:
                output.line(as_sent(invoice))
            count += len(page)
    except KeyboardInterrupt as interrupt:
        add_note(interrupt, f"{count} invoices were listed; there may be more")
        raise
    output.say(f"{count} invoice{'' if count == 1 else 's'}")
    return OK


EXTRAS = Extras(
    "Create, read, list, expire, watch and export invoices.",
    homes={
        "list": (__name__, "list_invoices", "List invoices, newest first: a page of them, or all."),
        "open": (__name__, "open_page", "Open an invoice's payment page in a browser."),
        "watch": (__name__, "watch", "Show an invoice and each change of its status."),
        "wait": (__name__, "wait", "Wait until an invoice is paid."),
        "export": (
            "xendit.invoice.commands.exporting",
            "export_invoices",
            "Write invoices to a file: .csv, .xlsx, .jsonl or .parquet.",
        ),
        "create-many": (
            "xendit.invoice.commands.creating",
            "create_many",
            "Create the invoices of a file, each once, and go on where it stopped.",
        ),
    },
    aliases=_ALIASES,
    examples={
        "": [
            "xendit invoices create --external-id order-1 --amount 150000",
            "xendit invoices list --status PENDING --since 7d",
            "xendit invoices export march.csv --created-after 2026-03-01 --created-before 2026-04-01",
        ],
        "create": [
            "xendit invoices create --external-id order-1 --amount 150000",
            "xendit invoices create --data @invoice.json --amount 99.95 --currency PHP",
            """xendit invoices create --external-id order-2 --amount 50000 --customer '{"given_names": "Ayu"}'""",
        ],
        "get": ["xendit invoices get 593f4ed1c3d3bb7f39733d83", "xendit invoices get ID | jq -r .status"],
        "expire": ["xendit invoices expire 593f4ed1c3d3bb7f39733d83"],
    },
    columns=_COLUMNS,
    row=_row,
    facts=_facts,
    question=_question,
)
"""What `xendit.cli.product_commands` takes from here."""
