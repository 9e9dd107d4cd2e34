"""What an answer, or the lack of one, means: the value of a good one, or the error that it stands for."""

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
from xendit.marks import mark
from xendit.messages import TransportError, foreign_encoding
from xendit.policy import RetryBudget, may_retry, outcome_of, server_hint

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from xendit.exceptions import XenditSdkException
    from xendit.operation import Operation, Request, Response

_BY_KIND: dict[str, type[ConnectionException | ResponseException]] = {
    "connect": ConnectionException,
    "proxy": ConnectionException,
    "reset": ConnectionException,
    "timeout": TimeoutException,
    "tls": TlsException,
    "unreadable": ResponseException,
}
"""The class of error for each kind of TransportError."""


class Success:
    """An attempt that brought what was wanted."""

    __slots__ = ("response", "value")
    error: Literal[None] = None

    def __init__(self, value: object, response: Response) -> None:
        self.value = value
        self.response = response


class Failure:
    """An attempt that did not.

    Args:
        error: what it stands for.
        again: whether the attempt may be repeated without doing harm.
        hint: seconds after which the server asked to come back, or None.
    """

    __slots__ = ("again", "error", "hint")

    def __init__(self, error: XenditSdkException, *, again: bool = False, hint: float | None = None) -> None:
        self.error: XenditSdkException = error
        self.again = again
        self.hint = hint

    @property
    def cost(self) -> int:
        """How much of the budget of retries another attempt costs."""
        return RetryBudget.AFTER_TIMEOUT if isinstance(self.error, TimeoutException) else RetryBudget.RETRY


def judged(
    request: Request,
    answer: Response | TransportError,
    read: Callable[[Response], object],
    wall: Callable[[], float],
) -> Success | Failure:
    """What an answer, or the lack of one, means.

    Args:
        request: what was sent.
        answer: what came.
        read: makes the value of a good answer.
        wall: seconds since 1970, for a hint that is a date.
    """
    operation = request.operation
    if isinstance(answer, TransportError):
        error: XenditSdkException = _BY_KIND[answer.kind](
            str(answer), operation=operation.name, http_status=answer.status, headers=answer.headers
        )
        good = answer.status is not None and 200 <= answer.status < 300
        if good:
            mark("exchange: a good answer that is not read")
        error.outcome = "done" if good else "unknown" if answer.sent else "not_sent"
        error.__cause__ = answer.__cause__
        refused = answer.kind in ("tls", "unreadable", "proxy")
        return Failure(
            error, again=may_retry(repeatable=request.repeatable, sent=answer.sent, status=None, refused=refused)
        )
    if 200 <= answer.status < 300:
        return _read(operation, answer, read)
    error = error_of_answer(operation, answer)
    error.retry_after = hint = server_hint(answer.headers, wall(), limited=answer.status == 429)
    again = may_retry(repeatable=request.repeatable, sent=True, status=answer.status, refused=False)
    if error.outcome == "rejected" and error.errorCode in operation.existing:
        error.outcome = "unknown"
    again = again or (error.outcome == "rejected" and error.errorCode in operation.passing)
    return Failure(error, again=again, hint=hint)


def _read(operation: Operation, response: Response, read: Callable[[Response], object]) -> Success | Failure:
    """The value of a good answer, or ResponseException with what was wrong as its cause."""
    try:
        return Success(read(response), response)
    except (ApiTypeError, ApiValueError) as error:
        problem = error
    mark("exchange: a good answer that cannot be used")
    kind = response.headers.get("content-type", "no content type").partition(";")[0][:60]
    failure = ResponseException(
        f"the answer ({kind}, {len(response.data)} bytes) cannot be used: {problem}",
        http_status=response.status,
        rawResponse=_json_or_none(response),
        body=response.text,
        headers=response.headers,
        operation=operation.name,
        outcome="done",
    )
    problem.__traceback__ = None
    problem.__context__ = None
    failure.__cause__ = problem
    return Failure(failure)


def error_of_answer(operation: Operation, response: Response) -> XenditSdkException:
    """The error that an answer stands for, whatever its body is."""
    status = response.status
    raw = _json_or_none(response)
    body = raw if isinstance(raw, dict) else {}
    said = ""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if not response.data:
        said = "the answer is empty"
    elif raw is None and encoding not in ("", "identity", "gzip", "x-gzip"):
        said = foreign_encoding(encoding)
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
    failure = exception_for_status(status)(
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
        outcome=outcome_of(status),
    )
    said_to_shopper = operation.user_messages.get(status)
    if said_to_shopper is not None:
        failure.user_message = said_to_shopper
    return failure


def _error_model(operation: Operation, status: int, body: dict[str, object]) -> object:
    """The body read as the model that is declared for the status; as it came where it does not fit; None when empty."""
    name = operation.errors.get(status) or operation.errors.get(min(500, status))
    return operation.kind(name).loosely(body, ()) if name and body else None


def _json_or_none(response: Response) -> object:
    """What the body holds as JSON, or None when it is no JSON."""
    try:
        return response.json()
    except (ApiTypeError, ApiValueError):
        return None


def _first_text(body: dict[str, Any], *names: str) -> str:
    return next((body[name] for name in names if isinstance(body.get(name), str) and body[name]), "")


def field_errors(body: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """The fields at fault as (path, message), from all the shapes that Xendit's products use.

    They stand in `errors` or in `validation.errors`, a list whose items are texts, {field: [..], messages: [..]},
    {path: "/body/x", message}, {path: ".query.x", message} or {path: ["x"], message}.
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
        steps = path.strip("/.").replace("/", ".").split(".")
        return ".".join(steps[1:] if steps[0] in ("body", "query", "headers", "params") else steps)[:200]
    if isinstance(path, list):
        return ".".join(str(step) for step in path if isinstance(step, (str, int)))[:200]
    return ""
