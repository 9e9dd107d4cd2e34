"""The declaration of Invoice, what every operation of `InvoiceApi` answers."""

from __future__ import annotations

from xendit.invoice.model.life_cycle import LifeCycle
from xendit.model import Amount, Given, Model, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    from xendit.invoice.model.bank import Bank
    from xendit.invoice.model.bank_code import BankCode
    from xendit.invoice.model.channel_properties import ChannelProperties
    from xendit.invoice.model.customer_object import CustomerObject
    from xendit.invoice.model.direct_debit import DirectDebit
    from xendit.invoice.model.ewallet import Ewallet
    from xendit.invoice.model.ewallet_type import EwalletType
    from xendit.invoice.model.invoice_currency import InvoiceCurrency
    from xendit.invoice.model.invoice_fee import InvoiceFee
    from xendit.invoice.model.invoice_item import InvoiceItem
    from xendit.invoice.model.invoice_payment_method import InvoicePaymentMethod
    from xendit.invoice.model.invoice_status import InvoiceStatus
    from xendit.invoice.model.notification_preference import NotificationPreference
    from xendit.invoice.model.paylater import Paylater
    from xendit.invoice.model.payment_details import PaymentDetails
    from xendit.invoice.model.qr_code import QrCode
    from xendit.invoice.model.retail_outlet import RetailOutlet


class Invoice(
    LifeCycle,
    Model,
    received=True,
    shown=("id", "external_id", "status", "amount", "currency", "invoice_url", "expiry_date"),
):
    """An invoice as Xendit knows it: what creating, reading, listing and expiring answer.

    The fields from `paid_at` on are those that real answers hold and the official models lack.
    """

    external_id: str = field(strict=True)
    """Your own id, as it was given. Several invoices may share it."""
    user_id: str
    """Id of the business that the invoice belongs to."""
    status: Given[InvoiceStatus, str] = field(strict=True)
    """Where the invoice is in its life; see also `is_paid`, `is_expired` and `is_final`."""
    merchant_name: str
    """Name of the business. Xendit may have escaped it for HTML, even twice (`&amp;#x27;`)."""
    merchant_profile_picture_url: str
    """Logo of the business."""
    amount: Amount = field(strict=True)
    """What the payer pays, in major units of `currency`. `invoice.decimal("amount")` gives it exactly."""
    expiry_date: Given[datetime, datetime | str]
    """When the invoice expires; for one that was expired by hand, when that happened."""
    invoice_url: str = field(strict=True)
    """The payment page: send the payer there. Its form has changed over the years, so never build it."""
    available_banks: list[Bank]
    """Bank transfers on offer; empty when there are none."""
    available_retail_outlets: list[RetailOutlet]
    """Shops on offer; empty when there are none."""
    available_ewallets: list[Ewallet]
    """E-wallets on offer; empty when there are none."""
    available_qr_codes: list[QrCode]
    """QR payments on offer; empty when there are none. Invoices of 2022 and before lack it."""
    available_direct_debits: list[DirectDebit]
    """Direct debits on offer; empty when there are none. Invoices of 2021 and before lack it."""
    available_paylaters: list[Paylater]
    """Pay-later services on offer; empty when there are none. Invoices of 2021 and before lack it."""
    should_send_email: bool
    """Whether Xendit mails the payer."""
    created: Given[datetime, datetime | str]
    """When the invoice was created."""
    updated: Given[datetime, datetime | str]
    """When the invoice last changed."""
    id: str = field(default=absent, strict=True)
    """Id of the invoice at Xendit, 24 hexadecimal digits. Every answer holds it."""
    payer_email: str | None = field(default=None, personal=True)
    """E-mail address of the payer."""
    description: str | None = None
    """What the invoice is for."""
    payment_method: One[InvoicePaymentMethod, str] = absent
    """Kind of channel that it was paid through; absent until then."""
    locale: str | None = None
    """Language of the payment page and the messages."""
    should_exclude_credit_card: bool | None = None
    """Whether payment by card is left out."""
    success_redirect_url: str | None = None
    """Page that the payer is sent to after paying."""
    failure_redirect_url: str | None = None
    """Page that the payer is sent to when the payment failed."""
    should_authenticate_credit_card: bool | None = None
    """Whether cards go through 3-D Secure."""
    currency: One[InvoiceCurrency, str] = field(default=absent, strict=True)
    """ISO 4217 code of the amounts."""
    items: list[InvoiceItem] | None = None
    """Lines that the payer reads. They need not add up to `amount`."""
    fixed_va: bool | None = None
    """Whether the invoice uses fixed virtual accounts."""
    reminder_date: One[datetime, str] = absent
    """When the payer is reminded."""
    customer: CustomerObject | None = None
    """The payer, as given in the request."""
    customer_notification_preference: NotificationPreference | None = None
    """Which channels tell the payer about which event."""
    fees: list[InvoiceFee] | None = None
    """Fees that the payer reads. They are not added to `amount`."""
    channel_properties: ChannelProperties | None = None
    """Settings for single payment channels."""
    metadata: dict[str, Any] | None = field(default=None, personal=True)
    """Your own data, as given in the request. The webhook lacks it."""
    paid_at: One[datetime, str] = absent
    """When it was paid."""
    paid_amount: One[float, Decimal] = absent
    """What was paid, in `currency`. `invoice.decimal("paid_amount")` gives it exactly."""
    payment_channel: str | None = None
    """The channel that it was paid through, such as `BCA`, `OVO` or `QRIS`."""
    payment_destination: str | None = field(default=None, personal=True)
    """Virtual account number or payment code that the money went to."""
    bank_code: One[BankCode, str] = absent
    """The bank of a payment by bank transfer."""
    ewallet_type: One[EwalletType, str] = absent
    """The e-wallet of a payment by e-wallet."""
    payment_id: str | None = None
    """Id of the payment: `ewc_…` for e-wallets, `qrpy_…` for QR codes."""
    payment_method_id: str | None = None
    """Id of the payment method used, `pm-…`."""
    payment_details: PaymentDetails | None = None
    """What the channel tells about the payment."""
    credit_card_charge_id: str | None = None
    """Id of the charge of a payment by card."""
    credit_card_token: str | None = field(default=None, personal=True)
    """Token of the card of a payment by card."""
    initial_amount: One[float, Decimal] = absent
    """The amount at first, in answers after a bank transfer."""
    adjusted_received_amount: One[float, Decimal] = absent
    """What the business receives after fees. Older answers hold it."""
    fees_paid_amount: One[float, Decimal] = absent
    """Fees that were paid. Older answers hold it."""
    initial_currency: One[InvoiceCurrency, str] = absent
    """Currency of `initial_amount`."""
    mid_label: str | None = None
    """Label of your own card acquirer's merchant id (MID)."""
    on_demand_link: str | None = None
    """On-demand link that the invoice was created from."""
    on_demand_payload: Any = field(default=None, personal=True)
    """Free-form data of the on-demand link, untouched."""
    recurring_payment_id: str | None = None
    """Id of the recurring payment that the invoice belongs to."""
    is_high: bool | None = None
    """A flag that Xendit does not explain. The webhook always holds it."""
