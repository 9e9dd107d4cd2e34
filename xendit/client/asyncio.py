"""AsyncApiClient: ApiClient for asyncio. The same calls, driven by an event loop. Needs the extra `async` (aiohttp)."""

from __future__ import annotations

from xendit.client.base import BaseClient
from xendit.client.door import OpenOperation
from xendit.client.options import options_of
from xendit.configuration import Configuration
from xendit.exceptions import ApiValueError, XenditSdkException
from xendit.exchange import Send
from xendit.injection import NothingNeeded, needs

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from typing_extensions import Self

    from xendit.client.base import Connection
    from xendit.client.door import Query
    from xendit.client.options import RequestOptions
    from xendit.exchange import Result, Steps
    from xendit.messages import ApiResponse
    from xendit.operation import Operation


class AsyncApiClient(BaseClient):
    """What an AsyncInvoiceApi calls through.

    One client serves any number of tasks, and event loops in several threads: each loop has connections of its own,
    which close when `asyncio.run` or its like ends the loop.

    Args:
        configuration: the settings; else the defaults. A key or a host that it does not have is looked for at the
            first call (docs/Configuration.md), and kept.
        header_name, header_value: a header to send with every request.
        cookie: the value of a Cookie header to send with every request.
        pool_threads: accepted for the official signature; it has no effect.

    Raises:
        ConfigurationException: a setting cannot be used. No request was made.
        ImportError: aiohttp is not installed.
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
        from xendit.transport import aiohttp  # noqa: F401 - now: later it would hold up the loop

        super().__init__(configuration, header_name, header_value, cookie, pool_threads)

    async def call(
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
        if prepared.deferred:
            raise ApiValueError("async_req: it is for threads; here every call is awaited", ("async_req",))
        try:
            return prepared.finish(await self._drive(prepared.steps(), prepared.connection))
        except XenditSdkException as failure:
            prepared.blame(failure)
            raise

    async def search(
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
        return (await self._drive(*self._searched(operation, look_up, wait, options))).value

    async def watch(
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
        return (await self._drive(*self._watched(operation, arguments, final, wait, options))).value

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        ids: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        for_user_id: str | None = None,
        idempotency_header: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | tuple[float, float] | None = None,
    ) -> ApiResponse[Any]:
        """Send a request to any path of the API: for what this package has no method of yet.

            balance = client.request("GET", "/balance", query={"account_type": "CASH"}).data["balance"]
            session = client.request("POST", "/sessions", json={"reference_id": "order-1", ...}).data
            client.request("GET", "/sessions/{session_id}", ids={"session_id": session["payment_session_id"]})

        It goes out with this client's key, time limits and events, and fails with the same errors. A GET is repeated
        like any read. Any other request is never sent again once the server may have acted: then the error is an
        OutcomeUnknownException. Where Xendit documents an idempotency key for it, name the header: the client makes a
        key, repeats the request with it, and the error that is raised in the end bears it as `idempotency_key`.

        Args:
            method: GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.
            path: without host and query; `{name}` stands for one of `ids`.
            query: names and values. A list is repeated, a dict is `name[key]`, None is left out; times go out in UTC.
            json: the body: anything that JSON can hold, or a model.
            ids: what stands for `{name}` in the path, each quoted as one segment.
            headers: to add, such as `api-version`.
            for_user_id: business id of the sub-account (xenPlatform).
            idempotency_header: the header in which Xendit documents an idempotency key for this request.
            idempotency_key: the key, to go on with one that was used before; else one is made.
            timeout: seconds for the whole call, or a pair (connect, read).

        Returns:
            The answer: `data` is its JSON, or None where it is empty.

        Raises:
            ApiTypeError, ApiValueError: something cannot be sent; nothing was.
            OutcomeUnknownException: it is not known whether the server has acted.
            XenditSdkException: the call failed.
        """
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
        options = options_of("timeout", timeout)
        answer: ApiResponse[Any] = await self.call(operation, {}, options, on_unknown="raise", answered=True)
        return answer

    def _transport_for(self, configuration: Configuration) -> Any:
        """The transport of all clients with these connection settings."""
        from xendit.transport.aiohttp import transport_for

        return transport_for(configuration)

    async def _drive(self, steps: Steps, connection: Connection) -> Result:
        """Run a call to its end. A cancellation is thrown into the call, which may note what it leaves behind."""
        transport = connection.transport
        step = next(steps)
        try:
            while True:
                answer = None
                if isinstance(step, Send):
                    answer = await transport.send(step.request, step.limits)
                else:
                    await self.configuration.source.pause(step.seconds)
                step = steps.send(answer)
        except StopIteration as done:
            result: Result = done.value
            return result
        except XenditSdkException:
            raise
        except BaseException as interrupt:
            steps.throw(interrupt)  # raises it, also when the call itself did
            raise

    async def close(self) -> None:
        """Release the client. Connections that other clients share stay open until their loop ends."""
        self._release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
