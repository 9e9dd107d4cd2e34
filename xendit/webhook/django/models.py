"""The inbox's table as a model. Its columns are those of `xendit.webhook.inbox.Stored`."""

from __future__ import annotations

from datetime import datetime, timezone

from django.db import models


class InboxEvent(models.Model):
    """An event in the inbox. Times are seconds since 1970 in UTC, by the database's clock."""

    key = models.CharField(max_length=200, primary_key=True)
    subject = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=40)
    body = models.BinaryField()
    webhook_id = models.CharField(max_length=255, null=True)
    payment_id = models.CharField(max_length=255, null=True)
    external_id = models.CharField(max_length=255, null=True, db_index=True)
    source = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    received_at = models.FloatField()
    due_at = models.FloatField()
    attempts = models.IntegerField()
    deliveries = models.IntegerField()
    lease_until = models.FloatField(null=True)
    owner = models.CharField(max_length=32, null=True)
    error = models.TextField(null=True)
    outcome = models.CharField(max_length=20, null=True)
    done_at = models.FloatField(null=True)

    class Meta:
        """Names that the SQL inbox has too, so that either may read the other's table."""

        app_label = "xendit_webhook"
        db_table = "xendit_inbox"
        verbose_name = "event"
        verbose_name_plural = "inbox"
        indexes = (
            models.Index(fields=["state", "due_at"], name="xendit_inbox_due"),
            models.Index(fields=["state", "lease_until"], name="xendit_inbox_lease"),
        )

    def __str__(self) -> str:
        return str(self.key)

    @property
    def received(self) -> datetime:
        """When it came in."""
        return datetime.fromtimestamp(self.received_at, timezone.utc)

    @property
    def done(self) -> datetime | None:
        """When it was done."""
        return None if self.done_at is None else datetime.fromtimestamp(self.done_at, timezone.utc)


class InboxStep(models.Model):
    """A step of an event, as `event.once` keeps it. Written and read by the inbox alone."""

    name = models.CharField(max_length=300, primary_key=True)
    key = models.CharField(max_length=200)
    step = models.CharField(max_length=100)
    begun_at = models.FloatField()
    done_at = models.FloatField(null=True)
    result = models.TextField(null=True)

    class Meta:
        """Names that the SQL inbox has too."""

        app_label = "xendit_webhook"
        db_table = "xendit_inbox_step"
        indexes = (models.Index(fields=["key"], name="xendit_inbox_step_key"),)

    def __str__(self) -> str:
        return str(self.name)
