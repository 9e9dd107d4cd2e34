"""Looking again and again, with growing pauses: for what a create made, or until what is read is final.

Searching ⇄ WaitingToSearch     until one is found, several fit, or the time is over
Watching ⇄ WaitingToWatch       until what is read is final, or the time is over
"""

from __future__ import annotations

from xendit.exceptions import OutcomeUnknownException, TimeoutException
from xendit.exchange.attempt import Call
from xendit.exchange.states import Done, Ending, Failed, Found, NotFound, Requesting, State, Waiting, conduct
from xendit.marks import mark
from xendit.policy import watch_pause

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xendit.exceptions import XenditSdkException
    from xendit.exchange.judging import Failure, Success
    from xendit.exchange.recovery import Findable, LookUp
    from xendit.exchange.steps import Context, Steps
    from xendit.operation import Operation, Request, Response
    from xendit.policy import Limits

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
"""Seconds between two looks of a search: half a second, doubled each time up to this."""
_LAST_LOOK = 1.0
"""Seconds that the last look of a wait may take beyond it."""
_KEPT_ATTEMPTS = 20
"""How many attempts the error of a long wait remembers."""


# ------------------------------------------------------------------------------------------ searching


def search(look_up: LookUp, context: Context, limits: Limits, wait: float) -> Steps:
    """Look for what a create made, again and again with growing pauses, until it is found or `wait` seconds are over.

    Args:
        look_up: what to look for. Its `sought.since` is the earliest moment at which the thing can have been made. A
            moment by our clock is converted to the server's clock as soon as an answer bears the server's time.
        context: the client's settings, clocks and hooks.
        limits: the time limits of each look.
        wait: seconds after which no further look is begun.

    Raises:
        OutcomeUnknownException: none fits, or several do; `candidates` are those found.
        XenditSdkException: looking for the thing failed.
    """
    call = Call(look_up.request.operation, context, limits)
    return conduct(call, Searching(look_up, limits.total, wait, _FIRST_PAUSE), _Search(look_up))


class _Search(Ending):
    """The error of a search in vain."""

    __slots__ = ("_look_up",)

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up

    def error_of(self, found: NotFound) -> XenditSdkException:
        """The error that says that none fits, or that several do."""
        error = OutcomeUnknownException(
            f"{found.said}; do not create it again before you know", operation=self._look_up.finder, outcome="unknown"
        )
        error.candidates = found.candidates
        error.sought = self._look_up.sought
        error.user_message = self._look_up.user_message
        return error


class Searching(Requesting):
    """A look is on its way.

    Args:
        look_up: what to look for.
        ends: as for `Requesting`.
        wait: seconds of the call after which no further look is begun.
        pause: seconds until the next look.
    """

    __slots__ = ("look_up", "pause", "wait")

    def __init__(self, look_up: LookUp, ends: float, wait: float, pause: float) -> None:
        super().__init__(look_up.request, look_up.read, ends)
        self.look_up = look_up
        self.wait = wait
        self.pause = pause

    def succeeded(self, call: Call, brought: Success) -> State:
        """The end when one thing fits, or several, among which a human must choose; else the next look, after a pause."""
        fitting, bearing = self.look_up.fitting(brought.value, _bound(call, self.look_up.sought))
        if len(fitting) == 1:
            mark("waiting: found by a search")
            return Found(fitting[0], brought.response)
        noun = call.operation.noun
        if fitting:
            mark("waiting: several fit")
            return NotFound(f"{len(fitting)} {noun}s fit", fitting)
        if self._is_over(call):
            return NotFound(f"no {noun} fits yet, which does not prove that none will", bearing)
        return WaitingToSearch(self, None)

    def failed(self, call: Call, brought: Failure) -> State:
        """What may pass is waited out."""
        if self._is_over(call) or not brought.again:
            mark("waiting: a search failed")
            return Failed(brought.error)
        return WaitingToSearch(self, brought.error)

    def _is_over(self, call: Call) -> bool:
        return call.elapsed() + self.pause >= self.wait


class WaitingToSearch(Waiting):
    """A pause before the next look.

    Args:
        before: the look before this pause.
        error: why that look failed, if it did.
    """

    __slots__ = ("before",)

    def __init__(self, before: Searching, error: XenditSdkException | None) -> None:
        super().__init__(before.pause, before.request.operation, error)
        self.before = before

    def over(self, call: Call) -> State:
        """The next look, after which the pause will be longer."""
        before = self.before
        pause = min(before.pause * 2, _LONGEST_PAUSE)
        return Searching(before.look_up, call.elapsed() + call.limits.total, before.wait, pause)


def _bound(call: Call, sought: Findable) -> float:
    """The earliest moment, by the server's clock, at which the thing can have been made; 0.0 when there is no bound."""
    if sought.dated or not sought.since:
        return sought.since
    return sought.since + call.server_ahead()


# ------------------------------------------------------------------------------------------ watching


def watch(
    request: Request,
    read: Callable[[Response], object],
    final: Callable[[Any], bool],
    context: Context,
    limits: Limits,
    wait: float,
) -> Steps:
    """Read again and again, with growing pauses, until what is read is final or `wait` seconds are over.

    After a failure that may pass it is read again, just as when what was read is not final yet.

    Raises:
        TimeoutException: what was read last is not final.
        XenditSdkException: reading failed for good, or was still failing when the time was over.
    """
    call = Call(request.operation, context, limits)
    return conduct(call, Watching(request, read, _look_ends(call, wait), final, wait), Ending())


class Watching(Requesting):
    """A look is on its way.

    Args:
        request, read, ends: as for `Requesting`.
        final: whether what was read is what is waited for.
        wait: when waiting ends, in seconds since the call began.
        pauses: how many pauses there were.
        seen: what was read last; None before the first answer.
    """

    __slots__ = ("final", "pauses", "seen", "wait")

    def __init__(
        self,
        request: Request,
        read: Callable[[Response], object],
        ends: float,
        final: Callable[[Any], bool],
        wait: float,
        pauses: int = 0,
        seen: object = None,
    ) -> None:
        super().__init__(request, read, ends)
        self.final = final
        self.wait = wait
        self.pauses = pauses
        self.seen = seen

    def succeeded(self, call: Call, brought: Success) -> State:
        """The end when what was read is final; otherwise another look after a pause."""
        if self.final(brought.value):
            return Done(brought.value, brought.response)
        left = self.wait - call.elapsed()
        if left <= 0:
            return Failed(_not_final(brought.value, self.wait, call.operation))
        return WaitingToWatch(self, self._pause(call, 0.0, left), brought.value, None)

    def failed(self, call: Call, brought: Failure) -> State:
        """What may pass is waited out."""
        left = self.wait - call.elapsed()
        if not brought.again:
            return Failed(brought.error)
        if left <= 0:
            return Failed(brought.error if self.seen is None else _not_final(self.seen, self.wait, call.operation))
        return WaitingToWatch(self, self._pause(call, brought.hint or 0.0, left), self.seen, brought.error)

    def _pause(self, call: Call, hint: float, left: float) -> float:
        return min(max(watch_pause(self.pauses, call.context.chance()), hint), left)


class WaitingToWatch(Waiting):
    """A pause before the next look.

    Args:
        before: the look before this pause.
        seconds, error: as for `Waiting`.
        seen: what was read last.
    """

    __slots__ = ("before", "seen")
    is_told = False

    def __init__(self, before: Watching, seconds: float, seen: object, error: XenditSdkException | None) -> None:
        super().__init__(seconds, before.request.operation, error)
        self.before = before
        self.seen = seen

    def over(self, call: Call) -> State:
        """The next look."""
        call.forget_all_but(_KEPT_ATTEMPTS)
        before = self.before
        ends = _look_ends(call, before.wait)
        return Watching(before.request, before.read, ends, before.final, before.wait, before.pauses + 1, self.seen)


def _look_ends(call: Call, wait: float) -> float:
    """When, in seconds of the call, a look that begins now must end."""
    elapsed = call.elapsed()
    return elapsed + min(call.limits.total, max(wait - elapsed, _LAST_LOOK))


def _not_final(seen: Any, wait: float, operation: Operation) -> TimeoutException:
    """The error for a wait in vain. It names the last status that was read, where the product's answers have one."""
    status = getattr(seen, "status", None)
    said = "is not final" if status is None else f"is still {status}"
    error = TimeoutException(
        f"after {wait:g} seconds of waiting the {operation.noun} {said}",
        operation=operation.name,
        outcome="done",
    )
    error.model = seen
    return error
