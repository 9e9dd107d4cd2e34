"""What the Invoice API is known or assumed to check beyond the types of the models, for the OpenAPI document.

The client leaves these to the API. The sources are in docs/Fidelity.md.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False

_ADDRESS = "^(?!(javascript|data|vbscript|file|blob):)[A-Za-z][A-Za-z0-9+.-]*:"
#: What the API is known or assumed to check beyond the types: model.field, or operation.parameter → JSON Schema.
LIMITS: dict[str, dict[str, object]] = {
    "CreateInvoiceRequest.external_id": {"minLength": 1, "maxLength": 255},
    "CreateInvoiceRequest.amount": {"exclusiveMinimum": 0},
    "CreateInvoiceRequest.description": {"minLength": 1},
    "CreateInvoiceRequest.payer_email": {"pattern": r"^[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"},
    "CreateInvoiceRequest.invoice_duration": {"minimum": 1, "maximum": 31_536_000},
    "CreateInvoiceRequest.success_redirect_url": {"minLength": 1, "maxLength": 255, "pattern": _ADDRESS},
    "CreateInvoiceRequest.failure_redirect_url": {"minLength": 1, "maxLength": 255, "pattern": _ADDRESS},
    "CreateInvoiceRequest.reminder_time_unit": {"enum": ["days", "hours"]},
    "CreateInvoiceRequest.reminder_time": {"minimum": 1, "maximum": 30},
    "CreateInvoiceRequest.items": {"maxItems": 75},
    "CreateInvoiceRequest.fees": {"maxItems": 10},
    "CreateInvoiceRequest.metadata": {
        "maxProperties": 50,
        "propertyNames": {"maxLength": 40},
        "additionalProperties": {"anyOf": [{"type": "string", "maxLength": 500}, {"not": {"type": "string"}}]},
    },
    "InvoiceItem.name": {"minLength": 1, "maxLength": 256},
    "InvoiceItem.quantity": {"minimum": 0, "maximum": 510_000},
    "ChannelPropertiesCards.allowed_bins": {"items": {"type": "string", "pattern": "^([0-9]{6}|[0-9]{8})$"}},
    "ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner.terms": {"items": {"type": "integer"}},
    "get_invoices.limit": {"minimum": 1, "maximum": 100, "default": 10},
    "get_invoices.external_id": {"minLength": 1},
    "get_invoices.on_demand_link": {"minLength": 1},
    "get_invoices.recurring_payment_id": {"minLength": 1},
    "get_invoices.last_invoice": {"pattern": "^[0-9a-f]{24}$"},
    "invoice_id": {"pattern": "^[0-9a-f]{24}$"},
}
#: Enums of requests whose other values the API refuses; all others are open.
CLOSED = ("InvoiceCurrency", "NotificationChannel", "InvoiceStatus", "InvoiceClientType")
#: Models whose fields may be null, as the official ones say.
NULLABLE = ("CustomerObject", "AddressObject")
#: Parameters of operations that a field of an answer can be given for, beside its id.
LINKS = {"external_id": "external_id"}
