"""`python -m xendit.sandbox up` and its kin: the sandbox from a shell. Each command is one row of COMMANDS."""

from __future__ import annotations

import argparse
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def up(arguments: argparse.Namespace) -> int:
    """Run the sandbox until Ctrl-C."""
    from xendit.sandbox.local import Sandbox

    try:
        sandbox = Sandbox(port=arguments.port, webhook_url=arguments.webhook_url).start()
    except (OSError, OverflowError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    ended = threading.Event()
    try:
        print(_welcome(sandbox.url, sandbox.api_key, sandbox.callback_token, sandbox.webhook_url), flush=True)
        ended.wait()
    except KeyboardInterrupt:
        print("\nclosing", flush=True)
    finally:
        sandbox.close()
    return 0


def _welcome(url: str, key: str, token: str, webhook_url: str | None) -> str:
    return f"""\
SANDBOX of Xendit's Invoice API, on this machine only. Ctrl-C ends it.

  URL              {url}
  API key          {key}
  callback token   {token}
  webhooks go to   {webhook_url or "nowhere (--webhook-url)"}

Create an invoice; open its invoice_url in a browser, or pay it from here:

  curl {url}/v2/invoices -u {key}: -H 'Content-Type: application/json' \\
       -d '{{"external_id": "order-1", "amount": 10000}}'
  curl -X POST {url}/_sandbox/invoices/INVOICE_ID/pay
  curl {url}/_sandbox/deliveries
"""


def demo(arguments: argparse.Namespace) -> int:
    """Show the SDK at work: create, list, pay, webhook, expire, an error."""
    from xendit.sandbox.demo import main as run

    code: int = run(arguments.arguments)
    return code


def _up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: a free port)")
    parser.add_argument("--webhook-url", metavar="URL", help="where webhooks go; http://, on this machine")


def _demo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], Callable[[argparse.ArgumentParser], None]]] = {
    "up": (up, _up_options),
    "demo": (demo, _demo_options),
}
"""Name → what runs it (its docstring is the help) and what adds its options."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code: 2 when the extra is missing, as for wrong usage."""
    try:
        import xendit.sandbox.server  # noqa: F401
    except ImportError as problem:
        print(problem, file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(
        prog="python -m xendit.sandbox", description="A local stand-in for Xendit's Invoice API."
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
