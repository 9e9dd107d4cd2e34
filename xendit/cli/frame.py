"""The base of all commands: commands with examples, groups that load their commands on use, and common options."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xendit.cli.extra import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias, TypeVar

    F = TypeVar("F", bound=Callable[..., object])
    #: The module that holds a command, its name there, and its one-line help.
    Home: TypeAlias = tuple[str, str, str]


class ExampleCommand(click.Command):
    """A command whose help ends with examples: lines to copy."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add the examples."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


class Group(click.Group):
    """A group of commands. A command in `homes` is loaded when it runs or when its own help is asked for, not before.

    `homes` gives for each name the module that holds it (below `xendit.cli`, or by its whole name), its name there,
    and its one-line help.
    """

    command_class = ExampleCommand

    def __init__(
        self,
        *args: Any,
        homes: dict[str, Home] | None = None,
        examples: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.homes = homes or {}
        self.examples = tuple(examples)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of their declaration."""
        return [*(name for name in self.commands if name not in self.homes), *self.homes]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name in self.homes and cmd_name not in self.commands:
            module, name, _ = self.homes[cmd_name]
            place = module.removeprefix("xendit.") if module.startswith("xendit.") else f"cli.{module}"
            self.commands[cmd_name] = getattr(import_module(f"xendit.{place}"), name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for, or name the nearest."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from xendit.words import nearest

            guess = nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no command {args[0]!r}{guess}", ctx)
        return super().resolve_command(ctx, args)

    def help_line(self, name: str) -> str | None:
        """The one-line help of a command that need not be loaded for it; None for one that is there already."""
        return self.homes[name][2] if name in self.homes else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        rows = []
        for name in self.list_commands(ctx):
            line = self.help_line(name)
            if line is not None:
                rows.append((name, line))
            elif not self.commands[name].hidden:
                rows.append((name, self.commands[name].get_short_help_str(limit=90)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Add the examples."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


def product_homes(group: str) -> dict[str, Home]:
    """The commands that the products add to a group, as each declares them; `""` is the top of the tree."""
    from xendit.products import products

    return {
        name: (f"{product.package}.{module}", function, line)
        for product in products()
        for name, (module, function, line) in product.commands.get(group, {}).items()
    }


def group_name(noun: str) -> str:
    """What the group of commands for such things is called: the noun in the plural, with dashes for spaces."""
    name = noun.replace(" ", "-").replace("_", "-").lower()
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """Write the section of examples."""
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{' ' * formatter.current_indent}{example}\n")


def json_option(function: F) -> F:
    """Add `--json`."""
    option = click.option("--json", "as_json", is_flag=True, help="JSON, also on a terminal (a pipe gets it anyhow).")
    return option(function)


def zone_option(function: F) -> F:
    """Add `--tz`, the time zone of the times that the whole command shows and reads."""
    option = click.option(
        "--tz",
        metavar="ZONE",
        is_eager=True,  # read before the options whose values are times
        expose_value=False,
        callback=_take_zone,
        help="The time zone of times: a name such as Asia/Jakarta, UTC, or local (the default).",
    )
    return option(function)


def _take_zone(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    from xendit.cli.times import take_zone

    return take_zone(ctx, param, given)


def connection_options(function: F) -> F:
    """Add what says which API is called."""
    options = [
        click.option("--base-url", metavar="URL", help="The API's address; else XENDIT_BASE_URL, else Xendit."),
        click.option("--sandbox", "to_sandbox", is_flag=True, help="The sandbox that runs on this machine."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def key_rotated_option(function: F) -> F:
    """Add the option that says that another key belongs to the same account."""
    option = click.option(
        "--key-rotated", is_flag=True, help="The account's key was replaced since: go on with what was kept."
    )
    return option(function)


def delimiter_option(function: F) -> F:
    """Add what separates the cells of a CSV file."""
    option = click.option(
        "--delimiter",
        metavar="CHARACTER",
        callback=_delimiter,
        help="What separates the cells of a .csv file, such as ; or tab.",
    )
    return option(function)


def _delimiter(_ctx: click.Context, _param: click.Parameter, given: str | None) -> str | None:
    found = {"tab": "\t", "\\t": "\t"}.get(given or "", given)
    if found is not None and (len(found) != 1 or found in '\r\n"' or found.isalnum()):
        raise click.BadParameter(f"{given!r} is no single character such as ; or the word tab")
    return found


def sandbox_option(function: F) -> F:
    """Add what says which sandbox is meant."""
    option = click.option(
        "--base-url", metavar="URL", help="The sandbox's address; else XENDIT_BASE_URL, else the one that runs."
    )
    return option(function)
