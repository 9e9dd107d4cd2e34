"""The module in which the official SDK has NotificationChannel, declared beside NotificationPreference, which is read together with it."""

from __future__ import annotations

from xendit.invoice.model.notification_preference import NotificationChannel

__all__ = ["NotificationChannel"]
