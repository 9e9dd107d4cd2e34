"""The sets of columns that `xendit invoices export --preset` knows by name, for the people who ask for a file."""

from __future__ import annotations

PRESETS: dict[str, tuple[str, ...]] = {
    "finance": (
        "paid_at",
        "external_id",
        "id",
        "status",
        "currency",
        "amount",
        "paid_amount",
        "payment_method",
        "payment_channel",
        "payment_destination",
        "payment_id",
        "created",
        "description",
    ),
    "orders": (
        "created",
        "external_id",
        "id",
        "status",
        "currency",
        "amount",
        "expiry_date",
        "paid_at",
        "description",
        "invoice_url",
    ),
    "payers": (
        "external_id",
        "id",
        "status",
        "currency",
        "amount",
        "payer_email",
        "customer.given_names",
        "customer.surname",
        "customer.email",
        "customer.mobile_number",
        "created",
    ),
}
"""The columns of each, in the order of the file."""
