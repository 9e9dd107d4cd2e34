"""The app as Django sees it."""

from __future__ import annotations

from django.apps import AppConfig


class WebhookConfig(AppConfig):
    """Xendit webhooks: the inbox's table, its admin page and its checks."""

    name = "xendit.webhook.django"
    label = "xendit_webhook"
    verbose_name = "Xendit webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from django.core.checks import Tags, register

        from xendit.webhook.django.checks import check_settings

        register(check_settings, Tags.compatibility)
