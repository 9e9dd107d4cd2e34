"""What every client shares, whatever drives its calls: settings, key and host, headers, how a call is prepared, and two
methods that reach any path of the API, `request` and `call_api`.

A client holds no state of a call, so one client serves all threads. Its settings are those with which it was made. A
key or a host that it was not given is looked for at its first call.
"""

from __future__ import annotations

import sys

from xendit.configuration import Configuration
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException
from xendit.keys import mode_of, shown_key
from xendit.messages import header_name, header_value
from xendit.setting_checks import unknown_choice
from xendit.settings import is_standing_in
from xendit.static_typing import Generic, NothingNeeded, needs
from xendit.veil import unveiled
from xendit.version import __version__
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn, TypeVar

    from xendit.client.open_operation import Query
    from xendit.client.options import RequestOptions
    from xendit.client.prepared import Connection, Prepared
    from xendit.configuration import Access
    from xendit.exchange import Steps
    from xendit.keys import KeySource
    from xendit.operation import Operation
    from xendit.policy import Limits

    Answer = TypeVar("Answer")
else:
    Answer = None


class Doors(Generic[Answer]):
    """What a client has for paths that no method of an API class names.

    `Answer` is what `request` gives: an ApiResponse, or in asyncio a coroutine that brings one.
    """

    call: Callable[..., Any]

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: object = None,
        ids: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        for_user_id: str | None = None,
        idempotency_header: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | tuple[float, float] | None = None,
    ) -> Answer:
        """Send a request to any path of the API: for operations that have no method in this package yet.

            balance = client.request("GET", "/balance", query={"account_type": "CASH"}).data["balance"]
            session = client.request("POST", "/sessions", json={"reference_id": "order-1", ...}).data
            client.request("GET", "/sessions/{session_id}", ids={"session_id": session["payment_session_id"]})

        The request goes out with this client's key, time limits and events, and fails with the same errors as any call.
        A GET is repeated like any read. Any other request is never sent again once the server may have acted on it:
        then an OutcomeUnknownException is raised. If Xendit documents an idempotency key for the request, name its
        header: the client makes a key and repeats the request with it. An error that is raised in the end has the key
        as `idempotency_key`.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: without host and query; `{name}` stands for one of `ids`.
            query: names and values. A list is repeated, a dict is `name[key]`, None is left out; times go out in UTC.
            json: the body: anything that JSON can hold, or a model.
            ids: what stands for `{name}` in the path, each quoted as one segment.
            headers: to add, such as `api-version`.
            for_user_id: business id of the sub-account (xenPlatform).
            idempotency_header: the header in which Xendit documents an idempotency key for this request.
            idempotency_key: a key that was used before, to repeat that request; without it, a new key is made.
            timeout: seconds for the whole call, or a pair (connect, read).

        Returns:
            The answer: `data` is its JSON, or None where it is empty.

        Raises:
            ApiTypeError, ApiValueError: a value cannot be sent, and so nothing was sent.
            OutcomeUnknownException: it is not known whether the server has acted.
            XenditSdkException: the call failed.
        """
        from xendit.client.open_operation import OpenOperation  # on use, as most programs never do

        operation = OpenOperation(
            method,
            path,
            ids=ids,
            query=query,
            json=json,
            headers=headers if for_user_id is None else {**(headers or {}), "for-user-id": for_user_id},
            idempotency_header=idempotency_header,
            idempotency_key=idempotency_key,
        )
        del json  # the frame of an error shows its variables
        from xendit.client.options import options_of

        options = options_of("timeout", timeout)
        answer: Answer = self.call(operation, {}, options, on_unknown="raise", answered=True)
        return answer

    def call_api(
        self,
        resource_path: str,
        method: str,
        path_params: Query | None = None,
        query_params: Query | None = None,
        header_params: Query | None = None,
        body: object = None,
        post_params: object = None,
        files: object = None,
        response_type: object = None,
        auth_settings: object = None,
        async_req: bool | None = None,
        _return_http_data_only: bool | None = None,
        collection_formats: Mapping[str, str] | None = None,
        _preload_content: bool = True,
        _request_timeout: float | tuple[float, float] | None = None,
        _host: str | None = None,
        _check_type: bool | None = None,
        _request_auths: object = None,
    ) -> Any:
        """Send a request as programs for the official SDK do; its own methods are built on this. It goes through
        `request`.

        Args:
            resource_path, method: the path, with `{name}` for `path_params`, and the HTTP method.
            path_params, query_params, header_params: dicts, or lists of pairs; None is left out.
            body: anything that JSON can hold, or a model.
            post_params, files: not supported: no operation of Xendit's takes a form.
            response_type: a tuple with a model, or a list of one, that the answer is read as; else it is JSON.
            auth_settings, _check_type, _request_auths: without effect; the key is the client's.
            async_req: give a handle whose `get()` brings the result.
            _return_http_data_only: give the data alone; else it is `(data, status, headers)`.
            collection_formats: how lists of a query go out: `"csv"` joins one with commas, else it is repeated.
            _preload_content: False gives the answer itself, whatever it holds.
            _request_timeout: seconds for the whole call, or a pair (connect, read).
            _host: refused; the host is the client's.

        Raises:
            ApiTypeError, ApiValueError: something cannot be sent; nothing was.
            XenditSdkException: the call failed.
        """
        from xendit.client.official import official_operation, refuse_what_is_not_sent

        operation = official_operation(
            resource_path, method, path_params, query_params, header_params, body, response_type, collection_formats
        )
        refuse_what_is_not_sent(post_params=post_params, files=files, _host=_host)
        from xendit.client.options import options_of

        options = options_of("_request_timeout", _request_timeout)
        options["_return_http_data_only"] = bool(_return_http_data_only)
        options["_preload_content"] = _preload_content
        options["async_req"] = bool(async_req)
        return self.call(operation, {}, options, on_unknown="raise")


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
        if self._kept is not None and not is_standing_in():  # a later change of the environment does not change these
            described["host"] = self._kept.access.host
        return {
            **described,
            "api_key": shown_key(key),
            "mode": mode_of(known) if known is not None else None if key is None else "unknown",
            "version": __version__,
        }

    def _key_now(self) -> KeySource | None:
        """Where the key of the next call comes from, as far as is known; before the first call nothing is looked for."""
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
        """A call whose arguments and options were checked. The parameters are those of `call`."""
        given = self._checked(operation, options)
        problem = None if on_unknown is None else unknown_choice(on_unknown)
        if problem is not None:
            raise ApiValueError(problem, ("on_unknown",))
        headers = self._added_headers(given)
        arguments = unveiled(arguments)
        request = operation.request(
            arguments,
            headers,
            check=given.get("_check_input_type", True),
            new_key=self.configuration.source.uuid,
        )
        content_type = given.get("_content_type")
        if content_type:
            request.headers["content-type"] = _header_value(content_type, ("_content_type",))
        limits = self._limits_of(given)
        unknown = on_unknown or self._on_unknown
        if unknown == "resend" and not operation.resendable:
            unknown = "lookup"
        connection = self._connection()
        return connection.prepared(operation, arguments, given, headers, request, limits, unknown, answered=answered)

    def _limited(self, name: str, operation: Operation, options: RequestOptions) -> tuple[dict[str, str], Limits]:
        """The headers to add and the time limits of a call that takes no other option."""
        given = self._checked(operation, options)
        for each in given:
            if each not in ("_headers", "_request_timeout"):
                raise ApiTypeError(f"{name}: {each} does not apply; _headers and _request_timeout do", (each,))
        return self._added_headers(given), self._limits_of(given)

    def _limits_of(self, given: RequestOptions) -> Limits:
        """The time limits of a call with these options."""
        timeout = given.get("_request_timeout")
        if timeout is None:
            return self._limits
        from xendit.client.options import limits_of

        return limits_of(self._limits, timeout)

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
        from xendit.client.prepared import reader_of
        from xendit.exchange.waiting import watch

        headers, limits = self._limited("wait_until_final", operation, options)
        request = operation.request(arguments, headers)
        connection = self._connection()
        return watch(request, reader_of(operation, arguments, {}), final, connection.context, limits, wait), connection

    def _checked(self, operation: Operation, options: RequestOptions) -> RequestOptions:
        """The options of a call, if they can be used and the client is open."""
        self._check_open()  # comes first: while the interpreter ends, nothing more can be loaded
        given = options.copy()
        if given:
            from xendit.client.options import OPTIONS, check_options  # on use: most calls have none

            operation.check_names(given, OPTIONS)
            check_options(given)
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

        While a sandbox stands in for Xendit during a test, a client that was not given both key and host calls the
        sandbox. What it finds then is not kept, and what it had kept before is used again when the sandbox is gone.
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
        """A connection: key and host, the transport to the host, and what every call through it is given."""
        from xendit.client.prepared import connection_of

        settled = self.configuration.copy()
        settled.host = access.host
        transport = self._transport_for(settled)
        return connection_of(self.configuration, access, transport, self.user_agent, self._policy)

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
