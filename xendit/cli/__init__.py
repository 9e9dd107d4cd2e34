"""The entry point of the `xendit` command. A command that fails, in whichever way, leaves one sentence and an exit
code.

The commands are declared in `commands.py` and the modules beside it, which need click.
"""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line and give its exit code; 2 when the extra is missing, as for wrong usage."""
    # Nothing of what is imported is garbage. Looking for some, until a command begins, would take as long as the help itself.
    collects = gc.isenabled()
    gc.disable()
    try:
        try:
            from xendit.cli.ending import run
        except ImportError as problem:
            print(f"xendit: {problem}", file=sys.stderr)
            return 2
        return run(collects=collects)
    finally:
        if collects:
            gc.enable()
