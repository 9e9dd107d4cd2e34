"""AsyncApiClient: ApiClient for asyncio. The same calls, driven by an event loop. Needs the extra `async` (aiohttp)."""

from __future__ import annotations

from xendit.client.base import BaseClient
from xendit.configuration import Configuration
from xendit.exceptions import ApiValueError, OpenApiException, XenditSdkException
from xendit.static_typing import NothingNeeded, hinted, needs

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from os import PathLike
    from typing import Any, TypeAlias

    from typing_extensions import Self

    from xendit.client.downloads import DownloadedFile
    from xendit.client.options import RequestOptions
    from xendit.client.prepared import Connection
    from xendit.exchange import CallResult, Steps
    from xendit.messages import ApiResponse
    from xendit.operation import Operation

    Answer: TypeAlias = Coroutine[Any, Any, ApiResponse[Any]]


@hinted
class AsyncApiClient(BaseClient["Answer"]):
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
        from xendit.transport.roads import load_loops

        load_loops()  # loaded now, because loading it later would block the event loop

        super().__init__(configuration, header_name, header_value, cookie, pool_threads)

    async def call(
        self,
        operation: Operation,
        arguments: Mapping[str, object],
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
        prepared = None
        try:
            prepared = self._prepare(operation, arguments, options, on_unknown, answered=answered)
            if prepared.deferred:
                raise ApiValueError("async_req: it is for threads; here every call is awaited", ("async_req",))
            return prepared.finish(await self._drive(prepared.steps(), prepared.connection))
        except OpenApiException as fault:
            if prepared is not None and isinstance(fault, XenditSdkException):
                prepared.blame(fault)
            raise fault.with_traceback(None) from fault.__cause__  # the traceback ends near the caller's mistake

    async def search(
        self, operation: Operation, look_up: Callable[[Mapping[str, str]], object], wait: float, options: RequestOptions
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
        arguments: Mapping[str, object],
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

    async def download(
        self,
        link: str | None,
        path: str | PathLike[str],
        name: str = "download",
        timeout: float | tuple[float, float] | None = None,
    ) -> DownloadedFile:
        """Download a file from a link that an answer held. The key does not go along, nor any header of this client.

        Args:
            link: the address. It is shown in no message.
            path: where the file is to be. Afterwards the whole file is there, or the path is as it was before.
            name: what the operation is called in messages and events.
            timeout: seconds for all of it, or a pair (connect, read); else ten minutes.

        Raises:
            ApiTypeError, ApiValueError: the link or the path cannot be used; nothing was sent.
            OSError: the file cannot be written.
            XenditSdkException: it could not be downloaded, or what came is no file.
        """
        import asyncio

        from xendit.client.downloads import Download
        from xendit.client.sync import ApiClient

        download = Download(self, link, path, name, timeout)
        drive = ApiClient(self.configuration)._drive  # noqa: SLF001 - the client of threads drives it
        # This runs in a thread, because writing a file blocks. Cancelling ends the download and leaves nothing behind.
        running = asyncio.create_task(asyncio.to_thread(download.run, drive))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            download.stop()
            await asyncio.wait([running])
            running.exception()  # taken, or asyncio would log it: it only says that the download was stopped
            raise

    def _transport_for(self, configuration: Configuration) -> object:
        """The transport of all clients with these connection settings."""
        from xendit.transport.roads import loop_transport

        return loop_transport(configuration)

    async def _drive(self, steps: Steps, connection: Connection) -> CallResult:
        """Run a call to its end. A cancellation is thrown into the call, which may note what it leaves behind."""
        transport = connection.transport
        step = next(steps)
        try:
            while True:
                answer = None
                if step.is_sent is True:  # `is True`, so that mypy and pyright narrow the type
                    answer = await transport.send(step.request, step.limits)
                else:
                    await self.configuration.source.pause(step.seconds)
                step = steps.send(answer)
        except StopIteration as done:
            result: CallResult = done.value
            return result
        except XenditSdkException:
            raise
        except BaseException as interrupt:
            steps.throw(interrupt)  # always raises: the interrupt, or what the call made of it
            raise

    async def close(self) -> None:
        """Release the client. Connections that other clients share stay open until their loop ends."""
        self._release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
