"""A database that hangs: every delivery is answered 503 within its deadline, however few threads there are."""

from __future__ import annotations

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from xendit.source import Source
from xendit.testing import paid
from xendit.webhook import Added, Webhook
from xendit.webhook.adapters.wsgi import WSGIApp

TOKEN = "a-token-of-the-test"
DEADLINE = 2.0


class Hanging:
    """A store that hangs until it is mended; `own_deadline`: whether it gives up in time by itself."""

    def __init__(self, own_deadline: bool) -> None:
        self.own_deadline = own_deadline
        self.mended = threading.Event()
        self.calls = 0

    def add(self, event: Any, timeout: float) -> Added:
        """Hang."""
        self.calls += 1
        if not self.mended.wait(timeout if self.own_deadline else 30):
            raise ConnectionError("canceling statement due to statement timeout")
        return Added(event.dedupe_key, True, "done")


def delivery(app: WSGIApp, number: int) -> str:
    """A delivery; gives the status."""
    body = json.dumps(paid(id=f"{number:024x}", external_id=f"order-{number}")).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_CALLBACK_TOKEN": TOKEN,
        "wsgi.input": io.BytesIO(body),
    }
    statuses: list[str] = []
    app(environ, lambda status, _: statuses.append(status[:3]))
    return statuses[0]


class Standing:
    """A clock that only a store that hangs moves, as if nothing else took any time."""

    def __init__(self) -> None:
        self.time = 100.0
        self.waits: list[float] = []

    def add(self, event: Any, timeout: float) -> Added:
        """Hang for the time that it is given."""
        self.waits.append(timeout)
        self.time += timeout
        raise ConnectionError("canceling statement due to statement timeout")

    own_deadline = True


def test_deliveries_that_queue_for_one_thread_are_answered_with_the_first() -> None:
    """Twenty-four behind one another: the first waits its 20 s, none behind it does; later one in a while asks for 5 s."""
    clock = Standing()
    source = Source(monotonic=lambda: clock.time)
    app = WSGIApp(Webhook(clock, TOKEN, deadline=20.0, source=source))  # type: ignore[arg-type]
    assert [delivery(app, number) for number in range(24)] == ["503"] * 24
    assert clock.waits == [20.0]
    clock.time += 6
    assert [delivery(app, number) for number in range(24)] == ["503"] * 24
    assert clock.waits == [20.0, 5.0]


@pytest.mark.parametrize("own_deadline", [True, False])
def test_deliveries_that_queue_for_four_threads_are_answered_in_time(own_deadline: bool) -> None:
    """All are answered about when the first are; once the inbox answers again, so does the endpoint."""
    store = Hanging(own_deadline)
    app = WSGIApp(Webhook(store, TOKEN, deadline=DEADLINE))  # type: ignore[arg-type]
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda number: delivery(app, number), range(24)))
    assert statuses == ["503"] * 24
    assert time.monotonic() - began < 3 * DEADLINE  # six rounds of four would take six
    store.mended.set()
    until = time.monotonic() + 10
    while delivery(app, 99) != "200":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert [delivery(app, number) for number in range(5)] == ["200"] * 5


def test_one_request_at_a_time_asks_again_in_a_part_of_the_time() -> None:
    """While the inbox still hangs: it is asked now and then, and nobody else waits."""
    store = Hanging(own_deadline=True)
    app = WSGIApp(Webhook(store, TOKEN, deadline=DEADLINE))  # type: ignore[arg-type]
    assert delivery(app, 0) == "503"
    time.sleep(DEADLINE / 3)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: delivery(app, number), range(8))) == ["503"] * 8
    assert time.monotonic() - began < 2 * DEADLINE
    assert store.calls <= 4  # and not nine


def test_a_database_that_is_down_and_says_so_is_asked_each_time() -> None:
    """It costs no time, so it is no such outage: the first delivery after it is back is stored."""

    class Down(Hanging):
        def add(self, event: Any, timeout: float) -> Added:
            self.calls += 1
            if not self.mended.is_set():
                raise ConnectionError("connection refused")
            return super().add(event, timeout)

    store = Down(own_deadline=True)
    app = WSGIApp(Webhook(store, TOKEN, deadline=DEADLINE))  # type: ignore[arg-type]
    assert [delivery(app, number) for number in range(5)] == ["503"] * 5
    assert store.calls == 5
    store.mended.set()
    assert delivery(app, 5) == "200"
