"""The declaration of ChannelProperties, settings for single payment channels."""

from __future__ import annotations

from xendit.model import Many, Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import (
        ChannelPropertiesCardsDict,
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict,
        ChannelPropertiesCardsInstallmentConfigurationDict,
    )


class ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner(Model):
    """The instalment terms of one card issuer.

    One of `ChannelPropertiesCardsInstallmentConfiguration.allowed_terms`.
    """

    issuer: str | None = None
    """Bank that issued the card."""
    terms: Many[float, float] = absent
    """Numbers of instalments to offer, whole numbers such as `[3, 6, 12]`."""


class ChannelPropertiesCardsInstallmentConfiguration(Model):
    """Payment by card in instalments: `ChannelPropertiesCards.installment_configuration`.

    The API refuses it with `INSTALLMENT_NOT_ENABLED` or `INSTALLMENT_CONFIGURATION_NOT_AVAILABLE` when the
    account may not use it, and with `AMOUNT_BELOW_MINIMUM_LIMIT` when the amount is too small for it.
    """

    allow_full_payment: bool | None = None
    """Whether the payer may also pay the whole amount at once."""
    allowed_terms: Many[
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner,
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict,
    ] = absent
    """The instalment terms to offer, by card issuer."""


class ChannelPropertiesCards(Model):
    """Which cards, and which instalments, an invoice allows: `ChannelProperties.cards`."""

    allowed_bins: Many[str, str] = absent
    """First 6 or 8 digits of the card numbers to accept, as text; every other card is refused."""
    installment_configuration: One[
        ChannelPropertiesCardsInstallmentConfiguration,
        ChannelPropertiesCardsInstallmentConfigurationDict,
    ] = absent
    """Payment in instalments. The account must have it enabled."""


class ChannelProperties(Model):
    """Settings for single payment channels, in `CreateInvoiceRequest.channel_properties`."""

    cards: One[ChannelPropertiesCards, ChannelPropertiesCardsDict] = absent
    """Settings for payment by card."""
