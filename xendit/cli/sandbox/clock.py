"""`clock`: show and move the sandbox's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.cli.control import control
from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.frame import Group, json_option, sandbox_option, zone_option
from xendit.cli.output import Output
from xendit.cli.sandbox.group import sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox.state.core.jsontext import JsonObject


def show_clock(output: Output, clock: JsonObject) -> None:
    """Show how the clock stands."""
    runs = "stands" if clock["frozen"] else f"runs {clock['speed']:g} times as fast as yours"
    if not clock["frozen"] and clock["speed"] == 1:
        runs = "runs"
    output.record([("now", output.moment(clock["now"])), ("clock", runs)], clock)


@sandbox.group(
    cls=Group,
    invoke_without_command=True,
    examples=["xendit sandbox clock", "xendit sandbox clock advance 25h", "xendit sandbox clock freeze"],
)
@sandbox_option
@zone_option
@json_option
@click.pass_context
def clock(context: click.Context, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show or move the sandbox's clock: expiries and webhook retries happen when it says so."""
    if context.invoked_subcommand is None:
        show_clock(Output(as_json=as_json), control(base_url).get("/clock"))
    return OK


def _clock_command(
    name: str, path: str, body: Callable[..., JsonObject], help: str, *, takes: click.Parameter | None
) -> None:
    """Declare a command that moves the clock."""

    def move(base_url: str | None, as_json: bool, **given: object) -> int:  # noqa: FBT001
        show_clock(Output(as_json=as_json), control(base_url).post(path, body(**given)))
        return OK

    command = sandbox_option(zone_option(json_option(move)))
    made = clock.command(name, help=help)(command)
    if takes is not None:
        made.params.insert(0, takes)


_clock_command(
    "freeze",
    "/clock/freeze",
    lambda at: {"at": at} if at else {},
    "Stop the clock, at once or at a moment such as 2026-01-31T09:00:00Z.",
    takes=click.Argument(["at"], required=False),
)
_clock_command("resume", "/clock/resume", dict, "Let the clock run on from where it stands.", takes=None)
_clock_command(
    "set",
    "/clock/set",
    lambda now: {"now": now},
    "Set the clock to a moment such as 2026-01-31T09:00:00Z.",
    takes=click.Argument(["now"]),
)
_clock_command(
    "speed",
    "/clock/speed",
    lambda factor: {"factor": factor},
    "Make the clock run so many times as fast as yours.",
    takes=click.Argument(["factor"], type=float),
)


@clock.command(examples=["xendit sandbox clock advance 25h", "xendit sandbox clock advance 1d12h --json"])
@click.argument("by", metavar="DURATION")
@sandbox_option
@zone_option
@json_option
def advance(by: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Let time pass, such as 90s, 25h or 1d12h: what falls due happens in its order, before this ends."""
    from xendit.cli.events import DELIVERY_COLUMNS, delivery_row

    output = Output(as_json=as_json)
    answer = control(base_url).post("/clock/advance", {"by": by})
    if not output.for_people:
        output.json(answer)
        return OK
    show_clock(output, answer)
    if answer["deliveries"]:
        output.text("")
    output.table(DELIVERY_COLUMNS, map(delivery_row, answer["deliveries"]), "no webhook fell due")
    return OK
