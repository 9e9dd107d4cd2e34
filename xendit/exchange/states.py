"""The states of a call, the loop that goes from one to the next, and the call itself, which begins with `Sending`.

At every moment a call is in one state, which says what is done now: a request is on its way (`Requesting`), time
passes (`Waiting`), or the call is over (`Final`). A state does no I/O. It is told what its request has brought, or that
its time has passed, and returns the next state. Its methods are handed the call, and ask it for the clock, the policy
and what was sent so far. So every decision is one method of one state:

    Requesting   after(call, brought)   what the answer makes of the call
    Waiting      over(call)             what is done after the pause
    Final        none

Most calls only read; when an answer is lost, the request is simply made again. The states of looking up and of reading
back are in `recovery`. It is loaded only for a request that may need it, and before that request is sent.

A state is never changed once it was made. Its name is the name of its class: events, spans, the history of an error and
the drawing in docs/Reliability.md use it.
"""

from __future__ import annotations

from xendit.exceptions import add_note
from xendit.exchange.attempt import Call
from xendit.exchange.judging import Success
from xendit.exchange.steps import Wait
from xendit.marks import mark

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from xendit.events import Notice
    from xendit.exceptions import XenditSdkException
    from xendit.exchange.judging import Failure
    from xendit.exchange.recovery import LookUp, Recovery
    from xendit.exchange.steps import Context, Steps
    from xendit.operation import Operation, Request, Response
    from xendit.policy import Limits

SHORTEST_ATTEMPT = 0.001
"""Seconds that must be left for an attempt; with less it could only fail."""
_FOR_THE_REQUEST = 2 / 3
"""The part of a call's time that the request may use when there is a recovery. The recovery needs the rest."""


class State:
    """One state of a call. Its repr is its name: what it holds may be personal."""

    __slots__ = ()
    name = ""
    """What events and documents call it: the name of the class."""

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Requesting(State):
    """A request is on its way.

    After a failure that may pass, the same request is made again after a pause, as often as the policy and the budget
    of retries allow. A subclass says what comes after a good answer, and what comes after the last failure.

    Args:
        request: what is sent.
        read: makes the value of a good answer; its ApiTypeError and ApiValueError become ResponseException.
        ends: when an attempt must end, in seconds since the call began.
        attempt: which attempt of this state it is, from 1.
    """

    __slots__ = ("attempt", "ends", "read", "request")

    def __init__(self, request: Request, read: Callable[[Response], object], ends: float, attempt: int = 1) -> None:
        self.request = request
        self.read = read
        self.ends = ends
        self.attempt = attempt

    def after(self, call: Call, brought: Success | Failure) -> State:
        """The next state, given what the request has brought."""
        if isinstance(brought, Success):
            call.give_back()
            return self.succeeded(call, brought)
        seconds = call.pause_before_retry(self.attempt, brought, self.ends)
        return self.failed(call, brought) if seconds is None else WaitingToRetry(seconds, brought, self)

    def succeeded(self, call: Call, brought: Success) -> State:
        """The next state after a good answer."""
        raise NotImplementedError

    def failed(self, call: Call, brought: Failure) -> State:
        """The next state after a failure that is not tried again."""
        raise NotImplementedError

    def once_more(self) -> Requesting:
        """The same state with the next attempt."""
        made = object.__new__(type(self))
        for cls in type(self).__mro__:
            for name in getattr(cls, "__slots__", ()):
                setattr(made, name, getattr(self, name))
        made.attempt = self.attempt + 1
        return made


class Sending(Requesting):
    """The request of the call itself is on its way.

    Args:
        request, read, ends, attempt: as for `Requesting`.
        recovery: what to do when it is not known what became of the request; None when there is no way.
    """

    __slots__ = ("recovery",)

    def __init__(
        self, request: Request, read: Callable[[Response], object], ends: float, recovery: Recovery | None
    ) -> None:
        super().__init__(request, read, ends)
        self.recovery = recovery

    def succeeded(self, call: Call, brought: Success) -> State:  # noqa: ARG002 - the signature of all states
        """`Done`: the request was answered well."""
        return Done(brought.value, brought.response)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """`Failed`, or the first state of the recovery, which finds out what became of the request."""
        return Failed(brought.error) if self.recovery is None else self.recovery.start(brought)


class Waiting(State):
    """Time passes before the next request.

    Args:
        seconds: how long.
        operation: the operation of the request that is sent after the pause.
        error: why there is a pause; None when an answer did not hold what was looked for.
    """

    __slots__ = ("error", "operation", "seconds")
    is_told = True
    """Whether an event and a line of the log tell of the pause. They do not where looking again and again is no
    trouble."""

    def __init__(self, seconds: float, operation: Operation, error: XenditSdkException | None) -> None:
        self.seconds = seconds
        self.operation = operation
        self.error = error

    def over(self, call: Call) -> State:
        """The next state, when the time has passed."""
        raise NotImplementedError


class WaitingToRetry(Waiting):
    """The request is made again after a pause.

    Args:
        seconds: how long.
        failure: what went wrong.
        then: the state that follows the pause.
    """

    __slots__ = ("failure", "then")

    def __init__(self, seconds: float, failure: Failure, then: Requesting) -> None:
        super().__init__(seconds, then.request.operation, failure.error)
        self.failure = failure
        self.then = then

    def over(self, call: Call) -> State:
        """The next attempt; the end when the pause took longer than it should and no time is left."""
        if self.then.ends - call.elapsed() < SHORTEST_ATTEMPT:
            mark("exchange: the pause before a retry took the time that was left")
            return self.then.failed(call, self.failure)
        return self.then.once_more()


class Final(State):
    """The call is over."""

    __slots__ = ()


class Done(Final):
    """The answer to the request itself brought what was wanted."""

    __slots__ = ("response", "value")

    def __init__(self, value: object, response: Response) -> None:
        self.value = value
        self.response = response


class Found(Final):
    """Another answer showed what was wanted: the one to a look-up, or to reading back."""

    __slots__ = ("response", "value")

    def __init__(self, value: object, response: Response) -> None:
        self.value = value
        self.response = response


class NotFound(Final):
    """The thing was looked for, but none was found, or more than one: the request may have been carried out all the
    same.

    Args:
        said: what was found instead, in words.
        candidates: the things that may be the one that was looked for.
        empty: whether the last look-up was answered with an empty list. A list that holds other things proves nothing,
            because the server did not filter it.
    """

    __slots__ = ("candidates", "empty", "said")

    def __init__(self, said: str, candidates: Sequence[object] = (), *, empty: bool = False) -> None:
        self.said = said
        self.candidates = tuple(candidates)
        self.empty = empty


class Failed(Final):
    """The call failed, and it is known what became of the request, or it was a request that only reads."""

    __slots__ = ("error",)

    def __init__(self, error: XenditSdkException) -> None:
        self.error = error


class Ending:
    """What there is to say when a call ends without what was wanted. This one says nothing of its own."""

    __slots__ = ()

    def error_of(self, found: NotFound) -> XenditSdkException:
        """The error of a call that ended as `NotFound`."""
        raise NotImplementedError(found.said)

    def evidence(self, error: XenditSdkException) -> None:
        """Add to an error what can be done about it."""

    def interrupted(self, interrupt: BaseException) -> None:
        """Add to an interrupt what the user must know."""


def conduct(call: Call, state: State, ending: Ending) -> Steps:
    """Go from state to state until one is final: what `exchange`, `search` and `watch` are.

    `finished` is told exactly once, whichever way the call ends, even when the driver throws an interrupt into this
    generator or drops it in the middle.

    Args:
        call: the call.
        state: its first state.
        ending: what there is to say when it fails or is interrupted.

    Raises:
        XenditSdkException: the call ended as `Failed` or `NotFound`.
    """
    call.state = state
    try:
        call.tell("started")
        while True:
            if isinstance(state, Requesting):
                answer = yield call.sending(state.request, state.ends)
                state = state.after(call, call.brought(state.request, answer, state.read))
            elif isinstance(state, (Done, Found)):
                return call.result(state.value, state.response)
            elif isinstance(state, Waiting):
                call.pausing(state)
                yield Wait(state.seconds)
                state = state.over(call)
            elif isinstance(state, NotFound):
                call.fail(ending.error_of(state), ending.evidence)
            else:
                assert isinstance(state, Failed)
                call.fail(state.error, ending.evidence)
            call.state = state
    except BaseException as interrupt:
        if interrupt is not call.error:
            ending.interrupted(interrupt)
            if not call.ended:
                call.ended = True
                call.tell("finished", outcome="unknown", error=type(interrupt).__name__)
        raise


def exchange(
    request: Request,
    read: Callable[[Response], object],
    context: Context,
    limits: Limits,
    *,
    recovery: Callable[[], object] | None = None,
    inspect: Callable[[Any], Notice | None] | None = None,
    on_unknown: str = "lookup",
) -> Steps:
    """One call: attempts, waits and look-ups until there is a CallResult or no more can be done in time.

    Args:
        request: what to send, without credentials.
        read: makes the result of a good answer; its ApiTypeError and ApiValueError become ResponseException.
        context: the client's settings, clocks and hooks.
        limits: the time limits; `limits.total` bounds everything.
        recovery: called when it is needed; gives the LookUp of a request that must not be sent twice, or the ReadBack
            of one that may. None when the operation has neither.
        inspect: gives what there is to say of the result; that is told as an event before the call is finished.
        on_unknown: what to do with a LookUp when the outcome is unknown: "lookup" looks the thing up; "raise" does not
            look; "resend" looks, and sends the request again when nothing was found.
    """
    call = Call(request.operation, context, limits, inspect)
    if recovery is None:
        return conduct(call, Sending(request, read, limits.total, None), Ending())
    # Imported before anything is sent, so that a create whose answer was lost can be looked up even when the process
    # cannot open files any more. `queries` writes the look-up's URL. (`from xendit import queries` would first ask the
    # face of the package, which loads every product to find out that none has a model of that name.)
    import xendit.queries  # noqa: F401
    from xendit.exchange.recovery import Recovery

    means = Recovery(call, request, read, recovery, on_unknown)
    looks = request.repeatable or on_unknown != "raise"
    ends = limits.total * (_FOR_THE_REQUEST if looks else 1.0)
    return conduct(call, Sending(request, read, ends, means), means)


def note(interrupt: BaseException, look_up: LookUp | None) -> None:
    """Add to an interrupt that what was to be created may exist."""
    if not isinstance(interrupt, GeneratorExit) and look_up is not None:
        add_note(interrupt, look_up.note)
