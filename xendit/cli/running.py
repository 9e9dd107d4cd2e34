"""Which sandboxes run on this machine: each has a small file, by which `xendit sandbox pay` finds the one that is up."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xendit.sandbox.storage import state_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox.local import Sandbox


class Running(NamedTuple):
    """A sandbox that runs, or did when its file was written."""

    url: str
    api_key: str
    callback_token: str


def kept_by(sandbox: Sandbox) -> str:
    """What became of everything that a sandbox held, as the end of a sentence that says that it has ended."""
    return "; all it held was in memory and is gone" if sandbox.db is None else f"; all it held is in {sandbox.db}"


def _directory() -> Path:
    return state_directory() / "running"


@contextmanager
def announced(sandbox: Sandbox) -> Iterator[None]:
    """Let other commands find a sandbox for as long as it runs."""
    directory = _directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{sandbox.url.rpartition(':')[2]}.json"
    facts = {
        "url": sandbox.url,
        "api_key": sandbox.api_key,
        "callback_token": sandbox.callback_token,
        "directory": str(Path.cwd()),
    }
    written = directory / f"{path.name}.{os.getpid()}"
    written.write_text(json.dumps({**facts, "pid": os.getpid()}), "utf-8")
    written.chmod(0o600)
    written.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find_running() -> Running | None:
    """The sandbox that was started last in this directory, else the last of all that still run; None without any."""
    directory = _directory()
    if not directory.is_dir():
        return None
    elsewhere: Running | None = None
    here = str(Path.cwd())
    for path in sorted(directory.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True):
        try:
            facts = json.loads(path.read_text("utf-8"))
            found = Running(facts["url"], facts["api_key"], facts["callback_token"])
            alive = _is_alive(int(facts["pid"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # another program's file, or one that is being written
        if alive:
            if facts.get("directory") == here:
                return found
            elsewhere = elsewhere or found
            continue
        with suppress(OSError):  # a killed process left the file behind
            path.unlink()
    return elsewhere


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # on Windows os.kill would end the process; whether it answers shows in the next call
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
