"""The shop's one table."""

from django.db import models


class Order(models.Model):
    """What somebody wants to buy."""

    id = models.CharField(max_length=40, primary_key=True)
    amount = models.IntegerField()
    status = models.CharField(max_length=20, default="pending")

    def __str__(self) -> str:
        return f"{self.id}: {self.status}"
