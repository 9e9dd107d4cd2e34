"""`xendit sandbox demo`, what the README's first command runs, as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_demo_shows_every_step_and_ends_well() -> None:
    """It creates, lists, is paid and told, expires, shows an error, and exits 0 with no warning."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from xendit.cli import main; main()", "sandbox", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    for told in (
        "status           PENDING",
        "found            1:",
        "PAID, is_paid is True",
        "IDR 150,000 by",
        "PENDING, then EXPIRED",
        "webhook          EXPIRED",
        "BadRequestException 400 API_VALIDATION_ERROR",
        "All of it ran.",
    ):
        assert told in ran.stdout
    assert "\033" not in ran.stdout
    assert "ayu@example.com" not in ran.stdout


def test_a_shop_of_the_demo_ends_with_ctrl_c() -> None:
    """An interrupt goes to the command too, which ends its application; the script waits for that."""
    import demo

    program = (
        "import os, signal, sys, time\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "time.sleep(0.7)\n"  # longer than subprocess.run waits before it kills
        "sys.exit(9)"
    )
    assert demo.to_its_end([sys.executable, "-c", program], ROOT, dict(os.environ)) == 9
