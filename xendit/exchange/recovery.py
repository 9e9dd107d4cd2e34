"""Finding out what became of a request when its answer was lost. `states` has the states of the request itself.

Some requests may be repeated: reads, and requests that bring about a state, such as expiring an invoice. An attempt of
the second kind may have been carried out although its answer was lost. So when the last attempt has failed, the state
is read back, if the operation has a way to do that. If it is the state that was wanted, the call has succeeded.

A create must not be repeated, because a second request would make a second thing to pay. So once its first byte may
have reached the server, and no answer says that it was refused, the create is not sent again. It is *looked up*
instead: the things that bear the id which the user chose are listed, several times with growing pauses, because a list
may lag behind what was made. If exactly one thing fits, it is the result. If none is found, that proves nothing, for
the request may still be on its way; so the error says that the thing may exist, and never that the create failed.

A create is sent again only for a user who asks for that (`on_unknown="resend"`), and only when every look-up has found
nothing, the one after a longer pause included. Should the first request have arrived late after all, two things now
exist; then the oldest is kept and the others are taken back.

    Sending ─┬─► Done, Failed
             ├─► WaitingToLookUp ⇄ LookingUp ─┬─► Found, NotFound
             │                                └─► WaitingToResend ─► WaitingToLookUp ─► LookingUp ─► Resending
             │                                     Resending ─► KeepingOldest ─► TakingBack ─► Found, NotFound
             └─► ReadingBack ─► Found, Failed
"""

from __future__ import annotations

from xendit.exceptions import ConflictException, OutcomeUnknownException, shortened
from xendit.exchange.judging import Success
from xendit.exchange.states import SHORTEST_ATTEMPT, Ending, Failed, Found, NotFound, Requesting, State, Waiting, note
from xendit.marks import mark
from xendit.policy import RetryBudget

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from xendit.exceptions import XenditSdkException
    from xendit.exchange.attempt import Call
    from xendit.exchange.judging import Failure
    from xendit.operation import Request, Response

    class Findable(Protocol):
        """What identifies the thing that a create may have made. It can be pickled, to be looked for elsewhere."""

        since: float
        dated: bool

        def made_since(self, moment: float, *, dated: bool) -> Findable:
            """The same, for a thing made since this moment: `dated` if it is by the server's clock, not ours."""
            raise NotImplementedError

    class LookUp(Protocol):
        """How a product looks up what a create made, and the texts of its errors."""

        request: Request
        """The request for the list of things that bear the id."""
        sought: Findable
        """What to look for."""
        note: str
        """What is added to an interrupt of the create: that the thing may exist, and how to look for it."""
        advice: str
        """What the error of a lost create says last: what to do before creating it again."""
        finder: str
        """The method that looks for the thing later, by the name that errors give it."""
        user_message: str
        """What a shopper may be told while the outcome is not known."""

        @staticmethod
        def read(response: Response) -> object:
            """What an answer to the look-up holds."""

        def fitting(self, found: object, since: float) -> tuple[list[object], list[object]]:
            """Of a list, the things that the request can have made since then, and all things that bear its id."""
            raise NotImplementedError

        @staticmethod
        def identity(made: object) -> str | None:
            """The server's id of a thing; None for a raw answer, which is not read."""

        @staticmethod
        def age(made: object) -> Any:
            """A key that sorts things, the oldest first."""

        def removal(self, extra: object) -> tuple[Request, Callable[[Response], object]]:
            """The request that takes back a thing that was made twice, and the reader of its answer."""
            raise NotImplementedError

    class ReadBack(Protocol):
        """How the state that a request should have brought about is read."""

        request: Request

        def read(self, response: Response) -> object:
            """What an answer to the read holds."""

        @staticmethod
        def reached(found: object) -> bool:
            """Whether the state is the one that was wanted."""
            raise NotImplementedError

        @staticmethod
        def contradicted(found: object) -> str | None:
            """Why it cannot be reached any more, or None."""


class Recovery(Ending):
    """What a call does when its answer was lost and it is not known what became of its request.

    Args:
        call: the call.
        request, read: what the call sends, and the reader of its answer.
        find: makes the LookUp or the ReadBack; it is asked when one is needed.
        on_unknown: see `exchange`.
    """

    __slots__ = ("_call", "_find", "_means", "_on_unknown", "_read", "_request", "lost")

    def __init__(
        self,
        call: Call,
        request: Request,
        read: Callable[[Response], object],
        find: Callable[[], Any],
        on_unknown: str,
    ) -> None:
        self._call = call
        self._request = request
        self._read = read
        self._find = find
        self._on_unknown = on_unknown
        self._means: object = None
        self.lost: XenditSdkException | None = None

    # An operation declares the one that fits it: a request that may be repeated is read back, another is looked up.

    @property
    def look_up(self) -> LookUp:
        """How what a create made is looked up."""
        return self._means  # type: ignore[return-value] # by the declaration

    @property
    def read_back(self) -> ReadBack:
        """How to read the state that a repeatable request should have brought about."""
        return self._means  # type: ignore[return-value] # by the declaration

    def start(self, failure: Failure) -> State:
        """The first state after the request has failed for good: looking, reading back, or the end."""
        call, error = self._call, failure.error
        self._means = self._find()
        if not self._request.repeatable:
            if error.outcome not in ("unknown", "done"):
                mark("recovery: nothing was made, and nothing is looked up")
                return Failed(error)
            self.lost = error
            if self._on_unknown == "raise" or self._means is None:
                mark("recovery: it is not to be looked up")
                return NotFound("it was not looked up")
            return self.next_look(1, _NO_TIME, error)
        if not call.may_have_acted or error.http_status in (401, 403):  # reading would be refused as well
            return Failed(error)
        self.lost = error
        mark("recovery: the state is read back")
        return ReadingBack(self, call.limits.total, error)

    def next_look(
        self,
        number: int,
        known: NotFound,
        error: XenditSdkException | None,
        hint: float | None = None,
        *,
        last: bool = False,
    ) -> State:
        """Wait for the next look-up; or, when there is no more time or budget for one, go by what is known until now.

        Args:
            number: which look-up it is, from 1; the first is free, the others cost as much of the budget as retries.
            known: what the look-ups until now have shown.
            error: why the last request failed, if it did.
            hint: seconds after which the server asked to come back.
            last: whether it is the look-up right before the request is sent again.
        """
        call = self._call
        policy = call.context.policy
        if number > (1 if last else policy.lookups):
            return self.after_looking(known, last=last)
        seconds = policy.wait(number, hint, call.context.chance())
        if call.elapsed() + seconds + SHORTEST_ATTEMPT >= call.limits.total:
            mark("recovery: no time for a look-up")
            return self.after_looking(known, last=last)
        if number > 1 and not call.spend(RetryBudget.RETRY):
            mark("recovery: no budget for a look-up")
            return self.after_looking(known, last=last)
        return WaitingToLookUp(seconds, error, self, number, known, last=last)

    def after_looking(self, known: NotFound, *, last: bool) -> State:
        """The next state when nothing fits: `NotFound`; or, with "resend" and if the list was empty, sending again."""
        call = self._call
        if self._on_unknown != "resend" or not known.empty:
            return known
        if last:
            from xendit.exchange.resending import Resending  # on use: few programs ask for it

            return Resending(self._request, self._read, call.limits.total, self)
        quiet = call.context.policy.resend_after
        if call.elapsed() + quiet + SHORTEST_ATTEMPT >= call.limits.total:
            return NotFound("there was no time to look long enough before sending it again")
        from xendit.exchange.resending import WaitingToResend

        return WaitingToResend(quiet, self.lost, self)

    def last_look(self) -> State:
        """The state for one more look-up, right before the request is sent again."""
        return self.next_look(1, _NO_TIME, self.lost, last=True)

    def found(self, value: object, response: Response) -> Found:
        """The final state of a call whose thing was found."""
        self._call.recovered = True
        return Found(value, response)

    def error_of(self, found: NotFound) -> XenditSdkException:
        """The error that says that the thing may exist. Its evidence is what went wrong first."""
        first, noun = self.lost, self._request.operation.noun
        assert first is not None
        look_up = None if self._means is None else self.look_up
        advice = "Do not send it again before you know" if look_up is None else look_up.advice
        error = OutcomeUnknownException(
            f"the {noun} may exist: {shortened(first.args[0] or first.errorMessage, 500)}; {found.said}. {advice}",
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
        error.candidates = found.candidates
        error.__cause__ = first
        if look_up is not None:
            error.user_message = look_up.user_message
        return error

    def evidence(self, error: XenditSdkException) -> None:
        """Add to the error of a create what its user can look for later."""
        if not self._request.repeatable and self._means is not None:
            call = self._call
            error.sought = self.look_up.sought.made_since(call.server_began(), dated=call.dated)

    def interrupted(self, interrupt: BaseException) -> None:
        """Add to an interrupt of a create that the thing may exist."""
        call = self._call
        if not self._request.repeatable and (call.in_flight or call.may_have_acted):
            note(interrupt, self._find())


_NO_TIME = NotFound("there was no time to look it up")


# ------------------------------------------------------------------------------------------ looking it up


class WaitingToLookUp(Waiting):
    """A pause before a look-up: what was made may show in the list a moment later.

    Args:
        seconds, error: as for `Waiting`.
        recovery: the recovery of the call.
        number: which look-up it is, from 1.
        known: what the look-ups until now have shown.
        last: whether it is the look-up right before the request is sent again.
    """

    __slots__ = ("known", "last", "number", "recovery")

    def __init__(
        self,
        seconds: float,
        error: XenditSdkException | None,
        recovery: Recovery,
        number: int,
        known: NotFound,
        *,
        last: bool,
    ) -> None:
        super().__init__(seconds, recovery.look_up.request.operation, error)
        self.recovery = recovery
        self.number = number
        self.known = known
        self.last = last

    def over(self, call: Call) -> State:
        """The look-up."""
        return LookingUp(self.recovery, call.limits.total, self.number, self.known, last=self.last)


class LookingUp(Requesting):
    """The request for the list of things with the id is on its way. It has no retries, because each look is counted.

    Args:
        recovery: of the call.
        ends: as for `Requesting`.
        number, known, last: as for `WaitingToLookUp`.
    """

    __slots__ = ("known", "last", "number", "recovery")

    def __init__(self, recovery: Recovery, ends: float, number: int, known: NotFound, *, last: bool) -> None:
        super().__init__(recovery.look_up.request, recovery.look_up.read, ends)
        self.recovery = recovery
        self.number = number
        self.known = known
        self.last = last

    def after(self, call: Call, brought: Success | Failure) -> State:
        """The end when one or several things fit; the next look-up when none does, or after a failure that may pass."""
        if not isinstance(brought, Success):
            said = f"looking it up failed ({type(brought.error).__name__})"
            known = NotFound(said, self.known.candidates)
            if not brought.again:
                mark("recovery: a look-up failed for good")
                return self.recovery.after_looking(known, last=self.last)
            mark("recovery: a look-up failed and may pass")
            return self.recovery.next_look(self.number + 1, known, brought.error, brought.hint, last=self.last)
        fitting, bearing = self.recovery.look_up.fitting(brought.value, call.server_began())
        if len(fitting) == 1:
            call.give_back()
            mark("recovery: found by a look-up" if self.number == 1 else "recovery: found by a later look-up")
            return self.recovery.found(fitting[0], brought.response)
        if fitting:
            mark("recovery: several fit")
            return NotFound(f"{len(fitting)} {call.operation.noun}s fit it", fitting)
        known = NotFound("it was looked up and not found, which proves nothing yet", bearing, empty=not brought.value)
        return self.recovery.next_look(self.number + 1, known, None, last=self.last)


# ------------------------------------------------------------------------------------------ reading back


class ReadingBack(Requesting):
    """The request that reads what a repeatable request should have brought about is on its way.

    Args:
        recovery: of the call.
        ends: as for `Requesting`.
        lost: why the request failed.
    """

    __slots__ = ("lost", "recovery")

    def __init__(self, recovery: Recovery, ends: float, lost: XenditSdkException) -> None:
        super().__init__(recovery.read_back.request, recovery.read_back.read, ends)
        self.recovery = recovery
        self.lost = lost

    def succeeded(self, call: Call, brought: Success) -> State:  # noqa: ARG002 - the signature of all states
        """`Found` if the state is the wanted one, else `Failed`: with a conflict if it cannot be reached any more."""
        read_back = self.recovery.read_back
        if read_back.reached(brought.value):
            mark("recovery: read back, and it is as wanted")
            return self.recovery.found(brought.value, brought.response)
        contradiction = read_back.contradicted(brought.value)
        if contradiction is None:
            mark("recovery: read back, and it can still be reached")
            return Failed(self.lost)
        mark("recovery: read back, and it cannot be reached any more")
        error = ConflictException(
            contradiction, headers=self.lost.headers, operation=self.lost.operation, outcome="rejected"
        )
        error.__cause__ = self.lost
        return Failed(error)

    def failed(self, call: Call, brought: Failure) -> State:  # noqa: ARG002 - the signature of all states
        """`Failed`, with the error of the lost request: the state could not be read, so nothing more is known."""
        mark("recovery: it could not be read back")
        self.lost.outcome = "unknown"
        return Failed(self.lost)
