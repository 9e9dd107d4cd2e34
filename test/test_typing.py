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

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = sorted((ROOT / "test" / "typing").glob("*.py"))
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


@pytest.fixture(scope="module", params=[said_by_mypy, said_by_pyright], ids=["mypy", "pyright"])
def said(request: pytest.FixtureRequest) -> list[tuple[str, int, str]]:
    """What one checker says about all programs."""
    return request.param()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_checker_rejects_the_marked_lines_and_no_other(said: list[tuple[str, int, str]], program: Path) -> None:
    """Each line marked as an error is rejected and no other line is."""
    rejected = {line: message for name, line, message in said if name == program.name}
    expected = expected_in(program)
    unexpected = {line: message for line, message in rejected.items() if line not in expected}
    assert unexpected == {}
    assert sorted(expected - set(rejected)) == [], "these lines should have been rejected"


def test_programs_need_no_ignore() -> None:
    """No program silences a checker, and one of them holds errors that the checkers must find."""
    texts = {program.stem: program.read_text(encoding="utf-8") for program in PROGRAMS}
    assert not [name for name, text in texts.items() if re.search(r"#\s*(type|pyright|mypy):", text)]
    assert not [name for name, text in texts.items() if "cast(" in text]
    assert len(expected_in(ROOT / "test" / "typing" / "rejected.py")) > 20
