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
    from xendit.webhook.endpoint import Answer as Answer, Webhook as Webhook
    from xendit.webhook.event import (
        Event as Event,
        InvoiceEvent as InvoiceEvent,
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
    from xendit.webhook.reconciliation import (
        Reconciled as Reconciled,
        confirm as confirm,
        reconcile as reconcile,
    )
    from xendit.webhook.sql import SQLInbox as SQLInbox
    from xendit.webhook.verify import Verifier as Verifier
    from xendit.webhook.worker import TransactionWorker as TransactionWorker, Worker as Worker

_HOMES = {
    "Added": "inbox",
    "Answer": "endpoint",
    "Claim": "inbox",
    "Event": "event",
    "Inbox": "inbox",
    "InvoiceEvent": "event",
    "LeaseLost": "inbox",
    "MemoryInbox": "memory",
    "OtherEvent": "event",
    "Reconciled": "reconciliation",
    "SQLInbox": "sql",
    "Stored": "inbox",
    "Tally": "inbox",
    "TransactionWorker": "worker",
    "UnreadableEvent": "event",
    "Verifier": "verify",
    "Webhook": "endpoint",
    "Worker": "worker",
    "confirm": "reconciliation",
    "read_event": "event",
    "reconcile": "reconciliation",
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

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name not in __all__:
            raise AttributeError(f"module 'xendit.webhook' has no attribute {name!r}")
        home = f"xendit.webhook.{_HOMES[name]}" if name in _HOMES else "xendit.exceptions"
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
