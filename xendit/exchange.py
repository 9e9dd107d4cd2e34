"""One call as a generator: what to send, how long to wait, and what an answer means.

`exchange` yields `Send` or `Wait` and is sent a Response, a TransportError or None; it returns the result
or raises. It does no I/O and reads no clock of its own, so a sync and an async driver run the same code.

    repeat ──► attempt ──► done
      │           │
      │           └─ failed, and may be repeated: wait, again
      └─ failed, and the server may have acted:
           LookUp    a create: find the invoice, never send twice unless told to
           ReadBack  an expire: read the invoice
"""

from __future__ import annotations

from xendit.events import Attempt, Event, Notice, shown_headers
from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    ConflictException,
    ConnectionException,
    OutcomeUnknownException,
    ResponseException,
    TimeoutException,
    TlsException,
    XenditSdkException,
    add_note,
    exception_for_status,
    shortened,
)
from xendit.headers import Secret
from xendit.operation import Request, Response, TransportError
from xendit.policy import (
    LONGEST_WINDOW,
    RetryBudget,
    http_date,
    may_retry,
    outcome_of,
    reset_is_absurd,
    server_hint,
    watch_pause,
)

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any, Protocol, TypeAlias

    from xendit.operation import Operation
    from xendit.policy import Limits, RetryPolicy

    class LookUp(Protocol):
        """How a request that must not be sent twice is looked up."""

        request: Request
        sought: Any
        note: str

        @staticmethod
        def read(response: Response) -> Any:
            """What an answer to the look-up holds."""

        def fitting(self, found: Any, since: float) -> tuple[list[Any], list[Any]]:
            """Of what was found: those that the request can have made since then, and all that bear its id."""
            raise NotImplementedError

        def removal(self, extra: Any) -> tuple[Request, Callable[[Response], Any]]:
            """The request that takes back one that was made twice, and the reader of its answer."""
            raise NotImplementedError

    class ReadBack(Protocol):
        """How the state that a request should have brought about is read."""

        request: Request

        def read(self, response: Response) -> Any:
            """What an answer to the read holds."""

        @staticmethod
        def reached(found: Any) -> bool:
            """Whether the state is the one that was wanted."""
            raise NotImplementedError

        @staticmethod
        def contradicted(found: Any) -> str | None:
            """Why it cannot be reached any more, or None."""

    Steps: TypeAlias = "Generator[Send | Wait, Response | TransportError | None, Any]"

_BY_KIND: dict[str, type[ConnectionException | ResponseException]] = {
    "connect": ConnectionException,
    "reset": ConnectionException,
    "timeout": TimeoutException,
    "tls": TlsException,
    "unreadable": ResponseException,
}
_SHORTEST_ATTEMPT = 0.001
_FOR_THE_REQUEST = 2 / 3
"""The part of a call's time that a request may use when there is a recovery, which needs the rest."""
_CLOCK_MARGIN = 2.0
"""Seconds: the Date header has whole seconds, and was written before we read it."""


_LAST_LOOK = 1.0
"""Seconds that the last look of a wait may take beyond it."""
_KEPT_ATTEMPTS = 20
"""How many attempts the error of a long wait remembers."""


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
    """What a call brought: the value, the answer it was read from, and what it took.

    `recovered`: the value was found by a look-up, because the answer to the request itself was lost.
    """

    __slots__ = ("attempts", "elapsed", "recovered", "response", "value")

    def __init__(
        self, value: Any, response: Response, attempts: int, elapsed: float, *, recovered: bool = False
    ) -> None:
        self.value = value
        self.response = response
        self.attempts = attempts
        self.elapsed = elapsed
        self.recovered = recovered


class Context:
    """What a client gives to each of its calls.

    Args:
        key: gives the API key, asked before every attempt.
        user_agent: the header of that name.
        host: the base URL, for events.
        policy: how often and after which waits to try again.
        budget: what all clients of the pool may spend on retries.
        clock: a monotonic clock in seconds.
        wall: seconds since 1970, for dates that the server sends.
        chance: a random number from 0 to 1.
        tell: receives the events of the call, and does not raise.
        listens: whether events of a kind are listened to; others are not made.
    """

    __slots__ = (
        "_authorization",
        "budget",
        "chance",
        "clock",
        "host",
        "key",
        "listens",
        "policy",
        "tell",
        "user_agent",
        "wall",
    )

    def __init__(
        self,
        *,
        key: Callable[[], str],
        user_agent: str,
        host: str,
        policy: RetryPolicy,
        budget: RetryBudget,
        clock: Callable[[], float],
        wall: Callable[[], float],
        chance: Callable[[], float],
        tell: Callable[[Event], None],
        listens: Callable[[str], bool] = bool,
    ) -> None:
        self._authorization = (Secret(), Secret())
        self.listens = listens
        self.key = key
        self.user_agent = user_agent
        self.host = host
        self.policy = policy
        self.budget = budget
        self.clock = clock
        self.wall = wall
        self.chance = chance
        self.tell = tell

    def authorization(self) -> Secret:
        """HTTP Basic with the key of this moment as the user name (facts: quick-setup)."""
        key = Secret(self.key())
        known, authorization = self._authorization
        if key != known:
            from base64 import b64encode

            authorization = Secret("Basic " + b64encode(f"{key}:".encode("ascii")).decode("ascii"))
            self._authorization = key, authorization
        return authorization


class _Tried:
    """One attempt: what it brought, or its failure and whether it may be repeated."""

    __slots__ = ("again", "failure", "hint", "response", "value")

    def __init__(
        self,
        value: Any = None,
        response: Response | None = None,
        failure: XenditSdkException | None = None,
        *,
        again: bool = False,
        hint: float | None = None,
    ) -> None:
        self.value = value
        self.response = response
        self.failure = failure
        self.again = again
        self.hint = hint

    @property
    def cost(self) -> int:
        """What another attempt costs of the budget."""
        return RetryBudget.AFTER_TIMEOUT if isinstance(self.failure, TimeoutException) else RetryBudget.RETRY


def exchange(
    request: Request,
    read: Callable[[Response], Any],
    context: Context,
    limits: Limits,
    *,
    recovery: Callable[[], Any] | None = None,
    inspect: Callable[[Any], Notice | None] | None = None,
    on_unknown: str = "lookup",
) -> Steps:
    """One call: attempts, waits and look-ups until there is a Result or no more can be done in time.

    Args:
        request: what to send, without credentials.
        read: makes the result of a good answer; its ApiTypeError and ApiValueError become ResponseException.
        context: the client's settings, clocks and hooks.
        limits: the time limits; `limits.total` bounds everything.
        recovery: gives, when it is needed, the LookUp of a request that must not be sent twice or the ReadBack
            of one that may; None when there is none.
        inspect: what there is to say of the result, told as an event before the call is finished.
        on_unknown: with a LookUp: "lookup"; "raise" without looking; "resend" when nothing was found.
    """
    call = _Call(request.operation, context, limits)
    once = not request.repeatable
    recovers = recovery is not None and not (once and on_unknown == "raise")
    call.tell("started")
    failure: XenditSdkException | None = None
    try:
        tried = yield from call.repeat(request, read, limits.total * (_FOR_THE_REQUEST if recovers else 1.0))
        failure = tried.failure
        if failure is not None and recovery is not None:
            means = recovery()
            if once and failure.outcome in ("unknown", "done"):
                tried = yield from _find(call, tried, means, on_unknown, request, read)
            elif not once and call.may_have_acted and not _denied(failure):
                tried = yield from _see(call, tried, means)
            failure = tried.failure
            if once and means is not None and failure is not None:
                failure.sought = means.sought.made_since(call.server_began(), dated=call.dated)
        if failure is None and inspect is not None:
            call.notice(inspect(tried.value), tried.response)
        return _ended(call, tried)
    except BaseException as interrupt:
        if interrupt is not failure:
            if once and recovery is not None and (call.in_flight or call.may_have_acted):
                note(interrupt, recovery())
            if not call.ended:
                call.tell("finished", outcome="unknown", error=type(interrupt).__name__)
        raise


def search(look_up: LookUp, context: Context, limits: Limits, wait: float) -> Steps:
    """Look for what a create made, again and again with growing pauses, until it is found or `wait` seconds are over.

    Args:
        look_up: what to look for; its `sought.since` bounds when it was made. A bound by our clock is moved to
            the server's as soon as an answer says what that shows.
        context: the client's settings, clocks and hooks.
        limits: the time limits of each look.
        wait: seconds after which no further look is begun.

    Raises:
        OutcomeUnknownException: none fits, or several do; `candidates` are those found.
        XenditSdkException: it could not be looked for.
    """
    call = _Call(look_up.request.operation, context, limits)
    call.tell("started")
    pause = 0.5
    while True:
        tried = yield from call.repeat(look_up.request, look_up.read, call.elapsed() + limits.total)
        over = call.elapsed() + pause >= wait
        if tried.failure is None:
            fitting, bearing = look_up.fitting(tried.value, _bound(call, look_up.sought))
            if len(fitting) == 1:
                return _ended(call, _Tried(fitting[0], tried.response))
            if fitting or over:
                return _ended(call, _Tried(failure=_not_one(look_up, fitting, bearing)))
        elif over or not tried.again:
            return _ended(call, tried)
        yield from call.wait(pause, look_up.request.operation, tried.failure)
        pause = min(pause * 2, 8.0)


def watch(
    request: Request,
    read: Callable[[Response], Any],
    final: Callable[[Any], bool],
    context: Context,
    limits: Limits,
    wait: float,
) -> Steps:
    """Read again and again, with growing pauses, until what is read is final or `wait` seconds are over.

    A failure that may pass is waited out like a state that is not final.

    Raises:
        TimeoutException: what was read last is not final.
        XenditSdkException: it cannot be read, or could not at last.
    """
    call = _Call(request.operation, context, limits)
    call.tell("started")
    pauses = 0
    seen: Any = None
    while True:
        within = min(limits.total, max(wait - call.elapsed(), _LAST_LOOK))
        tried = yield from call.repeat(request, read, call.elapsed() + within)
        if tried.failure is None:
            seen = tried.value
            if final(seen):
                return _ended(call, tried)
        left = wait - call.elapsed()
        if tried.failure is not None and not tried.again:
            return _ended(call, tried)
        if left <= 0:
            return _ended(call, tried if seen is None else _Tried(failure=_not_final(seen, wait, request.operation)))
        pause = max(watch_pause(pauses, context.chance()), tried.hint or 0.0)
        pauses += 1
        yield Wait(min(pause, left))
        del call.history[:-_KEPT_ATTEMPTS]


def _not_final(value: Any, wait: float, operation: Operation) -> TimeoutException:
    failure = TimeoutException(
        f"after {wait:g} seconds of waiting it is still {value.status}", operation=operation.name, outcome="done"
    )
    failure.model = value
    return failure


def _bound(call: _Call, sought: Any) -> float:
    """The moment on the server's clock since which what is sought was made; 0.0 when there is no bound."""
    if sought.dated or not sought.since:
        return float(sought.since)
    return float(sought.since + call.server_ahead())


def _not_one(look_up: LookUp, fitting: list[Any], bearing: list[Any]) -> OutcomeUnknownException:
    """The error of a search that did not find exactly one."""
    said = f"{len(fitting)} invoices fit" if fitting else "no invoice fits yet, which does not prove that none will"
    failure = OutcomeUnknownException(
        f"{said}; do not create it again before you know", operation="resolve", outcome="unknown"
    )
    failure.candidates = tuple(fitting or bearing)
    failure.sought = look_up.sought
    return failure


def _ended(call: _Call, tried: _Tried) -> Result:
    """The result of a call, or its failure raised with the evidence."""
    failure = tried.failure
    call.ended = True
    if failure is None:
        assert tried.response is not None
        call.tell("finished", outcome="done", status=tried.response.status)
        return Result(tried.value, tried.response, call.sent, call.elapsed(), recovered=call.recovered)
    failure.attempts, failure.elapsed = call.sent, call.elapsed()
    failure.history = tuple(Attempt(*each) for each in call.history)
    call.tell("finished", outcome=failure.outcome, status=failure.http_status, error=type(failure).__name__)
    raise failure


def _denied(failure: XenditSdkException) -> bool:
    """Whether reading the invoice would be refused as well."""
    return failure.http_status in (401, 403)


def note(interrupt: BaseException, look_up: LookUp | None) -> None:
    """Add to an interrupt that the invoice may exist."""
    if not isinstance(interrupt, GeneratorExit) and look_up is not None:
        add_note(interrupt, look_up.note)


class _Call:
    """The state of one call: its clock, its attempts, what they may have done."""

    __slots__ = (
        "_dates",
        "_number",
        "_spent",
        "_tried_at",
        "begun",
        "context",
        "ended",
        "history",
        "in_flight",
        "limits",
        "may_have_acted",
        "operation",
        "recovered",
        "sent",
    )

    def __init__(self, operation: Operation, context: Context, limits: Limits) -> None:
        self.operation = operation
        self.context = context
        self.limits = limits
        self.begun = context.clock()
        self._number: int | None = None
        self.sent = 0
        self.history: list[list[Any]] = []
        self.in_flight = False
        self.may_have_acted = False
        self.recovered = False
        self.ended = False
        self._spent = 0
        self._tried_at = 0.0
        self._dates: list[tuple[str, float]] = []

    @property
    def number(self) -> int:
        """What the events of this call share; drawn when the first one is made, which most calls do not."""
        if self._number is None:
            self._number = int(self.context.chance() * 2**53)
        return self._number

    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self.context.clock() - self.begun

    @property
    def dated(self) -> bool:
        """Whether an answer has said what the server's clock shows."""
        return self._dated is not None

    def server_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours; 0 while no answer has said it."""
        dated = self._dated
        return 0.0 if dated is None else dated - (self.context.wall() - self.elapsed())

    def server_began(self) -> float:
        """When the call began by the server's clock, in seconds since 1970; by ours while no answer has said it."""
        dated = self._dated
        return (self.context.wall() - self.elapsed() if dated is None else dated) - _CLOCK_MARGIN

    @property
    def _dated(self) -> float | None:
        """When the call began by the last date that an answer bore, in seconds since 1970."""
        dates = ((http_date(text), elapsed) for text, elapsed in reversed(self._dates))
        return next((date - elapsed for date, elapsed in dates if date is not None), None)

    def spend(self, cost: int) -> bool:
        """Take this much from the pool's budget for retries, if it is there."""
        taken = self.context.budget.take(cost)
        self._spent += cost * taken
        return taken

    def give_back(self) -> None:
        """After a success: what the call has cost until here, or 1 when it cost nothing."""
        self.context.budget.give(self._spent or 1)
        self._spent = 0

    def tell(
        self,
        kind: str,
        *,
        operation: Operation | None = None,
        outcome: str | None = None,
        status: int | None = None,
        error: str | None = None,
        wait: float = 0.0,
        ms: float | None = None,
        headers: Mapping[str, str] | None = None,
        note: str = "",
    ) -> None:
        """Tell an event of this call, if anybody listens."""
        if not self.context.listens(kind):
            return
        sent = operation or self.operation
        self.context.tell(
            Event(
                kind,
                self.number,
                self.operation.name,
                sent.method,
                sent.path,
                self.context.host,
                self.sent,
                status,
                outcome,
                error,
                wait,
                self.elapsed() * 1000 if ms is None else ms,
                self.recovered,
                () if headers is None else shown_headers(headers),
                note,
            )
        )

    def notice(
        self, said: Notice | None, answer: Response | TransportError | None, *, operation: Operation | None = None
    ) -> None:
        """Tell what there is to say of an answer, if there is something."""
        if said is not None and answer is not None:
            self.tell(
                said.kind,
                operation=operation,
                outcome="done",
                status=answer.status,
                headers={name: value for name, value in answer.headers.items() if name == "request-id"},
                note=said.text,
            )

    def repeat(self, request: Request, read: Callable[[Response], Any], within: float) -> Steps:
        """Attempts and waits until one succeeds, fails for good, or `within` seconds of the call are over."""
        policy = self.context.policy
        attempts = 0
        tried: _Tried | None = None
        while True:
            remaining = within - self.elapsed()
            if tried is not None and remaining < _SHORTEST_ATTEMPT:  # the wait took longer than it should
                return tried
            attempts += 1
            answer = yield self.sending(request, remaining)
            tried = made = self.brought(request, answer, read)
            if made.failure is None:
                self.give_back()
                return made
            if not made.again or attempts > policy.retries:
                return made
            wait = policy.wait(attempts, made.hint, self.context.chance())
            if self.elapsed() + wait >= within or not self.spend(made.cost):
                return made
            yield from self.wait(wait, request.operation, made.failure)

    def wait(self, seconds: float, operation: Operation, failure: XenditSdkException | None) -> Steps:
        """Wait before the next attempt."""
        self.history[-1][-1] = seconds
        self.tell(
            "retrying",
            operation=operation,
            outcome=failure.outcome if failure else "done",
            status=failure.http_status if failure else None,
            error=type(failure).__name__ if failure else "nothing found",
            wait=seconds,
        )
        yield Wait(seconds)

    def sending(self, request: Request, remaining: float) -> Send:
        """The next attempt, within what is left of the call's time."""
        context = self.context
        self._tried_at = context.clock()
        send = Send(_authorized(request, context), self.limits.within(remaining))
        self.sent += 1
        self.in_flight = request.operation is self.operation
        return send

    def brought(
        self, request: Request, answer: Response | TransportError | None, read: Callable[[Response], Any]
    ) -> _Tried:
        """What the attempt that was sent has brought."""
        assert answer is not None
        context, operation = self.context, request.operation
        elapsed = context.clock() - self.begun
        date = answer.headers.get("date")
        if date is not None:  # kept with the moment it came; most calls never have to read it
            self._dates.append((date, elapsed))
        tried = _judged(request, answer, read, context.wall)
        failure = tried.failure
        outcome = "done" if failure is None else failure.outcome or "unknown"
        if operation is self.operation and outcome in ("unknown", "done"):
            self.may_have_acted = True
        self.in_flight = False  # not before it is known what the answer means: an interrupt can come at any line
        error = None if failure is None else type(failure).__name__
        self.history.append([self.sent, operation.name, outcome, answer.status, error, elapsed, 0.0])
        if context.listens("attempted"):
            self.tell(
                "attempted",
                operation=operation,
                outcome=outcome,
                status=answer.status,
                error=error,
                ms=(context.clock() - self._tried_at) * 1000,
                headers=answer.headers,
            )
        if answer.status == 429 and "retry-after" not in answer.headers and reset_is_absurd(answer.headers):
            said = f"Rate-Limit-Reset names a time that no window has; {LONGEST_WINDOW:.0f} seconds are taken"
            self.notice(Notice("reset_capped", said), answer, operation=operation)
        return tried


# ------------------------------------------------------------------------------------------ what became of it


def _find(
    call: _Call,
    lost: _Tried,
    look_up: LookUp | None,
    on_unknown: str,
    request: Request,
    read: Callable[[Response], Any],
) -> Steps:
    """Find out what became of a request that must not be sent twice. Absence is no proof: it may still arrive."""
    if on_unknown == "raise" or look_up is None:
        return _Tried(failure=_unknown(lost, "it was not looked up", ()))
    found = yield from _look(call, look_up, call.context.policy.lookups, lost.failure)
    if on_unknown == "resend" and _absent(found):
        found = yield from _resend(call, lost, look_up, request, read)
    if found.failure is None:
        call.recovered = True
        return found
    return _Tried(failure=_unknown(lost, str(found.failure.args[0]), found.value or ()))


def _absent(found: _Tried) -> bool:
    """Whether the last look-up was answered, and with an empty list."""
    return found.failure is not None and found.response is not None


def _look(call: _Call, look_up: LookUp, times: int, failure: XenditSdkException | None) -> Steps:
    """Look for the one that fits; else a failure that says what was found, with the candidates as its value."""
    context, limits = call.context, call.limits
    candidates: list[Any] = []
    said = "there was no time to look it up"
    hint: float | None = None
    tried = _Tried()
    for number in range(1, times + 1):
        wait = context.policy.wait(number, hint, context.chance())
        if call.elapsed() + wait + _SHORTEST_ATTEMPT >= limits.total:
            break
        if number > 1 and not call.spend(RetryBudget.RETRY):
            break
        yield from call.wait(wait, look_up.request.operation, failure)
        answer = yield call.sending(look_up.request, limits.total - call.elapsed())
        tried = call.brought(look_up.request, answer, look_up.read)
        failure, hint = tried.failure, tried.hint
        if failure is not None:
            said = f"looking it up failed ({type(failure).__name__})"
            if not tried.again:
                break
            continue
        fitting, candidates = look_up.fitting(tried.value, call.server_began())
        if len(fitting) == 1:
            call.give_back()
            return _Tried(fitting[0], tried.response)
        if fitting:
            said, candidates = f"{len(fitting)} invoices fit it", fitting
            break
        said = "it was looked up and not found, which proves nothing yet"
    # a list that holds others was not filtered, and shows nothing by what it lacks
    shown = tried.response if tried.failure is None and not tried.value else None
    return _Tried(tuple(candidates), shown, OutcomeUnknownException(said))


def _resend(
    call: _Call,
    lost: _Tried,
    look_up: LookUp,
    request: Request,
    read: Callable[[Response], Any],
) -> Steps:
    """Send again what was looked for in vain, then take back all but the oldest of what that made."""
    quiet = call.context.policy.resend_after
    if call.elapsed() + quiet + _SHORTEST_ATTEMPT >= call.limits.total:
        return _Tried(
            (), failure=OutcomeUnknownException("there was no time to look long enough before sending it again")
        )
    yield from call.wait(quiet, look_up.request.operation, lost.failure)
    found = yield from _look(call, look_up, 1, lost.failure)
    if not _absent(found):
        return found
    tried = yield from call.repeat(request, read, within=call.limits.total)
    if tried.failure is not None and tried.failure.outcome not in ("unknown", "done"):
        return _Tried((), failure=OutcomeUnknownException(f"sending it again failed ({type(tried.failure).__name__})"))
    return (yield from _keep_oldest(call, look_up, tried))


def _keep_oldest(call: _Call, look_up: LookUp, made: _Tried) -> Steps:
    """After a second request: of all that fit, the oldest; the others are taken back."""
    listed = yield from call.repeat(look_up.request, look_up.read, within=call.limits.total)
    if listed.failure is not None:
        return (
            made
            if made.failure is None
            else _Tried((), failure=OutcomeUnknownException("it was sent twice and could not be looked up"))
        )
    fitting, candidates = look_up.fitting(listed.value, call.server_began())
    if not fitting:
        return (
            made
            if made.failure is None
            else _Tried(tuple(candidates), failure=OutcomeUnknownException("it was sent twice and not found"))
        )
    acknowledged = getattr(made.value, "id", None)  # a raw answer has none
    if acknowledged is not None and all(each.id != acknowledged for each in fitting):
        fitting = [*fitting, made.value]  # the list is behind, but this one was acknowledged
    oldest, *extras = sorted(fitting, key=_creation)
    left = []
    for extra in extras:
        removal, read = look_up.removal(extra)
        removed = yield from call.repeat(removal, read, within=call.limits.total)
        if removed.failure is not None:
            left.append(extra)
    if left:
        return _Tried(
            (oldest, *left),
            failure=OutcomeUnknownException(
                f"it was made {1 + len(left)} times and the extra ones could not be expired"
            ),
        )
    return _Tried(oldest, listed.response)


def _creation(made: Any) -> float:
    """When it was made, in seconds since 1970; what does not tell it, or oddly, counts as the newest."""
    return made.created.timestamp() if hasattr(made.created, "timestamp") else float("inf")


def _unknown(lost: _Tried, said: str, candidates: Sequence[Any]) -> OutcomeUnknownException:
    """The error that says that the invoice may exist, with the evidence of what went wrong first."""
    first = lost.failure
    assert first is not None
    failure = OutcomeUnknownException(
        f"the invoice may exist: {shortened(first.args[0] or first.errorMessage, 500)}; {said}. Do not create it again before"
        " InvoiceApi.resolve(error) has looked for it",
        http_status=first.http_status,
        errorCode=first.errorCode,
        errorMessage=first.errorMessage,
        rawResponse=first.rawResponse,
        body=first.body,
        headers=first.headers,
        errors=first.errors,
        model=first.model,
        operation=first.operation,
        outcome=first.outcome,
        retry_after=first.retry_after,
    )
    failure.candidates = tuple(candidates)
    failure.__cause__ = first
    return failure


def _see(call: _Call, lost: _Tried, read_back: ReadBack) -> Steps:
    """Read what a repeatable request should have brought about."""
    seen = yield from call.repeat(read_back.request, read_back.read, within=call.limits.total)
    first = lost.failure
    assert first is not None
    if seen.failure is not None:
        first.outcome = "unknown"
        return lost
    if read_back.reached(seen.value):
        call.recovered = True
        return seen
    contradiction = read_back.contradicted(seen.value)
    if contradiction is None:
        return lost
    failure = ConflictException(
        contradiction,
        headers=first.headers,
        operation=first.operation,
        outcome="rejected",
    )
    failure.__cause__ = first
    return _Tried(failure=failure)


# ------------------------------------------------------------------------------------------ what an answer means


def _judged(
    request: Request,
    answer: Response | TransportError,
    read: Callable[[Response], Any],
    wall: Callable[[], float],
) -> _Tried:
    """What an answer, or the lack of one, means."""
    operation = request.operation
    if isinstance(answer, TransportError):
        failure: XenditSdkException = _BY_KIND[answer.kind](
            str(answer), operation=operation.name, http_status=answer.status, headers=answer.headers
        )
        good = answer.status is not None and 200 <= answer.status < 300
        failure.outcome = "done" if good else "unknown" if answer.sent else "not_sent"
        failure.__cause__ = answer.__cause__
        refused = answer.kind in ("tls", "unreadable")
        return _Tried(
            failure=failure,
            again=may_retry(repeatable=request.repeatable, sent=answer.sent, status=None, refused=refused),
        )
    if 200 <= answer.status < 300:
        return _read(operation, answer, read)
    failure = error_of_answer(operation, answer)
    failure.retry_after = hint = server_hint(answer.headers, wall(), limited=answer.status == 429)
    again = may_retry(repeatable=request.repeatable, sent=True, status=answer.status, refused=False)
    return _Tried(response=answer, failure=failure, again=again, hint=hint)


def _authorized(request: Request, context: Context) -> Request:
    """The request with what the client adds."""
    headers = {
        "user-agent": context.user_agent,
        **request.headers,
        "accept-encoding": "identity",
        "authorization": context.authorization(),
    }
    return Request(
        request.operation, request.method, request.target, headers, request.body, repeatable=request.repeatable
    )


def _read(operation: Operation, response: Response, read: Callable[[Response], Any]) -> _Tried:
    """The value of a good answer, or ResponseException with what was wrong as its cause."""
    try:
        return _Tried(read(response), response)
    except (ApiTypeError, ApiValueError) as error:
        problem = error
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
    return _Tried(response=response, failure=failure)


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
