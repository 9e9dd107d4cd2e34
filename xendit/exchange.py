"""One call as a generator: what to send, how long to wait, and what an answer means.

`exchange` yields `Send` or `Wait` and is sent a Response, a TransportError or None; it returns the result
or raises. It does no I/O and reads no clock of its own, so a sync and an async driver run the same code.
"""

from __future__ import annotations

from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    ConnectionException,
    ResponseException,
    TimeoutException,
    TlsException,
    exception_for_status,
)
from xendit.operation import Request, Response, TransportError
from xendit.policy import may_retry, server_hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from xendit.exceptions import XenditSdkException
    from xendit.operation import Operation
    from xendit.policy import Limits, RetryPolicy

_BY_KIND: dict[str, type[ConnectionException | ResponseException]] = {
    "connect": ConnectionException,
    "reset": ConnectionException,
    "timeout": TimeoutException,
    "tls": TlsException,
    "unreadable": ResponseException,
}
_SHORTEST_ATTEMPT = 0.001


class Send:
    """Send this request within these limits."""

    __slots__ = ("limits", "request")

    def __init__(self, request: Request, limits: Limits) -> None:
        self.request = request
        self.limits = limits

    def __repr__(self) -> str:
        return f"Send({self.request!r})"


class Wait:
    """Wait this many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __repr__(self) -> str:
        return f"Wait({self.seconds:.3f})"


class Result:
    """What a call brought: the value, the answer it was read from, and what it took."""

    __slots__ = ("attempts", "elapsed", "response", "value")

    def __init__(self, value: Any, response: Response, attempts: int, elapsed: float) -> None:
        self.value = value
        self.response = response
        self.attempts = attempts
        self.elapsed = elapsed


def exchange(
    request: Request,
    read: Callable[[Response], Any],
    *,
    key: Callable[[], str],
    user_agent: str,
    limits: Limits,
    policy: RetryPolicy,
    clock: Callable[[], float],
    wall: Callable[[], float],
    chance: Callable[[], float],
) -> Generator[Send | Wait, Response | TransportError | None, Result]:
    """One call: attempts and waits until there is a result or no more can be done in time.

    Args:
        request: what to send, without credentials.
        read: makes the result of a good answer; its ApiTypeError and ApiValueError become ResponseException.
        key: gives the API key, asked before every attempt.
        user_agent: the header of that name.
        limits: the time limits; `limits.total` bounds everything.
        policy: how often and after which waits to try again.
        clock: a monotonic clock in seconds.
        wall: seconds since 1970, for dates that the server sends.
        chance: a random number from 0 to 1.
    """
    operation = request.operation
    begun = clock()
    attempts = 0
    failure: XenditSdkException | None = None
    while True:
        remaining = limits.total - (clock() - begun)
        if failure is not None and remaining < _SHORTEST_ATTEMPT:
            raise failure
        attempts += 1
        answer = yield Send(_authorized(request, key(), user_agent), limits.within(remaining))
        elapsed = clock() - begun
        assert answer is not None
        hint = None
        if isinstance(answer, Response):
            if 200 <= answer.status < 300:
                return Result(_read(operation, answer, read, attempts, elapsed), answer, attempts, elapsed)
            hint = server_hint(answer.headers, wall())
            failure = error_of_answer(operation, answer)
            again = may_retry(
                repeatable=operation.repeatable, sent=True, status=answer.status, refused=False
            )
        else:
            failure = _BY_KIND[answer.kind](str(answer), operation=operation.name)
            failure.outcome = "unknown" if answer.sent else "not_sent"
            failure.__cause__ = answer.__cause__
            again = may_retry(
                repeatable=operation.repeatable,
                sent=answer.sent,
                status=None,
                refused=answer.kind in ("tls", "unreadable"),
            )
        failure.attempts, failure.elapsed, failure.retry_after = attempts, elapsed, hint
        if not again or attempts > policy.retries:
            raise failure
        wait = policy.wait(attempts, hint, chance())
        if elapsed + wait >= limits.total:
            raise failure
        yield Wait(wait)


def _authorized(request: Request, key: str, user_agent: str) -> Request:
    """The request with what the client adds: HTTP Basic, the key being the user name (facts: quick-setup)."""
    from base64 import b64encode

    headers = {
        **request.headers,
        "accept-encoding": "identity",
        "authorization": "Basic " + b64encode(f"{key}:".encode("ascii")).decode("ascii"),
        "user-agent": user_agent,
    }
    return Request(request.operation, request.method, request.target, headers, request.body)


def _read(
    operation: Operation, response: Response, read: Callable[[Response], Any], attempts: int, elapsed: float
) -> Any:
    """The value of a good answer, or ResponseException with what was wrong as its cause."""
    try:
        return read(response)
    except (ApiTypeError, ApiValueError) as error:
        problem = error
    kind = response.headers.get("content-type", "no content type").partition(";")[0][:60]
    failure = ResponseException(
        f"the answer ({kind}, {len(response.data)} bytes) cannot be read: {problem}",
        http_status=response.status,
        rawResponse=_json_or_none(response),
        body=response.text,
        headers=response.headers,
        operation=operation.name,
        outcome="done",
        attempts=attempts,
        elapsed=elapsed,
    )
    problem.__traceback__ = None
    raise failure from problem


def error_of_answer(operation: Operation, response: Response) -> XenditSdkException:
    """The error that an answer stands for, whatever its body is."""
    status = response.status
    raw = _json_or_none(response)
    body = raw if isinstance(raw, dict) else {}
    said = ""
    if not response.data:
        said = "the answer is empty"
    elif raw is None:
        kind = response.headers.get("content-type", "").partition(";")[0][:60]
        said = f"the answer is {kind or 'not JSON'}, not Xendit's"
    elif raw is not body:
        said = "the answer is not an error that Xendit documents"
    if 300 <= status < 400:
        said = "a redirect, which is not followed"
    code = _first_text(body, "error_code", "errorCode", "error")
    message = _first_text(body, "message", "error_message", "errorMessage")
    errors = field_errors(body)
    if not message and not said:
        said = "the request was refused" if errors else "no message was given"
    return exception_for_status(status)(
        "" if message else said,
        http_status=status,
        errorCode=code,
        errorMessage=message,
        rawResponse=raw,
        body=response.text,
        headers=response.headers,
        errors=errors,
        model=_error_model(operation, status, body),
        operation=operation.name,
        outcome="unknown" if status >= 500 else "rejected",
    )


def _error_model(operation: Operation, status: int, body: dict[str, Any]) -> Any:
    """The body as the model declared for the status; as it came where it does not fit; None when empty."""
    name = operation.errors.get(min(500, status))
    return operation.kind(name).loosely(body, ()) if name and body else None


def _json_or_none(response: Response) -> Any:
    """The body as JSON, or None when it is none."""
    try:
        return response.json()
    except (ApiTypeError, ApiValueError):
        return None


def _first_text(body: dict[str, Any], *names: str) -> str:
    return next((body[name] for name in names if isinstance(body.get(name), str) and body[name]), "")


def field_errors(body: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The fields at fault as (path, message), from all the shapes that Xendit's products use.

    `errors` or `validation.errors`, a list of texts, of {field: [..], messages: [..]}, of
    {path: "/body/x", message} or of {path: ["x"], message}.
    """
    validation = body.get("validation")
    found = body.get("errors")
    if not isinstance(found, list):
        found = validation.get("errors") if isinstance(validation, dict) else None
    pairs: list[tuple[str, str]] = []
    for each in (found if isinstance(found, list) else [])[:100]:
        if isinstance(each, str):
            pairs.append(("", each[:500]))
        elif isinstance(each, dict):
            path = _path_text(each.get("field", each.get("path")))
            messages = each.get("messages", each.get("message"))
            for message in messages if isinstance(messages, list) else [messages]:
                if isinstance(message, str):
                    pairs.append((path, message[:500]))
    return tuple(pairs)


def _path_text(path: object) -> str:
    if isinstance(path, str):
        return path.removeprefix("/body/").strip("/").replace("/", ".")[:200]
    if isinstance(path, list):
        return ".".join(str(step) for step in path if isinstance(step, (str, int)))[:200]
    return ""
