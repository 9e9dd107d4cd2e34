"""The declaration of ChannelPropertiesCards, which cards and instalments an invoice allows."""

from __future__ import annotations

from xendit.model import Many, Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import ChannelPropertiesCardsInstallmentConfigurationDict
    from xendit.invoice.model.channel_properties_cards_installment_configuration import (
        ChannelPropertiesCardsInstallmentConfiguration,
    )


class ChannelPropertiesCards(Model):
    """Which cards, and which instalments, an invoice allows: `ChannelProperties.cards`."""

    allowed_bins: Many[str, str] = absent
    """First 6 or 8 digits of the card numbers to accept, as text; every other card is refused."""
    installment_configuration: One[
        ChannelPropertiesCardsInstallmentConfiguration,
        ChannelPropertiesCardsInstallmentConfigurationDict,
    ] = absent
    """Payment in instalments. The account must have it enabled."""
