"""The page of the sandbox's dashboard that is about reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.sandbox.pages.formats import format_number
from xendit.sandbox.pages.frame import DashboardPart, Moment, Tone, moment
from xendit.sandbox.state.transaction_report.bodies import link_path

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.transaction_report.book import Reports
    from xendit.sandbox.state.transaction_report.record import ReportRecord
    from xendit.sandbox.web import Request, Response

_TONES: dict[str, Tone] = {"PENDING": "wait", "COMPLETED": "good", "FAILED": "bad"}
_PATH = "/_sandbox/ui/reports"


@dataclass(frozen=True)
class ReportRow:
    """A report in a list."""

    id: str
    type: str
    currency: str
    status: str
    tone: Tone
    begin: Moment
    end: Moment
    created: Moment
    link: str | None
    """Where its file is; None where there is none, or where the link is too old."""
    size: str


class ReportPages(DashboardPart):
    """The page of reports and its forms."""

    routes = (("GET", _PATH, "ui_reports"), ("POST", f"{_PATH}/<report_id>/<act>", "ui_report_act"))

    def __init__(self, reports: Reports, stage: Stage, guard: Guard) -> None:
        super().__init__(reports.shared, stage, guard)
        self._reports = reports

    def ui_reports(self, request: Request) -> Response:
        """List the reports of every account, newest first."""
        return self.page(
            request,
            "reports",
            "transaction_report/reports.html",
            path=_PATH,
            base_url=self._stage.url,
            api_key=self._stage.api_key,
            **self.listing(request, _PATH, self._reports.recent, self._row),
        )

    def ui_report_act(self, request: Request, report_id: str, act: str) -> Response:
        """Write a report, or let it fail."""

        def do(_form: object) -> str:
            if act == "complete":
                self._reports.complete(report_id)
                return "The report is written."
            if act == "fail":
                self._reports.fail(report_id)
                return "The report has failed."
            raise ValueError("the dashboard has no such form")

        return self.act(request, do)

    def _row(self, report: ReportRecord) -> ReportRow:
        usable = report.content is not None and not self._reports.is_expired(report)
        lines = 0 if report.content is None else report.content.count("\n") - 1
        return ReportRow(
            id=report.id,
            type=report.type.replace("_", " ").capitalize(),
            currency=report.currency or "",
            status=report.status,
            tone=_TONES.get(report.status, "none"),
            begin=moment(report.begin),
            end=moment(report.end),
            created=moment(report.created),
            link=link_path(report) if usable else None,
            size="" if report.content is None else f"{format_number(lines)} line{'' if lines == 1 else 's'}",
        )
