"""An invoice as plain JSON values and back, whole: what files keep. The bodies that the API shows are in `bodies`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.times import format_time, recorded_time
from xendit.sandbox.state.invoice.channels import ChannelKind
from xendit.sandbox.state.invoice.record import InvoiceRecord, Origin, Payment, Step

if TYPE_CHECKING:
    from datetime import datetime

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

#: Fields that JSON holds as they are.
_PLAIN = (
    "id",
    "merchant_name",
    "external_id",
    "amount",
    "currency",
    "status",
    "should_send_email",
    "fee_rule",
    "split_rule",
)
_TIMES = ("created", "updated", "expiry_date", "reminder_date")


def write_invoice(invoice: InvoiceRecord) -> JsonObject:
    """Give all of an invoice as JSON values."""
    record: JsonObject = {name: getattr(invoice, name) for name in _PLAIN}
    record |= {name: _write_time(getattr(invoice, name)) for name in _TIMES}
    record["account"] = asdict(invoice.account)
    record["channels"] = list(invoice.channels)
    record["echoed"] = dict(invoice.echoed)
    record["origin"] = asdict(invoice.origin)
    record["steps"] = [[format_time(step.at), step.what, step.detail] for step in invoice.steps]
    payment = invoice.payment
    record["payment"] = payment and {
        "kind": payment.kind.value,
        "channel": payment.channel,
        "amount": payment.amount,
        "paid_at": format_time(payment.paid_at),
        "details": dict(payment.details),
    }
    return record


def read_invoice(record: JsonMapping) -> InvoiceRecord:
    """Make the invoice of a record. Raises ValueError when it is none."""
    try:
        payment = record["payment"]
        fields: JsonObject = {name: record[name] for name in _PLAIN}
        fields |= {name: _read_time(record[name]) for name in _TIMES}
        return InvoiceRecord(
            **fields,
            account=Account(**record["account"]),
            channels=tuple(record["channels"]),
            echoed=dict(record["echoed"]),
            origin=Origin(**record["origin"]),
            steps=tuple(Step(recorded_time(at), what, detail) for at, what, detail in record["steps"]),
            payment=payment
            and Payment(
                ChannelKind(payment["kind"]),
                payment["channel"],
                payment["amount"],
                recorded_time(payment["paid_at"]),
                dict(payment["details"]),
            ),
        )
    except (KeyError, TypeError) as problem:
        raise ValueError(f"this is no record of an invoice: {type(problem).__name__} at {problem}") from None


def _write_time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else recorded_time(text)
