"""The Report API: its classes and its models, each loaded on first use.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.transaction_report import model as model
    from xendit.transaction_report.async_report_api import AsyncReportApi as AsyncReportApi
    from xendit.transaction_report.model import *  # noqa: F403
    from xendit.transaction_report.report_api import ReportApi as ReportApi
else:
    from xendit.face import product_face

    __getattr__, __dir__ = product_face(__name__)
