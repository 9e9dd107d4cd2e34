"""Events: what a webhook tells, as frozen values, and the key under which it is handled once. No I/O.

Event
├── a class of each product   what happened to something of that product; declared in the product's own folder
├── OtherEvent                an envelope {"event": …, "data": …} that no product here reads
└── UnreadableEvent           good JSON that the models cannot read; it is kept, never refused

A product says which bodies are its own, how they are read, which of two states of the same thing is the later one, and
what a second payment is. The inbox and the workers ask the event, and know no product.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, NamedTuple, overload
from urllib.parse import quote

from xendit.codec import loads, loads_again
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException, WebhookBodyException
from xendit.products import products
from xendit.static_typing import hinted
from xendit.veil import Veiled
from xendit.webhook.failure import without_variables
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar

    from xendit.model import Model
    from xendit.webhook.effects import AsyncEffects, Effects

    P = ParamSpec("P")
    T = TypeVar("T")
    M = TypeVar("M", bound=Model)
    Source: TypeAlias = Literal["webhook", "reconcile"]
    #: A function with which a product reads its bodies; it returns None for a body that is not of this product.
    Reader: TypeAlias = "Callable[[Delivered], Event | None]"

__all__ = ["Delivered", "Event", "OtherEvent", "UnreadableEvent", "bounded_key", "digest_key", "key_part", "read_event"]

#: Text that may stand in a key as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_.~:-]+")
#: The longest key, in characters: what every database can index.
_LONGEST_KEY = 200


class Delivered(NamedTuple):
    """A body of which nobody knows yet what it is: what a product's reader is given."""

    data: Any
    """The JSON, decoded."""
    body: bytes
    """The JSON text as it came."""
    webhook_id: str | None
    """The header `webhook-id`."""
    source: Source
    """Whether a webhook brought it, or `reconcile` found it."""
    stored_key: str | None = None
    """The key of its event, where it was taken from an inbox, and so was read before."""

    def read_as(self, model: type[M], data: Mapping[str, object] | None = None) -> M:
        """The body, or another JSON object, as a model, read tolerantly as by `from_dict`.

        Values of a wrong type are logged once, when the body comes, and not each time that a stored body is read.

        Raises:
            ApiTypeError, ApiValueError: a strict field holds something else than it should.
        """
        found = self.data if data is None else data
        if self.stored_key is None:
            return model.from_dict(found)
        plan = model.__plan__
        made: M = plan.decode(found, (), plan.reading())  # as the reading is ours, nothing is logged yet
        return made

    @property
    def event_name(self) -> str | None:
        """What an envelope `{"event": …, "data": …}` calls its event; None where the body is no envelope."""
        data = self.data
        name = data.get("event") if isinstance(data, dict) and "data" in data else None
        return name if isinstance(name, str) else None

    @property
    def envelope_key(self) -> str:
        """A dedupe key for an envelope: business / event / id / time. The time tells apart what happens twice."""
        if self.stored_key is not None:
            return self.stored_key
        inner = self.data["data"]
        named = inner.get("id") if isinstance(inner, dict) else None
        if not isinstance(named, str) or not named:
            return digest_key(self.body)
        parts = (self.data.get("business_id"), self.data["event"], named, self.data.get("created"))
        return bounded_key("/".join(key_part(part if isinstance(part, str) else None) for part in parts))


@hinted
@dataclass(frozen=True)
class Event:
    """What all events have. An event holds personal data in its body; its repr does not show it."""

    dedupe_key: str
    """The name of what happened: the same for every delivery of it. Printable ASCII, at most 200 characters."""
    body: bytes = field(repr=False)
    """The JSON text as it came."""
    webhook_id: str | None = field(default=None, kw_only=True)
    """The header `webhook-id` of the delivery. Older accounts send none, and what `reconcile` finds has none."""
    source: Source = field(default="webhook", kw_only=True)
    """Whether a webhook brought it, or `reconcile` found it."""

    _effects: ClassVar[Effects | AsyncEffects | None] = None
    """What keeps the steps of an event that a worker hands over. It is set on the instance, and is no part of what the
        event tells."""

    @overload
    def once(
        self, step: str, function: Callable[P, Coroutine[Any, Any, T]], /, *arguments: P.args, **named: P.kwargs
    ) -> Coroutine[Any, Any, T]: ...
    @overload
    def once(self, step: str, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T: ...
    def once(self, step: str, function: Callable[..., Any], /, *arguments: object, **named: object) -> Any:
        """Call a function for this event, and never again once it has returned: a mail, a refund, a parcel.

            event.once("mail", send_mail, order.email, subject="thank you")
            await event.once("mail", send_mail, order.email)  # in an AsyncWorker, of a coroutine function

        What the function returned is kept in a row beside the event's. Every later attempt gets it from there, and does
        not call the function. That holds whatever becomes of this attempt: your handler fails in a later line, the
        process is killed, a transaction is rolled back. A function that raises is called again by the next attempt.

        One thing cannot be promised. Where the process dies in the middle of the function, nobody knows whether it took
        effect. It is called again, and the log says so. Hand `event.step_key(step)` to a service that takes idempotency
        keys: by that key it recognises the repetition.

        Args:
            step: a name for what is done, of up to 60 ASCII characters; each step of an event needs a name of its own.
            function: does it. It returns None, something that JSON can hold, or a model of this library.
            arguments, named: what the function is called with.

        Returns:
            What the function returned, now or in an earlier attempt. In an asynchronous worker, an awaitable for that.

        Raises:
            ApiTypeError: the function is not of the kind that the worker calls, or returned what cannot be kept.
            ApiValueError: that is no name for a step.
            ConfigurationException: no worker has handed this event over.
            LeaseLost: another worker has the event by now. The function was not called.
            StepRefused: within a TransactionWorker on SQLite, where the row would wait for the transaction around it.
        """
        call = Veiled((function, arguments, named))
        del function, arguments, named  # or an error tracker would show them if the function fails
        if self._effects is None:
            raise ConfigurationException(
                "event.once keeps a row beside the event's in its inbox, and this event was handed over by no worker: in a"
                " test, add it to a MemoryInbox and drain a Worker"
            )
        return self._effects.once(step, call)

    def step_key(self, step: str) -> str:
        """A key for one step of this event, the same in each attempt: for a service that takes idempotency keys."""
        return bounded_key(f"{self.dedupe_key}/{key_part(step)}")

    def __getstate__(self) -> dict[str, object]:
        """What is pickled and copied: what the event tells, without the inbox that keeps its steps."""
        return {name: value for name, value in self.__dict__.items() if name != "_effects"}

    @property
    def kind(self) -> str:
        """What happened, in one word: `paid`, `expired`, another status in lower case, `other` or `unreadable`."""
        return "unreadable"

    @property
    def subject(self) -> str:
        """What it happened to: the dedupe key without its kind. Events of one subject are handled one after the other."""
        return self.dedupe_key

    @property
    def user_id(self) -> str | None:
        """Id of the business, yours or a sub-account's, that it happened to, when the event names one."""
        return None

    @property
    def payment_id(self) -> str | None:
        """The id of the payment, when the event names one."""
        return None

    @property
    def external_id(self) -> str | None:
        """Your own id of the order, when the event names one."""
        return None

    @property
    def event_name(self) -> str | None:
        """What its envelope calls it, such as `refund.succeeded`; None where it came without one."""
        return None

    # What the inbox and the workers ask an event; a product's own class overrides it where its events need that.

    @property
    def stored_kind(self) -> str:
        """The kind under which the inbox keeps it."""
        return self.kind

    @property
    def rank(self) -> int:
        """The place of this state among those that its subject can be in: a lower one never overwrites a higher one."""
        return -1

    @property
    def is_payment(self) -> bool:
        """Whether it tells of a payment. Then a second payment, with another `payment_id`, is an event of its own."""
        return False

    @property
    def is_for_handler(self) -> bool:
        """Whether a worker calls its `handler` with it; any other event goes to the worker's `other`."""
        return False

    @property
    def must_be_handled(self) -> bool:
        """Whether somebody must look at it: if no function takes such an event, it becomes a dead letter."""
        return False

    @property
    def is_dashboard_test(self) -> bool:
        """Whether it is the fixed body of the dashboard's "Test and save", about something that does not exist."""
        return False

    def as_second_payment(self) -> Event:
        """The same event under a key of its own, for when another payment is already stored under its key."""
        return self

    def as_stored(self, key: str, kind: str, others: Sequence[Event]) -> Event:  # noqa: ARG002 - a product's class may
        """The event as the inbox hands it to a worker.

        Args:
            key, kind: under which it is stored.
            others: the other events of its subject, for what they tell about this one.
        """
        return self


@hinted
@dataclass(frozen=True)
class OtherEvent(Event):
    """An envelope `{"event": …, "data": …}`: a refund, or an event of another product of Xendit's."""

    name: str
    """What the envelope calls it, such as `refund.succeeded`."""
    data: Any = field(repr=False)
    """What the envelope holds under `data`, decoded."""

    @property
    def kind(self) -> str:
        """`other`."""
        return "other"

    @property
    def event_name(self) -> str:
        """The name."""
        return self.name


@hinted
@dataclass(frozen=True)
class UnreadableEvent(Event):
    """Good JSON under a good token that is no event this version can read. The inbox keeps it as a dead letter."""

    problem: str
    """What is wrong and where, as the path of the field and the reason. It shows no value."""


@hinted
@without_variables
def read_event(
    body: bytes, *, webhook_id: str | None = None, source: Source = "webhook", stored_key: str | None = None
) -> Event:
    """The event that a body tells. It is not verified here; `Verifier` does that first.

    Args:
        body: the JSON text.
        webhook_id: the header `webhook-id`, as it came.
        source: whether a webhook brought it, or `reconcile` found it.
        stored_key: the key under which an inbox keeps the body; then that is the event's key, and oddities in the body are
            not logged again.

    Raises:
        WebhookBodyException: the body is not UTF-8 or not JSON, or is nested too deeply.
    """
    try:
        data = loads(body) if stored_key is None else loads_again(body)
    except (ApiTypeError, ApiValueError) as error:
        raise WebhookBodyException(str(error)) from None
    delivered = Delivered(data, body, webhook_id, source, stored_key)
    name = delivered.event_name
    problem = None if isinstance(data, dict) else f"the JSON is {type_name(data)}, an object is needed"
    if problem is None:
        try:
            for reader in _readers(name):
                event = reader(delivered)
                if event is not None:
                    return event
        except (ApiTypeError, ApiValueError) as error:
            problem = str(error)
    if name is not None and problem is None:
        return OtherEvent(delivered.envelope_key, body, name, data["data"], webhook_id=webhook_id, source=source)
    problem = problem or "no product of Xendit's that this version knows has such a body"
    return UnreadableEvent(digest_key(body), body, problem, webhook_id=webhook_id, source=source)


@lru_cache(maxsize=64)
def _readers(name: str | None) -> list[Reader]:
    """The readers of envelopes with this name, or of bodies without an envelope where the name is None.

    The product that was added last is asked first, because the first product takes any body without an envelope that no
    other product wants.
    """
    found = [product for product in products() if (name or "") in product.events]
    return [product.module("webhook").read for product in reversed(found)]


def key_part(text: str | None) -> str:
    """Text as a part of a key: characters that could trouble a database or a log are percent-encoded."""
    if text is not None and _PLAIN.fullmatch(text):
        return text  # nearly every id is
    return quote((text or "-").encode("utf-8", "surrogatepass"), safe="-_.~:")


def bounded_key(key: str) -> str:
    """A key that every database can index: a key that is too long is replaced by its digest."""
    return key if len(key) <= _LONGEST_KEY else digest_key(key.encode("ascii"))


def digest_key(data: bytes) -> str:
    """A key for a body that names nothing: a digest, the same for the same bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
