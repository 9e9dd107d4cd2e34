"""What the sandbox answers for reports beside the API: their files, a page of the dashboard, a part of the control plane.

`xendit.sandbox.parts` finds this module by its name, and uses its constants and `parts_of`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.transaction_report.book import Reports
from xendit.transaction_report.pages import ReportPages
from xendit.transaction_report.sandbox_control import REPORT_CONTROL, ReportControl, ReportFiles

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.server import Part
    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject

TABS = (("reports", "Reports", "/_sandbox/ui/reports"),)
CONTROL = REPORT_CONTROL
CONTROL_PART = ReportControl
CONTROL_BODIES: dict[str, JsonObject] = {}


def parts_of(shared: SharedState, stage: Stage, guard: Guard) -> tuple[Part, ...]:
    """Make the parts of one sandbox."""
    reports = shared.book_of(Reports)
    return ReportPages(reports, stage, guard), ReportControl(reports, stage), ReportFiles(reports)


def first_steps(url: str, key: str) -> str:  # noqa: ARG001 - the signature of all products
    """Nothing is tried first with reports."""
    return ""
