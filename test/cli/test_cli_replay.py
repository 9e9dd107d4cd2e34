"""`xendit sandbox replay`: a simulated world as a time line, and in the dashboard."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from .terminal import COMMAND

REPLAY = [*COMMAND, "sandbox", "replay"]
ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def test_a_seed_is_shown_as_a_time_line() -> None:
    """The time line names who did what when, and a second run is the same to the last character."""
    shown = [
        subprocess.run([*REPLAY, "3"], capture_output=True, text=True, env=ENVIRONMENT, check=True).stdout
        for _ in range(2)
    ]
    assert "creates" in shown[0] or "create_invoice" in shown[0]
    assert "seed 3:" in shown[0]
    assert shown[0] == shown[1]


def test_the_dashboard_shows_what_the_books_hold() -> None:
    """With --dashboard the records, requests and webhooks of the world stand in a sandbox, until Ctrl-C."""
    with subprocess.Popen(
        [*REPLAY, "3", "--dashboard"], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("dashboard:"))
            url = line.split()[1].rstrip(".")
            with urllib.request.urlopen(url, timeout=10) as answer:
                page = answer.read().decode()
            assert "order-1" in page
            for name, shown in (("webhooks", "Invoice PAID"), ("requests", "/v2/invoices")):
                with urllib.request.urlopen(f"{url}ui/{name}", timeout=10) as answer:
                    assert shown in answer.read().decode()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


#: A product with a planted defect, and the command. The seed is the one that finds the defect (test/world/defects/found.json).
_PLANTED = """
import sys
from world.defects import defects
from world.defects.planting import plant
plant(defects()["a fence is dropped"])
from xendit.cli import main
sys.argv[:] = ["xendit", "sandbox", "replay", "30", *sys.argv[1:]]
sys.exit(main())
"""


def test_a_broken_promise_is_cut_to_what_breaks_it() -> None:
    """Of a seed that fails the time line tells of the order alone, with the fewest faults; --whole shows all of it."""
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "test")])}
    command = [sys.executable, "-c", _PLANTED]
    cut = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    whole = subprocess.run([*command, "--whole"], capture_output=True, text=True, env=environment, check=False)
    assert (cut.returncode, whole.returncode) == (1, 1)
    assert "broken: every effect once: " in cut.stdout
    assert "order-3" in cut.stdout
    assert "order-1" not in cut.stdout
    assert cut.stdout.count("handled  paid order-3") == 2
    assert "and 1 of its faults; --whole shows all of it" in cut.stdout
    assert len(cut.stdout.splitlines()) < 30
    assert "cut to" not in whole.stdout
    assert next(line for line in whole.stdout.splitlines() if line.startswith("seed 30: ")) in cut.stdout
