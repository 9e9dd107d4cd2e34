"""What may be given in place of the models of a request: dicts, typed for checkers.

Derived from the declarations in xendit/invoice/model; nothing is written here by hand.
Run `make docs` after changing a model.
"""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from decimal import Decimal
    from typing import Any, SupportsIndex
    from uuid import UUID

    from typing_extensions import NotRequired

    from xendit.amounts import MoneyValue
    from xendit.invoice.model.channel_properties import (
        ChannelProperties,
        ChannelPropertiesCards,
        ChannelPropertiesCardsInstallmentConfiguration,
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner,
    )
    from xendit.invoice.model.customer_object import AddressObject, CustomerObject
    from xendit.invoice.model.invoice_lines import InvoiceFee, InvoiceItem
    from xendit.invoice.model.invoice_values import InvoiceCurrency
    from xendit.invoice.model.notification_preference import NotificationChannel, NotificationPreference

__all__ = [
    "AddressObjectDict",
    "ChannelPropertiesCardsDict",
    "ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict",
    "ChannelPropertiesCardsInstallmentConfigurationDict",
    "ChannelPropertiesDict",
    "CreateInvoiceRequestDict",
    "CustomerObjectDict",
    "InvoiceFeeDict",
    "InvoiceItemDict",
    "NotificationPreferenceDict",
]


@hinted
class CreateInvoiceRequestDict(TypedDict):
    """`CreateInvoiceRequest` as a dict."""

    external_id: str | int | UUID | SupportsIndex
    """Your own id for the order, up to 255 characters, returned in every answer and webhook.
    It need not be unique: a second create with the same id makes a second invoice."""
    amount: float | Decimal | SupportsIndex | MoneyValue
    """What the payer pays, in major units of `currency` (100000 is Rp 100,000). A float with the noise of a
    calculation is taken as the amount that was meant. The API cuts decimals that the currency does not have; a warning
    says so before anything is sent. Limits differ by channel and country, so the API checks them, not the library."""
    payer_email: NotRequired[str | None]
    """E-mail address of the payer. A malformed one is refused with `EMAIL_FORMAT_ERROR`."""
    description: NotRequired[str | None]
    """What the invoice is for; the payer reads it. Not empty."""
    invoice_duration: NotRequired[int | float | str | timedelta | SupportsIndex | None]
    """Seconds until the invoice expires, from 1 to 31,536,000 (one year); sent as an integer.
    Without it the account's setting holds, which is 86,400 (24 hours) unless the dashboard changed it."""
    callback_virtual_account_id: NotRequired[str | None]
    """Id of a fixed virtual account that the invoice is to be paid to. An unknown one gives a 404."""
    should_send_email: NotRequired[bool | None]
    """Whether Xendit mails the payer; the API's default is false.
    `customer_notification_preference` is the newer way."""
    customer: NotRequired[CustomerObject | CustomerObjectDict | None]
    """The payer. The invoice returns it, the webhook does not."""
    customer_notification_preference: NotRequired[NotificationPreference | NotificationPreferenceDict | None]
    """Which channels tell the payer about which event."""
    success_redirect_url: NotRequired[str | None]
    """Page that the payer is sent to after paying, 1 to 255 characters. A browser that comes there proves no
    payment: trust the webhook or `get_invoice_by_id`."""
    failure_redirect_url: NotRequired[str | None]
    """Page that the payer is sent to when the payment failed, 1 to 255 characters."""
    payment_methods: NotRequired[Sequence[str] | None]
    """Codes of the channels to offer, such as `CREDIT_CARD`, `BCA`, `OVO`, `QRIS` or `GCASH`; without it,
    every channel of the account. The list of codes changes without notice; one that the account lacks is
    refused with `UNAVAILABLE_PAYMENT_METHOD_ERROR`."""
    mid_label: NotRequired[str | None]
    """Label of your own card acquirer's merchant id (MID), when the account has several."""
    should_authenticate_credit_card: NotRequired[bool | None]
    """Whether cards go through 3-D Secure."""
    currency: NotRequired[InvoiceCurrency | str | None]
    """ISO 4217 code. Without it, the account's own currency."""
    reminder_time: NotRequired[float | None]
    """How long before the expiry the payer is reminded, counted in `reminder_time_unit`: 1 to 30 days or 1 to 24 hours.
    Anything else is refused with `INVALID_REMINDER_TIME`. The API also takes it without a unit, and is believed to
    count days then."""
    locale: NotRequired[str | None]
    """Language of the payment page and the messages, such as `en` or `id`."""
    reminder_time_unit: NotRequired[str | None]
    """Unit of `reminder_time`: `days` or `hours`. Alone, without `reminder_time`, it is refused."""
    items: NotRequired[Sequence[InvoiceItem | InvoiceItemDict] | None]
    """Lines that the payer reads, at most 75. They need not add up to `amount`, which is what the payer pays.
    Pay-later channels require them."""
    fees: NotRequired[Sequence[InvoiceFee | InvoiceFeeDict] | None]
    """Fees that the payer reads, at most 10. They are not added to `amount`."""
    channel_properties: NotRequired[ChannelProperties | ChannelPropertiesDict | None]
    """Settings for single payment channels."""
    metadata: NotRequired[dict[str, Any] | None]
    """Your own data: at most 50 keys of up to 40 characters, values of up to 500. The invoice returns it,
    the webhook does not; to route a webhook, use `external_id`."""
    fixed_va: NotRequired[bool | None]
    """Whether the invoice uses fixed virtual accounts. An old field that the official models lack."""
    should_exclude_credit_card: NotRequired[bool | None]
    """Whether payment by card is left out. An old field that the official models lack; `payment_methods`
    is the newer way."""
    local: NotRequired[str | None]
    """What release 4.1.0 of the official SDK called `locale`, by mistake. It is sent as `locale`, with a
    DeprecationWarning."""


@hinted
class CustomerObjectDict(TypedDict):
    """`CustomerObject` as a dict."""

    id: NotRequired[str | None]
    """Id of the customer at Xendit."""
    phone_number: NotRequired[str | None]
    """Phone number. Xendit's parameter list names `mobile_number` instead."""
    given_names: NotRequired[str | None]
    """First and middle names."""
    surname: NotRequired[str | None]
    """Family name."""
    email: NotRequired[str | None]
    """E-mail address."""
    mobile_number: NotRequired[str | None]
    """Mobile number in E.164 form, such as `+6287774441111`."""
    customer_id: NotRequired[str | None]
    """Id of the customer. Only the official models know it; Xendit's parameter list does not."""
    addresses: NotRequired[Sequence[AddressObject | AddressObjectDict] | None]
    """Addresses of the customer."""


@hinted
class NotificationPreferenceDict(TypedDict):
    """`NotificationPreference` as a dict."""

    invoice_created: NotRequired[Sequence[NotificationChannel | str] | None]
    """Channels that announce the new invoice."""
    invoice_reminder: NotRequired[Sequence[NotificationChannel | str] | None]
    """Channels that remind before the expiry; `reminder_time` and `reminder_time_unit` say when."""
    invoice_paid: NotRequired[Sequence[NotificationChannel | str] | None]
    """Channels that confirm the payment."""
    invoice_expired: NotRequired[Sequence[NotificationChannel | str] | None]
    """Channels that announce the expiry. The newest official models lack it; the API returns it."""


@hinted
class InvoiceItemDict(TypedDict):
    """`InvoiceItem` as a dict."""

    name: str
    """What the payer reads, up to 256 characters."""
    price: float | Decimal | SupportsIndex
    """Price of one unit, in the currency of the invoice."""
    quantity: float | Decimal | SupportsIndex
    """How many units, from 0 to 510,000."""
    reference_id: NotRequired[str | None]
    """Your own id for the line, such as an article number."""
    url: NotRequired[str | None]
    """Page that shows the article."""
    category: NotRequired[str | None]
    """Category of the article, such as `Electronic`."""


@hinted
class InvoiceFeeDict(TypedDict):
    """`InvoiceFee` as a dict."""

    type: str
    """What the payer reads, such as `Admin fee`."""
    value: float | Decimal | SupportsIndex
    """The fee, in the currency of the invoice."""


@hinted
class ChannelPropertiesDict(TypedDict):
    """`ChannelProperties` as a dict."""

    cards: NotRequired[ChannelPropertiesCards | ChannelPropertiesCardsDict | None]
    """Settings for payment by card."""


@hinted
class AddressObjectDict(TypedDict):
    """`AddressObject` as a dict."""

    country: NotRequired[str | None]
    """Country."""
    street_line1: NotRequired[str | None]
    """Building and street."""
    street_line2: NotRequired[str | None]
    """Whatever the first line has no room for, such as a floor or a unit."""
    city: NotRequired[str | None]
    """City."""
    province: NotRequired[str | None]
    """Province. The official models have it; Xendit's own parameter list names only `state`."""
    state: NotRequired[str | None]
    """State, province or region."""
    postal_code: NotRequired[str | None]
    """Postal code, as text: a leading zero counts."""


@hinted
class ChannelPropertiesCardsDict(TypedDict):
    """`ChannelPropertiesCards` as a dict."""

    allowed_bins: NotRequired[Sequence[str] | None]
    """First 6 or 8 digits of the card numbers to accept, as text; every other card is refused."""
    installment_configuration: NotRequired[
        ChannelPropertiesCardsInstallmentConfiguration
        | ChannelPropertiesCardsInstallmentConfigurationDict
        | None
    ]
    """Payment in instalments. The account must have it enabled."""


@hinted
class ChannelPropertiesCardsInstallmentConfigurationDict(TypedDict):
    """`ChannelPropertiesCardsInstallmentConfiguration` as a dict."""

    allow_full_payment: NotRequired[bool | None]
    """Whether the payer may also pay the whole amount at once."""
    allowed_terms: NotRequired[
        Sequence[
            ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner
            | ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict
        ]
        | None
    ]
    """The instalment terms to offer, by card issuer."""


@hinted
class ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict(TypedDict):
    """`ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner` as a dict."""

    issuer: NotRequired[str | None]
    """Bank that issued the card."""
    terms: NotRequired[Sequence[float] | None]
    """Numbers of instalments to offer, whole numbers such as `[3, 6, 12]`."""
