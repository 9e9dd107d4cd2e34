"""What happens when Xendit says that an invoice was paid or has expired."""

from shop.models import Order
from xendit.webhook import Handlers, InvoiceEvent, TransactionWorker, Webhook
from xendit.webhook.django import DjangoInbox

handle = Handlers()


@handle.paid
def settle_order(event: InvoiceEvent, connection: object) -> None:
    """Mark the order, in the same transaction as the event: both happen, or neither."""
    order = order_of(event)
    if not event.matches(amount=order.amount, currency="IDR", external_id=order.external_id):
        raise ValueError("not what was ordered")  # a dead letter in the end, for a person to look at
    order.status = "paid"
    order.save()


@handle.expired
def release_order(event: InvoiceEvent, connection: object) -> None:
    """Nobody paid in time; the coffee goes back to the shelf."""
    order = order_of(event)
    if order.status == "pending":
        order.status = "expired"
        order.save()


@handle.second_payment
def note_second_payment(event: InvoiceEvent, connection: object) -> None:
    """One order, two payments: a person gives one of them back."""
    order = order_of(event)
    order.status = "paid twice"
    order.save()


def order_of(event: InvoiceEvent) -> Order:
    """The order that an invoice is for, held until the worker commits."""
    return Order.objects.select_for_update().get(pk=int(event.external_id.removeprefix("order-")))


inbox = DjangoInbox()
worker = TransactionWorker(inbox, handle)
# Each event is handled in its own request. What failed is tried again by
# `manage.py xendit_drain --once`: let cron run it each minute.
webhook = Webhook(inbox, enqueue=worker.process)
