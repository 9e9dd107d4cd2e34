"""The protocol of receivers, and the headers that every receiver is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xendit.sandbox.deliveries.pending import PendingWebhook

#: How much of an answer is kept.
ANSWER_LIMIT = 65_536


class Receiver(Protocol):
    """Where webhooks go."""

    @property
    def url(self) -> str:
        """How the log names it."""
        ...

    @property
    def in_process(self) -> bool:
        """Whether it is called in the thread that asks for deliveries, not by the worker."""
        ...

    def send(self, webhook: PendingWebhook, token: str) -> tuple[int, str]:
        """Deliver, and give status and body of the answer. Raises OSError and its kin."""
        ...


def headers_of(webhook: PendingWebhook, token: str) -> dict[str, str]:
    """Give the headers that every receiver gets."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "xendit-sandbox",
        "x-callback-token": token,
        "webhook-id": webhook.id,
    }
