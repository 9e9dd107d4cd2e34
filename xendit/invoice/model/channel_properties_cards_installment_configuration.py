"""The declaration of ChannelPropertiesCardsInstallmentConfiguration, instalments by card."""

from __future__ import annotations

from xendit.model import Many, Model, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInnerDict
    from xendit.invoice.model.channel_properties_cards_installment_configuration_allowed_terms_inner import (
        ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner,
    )


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
