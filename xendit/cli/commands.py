"""The tree of `xendit`: what there is at the top, each loaded when it is used."""

from __future__ import annotations

from xendit.cli.extra import click
from xendit.cli.frame import Group
from xendit.version import __version__

_EXIT_CODES = """\
Exit codes: 0 ok, 1 the API said no, 2 wrong usage, 3 not allowed, 4 not found, 5 no answer, 6 the outcome is unknown,
130 interrupted. The API key is read from XENDIT_API_KEY and never taken from the command line.
"""


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXIT_CODES,
    homes={
        "sandbox": ("sandbox", "sandbox", "A local Xendit: run it, pay, expire, move its clock, break it."),
        "invoices": ("invoices", "invoices", "Create, read, list, expire, watch and export invoices."),
        "webhooks": ("webhooks", "webhooks", "Verify, send, replay and follow webhooks."),
        "trigger": ("webhooks", "trigger", "Make something happen to an invoice of yours."),
        "doctor": ("doctor", "doctor", "Look for what could be wrong, and say what to do."),
        "openapi": ("openapi", "openapi", "Print the OpenAPI document of the Invoice API."),
        "completion": ("completion", "completion", "Print a shell's completion script."),
    },
    examples=[
        "xendit sandbox demo",
        "xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver",
        "xendit invoices create --external-id order-1 --amount 150000 --sandbox",
    ],
)
@click.version_option(__version__, prog_name="xendit-sdk")
def xendit() -> None:
    """Xendit's Invoice API from the command line, and a local Xendit to try it on."""
