"""`logs`: the requests to the API, those that were and those that come."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import unquote

from xendit.cli.control import control
from xendit.cli.ending import OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import WordType
from xendit.cli.frame import json_option, sandbox_option, zone_option
from xendit.cli.output import Output, printable
from xendit.cli.sandbox.group import sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from xendit.cli.control import ControlPlane, Told
    from xendit.sandbox.requests import RequestFilter


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT")


@sandbox.command(
    examples=[
        "xendit sandbox logs",
        "xendit sandbox logs --follow --status failed",
        "xendit sandbox logs --method POST --path '/v2/*' --json | jq .error_code",
    ]
)
@click.option("--follow", "-f", is_flag=True, help="Show those that come too, until Ctrl-C.")
@click.option("--last", type=click.IntRange(min=0), default=20, help="How many of those that were; 20 without it.")
@click.option("--count", type=click.IntRange(min=1), help="With --follow: end after so many that came.")
@click.option("--status", "statuses", multiple=True, metavar="STATUS", help="Only 404, 4xx or failed; may be repeated.")
@click.option(
    "--method",
    "methods",
    type=WordType(_METHODS, case_sensitive=False),
    multiple=True,
    metavar="METHOD",
    help="Only GET, POST and so on; may be repeated.",
)
@click.option("--path", default="", metavar="PATH", help="Only this path and what is below it; * stands for anything.")
@sandbox_option
@zone_option
@json_option
def logs(
    follow: bool,  # noqa: FBT001
    last: int,
    count: int | None,
    statuses: tuple[str, ...],
    methods: tuple[str, ...],
    path: str,
    base_url: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Show the requests to the API: what was asked, what was answered, how long it took. In a pipe one JSON object a line."""
    from xendit.cli.events import following
    from xendit.sandbox.requests import RequestFilter

    try:
        wanted = RequestFilter(statuses, methods, path)
    except ValueError as problem:
        raise CommandFailure(str(problem), USAGE) from None
    if count is not None and not follow:
        raise click.UsageError("--count ends --follow; without it, --last says how many")
    output, plane = Output(as_json=as_json), control(base_url)
    shown = 0
    if not follow:
        found = [each for each in plane.get("/requests") if _admits(wanted, each)]
        for each in found[len(found) - last :] if last else []:
            _show(output, each)
        if not found:
            output.say("no such request is in the log" if statuses or methods or path else "nothing was asked yet")
        return OK
    with closing(_following(plane, wanted, last, following(output, plane.url))) as requests:
        for each, is_new in requests:
            _show(output, each)
            shown += is_new
            if shown == count:
                break
    return OK


def _following(
    plane: ControlPlane, wanted: RequestFilter, last: int, begun: Callable[[], object]
) -> Generator[tuple[Told, bool]]:
    """Give the last requests, then each new one, each with whether it is new. None is missed in between or given twice."""
    stream = plane.events(requests=True)
    next(stream, None)  # the stream's first event: from here on it tells everything
    known = plane.get("/requests")
    begun()
    number = max((each["number"] for each in known), default=0)
    found = [each for each in known if _admits(wanted, each)]
    for each in found[len(found) - last :] if last else []:
        yield each, False
    for name, each in stream:
        if name == "request" and each["number"] > number and _admits(wanted, each):
            yield each, True


def _admits(wanted: RequestFilter, request: Told) -> bool:
    return wanted.admits(request["method"], request["path"], request["status"])


def _show(output: Output, request: Told) -> None:
    if not output.for_people:
        output.line(request)
        return
    # For people as it was meant, %3A as a colon; JSON has it as it came.
    target = printable(unquote(request["path"] + (f"?{request['query']}" if request["query"] else "")))
    line = f"{output.moment(request['at'])}  {request['status'] or '---'} {request['method']} {target}  {request['milliseconds']:.0f} ms"
    if request["error_code"]:
        line += f"  {printable(request['error_code'])}"
    if request["fault"]:
        line += f"  (fault {request['fault']})"
    output.text(line)
