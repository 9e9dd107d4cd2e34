"""The `xendit` command's entry point: runs it, and turns every end into one sentence and an exit code.

The commands are declared in `commands.py` and the modules beside it, which need click.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and give its exit code; 2 when the extra is missing, as for wrong usage."""
    try:
        import click  # noqa: F401
    except ModuleNotFoundError:
        print('xendit: the `cli` extra is missing: pip install "xendit-sdk[cli]"', file=sys.stderr)
        return 2
    from xendit.cli.ending import run

    return run()
