"""`replay`: a simulated world again, as a time line and in the dashboard."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING

from xendit.cli.control import dashboard_of
from xendit.cli.ending import OK, CommandFailure, stopped_by
from xendit.cli.extra import click
from xendit.cli.output import Output
from xendit.cli.sandbox.group import sandbox

if TYPE_CHECKING:
    from xendit.testing.world.scenario import Outcome, Scenario


@sandbox.command(examples=["xendit sandbox replay 12", "xendit sandbox replay 12 --dashboard"])
@click.argument("seed", type=click.IntRange(0))
@click.option("--orders", type=click.IntRange(1, 100), help="How many shoppers come; else as many as the profile says.")
@click.option(
    "--profile",
    type=click.Choice(["full", "trial", "money"]),
    default="full",
    help="How much happens; full without it. money: what was paid is given back.",
)
@click.option(
    "--whole", is_flag=True, help="Where a promise was broken: all that happened, not the least that breaks it."
)
@click.option("--dashboard", is_flag=True, help="Show what Xendit's books hold in the end in a sandbox's dashboard.")
def replay(seed: int, orders: int | None, profile: str, whole: bool, dashboard: bool) -> int:  # noqa: FBT001
    """Live through the simulated world of a seed again, and show what happened in it (docs/Reliability.md).

    A world in which a promise is broken is cut to the fewest orders and faults that break it.
    """
    from xendit.testing.world.replay import shrink, time_line
    from xendit.testing.world.scenario import PROFILES, Scenario

    output = Output()
    size = PROFILES[profile].orders if orders is None else orders

    def world(size: int, without: frozenset[int]) -> Scenario:
        return Scenario(seed, profile=PROFILES[profile], size=size, without=without)

    logging.disable(logging.CRITICAL)  # the library would log many lines about the faults of a world
    try:
        scenario = world(size, frozenset())
        outcome = scenario.run()
        said = f"seed {seed}: {outcome.events} events, {outcome.faults} faults, digest {outcome.digest}"
        if outcome.violations and not whole:
            shrunk = shrink(lambda *cut: world(*cut).run(), outcome, size)
            scenario = world(shrunk.size, shrunk.without)
            outcome = scenario.run()
            said += f"\ncut to {shrunk.size} of {size} orders and {shrunk.left} of its faults; --whole shows all of it"
    finally:
        logging.disable(logging.NOTSET)
    output.text(time_line(outcome))
    output.text(f"\n{said}")
    for each in outcome.violations:
        output.text(f"broken: {each.promise}: {each.text}")
    if dashboard:
        return _shown(output, scenario, outcome)
    if outcome.violations:
        raise CommandFailure(f"{len(outcome.violations)} promises were broken")
    return OK


def _shown(output: Output, scenario: Scenario, outcome: Outcome) -> int:
    """Serve a sandbox that holds what Xendit's side of a world held in the end, until it is ended."""
    from threading import Event

    from xendit.testing.world.shown import sandbox_of

    with closing(sandbox_of(scenario, outcome).start()) as server:
        output.text(f"\ndashboard: {dashboard_of(server.url)}. Ctrl-C ends it.")
        try:
            Event().wait()
        except KeyboardInterrupt as interrupt:
            return stopped_by(interrupt)
    return OK
