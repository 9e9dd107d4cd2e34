"""`xendit invoices export`: invoices as a file for spreadsheets and other programs, whole or as a month of finance."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from operator import methodcaller
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.cli.connection import PATIENT, target
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import Derived, WordType
from xendit.cli.frame import connection_options, delimiter_option, key_rotated_option, zone_option
from xendit.cli.output import Output, counted
from xendit.cli.progress import Waits
from xendit.display import money
from xendit.invoice.command_line import FOR_USER, api_of, asked, query_options
from xendit.invoice.commands.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from xendit.cli.formats import Layout, Records
    from xendit.cli.records import Record, RecordPages
    from xendit.invoice.invoice_api import InvoiceApi

#: The columns of a whole export that people look for first.
_FIRST = ("id", "external_id", "status", "amount", "currency", "paid_amount", "created", "paid_at", "expiry_date")
_STDOUT = "-"


class _Month(NamedTuple):
    """A month of a time zone, and which time of an invoice is meant."""

    begin: datetime
    end: datetime
    of: str
    """`paid` or `created`."""

    @property
    def query(self) -> dict[str, datetime]:
        """The bounds that Xendit is asked for."""
        return {f"{self.of}_after": self.begin, f"{self.of}_before": self.end}

    def has(self, record: dict[str, Any]) -> bool:
        """Whether an invoice is of this month. One of the first moment after it is not, which Xendit's bounds let in."""
        from xendit.cli.times import sent_moment

        moment = sent_moment(record.get("paid_at" if self.of == "paid" else "created"))
        return moment is not None and self.begin <= moment < self.end


@click.command(
    "export",
    cls=Derived,
    derive=lambda: query_options("limit", "last_invoice"),
    examples=[
        "xendit invoices export invoices.csv --since 30d",
        "xendit invoices export october.xlsx --preset finance --month 2026-10 --tz Asia/Jakarta",
        "xendit invoices export paid.parquet --status PAID --status SETTLED",
        "xendit invoices export - --columns external_id,amount,paid_at | head",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), metavar="FILE|-")
@click.option(
    "--preset",
    type=WordType([*PRESETS]),
    metavar="NAME",
    help=f"The columns that somebody needs: {', '.join(PRESETS)}; else every field.",
)
@click.option(
    "--columns", metavar="NAME[,NAME...]", help="These columns: fields of an invoice, also as customer.given_names."
)
@click.option("--month", metavar="YYYY-MM", help="A month of the time zone of --tz, which must be given.")
@click.option(
    "--month-of",
    type=WordType(["paid", "created"]),
    default="paid",
    show_default=True,
    metavar="paid|created",
    help="Whether --month is when invoices were paid or when they were created.",
)
@click.option("--format", "suffix", type=WordType(["csv", "jsonl"]), metavar="csv|jsonl", help="On stdout; else csv.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--bom", is_flag=True, help="Begin a .csv file with the mark by which Excel sees that it is UTF-8.")
@delimiter_option
@key_rotated_option
@FOR_USER
@connection_options
@zone_option
def export_invoices(
    file: Path,
    preset: str | None,
    columns: str | None,
    month: str | None,
    month_of: str,
    suffix: str | None,
    force: bool,  # noqa: FBT001
    bom: bool,  # noqa: FBT001
    delimiter: str | None,
    key_rotated: bool,  # noqa: FBT001
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    **query: object,
) -> int:
    """Write invoices to a .csv, .xlsx, .jsonl or .parquet file, newest first; `-` is stdout.

    Times are in UTC, or in the zone of --tz; amounts are exact, and no cell is taken for a formula. In a .xlsx file ids
    and account numbers are text, and a second sheet has the totals. The file appears when it is complete. If it is
    interrupted, the same command goes on where it stopped, for the same account.
    """
    from xendit.bulk.account import account_of
    from xendit.cli.export import Export
    from xendit.cli.formats import check_folder, writer_of
    from xendit.cli.records import RecordPages
    from xendit.invoice.model.invoice import Invoice
    from xendit.invoice.operations import GET_INVOICES

    to_stdout = str(file) == _STDOUT
    if suffix is not None and not to_stdout:
        raise click.UsageError("--format is for stdout; a file is written by the end of its name")
    layout = _layout(preset, columns, delimiter=delimiter, bom=bom)
    write = writer_of(f".{suffix or 'csv'}" if to_stdout else file.suffix.lower(), layout)
    wanted = _month(month, month_of, query) if month is not None else None
    if not to_stdout and file.exists() and not force:
        raise CommandFailure(f"{file} is there already; --force replaces it", USAGE)
    if not to_stdout:
        check_folder(file)
    where = target(base_url, to_sandbox=to_sandbox)
    waits = Waits()
    api = api_of(where, on_event=waits.note, **PATIENT)
    account = account_of(api.api_client, for_user_id)
    same = [argument for argument in sys.argv[1:] if argument not in ("--force", "--key-rotated")]
    question = {**asked(query, for_user_id), **(wanted.query if wanted else {})}
    listing = RecordPages(GET_INVOICES, Invoice)
    output = Output()
    with TemporaryDirectory() as directory:
        written = Path(directory) / "export" if to_stdout else file
        export = Export(
            written,
            write,
            listing.kept,
            None if wanted is None else wanted.has,
            account,
            same,
            "invoices",
            output,
            key_rotated=key_rotated,
            waits=waits.reason,
        )
        found = export.run(partial(_pages, api, listing), question)
        if to_stdout:
            with written.open("rb") as complete:
                shutil.copyfileobj(complete, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    if to_stdout:
        output.done(counted(found.count, "invoice", "invoices"))
    else:
        output.done(f"{counted(found.count, 'invoice is', 'invoices are')} in {file}")
    _say_totals(output, found)
    return 0


def _layout(preset: str | None, columns: str | None, **settings: Any) -> Layout:
    """What stands in the file."""
    from datetime import timezone

    from xendit.cli.formats import layout_of
    from xendit.cli.times import zone, zone_name
    from xendit.invoice.model.invoice import Invoice

    if preset is not None and columns is not None:
        raise click.UsageError("give --preset or --columns, not both")
    names = None if columns is None else [each.strip() for each in columns.split(",") if each.strip()]
    if names == []:
        raise click.UsageError("--columns names no column")
    place = timezone.utc if zone_name() is None else zone()
    try:
        return layout_of(Invoice, names or (PRESETS[preset] if preset else None), _FIRST, zone=place, **settings)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="'--columns'") from None


def _month(text: str, of: str, query: dict[str, object]) -> _Month:
    """The month that is asked for."""
    from xendit.cli.times import month_bounds, zone_name

    given = [name for name in (f"{of}_after", f"{of}_before") if query.get(name) is not None]
    if given:
        raise click.UsageError(f"give --month or --{given[0].replace('_', '-')}, not both")
    if zone_name() is None:
        raise click.UsageError("--month needs the time zone whose month is meant, such as --tz Asia/Jakarta")
    bounds = month_bounds(text)
    if bounds is None:
        raise click.BadParameter(f"{text!r} is no month such as 2026-10", param_hint="'--month'")
    return _Month(*bounds, of)


def _pages(
    api: InvoiceApi, listing: RecordPages, query: dict[str, Any], last: str | None
) -> Iterator[tuple[bytes, list[Record]]]:
    """The pages of a query after the invoice `last`: each as it came, and the records of those that no earlier one had."""
    from xendit.client.pages import walk_pages
    from xendit.invoice.listing import Walk

    asked = query if last is None else {**query, "last_invoice": last}
    walk = Walk(asked, listing, methodcaller("get", "id"))
    for page in walk_pages(api.api_client, walk, read_ahead=False):
        yield page.response.data, page.data


def _say_totals(output: Output, records: Records) -> None:
    """What was exported comes to, a line for each currency and status."""
    for each in records.totals():
        paid = f", paid {money(each.paid_amount, each.currency)}" if each.paid_amount else ""
        output.say(f"  {each.records} {each.status}: {money(each.amount, each.currency)}{paid}")
