"""Environments of their own for what the tests run beside this package, made in `.interop/` the first time."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
import venv
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent / ".interop"
_LIBRARIES = ("python-dateutil", "typing-extensions", "urllib3", "yarl")
_TRACING = (
    "opentelemetry-sdk",
    "opentelemetry-instrumentation-urllib3",
    "opentelemetry-instrumentation-aiohttp-client",
)
_SERVED = ("SQLAlchemy>=2", "psycopg[binary]>=3.2", "urllib3>=2", "python-dateutil", "typing-extensions", "packaging")
_SERVERS = ("gunicorn>=23", "gevent>=24", *_SERVED)
#: Seconds after which what could not be fetched is tried again.
_TRIED_AGAIN = 900.0
#: What each environment holds.
ENVIRONMENTS = {
    "python-7": ("xendit-python==7.0.0", "python-dateutil"),  # which it forgets to require
    "python-0": ("xendit-python==0.2.2", "setuptools<81"),
    "schemathesis": ("schemathesis==4.32.5",),
    # The newest of each tool, and the last pair with which aioresponses and httpretty work.
    "tools": (*_LIBRARIES, "aiohttp", "vcrpy", "pytest-recording", "pook", "responses", "sentry-sdk", *_TRACING),
    "tools-last": (*_LIBRARIES, "aiohttp==3.13.5", "urllib3==2.2.3", "aioresponses==0.7.9", "httpretty==1.1.4"),
    "packed": ("urllib3", "python-dateutil", "typing-extensions", "Werkzeug", "Jinja2", "segno", "pyinstaller"),
    "servers": _SERVERS,
    "servers-pyuwsgi": (*_SERVERS, "pyuwsgi"),
    "servers-eventlet": (*_SERVERS, "eventlet>=0.39"),
}


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


def fetch(name: str, what: str, *command: object) -> None:
    """Run the command that fills an environment. Where it fails the test is skipped, and so is each that needs it soon after:
    npm tries for more than a minute before it gives up.
    """
    failed = ROOT / f"{name}.failed"
    if failed.exists() and time.time() - failed.stat().st_mtime < _TRIED_AGAIN:
        pytest.skip(failed.read_text())
    done = run(*command)
    if done.returncode != 0:
        failed.write_text(f"{what} cannot be had: {done.stderr.strip().splitlines()[-1:]}")
        pytest.skip(failed.read_text())


def with_packages(name: str) -> Path:
    """The interpreter of an environment of ENVIRONMENTS; skips the test when its packages cannot be had."""
    home = ROOT / name
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = home / "complete"
    requirements = ENVIRONMENTS[name]
    with alone(name):
        if not complete.exists() or complete.read_text() != "\n".join(requirements):
            shutil.rmtree(home, ignore_errors=True)
            venv.create(home, with_pip=True)
            fetch(name, ", ".join(requirements), python, "-m", "pip", "install", "--quiet", *requirements)
            complete.write_text("\n".join(requirements))
    return python


def with_node() -> tuple[str, dict[str, str]]:
    """Node, and the environment variables by which it finds xendit-node; skips the test where one of them cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no Node here")
    modules = ROOT / "node" / "node_modules"
    with alone("node"):
        if not (modules / "xendit-node").exists():
            modules.parent.mkdir(parents=True, exist_ok=True)
            quiet = ("--silent", "--no-fund", "--no-audit")
            fetch("node", "xendit-node", npm, "install", *quiet, "--prefix", modules.parent, "xendit-node@7.0.0")
    return node, {**os.environ, "NODE_PATH": str(modules)}


def main() -> None:
    """Make them all, so that no test waits for one: tools/test.py runs this beside the checkers. What fails, its tests tell."""
    for make in (with_node, *(partial(with_packages, name) for name in ENVIRONMENTS)):
        with suppress(pytest.skip.Exception, subprocess.TimeoutExpired):
            make()


if __name__ == "__main__":
    main()
