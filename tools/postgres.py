"""A throw-away PostgreSQL for the tests: found or installed, started on loopback, removed afterwards.

`python tools/postgres.py` installs Debian's package where it is missing and may be installed (as root, with
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

from debian import install as install_package

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = ("initdb", "postgres", "pg_ctl")
#: Faster, and safe for what a test needs: a process may be killed, the machine is not.
SETTINGS = {"fsync": "off", "max_connections": "100", "log_min_messages": "fatal", "shared_buffers": "32MB"}
#: As a shop runs it: what was committed is on the disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}


def binaries() -> Path | None:
    """Find the directory of the server's programs: the newest of Debian's, else that of the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    found = shutil.which("initdb")
    for directory in [*reversed(debian), *([Path(found).resolve().parent] if found else [])]:
        if all((directory / name).exists() for name in NEEDED):
            return directory
    return None


def install() -> str | None:
    """Install the server unless it is there; say in one sentence why it cannot be had, or give None."""
    return install_package("PostgreSQL server", "postgresql", lambda: binaries() is not None)


def account() -> str | None:
    """Name whom the server runs as: it refuses root. None: this process' own user will do."""
    if os.geteuid() != 0:
        return None
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def cluster(*, durable: bool = False, keep: Path | None = None) -> Iterator[str]:
    """Start a server with an empty data directory; give the address of a database on it, without the scheme.

    Args:
        durable: whether a commit waits for the disk, as where speed is measured.
        keep: a directory for its data, which stays; what an earlier server left there is there again.
    """
    directory = binaries()
    if directory is None:
        raise RuntimeError("there is no PostgreSQL server on this machine")
    user = account()
    place = Path(tempfile.mkdtemp(prefix="xendit-postgres-"))
    held = place if keep is None else keep
    held.mkdir(exist_ok=True)
    if user is not None:
        shutil.chown(held, user)
    if user is not None:
        shutil.chown(place, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(held / "data")
    options = {
        **SETTINGS,
        **(DURABLE if durable else {}),
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(place),
    }
    command = [str(directory / "postgres"), "-D", data]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    server: subprocess.Popen[bytes] | None = None
    try:
        make = [str(directory / "initdb"), "-D", data, "-U", "shop", "--auth=trust", "-E", "UTF8", "--no-sync"]
        if not (held / "data" / "PG_VERSION").exists():
            subprocess.run([*make, "--locale=C"], user=user, cwd=place, check=True, capture_output=True)
        server = subprocess.Popen(command, user=user, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_until_it_answers(server, directory, port)
        yield f"shop@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # do not wait for clients
            try:
                server.wait(10 if keep is None else 100)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(place, ignore_errors=True)


def _wait_until_it_answers(server: subprocess.Popen[bytes], directory: Path, port: int) -> None:
    ask = [str(directory / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + 60
    while subprocess.run(ask, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError("PostgreSQL did not start")
        time.sleep(0.05)


if __name__ == "__main__":
    problem = install()
    print(problem or f"PostgreSQL: {binaries()}")
    sys.exit(0)
