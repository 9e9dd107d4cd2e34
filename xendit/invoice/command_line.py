"""What the command line has for invoices beyond what is derived from their operations (`xendit.cli.product_commands`).

Commands that follow an invoice or work on many: `list` with all its pages, `open`, `watch`, `wait`, `export`,
`create-many`; and how an invoice is shown to people.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import api_client, target
from xendit.cli.ending import API, NETWORK, OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import Derived, DurationType, given, parameter_docs, parameter_options
from xendit.cli.following import changes
from xendit.cli.frame import ExampleCommand, connection_options, delimiter_option, json_option, key_rotated_option
from xendit.cli.output import Output, printable, time_of_day
from xendit.cli.product_commands import Extras, as_sent
from xendit.display import moment, money
from xendit.exceptions import add_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from xendit.cli.connection import Target
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest
    from xendit.invoice.model.invoice import Invoice

_COLUMNS = ("id", "~external id", "status", ">amount", "created (UTC)")
#: The columns of an exported file that people look for first.
_FIRST = ("id", "external_id", "status", "amount", "currency", "paid_amount", "created", "paid_at", "expiry_date")
_ALIASES = {"statuses": ("--status",), "created_after": ("--since",), "payment_channels": ("--channel",)}
_FOR_USER = click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")


def api_of(called: Target) -> InvoiceApi:
    """The Invoice API at what a command calls."""
    from xendit.invoice.invoice_api import InvoiceApi

    return InvoiceApi(api_client(called))


# ------------------------------------------------------------------------------------------ how one is shown


def _facts(invoice: Invoice) -> list[tuple[str, Any]]:
    facts = [
        ("id", invoice.id),
        ("external id", invoice.external_id),
        ("status", str(invoice.status)),
        ("amount", money(invoice.amount, invoice.currency)),
        ("created", moment(invoice.created)),
        ("expires", moment(invoice.expiry_date)),
        ("payment page", invoice.invoice_url),
    ]
    if invoice.get("paid_at") is not None:
        paid = money(invoice.get("paid_amount"), invoice.currency)
        facts[4:6] = [("paid", f"{paid} by {invoice.get('payment_channel')}"), ("at", moment(invoice.get("paid_at")))]
    return facts


def _row(invoice: Invoice) -> tuple[object, ...]:
    """An invoice as a row of a table."""
    created = moment(invoice.created)[:16]
    return invoice.id, invoice.external_id, str(invoice.status), money(invoice.amount, invoice.currency), created


def _question(request: CreateInvoiceRequest) -> str:
    amount = money(request.amount, request.currency)
    return f"Create a live invoice of {amount} ({printable(request.external_id)})?"


def _show(output: Output, invoice: Invoice) -> None:
    output.record(_facts(invoice), None if output.for_people else as_sent(invoice))


@click.command("open", cls=ExampleCommand, examples=["xendit invoices open 593f4ed1c3d3bb7f39733d83"])
@click.argument("invoice_id")
@click.option("--print", "only_print", is_flag=True, help="Print the address instead of opening it.")
@_FOR_USER
@connection_options
def open_page(
    invoice_id: str,
    only_print: bool,  # noqa: FBT001
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
) -> int:
    """Open an invoice's payment page in a browser."""
    from xendit.cli.sandbox.watch import open_address

    api = api_of(target(base_url, to_sandbox=to_sandbox))
    invoice = api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)
    return open_address(invoice.invoice_url, only_print=only_print)


# ------------------------------------------------------------------------------------------ waiting


@click.command(cls=ExampleCommand, examples=["xendit invoices watch 593f4ed1c3d3bb7f39733d83"])
@click.argument("invoice_id")
@click.option(
    "--interval", type=DurationType(), metavar="DURATION", default="2s", show_default=True, help="How often to ask."
)
@_FOR_USER
@connection_options
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
                    f"{time_of_day()}  {state}  {printable(invoice.external_id)}"
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
@click.argument("invoice_id")
@click.option(
    "--timeout", type=DurationType(), metavar="DURATION", default="24h", show_default=True, help="How long to wait."
)
@_FOR_USER
@connection_options
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
    invoice = api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)
    if not invoice.is_final:
        try:
            output.say(f"{printable(invoice.external_id)} is {invoice.status}; waiting")
            invoice = api.wait_until_final(invoice_id, timeout.total_seconds(), for_user_id=for_user_id)
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


def _pages(api: InvoiceApi, query: dict[str, Any], last: str | None = None) -> Iterator[list[Invoice]]:
    """The pages of a query after the invoice `last`, each without what an earlier one had."""
    asked = query if last is None else {**query, "last_invoice": last}
    return (page.data for page in api.pages(**asked) if page.data)


def _query_options(*left_out: str) -> list[click.Option]:
    """An option for each parameter of the list of invoices."""
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.operations import GET_INVOICES

    wanted = [each for each in GET_INVOICES.parameters if each.name not in ("for_user_id", *left_out)]
    return parameter_options(GET_INVOICES, wanted, parameter_docs(InvoiceApi.get_invoices), _ALIASES)


def _asked(query: dict[str, object], for_user_id: str | None) -> dict[str, Any]:
    """The parameters that were given; where one bound of a pair of times is, the other too."""
    from xendit.invoice.listing import with_both_bounds

    return {**with_both_bounds(given(query)), "for_user_id": for_user_id}


@click.command(
    "list",
    cls=Derived,
    derive=_query_options,
    examples=[
        "xendit invoices list",
        "xendit invoices list --status PENDING --status PAID --since 7d",
        "xendit invoices list --all | jq -r .id",
    ],
)
@click.option("--all", "every", is_flag=True, help="Every page, as one JSON object a line.")
@_FOR_USER
@connection_options
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
    asked = _asked(query, for_user_id)
    api = api_of(target(base_url, to_sandbox=to_sandbox))
    if not every:
        page = api.get_invoices(**asked)
        if output.for_people:
            output.table(_COLUMNS, map(_row, page), "no invoice fits")
        else:
            output.json([as_sent(invoice) for invoice in page])
        return OK
    count = 0
    try:
        for page in _pages(api, asked):
            if output.for_people:
                output.table(_COLUMNS, map(_row, page), "", header=count == 0)
            for invoice in [] if output.for_people else page:
                output.line(as_sent(invoice))
            count += len(page)
    except KeyboardInterrupt as interrupt:
        add_note(interrupt, f"{count} invoices were listed; there may be more")
        raise
    output.say(f"{count} invoices")
    return OK


@click.command(
    "export",
    cls=Derived,
    derive=lambda: _query_options("limit", "last_invoice"),
    examples=[
        "xendit invoices export invoices.csv --since 30d",
        "xendit invoices export paid.parquet --status PAID --status SETTLED",
        "xendit invoices export march.jsonl --paid-after 2026-03-01 --paid-before 2026-04-01",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--bom", is_flag=True, help="Begin a .csv file with the mark by which Excel sees that it is UTF-8.")
@delimiter_option
@key_rotated_option
@_FOR_USER
@connection_options
def export_invoices(
    file: Path,
    force: bool,  # noqa: FBT001
    bom: bool,  # noqa: FBT001
    delimiter: str | None,
    key_rotated: bool,  # noqa: FBT001
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    **query: object,
) -> int:
    """Write invoices to a .csv, .jsonl or .parquet file, newest first.

    Times are in UTC, amounts exact, and no cell of a CSV file is taken for a formula. The file appears when it is
    complete. If it is interrupted, the same command goes on where it stopped, for the same account.
    """
    from xendit.bulk.account import account_of
    from xendit.cli.export import Export
    from xendit.cli.formats import columns_of, writer_of
    from xendit.invoice.model.invoice import Invoice

    write = writer_of(file, columns_of(Invoice, *_FIRST), delimiter=delimiter, bom=bom)
    if file.exists() and not force:
        raise CommandFailure(f"{file} is there already; --force replaces it", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    api = api_of(where)
    account = account_of(api.api_client, for_user_id)
    same = [argument for argument in sys.argv[1:] if argument not in ("--force", "--key-rotated")]
    export = Export(file, write, account, same, "invoices", Output(), key_rotated=key_rotated)
    return export.run(partial(_pages, api), _asked(query, for_user_id))


@click.command(
    "create-many",
    cls=ExampleCommand,
    examples=[
        "xendit invoices create-many march.csv",
        "xendit invoices create-many march.jsonl --journal march.journal",
        "xendit invoices create-many march.csv > results.jsonl",
    ],
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--journal", type=click.Path(dir_okay=False), help="Where it is kept what was done; else FILE.journal.")
@click.option("--concurrency", type=click.IntRange(1, 100), default=4, show_default=True, help="How many at a time.")
@click.option("--rate-limit", type=float, metavar="N", help="Requests a minute; else what Xendit's answers allow.")
@click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")
@delimiter_option
@key_rotated_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask, also with a live key.")
@connection_options
@json_option
def create_many(
    file: Path,
    journal: str | None,
    concurrency: int,
    rate_limit: float | None,
    for_user_id: str | None,
    delimiter: str | None,
    key_rotated: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Create the invoices of FILE, each once.

    FILE is .csv, with the fields of the request as its first line and with commas, semicolons or tabs between its
    cells, or .jsonl, with a request a line. All are checked before anything is sent. What was done is kept in the
    journal: after an interruption, the same command goes on where it stopped, and looks for what was under way. A
    journal belongs to its account: one of a trial on the sandbox is refused when you call Xendit. Exit code 1 when
    some were refused, 6 when it is not known of some whether they exist.
    """
    from xendit.cli.many import create_from_file
    from xendit.cli.requests import RequestFile
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

    output = Output(as_json=as_json)
    held = RequestFile(file, CreateInvoiceRequest, delimiter)
    if not held.rows:
        raise CommandFailure(f"{file} holds no request", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    asks = where.mode == "live" and not yes and sys.stdin.isatty()
    if asks and not click.confirm(f"Create up to {len(held.rows)} live invoices?", err=True):
        output.say("nothing was created")
        return OK
    api = api_of(where)
    return create_from_file(
        output,
        api if for_user_id is None else api.for_user(for_user_id),
        held,
        "invoices",
        concurrency=concurrency,
        rate_limit=rate_limit,
        journal=journal or f"{file}.journal",
        key_rotated=key_rotated,
    )


EXTRAS = Extras(
    "Create, read, list, expire, watch and export invoices.",
    homes={
        "list": (__name__, "list_invoices", "List invoices, newest first: a page of them, or all."),
        "open": (__name__, "open_page", "Open an invoice's payment page in a browser."),
        "watch": (__name__, "watch", "Show an invoice and each change of its status."),
        "wait": (__name__, "wait", "Wait until an invoice is paid."),
        "export": (__name__, "export_invoices", "Write invoices to a .csv, .jsonl or .parquet file."),
        "create-many": (
            __name__,
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
