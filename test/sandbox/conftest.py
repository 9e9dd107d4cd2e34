"""What the tests of the sandbox share: a clock that is moved by hand, one running sandbox, a client of plain urllib3.

Nothing of the SDK is used here, so that no mistake can stand on both sides.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

from xendit.sandbox import Sandbox

RECORDINGS = Path(__file__).parent / "recordings"
START = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=timezone.utc)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment


class Client:
    """Speaks HTTP to a sandbox, with a test key unless told otherwise."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self.pool = urllib3.PoolManager(maxsize=50, retries=False, timeout=10)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        key: str | None = None,
        **headers: str,
    ) -> Any:
        """Send a request; header names are given with underscores. `key=""` sends no Authorization."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        key = self.key if key is None else key
        if key:
            names |= urllib3.util.make_headers(basic_auth=f"{key}:")
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            names.setdefault("Content-Type", "application/json")
        return self.pool.request(method, self.url + path, body=raw, headers=names, redirect=False)

    def create(self, **fields: Any) -> dict[str, Any]:
        """Create an invoice and give its body."""
        answer = self.ask("POST", "/v2/invoices", {"external_id": "order-1", "amount": 10_000, **fields})
        assert answer.status == 200, answer.data
        return answer.json()


class Receiver:
    """A real receiver of webhooks: keeps what it got and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.location: str | None = None
        self.body = b"ok"
        self.before_answer: Any = lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                receiver.before_answer()
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?shop=1"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def recording():
    return lambda name: json.loads((RECORDINGS / f"{name}.json").read_bytes())


@pytest.fixture(scope="session")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def shared_client(running):
    client = Client(running.url, running.api_key)
    yield client
    client.pool.clear()


@pytest.fixture
def sandbox(running):
    """The one running sandbox, empty."""
    running.reset()
    return running


@pytest.fixture
def client(sandbox, shared_client):
    return shared_client


@pytest.fixture
def start():
    """What starts sandboxes of one's own, each with its client, and ends them."""
    made: list[tuple[Sandbox, Client]] = []

    def begin(**options: Any) -> tuple[Sandbox, Client]:
        sandbox = Sandbox(**options).start()
        made.append((sandbox, Client(sandbox.url, sandbox.api_key)))
        return made[-1]

    yield begin
    for sandbox, client in made:
        client.pool.clear()
        sandbox.close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
