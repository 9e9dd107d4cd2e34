"""What a call tells while it runs, to the hook of `Configuration.on_event` and to the logger `xendit`.

Events are frozen values that hold no key, no body, no header outside SHOWN_HEADERS, no id and no query: an
operation is named by its route, such as `/v2/invoices/{invoice_id}`. Nothing that a hook does can break a call.
"""

from __future__ import annotations

from xendit.policy import Value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHOWN_HEADERS = frozenset(
    {
        "content-length",
        "content-type",
        "date",
        "rate-limit-limit",
        "rate-limit-remaining",
        "rate-limit-reset",
        "request-id",
        "retry-after",
    }
)
"""The headers of an answer that may be logged. Any other one might hold something that must not be."""


class Attempt(Value):
    """One attempt of a call, as `XenditSdkException.history` keeps it.

    Args:
        number: from 1, counted over the whole call, its look-ups included.
        operation: what was sent, such as `"create_invoice"`; its look-up is `"get_invoices"`.
        outcome: `"not_sent"`, `"rejected"`, `"unknown"` or `"done"`.
        status: the answer's HTTP status, or None when there was no answer.
        error: the name of the exception class that the attempt stands for, or None when it brought what was wanted.
        elapsed: seconds from the start of the call to the end of the attempt.
        wait: seconds waited after it, 0.0 when it was the last.
        state: the state of the call in which it was made, such as `"Sending"` or `"LookingUp"`.
    """

    __slots__ = ("number", "operation", "outcome", "status", "error", "elapsed", "wait", "state")  # noqa: RUF023 - the constructor's order
    number: int
    operation: str
    outcome: str
    status: int | None
    error: str | None
    elapsed: float
    wait: float
    state: str

    def __init__(
        self,
        number: int,
        operation: str,
        outcome: str,
        status: int | None,
        error: str | None,
        elapsed: float,
        wait: float = 0.0,
        state: str = "",
    ) -> None:
        self._hold(
            number=number,
            operation=operation,
            outcome=outcome,
            status=status,
            error=error,
            elapsed=elapsed,
            wait=wait,
            state=state,
        )


class Notice(Value):
    """Something notable about an answer, although the call goes on or succeeds.

    It is told as an event and as a line of the log, and never as a Python warning. In a program that turns warnings
    into errors, a warning would take away the result of a request that was carried out.

    Args:
        kind: the kind of the event, such as `"invoice_cut"`.
        text: a sentence without ids and personal data.
    """

    __slots__ = ("kind", "text")
    kind: str
    text: str

    def __init__(self, kind: str, text: str) -> None:
        self._hold(kind=kind, text=text)


class Event(Value):
    """One moment of a call.

    Args:
        kind: `"started"`, once; `"attempted"`, after each request; `"retrying"`, before the next one;
            `"finished"`, once, whether the call succeeded or not. Between them notices, which have a `note`:
            `"invoice_cut"` when the invoice is over another amount than was asked for, `"reset_capped"` when
            `Rate-Limit-Reset` names a time that no window of the rate limit has. Later versions may have more.
        call: a number that all events of one call share.
        operation: the method that was called, such as `"create_invoice"`.
        method: the HTTP method of the request, such as `"POST"`.
        route: its path with the names of its parameters, such as `/v2/invoices/{invoice_id}`.
        host: the base URL.
        attempt: how many requests were sent so far, look-ups included.
        status: the HTTP status of the last answer, or None.
        outcome: what became of the attempt or, when finished, of the call; None before the first attempt.
        error: the name of the exception class, or None.
        wait: seconds until the next attempt, when retrying.
        ms: milliseconds: of the attempt, when attempted; else since the call started.
        recovered: whether the result was found by a look-up after the answer to the create was lost.
        headers: the answer's headers as pairs, those of SHOWN_HEADERS alone.
        note: what a notice says; empty for every other event.
        state: the state of the call, such as `"Sending"`, `"LookingUp"` or `"Found"`; docs/Reliability.md draws them.
    """

    __slots__ = (  # noqa: RUF023 - the constructor's order
        "kind",
        "call",
        "operation",
        "method",
        "route",
        "host",
        "attempt",
        "status",
        "outcome",
        "error",
        "wait",
        "ms",
        "recovered",
        "headers",
        "note",
        "state",
    )
    kind: str
    call: int
    operation: str
    method: str
    route: str
    host: str
    attempt: int
    status: int | None
    outcome: str | None
    error: str | None
    wait: float
    ms: float
    recovered: bool
    headers: tuple[tuple[str, str], ...]
    note: str
    state: str

    def __init__(
        self,
        kind: str,
        call: int,
        operation: str,
        method: str,
        route: str,
        host: str,
        attempt: int = 0,
        status: int | None = None,
        outcome: str | None = None,
        error: str | None = None,
        wait: float = 0.0,
        ms: float = 0.0,
        recovered: bool = False,  # noqa: FBT001, FBT002 - a value's field
        headers: tuple[tuple[str, str], ...] = (),
        note: str = "",
        state: str = "",
    ) -> None:
        self._hold(
            kind=kind,
            call=call,
            operation=operation,
            method=method,
            route=route,
            host=host,
            attempt=attempt,
            status=status,
            outcome=outcome,
            error=error,
            wait=wait,
            ms=ms,
            recovered=recovered,
            headers=headers,
            note=note,
            state=state,
        )


def shown_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers that may be logged, their values short and printable."""
    return tuple(
        (
            name,
            value[:100]
            if value.isprintable()
            else "".join(each if each.isprintable() else " " for each in value[:100]),
        )
        for name, value in headers.items()
        if name in SHOWN_HEADERS
    )


def teller(hook: Callable[[Event], object] | None) -> Callable[[Event], None]:
    """A function that tells an event to the log and to the hook, and never raises what they raise.

    If they raise, only the type of the error is reported, because the text of a user's error may hold anything.
    """
    import logging

    log = logging.getLogger("xendit")

    def write(event: Event) -> None:
        if event.kind == "attempted":
            if log.isEnabledFor(logging.DEBUG):
                log.debug(*_attempt_line(event))
        elif event.kind == "retrying":
            log.warning(
                "%s: attempt %d failed (%s); the next one in %.2f s",
                event.operation,
                event.attempt,
                event.error or event.status,
                event.wait,
            )
        elif event.note:
            log.warning("%s: %s%s", event.operation, event.note, _header_texts(event))

    def tell(event: Event) -> None:
        try:
            write(event)
        except Exception as error:  # noqa: BLE001 - a handler or filter of the application's own; see above
            _say_aside(f"a handler of the log raised {type(error).__name__}")
        if hook is not None:
            try:
                hook(event)
            except Exception as error:  # noqa: BLE001 - a payment must not fail because its observer did
                _say_of_hook(error)

    def _say_of_hook(error: Exception) -> None:
        try:
            log.warning("the on_event hook raised %s; the call goes on", type(error).__name__)
        except Exception as second:  # noqa: BLE001 - the log's handler fails as well
            _say_aside(f"the on_event hook raised {type(error).__name__}, a handler of the log {type(second).__name__}")

    return tell


def _say_aside(said: str) -> None:
    """Write to the standard error stream, as `logging` itself does when a handler fails, and only if `logging` would."""
    import logging
    import sys

    if logging.raiseExceptions and sys.stderr is not None:
        sys.stderr.write(f"xendit: {said}; the call goes on\n")


def listener(hook: Callable[[Event], object] | None) -> Callable[[str], bool]:
    """A function that says whether the log or the hook wants events of a kind, so that others need not be made."""
    import logging

    log = logging.getLogger("xendit")

    def listens(kind: str) -> bool:
        if hook is not None or kind not in ("started", "attempted", "finished"):
            return True
        return kind == "attempted" and log.isEnabledFor(logging.DEBUG)

    return listens


def _attempt_line(event: Event) -> tuple[object, ...]:
    return (
        "%s: %s %s, attempt %d: %s in %.0f ms%s",
        event.operation,
        event.method,
        event.route,
        event.attempt,
        event.error or event.status if event.status is None else event.status,
        event.ms,
        _header_texts(event),
    )


def _header_texts(event: Event) -> str:
    return "".join(f" {name}={value}" for name, value in event.headers)
