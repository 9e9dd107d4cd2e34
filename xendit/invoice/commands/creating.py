"""`xendit invoices create-many`: the invoices of a file, each once."""

from __future__ import annotations

import sys
from pathlib import Path

from xendit.cli.connection import target
from xendit.cli.ending import OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.frame import (
    ExampleCommand,
    connection_options,
    delimiter_option,
    json_option,
    key_rotated_option,
    zone_option,
)
from xendit.cli.output import Output
from xendit.invoice.command_line import api_of


class _WithColumns(ExampleCommand):
    """The command whose help lists what a file may hold."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the columns."""
        from xendit.cli.columns import columns_of
        from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

        super().format_options(ctx, formatter)
        with formatter.section("Columns of a .csv file"):
            formatter.write_dl(
                [
                    (each.name, f"{each.help}{'  [required]' if each.required else ''}")
                    for each in columns_of(CreateInvoiceRequest)
                ]
            )
            formatter.write_dl([("metadata.NAME", "A text of your own data.")])


@click.command(
    "create-many",
    cls=_WithColumns,
    examples=[
        "xendit invoices create-many march.csv",
        "xendit invoices create-many march.jsonl --journal march.journal",
        "xendit invoices create-many march.csv --dry-run",
        "xendit invoices create-many march.csv > results.jsonl",
    ],
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--journal", type=click.Path(dir_okay=False), help="Where to keep what was done; else FILE.journal.")
@click.option("--concurrency", type=click.IntRange(1, 100), default=4, show_default=True, help="How many at a time.")
@click.option("--rate-limit", type=float, metavar="N", help="Requests a minute; else what Xendit's answers allow.")
@click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")
@delimiter_option
@key_rotated_option
@click.option("--dry-run", is_flag=True, help="Check the file, say what would be created, and send nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, also with a live key.")
@connection_options
@zone_option
@json_option
def create_many(
    file: Path,
    journal: str | None,
    concurrency: int,
    rate_limit: float | None,
    for_user_id: str | None,
    delimiter: str | None,
    key_rotated: bool,  # noqa: FBT001
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Create the invoices of FILE, each once.

    FILE is .csv, with the columns below in its first line, in any order, and with commas, semicolons or tabs between
    its cells, or .jsonl, with a request a line. All are checked before anything is sent. What was done is kept in the
    journal: after an interruption, the same command goes on where it stopped, and looks for what was under way. A
    journal belongs to its account: one of a trial on the sandbox is refused when you call Xendit. Exit code 1 when
    some were refused, 6 when it is not known of some whether they exist.
    """
    from xendit.cli.many import create_from_file, rehearse
    from xendit.cli.requests import RequestFile
    from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

    output = Output(as_json=as_json)
    held = RequestFile(file, CreateInvoiceRequest, delimiter)
    if not held.rows:
        raise CommandFailure(f"{file} holds no request", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    asks = where.mode == "live" and not (yes or dry_run) and sys.stdin.isatty()
    if asks and not click.confirm(f"Create up to {len(held.rows)} live invoices?", err=True):
        output.say("nothing was created")
        return OK
    api = api_of(where)
    begin = rehearse if dry_run else create_from_file
    return begin(
        output,
        api if for_user_id is None else api.for_user(for_user_id),
        held,
        "invoices",
        concurrency=concurrency,
        rate_limit=rate_limit,
        journal=journal or f"{file}.journal",
        key_rotated=key_rotated,
    )
