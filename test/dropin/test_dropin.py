"""Ten small programs in the forms of public ones start and take their payments, unchanged, against the sandbox.

They are written for xendit-python 0.1 to 7.0.0; nothing in them is this package's own. Each is a process of its own,
with the key in the variable that the program reads and the sandbox as the host.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import xendit
from xendit.sandbox import Sandbox

HERE = Path(__file__).parent
PROGRAMS = sorted(HERE.glob("[0-9]*.py"))

#: What a program prints, line by line; `…` stands for what differs from run to run.
PRINTED = {
    "01_module_level_key": ["… http… PENDING"],
    "02_dict_and_error_message": ["http…", "error 400 …"],
    "03_products_side_by_side": ["PENDING booking-9", "no refund: BadRequestException", "…"],
    "04_release_0_module_key": [
        "… PENDING http…",
        "invoice-1593684000 20000",
        "EXPIRED",
        "404 INVOICE_NOT_FOUND_ERROR",
    ],
    "05_release_0_instance": ["PENDING", "['chat-42']", "not here: xendit.VirtualAccount.create: …"],
    "06_whichever_release": ["http…", "http…", "caught NotFoundException"],
    "07_in_async_code": ["[('ride-1', 12500), ('ride-2', 25000), ('ride-3', 37500)]", "ride-9"],
    "08_wallet_with_json": ["topup-3 30000 PENDING", "True 20", "topup-3 True"],
    "09_webhook_by_hand": ["web-5 True 45000", "PENDING"],
    "10_tenants": ["north-1 Tea True", "south-1 Tea True"],
}


@pytest.fixture
def sandbox():
    """A sandbox of its own, in memory."""
    with Sandbox() as sandbox:
        yield sandbox


def fits(line, printed):
    """Whether a line is what is expected of it, which `…` leaves open."""
    first, *rest = printed.split("…")
    if not line.startswith(first):
        return False
    at = len(first)
    for part in rest:
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return not rest or at == len(line) or rest[-1] == ""


def test_ten_programs():
    """Each program has its lines, and there are ten."""
    assert [program.stem for program in PROGRAMS] == list(PRINTED)
    assert len(PROGRAMS) == 10


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_program(program, sandbox):
    """The program ends well, prints what it would with the official SDK, and its invoices are there."""
    done = subprocess.run(
        [sys.executable, str(program)],
        env={
            **{name: value for name, value in os.environ.items() if "XENDIT" not in name},
            "KEY": sandbox.api_key,
            "XENDIT_BASE_URL": sandbox.url,
            "PYTHONPATH": str(Path(xendit.__file__).parents[1]),
            "PYTHONWARNINGS": "default",  # what they are warned of is no error
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines, expected = done.stdout.splitlines(), PRINTED[program.stem]
    assert len(lines) == len(expected), done.stdout
    for line, printed in zip(lines, expected, strict=True):
        assert fits(line, printed), line
    assert len(sandbox.book("invoice").ledger)
    assert "Traceback" not in done.stderr
