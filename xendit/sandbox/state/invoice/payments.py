"""The details of a payment over a channel: made up, in the shapes of recorded webhooks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.ids import digits
from xendit.sandbox.state.invoice.channels import CHANNELS, ChannelKind

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject
    from xendit.sandbox.state.invoice.record import InvoiceRecord
    from xendit.source import Source


def payment_details(invoice: InvoiceRecord, channel: str, source: Source) -> JsonObject:
    """Make up the details of a payment of an invoice over a channel."""
    kind = CHANNELS[invoice.currency][channel]
    if kind is ChannelKind.BANK:
        return {
            "bank_code": channel,
            "payment_destination": destination(invoice.id, channel, kind),
            "initial_amount": invoice.amount,
        }
    if kind is ChannelKind.EWALLET:
        return {
            "ewallet_type": channel,
            "payment_id": f"ewc_{source.uuid()}",
            "payment_method_id": f"pm-{source.uuid()}",
        }
    if kind is ChannelKind.QR:
        return {
            "payment_id": f"qrpy_{source.uuid()}",
            "payment_method_id": f"pm-{source.uuid()}",
            "payment_details": {"source": "Sandbox", "receipt_id": digits(12, source)},
        }
    if kind is ChannelKind.CARD:
        return {"credit_card_token": source.hexadecimal(12), "credit_card_charge_id": source.hexadecimal(12)}
    if kind is ChannelKind.RETAIL:
        return {"payment_destination": destination(invoice.id, channel, kind)}
    return {}


def destination(invoice_id: str, channel: str, kind: ChannelKind) -> str | None:
    """Give the virtual account or payment code of an invoice at a channel: the same whenever a payer asks.

    None for a kind of channel that has none.
    """
    if kind not in (ChannelKind.BANK, ChannelKind.RETAIL):
        return None
    digest = hashlib.sha256(f"{invoice_id} {channel}".encode("utf-8", "replace")).digest()
    number = f"{int.from_bytes(digest[:8], 'big'):020d}"
    return f"9{number[-12:]}" if kind is ChannelKind.BANK else f"TEST{number[-6:]}"
