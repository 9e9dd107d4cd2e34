"""What the Report API declares of itself, only in literals, because docs/build.py reads them as source."""

from __future__ import annotations

from xendit.products import Product

PRODUCT = Product(
    folder="transaction_report",
    noun="report",
    title="Report API",
    apis={"ReportApi": "report_api"},
    requests=("CreateReport",),
    answers=("TransactionReport",),
    callbacks=("TransactionReport",),
    events={"": "ReportEvent", "report.completed": "ReportEvent", "report.failed": "ReportEvent"},
    apart=("ReportEvent",),
    sandbox_actions="ReportActions",
    webhooks={"report": ("TransactionReport", "A report was written, or failed")},
)
