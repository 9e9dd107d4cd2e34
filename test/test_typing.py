"""The types of the package as its users' checkers see them: mypy --strict and pyright on the programs in typing/.

Each checker runs once on all programs. Every line that it rejects must be marked `# expect-error`, and every
line so marked must be rejected, by both.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = sorted((ROOT / "test" / "typing").glob("*.py"))
NAMED = {program.name: program for program in PROGRAMS}
MARK = "# expect-error"

pytestmark = pytest.mark.slow


def expected_in(program: Path) -> set[int]:
    """Give the numbers of the lines marked as errors."""
    lines = program.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.rstrip().endswith(MARK)}


def said_by_mypy() -> list[tuple[str, int, str]]:
    """Give what mypy --strict says, as (program, line, message), with no settings but the flag."""
    options = [
        "--strict",
        "--config-file=",
        "--python-version=3.10",
        "--explicit-package-bases",
        "--no-pretty",
        # Of its own: with other settings each run would throw away what the project's own check keeps.
        "--cache-dir=.mypy_cache/users",
    ]
    done = run("mypy", *options, *map(str, PROGRAMS))
    found = re.findall(r"^(.+?):(\d+)(?::\d+)?: error: (.*)$", done, re.MULTILINE)
    return [(Path(name).name, int(line), message) for name, line, message in found]


def said_by_pyright() -> list[tuple[str, int, str]]:
    """Give what pyright says, as (program, line, message), with the settings it comes with."""
    options = ["--outputjson", "--pythonversion=3.10", f"--pythonpath={sys.executable}"]
    report = json.loads(run("pyright", *options, *map(str, PROGRAMS)))
    assert report["summary"]["filesAnalyzed"] == len(PROGRAMS)
    return [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    ]


def run(checker: str, *arguments: str) -> str:
    """Run a checker at the root of the project and give its report; anything but a report fails."""
    command = [sys.executable, "-m", checker, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("said_by", [said_by_mypy, said_by_pyright], ids=["mypy", "pyright"])
def test_a_checker_rejects_the_marked_lines_and_no_other(said_by: Callable[[], list[tuple[str, int, str]]]) -> None:
    """Each line marked as an error is rejected and no other line is.

    All programs are one test: whichever process had some of them would run the checker again.
    """
    said = [each for each in said_by() if each[0] in NAMED]  # a user's checker is silent about what is installed
    unexpected = [(name, line, message) for name, line, message in said if line not in expected_in(NAMED[name])]
    assert unexpected == []
    rejected = {(name, line) for name, line, _ in said}
    expected = {(name, line) for name, program in NAMED.items() for line in expected_in(program)}
    assert sorted(expected - rejected) == [], "these lines should have been rejected"


def test_programs_need_no_ignore() -> None:
    """No program silences a checker, and one of them holds errors that the checkers must find."""
    texts = {program.stem: program.read_text(encoding="utf-8") for program in PROGRAMS}
    assert not [name for name, text in texts.items() if re.search(r"#\s*(type|pyright|mypy):", text)]
    assert not [name for name, text in texts.items() if "cast(" in text]
    assert len(expected_in(ROOT / "test" / "typing" / "rejected.py")) > 20
