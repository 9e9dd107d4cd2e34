"""What the tests of the command share: a sandbox that commands find, a shop that takes webhooks."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from xendit.cli.running import announced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xendit.sandbox import Sandbox


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands that run in the process of the tests take UTC for the local zone, wherever this machine is."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of someone who has just installed it: no key, an empty state directory."""
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    return {"XDG_STATE_HOME": str(state)}


@pytest.fixture
def found(home: dict[str, str], sandbox: Sandbox) -> Iterator[dict[str, str]]:
    """The same beside a sandbox that runs, as `xendit sandbox up` leaves it: commands find it without being told."""
    with announced(sandbox):
        yield home


@pytest.fixture
def keyed(home: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
    """The environment that `xendit sandbox up` says to export."""
    return {
        **home,
        "XENDIT_API_KEY": sandbox.api_key,
        "XENDIT_BASE_URL": sandbox.url,
        "XENDIT_WEBHOOK_TOKEN": sandbox.callback_token,
    }


class Receiver(ThreadingHTTPServer):
    """An application's webhook endpoint. It keeps what it is sent and answers `status` to the right token."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.status = 200
        self.bodies: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Endpoint)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/webhooks/xendit"


class _Endpoint(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        right = self.headers["x-callback-token"] == self.server.token
        if right:
            self.server.bodies.append(body)
        self.send_response(self.server.status if right else 401)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    """An endpoint that knows the sandbox's token."""
    server = Receiver(sandbox.callback_token)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
