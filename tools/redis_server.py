"""A throw-away Redis for the tests of task queues: found or installed, started on loopback, removed afterwards.

Only the standard library may be imported here.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from debian import install as install_package

if TYPE_CHECKING:
    from collections.abc import Iterator


def install() -> str | None:
    """Install the server unless it is there; say in one sentence why it cannot be had, or give None."""
    return install_package("Redis server", "redis-server", lambda: shutil.which("redis-server") is not None)


@contextmanager
def server() -> Iterator[int]:
    """Start a server that keeps nothing; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="xendit-redis-") as place:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", place]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_until_it_listens(running, port)
            yield port
        finally:
            running.terminate()
            running.wait(20)


def _wait_until_it_listens(running: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while not _listens(port):
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError("Redis did not start")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
