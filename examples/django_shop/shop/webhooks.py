"""What happens when Xendit says that an invoice was paid or has expired."""

from shop.models import Order
from xendit.webhook import InvoiceEvent, TransactionWorker, Webhook
from xendit.webhook.django import DjangoInbox


def settle_order(event: InvoiceEvent, connection: object) -> None:
    """Mark the order, in the same transaction as the event: both happen, or neither."""
    order = Order.objects.select_for_update().get(pk=event.external_id)
    if event.is_paid and event.matches(amount=order.amount, currency="IDR", external_id=order.pk):
        order.status = "paid"
    elif event.is_expired and order.status == "pending":
        order.status = "expired"
    order.save()


inbox = DjangoInbox()
worker = TransactionWorker(inbox, settle_order)
webhook = Webhook(inbox, enqueue=worker.process)
