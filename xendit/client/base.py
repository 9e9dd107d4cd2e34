"""What every client shares, whatever drives its calls: settings, key and host, headers, and how a call is prepared.

A client holds no state of a call, so one client serves all threads. Its settings are those it was made with; a key or
a host that it was not given is looked for at its first call.
"""

from __future__ import annotations

import sys

from xendit.client.doors import Answer, Doors
from xendit.client.options import OPTIONS, check_options, limits_of
from xendit.configuration import Configuration
from xendit.events import listener, teller
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException
from xendit.exchange import Context, exchange, note
from xendit.injection import NothingNeeded, needs
from xendit.keys import mode_of, shown_key
from xendit.operation import ApiResponse, Response, header_name, header_value
from xendit.setting_checks import unknown_choice
from xendit.settings import is_standing_in
from xendit.version import __version__
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from xendit.client.options import RequestOptions
    from xendit.configuration import Access
    from xendit.events import Notice
    from xendit.exceptions import XenditSdkException
    from xendit.exchange import CallResult, Steps
    from xendit.keys import KeySource
    from xendit.operation import Operation, Request
    from xendit.policy import Limits


class Connection:
    """What a client calls through: key and host as they were found, the shared transport, and what each call is given."""

    __slots__ = ("access", "context", "transport")

    def __init__(self, access: Access, context: Context, transport: Any) -> None:
        self.access = access
        self.context = context
        self.transport = transport


class Prepared:
    """A call that was checked: its steps, and what its result is to the caller."""

    __slots__ = (
        "answered",
        "arguments",
        "connection",
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
        operation: Operation,
        arguments: Mapping[str, object],
        given: RequestOptions,
        headers: Mapping[str, str],
        request: Request,
        limits: Limits,
        connection: Connection,
        on_unknown: str,
        *,
        answered: bool,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.given = given
        self.raw = not given.get("_preload_content", True)
        """Whether the caller wants the answer as it came."""
        self.headers = headers
        self.request = request
        self.limits = limits
        self.connection = connection
        self.on_unknown = on_unknown
        self.answered = answered

    @property
    def deferred(self) -> bool:
        """Whether it is for a thread of its own."""
        return self.given.get("async_req", False)

    def steps(self) -> Steps:
        """The call."""
        return exchange(
            self.request,
            _as_it_is if self.raw else _reader(self.operation, self.arguments, self.given),
            self.connection.context,
            self.limits,
            recovery=self.recovery if self.can_recover else None,
            inspect=self.inspection(),
            on_unknown=self.on_unknown,
        )

    @property
    def can_recover(self) -> bool:
        """Whether there is a way to find out what became of it. A request with an idempotency key is repeated."""
        has_key = self.request.repeatable and not self.operation.repeatable
        return self.operation.recovery is not None and not has_key

    def blame(self, failure: XenditSdkException) -> None:
        """Add to an error what it takes to repeat the request without harm."""
        if self.request.idempotency_key is not None:
            failure.idempotency_key = self.request.idempotency_key

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

    def finish(self, result: CallResult) -> object:
        """What the caller is given."""
        try:
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


class BaseClient(Doors[Answer]):
    """What ApiClient and AsyncApiClient share: all but how a call is driven.

    Args:
        configuration: the settings; else the defaults. A key or a host that it does not have is looked for at the
            first call (docs/Configuration.md), and kept.
        header_name, header_value: a header to send with every request.
        cookie: the value of a Cookie header to send with every request.
        pool_threads: accepted for the official signature; calls with `async_req` need no pool.

    Raises:
        ConfigurationException: a setting cannot be used. No request was made.
    """

    __signature__ = NothingNeeded()

    @needs("configuration", Configuration)
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
        self._limits = self.configuration.limits
        self._policy = self.configuration.retry_policy
        self._on_unknown = self.configuration.on_unknown
        self._kept: Connection | None = None
        self._has_looked = False
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
        if self._kept is not None:  # the same key and host, with the new header
            self._kept = self._connected(self._kept.access)

    @property
    def mode(self) -> str | None:
        """`"test"` or `"live"` by the key's prefix, else `"unknown"`; None until a key is known.

        A client that was given no key knows one from its first call on, or from `check_settings`. A function that
        gives the key is asked.
        """
        key = self._key_now()
        if key is None:
            return None
        known = key.known()
        return mode_of(key() if known is None else known)

    def access(self) -> Access:
        """Whom calls reach and with which key: what the client keeps, or looks for now. Nothing is sent.

        Raises:
            ConfigurationException: there is no key, or what was found cannot be a key or a host.
        """
        self._check_open()
        return self._connection().access

    def check_settings(self) -> None:
        """Look for key and host now, keep them, and raise what the first call would raise. Nothing is sent.

        It is for programs that want to fail when they start and not at the first payment.

        Raises:
            ConfigurationException: there is no key, or what was found cannot be a key or a host.
        """
        self.access().ask()

    def describe(self) -> dict[str, object]:
        """The client's settings as they may be logged: the key is masked. It never calls the key's function."""
        key = self._key_now()
        known = None if key is None else key.known()
        described = self.configuration.describe()
        if self._kept is not None and not is_standing_in():  # which a later change of the environment does not move
            described["host"] = self._kept.access.host
        return {
            **described,
            "api_key": shown_key(key),
            "mode": mode_of(known) if known is not None else None if key is None else "unknown",
            "version": __version__,
        }

    def _key_now(self) -> KeySource | None:
        """Where the key of the next call comes from, as far as it is known; nothing is looked for before the first."""
        if self.configuration.own_key is not None:
            return self.configuration.own_key
        if self._kept is not None and not is_standing_in():
            return self._kept.access.key
        return self.configuration.found_key() if self._has_looked else self.configuration.default_key

    # ---- calls

    def _prepare(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        options: RequestOptions,
        on_unknown: str | None,
        *,
        answered: bool,
    ) -> Prepared:
        """A call, checked. The arguments are those of `call`."""
        given = self._checked(operation, options)
        problem = None if on_unknown is None else unknown_choice(on_unknown)
        if problem is not None:
            raise ApiValueError(problem, ("on_unknown",))
        headers = self._added_headers(given)
        request = operation.request(
            arguments,
            headers,
            check=given.get("_check_input_type", True),
            new_key=self.configuration.source.uuid,
        )
        content_type = given.get("_content_type")
        if content_type:
            request.headers["content-type"] = _header_value(content_type, ("_content_type",))
        limits = limits_of(self._limits, given.get("_request_timeout"))
        unknown = on_unknown or self._on_unknown
        connection = self._connection()
        return Prepared(operation, arguments, given, headers, request, limits, connection, unknown, answered=answered)

    def _limited(self, name: str, operation: Operation, options: RequestOptions) -> tuple[dict[str, str], Limits]:
        """The headers to add and the time limits of a call that takes no other option."""
        given = self._checked(operation, options)
        for each in given:
            if each not in ("_headers", "_request_timeout"):
                raise ApiTypeError(f"{name}: {each} does not apply; _headers and _request_timeout do", (each,))
        return self._added_headers(given), limits_of(self._limits, given.get("_request_timeout"))

    def _searched(
        self, operation: Operation, look_up: Callable[[Mapping[str, str]], Any], wait: float, options: RequestOptions
    ) -> tuple[Steps, Connection]:
        """The steps of `search`, and what they are driven through."""
        from xendit.exchange.waiting import search

        headers, limits = self._limited("resolve", operation, options)
        connection = self._connection()
        return search(look_up(headers), connection.context, limits, wait), connection

    def _watched(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
        final: Callable[[Any], bool],
        wait: float,
        options: RequestOptions,
    ) -> tuple[Steps, Connection]:
        """The steps of `watch`, and what they are driven through."""
        from xendit.exchange.waiting import watch

        headers, limits = self._limited("wait_until_final", operation, options)
        request = operation.request(arguments, headers)
        connection = self._connection()
        return watch(request, _reader(operation, arguments, {}), final, connection.context, limits, wait), connection

    def _checked(self, operation: Operation, options: RequestOptions) -> RequestOptions:
        """The options of a call, if they can be used and the client is open."""
        given = options.copy()
        if given:
            operation.check_names(given, OPTIONS)
            check_options(given)
        self._check_open()
        return given

    def _check_open(self) -> None:
        """Raise when no call can be made any more."""
        if self._closed:
            raise ConfigurationException("this ApiClient is closed; no request was made")
        if sys.is_finalizing():  # nothing can be imported any more, and a lock may never be given back
            raise ConfigurationException("the interpreter is ending; no request was made")

    def _added_headers(self, given: RequestOptions) -> dict[str, str]:
        return {**self.default_headers, **(given.get("_headers") or {})}

    def _transport_for(self, configuration: Configuration) -> Any:
        """The transport of all clients with these connection settings."""
        raise NotImplementedError

    def _connection(self) -> Connection:
        """What the next call goes through: what the client keeps, or what is found now.

        While a sandbox stands in for a test, a client that was not given both key and host follows it. What it finds
        then is not kept, and what it has kept waits until the sandbox is gone.
        """
        kept = self._kept
        if kept is not None and (not is_standing_in() or self.configuration.is_self_contained):
            return kept
        access = self.configuration.access()
        connection = self._connected(access)
        self._has_looked = True
        if access.lasting:
            self._kept = connection
        return connection

    def _shared_transport(self) -> object:
        """The transport that the next call goes through."""
        return self._connection().transport

    def _connected(self, access: Access) -> Connection:
        """Key and host with the transport to the host, and what every call is given."""
        source = self.configuration.source
        settled = self.configuration.copy()
        settled.host = access.host
        transport = self._transport_for(settled)
        context = Context(
            key=access.ask,
            user_agent=self.user_agent,
            host=access.host,
            policy=self._policy,
            budget=transport.budget,
            clock=source.monotonic,
            wall=source.wall,
            chance=source.chance,
            tell=teller(self.configuration.on_event),
            listens=listener(self.configuration.on_event),
        )
        return Connection(access, context, transport)

    # ---- life

    def _release(self) -> None:
        """Release the client. Connections that other clients share stay open."""
        self._closed = True
        self._kept = None

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"an {type(self).__name__} holds an API key and cannot be pickled or copied; make it where it is used"
        )

    def __repr__(self) -> str:
        shown = self.describe()
        return f"{type(self).__name__}(host={shown['host']!r}, mode={shown['mode']!r}, api_key={shown['api_key']!r})"


_header_name, _header_value = header_name, header_value


def _reader(
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
    """The answer itself; for an invoice that a look-up found, one as the create would have brought."""
    if isinstance(result.value, Response):
        return result.value
    headers = {name: value for name, value in result.response.headers.items() if name != "content-length"}
    return Response(result.response.status, headers, result.value.to_json().encode())
