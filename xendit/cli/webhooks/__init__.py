"""`xendit webhooks` and `xendit trigger`: judge, make, repeat and follow webhooks, without a tunnel."""

from __future__ import annotations

from xendit.cli.webhooks.group import webhooks

__all__ = ["webhooks"]
