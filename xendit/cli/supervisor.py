"""Runs an application beside a sandbox: sets its environment, passes on its log, learns its port, and ends it with us."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from xendit.cli.control import dashboard_of
from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.running import kept_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xendit.cli.output import Output
    from xendit.sandbox.local import Sandbox

#: How long an application may take to end, in seconds: after Ctrl-C until the user is told, then until SIGTERM, then
#: until it is killed.
_PROMPT = 1.0
_GRACE = 5.0
_LAST_GRACE = 2.0
#: Seconds between two looks at whether it has ended.
_LOOK = 0.03
_TWICE = 2
#: After so many seconds the user is told that the application has not said where it listens.
_SILENCE = 15.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: How servers say where they are: Django, Flask, uvicorn, gunicorn, hypercorn, waitress, daphne and Node's.
_LISTENS = re.compile(
    r"(?:https?://|(?:listening|running|serving|started)\b.*?)"
    r"(?P<host>localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(?P<port>\d{1,5}))",
    re.IGNORECASE,
)


def webhook_url_of(given: str | None, app_port: int | None) -> str | None:
    """The URL that webhooks go to, as far as the options say it; None while the application must say its port."""
    if given is None:
        if app_port is not None:
            raise click.UsageError("--app-port goes with --webhook PATH")
        return None
    if given.startswith(("http://", "https://")):
        return given
    if not given.startswith("/"):
        raise click.UsageError("--webhook must be a path that begins with / or a URL that begins with http://")
    return None if app_port is None else f"http://127.0.0.1:{app_port}{given}"


class Lines:
    """Lines of several sources on our stdout and stderr, each with the name of its source before it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[int, int], tuple[str, IO[str]]] = {}
        """By file, the source whose last line there has not ended yet, such as a prompt."""

    def write(self, prefix: str, text: str, target: IO[str]) -> None:
        """Write what came from a source, whole lines or parts of one.

        If another source left a line open in the same file, that line is ended first. In a terminal, stdout and stderr
        are the same file. If each goes into a pipe of its own, they are two files, and neither ends the other's line.
        """
        source = (prefix, target)
        with self._lock, suppress(BrokenPipeError):
            place = _place(target)
            for line in text.splitlines(keepends=True):
                left_open = self._open.pop(place, None)
                if left_open is not None and left_open != source:
                    left_open[1].write("\n")
                    left_open[1].flush()
                target.write(line if left_open == source else prefix + line)
                if not line.endswith("\n"):
                    self._open[place] = source
            target.flush()


def _place(target: IO[str]) -> tuple[int, int]:
    """What identifies the file behind a stream."""
    try:
        status = os.fstat(target.fileno())
    except (OSError, ValueError):  # no file of the system's, as in tests
        return (-1, id(target))
    return (status.st_dev, status.st_ino)


class ChildProcess:
    """A command that runs beside a sandbox. `path` is where webhooks go once its port is known."""

    def __init__(self, command: Sequence[str], sandbox: Sandbox, path: str | None, output: Output) -> None:
        self._command = list(command)
        self._sandbox = sandbox
        self._path = path
        self._output = output
        self._lines = Lines()
        self._own_port = sandbox.url.rpartition(":")[2]
        self._known = threading.Event()
        self._listens = threading.Event()
        self._asked: list[int] = []
        """The signals that asked us to end."""

    def run(self, *, open_dashboard: bool) -> int:
        """Run it to its end, or to ours, and give its exit code."""
        self._take_signals()
        threading.Thread(target=self._tell, name="sandbox-events", daemon=True).start()
        self._listens.wait(_SILENCE)  # what the application does first is told too
        process = self._start()
        threads = [
            threading.Thread(target=self._pump, args=(process.stdout, sys.stdout), name="app-stdout", daemon=True),
            threading.Thread(target=self._pump, args=(process.stderr, sys.stderr), name="app-stderr", daemon=True),
            threading.Thread(target=self._watch_silence, name="app-port", daemon=True),
        ]
        with process:  # closes the pipes
            self._say(f"dashboard {dashboard_of(self._sandbox.url)}  (Ctrl-C ends both)")
            if self._sandbox.webhook_url:
                self._say(f"webhooks go to {self._sandbox.webhook_url}")
            elif self._path is None:
                self._say("webhooks go nowhere: --webhook PATH says where your application takes them")
            for thread in threads:
                thread.start()
            if open_dashboard:
                click.launch(dashboard_of(self._sandbox.url))
            while process.poll() is None and not self._asked:
                time.sleep(_LOOK)
            self._end(process)  # and the processes that it left behind
            for thread in threads[:2]:
                thread.join(_LAST_GRACE)
        if self._asked:
            self._say(f"the application and the sandbox have ended{kept_by(self._sandbox)}", fresh=True)
            return 128 + self._asked[0]
        code: int = process.returncode
        self._say(f"the application ended with exit code {code}")
        return code if code >= 0 else 128 - code

    def _take_signals(self) -> None:
        """Count the signals that ask us to end instead of being interrupted, so that the application is always ended too."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda number, _frame: self._asked.append(number))

    def _start(self) -> subprocess.Popen[bytes]:
        sandbox = self._sandbox
        environment = {
            **os.environ,
            "XENDIT_API_KEY": sandbox.api_key,
            "XENDIT_BASE_URL": sandbox.url,
            "XENDIT_WEBHOOK_TOKEN": sandbox.callback_token,
            "PYTHONUNBUFFERED": "1",  # otherwise its log would arrive late, in large pieces
        }
        try:
            return subprocess.Popen(  # noqa: S603  the user's own command
                self._command,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                # It runs in a session of its own, so that Ctrl-C reaches only us, and we end it with all that it
                # started.
                start_new_session=True,
            )
        except FileNotFoundError:
            raise CommandFailure(f"there is no command {self._command[0]!r}", 127) from None
        except PermissionError:
            raise CommandFailure(f"{self._command[0]} cannot be run", 126) from None
        except OSError as problem:
            raise CommandFailure(f"{self._command[0]}: {problem.strerror}", USAGE) from None

    # -- what it says

    def _say(self, text: str, *, fresh: bool = False) -> None:
        prefix = self._prefix("xendit", "cyan", sys.stderr)
        if fresh and sys.stderr.isatty():
            sys.stderr.write("\n")
        self._lines.write(prefix, f"{text}\n", sys.stderr)

    def _prefix(self, name: str, colour: str, target: IO[str]) -> str:
        text = f"{name.ljust(6)} │ "
        plain = not target.isatty() or os.environ.get("NO_COLOR") or os.environ.get("CI")
        return text if plain else click.style(text, fg=colour)

    def _pump(self, source: IO[bytes] | None, target: IO[str]) -> None:
        """Pass on what the application writes, as it writes it."""
        assert source is not None
        prefix = self._prefix("app", "magenta", target)
        began = b""
        while chunk := self._chunk(source):
            self._lines.write(prefix, chunk.decode("utf-8", "replace"), target)
            began += chunk
            whole, _, began = began.rpartition(b"\n")
            for line in whole.decode("utf-8", "replace").splitlines():
                self._listen_to(line)
            began = began[-4096:]

    @staticmethod
    def _chunk(source: IO[bytes]) -> bytes:
        """What the pipe holds now, unbuffered; empty at its end, and after we have closed it."""
        try:
            return source.read(65_536)
        except ValueError:
            return b""

    def _listen_to(self, line: str) -> None:
        """Learn from a line where the application listens."""
        if self._path is None or self._known.is_set():
            return
        found = _LISTENS.search(_COLOURS.sub("", line))
        if found is None or found["port"] == self._own_port:
            return
        self._known.set()
        self._sandbox.webhook_url = f"http://127.0.0.1:{found['port']}{self._path}"
        self._say(f"webhooks go to {self._sandbox.webhook_url}")

    def _watch_silence(self) -> None:
        if self._path is not None and not self._known.wait(_SILENCE):
            self._say("the application has not said where it listens, so webhooks go nowhere: give --app-port")

    def _tell(self) -> None:
        from xendit.cli.events import Teller

        try:
            Teller(self._sandbox.url, self._say, self._output, begun=self._listens.set).follow()
        except CommandFailure:
            return  # the sandbox has ended
        finally:
            self._listens.set()

    # -- its end

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """End the application and all that it started: ask it, ask again, then kill it. A second Ctrl-C skips the waiting."""
        for number, grace in (
            (signal.SIGINT, _PROMPT),
            (0, _GRACE),
            (signal.SIGTERM, _LAST_GRACE),
            (None, _LAST_GRACE),
        ):
            if not self._signal(process, number):
                break
            if number == 0:
                self._say("the application is still ending; Ctrl-C again does not wait for it")
            deadline = time.monotonic() + grace
            while self._signal(process, 0) and time.monotonic() < deadline and len(self._asked) < _TWICE:
                process.poll()  # reaps it: until then it would count as running
                time.sleep(_LOOK)
        process.wait()

    def _signal(self, process: subprocess.Popen[bytes], number: int | None) -> bool:
        """Send a signal to the whole group (None kills it), and say whether anyone is left."""
        if os.name == "nt":
            if process.poll() is not None:
                return False
            if number != 0:
                process.kill() if number is None else process.terminate()
            return True
        try:
            os.killpg(process.pid, signal.SIGKILL if number is None else number)
        except (ProcessLookupError, PermissionError):
            return False
        return True
