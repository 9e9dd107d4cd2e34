"""One call: its clock, what it sent, what that may have done, what it has spent, and what it tells."""

from __future__ import annotations

from xendit.events import Attempt, Event, Notice, shown_headers
from xendit.exchange.judging import judged
from xendit.exchange.steps import CallResult, Send
from xendit.marks import mark
from xendit.operation import Request
from xendit.policy import LONGEST_WINDOW, http_date, reset_is_absurd

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn, TypeAlias

    from xendit.exceptions import XenditSdkException
    from xendit.exchange.judging import Failure, Success
    from xendit.exchange.states import State, Waiting
    from xendit.exchange.steps import Context
    from xendit.operation import Operation, Response, TransportError
    from xendit.policy import Limits

    Remembered: TypeAlias = tuple[int, str, str, int | None, str | None, float, float, str]
    """What is remembered of an attempt: the arguments of its `Attempt`. That is made only when the call fails, which most
    calls do not."""

_CLOCK_MARGIN = 2.0
"""Seconds by which the Date header may be behind: it has whole seconds, and was written before we read it."""


class Call:
    """One call.

    Args:
        operation: the operation that was called; look-ups that are sent on its behalf do not change it.
        context: the client's settings, clocks and hooks.
        limits: the time limits; `limits.total` bounds everything.
        inspect: gives what there is to say of the result; that is told before the call is finished.
    """

    __slots__ = (
        "_dates",
        "_history",
        "_inspect",
        "_number",
        "_sent_at",
        "_spent",
        "begun",
        "context",
        "ended",
        "error",
        "in_flight",
        "limits",
        "may_have_acted",
        "operation",
        "recovered",
        "sent",
        "state",
    )

    def __init__(
        self,
        operation: Operation,
        context: Context,
        limits: Limits,
        inspect: Callable[[Any], Notice | None] | None = None,
    ) -> None:
        self.operation = operation
        self.context = context
        self.limits = limits
        self._inspect = inspect
        self.begun = context.clock()
        self.state: State
        """The state in which the call is now."""
        self.sent = 0
        """Requests so far, look-ups included."""
        self.in_flight = False
        """Whether a request of the operation itself is on its way. If an interrupt comes then, its outcome is
        unknown."""
        self.may_have_acted = False
        """Whether the server may have done what the operation asks for."""
        self.recovered = False
        self.ended = False
        self.error: XenditSdkException | None = None
        """What the call raises."""
        self._number: int | None = None
        self._history: list[Remembered] = []
        self._spent = 0
        self._sent_at = 0.0
        self._dates: list[tuple[str, float]] = []

    # ---- time

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

    # ---- the budget of retries

    def pause_before_retry(self, attempt: int, failure: Failure, ends: float) -> float | None:
        """Seconds until a failed request is made again, or None when it is not made again.

        It is not made again when that could do harm, when it was tried often enough, when the pause would not end in
        time, or when the budget that the clients of the pool share is spent.

        Args:
            attempt: how many attempts were made.
            failure: what the last one brought.
            ends: when an attempt must end, in seconds since the call began.
        """
        if not failure.again or attempt > self.context.policy.retries:
            return None
        seconds = self.context.policy.wait(attempt, failure.hint, self.context.chance())
        if self.elapsed() + seconds >= ends:
            mark("exchange: no time to try again")
            return None
        if not self.spend(failure.cost):
            mark("exchange: no budget to try again")
            return None
        return seconds

    def spend(self, cost: int) -> bool:
        """Take this much from the pool's budget for retries, if it is there."""
        taken = self.context.budget.take(cost)
        self._spent += cost * taken
        return taken

    def give_back(self) -> None:
        """After a success: give back to the budget what the call has cost until now, or 1 when it cost nothing."""
        self.context.budget.give(self._spent or 1)
        self._spent = 0

    # ---- attempts

    def sending(self, request: Request, ends: float) -> Send:
        """The `Send` of the next attempt, which must end so many seconds after the call began."""
        context = self.context
        self._sent_at = now = context.clock()
        traced = None if context.trace is None else context.trace(self.number)
        send = Send(_authorized(request, context, traced), self.limits.within(ends - (now - self.begun)))
        self.sent += 1
        self.in_flight = request.operation is self.operation
        return send

    def brought(
        self, request: Request, answer: Response | TransportError | None, read: Callable[[Response], object]
    ) -> Success | Failure:
        """What the attempt that was sent has brought."""
        assert answer is not None
        context, operation = self.context, request.operation
        elapsed = context.clock() - self.begun
        date = answer.headers.get("date")
        if date is not None:  # kept unread, with the moment it came, because few calls need it
            self._dates.append((date, elapsed))
        brought = judged(request, answer, read, context.wall)
        failure = brought.error
        outcome = "done" if failure is None else failure.outcome or "unknown"
        if operation is self.operation and outcome in ("unknown", "done"):
            self.may_have_acted = True
        self.in_flight = False  # only now, because an interrupt can come at any line above
        error = None if failure is None else type(failure).__name__
        self._history.append((self.sent, operation.name, outcome, answer.status, error, elapsed, 0.0, self.state.name))
        if context.listens("attempted"):
            self.tell(
                "attempted",
                operation=operation,
                outcome=outcome,
                status=answer.status,
                error=error,
                ms=(context.clock() - self._sent_at) * 1000,
                headers=answer.headers,
            )
        if answer.status == 429 and "retry-after" not in answer.headers and reset_is_absurd(answer.headers):
            mark("exchange: an absurd reset is capped")
            said = f"Rate-Limit-Reset names a time that no window has; {LONGEST_WINDOW:.0f} seconds are taken"
            self.notice(Notice("reset_capped", said), answer, operation=operation)
        return brought

    def pausing(self, state: Waiting) -> None:
        """Note that the call waits now, and tell it."""
        if not state.is_told:
            return
        error = state.error
        last = self._history[-1]
        self._history[-1] = (*last[:6], state.seconds, last[7])
        self.tell(
            "retrying",
            operation=state.operation,
            outcome=error.outcome if error else "done",
            status=error.http_status if error else None,
            error=type(error).__name__ if error else "nothing found",
            wait=state.seconds,
        )

    def forget_all_but(self, count: int) -> None:
        """Forget all attempts but the last ones, because a long wait makes many."""
        del self._history[:-count]

    # ---- the end

    def result(self, value: object, response: Response) -> CallResult:
        """The result of the call, which is told as finished here."""
        if self._inspect is not None:
            self.notice(self._inspect(value), response)
        self.ended = True
        self.tell("finished", outcome="done", status=response.status)
        return CallResult(value, response, self.sent, self.elapsed(), recovered=self.recovered)

    def fail(self, error: XenditSdkException, add_evidence: Callable[[XenditSdkException], None]) -> NoReturn:
        """Raise the error of the call with its evidence, and tell the call as finished."""
        self.error = error
        add_evidence(error)
        error.attempts, error.elapsed = self.sent, self.elapsed()
        error.history = tuple(Attempt(*remembered) for remembered in self._history)
        self.ended = True
        self.tell("finished", outcome=error.outcome, status=error.http_status, error=type(error).__name__)
        raise error

    # ---- events

    @property
    def number(self) -> int:
        """The number that the events of this call share. It is drawn for the first event; most calls make none."""
        if self._number is None:
            self._number = int(self.context.chance() * 2**53)
        return self._number

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
                self.state.name,
            )
        )

    def notice(
        self, said: Notice | None, answer: Response | TransportError, *, operation: Operation | None = None
    ) -> None:
        """Tell a notice about an answer, if there is one."""
        if said is not None:
            self.tell(
                said.kind,
                operation=operation,
                outcome="done",
                status=answer.status,
                headers={name: value for name, value in answer.headers.items() if name == "request-id"},
                note=said.text,
            )


def _authorized(request: Request, context: Context, traced: dict[str, str] | None) -> Request:
    """The request with what the client adds, and the headers of a trace unless the caller gave them."""
    headers = {
        "user-agent": context.user_agent,
        **request.headers,
        "accept-encoding": "identity",
        "authorization": context.authorization(),
    }
    if traced:
        headers = {**traced, **headers}
    return Request(
        request.operation,
        request.method,
        request.target,
        headers,
        request.body,
        repeatable=request.repeatable,
        traced=traced is not None,
    )
