"""ApiClient: a configuration, a shared transport and the loop that drives a call.

A client holds no state of a call, so one client serves all threads. Its key and settings are those it was
made with.
"""

from __future__ import annotations

import sys
import time

from xendit.codec import type_name
from xendit.configuration import LONGEST, Configuration, masked, mode_of, unknown_choice
from xendit.events import listener, teller
from xendit.exceptions import (
    ApiTypeError,
    ApiValueError,
    ConfigurationException,
    ConnectionException,
    XenditSdkException,
)
from xendit.exchange import Context, Send, exchange, note, search, watch
from xendit.operation import ApiResponse, Response, header_name, header_value
from xendit.policy import Limits
from xendit.version import __version__

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from typing_extensions import Self, TypedDict

    from xendit.events import Notice
    from xendit.exchange import Result, Steps
    from xendit.operation import Operation, Request

    class RequestOptions(TypedDict, total=False):
        """The options that every method takes, official names first; docs/InvoiceApi.md explains each."""

        async_req: bool
        _return_http_data_only: bool
        _preload_content: bool
        _request_timeout: float | tuple[float, float]
        _check_input_type: bool
        _check_return_type: bool
        _spec_property_naming: bool
        _content_type: str | None
        _host_index: int | None
        _request_auths: list[Any] | None
        _headers: Mapping[str, str]


OPTIONS = (
    "async_req",
    "_return_http_data_only",
    "_preload_content",
    "_request_timeout",
    "_check_input_type",
    "_check_return_type",
    "_spec_property_naming",
    "_content_type",
    "_host_index",
    "_request_auths",
    "_headers",
)
_SWITCHES = (
    "async_req",
    "_return_http_data_only",
    "_preload_content",
    "_check_input_type",
    "_check_return_type",
    "_spec_property_naming",
)


class _Prepared:
    """A call that was checked: its steps, and what its result is to the caller."""

    __slots__ = (
        "answered",
        "arguments",
        "context",
        "given",
        "headers",
        "limits",
        "on_unknown",
        "operation",
        "request",
    )

    def __init__(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        given: Mapping[str, Any],
        headers: Mapping[str, str],
        request: Request,
        limits: Limits,
        context: Callable[[], Context],
        on_unknown: str,
        *,
        answered: bool,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.given = given
        self.headers = headers
        self.request = request
        self.limits = limits
        self.context = context
        self.on_unknown = on_unknown
        self.answered = answered

    @property
    def deferred(self) -> bool:
        """Whether it is for a thread of its own."""
        return self.given.get("async_req", False)  # type: ignore[no-any-return]

    @property
    def raw(self) -> bool:
        """Whether the caller wants the answer as it came."""
        return not self.given.get("_preload_content", True)

    def steps(self) -> Steps:
        """The call."""
        return exchange(
            self.request,
            _as_it_is if self.raw else _reader(self.operation, self.arguments, self.given),
            self.context(),
            self.limits,
            recovery=None if self.operation.recovery is None else self.recovery,
            inspect=self.inspection(),
            on_unknown=self.on_unknown,
        )

    def recovery(self) -> Any:
        """How to find out what became of it, when there is a way."""
        find = self.operation.recovery
        return None if find is None else find(self.arguments, self.headers)

    def inspection(self) -> Callable[[Any], Notice | None] | None:
        """What is looked at in the result: nothing where the caller wants it as it came."""
        inspect = self.operation.inspect
        if inspect is None or self.raw or not self.given.get("_check_return_type", True):
            return None
        return lambda value: inspect(self.arguments, value)

    def finish(self, result: Result) -> Any:
        """What the caller is given."""
        try:
            return self._told(result)
        except BaseException as interrupt:
            if not self.operation.repeatable:
                note(interrupt, self.recovery())
            raise

    def _told(self, result: Result) -> Any:
        if self.raw:
            return _raw(result)
        if self.answered:
            return _answer(result)
        if self.given.get("_return_http_data_only", True):
            return result.value
        return result.value, result.response.status, result.response.headers


class BaseClient:
    """What ApiClient and AsyncApiClient share: all but how a call is driven.

    Args:
        configuration: the settings; else the defaults, with the key of `set_api_key` or `XENDIT_API_KEY`.
        header_name, header_value: a header to send with every request.
        cookie: the value of a Cookie header to send with every request.
        pool_threads: accepted for the official signature; calls with `async_req` need no pool.

    Raises:
        ConfigurationException: there is no key, or a setting cannot be used. No request was made.
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        header_name: str | None = None,
        header_value: str | None = None,
        cookie: str | None = None,
        pool_threads: int = 1,
    ) -> None:
        if configuration is not None and not isinstance(configuration, Configuration):
            raise ConfigurationException(
                f"{type(self).__name__} takes a Configuration, {type_name(configuration)} was given; no request was made"
            )
        self.configuration = Configuration() if configuration is None else configuration.copy()
        self._key = self.configuration.key_source
        self._limits = self.configuration.limits
        self._policy = self.configuration.retry_policy
        self._on_unknown = self.configuration.on_unknown
        self._transport: Any = None
        self._calls: Context | None = None
        self._closed = False
        self.pool_threads = pool_threads
        self.user_agent = f"xendit-sdk-python/{__version__}"
        self.default_headers: dict[str, str] = {}
        if header_name is not None:
            self.set_default_header(header_name, header_value or "")
        if cookie is not None:
            self.set_default_header("cookie", cookie)

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Send this header with every request.

        Raises:
            ApiTypeError, ApiValueError: the name or the value cannot be sent.
        """
        name = _header_name(header_name)
        self.default_headers[name] = _header_value(header_value, ("default_headers", name))

    @property
    def user_agent(self) -> str:
        """The User-Agent header; setting it raises ApiTypeError or ApiValueError for what cannot be sent."""
        return self._user_agent

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self._user_agent = _header_value(value, ("user_agent",))
        self._calls = None

    @property
    def mode(self) -> str:
        """`"test"` or `"live"` by the key's prefix, else `"unknown"`."""
        return mode_of(self._key())

    def describe(self) -> dict[str, Any]:
        """The client's settings as they may be logged: the key is masked."""
        return {**self.configuration.describe(), "api_key": masked(self._key()), "version": __version__}

    # ---- calls

    def _prepare(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        options: RequestOptions,
        on_unknown: str | None,
        *,
        answered: bool,
    ) -> _Prepared:
        """A call, checked. The arguments are those of `call`."""
        given = self._checked(operation, options)
        problem = None if on_unknown is None else unknown_choice(on_unknown)
        if problem is not None:
            raise ApiValueError(problem, ("on_unknown",))
        headers = self._added_headers(given)
        request = operation.request(arguments, headers, check=given.get("_check_input_type", True))
        if given.get("_content_type"):
            request.headers["content-type"] = _header_value(given["_content_type"], ("_content_type",))
        limits = _limits(self._limits, given.get("_request_timeout"))
        unknown = on_unknown or self._on_unknown
        return _Prepared(
            operation, arguments, given, headers, request, limits, self._context, unknown, answered=answered
        )

    def _limited(self, name: str, operation: Operation, options: RequestOptions) -> tuple[dict[str, str], Limits]:
        """The headers to add and the time limits of a call that takes no other option."""
        given = self._checked(operation, options)
        for each in given:
            if each not in ("_headers", "_request_timeout"):
                raise ApiTypeError(f"{name}: {each} does not apply; _headers and _request_timeout do", (each,))
        return self._added_headers(given), _limits(self._limits, given.get("_request_timeout"))

    def _searched(
        self, operation: Operation, look_up: Callable[[Mapping[str, str]], Any], wait: float, options: RequestOptions
    ) -> Steps:
        """The steps of `search`."""
        headers, limits = self._limited("resolve", operation, options)
        return search(look_up(headers), self._context(), limits, wait)

    def _watched(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        final: Callable[[Any], bool],
        wait: float,
        options: RequestOptions,
    ) -> Steps:
        """The steps of `watch`."""
        headers, limits = self._limited("wait_until_final", operation, options)
        request = operation.request(arguments, headers)
        return watch(request, _reader(operation, arguments, {}), final, self._context(), limits, wait)

    def _checked(self, operation: Operation, options: RequestOptions) -> dict[str, Any]:
        """The options of a call, if they can be used and the client is open."""
        given: dict[str, Any] = dict(options)
        if given:
            operation.check_names(given, OPTIONS)
            _check_options(given)
        if self._closed:
            raise ConfigurationException("this ApiClient is closed; no request was made")
        if sys.is_finalizing():  # nothing can be imported any more, and a lock may never be given back
            raise ConfigurationException("the interpreter is ending; no request was made")
        return given

    def _added_headers(self, given: Mapping[str, Any]) -> dict[str, str]:
        return {**self.default_headers, **(given.get("_headers") or {})}

    def _shared_transport(self) -> Any:
        """The transport of all clients with these connection settings."""
        raise NotImplementedError

    def _context(self) -> Context:
        """What every call of this client is given."""
        if self._calls is None:
            from random import SystemRandom  # the process's own sequence is its users'

            self._calls = Context(
                key=self._key,
                user_agent=self.user_agent,
                host=self.configuration.host,
                policy=self._policy,
                budget=self._shared_transport().budget,
                clock=time.monotonic,
                wall=time.time,
                chance=SystemRandom().random,
                tell=teller(self.configuration.on_event),
                listens=listener(self.configuration.on_event),
            )
        return self._calls

    # ---- life

    def _release(self) -> None:
        """Release the client. Connections that other clients share stay open."""
        self._closed = True
        self._transport = self._calls = None

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"an {type(self).__name__} holds an API key and cannot be pickled or copied; make it where it is used"
        )

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(host={self.configuration.host!r}, mode={self.mode!r},"
            f" api_key={masked(self._key())!r})"
        )


class ApiClient(BaseClient):
    """What an InvoiceApi calls through.

    Args:
        configuration: the settings; else the defaults, with the key of `set_api_key` or `XENDIT_API_KEY`.
        header_name, header_value: a header to send with every request.
        cookie: the value of a Cookie header to send with every request.
        pool_threads: accepted for the official signature; calls with `async_req` need no pool.

    Raises:
        ConfigurationException: there is no key, or a setting cannot be used. No request was made.
    """

    def call(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        options: RequestOptions,
        *,
        on_unknown: str | None = None,
        answered: bool = False,
    ) -> Any:
        """Make a call.

        Args:
            operation: what to call.
            arguments: by parameter name; None is absent.
            options: the underscored options.
            on_unknown: what to do when it is not known what became of a create; else the configuration's.
            answered: give an ApiResponse.

        Raises:
            ApiTypeError, ApiValueError: an argument or option cannot be used; nothing was sent.
            XenditSdkException: the call failed.
        """
        prepared = self._prepare(operation, arguments, options, on_unknown, answered=answered)

        def run() -> Any:
            return prepared.finish(self._drive(prepared.steps()))

        return Deferred(run) if prepared.deferred else run()

    def search(
        self, operation: Operation, look_up: Callable[[Mapping[str, str]], Any], wait: float, options: RequestOptions
    ) -> Any:
        """Look for what a create made, until it is found or `wait` seconds are over.

        Args:
            operation: the operation that lists, for messages.
            look_up: makes the LookUp from the headers to add.
            wait: seconds after which no further look is begun.
            options: `_request_timeout`, which bounds each look, and `_headers`; the others do not apply.

        Raises:
            OutcomeUnknownException: none fits, or several do.
            XenditSdkException: it could not be looked for.
        """
        return self._drive(self._searched(operation, look_up, wait, options)).value

    def watch(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        final: Callable[[Any], bool],
        wait: float,
        options: RequestOptions,
    ) -> Any:
        """Read again and again, with growing pauses, until what is read is final or `wait` seconds are over.

        Args:
            operation: the operation that reads.
            arguments: by parameter name.
            final: says whether what was read is what is waited for.
            wait: seconds.
            options: `_request_timeout`, which bounds each look, and `_headers`; the others do not apply.

        Raises:
            TimeoutException: it is not final yet.
            XenditSdkException: it cannot be read.
        """
        return self._drive(self._watched(operation, arguments, final, wait, options)).value

    def _shared_transport(self) -> Any:
        """The transport of all clients with these connection settings."""
        if self._transport is None:
            from xendit.transport.urllib3 import transport_for

            self._transport = transport_for(self.configuration)
        return self._transport

    def _drive(self, steps: Steps) -> Result:
        """Run a call to its end, waiting by sleeping. An interrupt is thrown into the call, which may note it."""
        transport = self._shared_transport()
        step = next(steps)
        try:
            while True:
                answer = None
                if isinstance(step, Send):
                    answer = transport.send(step.request, step.limits)
                else:
                    time.sleep(step.seconds)
                step = steps.send(answer)
        except StopIteration as done:
            result: Result = done.value
            return result
        except XenditSdkException:
            raise
        except BaseException as interrupt:
            steps.throw(interrupt)  # raises it, also when the call itself did
            raise

    # ---- life

    def close(self) -> None:
        """Release the client. Connections that other clients share stay open."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_header_name, _header_value = header_name, header_value


class Deferred:
    """The result of a call made with `async_req=True`: `.get()` waits for it and returns or raises.

    It has the methods of `multiprocessing.pool.AsyncResult`, which the official client returns. The thread is a
    daemon: it never keeps the interpreter from ending.
    """

    def __init__(self, run: Callable[[], Any]) -> None:
        from threading import Thread

        self._run = run
        self._value: Any = None
        self._error: BaseException | None = None
        self._over = False
        self._thread = Thread(target=self._work, name="xendit-async_req", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is ending, or the system has no thread left
            self._work()

    def _work(self) -> None:
        try:
            self._value = self._run()
        except BaseException as error:  # noqa: BLE001 - it is raised by get(), in the thread that asks
            self._error = error
        self._over = True

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the call to end, or for this many seconds."""
        if not self._over:
            self._thread.join(timeout)

    def ready(self) -> bool:
        """Whether the call has ended."""
        return not self._thread.is_alive()

    def successful(self) -> bool:
        """Whether the call ended without an error. Raises ValueError while it runs."""
        if not self.ready():
            raise ValueError("the call has not ended")
        return self._over and self._error is None

    def get(self, timeout: float | None = None) -> Any:
        """The call's result, or its error raised. Raises TimeoutError when it does not end in time."""
        self.wait(timeout)
        if not self.ready():
            raise TimeoutError("the call has not ended")
        if self._error is not None:
            raise self._error
        if not self._over:  # its thread did not come along into this process
            raise ConnectionException(
                "the call was begun before a fork; its result is in the parent", outcome="unknown"
            )
        return self._value


def _check_options(given: Mapping[str, Any]) -> None:
    """Raise ApiTypeError or ApiValueError for an option whose value means nothing."""
    for name in _SWITCHES:
        if name in given and not isinstance(given[name], bool):
            raise ApiTypeError(f"{name}: {type_name(given[name])} was given, bool is needed", (name,))
    if given.get("_host_index") not in (None, 0):
        raise ApiValueError("_host_index: there is one host only, 0", ("_host_index",))
    if given.get("_request_auths"):
        raise ApiValueError(
            "_request_auths: the key belongs to the client; make another client for another key", ("_request_auths",)
        )
    headers = given.get("_headers")
    if headers is not None and not hasattr(headers, "keys"):
        raise ApiTypeError(f"_headers: {type_name(headers)} was given, a dict is needed", ("_headers",))


def _limits(limits: Limits, timeout: Any) -> Limits:
    """The limits of one call: a number bounds the whole call, a pair is (connect, read)."""
    if timeout is None:
        return limits
    if isinstance(timeout, tuple):
        if len(timeout) != 2:
            raise ApiValueError("_request_timeout: a tuple must be (connect, read)", ("_request_timeout",))
        connect, read = (_seconds(each) for each in timeout)
        return Limits(max(limits.total, connect + read), connect, read)
    total = _seconds(timeout)
    return Limits(total, min(limits.connect, total), total)


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ApiTypeError(
            f"_request_timeout: {type_name(value)} was given, a number of seconds or a tuple (connect, read) is needed",
            ("_request_timeout",),
        )
    if not 0 < value <= LONGEST:
        raise ApiValueError(
            f"_request_timeout: it must be more than 0 and at most {LONGEST:.0f} seconds", ("_request_timeout",)
        )
    return float(value)


def _reader(operation: Operation, arguments: Mapping[str, Any], given: Mapping[str, Any]) -> Callable[[Response], Any]:
    """How the answer is read under these options, and checked against what was asked."""
    read = operation.read if given.get("_check_return_type", True) else operation.read_unchecked
    echo = operation.echo
    if echo is None:
        return read

    def read_and_compare(response: Response) -> Any:
        value = read(response)
        problem = echo(arguments, value)
        if problem is not None:
            raise ApiValueError(problem)
        return value

    return read_and_compare


def _as_it_is(response: Response) -> Response:
    return response


def _answer(result: Result) -> ApiResponse[Any]:
    """The result with the answer that it came from."""
    return ApiResponse(result.value, result.response, attempts=result.attempts, recovered=result.recovered)


def _raw(result: Result) -> Response:
    """The answer itself; for an invoice that a look-up found, one as the create would have brought."""
    if isinstance(result.value, Response):
        return result.value
    headers = {name: value for name, value in result.response.headers.items() if name != "content-length"}
    return Response(result.response.status, headers, result.value.to_json().encode())
