"""The module in which the official SDK has ChannelPropertiesCardsInstallmentConfiguration, declared beside ChannelProperties, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.channel_properties import ChannelPropertiesCardsInstallmentConfiguration

__all__ = ["ChannelPropertiesCardsInstallmentConfiguration"]
