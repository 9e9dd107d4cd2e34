"""The group `xendit inbox`, and the options that say where the inbox is. Each command is loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.cli.extra import click
from xendit.cli.frame import Group

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    F = TypeVar("F", bound=Callable[..., object])


@click.group(
    cls=Group,
    homes={
        "list": ("inbox.looking", "list_events", "The events that are not done, or those of a state."),
        "show": ("inbox.looking", "show", "All that the inbox knows of an event: attempts, error, what was sent."),
        "tally": ("inbox.looking", "tally", "How many events stand where, and how far behind the inbox is."),
        "replay": ("inbox.acting", "replay", "Let events be handled again."),
        "drain": ("inbox.acting", "drain", "Handle what is due, with your worker."),
        "purge": ("inbox.acting", "purge", "Delete what was done long ago."),
    },
    examples=[
        "xendit inbox list --inbox inbox.db",
        "xendit inbox show order-1001 --settings shop.settings",
        "xendit inbox replay --dead",
        "xendit inbox tally --most-dead 0 --most-behind 5m",
        "xendit inbox drain shop.webhooks:worker",
    ],
)
def inbox() -> None:
    """Look into the inbox of webhooks, and have events handled again.

    Which inbox: `--inbox`, with the path of a SQLite file or the URL of a database; or `--settings`, with Django's
    settings. Else XENDIT_INBOX, which keeps a password out of the list of processes; else DJANGO_SETTINGS_MODULE.
    An EVENT is named by its key, or by your external id, which may have several events.
    """


def place_options(function: F) -> F:
    """Add what says which inbox is meant."""
    options = [
        click.option(
            "--inbox", "place", metavar="PATH|URL", help="A SQLite file, or a database's URL; else XENDIT_INBOX."
        ),
        click.option("--table", metavar="NAME", help="The table's name there.  [default: xendit_inbox]"),
        click.option("--schema", metavar="NAME", help="The table's schema there."),
        click.option("--settings", metavar="MODULE", help="Django's settings; else DJANGO_SETTINGS_MODULE."),
        click.option("--using", metavar="ALIAS", help="Which of Django's databases.  [default: default]"),
    ]
    for option in reversed(options):
        function = option(function)
    return function
