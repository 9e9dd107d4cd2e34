"""The declaration of NotificationPreference, which channel tells the payer what."""

from __future__ import annotations

from xendit.model import Many, Model, OpenEnum, absent


class NotificationChannel(OpenEnum):
    """How the payer is told something; used in `NotificationPreference`. The values are in lower case."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    VIBER = "viber"


class NotificationPreference(Model):
    """Which channels tell the payer about which event of the invoice.

    Sent in `CreateInvoiceRequest.customer_notification_preference` and returned by the invoice.
    """

    invoice_created: Many[NotificationChannel, str] = absent
    """Channels that announce the new invoice."""
    invoice_reminder: Many[NotificationChannel, str] = absent
    """Channels that remind before the expiry; `reminder_time` and `reminder_time_unit` say when."""
    invoice_paid: Many[NotificationChannel, str] = absent
    """Channels that confirm the payment."""
    invoice_expired: Many[NotificationChannel, str] = absent
    """Channels that announce the expiry. The newest official models lack it; the API returns it."""
