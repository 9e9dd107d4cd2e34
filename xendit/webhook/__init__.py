"""Webhooks, received exactly once: each name loaded on first use.

    from xendit.webhook import InvoiceEvent, SQLInbox, Webhook, Worker

    inbox = SQLInbox("inbox.db")
    webhook = Webhook(inbox)  # the token is XENDIT_WEBHOOK_TOKEN; an adapter hangs it into your framework

    def handle(event: InvoiceEvent) -> None: ...

    Worker(inbox, handle).drain()

docs/Webhooks.md says how the parts fit together.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.exceptions import (
        WebhookBodyException as WebhookBodyException,
        WebhookException as WebhookException,
        WebhookSizeException as WebhookSizeException,
        WebhookTokenException as WebhookTokenException,
        WebhookTypeException as WebhookTypeException,
    )
    from xendit.invoice.reconciliation import (
        Reconciled as Reconciled,
        confirm as confirm,
        reconcile as reconcile,
    )
    from xendit.invoice.webhook import InvoiceEvent as InvoiceEvent
    from xendit.webhook.endpoint import Answer as Answer, Webhook as Webhook
    from xendit.webhook.event import (
        Event as Event,
        OtherEvent as OtherEvent,
        UnreadableEvent as UnreadableEvent,
        read_event as read_event,
    )
    from xendit.webhook.inbox import (
        Added as Added,
        Claim as Claim,
        Inbox as Inbox,
        LeaseLost as LeaseLost,
        Stored as Stored,
        Tally as Tally,
    )
    from xendit.webhook.memory import MemoryInbox as MemoryInbox
    from xendit.webhook.sql import SQLInbox as SQLInbox
    from xendit.webhook.verify import Verifier as Verifier
    from xendit.webhook.worker import TransactionWorker as TransactionWorker, Worker as Worker

_HOMES = {
    "Added": "webhook.inbox",
    "Answer": "webhook.endpoint",
    "Claim": "webhook.inbox",
    "Event": "webhook.event",
    "Inbox": "webhook.inbox",
    "InvoiceEvent": "invoice.webhook",
    "LeaseLost": "webhook.inbox",
    "MemoryInbox": "webhook.memory",
    "OtherEvent": "webhook.event",
    "Reconciled": "invoice.reconciliation",
    "SQLInbox": "webhook.sql",
    "Stored": "webhook.inbox",
    "Tally": "webhook.inbox",
    "TransactionWorker": "webhook.worker",
    "UnreadableEvent": "webhook.event",
    "Verifier": "webhook.verify",
    "Webhook": "webhook.endpoint",
    "Worker": "webhook.worker",
    "confirm": "invoice.reconciliation",
    "read_event": "webhook.event",
    "reconcile": "invoice.reconciliation",
}

__all__ = [
    "Added",
    "Answer",
    "Claim",
    "Event",
    "Inbox",
    "InvoiceEvent",
    "LeaseLost",
    "MemoryInbox",
    "OtherEvent",
    "Reconciled",
    "SQLInbox",
    "Stored",
    "Tally",
    "TransactionWorker",
    "UnreadableEvent",
    "Verifier",
    "Webhook",
    "WebhookBodyException",
    "WebhookException",
    "WebhookSizeException",
    "WebhookTokenException",
    "WebhookTypeException",
    "Worker",
    "confirm",
    "read_event",
    "reconcile",
]


if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    _homes = {name: f"xendit.{_HOMES.get(name, 'exceptions')}" for name in __all__}
    __getattr__, __dir__ = face_of(__name__, _homes.get, _homes.keys)
