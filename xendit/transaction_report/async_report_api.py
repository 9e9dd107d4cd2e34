"""ReportApi for asyncio. Needs the extra `async` (aiohttp).

It is `report_api` with `async` and `await`: change that, then run `python tools/mirror.py`.
"""

from __future__ import annotations

from xendit.client.async_product_api import AsyncProductApi, answered
from xendit.exceptions import ApiTypeError, ApiValueError, XenditSdkException
from xendit.setting_checks import check_wait
from xendit.transaction_report.model.transaction_report import TransactionReport
from xendit.transaction_report.operations import CREATE_REPORT, GET_REPORT
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from typing_extensions import Unpack

    from xendit.client.downloads import DownloadedFile
    from xendit.client.options import RequestOptions
    from xendit.transaction_report.dicts import CreateReportDict
    from xendit.transaction_report.model.create_report import CreateReport

LIFE = 24 * 3600.0
"""Seconds for which the link of a report can be used."""
_GONE = frozenset({400, 401, 403, 404, 410})
"""What servers of files answer to a link that is too old, each in its own way."""


class AsyncReportApi(AsyncProductApi):
    """Have Xendit write a report of transactions or of the balance, and download it.

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    @property
    def with_raw_response(self) -> AsyncRawReportApi:
        """The operations, each returning an `ApiResponse`: the data, and the answer that it came from."""
        return AsyncRawReportApi(self._view(answered=True))

    async def create_report(
        self,
        create_report: CreateReport | CreateReportDict,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> TransactionReport:
        """Have a report written: POST /reports. `wait_until_final` or its webhook tells when it can be downloaded.

        The request is repeated like a read when its answer is lost. If a report is written twice, that causes a second
        webhook, and nothing else.

        Args:
            create_report: what to write, as a model or as a dict.
            for_user_id: business id of the sub-account (xenPlatform).

        Raises:
            ApiTypeError, ApiValueError: it cannot be sent, or the span of time ends before it begins.
            BadRequestException: it was refused, such as a span of 92 days or more.
            ForbiddenException: the key may not do this.
            XenditSdkException: any other failure.
        """
        arguments = {"create_report": create_report, "for_user_id": for_user_id}
        report: TransactionReport = await self._call(CREATE_REPORT, arguments, options)
        return report

    async def get_report(
        self, report_id: str, for_user_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> TransactionReport:
        """Read one report: GET /reports/{report_id}.

        Args:
            report_id: Xendit's id of the report, `report_…`.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).

        Raises:
            NotFoundException: there is no such report.
            XenditSdkException: any other failure.
        """
        report: TransactionReport = await self._call(
            GET_REPORT, {"report_id": report_id, "for_user_id": for_user_id}, options
        )
        return report

    async def wait_until_final(
        self,
        report_id: str,
        timeout: float = 600.0,
        *,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> TransactionReport:
        """Read a report again and again until it is written or has failed. Its webhook would tell it sooner.

        Args:
            report_id: Xendit's id of the report, `report_…`.
            timeout: seconds to wait, up to a day; the last look may take one more.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).
            **options: `_request_timeout`, which bounds each look, and `_headers`.

        Raises:
            TimeoutException: it is still being written; `model` is the report as it was last read.
            XenditSdkException: it cannot be read.
        """
        check_wait("wait_until_final: timeout", timeout)
        user = self.user_id if for_user_id is None else for_user_id
        arguments = {"report_id": report_id, "for_user_id": user}
        report: TransactionReport = await self.api_client.watch(GET_REPORT, arguments, has_ended, timeout, options)
        return report

    async def download_report(
        self,
        report: TransactionReport | str,
        path: str | PathLike[str],
        *,
        for_user_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> DownloadedFile:
        """Download what was written to a file, within the 24 hours for which its link can be used.

        Afterwards the whole file is there, or the path is as it was before: the file is written beside its place,
        compared with the length that the server named, and moved there at the end. The link leads to another host, to
        which your key is never sent. If the link of the report is missing or too old, the report is read again, once.

        Args:
            report: the report, such as `event.report` of its webhook, or its id.
            path: where the file is to be, in a folder that exists. A file of that name is replaced.
            for_user_id: business id of the sub-account that it belongs to (xenPlatform).
            **options: `_request_timeout`, which bounds the download (else ten minutes) and each read of the report, and
                `_headers`, which are sent with these reads only.

        Returns:
            Where the file is, its size and its SHA-256.

        Raises:
            ApiTypeError, ApiValueError: the report is not written yet or has failed, or the path cannot be used.
            OSError: the file cannot be written.
            ResponseException: what came is no file: it is empty, cut off, or a page.
            XenditSdkException: it could not be downloaded; the text says so if the link is too old.
        """
        CREATE_REPORT.check_names(options, ("_request_timeout", "_headers"))
        timeout = options.get("_request_timeout")
        arguments = {"report_id": id_of(report), "for_user_id": for_user_id}
        held = report if isinstance(report, TransactionReport) else None
        is_read = held is None or is_stale(held, self.api_client.configuration.source.wall())
        if is_read:
            held = await self._call(GET_REPORT, arguments.copy(), options)
        link = link_of(held)
        try:
            return await self.api_client.download(link, path, "download_report", timeout)
        except XenditSdkException as error:
            if error.http_status not in _GONE:
                raise
            failure = gone(error)
        if is_read:
            raise failure
        again = link_of(await self._call(GET_REPORT, arguments.copy(), options))
        if again == link:
            raise failure
        return await self.api_client.download(again, path, "download_report", timeout)


class AsyncRawReportApi:
    """The operations of AsyncReportApi, returning an ApiResponse. Made by `AsyncReportApi.with_raw_response`."""

    def __init__(self, api: AsyncReportApi) -> None:
        self.create_report = answered(api.create_report)
        self.get_report = answered(api.get_report)


def has_ended(report: TransactionReport) -> bool:
    """Whether nothing more is awaited of it."""
    return report.is_final


def id_of(report: TransactionReport | str) -> str:
    """The id of a report, or of what was given for one."""
    if isinstance(report, TransactionReport):
        return report.id
    if isinstance(report, str):
        return report
    needed = "a TransactionReport or its id is needed"
    raise ApiTypeError(f"download_report: report: {type_name(report)} was given, {needed}", ("report",))


def is_stale(report: TransactionReport, now: float) -> bool:
    """Whether a report at hand is to be read again: it has no link, or one that is too old by our clock."""
    from datetime import datetime

    changed = report.updated or report.created
    return not report.url or (isinstance(changed, datetime) and now - changed.timestamp() > LIFE)


def link_of(report: Any) -> str:
    """The link of a report. Raises ApiValueError where there is none, and says why."""
    status = str(report.status or "PENDING")
    if report.url and status not in ("PENDING", "FAILED"):
        link: str = report.url
        return link
    why = {
        "PENDING": "is not written yet: wait_until_final waits for it",
        "FAILED": "could not be written: create another",
    }
    raise ApiValueError(f"download_report: the report {why.get(status, f'is {status} and has no link')}", ("report",))


def gone(error: XenditSdkException) -> XenditSdkException:
    """The error for a link that the server of the files takes no more."""
    return type(error)(
        "the link of the report is not taken any more: it can be used for 24 hours; create the report again",
        http_status=error.http_status,
        headers=error.headers,
        operation="download_report",
        outcome="rejected",
        attempts=error.attempts,
        elapsed=error.elapsed,
        history=error.history,
    )
