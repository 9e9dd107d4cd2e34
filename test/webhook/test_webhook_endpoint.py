"""The endpoint without a framework: store first, acknowledge, 503 in time, and never an exception."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from xendit.exceptions import ConfigurationException
from xendit.webhook import Added, Answer, MemoryInbox, Webhook, Worker

TOKEN = "a-token-of-the-test"
GOOD = {"x-callback-token": TOKEN, "content-type": "application/json"}
BODY = b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000}'
KEY = "usr/inv-1/paid"


class Hanging:
    """An inbox whose database does not answer until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def add(self, event: Any, timeout: float) -> Added:
        self.go.wait(30)
        return Added(event.dedupe_key, True, "waiting")


class Failing:
    """An inbox whose database is down."""

    def add(self, event: Any, timeout: float) -> Added:
        raise ConnectionError("host=db password=geheim ayu@example.com")


def endpoint(inbox: Any = None, **options: Any) -> Webhook:
    """An endpoint over a memory inbox."""
    return Webhook(MemoryInbox() if inbox is None else inbox, TOKEN, **options)


def test_an_event_is_stored_and_acknowledged() -> None:
    """200 for the first and for the duplicate; the event is in the inbox once."""
    webhook = endpoint()
    first = webhook.answer("POST", GOOD, BODY)
    assert (first.status, first.outcome, first.key) == (200, "stored", KEY)
    assert json.loads(first.body) == {"received": True}
    assert dict(first.headers)["Content-Length"] == str(len(first.body))
    assert webhook.answer("POST", GOOD, BODY).outcome == "duplicate"
    assert webhook.inbox.tally().waiting == 1


def test_what_the_models_cannot_read_is_acknowledged_too() -> None:
    """Once token and JSON are good, nothing is refused: it is a dead letter with the place of the fault."""
    webhook = endpoint()
    odd = BODY.replace(b'"amount": 1000', b'"amount": "a lot"')
    assert webhook.answer("POST", GOOD, odd).status == 200
    [letter] = webhook.inbox.letters()
    assert "['amount']" in str(letter.error)
    assert letter.body == odd


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "", "POST "])
def test_only_post_is_answered(method: str) -> None:
    """405 with Allow, whatever else the request holds."""
    answer = endpoint().answer(method, GOOD, BODY)
    assert (answer.status, dict(answer.headers)["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, BODY, 401),
        ({"x-callback-token": "wrong"}, BODY, 401),
        ({"x-callback-token": "wrong"}, b"not json", 401),
        (GOOD, b"not json", 400),
        (GOOD, b"x" * 300_000, 413),
        (GOOD | {"content-length": "300000"}, b"", 413),
        (GOOD | {"content-length": "3"}, BODY, 400),
        (GOOD | {"content-type": "text/html"}, BODY, 415),
    ],
)
def test_a_refusal_has_its_status(headers: Any, body: bytes, status: int) -> None:
    """And nothing is stored."""
    webhook = endpoint()
    answer = webhook.answer("POST", headers, body)
    assert (answer.status, answer.outcome, answer.key) == (status, "refused", None)
    assert webhook.inbox.tally(done=True) == (0, 0, 0, 0, 0.0)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_a_body_comes_in_many_types(kind: Any) -> None:
    """As bytes of any type, and as the text that an event of AWS Lambda holds."""
    webhook = endpoint()
    assert webhook.answer("POST", GOOD | {"content-length": str(len(BODY))}, kind(BODY)).key == KEY
    assert webhook.inbox.letters("waiting")[0].body == BODY


@pytest.mark.parametrize("body", [None, json.loads(BODY), 5, "\ud800"])
def test_what_is_no_body_is_told(body: Any, caplog: pytest.LogCaptureFixture) -> None:
    """An empty Lambda event, or JSON that was parsed already: 400, and the log names the type."""
    assert endpoint().answer("POST", GOOD, body).status == 400
    assert isinstance(body, str) or "hand over the raw bytes of the request" in caplog.text


def test_a_strangers_body_is_not_read() -> None:
    """Without the token, or with too great a length, no byte of the body is asked for."""

    def read(_: int) -> bytes:
        raise AssertionError("the body was read")

    webhook = endpoint()
    assert webhook.answer("POST", {"x-callback-token": "wrong"}, read).status == 401
    assert webhook.answer("POST", GOOD | {"content-length": "999999999"}, read).status == 413
    refusal = webhook.head("POST", {})
    assert refusal is not None
    assert refusal.status == 401
    assert webhook.head("POST", GOOD) is None


def test_a_body_is_read_no_further_than_the_limit() -> None:
    """A stream without an end is cut off one byte after the limit."""
    asked: list[int] = []

    def read(size: int) -> bytes:
        asked.append(size)
        return b"x" * min(size, 1000)

    webhook = endpoint(max_body=10_000)
    assert webhook.answer("POST", GOOD, read).status == 413
    assert sum(min(size, 1000) for size in asked) == 10_001
    assert webhook.answer("POST", GOOD, io.BytesIO(BODY).read).status == 200


def test_a_connection_that_breaks_is_answered() -> None:
    """What a server raises while the body is read stays inside."""

    def read(_: int) -> bytes:
        raise OSError("client disconnected")

    assert endpoint().answer("POST", GOOD, read).status == 400


def test_a_store_that_hangs_is_answered_503_in_time() -> None:
    """Before Xendit gives up, for a timeout may never be sent again."""
    inbox = Hanging()
    webhook = endpoint(inbox, deadline=0.2)
    began = time.monotonic()
    answer = webhook.answer("POST", GOOD, BODY)
    assert time.monotonic() - began < 5
    assert (answer.status, answer.outcome, dict(answer.headers)["Retry-After"]) == (503, "unavailable", "60")
    inbox.go.set()


def test_many_hanging_stores_do_not_pile_up() -> None:
    """From the 65th on, 503 comes at once, and no thread is added; when they come back, all is well."""
    inbox = Hanging()
    webhook = endpoint(inbox, deadline=0.3)
    before = threading.active_count()
    senders = [threading.Thread(target=webhook.answer, args=("POST", GOOD, BODY)) for _ in range(64)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    began = time.monotonic()
    assert webhook.answer("POST", GOOD, BODY).status == 503
    assert time.monotonic() - began < 0.25
    assert threading.active_count() <= before + 64
    inbox.go.set()
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert webhook.answer("POST", GOOD, BODY).status == 200


def test_a_store_that_fails_is_answered_503(caplog: pytest.LogCaptureFixture) -> None:
    """And the log says what failed, without what is personal or secret of ours."""
    webhook = endpoint(Failing())
    assert webhook.answer("POST", GOOD, BODY).status == 503
    assert "the inbox failed: ConnectionError" in caplog.text
    assert "ayu@example.com" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("no such table: xendit_inbox", True),
        ('relation "xendit_inbox" does not exist LINE 1: INSERT INTO xendit_inbox', True),
        ("(1146, \"Table 'shop.xendit_inbox' doesn't exist\")", True),
        ('database "shop" does not exist', False),
        ('column "lease" of relation "xendit_inbox" does not exist LINE 1: INSERT INTO xendit_inbox', False),
        ("no such column: state", False),
    ],
)
def test_a_missing_table_is_told_with_what_makes_it(text: str, is_told: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever gave an engine and forgot the table reads in the log what makes it, in the words of each database."""

    class Tableless:
        def add(self, event: Any, timeout: float) -> Added:
            raise RuntimeError(text)

    assert endpoint(Tableless()).answer("POST", GOOD, BODY).status == 503
    assert ("create_table() of the inbox makes it" in caplog.text) == is_told


def test_a_failing_token_for_is_503() -> None:
    """Where sub-accounts' tokens cannot be looked up, the webhook is to be sent again."""

    def token_for(_: str) -> str:
        raise ConnectionError

    assert endpoint(token_for=token_for).answer("POST", {"x-callback-token": "x"}, BODY).status == 503


def test_the_key_is_handed_over() -> None:
    """`enqueue` gets the key of what waits: also of a duplicate, whose first hand-over may be lost; not of what is done."""
    inbox = MemoryInbox()
    keys: list[str] = []
    webhook = endpoint(inbox, enqueue=keys.append)
    webhook.answer("POST", GOOD, BODY)
    webhook.answer("POST", GOOD, BODY)
    assert keys == [KEY, KEY]
    Worker(inbox, lambda _: None).drain()
    webhook.answer("POST", GOOD, BODY)
    webhook.answer("POST", GOOD, BODY.replace(b"1000", b'"odd"').replace(b"inv-1", b"inv-2"))
    assert keys == [KEY, KEY]


def test_the_deadline_counts_from_the_arrival() -> None:
    """A body that comes slowly, or a request that waited for a thread, leaves the store the less time."""
    inbox = Hanging()
    webhook = endpoint(inbox, deadline=0.6)

    parts = iter([BODY, b""])

    def read(_: int) -> bytes:
        time.sleep(0.2)
        return next(parts)

    began = time.monotonic()
    assert webhook.answer("POST", GOOD, read).status == 503
    assert time.monotonic() - began < 1.0
    late = webhook.answer("POST", GOOD, BODY, arrived=time.monotonic() - 1)
    assert (late.status, late.outcome) == (503, "unavailable")
    assert webhook.overdue().status == 503
    inbox.go.set()


@pytest.mark.parametrize("threads_are_taken", [False, True])
def test_a_hanging_database_is_answered_in_time_at_any_concurrency(
    threads_are_taken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Sixty requests at once on an event loop, whose threads are fewer, or all taken: each hears 503 by its deadline."""
    from xendit.webhook.adapters.asgi import ASGIApp

    inbox = Hanging()
    app = ASGIApp(endpoint(inbox, deadline=0.5))
    headers = [(name.encode(), value.encode()) for name, value in GOOD.items()]
    took: list[tuple[int, float]] = []

    async def one() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": BODY}

        async def send(message: dict[str, Any]) -> None:
            if "status" in message:
                took.append((message["status"], time.monotonic() - began))

        began = time.monotonic()
        await app({"type": "http", "method": "POST", "headers": headers, "client": None}, receive, send)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(4))
        taken = [loop.run_in_executor(None, inbox.go.wait) for _ in range(4 if threads_are_taken else 0)]
        await asyncio.gather(*(one() for _ in range(60)))
        inbox.go.set()
        await asyncio.gather(*taken)

    asyncio.run(main())
    assert [status for status, _ in took] == [503] * 60
    assert max(seconds for _, seconds in took) < 2.0
    assert "the event was not stored within 0.5 s" in caplog.text


@pytest.mark.parametrize("own_deadline", [True, False])
def test_a_failing_hand_over_is_acknowledged(own_deadline: bool, caplog: pytest.LogCaptureFixture) -> None:
    """The event is stored, so it is 200; the next drain finds it."""

    def broker_down(_: str) -> None:
        raise ConnectionError("no broker")

    inbox = MemoryInbox()
    inbox.own_deadline = own_deadline
    assert endpoint(inbox, enqueue=broker_down).answer("POST", GOOD, BODY).status == 200
    assert inbox.tally().waiting == 1
    assert "could not be handed over: ConnectionError" in caplog.text


def test_a_hanging_hand_over_does_not_keep_the_answer() -> None:
    """A worker that handles at once may take longer than the request: it is stored, so it is 200."""
    inbox = MemoryInbox()
    inbox.own_deadline = False
    go = threading.Event()
    began = time.monotonic()
    answer = endpoint(inbox, enqueue=lambda _: go.wait(30), deadline=0.2).answer("POST", GOOD, BODY)
    assert (answer.status, time.monotonic() - began < 5) == (200, True)
    go.set()


def test_events_are_handled_at_once_when_wanted() -> None:
    """`enqueue=worker.process` handles each in its own request."""
    inbox = MemoryInbox()
    seen: list[str] = []
    worker = Worker(inbox, lambda event: seen.append(event.dedupe_key))
    webhook = endpoint(inbox, enqueue=worker.process)
    for _ in range(3):
        assert webhook.answer("POST", GOOD, BODY).status == 200
    assert seen == [KEY]


def test_refusals_are_logged_seldom_and_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand wrong tokens cost one line, which names the sender and the reason only."""
    webhook = endpoint()
    for number in range(1000):
        webhook.answer("POST", {"x-callback-token": f"guess-{number}"}, BODY, "203.0.113.9\n\x1b[31m")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.records[0].getMessage() == (
        "webhook refused from 203.0.113.9[31m: the header x-callback-token is missing, doubled or not one of the tokens"
    )


def test_no_secret_is_in_an_answer() -> None:
    """Neither token nor body comes back."""
    for body in (BODY, b"ayu@example.com"):
        for headers in (GOOD, {"x-callback-token": "guess"}):
            answer = endpoint().answer("POST", headers, body)
            assert isinstance(answer, Answer)
            for secret in (TOKEN, "guess", "ayu", "order-1"):
                assert secret.encode() not in answer.body


@pytest.mark.parametrize(
    "options",
    [{"deadline": 0}, {"deadline": 30}, {"deadline": True}, {"deadline": "20"}, {"enqueue": "task"}, {"inbox": "x.db"}],
)
def test_settings_are_checked(options: dict[str, Any]) -> None:
    """A typo is found at construction."""
    with pytest.raises(ConfigurationException):
        Webhook(**({"inbox": MemoryInbox(), "tokens": TOKEN} | options))


def test_many_threads_share_an_endpoint() -> None:
    """Two hundred requests at once, ten of each event: every event is stored once."""
    webhook = endpoint()
    outcomes: list[str] = []

    def send(number: int) -> None:
        body = BODY.replace(b"inv-1", b"inv-%d" % (number % 20))
        outcomes.append(webhook.answer("POST", GOOD, body).outcome)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("stored"), outcomes.count("duplicate")) == (20, 180)
