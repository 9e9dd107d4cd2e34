"""What error trackers show of the frames that a failure leaves behind: neither the token nor the body of a webhook."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from xendit.webhook import AsyncWorker, MemoryInbox, SQLInbox, Verifier, Webhook, Worker, read_event
from xendit.webhook.adapters.asgi import ASGIApp
from xendit.webhook.adapters.wsgi import WSGIApp

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "personal-token-of-the-test"
BODY = (
    b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000,'
    b' "payer_email": "personal@example.com"}'
)
HEADERS = [(b"x-callback-token", TOKEN.encode()), (b"content-type", b"application/json")]


class Killed(BaseException):
    """What a server raises in the midst of a request, such as SystemExit and the Timeout of gevent."""


def parts(value: object) -> str:
    """A variable as an error tracker shows it, which writes mappings and sequences out value by value."""
    if isinstance(value, Mapping):
        return " ".join(f"{parts(name)} {parts(each)}" for name, each in value.items())
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return " ".join(parts(each) for each in value)
    return repr(value)


def shown(error: BaseException | None) -> list[str]:
    """Each variable of each frame of ours, of the error and of what is behind it, that shows what is secret."""
    told: list[str] = []
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if f"{os.sep}xendit{os.sep}" in frame.f_code.co_filename or frame.f_code.co_filename.startswith("<xendit"):
                said = ((name, parts(value)) for name, value in frame.f_locals.items())
                told += [f"{frame.f_code.co_name}: {name} = {each}" for name, each in said if "personal" in each]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def raised(function: Callable[[], object]) -> BaseException:
    """What a function raises."""
    try:
        function()
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError


def refusing(path: Path) -> SQLInbox:
    """An inbox whose database takes no event, which it says after it was given one."""
    inbox = SQLInbox(str(path))
    with inbox.engine.begin() as connection:
        connection.execute(
            sa.text("CREATE TRIGGER full BEFORE INSERT ON xendit_inbox BEGIN SELECT RAISE(ABORT, 'full'); END")
        )
    return inbox


def test_a_database_that_takes_no_event_shows_it_nowhere(tmp_path: Path) -> None:
    """`reconcile` in a cron job, whose failure an error tracker is told of, adds events without an endpoint."""
    inbox = refusing(tmp_path / "inbox.db")
    error = raised(lambda: inbox.add(read_event(BODY)))
    assert "full" in str(error)
    assert shown(error) == []
    assert "personal" not in str(error)
    assert "personal" not in repr(vars(error))
    inbox.engine.dispose()


def test_nor_does_one_that_is_awaited(tmp_path: Path) -> None:
    """The same over an asynchronous engine."""
    refusing(tmp_path / "inbox.db").engine.dispose()

    async def add() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'inbox.db'}")
        try:
            await SQLInbox(engine).add(read_event(BODY))
        finally:
            await engine.dispose()

    error = raised(lambda: asyncio.run(add()))
    assert "full" in str(error)
    assert shown(error) == []


DJANGO = """
import sys
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["xendit.webhook.django"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    USE_TZ=True,
)
import django
django.setup()
from django.db import connection
from test_webhook_frames import BODY, raised, shown
from xendit.webhook import read_event
from xendit.webhook.django import DjangoInbox
from django.core.management import call_command
call_command("migrate", verbosity=0)
connection.cursor().execute("CREATE TRIGGER full BEFORE INSERT ON xendit_inbox BEGIN SELECT RAISE(ABORT, 'full'); END")
error = raised(lambda: DjangoInbox().add(read_event(BODY)))
print("full" in str(error), shown(error))
"""


def test_nor_does_djangos(tmp_path: Path) -> None:
    """The same over Django's connection."""
    pytest.importorskip("django")
    root = Path(__file__).resolve().parent.parent.parent
    ran = subprocess.run(
        [sys.executable, "-c", DJANGO, str(tmp_path / "inbox.db")],
        env={**os.environ, "PYTHONPATH": f"{Path(__file__).parent}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "True []\n", ran.stderr


class Full(MemoryInbox):
    """An inbox that ends the process that adds to it."""

    def add(self, event: Any, timeout: float = 20.0) -> Any:
        """Be killed."""
        raise Killed


def killing(_: str) -> str:
    """A token_for during which the server ends the request."""
    raise Killed


@pytest.mark.parametrize(
    "webhook", [Webhook(Full(), TOKEN), Webhook(MemoryInbox(), token_for=killing)], ids=["add", "token_for"]
)
def test_a_request_that_is_ended_in_its_midst_shows_nothing(webhook: Webhook) -> None:
    """The servers' own ways to end a request pass through every frame."""
    error = raised(lambda: webhook.answer("POST", HEADERS, BODY))
    assert isinstance(error, Killed)
    assert shown(error) == []
    error = raised(lambda: asyncio.run(webhook.answer_async("POST", HEADERS, BODY)))
    assert isinstance(error, Killed)
    assert shown(error) == []


def test_nor_does_a_verifier() -> None:
    """Which is called without an endpoint."""
    error = raised(lambda: Verifier(token_for=killing).verify(HEADERS, BODY))
    assert isinstance(error, Killed)
    assert shown(error) == []


SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "headers": HEADERS, "client": ("127.0.0.1", 1)}


@pytest.mark.parametrize("where", ["the first part", "the second part", "the answer"])
def test_a_sender_that_goes_shows_nothing_in_asgi(where: str) -> None:
    """Servers and middleware raise their own errors while a body is read and an answer is sent."""
    first: dict[str, Any] = {"type": "http.request", "body": BODY[:-1], "more_body": True}
    messages = [first, {"type": "http.request", "body": b"}"}]

    async def receive() -> dict[str, Any]:
        if where == "the first part" or (where == "the second part" and len(messages) == 1):
            raise ConnectionResetError
        return messages.pop(0)

    async def send(_: object) -> None:
        raise ConnectionResetError

    app = ASGIApp(Webhook(MemoryInbox(), TOKEN))
    error = raised(lambda: asyncio.run(app(dict(SCOPE), receive, send)))
    assert isinstance(error, ConnectionResetError)
    assert shown(error) == []


def test_a_request_that_is_cancelled_shows_nothing_in_asgi() -> None:
    """A server that ends cancels the requests that it has not answered."""

    class Slow:
        own_deadline = True

        async def add(self, event: Any, timeout: float = 20.0) -> Any:
            raise asyncio.CancelledError

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY}

    async def send(_: object) -> None:
        raise AssertionError

    app = ASGIApp(Webhook(Slow(), TOKEN))
    error = raised(lambda: asyncio.run(app(dict(SCOPE), receive, send)))
    assert isinstance(error, asyncio.CancelledError)
    assert shown(error) == []


def test_a_sender_that_goes_shows_nothing_in_wsgi() -> None:
    """The server's `start_response` may fail, and storing may be ended."""
    from io import BytesIO

    def environ() -> dict[str, Any]:
        return {
            "REQUEST_METHOD": "POST",
            "HTTP_X_CALLBACK_TOKEN": TOKEN,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(BODY)),
            "wsgi.input": BytesIO(BODY),
            "wsgi.personal": "personal",
        }

    def start_response(*_: object) -> None:
        raise ConnectionResetError

    error = raised(lambda: WSGIApp(Webhook(MemoryInbox(), TOKEN))(environ(), start_response))
    assert isinstance(error, ConnectionResetError)
    assert shown(error) == []
    error = raised(lambda: WSGIApp(Webhook(Full(), TOKEN))(environ(), start_response))
    assert isinstance(error, Killed)
    assert shown(error) == []


STEPS = {
    "the function": "",
    "the first note of it": "BEFORE INSERT",
    "the note of its end": "BEFORE UPDATE",
    "what it returned": "",
}


def mailed(failing: str, address: str, *, name: str) -> object:
    """Send a mail, or fail to; gives what the service answered. None of these frames is ours."""
    if failing == "the function":
        raise ConnectionError("no mail is taken at the moment")
    return {failing} if failing == "what it returned" else {"to": address, "name": name}


def inbox_with_steps(path: Path, failing: str) -> SQLInbox:
    """An inbox with one event, whose database refuses to note a step where that is to fail."""
    inbox = SQLInbox(str(path))
    inbox.add(read_event(BODY))
    if STEPS[failing]:
        with inbox.engine.begin() as connection:
            refuse = f"{STEPS[failing]} ON xendit_inbox_step BEGIN SELECT RAISE(ABORT, 'full'); END"
            connection.execute(sa.text(f"CREATE TRIGGER full {refuse}"))
    return inbox


@pytest.mark.parametrize("failing", STEPS)
def test_a_step_that_fails_shows_not_what_its_function_was_given(failing: str, tmp_path: Path) -> None:
    """Nor what it returned: the arguments of `event.once` are mostly an address and a name."""
    inbox = inbox_with_steps(tmp_path / "inbox.db", failing)
    errors: list[BaseException] = []

    def handle(event: Any) -> None:
        errors.append(raised(lambda: event.once("mail", mailed, failing, "personal@example.com", name="personal")))

    Worker(inbox, handle).drain(limit=1)
    inbox.engine.dispose()
    assert "once" in [frame.f_code.co_name for frame, _ in traceback.walk_tb(errors[0].__traceback__)]
    assert shown(errors[0]) == []


@pytest.mark.parametrize("failing", STEPS)
def test_nor_does_a_step_that_is_awaited(failing: str, tmp_path: Path) -> None:
    """The same in an AsyncWorker."""
    inbox_with_steps(tmp_path / "inbox.db", failing).engine.dispose()
    errors: list[BaseException] = []

    async def mailed_later(*arguments: Any, **named: Any) -> object:
        return mailed(*arguments, **named)

    async def handle(event: Any) -> None:
        try:
            await event.once("mail", mailed_later, failing, "personal@example.com", name="personal")
        except Exception as error:  # noqa: BLE001 - looked at below
            errors.append(error)

    async def work() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'inbox.db'}")
        try:
            await AsyncWorker(SQLInbox(engine), handle).drain(limit=1)
        finally:
            await engine.dispose()

    asyncio.run(work())
    assert shown(errors[0]) == []


@pytest.mark.parametrize("mistake", ["no name", "no function"])
def test_nor_does_one_that_was_called_wrongly(mistake: str) -> None:
    """A step without its name or its function is refused, with the arguments in hand."""
    inbox = MemoryInbox()
    inbox.add(read_event(BODY))
    errors: list[BaseException] = []
    given = ("", mailed, "", "personal@example.com") if mistake == "no name" else ("mail", "personal@example.com")

    def handle(event: Any) -> None:
        errors.append(raised(lambda: event.once(*given)))

    Worker(inbox, handle).drain(limit=1)
    errors.append(raised(lambda: read_event(BODY).once("mail", mailed, "", "personal@example.com")))
    assert [type(error).__name__ for error in errors] == [
        "ApiValueError" if mistake == "no name" else "ApiTypeError",
        "ConfigurationException",
    ]
    assert [shown(error) for error in errors] == [[], []]
