"""Runs `xendit` as a process: in a pipe, or in a terminal of its own (a pty), whose screen can be read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMAND = [sys.executable, "-W", "error", "-c", "import sys; from xendit.cli import main; sys.exit(main())"]
PATIENCE = 30.0
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def environment_of(extra: Mapping[str, str]) -> dict[str, str]:
    """An environment in which nothing of this machine's own is seen, nor the width of another terminal, nor its time zone.

    `COLUMNS` wins over the terminal's own width, and it is often there unasked: whoever imports `readline` sets it for
    all processes that are started afterwards.
    """
    hidden = (
        "XENDIT_",
        "HTTP",
        "ALL_PROXY",
        "NO_PROXY",
        "CI",
        "NO_COLOR",
        "FORCE_COLOR",
        "TTY_",
        "COVERAGE_",
        "COLUMNS",
        "LINES",
    )
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(hidden)}
    return {**kept, "TERM": "xterm-256color", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1", **extra}


def piped(arguments: Sequence[str], environment: Mapping[str, str], **options: object) -> Done:
    """Run a command to its end, with pipes."""
    given = {"input": "", **options}
    ran = subprocess.run(
        [*COMMAND, *arguments],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **given,  # type: ignore[call-overload]
    )
    return Done(ran.returncode, ran.stdout, ran.stderr)


class Terminal:
    """A command in a terminal. `screen` is all that was shown, without colours; `raw` has them."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], *, cwd: object = None, width: int = 100
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment_of(environment),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,  # type: ignore[arg-type]
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  no threads here
        )
        os.close(theirs)
        self.raw = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._ours)

    @property
    def screen(self) -> str:
        """What a person saw."""
        return _CODES.sub("", self.raw).replace("\r\n", "\n")

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what is shown; False at its end."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self._ours, 65_536)
        except OSError:  # the other side is gone
            return False
        self.raw += chunk.decode("utf-8", "replace")
        return bool(chunk)

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert self.read() or text in self.screen, f"{text!r} never came:\n{self.screen}"
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{self.screen}"

    def type(self, text: str) -> None:
        """Type something."""
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.type("\x03")

    def end(self) -> int:
        """Wait for its end and give the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.screen}"
        return self.process.wait(PATIENCE)


def shown(arguments: Sequence[str], environment: Mapping[str, str], **options: object) -> tuple[int, str]:
    """Run a command to its end in a terminal; give exit code and screen."""
    with Terminal(arguments, environment, **options) as terminal:  # type: ignore[arg-type]
        code = terminal.end()
        return code, terminal.screen


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
