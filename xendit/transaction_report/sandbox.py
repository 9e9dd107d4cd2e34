"""Reports in the sandbox: the routes of the API, each over the rules in `xendit.sandbox.state.transaction_report`.

This module does not use our models. Its rules are those of the API, so if the two disagree, a test can see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route
from xendit.sandbox.state.transaction_report.bodies import report_body
from xendit.sandbox.state.transaction_report.book import Reports

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject


def create(reports: Reports, call: OperationCall) -> JsonObject:
    """Take a request for a report."""
    return report_body(reports.create(call.account, call.body, call.base_url), call.base_url)


def get(reports: Reports, call: OperationCall) -> JsonObject:
    """Give one report."""
    return report_body(reports.get(call.account, call.values["report_id"]), call.base_url)


RULES = ProductRules(
    kind=Reports.kind,
    book=Reports,
    routes=(
        Route("create", "POST", "/reports", create, creates=True),
        Route("get", "GET", "/reports/<report_id>", get),
    ),
    webhook_statuses=("COMPLETED", "FAILED"),
)
