"""Effects outside the database, once: what `event.once(step, function)` keeps beside the event, and what it promises. No I/O.

A step has a row of its own, whose key is the event and the name of the step. The row is written before the function is
called. After the call it is marked as done, with what the function returned. Both are commits of their own, apart from
any transaction that the handler has open. So every later attempt knows about a step that has ended, no matter how the
event's own transaction ended.

If the process dies in the middle of the function, nobody can know whether the step took effect. Then the function is
called again, because an effect that never happens is worse than one that happens twice, and the log says so.
"""

from __future__ import annotations

import inspect
import json
import logging
from functools import partial
from importlib import import_module
from typing import NamedTuple, TypeVar

from xendit.exceptions import ApiTypeError, ApiValueError
from xendit.veil import Veiled
from xendit.webhook import procedures
from xendit.webhook.functions import check_done
from xendit.webhook.inbox import StepRefused
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from xendit.webhook.inbox import AsyncInbox, Claim, Inbox, KeptStep
    from xendit.webhook.statements import Steps

__all__ = ["AsyncEffects", "Effects", "bind"]

logger = logging.getLogger("xendit.webhook")

T = TypeVar("T")

#: How long the name of a step may be, and the text of what its function returned.
_LONGEST_NAME = 60
_LONGEST_RESULT = 60_000


class StepAttempt(NamedTuple):
    """The attempt at an event in which steps are taken."""

    key: str
    owner: str
    lease: float | None
    """Seconds of the lease, which each step renews; None within a TransactionWorker, which holds the row itself."""

    def beginning(self, step: str) -> Callable[[], Steps[KeptStep | None]]:
        """The procedure that begins a step."""
        return partial(procedures.begin_effect, self.key, self.owner, self.lease, step)

    def ending(self, step: str, result: Veiled) -> Callable[[], Steps[KeptStep | None]]:
        """The procedure that ends a step; it returns the step if another attempt has ended it before."""
        return partial(procedures.end_effect, self.key, step, result)

    def doubt(self, step: str, found: KeptStep | None) -> None:
        """Tell the log about a step that an earlier attempt began and did not end."""
        if found is not None:
            logger.warning(
                "the step %r of webhook %s was begun before and did not end: its function is called again, and its effect"
                " may come twice, unless the service that it calls knows it again (event.step_key)",
                step,
                self.key,
            )


class Effects:
    """The steps of one attempt of a Worker or a TransactionWorker.

    Args:
        inbox: keeps the rows of the steps.
        claim: the attempt.
        lease: seconds of its lease; None within a TransactionWorker.
    """

    def __init__(self, inbox: Inbox[object], claim: Claim, lease: float | None) -> None:
        self._inbox = inbox
        self._attempt = StepAttempt(claim.key, claim.owner, lease)

    def once(self, step: str, call: Veiled) -> object:
        """See Event.once. `call` holds the function, its arguments, and those by name."""
        _check(step, call)
        if _is_coroutine_function(call.held[0]):
            raise ApiTypeError(f"event.once({step!r}, …): a coroutine function was given, which an AsyncWorker awaits")
        _check_writers(self._inbox, self._attempt)
        found: KeptStep | None = self._inbox.transact_apart(self._attempt.beginning(step))
        if found is not None and found.done_at is not None:
            return kept_result(found.result)
        self._attempt.doubt(step, found)
        result = _called(call)
        check_done(f"the function of event.once({step!r}, …)", result.held)
        text, problem = text_of_result(step, result.held)
        kept: KeptStep | None = self._inbox.transact_apart(self._attempt.ending(step, text))
        if kept is not None:
            return kept_result(kept.result)
        if problem is not None:
            raise problem
        return result.held


class AsyncEffects:
    """The steps of one attempt of an AsyncWorker or an AsyncTransactionWorker; see Effects."""

    def __init__(self, inbox: AsyncInbox[object], claim: Claim, lease: float | None) -> None:
        self._inbox = inbox
        self._attempt = StepAttempt(claim.key, claim.owner, lease)

    def once(self, step: str, call: Veiled) -> Coroutine[object, object, object]:
        """See Event.once."""
        _check(step, call)
        if _is_plain_function(call.held[0]):
            raise ApiTypeError(
                f"event.once({step!r}, …): a plain function was given, which would hold up the event loop: give a coroutine"
                f" function, or event.once({step!r}, asyncio.to_thread, function, …), and await it"
            )
        return self._once(step, call)

    async def _once(self, step: str, call: Veiled) -> object:
        _check_writers(self._inbox, self._attempt)
        found: KeptStep | None = await self._inbox.transact_async(self._attempt.beginning(step))
        if found is not None and found.done_at is not None:
            return kept_result(found.result)
        self._attempt.doubt(step, found)
        result = _called(call)
        if inspect.isawaitable(result.held):
            result = Veiled(await result.held)
        text, problem = text_of_result(step, result.held)
        kept: KeptStep | None = await self._inbox.transact_async(self._attempt.ending(step, text))
        if kept is not None:
            return kept_result(kept.result)
        if problem is not None:
            raise problem
        return result.held


def bind(event: object, effects: Effects | AsyncEffects) -> None:
    """Give an event what runs its steps. This is set although events are frozen: it is no part of what an event tells."""
    object.__setattr__(event, "_effects", effects)


def _called(call: Veiled) -> Veiled:
    """What a function returns. Neither that nor its arguments are shown: they are mostly an address and a name."""
    return Veiled(call.held[0](*call.held[1], **call.held[2]))


def _check(step: object, call: Veiled) -> None:
    if not isinstance(step, str):
        raise ApiTypeError(f"event.once takes the name of a step, {type_name(step)} was given")
    if not step or len(step) > _LONGEST_NAME or not step.isascii() or not step.isprintable():
        raise ApiValueError(f"the name of a step is 1 to {_LONGEST_NAME} printable ASCII characters, such as 'mail'")
    if not callable(call.held[0]):
        raise ApiTypeError(
            f"event.once({step!r}, …) takes a function and its arguments, {type_name(call.held[0])} was given"
        )


def _is_coroutine_function(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def _is_plain_function(function: object) -> bool:
    is_named = inspect.isfunction(function) and function.__name__ != "<lambda>"
    return is_named and not _is_coroutine_function(function)


def _check_writers(inbox: Inbox[object] | AsyncInbox[object], attempt: StepAttempt) -> None:
    """Refuse a step whose own commit would wait for the transaction that it is called in."""
    if attempt.lease is None and inbox.has_one_writer:
        raise StepRefused(
            "event.once commits its step by itself, and in SQLite that would wait for the transaction that this handler"
            " holds: give the event to a Worker, or take the step after the commit, in a Worker with an inbox of its own"
        )


# ------------------------------------------------------------------------------------------ what a function returned


def text_of_result(step: str, result: object) -> tuple[Veiled, Exception | None]:
    """The text that is kept of a result; and the error to raise when the result cannot be kept."""
    from xendit.model import Model

    try:
        if isinstance(result, Model):
            named = f"{type(result).__module__}:{type(result).__qualname__}"
            text = json.dumps({"model": named, "kept": result.to_json()})
        else:
            text = json.dumps({"kept": result}, allow_nan=False)
        same = _is_same(kept_result(text), result)
    except (AttributeError, TypeError, ValueError, RecursionError):
        text, same = "", False
    if same and len(text) <= _LONGEST_RESULT:
        return Veiled(text), None
    problem = "is too long to be kept" if same else f"is {type_name(result)}"
    said = (
        f"the function of event.once({step!r}, …) was called, and what it returned {problem}: a later attempt could not be"
        " given it. Let it return None, what JSON holds, or a model of this library"
    )
    return Veiled(json.dumps({"problem": said})), ApiTypeError(said)


def _is_same(one: object, other: object) -> bool:
    """Whether JSON gave back the very value it was given: 1 is not True, a tuple is no list, an enum is no text."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other


def kept_result(text: str | None) -> object:
    """What a step's function returned, made from the text that was kept."""
    kept = json.loads(text or "{}")
    if "problem" in kept:
        raise ApiTypeError(kept["problem"])
    if "model" not in kept:
        plain: object = kept.get("kept")
        return plain
    module, _, name = kept["model"].partition(":")
    if not module.startswith("xendit."):  # a row must not make us import other modules
        raise ValueError("no model of this library")
    model: object = getattr(import_module(module), name).from_json(kept["kept"])
    return model
