"""What the Invoice API declares of itself, only in literals, because docs/build.py reads them as source."""

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
    claims=("ServerError",),  # it was the first model of that name
    webhook_names={"Reconciled": "reconciliation", "confirm": "reconciliation", "reconcile": "reconciliation"},
    sandbox_actions="InvoiceActions",
    batches={"InvoiceApi": ("CreateInvoiceRequest", "Invoice")},
    commands={
        "": {
            "trigger": ("commands.triggering", "trigger", "Make something happen, and your endpoint hear of it."),
            "mcp": ("commands.assisting", "mcp", "Serve the sandbox to an assistant (Model Context Protocol)."),
        },
        "sandbox": {
            "pay": (
                "commands.acting",
                "pay",
                "Pay an invoice, as its payer would, and say what became of the webhook.",
            ),
            "fail": ("commands.acting", "fail", "Let a payer try in vain: the invoice stays PENDING."),
            "settle": ("commands.acting", "settle", "Settle a paid invoice."),
            "expire": ("commands.acting", "expire", "Expire an invoice, and say what became of the webhook."),
            "open": ("commands.acting", "open_page", "Open the dashboard, or the payment page of an invoice."),
        },
        "webhooks": {
            "listen": (
                "commands.listening",
                "listen",
                "Show webhooks as they happen, and send them to your application.",
            ),
        },
    },
)
