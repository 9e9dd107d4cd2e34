"""What the Report API checks beyond the types of the models, for the OpenAPI document. The sources are in docs/Fidelity.md."""

from __future__ import annotations

TYPE_CHECKING: bool = False

LIMITS: dict[str, dict[str, object]] = {
    "CreateReport.format": {"enum": ["CSV"]},
    "CreateReport.currency": {"pattern": "^[A-Z]{3}$"},
    "CreateReport.report_version": {"enum": ["VERSION_0", "VERSION_1", "VERSION_2"]},
}
#: Enums of requests whose other values the API refuses; all others are open.
CLOSED = ("ReportType",)
