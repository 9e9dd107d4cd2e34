"""Why a request for a refund is refused, with the codes of Xendit's page of 2026 or of the official SDK 7.0.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.core.checks import labels, nullable, number, one_of, record, text
from xendit.sandbox.state.core.errors import SandboxError, invalid_input

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonMapping

REASONS = ("FRAUDULENT", "DUPLICATE", "REQUESTED_BY_CUSTOMER", "CANCELLATION", "OTHERS")
#: Code of the page of 2026 → status there, and the code and status of the official SDK 7.0.0.
_CODES: dict[str, tuple[int, str, int]] = {
    "REFUND_AMOUNT_EXCEEDED": (400, "MAXIMUM_REFUND_AMOUNT_REACHED", 400),
    "INELIGIBLE_TRANSACTION_STATUS": (400, "INELIGIBLE_TRANSACTION", 400),
    "REFUND_NOT_SUPPORTED": (403, "REFUND_NOT_SUPPORTED", 400),
    "PARTIAL_REFUND_NOT_SUPPORTED": (403, "PARTIAL_REFUND_NOT_SUPPORTED", 400),
    "PARTIAL_REFUND_COUNTS_EXCEEDED": (400, "MAXIMUM_REFUND_AMOUNT_REACHED", 400),
    "REFUND_IN_PROGRESS": (400, "REFUND_IN_PROGRESS", 400),
    "INSUFFICIENT_BALANCE": (400, "INSUFFICIENT_BALANCE", 400),
}
_check = record(
    (),
    payment_request_id=nullable(text(least=1)),
    invoice_id=nullable(text(least=1)),
    reference_id=nullable(text(least=1, most=255)),
    amount=nullable(number(above=0)),
    currency=nullable(text(least=3, most=3)),
    reason=nullable(one_of(*REASONS)),
    metadata=nullable(labels(keys=50, key_length=40, value_length=500)),
)


def read_request(body: Any, assumptions: Assumptions) -> JsonMapping:
    """Take a decoded JSON body without its nulls. Raises SandboxError API_VALIDATION_ERROR."""
    problems = list(_check((), body))
    if problems:
        raise invalid_input(problems, "body")
    given = {name: value for name, value in body.items() if value is not None}
    if assumptions.refund_requests == "payment_request":
        problems += [
            ((name,), f'"{name}" is required', "any.required")
            for name in ("payment_request_id", "reason")
            if name not in given
        ]
    elif "payment_request_id" not in given and "invoice_id" not in given:
        problems.append((("payment_request_id",), '"payment_request_id" is required', "any.required"))
    if problems:
        raise invalid_input(problems, "body")
    return given


def refusal(code: str, message: str, assumptions: Assumptions) -> SandboxError:
    """Refuse a refund with a code of the page of 2026, or with what the official SDK calls it."""
    status, former, former_status = _CODES[code]
    if assumptions.refund_codes == "sdk":
        return SandboxError(former_status, former, message)
    return SandboxError(status, code, message)
