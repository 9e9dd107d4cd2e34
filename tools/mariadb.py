"""A throw-away MariaDB for the tests, started on loopback and removed afterwards; it stands for MySQL too.

`python tools/mariadb.py` installs Debian's package where it is missing and may be installed (as root, with apt-get). Only the
standard library may be imported here.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from debian import install as install_package
from postgres import account

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_here() -> bool:
    """Say whether the server's programs are on this machine."""
    return all(shutil.which(name) for name in ("mariadb-install-db", "mariadbd"))


def install() -> str | None:
    """Install the server unless it is there; say in one sentence why it cannot be had, or give None."""
    return install_package("MariaDB server", "mariadb-server", is_here)


@contextmanager
def server() -> Iterator[str]:
    """Start a server with an empty data directory; give `user@host:port`."""
    user = account()
    place = Path(tempfile.mkdtemp(prefix="xendit-mariadb-"))
    if user is not None:
        shutil.chown(place, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = f"--datadir={place / 'data'}"
    command = ["mariadbd", "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1"]
    command += [f"--socket={place / 'socket'}", "--innodb-flush-log-at-trx-commit=0"]
    running: subprocess.Popen[bytes] | None = None
    try:
        make = ["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal"]
        subprocess.run([*make, "--skip-test-db"], user=user, cwd=place, check=True, capture_output=True)
        quiet = subprocess.DEVNULL
        running = subprocess.Popen(command, user=user, cwd=place, stdout=quiet, stderr=quiet)
        _wait_until_it_answers(running, port)
        yield f"root@127.0.0.1:{port}"
    finally:
        if running is not None:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        shutil.rmtree(place, ignore_errors=True)


def _wait_until_it_answers(running: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while not _greets(port):
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError("MariaDB did not start")
        time.sleep(0.05)


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return len(connection.recv(1)) == 1
    except OSError:
        return False


if __name__ == "__main__":
    problem = install()
    print(problem or f"MariaDB: {shutil.which('mariadbd')}")
    sys.exit(0)
