"""The shop's one table."""

from django.db import models


class Order(models.Model):
    """What somebody wants to buy."""

    amount = models.IntegerField()
    status = models.CharField(max_length=20, default="pending")

    def __str__(self) -> str:
        return f"{self.external_id}: {self.status}"

    @property
    def external_id(self) -> str:
        """What Xendit calls it."""
        return f"order-{self.pk}"
