"""`xendit inbox`: look into the inbox of webhooks, and have events handled again."""

from __future__ import annotations

from xendit.cli.inbox.group import inbox

__all__ = ["inbox"]
