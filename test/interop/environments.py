"""Environments of their own for what the tests run beside this package, made in `.interop/` the first time."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent / ".interop"


def run(*command: object, timeout: float = 300, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command and give what it printed."""
    texts = [str(part) for part in command]
    return subprocess.run(texts, capture_output=True, text=True, check=False, timeout=timeout, **options)  # type: ignore[call-overload,no-any-return]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Only one process makes an environment: those that run the tests beside it wait until it is whole, because all share it."""
    ROOT.mkdir(exist_ok=True)
    with (ROOT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def with_packages(name: str, *requirements: str) -> Path:
    """The interpreter of an environment that holds packages; skips the test when they cannot be had."""
    home = ROOT / name
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = home / "complete"
    with alone(name):
        if not complete.exists() or complete.read_text() != "\n".join(requirements):
            shutil.rmtree(home, ignore_errors=True)
            venv.create(home, with_pip=True)
            done = run(python, "-m", "pip", "install", "--quiet", *requirements)
            if done.returncode != 0:
                pytest.skip(f"{', '.join(requirements)} cannot be had: {done.stderr.strip().splitlines()[-1:]}")
            complete.write_text("\n".join(requirements))
    return python
