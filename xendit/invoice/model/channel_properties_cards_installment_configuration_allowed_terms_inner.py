"""The declaration of ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner, an issuer's terms."""

from __future__ import annotations

from xendit.model import Many, Model, absent


class ChannelPropertiesCardsInstallmentConfigurationAllowedTermsInner(Model):
    """The instalment terms of one card issuer.

    One of `ChannelPropertiesCardsInstallmentConfiguration.allowed_terms`.
    """

    issuer: str | None = None
    """Bank that issued the card."""
    terms: Many[float, float] = absent
    """Numbers of instalments to offer, whole numbers such as `[3, 6, 12]`."""
