"""What the API and the webhook show of a report. Both are the same object; the webhook's has no envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.transaction_report.record import ReportRecord

FILES = "/_files/reports"
"""Where the sandbox's files are: no part of the API, and read without a key."""


def report_body(report: ReportRecord, base_url: str | None = None) -> JsonObject:
    """Give the body of a report. It has a `url` once its file is written; what was not asked for is left out."""
    body: JsonObject = {
        "id": report.id,
        "type": report.type,
        "status": report.status,
        "filter": {"from": format_time(report.begin), "to": format_time(report.end)},
        "format": report.format,
        "business_id": report.account.user_id,
        "created": format_time(report.created),
        "updated": format_time(report.updated),
    }
    for name, value in (("currency", report.currency), ("report_version", report.report_version)):
        if value is not None:
            body[name] = value
    if report.content is not None:
        body["url"] = f"{base_url or report.base_url}{link_path(report)}"
    return body


def link_path(report: ReportRecord) -> str:
    """Give the path and the query of a report's file."""
    return f"{FILES}/{report.id}.csv?signature={report.secret}"
