"""`xendit inbox replay`, `drain` and `purge`: what changes an inbox."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import API, OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import DurationType
from xendit.cli.frame import json_option
from xendit.cli.inbox.group import inbox, place_options
from xendit.cli.inbox.looking import rows_of
from xendit.cli.inbox.places import DJANGO_VARIABLE, look_here, opened, set_up_django
from xendit.cli.output import Output
from xendit.words import nearest, type_name

if TYPE_CHECKING:
    from datetime import timedelta

    from typing_extensions import Unpack

    from xendit.cli.inbox.places import Place
    from xendit.webhook.inbox import Stored


@inbox.command(
    examples=[
        "xendit inbox replay order-1001 --inbox inbox.db",
        "xendit inbox replay --dead",
    ]
)
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option("--dead", is_flag=True, help="Every dead letter.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, also for what was handled already.")
@place_options
@json_option
def replay(events: tuple[str, ...], dead: bool, yes: bool, as_json: bool, **place: Unpack[Place]) -> int:  # noqa: FBT001
    """Let events be handled again by the next worker that looks, with all their attempts anew.

    What was handled already is asked about first, for its effect would come a second time. Nothing is handled here:
    `xendit inbox drain` does.
    """
    output = Output(as_json=as_json)
    if dead == bool(events):
        raise click.UsageError("name the events, or give --dead for every dead letter")
    with opened(**place) as found:
        rows = _dead(found.inbox) if dead else [row for event in events for row in rows_of(found, event)]
        done = [row for row in rows if row.state == "done"]
        if done and not yes:
            _ask(done)
        again: list[str] = []
        busy: list[str] = []
        for row in rows:
            (again if found.inbox.replay(row.key) else busy).append(row.key)
    if output.for_people:
        output.done(f"{len(again)} to be handled again by the next worker")
    else:
        output.json({"replayed": again, "left_alone": busy})
    if busy:
        output.fail(f"{len(busy)} left alone, for a worker has them right now: {', '.join(busy)}")
    return API if busy else OK


def _dead(found: Any) -> list[Stored]:
    """Every dead letter, the oldest first."""
    rows: list[Stored] = found.letters("dead", max(1, found.tally().dead))
    return rows[::-1]


def _ask(done: list[Stored]) -> None:
    """Ask before events are handled again that were handled already. Raises CommandFailure unless the answer is yes."""
    named = ", ".join(row.key for row in done[:5]) + (" …" if len(done) > 5 else "")
    said = f"{len(done)} of them {'was' if len(done) == 1 else 'were'} handled already ({named}): the effect would come a second time"
    if not sys.stdin.isatty():
        raise CommandFailure(f"{said}. Nothing was changed", USAGE, hint="give --yes if you mean it")
    if not click.confirm(f"{said}. Handle again?", err=True):
        raise CommandFailure("nothing was changed", API)


@inbox.command(examples=["xendit inbox purge --older-than 90d --inbox inbox.db"])
@click.option(
    "--older-than", type=DurationType(), metavar="DURATION", required=True, help="How long ago; at least 31d."
)
@place_options
@json_option
def purge(older_than: timedelta, as_json: bool, **place: Unpack[Place]) -> int:  # noqa: FBT001
    """Delete what was done long ago. Dead letters stay; an event that is deleted would be handled again if it came again."""
    output = Output(as_json=as_json)
    with opened(**place) as found:
        purged = found.inbox.purge(older_than)
    if output.for_people:
        output.done(f"{purged} deleted" if purged else "nothing was done that long ago")
    else:
        output.json({"purged": purged})
    return OK


@inbox.command(
    examples=[
        "xendit inbox drain shop.webhooks:worker",
        "xendit inbox drain --settings shop.settings",
        "xendit inbox drain shop.webhooks:worker --watch",
    ]
)
@click.argument("worker", required=False, metavar="[MODULE:WORKER]")
@click.option("--settings", metavar="MODULE", help="Django's settings, whose XENDIT_WEBHOOK_WORKER names the worker.")
@click.option("--limit", type=click.IntRange(1), metavar="NUMBER", help="How many events at most.")
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C or SIGTERM, after the event under way.")
@click.option(
    "--poll",
    type=click.FloatRange(0.01),
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="How often --watch looks.",
)
@json_option
def drain(
    worker: str | None,
    settings: str | None,
    limit: int | None,
    watch: bool,  # noqa: FBT001
    poll: float,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Handle what is due, with your worker, and say what became of it: exit code 1 when an event failed.

    The worker is a Worker or a TransactionWorker of your program, or one of the asynchronous ones. It knows its inbox.
    """
    output = Output(as_json=as_json)
    if watch and limit is not None:
        raise click.UsageError("--limit is for a drain that ends: leave --watch out")
    found = _worker(worker, settings)
    if watch:
        _run(output, found, poll)
        return OK
    drained = found.drain(limit=limit)
    if inspect.isawaitable(drained):
        drained = asyncio.run(_awaited(drained))
    counts = drained._asdict()
    if output.for_people:
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        output.say(told or "nothing was due")
    else:
        output.json(counts)
    if drained.failed or drained.dead:
        output.hint("`xendit inbox list` says why")
    return API if drained.failed or drained.dead else OK


async def _awaited(what: Any) -> Any:
    return await what


def _run(output: Output, worker: Any, poll: float) -> None:
    before = {each: signal.signal(each, lambda *_: worker.stop()) for each in (signal.SIGTERM, signal.SIGINT)}
    output.say("waiting for webhooks; Ctrl-C ends it")
    try:
        running = worker.run(poll)
        if inspect.isawaitable(running):
            asyncio.run(_awaited(running))
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _worker(named: str | None, settings: str | None) -> Any:
    """The worker that is meant. Raises CommandFailure where there is none."""
    settings = settings or (None if named else os.environ.get(DJANGO_VARIABLE))
    if settings:
        set_up_django(settings)
    if named:
        found = _imported(named)
    elif settings:
        from xendit.webhook.django.checks import worker_of_settings

        try:
            found = worker_of_settings()
        except (ImportError, TypeError) as problem:
            raise CommandFailure(str(problem), USAGE) from None
    else:
        raise CommandFailure("which worker?", USAGE, hint="name it, such as shop.webhooks:worker, or give --settings")
    if not callable(getattr(found, "drain", None)):
        raise CommandFailure(
            f"{named} is {type_name(found)} and no worker", USAGE, hint="name a Worker or a TransactionWorker"
        )
    return found


def _imported(named: str) -> Any:
    """What a text such as `shop.webhooks:worker` names. Raises CommandFailure."""
    module_name, _, name = named.partition(":") if ":" in named else named.rpartition(".")
    if not module_name or not name:
        raise CommandFailure(
            f"{named!r} names no worker", USAGE, hint="write it as module:name, such as shop.webhooks:worker"
        )
    look_here()
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as problem:
        if problem.name is None or not f"{module_name}.".startswith(f"{problem.name}."):
            raise  # the module was found, and one that it imports is missing: the traceback shows where
        raise CommandFailure(
            f"there is no module {problem.name}", USAGE, hint="run this in your project's directory"
        ) from None
    try:
        return getattr(module, name)
    except AttributeError:
        workers = [each for each, value in vars(module).items() if callable(getattr(value, "drain", None))]
        near = nearest(name, vars(module)) or (f"; it has {', '.join(workers)}" if workers else "")
        raise CommandFailure(f"the module {module_name} has no {name!r}{near}", USAGE) from None
