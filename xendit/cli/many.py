"""`create-many`: creates each thing of a file once, with a journal that survives a crash (xendit.bulk)."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import API, OK, UNKNOWN
from xendit.cli.output import counted, printable
from xendit.cli.progress import progress_bar
from xendit.display import money
from xendit.exceptions import ConfigurationException, add_note

if TYPE_CHECKING:
    from xendit.bulk import Batch, Result
    from xendit.cli.output import Output
    from xendit.cli.requests import RequestFile


def create_from_file(output: Output, api: Any, given: RequestFile, noun: str, **options: Any) -> int:
    """Create what a file holds, say how it went, and give the exit code.

    Args:
        output: where results go, and what is said.
        api: the API, or a view of it for a sub-account.
        given: the file of requests.
        noun: what many of them are called.
        options: as of `create_many`.

    Raises:
        CommandFailure: a request cannot be sent; the text names its line, and nothing was sent.
    """
    from xendit import bulk

    requests: Any = given.requests()
    with given.named_lines():
        batch = bulk.create_many(api, requests, **options)
    with closing(batch.journal):
        earlier = batch.report().created
        _run(output, batch, given, noun)
        report = batch.report()
    output.say(f"{report}, {earlier} of them by earlier runs" if earlier else f"{report}")
    if report.unknown or report.sending:
        output.hint("the same command looks for those that are not known")
        return UNKNOWN
    return OK if report.created == report.total else API


def rehearse(output: Output, api: Any, given: RequestFile, noun: str, **options: Any) -> int:
    """Do all that comes before the first request: check every one, look into the journal, and say what would be sent.

    Nothing is sent, and the journal is not changed: a copy of it is used. Arguments and errors are those of
    `create_from_file`.
    """
    from xendit import bulk

    with TemporaryDirectory() as directory:
        journal = str(options.pop("journal"))
        copy = _copied(journal, Path(directory))
        requests: Any = given.requests()
        try:
            with given.named_lines():
                batch = bulk.create_many(api, requests, journal=copy, **options)
        except ConfigurationException as problem:
            raise ConfigurationException(str(problem).replace(copy, journal)) from None
        with closing(batch.journal):
            states = {each.external_id: each.state for each in batch.results()}
    # The journal may hold items of other files, which do not count here.
    rows = [(row.line, row.request, states.get(str(row.request["external_id"]), "pending")) for row in given.rows]
    fresh = [request for _, request, state in rows if state != "created"]
    totals: dict[str, list[Any]] = {}
    for request in fresh:
        total = totals.setdefault(str(request.get("currency") or ""), [0, Decimal(0)])
        total[0] += 1
        total[1] += Decimal(str(request["amount"]))
    if output.for_people:
        columns = (">line", "~external id", ">amount", "state")
        shown = [
            (line, request["external_id"], money(request["amount"], request.get("currency")), _WORDS.get(state, state))
            for line, request, state in rows[:_SHOWN]
        ]
        output.table(columns, shown, "")
        if len(rows) > _SHOWN:
            output.text(f"... and {len(rows) - _SHOWN} more")
    else:
        sums = [
            {"currency": code or None, "count": count, "amount": str(amount)}
            for code, (count, amount) in totals.items()
        ]
        output.json(
            {"dry_run": True, "would_create": len(fresh), "created_before": len(rows) - len(fresh), "totals": sums}
        )
    told = ", ".join(money(amount, code or None) for code, (_, amount) in totals.items())
    there = len(rows) - len(fresh)
    earlier = f"; {counted(there, 'is', 'are')} there already" if there else ""
    would = f"{counted(len(fresh), noun.removesuffix('s'), noun)} would be created{f' ({told})' if told else ''}"
    output.say(f"{would}{earlier}. Nothing was sent.")
    return OK


#: How many rows a rehearsal shows to people.
_SHOWN = 20
_WORDS = {"pending": "to be created", "created": "is there"}


def _copied(journal: str, directory: Path) -> str:
    """The path for a copy of a journal, with the copy if the journal exists."""
    import sqlite3

    copy = str(directory / "journal")
    if Path(journal).exists():
        with (
            closing(sqlite3.connect(f"{Path(journal).absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    return copy


def _run(output: Output, batch: Batch, given: RequestFile, noun: str) -> None:
    """Do the batch. Programs get each result as it comes; people get a progress bar and the failures."""
    results = iter(batch)
    done, total = batch.report().created, len(batch)
    bar = progress_bar(output, "creating", noun, done=done, total=total, waits=lambda: batch.waits_for)
    try:
        # closing() makes sure, wherever an interrupt comes, that items under way end before the journal is closed.
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


def _shown(result: Result, line: int | None) -> dict[str, object]:
    """A result as an object for programs."""
    facts = {**result._asdict(), "line": line}
    return {name: value for name, value in facts.items() if isinstance(value, (str, int))}
