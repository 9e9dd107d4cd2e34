"""The contenders and the environments that they run in, under `.bench/`: made once, each with its own packages.

A peer that cannot be installed or does not start is told as absent; it fails nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".bench"

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "ours": ("urllib3", "python-dateutil", "typing-extensions", "aiohttp"),
    "speed": ("urllib3", "python-dateutil", "typing-extensions", "msgspec"),
    # It declares neither urllib3 nor python-dateutil, and imports both.
    "official": ("xendit-python==7.0.0", "python-dateutil", "urllib3"),
    "stripe": ("stripe",),
    "queues": ("procrastinate", "pgqueuer", "psycopg[binary]", "asyncpg"),
    "peers": ("pydantic>=2", "msgspec", "attrs", "cattrs", "urllib3", "httpx", "aiohttp"),
}
CONTENDERS: dict[str, str] = {
    "ours": "ours",
    "ours_speed": "speed",
    "plain_json": "peers",
    "urllib3_json": "peers",
    "official": "official",
    "stripe_sdk": "stripe",
    "pydantic_models": "peers",
    "msgspec_structs": "peers",
    "attrs_cattrs": "peers",
    "httpx_json": "peers",
    "aiohttp_json": "peers",
}
"""Contenders by module, and the environment of each."""
QUICK = ("ours", "ours_speed", "plain_json", "urllib3_json", "official", "aiohttp_json")


def python_of(environment: str) -> Path:
    """The interpreter of an environment."""
    return HOME / environment / "bin" / "python"


def prepare(environment: str) -> str | None:
    """Make an environment with what belongs in it; the reason why it cannot be had, or None."""
    python, stamp = python_of(environment), HOME / environment / "installed.txt"
    wanted = "\n".join((sys.version, *ENVIRONMENTS[environment]))
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {', '.join(ENVIRONMENTS[environment])} …", file=sys.stderr)
        made = _run(sys.executable, "-m", "venv", "--clear", str(HOME / environment))
        made = made or _pip(python, *ENVIRONMENTS[environment])
        if made:
            return made
        stamp.write_text(wanted, encoding="utf-8")
    if environment in ("ours", "speed"):  # as users install it, and as it is now
        return _pip(python, "--force-reinstall", "--no-deps", str(ROOT))
    return None


def _pip(python: Path, *what: str) -> str | None:
    return _run(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *what)


def _run(*command: str) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


class Absent(Exception):
    """A contender that is not there, and why."""


class Contender:
    """A worker process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.python = python_of(CONTENDERS[name])
        command = [str(self.python), str(ROOT / "bench" / "worker.py"), name]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HOME
        )
        self.about = self.ask("about")

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have a command done, and give its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        else:
            line = self.process.stdout.readline()
            if line:
                answer: dict[str, Any] = json.loads(line)
                return answer
        said = self.process.stderr.read().strip().splitlines()
        raise Absent(said[-1] if said else "its process ended")

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
