"""What the API shows of a transaction. The fields and their order are those of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.core.times import format_time

if TYPE_CHECKING:
    from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord
    from xendit.sandbox.state.core.jsontext import JsonObject

_FEE_STATUSES = {"SUCCESS": "COMPLETED", "PENDING": "PENDING", "FAILED": "CANCELED", "VOIDED": "CANCELED"}


def transaction_body(record: TransactionRecord) -> JsonObject:
    """Give the body of a transaction. What is not set is null."""
    estimated = record.estimated_settlement_time
    free = not record.xendit_fee and not record.value_added_tax
    return {
        "id": record.id,
        "product_id": record.product_id,
        "type": record.type,
        "status": record.status,
        "channel_category": record.channel_category,
        "channel_code": record.channel_code,
        "account_identifier": record.account_identifier,
        "reference_id": record.reference_id,
        "currency": record.currency,
        "amount": record.amount,
        "net_amount": record.net_amount,
        "net_amount_currency": record.currency,
        "cashflow": record.cashflow,
        "settlement_status": record.settlement_status,
        "estimated_settlement_time": None if estimated is None else format_time(estimated),
        "business_id": record.account.user_id,
        "created": format_time(record.created),
        "updated": format_time(record.updated),
        "fee": {
            "xendit_fee": record.xendit_fee,
            "value_added_tax": record.value_added_tax,
            "xendit_withholding_tax": 0,
            "third_party_withholding_tax": 0,
            "status": "NOT_APPLICABLE" if free else _FEE_STATUSES.get(record.status, "COMPLETED"),
        },
        "product_data": {
            "capture_id": None,
            "payment_request_id": record.payment_request_id,
            "reusable_payment_link_id": None,
            "payment_link_id": record.payment_link_id,
        },
    }
