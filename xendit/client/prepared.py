"""A call that was checked and is about to be made: its steps, and what its caller is given as its result.

This module imports the exchange, so a client loads it only with its first connection. A program that only imports the
client needs neither.
"""

from __future__ import annotations

import sys
from functools import partial

from xendit.events import listener, teller
from xendit.exceptions import ApiValueError
from xendit.exchange import Context, exchange, note
from xendit.messages import ApiResponse, ModelList, Response

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from xendit.client.options import RequestOptions
    from xendit.configuration import Access, Configuration
    from xendit.events import Notice
    from xendit.exceptions import XenditSdkException
    from xendit.exchange import CallResult, Steps
    from xendit.operation import Operation, Request
    from xendit.policy import Limits, RetryPolicy


TRACERS = frozenset({"opentelemetry", "sentry_sdk"})
"""Packages that may trace calls. `xendit.client.tracing` is loaded only where one of them is, or the program has a hook."""


class Connection:
    """What a client calls through: key and host as they were found, the shared transport, and the context of each call."""

    __slots__ = ("access", "context", "prepared", "transport")

    def __init__(self, access: Access, context: Context, transport: Any) -> None:
        self.access = access
        self.context = context
        self.transport = transport
        self.prepared = partial(Prepared, self)
        """Prepares a call through this connection; it takes the other arguments of `Prepared`."""


class Prepared:
    """A call that was checked: its steps, and what its caller is given as its result."""

    __slots__ = (
        "answered",
        "arguments",
        "connection",
        "deferred",
        "given",
        "headers",
        "limits",
        "on_unknown",
        "operation",
        "raw",
        "request",
    )

    def __init__(
        self,
        connection: Connection,
        operation: Operation,
        arguments: Mapping[str, object],
        given: RequestOptions,
        headers: Mapping[str, str],
        request: Request,
        limits: Limits,
        on_unknown: str,
        *,
        answered: bool,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.given = given
        self.raw = not given.get("_preload_content", True)
        """Whether the caller wants the answer as it came."""
        self.deferred = given.get("async_req", False)
        """Whether the call is to be made in a thread of its own."""
        self.headers = headers
        self.request = request
        self.limits = limits
        self.connection = connection
        self.on_unknown = on_unknown
        self.answered = answered

    def steps(self) -> Steps:
        """The generator that is the call."""
        return exchange(
            self.request,
            _as_it_is if self.raw else reader_of(self.operation, self.arguments, self.given),
            self.connection.context,
            self.limits,
            recovery=self.recovery if self.can_recover else None,
            inspect=self.inspection(),
            on_unknown=self.on_unknown,
        )

    @property
    def can_recover(self) -> bool:
        """Whether there is a way to find out what became of the call; with an idempotency key it is just repeated."""
        has_key = self.request.repeatable and not self.operation.repeatable
        return self.operation.recovery is not None and not has_key

    def blame(self, failure: XenditSdkException) -> None:
        """Add the idempotency key to an error: with it, the request can be repeated without harm."""
        if self.request.idempotency_key is not None:
            failure.idempotency_key = self.request.idempotency_key

    def recovery(self) -> Any:
        """How to find out what became of it, when there is a way."""
        find = self.operation.recovery
        return None if find is None else find(self.arguments, self.headers)

    def inspection(self) -> Callable[[Any], Notice | None] | None:
        """The function that inspects the result; None where the caller wants the answer as it came."""
        inspect = self.operation.inspect
        if inspect is None or self.raw or not self.given.get("_check_return_type", True):
            return None
        return lambda value: inspect(self.arguments, value)

    def finish(self, result: CallResult) -> object:
        """What the caller is given."""
        try:
            if result.value.__class__ is list:
                result.value = ModelList(result.value)
            return self._told(result)
        except BaseException as interrupt:
            if not self.request.repeatable:
                note(interrupt, self.recovery())
            raise

    def _told(self, result: CallResult) -> object:
        if self.raw:
            return _raw(result)
        if self.answered:
            return _answer(result)
        if self.given.get("_return_http_data_only", True):
            return result.value
        return result.value, result.response.status, result.response.headers


def connection_of(
    configuration: Configuration, access: Access, transport: Any, user_agent: str, policy: RetryPolicy
) -> Connection:
    """Key and host with the transport to the host, and what every call through them is given."""
    source = configuration.source
    hook, trace = configuration.on_event, None
    if hook is not None or not TRACERS.isdisjoint(sys.modules):
        from xendit.client.tracing import headers_of, hooks_for, joined

        hooks = hooks_for(hook, is_plain=getattr(transport, "is_plain", False))
        hook, trace = joined(hooks), headers_of(hooks)
    context = Context(
        key=access.ask,
        user_agent=user_agent,
        host=access.host,
        policy=policy,
        budget=transport.budget,
        clock=source.monotonic,
        wall=source.wall,
        chance=source.chance,
        tell=teller(hook),
        listens=listener(hook),
        trace=trace,
    )
    return Connection(access, context, transport)


def reader_of(
    operation: Operation, arguments: Mapping[str, object], given: Mapping[str, object]
) -> Callable[[Response], object]:
    """How the answer is read under these options, and checked against what was asked."""
    read = operation.read if given.get("_check_return_type", True) else operation.read_unchecked
    echo = operation.echo
    if echo is None:
        return read

    def read_and_compare(response: Response) -> object:
        value = read(response)
        problem = echo(arguments, value)
        if problem is not None:
            raise ApiValueError(problem)
        return value

    return read_and_compare


def _as_it_is(response: Response) -> Response:
    return response


def _answer(result: CallResult) -> ApiResponse[object]:
    """The result with the answer that it came from."""
    return ApiResponse(result.value, result.response, attempts=result.attempts, recovered=result.recovered)


def _raw(result: CallResult) -> Response:
    """The answer itself. If a look-up found the invoice, a response that is built to look like that of the create."""
    if isinstance(result.value, Response):
        return result.value
    headers = {name: value for name, value in result.response.headers.items() if name != "content-length"}
    return Response(result.response.status, headers, result.value.to_json().encode())
