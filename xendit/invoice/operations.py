"""The four operations of the Invoice API as data (contract: the official SDKs 4.1.0 and 7.0.0)."""

from __future__ import annotations

from xendit.codec import number_text, warn
from xendit.exceptions import OpenApiException
from xendit.operation import Operation, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_MODELS = "xendit.invoice.model"
_ERRORS = {400: "BadRequestError", 401: "UnauthorizedError", 403: "ForbiddenError", 500: "ServerError"}
"""The models of the errors that all four can answer."""
_FOR_USER_ID = Parameter("for_user_id", "header", "str", wire="for-user-id")
_INVOICE_ID = Parameter("invoice_id", "path", "str", required=True)


def _warn_of_cut_amount(arguments: Mapping[str, Any], invoice: Any) -> None:
    """Warn when the invoice is over another amount than was asked for: Xendit cuts the decimals of IDR."""
    asked, made = arguments["create_invoice_request"].get("amount"), invoice.amount
    try:
        texts = number_text(asked, ()), number_text(made, ())
    except OpenApiException:  # an unchecked request may hold anything, and the invoice exists: nothing to say
        return
    from decimal import Decimal

    # A server that reads JSON numbers as floats answers with the nearest one: that is no cut.
    if Decimal(texts[0]) != Decimal(texts[1]) and float(texts[0]) != float(texts[1]):
        warn(
            f"invoice {invoice.id}: its amount is {texts[1]}, {texts[0]} was asked for; Xendit cuts what the"
            " currency does not have (IDR has no decimals), so round before you create"
        )


CREATE_INVOICE = Operation(
    "create_invoice",
    "POST",
    "/v2/invoices/",
    (
        Parameter("create_invoice_request", "body", "CreateInvoiceRequest", required=True),
        _FOR_USER_ID,
        Parameter("with_fee_rule", "header", "str", wire="with-fee-rule"),
        Parameter("with_split_rule", "header", "str", wire="with-split-rule"),
    ),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceNotFoundError"},
    models=_MODELS,
    inspect=_warn_of_cut_amount,
)

GET_INVOICE_BY_ID = Operation(
    "get_invoice_by_id",
    "GET",
    "/v2/invoices/{invoice_id}",
    (_INVOICE_ID, _FOR_USER_ID),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceError404ResponseDefinition"},
    models=_MODELS,
    repeatable=True,
)

GET_INVOICES = Operation(
    "get_invoices",
    "GET",
    "/v2/invoices",
    (
        _FOR_USER_ID,
        Parameter("external_id", "query", "ExternalId"),
        Parameter("statuses", "query", "list[InvoiceStatus]"),
        Parameter("limit", "query", "int", least=1),
        Parameter("created_after", "query", "datetime"),
        Parameter("created_before", "query", "datetime"),
        Parameter("paid_after", "query", "datetime"),
        Parameter("paid_before", "query", "datetime"),
        Parameter("expired_after", "query", "datetime"),
        Parameter("expired_before", "query", "datetime"),
        # Documents and older SDKs name the cursor one way, newer SDKs the other; an unknown name is ignored.
        Parameter("last_invoice", "query", "str", twin="last_invoice_id"),
        Parameter("client_types", "query", "list[InvoiceClientType]"),
        Parameter("payment_channels", "query", "list[str]"),
        Parameter("on_demand_link", "query", "str"),
        Parameter("recurring_payment_id", "query", "str"),
    ),
    returns="list[Invoice]",
    errors=_ERRORS,
    models=_MODELS,
    repeatable=True,
)

EXPIRE_INVOICE = Operation(
    "expire_invoice",
    "POST",
    "/invoices/{invoice_id}/expire!",
    (_INVOICE_ID, _FOR_USER_ID),
    returns="Invoice",
    errors={**_ERRORS, 404: "InvoiceNotFoundError"},
    models=_MODELS,
)

OPERATIONS = (CREATE_INVOICE, GET_INVOICE_BY_ID, GET_INVOICES, EXPIRE_INVOICE)
