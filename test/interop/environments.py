"""Environments of their own for what the tests run beside this package, made in `.interop/` the first time."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent / ".interop"


def run(*command: object, timeout: float = 300, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command and give what it printed."""
    texts = [str(part) for part in command]
    return subprocess.run(texts, capture_output=True, text=True, check=False, timeout=timeout, **options)  # type: ignore[call-overload,no-any-return]


def with_packages(name: str, *requirements: str) -> Path:
    """The interpreter of an environment that holds packages; skips the test when they cannot be had."""
    home = ROOT / name
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = home / "complete"
    if not complete.exists() or complete.read_text() != "\n".join(requirements):
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        done = run(python, "-m", "pip", "install", "--quiet", *requirements)
        if done.returncode != 0:
            pytest.skip(f"{', '.join(requirements)} cannot be had: {done.stderr.strip().splitlines()[-1:]}")
        complete.write_text("\n".join(requirements))
    return python
