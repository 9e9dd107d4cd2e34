"""The declaration of ChannelProperties, settings for single payment channels."""

from __future__ import annotations

from xendit.model import Model, One, absent

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.dicts import ChannelPropertiesCardsDict
    from xendit.invoice.model.channel_properties_cards import ChannelPropertiesCards


class ChannelProperties(Model):
    """Settings for single payment channels, in `CreateInvoiceRequest.channel_properties`."""

    cards: One[ChannelPropertiesCards, ChannelPropertiesCardsDict] = absent
    """Settings for payment by card."""
