"""The adapters in real applications on real sockets: every recorded webhook, and a thousand hostile requests each."""

from __future__ import annotations

import ast
import inspect
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recorded import PAYLOADS

from xendit.testing import DASHBOARD_TEST, expired, paid, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-webhook-token-of-the-tests"
APPS = ["wsgi", "flask", "django", "asgi", "starlette", "fastapi"]
WEBHOOKS = sorted(path.name for path in PAYLOADS.glob("webhook__*.json"))
PROGRAM = Path(__file__).with_name("endpoints.py")
ROOT = Path(__file__).resolve().parent.parent.parent


class App:
    """A running application."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self.report: dict[str, Any] = {}

    def send(self, request: bytes, *, hang_up: bool = False) -> bytes:
        """What is answered to these bytes, until the server closes; empty when nothing is."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            answer = b""
            try:
                connection.sendall(request)
                if hang_up:
                    connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    answer += part
            except ConnectionError:
                return answer  # refused while we were still sending
            return answer

    def end(self) -> None:
        """Stop it, and read what it reports."""
        out, err = self._process.communicate(timeout=30)
        self.report = json.loads(out.splitlines()[-1])
        # With -X dev asyncio remarks each step that took long on a loaded machine: that is no log of ours.
        lines = [line for line in err.splitlines() if not re.match(r"Executing <.* took [\d.]+ seconds$", line)]
        said = [r"webhook refused from 127\.0\.0\.1: ", r"InvoiceCallback\[.* is kept as it came$"]
        said.append("a webhook was answered 503, to be sent again: the inbox failed: (TimeoutError|ConnectionError): ")
        expected = re.compile("|".join(said))
        assert all(expected.match(line) for line in lines), err
        assert len(lines) < 100
        assert TOKEN not in err


@contextmanager
def running(name: str, *settings: object) -> Iterator[App]:
    """An application in a process of its own; its report is there afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", str(PROGRAM), name, *map(str, settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XENDIT_WEBHOOK_TOKEN": TOKEN},
    )
    try:
        app = App(process)
        yield app
        app.end()
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def post(
    body: bytes, *headers: str | bytes, token: str = TOKEN, length: int | None = None, method: str = "POST"
) -> bytes:
    """The bytes of a request."""
    lines: list[str | bytes] = [
        f"{method} /hook HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Content-Length: {len(body) if length is None else length}",
        *(["X-Callback-Token: " + token] if token else []),
        *headers,
    ]
    return b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\r\n\r\n" + body


def status(answer: bytes) -> int | None:
    """The status of an answer, or None when the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


JSON = "Content-Type: application/json"


def hostile(rng: random.Random) -> tuple[bytes, frozenset[int]]:
    """A request that no honest sender makes, and the statuses that it may be answered with."""
    body = json.dumps(paid()).encode()
    refused = frozenset({400, 401, 405, 413, 415})
    kind = rng.randrange(16)
    if kind == 0:  # not UTF-8
        at = rng.randrange(len(body))
        return post(body[:at] + bytes([rng.randrange(128, 256)]) + body[at:], JSON), refused | {200}
    if kind == 1:  # deep
        return post(b"[" * rng.choice([65, 1000, 100_000]), JSON), refused
    if kind == 2:  # a length that lies upwards: the body ends early
        return post(body, JSON, length=len(body) + rng.randrange(1, 1000)), refused
    if kind == 3:  # a length that lies downwards
        return post(body, JSON, length=rng.randrange(len(body))), refused
    if kind == 4:  # no token, an empty one, a wrong one, one with bytes above ASCII
        return post(body, JSON, token=rng.choice(["", " ", "wrong", TOKEN + "x", TOKEN[:-1], "tök", "\x80"])), refused
    if kind == 5:  # two tokens
        return post(body, JSON, "X-Callback-Token: " + rng.choice([TOKEN, "x", ""])), refused
    if kind == 6:  # raw bytes in the token
        return post(body, JSON, b"X-Callback-Token: " + bytes(rng.choices(range(128, 256), k=8)), token=""), refused
    if kind == 7:  # NaN, keys twice, what is no object
        text = rng.choice([b"NaN", b'{"id":1,"id":2}', b"[]", b"5", b'"x"', b"null", b"", b"{", b'{"amount":1e999}'])
        return post(text, JSON), refused | {200}
    if kind == 8:  # too long, said so
        return post(b"x", JSON, length=rng.choice([262_145, 10**9, 10**30])), refused
    if kind == 9:  # a length that is none
        return post(body, JSON, length=rng.choice([-1, -99])), refused
    if kind == 10:  # another method
        return post(
            body, JSON, method=rng.choice(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
        ), refused
    if kind == 11:  # another type, or compressed
        return post(
            body,
            rng.choice(["Content-Type: text/html", "Content-Type: " + "x" * 500, JSON + "\r\nContent-Encoding: gzip"]),
        ), refused
    if kind == 12:  # many headers
        return post(body, JSON, *(f"X-{number}: {number}" for number in range(rng.choice([90, 300])))), refused | {
            200,
            431,
        }
    if kind == 13:  # random bytes as the body, with the right token
        return post(rng.randbytes(rng.randrange(2000)), JSON), refused
    if kind == 14:  # good JSON of the wrong types: it is kept, never refused
        odd = {
            **paid(),
            rng.choice(["paid_at", "amount", "status", "id", "items"]): rng.choice([5, [], {}, "odd", None, True]),
        }
        return post(json.dumps(odd).encode(), JSON), frozenset({200})
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)  # chunked, with or without a length beside it
    return (
        post(chunks, JSON, "Transfer-Encoding: chunked", length=len(chunks)).replace(
            b"Content-Length: %d\r\n" % len(chunks), b"" if rng.random() < 0.5 else b"Content-Length: 5\r\n"
        ),
        refused | {200},
    )


@pytest.mark.parametrize("name", APPS)
def test_real_applications_receive_everything(name: str) -> None:
    """Each recorded body is answered 200 and stored once; each hostile request by a 4xx; nothing escapes."""
    rng = random.Random(name)
    with running(name) as app:
        for each in WEBHOOKS:
            body = (PAYLOADS / each).read_bytes()
            for _ in range(2):
                assert status(app.send(post(body, JSON))) == 200, each
        for made in (paid(), expired(), DASHBOARD_TEST, paid("EWALLET", status="SETTLED")):
            assert status(app.send(post(json.dumps(made).encode(), JSON))) == 200
        assert status(app.send(post(b"", method="GET"))) == 405
        for number in range(1000):
            request, allowed = hostile(rng)
            announced = re.search(rb"Content-Length: (\d+)\r\n", request)
            ends_early = announced is not None and int(announced[1]) > len(request.partition(b"\r\n\r\n")[2])
            answer = app.send(request, hang_up=ends_early)
            assert status(answer) in allowed or status(answer) is None, (number, request[:300], answer[:300])
            assert TOKEN.encode() not in answer
    assert app.report["escaped"] == []
    keys = app.report["stored"]
    assert len(keys) == len(set(keys))
    assert len(keys) >= len(WEBHOOKS)


#: A store that hangs, as an application of each kind has it.
HANGING = {
    "wsgi": "left",
    "flask": "own",
    "django": "own",
    "asgi": "left",
    "starlette": "awaited",
    "fastapi": "awaited",
}
DEADLINE = 1.0
DELIVERIES = 24


@pytest.mark.parametrize("name", APPS)
def test_a_database_that_hangs_is_answered_503_in_time_however_many_come_at_once(name: str) -> None:
    """By servers with four threads, and by event loops. One behind the other, they would take six deadlines.

    How long the machine itself takes is seen in requests that need no database.
    """

    def sent(request: bytes) -> tuple[int | None, float]:
        began = time.monotonic()
        answer = app.send(request)
        return status(answer), time.monotonic() - began

    body = json.dumps(paid()).encode()
    with running(name, HANGING[name], DEADLINE) as app, ThreadPoolExecutor(DELIVERIES) as pool:
        first, answers, last = (
            list(pool.map(sent, [request] * DELIVERIES))
            for request in (post(b"", method="GET"), post(body, JSON), post(b"", method="GET"))
        )
    assert {code for code, _ in (*first, *last)} == {405}
    assert [code for code, _ in answers] == [503] * DELIVERIES
    slack = 10 * max(seconds for _, seconds in (*first, *last))
    assert max(seconds for _, seconds in answers) < 3 * DEADLINE + slack
    assert app.report["escaped"] == []
    assert all(given <= DEADLINE for given in app.report["given"])
    # The whole time is given to those that came first, on any machine; to later ones a quarter, one at a time.
    if name in ("wsgi", "flask", "django"):
        assert sum(given > DEADLINE / 2 for given in app.report["given"]) <= 4


def test_a_body_that_drips_does_not_hold_the_endpoint() -> None:
    """The ASGI adapter gives up at the deadline; here a body that never ends is ended by the sender."""
    with running("asgi") as app:
        head = post(b"", JSON, length=100)
        assert status(app.send(head + b"{", hang_up=True)) in (400, None)
    assert app.report["escaped"] == []


# ------------------------------------------------------------------------------------------ without a socket


@pytest.fixture
def webhook() -> Any:
    """A webhook on an inbox in memory."""
    from xendit.webhook import MemoryInbox, Webhook

    return Webhook(MemoryInbox(), TOKEN)


def test_a_signed_request_fits_each_test_client(webhook: Any) -> None:
    """Flask's, Starlette's and Werkzeug's, in the words of each."""
    from flask import Flask
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from xendit.webhook.adapters.flask import webhook_blueprint
    from xendit.webhook.adapters.starlette import webhook_route

    flask = Flask(__name__)
    flask.register_blueprint(webhook_blueprint("/hook", webhook))
    assert flask.test_client().post("/hook", **signed(paid(), TOKEN).for_flask()).status_code == 200
    with TestClient(Starlette(routes=[webhook_route("/hook", webhook)])) as client:
        assert client.post("/hook", **signed(expired(), TOKEN).for_starlette()).json() == {"received": True}
        assert client.post("/hook", **signed(expired(), "wrong").for_starlette()).status_code == 401


def read_before(request: Any) -> dict[str, Any]:
    """Ways in which a hook of Flask reads a body that Flask then keeps."""
    return {
        "request.get_data()": lambda: request.get_data() and None,
        "request.get_json(silent=True)": lambda: request.get_json(silent=True) and None,
        "request.values": lambda: request.values.get("lang"),
        "request.stream": lambda: request.stream and None,
    }


@pytest.mark.parametrize("how", read_before(None))
def test_a_hook_of_flask_may_read_the_body(webhook: Any, how: str) -> None:
    """A request log or an APM agent that read it first takes nothing away; a body over the limit stays refused."""
    import flask

    from xendit.webhook.adapters.flask import webhook_blueprint

    app = flask.Flask(__name__)
    app.before_request(read_before(flask.request)[how])
    app.register_blueprint(webhook_blueprint("/hook", webhook))
    client = app.test_client()
    assert client.post("/hook", **signed(paid(), TOKEN).for_flask()).status_code == 200
    assert webhook.inbox.tally().waiting == 1
    assert client.post("/hook", **signed(b" " * 300_000, TOKEN).for_flask()).status_code == 413


def test_a_body_that_was_read_and_lost_is_told(webhook: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A hook that keeps nothing of it leaves nothing to store; the log says where it went."""
    import flask

    from xendit.webhook.adapters.flask import webhook_blueprint

    app = flask.Flask(__name__)
    app.before_request(lambda: flask.request.get_data(cache=False) and None)
    app.register_blueprint(webhook_blueprint("/hook", webhook))
    assert app.test_client().post("/hook", **signed(paid(), TOKEN).for_flask()).status_code == 400
    assert "something has read it before the endpoint" in caplog.text


def test_a_middleware_of_starlette_may_read_the_body(webhook: Any) -> None:
    """What BaseHTTPMiddleware has read comes again."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.testclient import TestClient

    from xendit.webhook.adapters.starlette import webhook_route

    lengths: list[int] = []

    async def log(request: Any, call_next: Any) -> Any:
        lengths.append(len(await request.body()))
        return await call_next(request)

    app = Starlette(routes=[webhook_route("/hook", webhook)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=log)])
    request = signed(paid(), TOKEN)
    with TestClient(app) as client:
        assert client.post("/hook", **request.for_starlette()).status_code == 200
    assert lengths == [len(request.body)]


def test_the_asgi_app_says_no_to_what_is_no_request(webhook: Any) -> None:
    """A WebSocket is closed; a sender that has gone is not answered; a body that stalls is refused in time."""
    import asyncio

    from xendit.webhook.adapters.asgi import ASGIApp

    async def told(scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        queue = list(messages)

        async def receive() -> dict[str, Any]:
            if not queue:
                await asyncio.sleep(60)
            return queue.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await ASGIApp(webhook)(scope, receive, send)
        return sent

    headers = [(b"x-callback-token", TOKEN.encode()), (b"content-type", b"application/json")]
    http = {"type": "http", "method": "POST", "headers": headers, "client": None}
    assert asyncio.run(told({"type": "websocket"})) == [{"type": "websocket.close", "code": 1008}]
    assert asyncio.run(told(http, {"type": "http.disconnect"})) == []
    webhook.deadline = 0.05
    stalled = asyncio.run(told(http, {"type": "http.request", "body": b"{", "more_body": True}))
    assert stalled[0]["status"] == 400
    webhook.deadline = 20.0
    long = {"type": "http.request", "body": b"x" * 200_000, "more_body": True}
    assert asyncio.run(told(http, long, long))[0]["status"] == 413
    assert "token" not in repr(ASGIApp(webhook)).lower().replace("1 token", "")


# ------------------------------------------------------------------------------------------ bodies for tests


@pytest.mark.parametrize(
    ("method", "currency", "has"),
    [
        ("BANK_TRANSFER", "IDR", {"bank_code", "payment_destination"}),
        ("EWALLET", "PHP", {"payment_id", "payment_method_id", "ewallet_type"}),
        ("QR_CODE", "IDR", {"payment_id", "payment_details"}),
        ("CREDIT_CARD", "USD", {"credit_card_charge_id"}),
        ("RETAIL_OUTLET", "IDR", {"payment_destination"}),
        ("DIRECT_DEBIT", "MYR", set()),
        ("PAYLATER", "PHP", set()),
    ],
)
def test_each_kind_of_payment_has_its_fields(method: str, currency: str, has: set[str]) -> None:
    """As the recorded bodies of its kind, and readable as a callback."""
    from xendit.models import InvoiceCallback

    body = paid(method, currency=currency, external_id="o", amount=500)
    assert has <= set(body)
    callback = InvoiceCallback.from_dict(body)
    assert (callback.is_paid, callback.payment_method, callback.amount) == (True, method, 500)
    assert "paid_at" not in expired()


def test_a_body_that_cannot_be_is_refused() -> None:
    """With what can be."""
    with pytest.raises(ValueError, match="USD cannot be paid by QR_CODE; its methods are CREDIT_CARD"):
        paid("QR_CODE", currency="USD")
    with pytest.raises(ValueError, match="no such currency"):
        paid(currency="XXX")
    with pytest.raises(ValueError, match="over OVO"):
        paid("BANK_TRANSFER", "OVO")


def test_signing_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given, or of the environment; of several the first."""
    import xendit

    monkeypatch.delenv("XENDIT_WEBHOOK_TOKEN", raising=False)
    with pytest.raises(xendit.ConfigurationException, match="webhook token"):
        signed(paid())
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", "new, old")
    assert signed(b"{}", webhook_id="w").headers == {
        "content-type": "application/json",
        "x-callback-token": "new",
        "webhook-id": "w",
    }


# ------------------------------------------------------------------------------------------ pydantic


def test_models_are_bodies_and_answers_of_fastapi() -> None:
    """A wrong field is 422 with our sentence; an answer is the invoice's JSON; the schema is shown."""
    from typing import Annotated

    from fastapi import Body, FastAPI
    from starlette.testclient import TestClient

    from xendit.models import CreateInvoiceRequest, Invoice

    app = FastAPI()

    def order(request: Annotated[CreateInvoiceRequest, Body()]) -> Invoice:
        return Invoice.from_dict(
            {"id": "x", "external_id": request.external_id, "created": "2020-01-01T00:00:00Z", "new": [1]}
        )

    order.__annotations__.update({"request": Annotated[CreateInvoiceRequest, Body()], "return": Invoice})
    app.post("/orders")(order)
    with TestClient(app) as client:
        good = client.post("/orders", json={"external_id": "e", "amount": 1000})
        assert good.json() == {"id": "x", "external_id": "e", "created": "2020-01-01T00:00:00.000Z", "new": [1]}
        wrong = client.post("/orders", json={"external_id": "e", "amount": "1000"})
        assert wrong.status_code == 422
        assert "CreateInvoiceRequest['amount']: a str was given" in wrong.json()["detail"][0]["msg"]
        assert client.post("/orders", json=[1]).status_code == 422
        document = client.get("/openapi.json").json()
        schema = document["components"]["schemas"]["CreateInvoiceRequest"]
        assert schema["required"] == ["external_id", "amount"]
        assert document["components"]["schemas"]["InvoiceItem"]["properties"]["price"] == {"type": "number"}
        methods = {"type": "array", "items": {"type": "string"}}
        assert schema["properties"]["payment_methods"] == {"anyOf": [methods, {"type": "null"}]}


def test_pydantic_reads_and_writes_models() -> None:
    """As fields of one's own models: an instance or a dict; what comes from the wire is read tolerantly."""
    from pydantic import BaseModel, ValidationError

    from xendit.models import Invoice, InvoiceItem

    class Order(BaseModel):
        items: list[InvoiceItem]
        invoice: Invoice | None = None

    item = InvoiceItem("a", 5, 1)
    order = Order(items=[item, {"name": "b", "price": 6.5, "quantity": 2}], invoice={"id": "x"})  # type: ignore[list-item, arg-type]
    assert order.items[0] is item
    assert order.invoice is not None
    assert order.model_dump()["items"][1] == {"name": "b", "price": 6.5, "quantity": 2}
    assert json.loads(order.model_dump_json())["invoice"] == {"id": "x"}
    with pytest.raises(ValidationError, match="InvoiceItem"):
        Order(items=[{"name": "b"}])  # type: ignore[list-item]
    with pytest.raises(ValidationError, match="an object is needed"):
        Order(items=[5])  # type: ignore[list-item]


def test_nothing_of_pydantic_or_a_framework_is_imported_unless_asked() -> None:
    """`import xendit.webhook` and the models stay light."""
    program = (
        "import sys, xendit.webhook, xendit.models, xendit.testing; from xendit.webhook import Webhook, MemoryInbox;"
        "xendit.models.Invoice.from_dict({'id': 'x'});"
        "print(sorted({'pydantic', 'pydantic_core', 'flask', 'django', 'starlette', 'sqlalchemy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_what_the_pages_call_in_their_sentences_can_be_called_so() -> None:
    """Blocks of code are run; a call within a sentence has at least the arguments that its function takes."""
    import xendit.webhook
    from xendit.webhook.adapters.django import webhook_view
    from xendit.webhook.adapters.flask import webhook_blueprint
    from xendit.webhook.adapters.starlette import webhook_route

    adapters: list[Any] = [webhook_view, webhook_blueprint, webhook_route]
    callables: dict[str, Any] = {each.__name__: each for each in adapters}
    callables |= {name: getattr(xendit.webhook, name) for name in xendit.webhook.__all__}
    found: set[str] = set()
    for page in (ROOT / "docs").rglob("*.md"):
        text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for span in re.findall(r"`([^`\n]+)`", text):
            try:
                tree = ast.parse(span)
            except SyntaxError:
                continue
            for call in ast.walk(tree):
                name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
                if not isinstance(call, ast.Call) or name not in callables or "..." in ast.unparse(call):
                    continue  # three dots stand for what is left out
                found.add(name)
                try:
                    inspect.signature(callables[name]).bind(
                        *call.args, **{str(each.arg): each for each in call.keywords}
                    )
                except TypeError as error:
                    pytest.fail(f"{page.name}: {span}: {error}")
    assert found >= {"webhook_route", "webhook_blueprint", "SQLInbox", "Webhook"}
