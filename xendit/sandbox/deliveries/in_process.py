"""Receivers in this process: webhooks are handed straight to a WSGI or ASGI application or a function, without a port.

The receiver is called in the thread that caused the delivery or asked for it, so that it shares the database
transaction of a test. An asynchronous receiver gets an event loop of its own: in the same thread, or in another one if
a loop already runs there.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from xendit.sandbox.deliveries.receiver import ANSWER_LIMIT, headers_of
from xendit.static_typing import hinted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from xendit.sandbox.deliveries.pending import PendingWebhook
    from xendit.sandbox.state.core.jsontext import JsonObject

ReceiverKind = Literal["wsgi", "asgi", "handler", "request"]

_HOST = "sandbox.invalid"


@hinted
@dataclass(frozen=True)
class ReceivedWebhook:
    """The argument that a receiver of one argument is called with."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)

    def json(self) -> object:
        """The body, decoded."""
        return json.loads(self.body)


def callable_of(target: Any) -> Any:
    """What is called with a webhook: the target itself; for a `Webhook`, a function that asks it as an adapter does.

    Raises ValueError for what is neither.
    """
    if callable(target):
        return target
    from xendit.exceptions import ConfigurationException
    from xendit.webhook.endpoint import Webhook

    if not isinstance(target, Webhook):
        problem = f"webhooks go to a URL, an application, a function or a Webhook, not {type(target).__name__}"
        raise ValueError(problem)  # noqa: TRY004  one kind of error for one kind of mistake
    try:
        target.check_sync("deliver_to")
        ask: Callable[..., object] = target.answer
    except ConfigurationException:  # its inbox, or what it hands over to, is awaited
        ask = target.answer_async
    return lambda request: ask("POST", request.headers, request.body)


def kind_of(target: object) -> ReceiverKind:
    """Say what a callable is, by its parameters.

    With three parameters it is an ASGI application; with two, one of them `start_response`, a WSGI application; with
    any other two, `handler(headers, body)`; with one, `handler(request)`, which is given a ReceivedWebhook. Raises
    ValueError when the parameters do not decide it.
    """
    try:
        parameters = list(inspect.signature(target).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        parameters = []
    needed = [
        one
        for one in parameters
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) and one.default is one.empty
    ]
    if len(needed) == 3:
        return "asgi"
    if len(needed) == 2:
        return "wsgi" if "start" in needed[1].name else "handler"
    if len(needed) == 1:
        return "request"
    raise ValueError(
        'what takes the webhook does not say how it is called: give kind="wsgi", "asgi", "handler" or "request"'
    )


@dataclass(frozen=True)
class InProcessReceiver:
    """A receiver in this process. An exception that it raises counts as a 500, with its text in the log."""

    target: object = field(repr=False)
    kind: ReceiverKind
    path: str
    in_process: bool = True

    @property
    def url(self) -> str:
        """How the log names it."""
        return f"{self.kind}:{self.path}"

    def send(self, webhook: PendingWebhook, token: str) -> tuple[int, str]:
        """Deliver, and give status and body of the answer."""
        headers = {name.lower(): value for name, value in headers_of(webhook, token).items()}
        body = webhook.body.encode("utf-8")
        call: Callable[[Any, str, dict[str, str], bytes], tuple[int, str]] = _CALLS[self.kind]
        try:
            return call(self.target, self.path, headers, body)
        except Exception as problem:  # noqa: BLE001  whatever a handler raises, a server would answer 500
            line = " ".join(f"{type(problem).__name__}: {problem}".split())
            return 500, line[:1_000]


def _call_wsgi(target: Any, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    path, _, query = path.partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": _HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": _HOST,
        "CONTENT_TYPE": headers["content-type"],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        if name != "content-type":
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    statuses: list[str] = []
    written: list[bytes] = []

    def start_response(status: str, _headers: object, _problem: object = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return written.append

    chunks = target(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return int(statuses[-1].split()[0]), b"".join(written)[:ANSWER_LIMIT].decode("utf-8", "replace")


def _call_asgi(target: Any, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii", "replace"),
        "query_string": query.encode("ascii", "replace"),
        "root_path": "",
        "headers": [
            (b"host", _HOST.encode()),
            (b"content-length", str(len(body)).encode()),
            *((name.encode(), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": (_HOST, 80),
    }
    statuses: list[int] = []
    written: list[bytes] = []
    asked = False

    async def receive() -> dict[str, object]:
        nonlocal asked
        if asked:
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: JsonObject) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif message["type"] == "http.response.body":
            written.append(message.get("body", b""))

    async def run() -> None:
        await target(scope, receive, send)

    run_to_end(run())
    return statuses[-1], b"".join(written)[:ANSWER_LIMIT].decode("utf-8", "replace")


def _call_handler(target: Any, _path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    return _understand(target(headers, body))


def _call_request(target: Any, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    return _understand(target(ReceivedWebhook(path, headers, body)))


_CALLS: dict[ReceiverKind, Any] = {
    "wsgi": _call_wsgi,
    "asgi": _call_asgi,
    "handler": _call_handler,
    "request": _call_request,
}


def _understand(answer: Any) -> tuple[int, str]:
    """Read the status from what a function returned: None is 200; else a status, or an object that has one."""
    if inspect.isawaitable(answer):

        async def wait() -> object:
            return await answer

        answer = run_to_end(wait())
    if answer is None:
        return 200, ""
    for status in (answer, getattr(answer, "status_code", None), getattr(answer, "status", None)):
        if isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 599:
            return status, ""
    raise TypeError(f"the handler gave {type(answer).__name__}: None, a status or something with a status is needed")


def run_to_end(work: Coroutine[object, object, object]) -> object:
    """Run a coroutine to its end: in this thread, or in a thread of its own if a loop already runs in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    results: list[object] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as problem:  # noqa: BLE001  raised again below, where it belongs
            problems.append(problem)

    thread = threading.Thread(target=run, name="xendit-sandbox-receiver")
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
    return results[0]
