"""`create-many`: creates each thing of a file once, with a journal that survives a crash (xendit.bulk)."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import API, OK, UNKNOWN
from xendit.cli.output import printable
from xendit.cli.progress import progress_bar
from xendit.exceptions import ApiTypeError, ApiValueError, add_note

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

    requests: Any = given.requests
    try:
        batch = bulk.create_many(api, requests, **options)
    except (ApiTypeError, ApiValueError) as problem:
        raise given.failure_of(problem) from None
    with closing(batch.journal):
        earlier = batch.report().created
        _run(output, batch, given, noun)
        report = batch.report()
    output.say(f"{report}, {earlier} of them by earlier runs" if earlier else f"{report}")
    if report.unknown or report.sending:
        output.hint("the same command looks for those that are not known")
        return UNKNOWN
    return OK if report.created == report.total else API


def _run(output: Output, batch: Batch, given: RequestFile, noun: str) -> None:
    """Do the batch: results as they come for programs, a bar and what failed for people."""
    results = iter(batch)
    bar = progress_bar(output, "creating", noun, done=batch.report().created, total=len(batch.results()))
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
