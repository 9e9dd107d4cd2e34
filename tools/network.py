"""Networks as they are, in network namespaces: `python tools/network.py` prints a table of what ran and what was skipped.

It needs Linux, root, and `ip`, `iptables`, `ip6tables` and `tc` (Debian: iproute2, iptables); each test that lacks something says
so. What is given on the command line goes to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from environment import ROOT, developer
from lanes import rows_of, table


def main(arguments: list[str]) -> int:
    """Run the tests and give pytest's exit code; a run without root is no failure."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [
            str(developer()),
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-r",
            "fE",
            "test/network",
            f"--junitxml={report}",
        ]
        done = subprocess.run([*command, *arguments], cwd=ROOT, check=False)
        if report.exists():
            print(table(("network", "result"), rows_of(report)))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
