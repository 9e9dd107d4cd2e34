"""The declaration of TransactionResponse: money that moved, and what was kept of it."""

from __future__ import annotations

from xendit.model import Amount, Given, Model, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from xendit.balance_and_transaction.model.cashflow import Cashflow
    from xendit.balance_and_transaction.model.channels_categories import ChannelsCategories
    from xendit.balance_and_transaction.model.currency import Currency
    from xendit.balance_and_transaction.model.fee_response import FeeResponse
    from xendit.balance_and_transaction.model.product_data import ProductData
    from xendit.balance_and_transaction.model.settlement_status import SettlementStatus
    from xendit.balance_and_transaction.model.transaction_statuses import TransactionStatuses
    from xendit.balance_and_transaction.model.transaction_types import TransactionTypes


class TransactionResponse(
    Model,
    received=True,
    shown=(
        "id",
        "type",
        "reference_id",
        "status",
        "amount",
        "currency",
        "channel_code",
        "settlement_status",
        "created",
    ),
):
    """Money that moved: a payment, a refund, a payout, a withdrawal.

    The fields from `net_amount` on are those that real answers hold and the official models lack.
    """

    id: str = field(strict=True)
    """Id of the transaction, `txn_` and a UUID."""
    product_id: str = absent
    """Id of what moved the money; for a payment, the id of the payment."""
    type: Given[TransactionTypes, str] = field(default=absent, strict=True)
    """What moved the money."""
    status: Given[TransactionStatuses, str] = field(default=absent, strict=True)
    """Where it is in its life."""
    channel_category: Given[ChannelsCategories, str] = absent
    """The kind of channel."""
    channel_code: str | None = None
    """The channel, such as `BCA`, `OVO` or `QRIS`."""
    account_identifier: str | None = field(default=None, personal=True)
    """The account at the channel, such as the number of a virtual account or the masked number of a card."""
    reference_id: str = absent
    """Your own id; for the payment of an invoice, the invoice's `external_id`."""
    currency: Given[Currency, str] = field(default=absent, strict=True)
    """ISO 4217 code of the amounts."""
    amount: Amount = field(default=absent, strict=True)
    """What moved, before fees, in major units of `currency`. `transaction.decimal("amount")` gives it exactly."""
    cashflow: Given[Cashflow, str] = field(default=absent, strict=True)
    """In which direction: MONEY_IN or MONEY_OUT."""
    business_id: str = absent
    """Id of the business, yours or a sub-account's."""
    fee: FeeResponse = absent
    """What Xendit keeps."""
    created: Given[datetime, datetime | str] = absent
    """When it was made."""
    updated: Given[datetime, datetime | str] = absent
    """When it last changed."""
    settlement_status: One[SettlementStatus, str] = absent
    """Whether the money can be used; absent where nothing is settled, as for a payout."""
    estimated_settlement_time: One[datetime, str] = absent
    """When a payment is, or was, to be settled."""
    net_amount: One[float, Decimal] = absent
    """What is left of `amount` after fees and taxes. `transaction.decimal("net_amount")` gives it exactly."""
    net_amount_currency: One[Currency, str] = absent
    """Currency of `net_amount`."""
    product_data: ProductData | None = None
    """What it belongs to: `product_data.payment_link_id` is the invoice's id."""
    created_text: str | None = field(default=None, init=False, text_of="created")
    """`created` as the text that came: it may have nine digits of a second, of which a datetime keeps six."""
    updated_text: str | None = field(default=None, init=False, text_of="updated")
    """`updated` as the text that came."""
