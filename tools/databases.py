"""Throw-away databases for the tests: PostgreSQL and MariaDB, started on loopback and removed afterwards.

`python tools/databases.py` installs Debian's packages where they are missing and may be installed (as root, with
apt-get). Only the standard library may be imported here.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from debian import install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POSTGRESQL = ("initdb", "postgres", "pg_isready")
MARIADB = ("mariadb-install-db", "mariadbd")
#: Faster, and safe for what a test needs: a process may be killed, the machine is not.
SETTINGS = {"fsync": "off", "max_connections": "100", "log_min_messages": "fatal", "shared_buffers": "32MB"}


def postgresql_programs() -> Path | None:
    """Find the directory of PostgreSQL's programs: the newest of Debian's, else that of the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    found = shutil.which("initdb")
    for directory in [*reversed(debian), *([Path(found).resolve().parent] if found else [])]:
        if all((directory / name).exists() for name in POSTGRESQL):
            return directory
    return None


def has_mariadb() -> bool:
    """Say whether MariaDB's programs are there."""
    return all(shutil.which(name) for name in MARIADB)


def install_postgresql() -> str | None:
    """Install PostgreSQL unless it is there; say in one sentence why it cannot be had, or give None."""
    return install("PostgreSQL server", "postgresql", lambda: postgresql_programs() is not None)


def install_mariadb() -> str | None:
    """Install MariaDB likewise."""
    return install("MariaDB server", "mariadb-server", has_mariadb)


def account(*wanted: str) -> str | None:
    """Name whom a server runs as: none likes to be root. None: this process' own user will do."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in (*wanted, "nobody") if name in names), None)


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL with an empty data directory; give `user@host:port`."""
    directory = postgresql_programs()
    if directory is None:
        raise RuntimeError("there is no PostgreSQL server on this machine")
    user = account("postgres")
    with _place(user) as place:
        port = _free_port()
        data = str(place / "data")
        options = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": str(port)}
        command = [str(directory / "postgres"), "-D", data]
        for name, value in {**options, "unix_socket_directories": str(place)}.items():
            command += ["-c", f"{name}={value}"]
        make = [str(directory / "initdb"), "-D", data, "-U", "shop", "--auth=trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*make, "--locale=C"], user=user, cwd=place, check=True, capture_output=True)
        ask = [str(directory / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # SIGINT: do not wait for clients
        with _running(command, user, place, signal.SIGINT, lambda: subprocess.run(ask, check=False).returncode == 0):
            yield f"shop@127.0.0.1:{port}"


@contextmanager
def mariadb() -> Iterator[str]:
    """Start a MariaDB with an empty data directory; give `user@host:port`."""
    user = account("mysql")
    with _place(user) as place:
        port = _free_port()
        data = f"--datadir={place / 'data'}"
        make = ["mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal"]
        subprocess.run([*make, "--skip-test-db"], user=user, cwd=place, check=True, capture_output=True)
        command = ["mariadbd", "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1"]
        command += [f"--socket={place / 'socket'}", "--innodb-flush-log-at-trx-commit=0"]
        with _running(command, user, place, signal.SIGTERM, lambda: _answers(port)):
            yield f"root@127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return len(connection.recv(1)) == 1  # its greeting
    except OSError:
        return False


@contextmanager
def _place(user: str | None) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="xendit-database-"))
    try:
        if user is not None:
            shutil.chown(place, user)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _running(
    command: list[str], user: str | None, place: Path, stop: signal.Signals, is_ready: Callable[[], bool]
) -> Iterator[None]:
    """Run a server while the block runs."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, user=user, cwd=place, stdout=quiet, stderr=quiet)
    try:
        until = time.monotonic() + 60
        while not is_ready():
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


if __name__ == "__main__":
    for title, problem in {"PostgreSQL": install_postgresql(), "MariaDB": install_mariadb()}.items():
        print(f"{title}: {problem or 'is here'}")
    sys.exit(0)
