"""The declaration of NotificationChannel, how the payer is told something."""

from __future__ import annotations

from xendit.model import OpenEnum


class NotificationChannel(OpenEnum):
    """How the payer is told something; used in `NotificationPreference`. The values are in lower case."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    VIBER = "viber"
