"""One call from its first state on: the request is sent, and what comes after it is `recovery`'s where there is one.

Most calls read, and an answer that was lost is asked for again. So `recovery` is loaded only for a request that has one.
"""

from __future__ import annotations

from xendit.exceptions import add_note
from xendit.exchange.attempt import Call
from xendit.exchange.states import Done, Ending, Failed, Requesting, State, conduct

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xendit.events import Notice
    from xendit.exchange.judging import Failure, Success
    from xendit.exchange.recovery import LookUp, Recovery
    from xendit.exchange.steps import Context, Steps
    from xendit.operation import Request, Response
    from xendit.policy import Limits

_FOR_THE_REQUEST = 2 / 3
"""The part of a call's time that a request may use when there is a recovery, which needs the rest."""


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
        recovery: gives, when it is needed, the LookUp of a request that must not be sent twice or the ReadBack
            of one that may; None when there is none.
        inspect: what there is to say of the result, told as an event before the call is finished.
        on_unknown: with a LookUp: "lookup"; "raise" without looking; "resend" when nothing was found.
    """
    call = Call(request.operation, context, limits, inspect)
    if recovery is None:
        return conduct(call, Sending(request, read, limits.total, None), Ending())
    # Before anything is sent: where files cannot be read any more, a create whose answer was lost is looked up all the same.
    from xendit.exchange.recovery import Recovery

    means = Recovery(call, request, read, recovery, on_unknown)
    looks = request.repeatable or on_unknown != "raise"
    ends = limits.total * (_FOR_THE_REQUEST if looks else 1.0)
    return conduct(call, Sending(request, read, ends, means), means)


def note(interrupt: BaseException, look_up: LookUp | None) -> None:
    """Add to an interrupt that what was to be created may exist."""
    if not isinstance(interrupt, GeneratorExit) and look_up is not None:
        add_note(interrupt, look_up.note)


class Sending(Requesting):
    """The request is on its way.

    Args:
        request, read, ends, attempt: as of `Requesting`.
        recovery: what to do when it is not known what became of it; None when there is no way.
    """

    __slots__ = ("recovery",)

    def __init__(
        self, request: Request, read: Callable[[Response], object], ends: float, recovery: Recovery | None
    ) -> None:
        super().__init__(request, read, ends)
        self.recovery = recovery

    def succeeded(self, call: Call, brought: Success) -> State:  # noqa: ARG002 - the signature of all states
        """It was answered well."""
        return Done(brought.value, brought.response)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """It is over, or it must be found out what became of it."""
        return Failed(brought.error) if self.recovery is None else self.recovery.start(brought)
