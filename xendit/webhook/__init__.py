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
    from xendit.webhook.async_sql import AsyncSQLInbox as AsyncSQLInbox
    from xendit.webhook.async_worker import (
        AsyncTransactionWorker as AsyncTransactionWorker,
        AsyncWorker as AsyncWorker,
    )
    from xendit.webhook.endpoint import Answer as Answer, Webhook as Webhook
    from xendit.webhook.event import (
        Event as Event,
        OtherEvent as OtherEvent,
        UnreadableEvent as UnreadableEvent,
        read_event as read_event,
    )
    from xendit.webhook.handlers import Handlers as Handlers
    from xendit.webhook.inbox import (
        Added as Added,
        AsyncInbox as AsyncInbox,
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

if TYPE_CHECKING:  # what belongs to the products, by docs/build.py
    from xendit.invoice.reconciliation import Reconciled as Reconciled, confirm as confirm, reconcile as reconcile
    from xendit.invoice.webhook import InvoiceEvent as InvoiceEvent
    from xendit.refund.webhook import RefundEvent as RefundEvent
    from xendit.transaction_report.webhook import ReportEvent as ReportEvent

_HOMES = {
    "Added": "xendit.webhook.inbox",
    "Answer": "xendit.webhook.endpoint",
    "AsyncInbox": "xendit.webhook.inbox",
    "AsyncSQLInbox": "xendit.webhook.async_sql",
    "AsyncTransactionWorker": "xendit.webhook.async_worker",
    "AsyncWorker": "xendit.webhook.async_worker",
    "Claim": "xendit.webhook.inbox",
    "Event": "xendit.webhook.event",
    "Handlers": "xendit.webhook.handlers",
    "Inbox": "xendit.webhook.inbox",
    "LeaseLost": "xendit.webhook.inbox",
    "MemoryInbox": "xendit.webhook.memory",
    "OtherEvent": "xendit.webhook.event",
    "SQLInbox": "xendit.webhook.sql",
    "Stored": "xendit.webhook.inbox",
    "Tally": "xendit.webhook.inbox",
    "TransactionWorker": "xendit.webhook.worker",
    "UnreadableEvent": "xendit.webhook.event",
    "Verifier": "xendit.webhook.verify",
    "Webhook": "xendit.webhook.endpoint",
    "WebhookBodyException": "xendit.exceptions",
    "WebhookException": "xendit.exceptions",
    "WebhookSizeException": "xendit.exceptions",
    "WebhookTokenException": "xendit.exceptions",
    "WebhookTypeException": "xendit.exceptions",
    "Worker": "xendit.webhook.worker",
    "read_event": "xendit.webhook.event",
}
"""Each name that is no product's, with the module that has it."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import webhook_face

    __getattr__, __dir__ = webhook_face(__name__, _HOMES)
