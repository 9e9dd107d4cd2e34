"""The tree of `xendit`: what there is at the top, each loaded when it is used."""

from __future__ import annotations

from xendit.cli.extra import click
from xendit.cli.frame import Group
from xendit.command_names import COMMANDS, GROUPS
from xendit.version import __version__

WIDEST = 100
"""Columns of a help, on a terminal that has more."""
_EXIT_CODES = """\
Exit codes: 0 ok, 1 the API said no, 2 wrong usage, 3 not allowed, 4 not found, 5 no answer, 6 the outcome is unknown,
130 interrupted. The API key is read from XENDIT_API_KEY and never taken from the command line.
"""


class _Root(Group):
    """The top of the tree: it has commands of its own, and a group for each product, which is made when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The sandbox, the products, then the commands about webhooks and about this installation."""
        first, *rest = super().list_commands(ctx)
        return [first, *GROUPS, *(name for name in rest if name not in GROUPS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name in GROUPS and cmd_name not in self.commands:
            from xendit.cli.product_commands import ProductCommands
            from xendit.products import product_of

            folder, api, _ = GROUPS[cmd_name]
            self.commands[cmd_name] = ProductCommands(product_of(folder), api).group()
        return super().get_command(ctx, cmd_name)

    def help_line(self, name: str) -> str | None:
        """The one-line help of a command that need not be loaded for it."""
        return GROUPS[name][2] if name in GROUPS else super().help_line(name)


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    epilog=_EXIT_CODES,
    homes={
        "sandbox": ("sandbox", "sandbox", "A local Xendit: run it, pay, expire, move its clock, break it."),
        "webhooks": ("webhooks", "webhooks", "Verify, send, replay and follow webhooks."),
        "inbox": ("inbox", "inbox", "Look into the inbox of webhooks, and have events handled again."),
        **COMMANDS,
        "reconcile": (
            "reconcile",
            "reconcile",
            "What was paid, what Xendit kept, what is settled, what does not add up.",
        ),
        "doctor": ("doctor", "doctor", "Look for what could be wrong, and say what to do."),
        "openapi": ("openapi", "openapi", "Print the OpenAPI document of the API, as this SDK knows it."),
        "completion": ("completion", "completion", "Print a shell's completion script."),
    },
    examples=[
        "xendit sandbox demo",
        "xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver",
        "xendit doctor --sandbox --webhook-url http://localhost:8000/webhooks/xendit",
    ],
)
@click.version_option(__version__, prog_name="xendit-sdk")
def xendit() -> None:
    """Xendit's API from the command line, and a local Xendit to try it on."""
