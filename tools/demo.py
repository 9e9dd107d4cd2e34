"""Set up `.venv` with the sandbox and run the demonstration: `python3 tools/demo.py`.

Needs a Python 3.10 or newer and nothing else. Arguments are handed to the demonstration.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, shopper


def main(arguments: list[str]) -> int:
    """Run the demonstration of the sandbox and give its exit code."""
    command = [str(shopper()), "-m", "xendit.sandbox", "demo", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
