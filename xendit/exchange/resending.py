"""Sending again what was looked for in vain, because its user asked for that (`on_unknown="resend"`).

Should the first request have arrived late after all, the thing stands there twice. So after the second request all that
fit are listed, the oldest is kept, and the others are taken back one by one. What cannot be taken back is named.
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
    """A longer pause, in which a request that is on its way may arrive, before what was not found is sent again.

    Args:
        seconds, error: as of `Waiting`.
        recovery: of the call.
    """

    __slots__ = ("recovery",)

    def __init__(self, seconds: float, error: XenditSdkException | None, recovery: Recovery) -> None:
        super().__init__(seconds, recovery.look_up.request.operation, error)
        self.recovery = recovery

    def over(self, call: Call) -> State:  # noqa: ARG002 - the signature of all states
        """One more look."""
        return self.recovery.last_look()


class Resending(Requesting):
    """The request is on its way for the second time, because its user asked for that.

    Args:
        request, read, ends: as of `Requesting`.
        recovery: of the call.
    """

    __slots__ = ("recovery",)

    def __init__(self, request: Request, read: Callable[[Response], object], ends: float, recovery: Recovery) -> None:
        super().__init__(request, read, ends)
        self.recovery = recovery

    def succeeded(self, call: Call, brought: Success) -> State:
        """It may have been made twice now."""
        mark("resending: it is sent again")
        return KeepingOldest(self.recovery, call.limits.total, brought)

    def failed(self, call: Call, brought: Failure) -> State:
        """It may have been made once, twice, or not at all; unless the server refused it."""
        mark("resending: the second request failed too")
        if brought.error.outcome in ("unknown", "done"):
            return KeepingOldest(self.recovery, call.limits.total, None)
        return NotFound(f"sending it again failed ({type(brought.error).__name__})")


class KeepingOldest(Requesting):
    """After the second request all that fit are listed, to keep the oldest.

    Args:
        recovery: of the call.
        ends: as of `Requesting`.
        made: the good answer to the second request, or None.
    """

    __slots__ = ("made", "recovery")

    def __init__(self, recovery: Recovery, ends: float, made: Success | None) -> None:
        super().__init__(recovery.look_up.request, recovery.look_up.read, ends)
        self.recovery = recovery
        self.made = made

    def _unlisted(self, said: str, candidates: Sequence[object] = ()) -> State:
        """The list does not help: what the second answer said was made is there all the same."""
        if self.made is None:
            return NotFound(said, candidates)
        return self.recovery.found(self.made.value, self.made.response)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """Nothing is known of the first request."""
        mark("resending: it is not known whether it was made twice")
        return self._unlisted("it was sent twice and could not be looked up")

    def succeeded(self, call: Call, brought: Success) -> State:
        """The oldest is kept, and the others are taken back one by one."""
        look_up = self.recovery.look_up
        fitting, bearing = look_up.fitting(brought.value, call.server_began())
        if not fitting:
            return self._unlisted("it was sent twice and not found", bearing)
        if self.made is not None:
            acknowledged = look_up.identity(self.made.value)
            if acknowledged is not None and all(look_up.identity(each) != acknowledged for each in fitting):
                mark("resending: the list is behind")
                fitting = [*fitting, self.made.value]  # the list is behind, but this one was acknowledged
        oldest, *extras = sorted(fitting, key=look_up.age)
        return _take_back(self.recovery, call, Found(oldest, brought.response), extras, ())


class TakingBack(Requesting):
    """One that was made twice is taken back.

    Args:
        recovery: of the call.
        ends: as of `Requesting`.
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
        """The next one."""
        return _take_back(self.recovery, call, self.kept, self.extras[1:], self.left)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """The next one; this one will be named."""
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
