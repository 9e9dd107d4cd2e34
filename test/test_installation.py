"""The official SDK installed beside ours is noticed and told, by the command and by pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xendit.installation import clash


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A place on the import path that says it holds xendit-python."""
    metadata = tmp_path / "xendit_python-7.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: xendit-python\nVersion: 7.0.0\n", "utf-8")
    return tmp_path


def test_nothing_is_said_when_we_are_alone() -> None:
    """The usual case."""
    assert clash() is None


def test_the_clash_is_told_with_the_cure(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names both packages and the two commands."""
    monkeypatch.syspath_prepend(str(beside))
    told = clash()
    assert told is not None
    assert "xendit-python 7.0.0 is installed beside xendit-sdk" in told
    assert "pip uninstall xendit-python" in told


def test_the_command_and_pytest_tell_it(beside: Path) -> None:
    """Whoever runs either reads it before anything else goes wrong."""
    run = "import sys; sys.argv = ['xendit', '--version']; from xendit.cli import main; main()"
    for program in (
        ["-c", run],
        ["-m", "pytest", "-p", "xendit.testing.plugin", "--collect-only", "-p", "no:cacheprovider", str(beside)],
    ):
        ran = subprocess.run(
            [sys.executable, *program],
            env={
                "PATH": "",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTHONPATH": f"{beside}:{Path(__file__).resolve().parent.parent}",
            },
            cwd=beside,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "installed beside xendit-sdk" in ran.stdout + ran.stderr
