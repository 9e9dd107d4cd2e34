"""Sending a create again that was looked for in vain, because its user asked for that (`on_unknown="resend"`).

Should the first request have arrived late after all, the thing now exists twice. So after the second request all things
that fit are listed, the oldest is kept, and the others are taken back one by one. The error names those that cannot be
taken back.
"""

from __future__ import annotations

from xendit.exchange.states import Found, NotFound, Requesting, State, Waiting
from xendit.marks import mark

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xendit.exceptions import XenditSdkException
    from xendit.exchange.attempt import Call
    from xendit.exchange.judging import Failure, Success
    from xendit.exchange.recovery import Recovery
    from xendit.operation import Request, Response


class WaitingToResend(Waiting):
    """A longer pause before a create is sent again, in which its first request may still arrive.

    Args:
        seconds, error: as for `Waiting`.
        recovery: of the call.
    """

    __slots__ = ("recovery",)

    def __init__(self, seconds: float, error: XenditSdkException | None, recovery: Recovery) -> None:
        super().__init__(seconds, recovery.look_up.request.operation, error)
        self.recovery = recovery

    def over(self, call: Call) -> State:  # noqa: ARG002 - the signature of all states
        """One more look-up, right before the create is sent again."""
        return self.recovery.last_look()


class Resending(Requesting):
    """The request is on its way for the second time, because its user asked for that.

    Args:
        request, read, ends: as for `Requesting`.
        recovery: of the call.
    """

    __slots__ = ("recovery",)

    def __init__(self, request: Request, read: Callable[[Response], object], ends: float, recovery: Recovery) -> None:
        super().__init__(request, read, ends)
        self.recovery = recovery

    def succeeded(self, call: Call, brought: Success) -> State:
        """The things that fit are listed next, because there may be two of them now."""
        mark("resending: it is sent again")
        return KeepingOldest(self.recovery, call.limits.total, brought)

    def failed(self, call: Call, brought: Failure) -> State:
        """The things that fit are listed next: there may be none, one or two. If the server refused, it is the end."""
        mark("resending: the second request failed too")
        if brought.error.outcome in ("unknown", "done"):
            return KeepingOldest(self.recovery, call.limits.total, None)
        return NotFound(f"sending it again failed ({type(brought.error).__name__})")


class KeepingOldest(Requesting):
    """The list of all things that fit is on its way, after the second request: the oldest of them is to be kept.

    Args:
        recovery: of the call.
        ends: as for `Requesting`.
        made: the good answer to the second request, or None.
    """

    __slots__ = ("made", "recovery")

    def __init__(self, recovery: Recovery, ends: float, made: Success | None) -> None:
        super().__init__(recovery.look_up.request, recovery.look_up.read, ends)
        self.recovery = recovery
        self.made = made

    def _unlisted(self, said: str, candidates: Sequence[object] = ()) -> State:
        """The end when the list does not help: what the second request made, if it was answered well; or `NotFound`."""
        if self.made is None:
            return NotFound(said, candidates)
        return self.recovery.found(self.made.value, self.made.response)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """The list could not be read, so nothing is known of the first request."""
        mark("resending: it is not known whether it was made twice")
        return self._unlisted("it was sent twice and could not be looked up")

    def succeeded(self, call: Call, brought: Success) -> State:
        """Keep the oldest thing, and take the others back one by one."""
        look_up = self.recovery.look_up
        fitting, bearing = look_up.fitting(brought.value, call.server_began())
        if not fitting:
            return self._unlisted("it was sent twice and not found", bearing)
        if self.made is not None:
            acknowledged = look_up.identity(self.made.value)
            if acknowledged is not None and all(look_up.identity(each) != acknowledged for each in fitting):
                mark("resending: the list is behind")
                fitting = [*fitting, self.made.value]  # the list lags behind: this one was acknowledged
        oldest, *extras = sorted(fitting, key=look_up.age)
        return _take_back(self.recovery, call, Found(oldest, brought.response), extras, ())


class TakingBack(Requesting):
    """The request that takes back one of the extra things is on its way.

    Args:
        recovery: of the call.
        ends: as for `Requesting`.
        kept: the oldest, which stays.
        extras: those to take back, this one first.
        left: those that could not be taken back.
    """

    __slots__ = ("extras", "kept", "left", "recovery")

    def __init__(
        self, recovery: Recovery, ends: float, kept: Found, extras: Sequence[object], left: tuple[object, ...]
    ) -> None:
        request, read = recovery.look_up.removal(extras[0])
        super().__init__(request, read, ends)
        self.recovery = recovery
        self.kept = kept
        self.extras = extras
        self.left = left

    def succeeded(self, call: Call, brought: Success) -> State:  # noqa: ARG002 - the signature of all states
        """Take back the next one."""
        return _take_back(self.recovery, call, self.kept, self.extras[1:], self.left)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """Take back the next one; the error will name this one."""
        return _take_back(self.recovery, call, self.kept, self.extras[1:], (*self.left, self.extras[0]))


def _take_back(
    recovery: Recovery, call: Call, kept: Found, extras: Sequence[object], left: tuple[object, ...]
) -> State:
    """Take back the next one; when none is left, the oldest is the result, unless others could not be taken back."""
    if extras:
        mark("resending: one that was made twice is taken back")
        return TakingBack(recovery, call.limits.total, kept, extras, left)
    if left:
        mark("resending: one could not be taken back")
        said = f"it was made {1 + len(left)} times and the extra ones could not be taken back"
        return NotFound(said, (kept.value, *left))
    return recovery.found(kept.value, kept.response)
