"""ApiClient: the client whose calls block the thread that makes them."""

from __future__ import annotations

from xendit.client.base import BaseClient
from xendit.exceptions import OpenApiException, XenditSdkException
from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from typing import Any, TypeAlias

    from typing_extensions import Self

    from xendit.client.downloads import DownloadedFile
    from xendit.client.options import RequestOptions
    from xendit.client.prepared import Connection, Prepared
    from xendit.configuration import Configuration
    from xendit.exchange import CallResult, Steps
    from xendit.messages import ApiResponse
    from xendit.operation import Operation

    Answer: TypeAlias = ApiResponse[Any]


@hinted
class ApiClient(BaseClient["Answer"]):
    """What an InvoiceApi calls through.

    Args:
        configuration: the settings; else the defaults. A key or a host that it does not have is looked for at the
            first call (docs/Configuration.md), and kept.
        header_name, header_value: a header to send with every request.
        cookie: the value of a Cookie header to send with every request.
        pool_threads: accepted for the official signature; calls with `async_req` need no pool.

    Raises:
        ConfigurationException: a setting cannot be used. No request was made.
    """

    def call(
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
        try:
            prepared = self._prepare(operation, arguments, options, on_unknown, answered=answered)
            if not prepared.deferred:
                return self._finished(prepared)
        except OpenApiException as fault:
            raise fault.with_traceback(None) from fault.__cause__  # the traceback ends near the caller's mistake
        from xendit.client.deferred import Deferred

        return Deferred(lambda: self._finished(prepared))

    def _finished(self, prepared: Prepared) -> object:
        """Make a call that was checked, and return what the method returns to its caller."""
        try:
            return prepared.finish(self._drive(prepared.steps(), prepared.connection))
        except XenditSdkException as failure:
            prepared.blame(failure)
            raise

    def search(
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
        return self._drive(*self._searched(operation, look_up, wait, options)).value

    def watch(
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
        return self._drive(*self._watched(operation, arguments, final, wait, options)).value

    def download(
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
        from xendit.client.downloads import Download

        return Download(self, link, path, name, timeout).run(self._drive)

    def _transport_for(self, configuration: Configuration) -> object:
        """The transport of all clients with these connection settings."""
        from xendit.transport.roads import thread_transport

        return thread_transport(configuration)

    def _drive(self, steps: Steps, connection: Connection) -> CallResult:
        """Run a call to its end, waiting by the configuration's source.

        An interrupt is thrown into the call, which may add a note to it.
        """
        transport = connection.transport
        step = next(steps)
        try:
            while True:
                answer = None
                if step.is_sent is True:  # `is True`, so that mypy and pyright narrow the type
                    answer = transport.send(step.request, step.limits)
                else:
                    self.configuration.source.wait(step.seconds)
                step = steps.send(answer)
        except StopIteration as done:
            result: CallResult = done.value
            return result
        except XenditSdkException:
            raise
        except BaseException as interrupt:
            steps.throw(interrupt)  # always raises: the interrupt, or what the call made of it
            raise

    # ---- life

    def close(self) -> None:
        """Release the client. Connections that other clients share stay open."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
