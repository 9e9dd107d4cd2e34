"""Run the tests on the Pythons of this machine within a time limit: `python3 tools/matrix.py [seconds]`.

Calls the noxfile's `quick` session once for each Python and says plainly what was left out and why. For all of
it, however long it takes: `nox`.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from environment import PYTHONS, ROOT, URLLIB3S, developer, interpreters


def main(arguments: list[str]) -> int:
    """Run what fits and give the exit code; what was left out is no failure, finding no Python at all is."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for a background job of a script; nox has to hear it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    python = developer()
    end = time.monotonic() + float(arguments[0] if arguments else "480")
    found = interpreters()
    results = {}
    for version in PYTHONS:
        left = end - time.monotonic()
        if version not in found:
            results[version] = "not on this machine"
        elif left <= 0:
            results[version] = "not run: the time was up"
        else:
            results[version] = run([str(python), "-m", "nox", "--session", f"quick-{version}"], left)
    print("\nurllib3 " + ", ".join(each or "newest" for each in URLLIB3S) + " on each of")
    for version, result in results.items():
        print(f"  Python {version}: {result}")
    return 1 if "failed" in results.values() or not found else 0


def run(command: list[str], seconds: float) -> str:
    """Run one session and say in a word or two what came of it."""
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            return "passed" if process.wait(seconds) == 0 else "failed"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # nox ends what it started
            return "not finished: the time was up"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
