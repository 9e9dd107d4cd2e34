"""The commands of `xendit`, with click. So far: the sandbox; no command takes an API key."""

from __future__ import annotations

import sys

try:
    import click
except ModuleNotFoundError:
    raise ImportError('the `cli` extra is missing: pip install "xendit-sdk[cli]"') from None

from xendit.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xendit-sdk")
def xendit() -> None:
    """Xendit's Invoice API from the command line."""


@xendit.group()
def sandbox() -> None:
    """A local stand-in for Xendit's Invoice API."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; 0 is a free port.")
@click.option("--webhook-url", metavar="URL", help="Where webhooks go; http://, on this machine.")
@click.option("--db", metavar="FILE", help="Where everything is kept; else your state directory.")
@click.option("--ephemeral", is_flag=True, help="Keep everything in memory.")
@click.option("--reset", is_flag=True, help="Begin with nothing.")
@click.option("--seed", metavar="FILE", help="Take over invoices from a .toml or .json file.")
@click.option("--speed", type=float, metavar="N", help="Seconds of its clock in one of yours.")
def up(
    port: int,
    webhook_url: str | None,
    db: str | None,
    ephemeral: bool,  # noqa: FBT001  click gives it so
    reset: bool,  # noqa: FBT001
    seed: str | None,
    speed: float | None,
) -> None:
    """Run the sandbox until Ctrl-C.

    Example: xendit sandbox up --port 4010 --webhook-url http://localhost:8000/webhooks/xendit
    """
    given = {"--webhook-url": webhook_url, "--db": db, "--seed": seed, "--speed": speed}
    options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
    flags = [name for name, chosen in (("--ephemeral", ephemeral), ("--reset", reset)) if chosen]
    _run(["up", "--port", str(port), *options, *flags])


@sandbox.command()
def demo() -> None:
    """Show the SDK at work: create, list, pay, webhook, expire, an error."""
    _run(["demo"])


def _run(arguments: list[str]) -> None:
    from xendit.sandbox.__main__ import main

    sys.exit(main(arguments))
