"""`xendit completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.flags import WordType
from xendit.cli.frame import ExampleCommand


@click.command(
    cls=ExampleCommand,
    examples=[
        "xendit completion bash > ~/.local/share/bash-completion/completions/xendit",
        "xendit completion zsh > ~/.zfunc/_xendit",
        "xendit completion fish > ~/.config/fish/completions/xendit.fish",
    ],
)
@click.argument("shell", type=WordType(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print a shell's completion script, to be kept where the shell looks for it."""
    from click.shell_completion import get_completion_class

    from xendit.cli.commands import xendit

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(xendit, {}, "xendit", "_XENDIT_COMPLETE").source())
    return OK
