"""`events`: follow what happens. Also what opens an address in a browser."""

from __future__ import annotations

from xendit.cli.control import control
from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.frame import json_option, sandbox_option, zone_option
from xendit.cli.output import Output
from xendit.cli.sandbox.group import sandbox


@sandbox.command(examples=["xendit sandbox events", "xendit sandbox events --count 1 | jq .status"])
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@sandbox_option
@zone_option
@json_option
def events(count: int | None, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show what happens, as it happens: payments and webhooks. In a pipe one JSON object a line."""
    from xendit.cli.events import Teller, following

    output, plane = Output(as_json=as_json), control(base_url)
    begun = following(output, plane.url)
    Teller(plane.url, output.text if output.for_people else None, output, begun).follow(count)
    return OK


def open_address(address: str, *, only_print: bool) -> int:
    """Open an address in a browser, or print it where there is none."""
    output = Output()
    if only_print or click.launch(address) != 0:
        print(address)
        return OK
    output.say(f"opened {address}")
    return OK
