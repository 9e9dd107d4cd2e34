"""The operations of the Report API as data. The official SDK has none of them; docs/Fidelity.md has the sources."""

from __future__ import annotations

from xendit.exceptions import ApiValueError, OpenApiException
from xendit.operation import Operation, Parameter

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.messages import Arguments

_MODELS = "xendit.transaction_report.model"
_ERRORS = dict.fromkeys((400, 401, 403, 404, 500), "ReportError")
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")


def _refuse(arguments: Arguments) -> None:
    """Refuse a span of time that ends before it begins: it selects nothing, and must be a mistake."""
    from xendit.transaction_report.model.report_filter import ReportFilter

    span = _member(arguments.get("create_report"), "filter")
    if isinstance(span, dict):
        try:
            span = ReportFilter(from_=span["from" if "from" in span else "from_"], to=span["to"])
        except (OpenApiException, KeyError):  # sent unchecked
            return
    if isinstance(span, ReportFilter) and span.from_ > span.to:
        raise ApiValueError("create_report: filter must end after it begins", ("create_report", "filter"))


def _member(value: Any, name: str) -> Any:
    return value.get(name) if hasattr(value, "get") else None


def _echo_id(arguments: Arguments, report: object) -> str | None:
    if _member(report, "id") == arguments["report_id"]:
        return None
    return "it is not the report that was asked for: its id is another one"


CREATE_REPORT = Operation(
    "create_report",
    "POST",
    "/reports",
    (Parameter("create_report", "body", "CreateReport", required=True), _FOR_USER_ID),
    returns="TransactionReport",
    errors=_ERRORS,
    models=_MODELS,
    noun="report",
    refuse=_refuse,
    # A report only reads. If it is written twice, that causes a second webhook, and nothing else.
    repeatable=True,
)

GET_REPORT = Operation(
    "get_report",
    "GET",
    "/reports/{report_id}",
    (Parameter("report_id", "path", "str", required=True), _FOR_USER_ID),
    returns="TransactionReport",
    errors=_ERRORS,
    models=_MODELS,
    noun="report",
    repeatable=True,
    echo=_echo_id,
)

OPERATIONS = (CREATE_REPORT, GET_REPORT)
