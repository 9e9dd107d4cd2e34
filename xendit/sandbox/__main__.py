"""`python -m xendit.sandbox up` and its kin: the sandbox from a shell. Each command is one row of COMMANDS."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.sandbox.local import Sandbox


def up(arguments: argparse.Namespace) -> int:
    """Run the sandbox until Ctrl-C."""
    from xendit.sandbox.local import Sandbox
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.assumptions import read_choices
    from xendit.sandbox.storage import default_path

    sandbox = None
    try:
        sandbox = Sandbox(
            port=arguments.port,
            webhook_url=arguments.webhook_url,
            db=None if arguments.ephemeral else arguments.db or default_path(arguments.name),
            assumptions=Assumptions() if arguments.reset else None,
            assume=read_choices(arguments.assume, arguments.currency),
            speed=arguments.speed,
            listen=arguments.listen,
            exposed=arguments.exposed,
            allowed_hosts=arguments.allow_host,
            webhook_hosts=arguments.allow_webhook_host,
        ).start()
        if arguments.reset:
            sandbox.reset()
        if arguments.seed:
            sandbox.load(arguments.seed)
    except (OSError, OverflowError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        if sandbox is not None:
            sandbox.close()
        return 1
    ended = threading.Event()
    try:
        print(_welcome(sandbox, arguments), flush=True)
        ended.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would only keep it from closing its file
        print("\nclosing", flush=True)
    finally:
        sandbox.close()
    return 0


def _welcome(sandbox: Sandbox, arguments: argparse.Namespace) -> str:
    from xendit.sandbox.parts import first_steps
    from xendit.sandbox.products import titles

    url, key = sandbox.url, sandbox.api_key
    clock = "as yours"
    if sandbox.clock.frozen or sandbox.clock.dump()["ahead"] or sandbox.clock.speed != 1:
        shown = sandbox.clock.json()
        clock = f"{shown['now']}, {'frozen' if shown['frozen'] else 'running'}, speed {shown['speed']:g}"
    reach = "OPEN to everyone who reaches this machine" if arguments.exposed else "on this machine only"
    return f"""\
SANDBOX of Xendit's {titles()}, {reach}. Ctrl-C ends it.

  URL              {url}
  dashboard        {url}/_sandbox/
  API key          {key}
  callback token   {sandbox.callback_token}
  webhooks go to   {sandbox.webhook_url or "nowhere (--webhook-url)"}
  clock            {clock}
  kept in          {sandbox.db or "memory: gone when it ends (--ephemeral)"}
  assumes          {sandbox.assumptions.switched() or "what docs/Fidelity.md says"}

{first_steps(url, key)}
  curl {url}/_sandbox/deliveries
"""


def demo(arguments: argparse.Namespace) -> int:
    """Show the SDK at work: create, list, pay, webhook, expire, an error."""
    from xendit.sandbox.parts import run_demo

    return run_demo(arguments.arguments)


def _up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: a free port)")
    parser.add_argument("--webhook-url", metavar="URL", help="where webhooks go; http://, on this machine")
    parser.add_argument("--db", metavar="FILE", help="where everything is kept (default: a file for this directory)")
    parser.add_argument("--name", help="keep everything under this name, whatever the directory")
    parser.add_argument(
        "--currency", metavar="CODE", help="the currency of the account that it stands for, such as PHP"
    )
    parser.add_argument(
        "--assume", action="append", default=[], metavar="NAME=VALUE", help="another choice of docs/Fidelity.md; kept"
    )
    parser.add_argument("--ephemeral", action="store_true", help="keep everything in memory")
    parser.add_argument("--reset", action="store_true", help="begin with nothing")
    parser.add_argument("--seed", metavar="FILE", help="take over what stands in a .toml or .json file")
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="seconds of its clock in one of yours")
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS", help="where to listen")
    parser.add_argument("--exposed", action="store_true", help="yes, I mean it: others may reach --listen")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME[:PORT]", help="a Host to answer")
    parser.add_argument(
        "--allow-webhook-host", action="append", default=[], metavar="NAME", help="where webhooks may also go"
    )


def _demo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], Callable[[argparse.ArgumentParser], None]]] = {
    "up": (up, _up_options),
    "demo": (demo, _demo_options),
}
"""For each command: the function that runs it (whose docstring is the help), and the one that adds its options."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code: 2 when the extra is missing, as for wrong usage."""
    try:
        import xendit.sandbox.server  # noqa: F401
    except ImportError as problem:
        print(problem, file=sys.stderr)
        return 2
    from xendit.sandbox.products import titles

    parser = argparse.ArgumentParser(
        prog="python -m xendit.sandbox", description=f"A local stand-in for Xendit's {titles()}."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (run, add_options) in COMMANDS.items():
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        add_options(command)
        command.set_defaults(run=run)
    arguments = parser.parse_args(argv)
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
