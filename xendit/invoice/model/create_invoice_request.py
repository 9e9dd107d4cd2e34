"""The declaration of CreateInvoiceRequest, what `InvoiceApi.create_invoice` sends."""

from __future__ import annotations

from xendit.model import Duration, ExternalId, Many, Model, MoneyAmount, One, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.invoice.dicts import (
        ChannelPropertiesDict,
        CustomerObjectDict,
        InvoiceFeeDict,
        InvoiceItemDict,
        NotificationPreferenceDict,
    )
    from xendit.invoice.model.channel_properties import ChannelProperties
    from xendit.invoice.model.customer_object import CustomerObject
    from xendit.invoice.model.invoice_currency import InvoiceCurrency
    from xendit.invoice.model.invoice_fee import InvoiceFee
    from xendit.invoice.model.invoice_item import InvoiceItem
    from xendit.invoice.model.notification_preference import NotificationPreference


class CreateInvoiceRequest(Model):
    """The invoice to create: the body of `POST /v2/invoices/`.

    `external_id` and `amount` are all that it needs. A created invoice cannot be edited, only expired.
    """

    external_id: ExternalId = field(min_length=1)
    """Your own id for the order, up to 255 characters, returned in every answer and webhook.
    It need not be unique: a second create with the same id makes a second invoice."""
    amount: MoneyAmount
    """What the payer pays, in major units of `currency` (100000 is Rp 100,000). A float with the noise of a
    calculation is taken as the amount that was meant. The API cuts decimals that the currency does not have; a warning
    says so before anything is sent. Limits differ by channel and country, so the API checks them, not the library."""
    payer_email: str | None = field(default=None, personal=True)
    """E-mail address of the payer. A malformed one is refused with `EMAIL_FORMAT_ERROR`."""
    description: str | None = None
    """What the invoice is for; the payer reads it. Not empty."""
    invoice_duration: Duration = field(default=absent, ge=1)
    """Seconds until the invoice expires, from 1 to 31,536,000 (one year); sent as an integer.
    Without it the account's setting holds, which is 86,400 (24 hours) unless the dashboard changed it."""
    callback_virtual_account_id: str | None = None
    """Id of a fixed virtual account that the invoice is to be paid to. An unknown one gives a 404."""
    should_send_email: bool | None = None
    """Whether Xendit mails the payer; the API's default is false.
    `customer_notification_preference` is the newer way."""
    customer: One[CustomerObject, CustomerObjectDict] = absent
    """The payer. The invoice returns it, the webhook does not."""
    customer_notification_preference: One[NotificationPreference, NotificationPreferenceDict] = absent
    """Which channels tell the payer about which event."""
    success_redirect_url: str | None = None
    """Page that the payer is sent to after paying, 1 to 255 characters. A browser that comes there proves no
    payment: trust the webhook or `get_invoice_by_id`."""
    failure_redirect_url: str | None = None
    """Page that the payer is sent to when the payment failed, 1 to 255 characters."""
    payment_methods: Many[str, str] = absent
    """Codes of the channels to offer, such as `CREDIT_CARD`, `BCA`, `OVO`, `QRIS` or `GCASH`; without it,
    every channel of the account. The list of codes changes without notice; one that the account lacks is
    refused with `UNAVAILABLE_PAYMENT_METHOD_ERROR`."""
    mid_label: str | None = None
    """Label of your own card acquirer's merchant id (MID), when the account has several."""
    should_authenticate_credit_card: bool | None = None
    """Whether cards go through 3-D Secure."""
    currency: One[InvoiceCurrency, str] = absent
    """ISO 4217 code. Without it, the account's own currency."""
    reminder_time: float | None = None
    """How long before the expiry the payer is reminded, counted in `reminder_time_unit`: 1 to 30 days or 1 to 24 hours.
    Anything else is refused with `INVALID_REMINDER_TIME`. The API also takes it without a unit, and is believed to
    count days then."""
    locale: str | None = None
    """Language of the payment page and the messages, such as `en` or `id`."""
    reminder_time_unit: str | None = None
    """Unit of `reminder_time`: `days` or `hours`. Alone, without `reminder_time`, it is refused."""
    items: Many[InvoiceItem, InvoiceItemDict] = absent
    """Lines that the payer reads, at most 75. They need not add up to `amount`, which is what the payer pays.
    Pay-later channels require them."""
    fees: Many[InvoiceFee, InvoiceFeeDict] = absent
    """Fees that the payer reads, at most 10. They are not added to `amount`."""
    channel_properties: One[ChannelProperties, ChannelPropertiesDict] = absent
    """Settings for single payment channels."""
    metadata: dict[str, Any] | None = field(default=None, max_properties=50, personal=True)
    """Your own data: at most 50 keys of up to 40 characters, values of up to 500. The invoice returns it,
    the webhook does not; to route a webhook, use `external_id`."""
    fixed_va: bool | None = None
    """Whether the invoice uses fixed virtual accounts. An old field that the official models lack."""
    should_exclude_credit_card: bool | None = None
    """Whether payment by card is left out. An old field that the official models lack; `payment_methods`
    is the newer way."""
    local: str | None = field(default=None, spelling_of="locale")
    """What release 4.1.0 of the official SDK called `locale`, by mistake. It is sent as `locale`, with a
    DeprecationWarning."""
