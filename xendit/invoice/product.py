"""What the Invoice API declares of itself. Literals alone: the documentation's builder reads them as source."""

from __future__ import annotations

from xendit.products import Product

PRODUCT = Product(
    folder="invoice",
    noun="invoice",
    title="Invoice API",
    apis={"InvoiceApi": "invoice_api"},
    requests=("CreateInvoiceRequest",),
    answers=("Invoice",),
    callbacks=("InvoiceCallback",),
    events={"": "InvoiceEvent"},
    webhooks={"invoice": ("InvoiceCallback", "An invoice was paid or has expired")},
    webhook_names={"Reconciled": "reconciliation", "confirm": "reconciliation", "reconcile": "reconciliation"},
)
