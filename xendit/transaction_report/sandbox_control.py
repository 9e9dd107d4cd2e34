"""What the sandbox answers for reports beside the API: the part of the control plane about them, and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.control import recent_page
from xendit.sandbox.state.transaction_report.bodies import FILES, report_body
from xendit.sandbox.web import Request, Response

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.transaction_report.book import Reports
    from xendit.sandbox.state.transaction_report.record import ReportRecord

#: Method, path, the method of `ReportControl` that answers, and what it does.
REPORT_CONTROL: list[tuple[str, str, str, str]] = [
    ("GET", "/_sandbox/reports", "control_reports", "Reports of all accounts, newest first"),
    ("GET", "/_sandbox/reports/<report_id>", "control_report", "One report and its deliveries"),
    ("POST", "/_sandbox/reports/<report_id>/complete", "control_complete_report", "Write it"),
    ("POST", "/_sandbox/reports/<report_id>/fail", "control_fail_report", "Let it fail"),
]
_REFUSED = """\
<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>
"""
_TWO_WAYS = """\
<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>
"""


class ReportControl:
    """The handlers, in the manner of `xendit.sandbox.control.Control`."""

    routes = tuple(row[:3] for row in REPORT_CONTROL)

    def __init__(self, reports: Reports, stage: Stage) -> None:
        self._reports = reports
        self._stage = stage

    def control_reports(self, request: Request) -> object:
        """List reports. `find` is a part of the id or type, `before` the id of the report to go on after."""
        found, before = recent_page(request, self._reports.recent)
        return {"reports": [self._show(one) for one in found], "before": before}

    def control_report(self, _request: Request, report_id: str) -> object:
        """Give one report and its deliveries."""
        report = self._reports.find(report_id)
        told = [one.json() for one in self._stage.deliveries if one.subject == report_id]
        return {"report": self._show(report), "deliveries": told}

    def control_complete_report(self, _request: Request, report_id: str) -> object:
        """Write a PENDING report."""
        return self._show(self._reports.complete(report_id))

    def control_fail_report(self, _request: Request, report_id: str) -> object:
        """Let a PENDING report fail."""
        return self._show(self._reports.fail(report_id))

    def _show(self, report: ReportRecord) -> JsonObject:
        return report_body(report, self._stage.url)


class ReportFiles:
    """The files that reports link to, as a storage service serves them: by a signature in the link, without a key."""

    routes = (("GET", f"{FILES}/<name>", "report_file"),)

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def report_file(self, request: Request, name: str) -> Response:
        """Give a file. A link that is wrong or too old is 403; a key that comes along is 400, as such services answer."""
        if "Authorization" in request.headers:
            return Response(_TWO_WAYS, 400, content_type="application/xml")
        report_id, dot, kind = name.partition(".")
        content = self._reports.content(report_id, request.args.get("signature", "")) if dot and kind == "csv" else None
        if content is None:
            return Response(_REFUSED, 403, content_type="application/xml")
        disposition = {"Content-Disposition": f'attachment; filename="{report_id}.csv"'}
        return Response(content.encode("utf-8", "replace"), 200, disposition, content_type="text/csv; charset=utf-8")
