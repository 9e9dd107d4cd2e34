"""The `xendit` command's entry point: says in one line when the extra `cli` is missing.

The commands themselves are in `commands.py`, which needs click.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and give its exit code; 2 when the extra is missing, as for wrong usage."""
    try:
        from xendit.cli.commands import xendit
    except ImportError as problem:
        print(f"xendit: {problem}", file=sys.stderr)
        return 2
    from xendit.installation import clash

    if trouble := clash():
        print(f"xendit: {trouble}", file=sys.stderr)
    result = xendit(standalone_mode=True)
    return int(result or 0)
