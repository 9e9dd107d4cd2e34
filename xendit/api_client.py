"""ApiClient: a configuration, a shared transport and the loop that drives a call.

A client holds no state of a call, so one client serves all threads. Its key and settings are those it was
made with.
"""

from __future__ import annotations

import time

from xendit.codec import type_name
from xendit.configuration import Configuration, masked, mode_of
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException
from xendit.exchange import Send, exchange
from xendit.operation import Response, header_name, header_value
from xendit.policy import Limits
from xendit.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from typing_extensions import Self, TypedDict

    from xendit.exchange import Result
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


class ApiClient:
    """What an InvoiceApi calls through.

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
                f"ApiClient takes a Configuration, {type_name(configuration)} was given; no request was made"
            )
        self.configuration = Configuration() if configuration is None else configuration.copy()
        self._key = self.configuration.key_source
        self._limits = self.configuration.limits
        self._policy = self.configuration.retry_policy
        self._transport: Any = None
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

    @property
    def mode(self) -> str:
        """`"test"` or `"live"` by the key's prefix, else `"unknown"`."""
        return mode_of(self._key())

    def describe(self) -> dict[str, Any]:
        """The client's settings as they may be logged: the key is masked."""
        return {**self.configuration.describe(), "api_key": masked(self._key()), "version": __version__}

    # ---- calls

    def call(self, operation: Operation, arguments: Mapping[str, Any], options: RequestOptions) -> Any:
        """Make a call.

        Args:
            operation: what to call.
            arguments: by parameter name; None is absent.
            options: the underscored options.

        Raises:
            ApiTypeError, ApiValueError: an argument or option cannot be used; nothing was sent.
            XenditSdkException: the call failed.
        """
        given: dict[str, Any] = dict(options)
        operation.check_names(given, OPTIONS)
        _check_options(given)
        if self._closed:
            raise ConfigurationException("this ApiClient is closed; no request was made")
        request = operation.request(
            arguments,
            {**self.default_headers, **(given.get("_headers") or {})},
            check=given.get("_check_input_type", True),
        )
        if given.get("_content_type"):
            request.headers["content-type"] = _header_value(given["_content_type"], ("_content_type",))
        limits = _limits(self._limits, given.get("_request_timeout"))
        read = _reader(operation, given)

        def run() -> Any:
            result = self._drive(request, read, limits)
            if operation.inspect is not None and read == operation.read:
                operation.inspect(arguments, result.value)
            if given.get("_return_http_data_only", True) or not given.get("_preload_content", True):
                return result.value
            return result.value, result.response.status, result.response.headers

        return Deferred(run) if given.get("async_req") else run()

    def _drive(self, request: Request, read: Callable[[Response], Any], limits: Limits) -> Result:
        """Run a call to its end, waiting by sleeping."""
        from random import random

        steps = exchange(
            request,
            read,
            key=self._key,
            user_agent=self.user_agent,
            limits=limits,
            policy=self._policy,
            clock=time.monotonic,
            wall=time.time,
            chance=random,
        )
        if self._transport is None:
            from xendit.transport.urllib3 import transport_for

            self._transport = transport_for(self.configuration)
        answer = None
        try:
            while True:
                step = steps.send(answer)
                if isinstance(step, Send):
                    answer = self._transport.send(step.request, step.limits)
                else:
                    time.sleep(step.seconds)
                    answer = None
        except StopIteration as done:
            result: Result = done.value
            return result
        finally:
            steps.close()

    # ---- life

    def close(self) -> None:
        """Release the client. Connections that other clients share stay open."""
        self._closed = True
        self._transport = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ApiClient holds an API key and cannot be pickled or copied; make it where it is used")

    def __repr__(self) -> str:
        return f"ApiClient(host={self.configuration.host!r}, mode={self.mode!r}, api_key={masked(self._key())!r})"


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
        self._thread = Thread(target=self._work, name="xendit-async_req", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._value = self._run()
        except BaseException as error:  # noqa: BLE001 - it is raised by get(), in the thread that asks
            self._error = error

    def wait(self, timeout: float | None = None) -> None:
        """Wait for the call to end, or for this many seconds."""
        self._thread.join(timeout)

    def ready(self) -> bool:
        """Whether the call has ended."""
        return not self._thread.is_alive()

    def successful(self) -> bool:
        """Whether the call ended without an error. Raises ValueError while it runs."""
        if not self.ready():
            raise ValueError("the call has not ended")
        return self._error is None

    def get(self, timeout: float | None = None) -> Any:
        """The call's result, or its error raised. Raises TimeoutError when it does not end in time."""
        self.wait(timeout)
        if not self.ready():
            raise TimeoutError("the call has not ended")
        if self._error is not None:
            raise self._error
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
    if not 0 < value < float("inf"):
        raise ApiValueError("_request_timeout: it must be more than 0 and finite", ("_request_timeout",))
    return float(value)


def _reader(operation: Operation, given: Mapping[str, Any]) -> Callable[[Response], Any]:
    """How the answer is read under these options."""
    if not given.get("_preload_content", True):
        return _as_it_is
    return operation.read if given.get("_check_return_type", True) else operation.read_unchecked


def _as_it_is(response: Response) -> Response:
    return response
