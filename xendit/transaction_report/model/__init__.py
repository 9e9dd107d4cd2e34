"""The models of the Report API by name, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.transaction_report.dicts import (
        CreateReportDict as CreateReportDict,
        ReportFilterDict as ReportFilterDict,
    )
    from xendit.transaction_report.model.create_report import CreateReport as CreateReport
    from xendit.transaction_report.model.report_error import ReportError as ReportError
    from xendit.transaction_report.model.report_filter import ReportFilter as ReportFilter
    from xendit.transaction_report.model.report_status import ReportStatus as ReportStatus
    from xendit.transaction_report.model.report_type import ReportType as ReportType
    from xendit.transaction_report.model.transaction_report import TransactionReport as TransactionReport

MODULES: dict[str, str] = {
    "CreateReport": "xendit.transaction_report.model.create_report",
    "CreateReportDict": "xendit.transaction_report.dicts",
    "ReportError": "xendit.transaction_report.model.report_error",
    "ReportFilter": "xendit.transaction_report.model.report_filter",
    "ReportFilterDict": "xendit.transaction_report.dicts",
    "ReportStatus": "xendit.transaction_report.model.report_status",
    "ReportType": "xendit.transaction_report.model.report_type",
    "TransactionReport": "xendit.transaction_report.model.transaction_report",
}
"""The module that each public name lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    __getattr__, __dir__ = face_of(__name__, MODULES.get, MODULES.keys)
