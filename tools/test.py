"""Set up `.venv` and run every check of the project: `python3 tools/test.py`.

Needs a Python 3.10 or newer and nothing else. Arguments are handed to pytest: `python3 tools/test.py -k invoice`
runs those tests alone, without the checks before them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from environment import ROOT, developer

if TYPE_CHECKING:
    from pathlib import Path

TESTS = ("-m", "pytest")
#: All tests are run by four processes, on two cores too: they wait for clocks, servers and databases a good part of the time.
#: Whichever has none left takes over from the others.
ALL = (*TESTS, "--numprocesses", "4", "--dist", "worksteal")


def checks(python: Path) -> dict[str, tuple[str, ...]]:
    """Name each check and what the interpreter runs for it; the tests last, so that their summary is."""
    return {
        "style": ("-m", "ruff", "check", "."),
        "format": ("-m", "ruff", "format", "--check", "."),
        "documents": ("docs/build.py", "--check"),
        "asynchronous classes": ("tools/mirror.py", "--check"),
        "types (mypy)": ("-m", "mypy"),
        # pyright is no Python program: it has to be told which environment to look into.
        "types (pyright)": ("-m", "pyright", "--pythonpath", str(python)),
        # What is promised newest sees another standard library.
        "types of Python 3.15 (mypy)": ("-m", "mypy", "--python-version", "3.15", "xendit"),
        "types of Python 3.15 (pyright)": (
            "-m",
            "pyright",
            "--pythonpath",
            str(python),
            "--pythonversion=3.15",
            "xendit",
        ),
        "speed": ("bench/guard.py",),
        "tests": ALL,
    }


def main(arguments: list[str]) -> int:
    """Run the checks, all of them even when one fails, and give the exit code."""
    python = developer()
    if arguments:
        return run(python, (*TESTS, *arguments))
    failed = []
    # What some tests run beside the package is fetched meanwhile; most of the checks use one processor.
    fetching = subprocess.Popen([python, "-m", "interop.environments"], cwd=ROOT / "test")
    for title, command in checks(python).items():
        print(f"\n== {title}: python {' '.join(command)}", flush=True)
        started = time.monotonic()
        if run(python, command) != 0:
            failed.append(title)
        print(f"   {title}: {time.monotonic() - started:.1f} s", flush=True)
    fetching.wait()
    print("\nfailed: " + ", ".join(failed) if failed else "\nall checks passed")
    return 1 if failed else 0


def run(python: Path, command: tuple[str, ...]) -> int:
    """Run one check in the project's environment, its output on this terminal."""
    return subprocess.run([python, *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
