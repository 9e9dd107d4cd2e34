"""`xendit reconcile`: what was paid in a period, what Xendit kept, what is settled, and what does not add up."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xendit.cli.connection import PATIENT, api_client, target
from xendit.cli.ending import API, OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.formats import check_folder, wrong_suffix
from xendit.cli.frame import ExampleCommand, connection_options, json_option, key_rotated_option
from xendit.cli.output import Output
from xendit.cli.progress import Waits, progress_bar
from xendit.cli.reconciled import SUFFIXES, check_library, write_rows
from xendit.cli.times import take_zone
from xendit.display import money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.settlement import Reconciliation, SettlementRow

#: How many differences a terminal is shown.
SHOWN = 50


@click.command(
    cls=ExampleCommand,
    examples=[
        "xendit reconcile 2026-01 --zone Asia/Jakarta",
        "xendit reconcile 2026-01 --zone Asia/Jakarta --to january.xlsx --state january.db",
        "xendit reconcile 2026-01-31 --zone Asia/Manila --fail-on-difference",
    ],
)
@click.argument("period")
@click.option(
    "--zone",
    "--tz",
    "zone",
    required=True,
    metavar="ZONE",
    callback=take_zone,
    help="The time zone whose days are meant, and of the times that are shown, such as Asia/Jakarta.",
)
@click.option(
    "--to",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Write every row to a file: {', '.join(SUFFIXES)}.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep what was listed here, so that an interrupted run goes on.",
)
@click.option("--fail-on-difference", is_flag=True, help="Exit with 1 when anything does not add up.")
@click.option("--ignore-unlinked", is_flag=True, help="Payments that name no invoice are no difference.")
@click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")
@key_rotated_option
@json_option
@connection_options
def reconcile(
    period: str,
    zone: str,
    file: Path | None,
    state: Path | None,
    *,
    fail_on_difference: bool,
    ignore_unlinked: bool,
    for_user_id: str | None,
    key_rotated: bool,
    as_json: bool,
    base_url: str | None,
    to_sandbox: bool,
) -> int:
    """Bring the invoices that were paid in a PERIOD to their transactions: fees, net, settlement, refunds.

    PERIOD is a month (2026-01), a day (2026-01-31) or days (2026-01-01..2026-01-15). What is not settled yet stands as
    PENDING and is no difference.
    """
    from xendit import settlement

    output = Output(as_json=as_json)
    if file is not None:
        if file.suffix.lower() not in SUFFIXES:
            raise wrong_suffix(file.suffix, SUFFIXES)
        check_library(file)
    for each in (file, state):
        if each is not None:
            check_folder(each)
    waits = Waits()
    client = api_client(target(base_url, to_sandbox=to_sandbox), on_event=waits.note, **PATIENT)
    with ExitStack() as stack:
        bar = progress_bar(output, "listing", "invoices and transactions", done=0, waits=waits.reason)
        with bar as advance, _usable(state):
            found = settlement.reconcile(
                client,
                period,
                zone,
                for_user_id=for_user_id,
                state=state,
                key_rotated=key_rotated,
                ignore_unlinked=ignore_unlinked,
                progress=advance,
            )
        stack.enter_context(found)
        with _usable(state):
            problems = _go_through(found, file)
        _show(output, found, problems, file)
        differences = found.differences
    if client.configuration.source.wall() < found.period.end.timestamp():
        output.say(f"{found.period.name} is not over yet: what is paid until its end, {zone} time, is not in it")
    return API if fail_on_difference and differences else OK


@contextmanager
def _usable(state: Path | None) -> Iterator[None]:
    """A file of the state that cannot be used ends the command."""
    try:
        yield
    except OSError as problem:
        hint = None if state is None else f"name another file, or remove {state} to begin anew"
        raise CommandFailure(str(problem), USAGE, hint=hint) from None


def _go_through(found: Reconciliation, file: Path | None) -> list[SettlementRow]:
    """Write the rows, and give the first of those that do not add up."""
    problems: list[SettlementRow] = []

    def rows() -> Iterator[SettlementRow]:
        for row in found:
            if row.problem is not None and len(problems) < SHOWN:
                problems.append(row)
            yield row

    if file is None:
        for _ in rows():
            pass
    else:
        write_rows(file, rows(), found.totals, found.period)
    return problems


def _show(output: Output, found: Reconciliation, problems: list[SettlementRow], file: Path | None) -> None:
    totals = found.totals()
    if not output.for_people:
        output.json(
            {
                "period": found.period.name,
                "zone": found.period.zone,
                "invoices": found.invoices,
                "differences": found.differences,
                "totals": [_plain(each.to_dict()) for each in totals],
                "problems": [_plain(each.to_dict()) for each in problems],
            }
        )
    else:
        columns = (
            "currency",
            "channel",
            ">count",
            ">paid",
            ">fee",
            ">tax",
            ">net",
            ">settled",
            ">pending",
            ">refunded",
        )
        amounts = ("paid", "fee", "tax", "net", "settled", "pending", "refunded")
        rows = (
            [each.currency, each.channel, each.count, *(money(getattr(each, name), None) for name in amounts)]
            for each in totals
        )
        output.table(columns, rows, "nothing was paid and nothing moved")
        if problems:
            output.text("")
            heads = ("problem", ">difference", "external id", "invoice", "transaction", "@when")
            output.table(heads, map(_problem_row, problems), "")
    if file is not None:
        output.done(f"every row is in {file}")
    if found.differences:
        more = "" if found.differences <= SHOWN else f", of which {SHOWN} are shown"
        what = "row does" if found.differences == 1 else "rows do"
        output.say(f"{found.differences} {what} not add up{more}")
    elif found.invoices:
        output.done("1 paid invoice adds up" if found.invoices == 1 else f"{found.invoices} paid invoices add up")
    else:
        output.done(f"no invoice was paid in {found.period.name}, {found.period.zone} time")


def _problem_row(row: SettlementRow) -> list[object]:
    amount = money(row.difference, row.currency)
    return [
        str(row.problem),
        amount,
        row.external_id or "",
        row.invoice_id or "",
        row.transaction_id or "",
        row.paid_at,
    ]


def _plain(values: dict[str, object]) -> dict[str, object]:
    """A row as JSON values: amounts as exact texts, times as ISO 8601."""
    from xendit.cli.reconciled import plain_value

    return {name: plain_value(value) for name, value in values.items()}
