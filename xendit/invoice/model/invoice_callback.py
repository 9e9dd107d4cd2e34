"""The declaration of InvoiceCallback, the body of an invoice webhook."""

from __future__ import annotations

from xendit.invoice.model.life_cycle import LifeCycle
from xendit.model import Amount, Given, Model, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from xendit.invoice.model.bank_code import BankCode
    from xendit.invoice.model.ewallet_type import EwalletType
    from xendit.invoice.model.invoice_callback_item import InvoiceCallbackItem
    from xendit.invoice.model.invoice_currency import InvoiceCurrency
    from xendit.invoice.model.invoice_fee import InvoiceFee
    from xendit.invoice.model.invoice_payment_method import InvoicePaymentMethod
    from xendit.invoice.model.invoice_status import InvoiceStatus
    from xendit.invoice.model.payment_details import PaymentDetails
    from xendit.invoice.model.retail_outlet_name import RetailOutletName


class InvoiceCallback(
    LifeCycle,
    Model,
    received=True,
    shown=("id", "external_id", "status", "amount", "currency", "paid_at", "payment_channel"),
):
    """The body of an invoice webhook, which Xendit sends when an invoice was paid or has expired.

    Read it with `InvoiceCallback.from_json(body)` after comparing the header `x-callback-token`. It is not
    the whole invoice: `metadata`, `customer` and `invoice_url`, among others, are never in it. For an expired
    invoice it holds no field `payment_…` and none `paid_…`. Webhooks may come twice and out of order.

    The fields from `is_high` on are those that real webhooks hold and the official models lack.
    """

    id: str = field(strict=True)
    """Id of the invoice at Xendit, 24 hexadecimal digits."""
    external_id: str = field(strict=True)
    """Your own id, as it was given on creation: the way to find your order."""
    user_id: str
    """Id of the business that the invoice belongs to."""
    status: Given[InvoiceStatus, str] = field(strict=True)
    """PAID or EXPIRED; no other status is announced. See also `is_paid`, `is_expired` and `is_final`."""
    merchant_name: str
    """Name of the business. Xendit may have escaped it for HTML, even twice (`&amp;#x27;`)."""
    amount: Amount = field(strict=True)
    """What the invoice asked for, in major units of `currency`. Compare it with your order, as an exact Decimal:
    `callback.decimal("amount")`, or by `event.matches`."""
    created: Given[datetime, datetime | str]
    """When the invoice was created."""
    updated: Given[datetime, datetime | str]
    """When the invoice last changed."""
    currency: Given[InvoiceCurrency, str]
    """ISO 4217 code of the amounts."""
    payer_email: str | None = field(default=None, personal=True)
    """E-mail address of the payer."""
    description: str | None = None
    """What the invoice is for."""
    paid_amount: One[float, Decimal] = absent
    """What was paid, in `currency`. `callback.decimal("paid_amount")` gives it exactly."""
    paid_at: One[datetime, str] = absent
    """When it was paid."""
    payment_method: One[InvoicePaymentMethod, str] = absent
    """Kind of channel that it was paid through."""
    payment_channel: str | None = None
    """The channel that it was paid through, such as `BCA`, `OVO` or `QRIS`."""
    payment_destination: str | None = field(default=None, personal=True)
    """Virtual account number or payment code that the money went to."""
    payment_details: PaymentDetails | None = None
    """What the channel tells about the payment; QR payments have it."""
    payment_id: str | None = None
    """Id of the payment: `ewc_…` for e-wallets, `qrpy_…` for QR codes."""
    success_redirect_url: str | None = None
    """Page that the payer is sent to after paying."""
    failure_redirect_url: str | None = None
    """Page that the payer is sent to when the payment failed."""
    credit_card_charge_id: str | None = None
    """Id of the charge of a payment by card."""
    items: list[InvoiceCallbackItem] | None = None
    """Lines that the payer read. They need not add up to `amount`."""
    fees: list[InvoiceFee] | None = None
    """Fees that the payer read. They are not added to `amount`."""
    should_authenticate_credit_card: bool | None = None
    """Whether cards go through 3-D Secure."""
    bank_code: One[BankCode, str] = absent
    """The bank of a payment by bank transfer."""
    ewallet_type: One[EwalletType, str] = absent
    """The e-wallet of a payment by e-wallet."""
    on_demand_link: str | None = None
    """On-demand link that the invoice was created from."""
    recurring_payment_id: str | None = None
    """Id of the recurring payment that the invoice belongs to."""
    is_high: bool | None = None
    """A flag that Xendit does not explain. Every real webhook holds it."""
    payment_method_id: str | None = None
    """Id of the payment method used, `pm-…`; payments by e-wallet and QR code have it."""
    credit_card_token: str | None = field(default=None, personal=True)
    """Token of the card of a payment by card."""
    initial_amount: One[float, Decimal] = absent
    """The amount at first; newer payments by bank transfer have it."""
    adjusted_received_amount: One[float, Decimal] = absent
    """What the business receives after fees. Older webhooks hold it."""
    fees_paid_amount: One[float, Decimal] = absent
    """Fees that were paid. Older webhooks hold it."""
    initial_currency: One[InvoiceCurrency, str] = absent
    """Currency of `initial_amount`."""
    mid_label: str | None = None
    """Label of your own card acquirer's merchant id (MID)."""
    retail_outlet_name: One[RetailOutletName, str] = absent
    """The shop of a payment in cash. Older webhooks hold it; newer ones say it in `payment_channel`."""
    business_id: str | None = None
    """Id of the business. Xendit's Go client reads it; no real body with it is known."""
    business_name: str | None = None
    """Name of the business. Xendit's Go client reads it; no real body with it is known."""
    callback_url: str | None = None
    """Where the webhook was sent to. Xendit's Go client reads it; no real body with it is known."""
    callback_authentication_token: str | None = field(default=None, personal=True)
    """The webhook's token. Xendit's Go client reads it; no real body with it is known. It proves nothing:
    compare the header `x-callback-token` instead."""
