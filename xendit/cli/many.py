"""`xendit invoices create-many`: the invoices of a file, each once, with a journal that survives (xendit.bulk)."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import invoice_api, target
from xendit.cli.ending import API, OK, UNKNOWN, USAGE, Failure
from xendit.cli.extra import click
from xendit.cli.frame import Command, connection_options, delimiter_option, json_option, key_rotated_option
from xendit.cli.output import Output, pick, printable
from xendit.cli.progress import progress_bar
from xendit.cli.requests import RequestFile
from xendit.exceptions import ApiTypeError, ApiValueError, add_note

if TYPE_CHECKING:
    from xendit.bulk import Batch, Result


@click.command(
    "create-many",
    cls=Command,
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
    from xendit import bulk

    output = Output(as_json=as_json)
    given = RequestFile(file, delimiter)
    requests: list[Any] = given.requests
    if not requests:
        raise Failure(f"{file} holds no request", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    asks = where.mode == "live" and not yes and sys.stdin.isatty()
    if asks and not click.confirm(f"Create up to {len(requests)} live invoices?", err=True):
        output.say("nothing was created")
        return OK
    api = invoice_api(where)
    try:
        batch = bulk.create_many(
            api if for_user_id is None else api.for_user(for_user_id),
            requests,
            concurrency=concurrency,
            rate_limit=rate_limit,
            journal=journal or f"{file}.journal",
            key_rotated=key_rotated,
        )
    except (ApiTypeError, ApiValueError) as problem:
        raise given.failure_of(problem) from None
    with closing(batch.journal):
        _run(output, batch, given)
        report = batch.report()
    output.say(f"{report}")
    if report.unknown or report.sending:
        output.hint("the same command looks for those that are not known")
        return UNKNOWN
    return OK if report.created == report.total else API


def _run(output: Output, batch: Batch, given: RequestFile) -> None:
    """Do the batch: results as they come for programs, a bar and what failed for people."""
    results: Any = iter(batch)
    bar = progress_bar(output, "creating", done=batch.report().created, total=len(batch.results()))
    try:
        # Closed: wherever an interrupt comes, what is under way is waited for before the journal is left.
        with bar as advance, closing(results):
            for result in results:
                advance(1)
                line = given.line_of(result.external_id)
                if not output.for_people:
                    output.line(_shown(result, line))
                elif result.state != "created":
                    where = "" if line is None else f"line {line}, "
                    output.say(f"{where}{printable(result.external_id)}: {result.state}: {printable(result.message)}")
    except KeyboardInterrupt as interrupt:
        add_note(interrupt, f"{batch.report()}; the same command goes on from there")
        raise


def _shown(result: Result, line: int | None) -> dict[str, Any]:
    """A result as an object for programs."""
    facts = {"line": line, **result._asdict()}
    known = {name: value for name, value in facts.items() if value is not None}
    return pick(known, "external_id", "state", "invoice_id", "invoice_url", "message", "line")
