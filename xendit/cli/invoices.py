"""`xendit invoices`: the Invoice API from a shell. Its flags are derived from the declarations (`flags`)."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import invoice_api, target
from xendit.cli.ending import API, NETWORK, OK, USAGE, Failure
from xendit.cli.extra import click
from xendit.cli.flags import Derived, DurationType, JsonType, check_amounts, given, query_options, request_options
from xendit.cli.frame import Group, connection_options, delimiter_option, json_option, key_rotated_option
from xendit.cli.output import Output, moment, money, printable
from xendit.exceptions import add_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.invoice import Invoice

_COLUMNS = ("id", "~external id", "status", ">amount", "created (UTC)")
_PAGE = 100
_FOR_USER = click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")


@click.group(
    cls=Group,
    homes={
        "create-many": ("many", "create_many", "Create the invoices of a file, each once, and go on where it stopped.")
    },
    examples=[
        "xendit invoices create --external-id order-1 --amount 150000",
        "xendit invoices list --status PENDING --since 7d",
        "xendit invoices export march.csv --created-after 2026-03-01 --created-before 2026-04-01",
    ],
)
def invoices() -> None:
    """Create, read, list, expire, watch and export invoices.

    The key is read from XENDIT_API_KEY. With --sandbox, the sandbox that runs on this machine is called.
    """


def show(output: Output, invoice: Invoice) -> None:
    """Show one invoice."""
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
    output.record(facts, None if output.for_people else as_sent(invoice))


def as_sent(invoice: Invoice) -> Any:
    """An invoice as the API sent it, numbers as they were written."""
    import json

    return json.loads(invoice.to_json())


def row(invoice: Invoice) -> tuple[Any, ...]:
    """An invoice as a row of a table."""
    created = moment(invoice.created)[:16]
    return invoice.id, invoice.external_id, str(invoice.status), money(invoice.amount, invoice.currency), created


# ------------------------------------------------------------------------------------------ one invoice


@invoices.command(
    cls=Derived,
    derive=request_options,
    examples=[
        "xendit invoices create --external-id order-1 --amount 150000",
        "xendit invoices create --data @invoice.json --amount 99.95 --currency PHP",
        """xendit invoices create --external-id order-2 --amount 50000 --customer '{"given_names": "Ayu"}'""",
    ],
)
@click.option("--data", type=JsonType(), metavar="JSON|@FILE|-", help="The request as JSON; flags win over it.")
@_FOR_USER
@click.option("--with-fee-rule", metavar="ID", help="Id of the fee rule to apply (xenPlatform).")
@click.option("--with-split-rule", metavar="ID", help="Id of the split rule to apply (xenPlatform).")
@click.option("--idempotency-key", metavar="TEXT", help="Sent as x-idempotency-key; see docs/InvoiceApi.md.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, also with a live key.")
@connection_options
@json_option
def create(
    data: Any,
    for_user_id: str | None,
    with_fee_rule: str | None,
    with_split_rule: str | None,
    idempotency_key: str | None,
    yes: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    **fields: Any,
) -> int:
    """Create an invoice and show it, with the address of its payment page.

    When no answer comes, the invoice is looked for before anything is said; exit code 6 means that it is not known
    whether it exists.
    """
    from xendit.invoice.model import CreateInvoiceRequest

    output = Output(as_json=as_json)
    if data is not None and not isinstance(data, dict):
        raise click.UsageError("--data must be a JSON object")
    values = {**(data or {}), **given(fields)}
    missing = [f"--{name.replace('_', '-')}" for name in ("external_id", "amount") if name not in values]
    if missing:
        raise click.UsageError(f"missing {' and '.join(missing)} (or give them in --data)")
    check_amounts(values, CreateInvoiceRequest)
    request = CreateInvoiceRequest(**values)
    where = target(base_url, to_sandbox=to_sandbox)
    if where.mode == "live" and not yes and sys.stdin.isatty():
        asked = (
            f"Create a live invoice of {money(request.amount, request.currency)} ({printable(request.external_id)})?"
        )
        if not click.confirm(asked, err=True):
            output.say("nothing was created")
            return OK
    invoice = invoice_api(where).create_invoice(
        request,
        for_user_id=for_user_id,
        with_fee_rule=with_fee_rule,
        with_split_rule=with_split_rule,
        idempotency_key=idempotency_key,
    )
    show(output, invoice)
    return OK


@invoices.command(examples=["xendit invoices get 593f4ed1c3d3bb7f39733d83", "xendit invoices get ID | jq -r .status"])
@click.argument("invoice_id")
@_FOR_USER
@connection_options
@json_option
def get(invoice_id: str, for_user_id: str | None, base_url: str | None, to_sandbox: bool, as_json: bool) -> int:  # noqa: FBT001
    """Read one invoice."""
    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    show(Output(as_json=as_json), api.get_invoice_by_id(invoice_id, for_user_id=for_user_id))
    return OK


@invoices.command(examples=["xendit invoices expire 593f4ed1c3d3bb7f39733d83"])
@click.argument("invoice_id")
@_FOR_USER
@connection_options
@json_option
def expire(invoice_id: str, for_user_id: str | None, base_url: str | None, to_sandbox: bool, as_json: bool) -> int:  # noqa: FBT001
    """Expire an invoice: nobody can pay it any more, and that cannot be undone."""
    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    show(Output(as_json=as_json), api.expire_invoice(invoice_id, for_user_id=for_user_id))
    return OK


@invoices.command("open", examples=["xendit invoices open 593f4ed1c3d3bb7f39733d83"])
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

    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    invoice = api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)
    return open_address(invoice.invoice_url, only_print=only_print)


# ------------------------------------------------------------------------------------------ waiting


def _follow(api: InvoiceApi, invoice_id: str, for_user_id: str | None, interval: float) -> Iterator[Invoice]:
    """The invoice now and after each change of its status, until it is final."""
    last = None
    while True:
        invoice = api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)
        if invoice.status != last:
            yield invoice
            last = invoice.status
        if invoice.is_final:
            return
        time.sleep(interval)


@invoices.command(examples=["xendit invoices watch 593f4ed1c3d3bb7f39733d83"])
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
    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    last = None
    try:
        for invoice in _follow(api, invoice_id, for_user_id, max(interval.total_seconds(), 0.2)):
            last = invoice
            if output.for_people:
                state = output.styled(str(invoice.status).ljust(8))
                output.text(
                    f"{time.strftime('%H:%M:%S')}  {state}  {printable(invoice.external_id)}"
                    f"  {money(invoice.amount, invoice.currency)}"
                )
            else:
                output.line(as_sent(invoice))
    except KeyboardInterrupt as interrupt:
        if last is not None:
            add_note(interrupt, f"the invoice was {last.status} when it was last seen")
        raise
    return OK


@invoices.command(
    examples=[
        "xendit invoices wait 593f4ed1c3d3bb7f39733d83 --timeout 10m",
        "xendit invoices wait ID --timeout 1h && ./ship.sh",
    ]
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
    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    invoice = api.get_invoice_by_id(invoice_id, for_user_id=for_user_id)
    if not invoice.is_final:
        try:
            output.say(f"{printable(invoice.external_id)} is {invoice.status}; waiting")
            invoice = api.wait_until_final(invoice_id, timeout.total_seconds(), for_user_id=for_user_id)
        except TimeoutException as problem:
            if getattr(problem.model, "status", None) is None:
                raise
            show(output, problem.model)
            raise Failure(f"it is still {problem.model.status} after {timeout.total_seconds():g} s", NETWORK) from None
        except KeyboardInterrupt as interrupt:
            add_note(interrupt, f"the invoice was {invoice.status} when it was first seen")
            raise
    show(output, invoice)
    return OK if invoice.is_paid else API


# ------------------------------------------------------------------------------------------ many invoices


def pages(api: InvoiceApi, query: dict[str, Any], last: str | None = None) -> Iterator[list[Invoice]]:
    """The pages of a query from a cursor on, each without what an earlier one had."""
    from xendit.invoice.listing import Walk

    walk = Walk({**query, "last_invoice": last})
    while not walk.over:
        fresh = walk.take(api.get_invoices(**walk.arguments))
        if fresh:
            yield fresh


def _list_options() -> list[click.Option]:
    return query_options("for_user_id")


@invoices.command(
    "list",
    cls=Derived,
    derive=_list_options,
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
    **query: Any,
) -> int:
    """List invoices, newest first: a page of them, or all.

    A MOMENT is 2026-01-31, 2026-01-31T09:00:00Z, or 7d for seven days ago. Xendit wants bounds of time in pairs;
    where one is given, the other is filled in.
    """
    output = Output(as_json=as_json)
    asked = {**_paired(given(query)), "for_user_id": for_user_id}
    api = invoice_api(target(base_url, to_sandbox=to_sandbox))
    if not every:
        page = api.get_invoices(**asked)
        if output.for_people:
            output.table(_COLUMNS, map(row, page), "no invoice fits")
        else:
            output.json([as_sent(invoice) for invoice in page])
        return OK
    count = 0
    try:
        for page in pages(api, asked, asked.pop("last_invoice", None)):
            if output.for_people:
                output.table(_COLUMNS, map(row, page), "", header=count == 0)
            for invoice in [] if output.for_people else page:
                output.line(as_sent(invoice))
            count += len(page)
    except KeyboardInterrupt as interrupt:
        add_note(interrupt, f"{count} invoices were listed; there may be more")
        raise
    output.say(f"{count} invoices")
    return OK


def _paired(query: dict[str, Any]) -> dict[str, Any]:
    """Fill in the other bound where only one of a pair is given (facts: a lone bound has no effect)."""
    from datetime import datetime, timezone

    for what in ("created", "paid", "expired"):
        after, before = f"{what}_after", f"{what}_before"
        if after in query and before not in query:
            query[before] = datetime(2100, 1, 1, tzinfo=timezone.utc)
        elif before in query and after not in query:
            query[after] = datetime(2000, 1, 1, tzinfo=timezone.utc)
    return query


def _export_options() -> list[click.Option]:
    return query_options("for_user_id", "limit", "last_invoice")


@invoices.command(
    "export",
    cls=Derived,
    derive=_export_options,
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
    **query: Any,
) -> int:
    """Write invoices to a .csv, .jsonl or .parquet file, newest first.

    Times are in UTC, amounts exact, and no cell of a CSV file is taken for a formula. The file appears when it is
    complete. If it is interrupted, the same command goes on where it stopped, for the same account.
    """
    from xendit.bulk.account import account_of
    from xendit.cli.export import Export
    from xendit.cli.formats import writer_of

    write = writer_of(file, delimiter=delimiter, bom=bom)
    if file.exists() and not force:
        raise Failure(f"{file} is there already; --force replaces it", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    api = invoice_api(where)
    account = account_of(api.api_client, for_user_id)
    same = [argument for argument in sys.argv[1:] if argument not in ("--force", "--key-rotated")]
    export = Export(file, write, account, same, Output(), key_rotated=key_rotated)
    return export.run(api, {**_paired(given(query)), "for_user_id": for_user_id})
