"""Handlers: a function for each kind of event, in one object that workers, endpoints and tests call. No I/O.

handle = Handlers()

@handle.paid
def settle(event: InvoiceEvent) -> None: ...

@handle.second_payment
def give_back(event: InvoiceEvent) -> None: ...

@handle.refund_succeeded
def refunded(event: RefundEvent) -> None: ...

@handle.on("payout.succeeded")
def paid_out(event: OtherEvent) -> None: ...

Worker(inbox, handle).drain()
"""

from __future__ import annotations

import logging

from xendit.exceptions import ConfigurationException
from xendit.static_typing import hinted
from xendit.webhook.functions import check_arguments, check_function
from xendit.words import nearest, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias, TypeVar

    from xendit.product_types import HandledEvent, NamedHandlers
    from xendit.webhook.event import Event

    #: What handles an event; a TransactionWorker gives it the connection too.
    OfHandled: TypeAlias = "Callable[[HandledEvent], object] | Callable[[HandledEvent, Any], object]"
    OfAny: TypeAlias = "Callable[[Any], object] | Callable[[Any, Any], object]"
    Handled = TypeVar("Handled", bound=OfHandled)
    Handling = TypeVar("Handling", bound=OfAny)
    Function = TypeVar("Function", bound=Callable[..., object])
else:
    NamedHandlers = object  # `Handlers.__getattr__` finds them by the declarations of the products

__all__ = ["Handlers"]

logger = logging.getLogger("xendit.webhook")

_OTHERWISE = "otherwise"


@hinted
class Handlers(NamedHandlers):
    """A function for each kind of event, each named by a decorator, which gives the function back as it was.

    An event goes to the one function that fits it best: first the one for its name (`on`), then the one for its kind,
    then `otherwise`. The object is called with an event, and in a TransactionWorker also with the connection, so it can
    be used wherever a plain function can.

    It may hold coroutine functions, for an AsyncWorker or for an application that awaits `handle(event)` itself. A
    worker that does not await refuses them when it starts, together with anything else that is wrong.

    An event that no function takes is done as `ignored`, with a line in the log. A payment is different: if no function
    takes it, it becomes a dead letter at once, so that somebody looks at it.
    """

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., object]] = {}

    def paid(self, function: Handled) -> Handled:
        """Decorate what handles the first payment of an invoice. `event.is_late` says whether that had expired before."""
        return self._add("paid", function)

    def expired(self, function: Handled) -> Handled:
        """Decorate what handles an expiry."""
        return self._add("expired", function)

    def second_payment(self, function: Handled) -> Handled:
        """Decorate what handles another payment of something that was paid already: money to be given back.

        Such an event never goes to `paid`.
        """
        return self._add("second_payment", function)

    def on(self, *names: str) -> Callable[[Handling], Handling]:
        """Decorate what handles the events that an envelope calls so.

        Args:
            names: such as `refund.succeeded`.

        Raises:
            ConfigurationException: there is no name, or one is no text.
        """
        given: tuple[object, ...] = names
        if not given or not all(isinstance(name, str) and name for name in given):
            raise ConfigurationException('handle.on takes the names of events: @handle.on("payout.succeeded")')

        def decorate(function: Handling) -> Handling:
            for name in names:
                self._add(f"on {name}", function)
            return function

        return decorate

    def otherwise(self, function: Handling) -> Handling:
        """Decorate what handles every event that no other function takes."""
        return self._add(_OTHERWISE, function)

    def function_for(self, event: Event) -> Callable[..., object] | None:
        """The function that an event goes to, or None."""
        name = None if event.event_name is None else self._functions.get(f"on {event.event_name}")
        return name or self._functions.get(event.stored_kind) or self._functions.get(_OTHERWISE)

    def __call__(self, event: Event, *connection: object) -> Any:
        """Hand an event to its function, and return what that returns: for a coroutine function, a coroutine to await."""
        function = self.function_for(event)
        if function is None:
            logger.warning("webhook %s of kind %s has no handler", event.dedupe_key, event.stored_kind)
            return None
        return function(event, *connection)

    @property
    def listed(self) -> dict[str, str]:
        """Which events go where: `paid`, `on refund.succeeded` and so on, each with its function's name."""
        return {name: _name_of(function) for name, function in self._functions.items()}

    def check(self, arguments: int, judge: Callable[[str, object], None] = check_function) -> None:
        """Judge the functions, as a worker does when it starts.

        Args:
            arguments: how many each is called with: 1, or 2 with a connection.
            judge: refuses a wrong function. That of a worker that awaits accepts coroutine functions and plain ones.

        Raises:
            ConfigurationException: there is none, or one is no plain function, or takes other arguments.
        """
        if not self._functions:
            raise ConfigurationException(
                "Handlers has no function: decorate one with @handle.paid, or import its module"
            )
        for name, function in self._functions.items():
            judge(f"handle.{name}", function)
            check_arguments(f"handle.{name}", function, arguments)

    def _add(self, name: str, function: Function) -> Function:
        if not callable(function):
            raise ConfigurationException(f"@handle.{name} decorates a function, {type_name(function)} was given")
        if name in self._functions:
            raise ConfigurationException(
                f"@handle.{name} was given twice: {_name_of(self._functions[name])} and {_name_of(function)}"
            )
        self._functions[name] = function
        return function

    def __repr__(self) -> str:
        return f"<Handlers: {', '.join(f'{name} → {function}' for name, function in self.listed.items()) or 'none'}>"

    if not TYPE_CHECKING:  # type checkers know the names; at run time an error names the nearest

        def __getattr__(self, name: str) -> Callable[..., object]:
            """The decorator for an event of a product, such as `refund_succeeded` for `refund.succeeded`."""
            from xendit.products import products

            named = {each.replace(".", "_"): each for product in products() for each in product.events if each}
            if name in named:
                return self.on(named[name])
            near = nearest(name, ["paid", "expired", "second_payment", "on", "otherwise", *named])
            raise AttributeError(f"Handlers has no {name!r}{near}", name=name, obj=self)


def _name_of(function: object) -> str:
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{getattr(function, '__module__', None) or '?'}.{name}"
