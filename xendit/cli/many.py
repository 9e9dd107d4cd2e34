"""`xendit invoices create-many`: the invoices of a file, each once, with a journal that survives (xendit.bulk)."""

from __future__ import annotations

import csv
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import invoice_api, target
from xendit.cli.ending import API, OK, UNKNOWN, USAGE, Failure
from xendit.cli.extra import click
from xendit.cli.flags import option_of
from xendit.cli.frame import Command, connection_options, json_option
from xendit.cli.output import Output, pick, printable
from xendit.exceptions import add_note

if TYPE_CHECKING:
    from collections.abc import Iterator

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
@click.option("--yes", "-y", is_flag=True, help="Do not ask, also with a live key.")
@connection_options
@json_option
def create_many(
    file: Path,
    journal: str | None,
    concurrency: int,
    rate_limit: float | None,
    for_user_id: str | None,
    yes: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Create the invoices of FILE, each once.

    FILE is .csv, with the fields of the request as its first line, or .jsonl, with a request a line. All are checked
    before anything is sent. What was done is kept in the journal: after an interruption, the same command goes on
    where it stopped, and looks for what was under way. Exit code 1 when some were refused, 6 when it is not known of
    some whether they exist.
    """
    from xendit import bulk

    output = Output(as_json=as_json)
    requests: list[Any] = list(read_requests(file))
    if not requests:
        raise Failure(f"{file} holds no request", USAGE)
    where = target(base_url, to_sandbox=to_sandbox)
    asks = where.mode == "live" and not yes and sys.stdin.isatty()
    if asks and not click.confirm(f"Create up to {len(requests)} live invoices?", err=True):
        output.say("nothing was created")
        return OK
    api = invoice_api(where)
    batch = bulk.create_many(
        api if for_user_id is None else api.for_user(for_user_id),
        requests,
        concurrency=concurrency,
        rate_limit=rate_limit,
        journal=journal or f"{file}.journal",
    )
    with closing(batch.journal):
        _run(output, batch)
        report = batch.report()
    output.say(f"{report}")
    if report.unknown or report.sending:
        output.hint("the same command looks for those that are not known")
        return UNKNOWN
    return OK if report.created == report.total else API


def _run(output: Output, batch: Batch) -> None:
    """Do the batch: results as they come for programs, a bar and what failed for people."""
    bar = _Bar(len(batch.results()), batch.report().created) if output.lively else nullcontext(lambda: None)
    results: Any = iter(batch)
    try:
        # Closed: wherever an interrupt comes, what is under way is waited for before the journal is left.
        with bar as advance, closing(results):
            for result in results:
                advance()
                if not output.for_people:
                    output.line(pick(_shown(result), "external_id", "state", "invoice_id", "invoice_url", "message"))
                elif result.state != "created":
                    output.say(f"{printable(result.external_id)}: {result.state}: {printable(result.message)}")
    except KeyboardInterrupt as interrupt:
        add_note(interrupt, f"{batch.report()}; the same command goes on from there")
        raise


def _shown(result: Result) -> dict[str, Any]:
    return {name: value for name, value in result._asdict().items() if value is not None}


class _Bar:
    """A bar over the items of a batch."""

    def __init__(self, total: int, done: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("creating"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("", total=total, completed=done)

    def __enter__(self) -> Any:
        self._progress.start()
        return lambda: self._progress.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


# ------------------------------------------------------------------------------------------ the file


def read_requests(file: Path) -> Iterator[dict[str, Any]]:
    """The requests of a file. Raises Failure for one that cannot be read; the text names its line."""
    readers = {".csv": _read_csv, ".jsonl": _read_jsonl}
    reader = readers.get(file.suffix)
    if reader is None:
        raise click.UsageError(f"the file's name must end with {' or '.join(readers)}")
    try:
        yield from reader(file)
    except UnicodeDecodeError:
        raise Failure(f"{file} is not UTF-8", USAGE) from None


def _read_jsonl(file: Path) -> Iterator[dict[str, Any]]:
    from xendit.codec import loads
    from xendit.exceptions import OpenApiException

    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = loads(line)
            except OpenApiException as problem:
                raise Failure(f"{file} line {number}: {problem}", USAGE) from None
            if not isinstance(value, dict):
                raise Failure(f"{file} line {number} is no JSON object", USAGE)
            yield value


def _read_csv(file: Path) -> Iterator[dict[str, Any]]:
    from xendit.codec import nearest
    from xendit.invoice.model import CreateInvoiceRequest
    from xendit.model import fields

    options = {each.name: option_of(each.name, each.kind, "") for each in fields(CreateInvoiceRequest)}
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.DictReader(text)
        for name in rows.fieldnames or ():
            if name not in options:
                raise Failure(f"{file}: there is no field {name!r}{nearest(name, [*options])}", USAGE)
        for row in rows:
            if None in row:
                raise Failure(f"{file} line {rows.line_num} has more cells than the first line", USAGE)
            made = {}
            for name, cell in row.items():
                if cell is None or cell == "":
                    continue
                try:
                    made[name] = options[name].type.convert(cell, None, None)
                except click.BadParameter as problem:
                    raise Failure(f"{file} line {rows.line_num}, {name}: {problem.message}", USAGE) from None
            yield made
