"""The shop's tests: `python manage.py test`. The sandbox runs in this process, so nothing is waited for."""

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test import TransactionTestCase

from shop.models import Order
from shop.webhooks import handle
from xendit.sandbox import Sandbox
from xendit.testing import use_sandbox
from xendit.testing.world.users import UserWorlds
from xendit.webhook import InvoiceEvent


class ShopTest(TransactionTestCase):
    """From the order to the receipt."""

    def setUp(self) -> None:
        """A sandbox of its own for each test, which the shop's client and endpoint follow."""
        self.sandbox = Sandbox().start()
        self.addCleanup(self.sandbox.close)
        standing_in = use_sandbox(self.sandbox)
        standing_in.__enter__()
        self.addCleanup(standing_in.__exit__, None, None, None)
        self.sandbox.deliver_to(get_wsgi_application(), "/webhooks/xendit")

    def buy(self) -> tuple[Order, str]:
        """Buy something, and give the order and the id of its invoice."""
        response = self.client.post("/orders")
        assert response.status_code == 302
        return Order.objects.get(), response["Location"].rpartition("/")[2]

    def test_an_order_is_paid_once(self) -> None:
        """The webhook marks it, and a second one changes nothing."""
        order, invoice_id = self.buy()
        assert order.status == "pending"
        self.sandbox.pay(invoice_id)
        assert self.sandbox.deliveries[-1].status == 200
        order.refresh_from_db()
        assert order.status == "paid"
        self.sandbox.resend(self.sandbox.deliveries[-1])
        assert self.sandbox.deliveries[-1].status == 200
        assert "is paid" in self.client.get(f"/orders/{order.pk}").content.decode()

    def test_an_order_expires(self) -> None:
        """Nobody pays for a day."""
        order, _ = self.buy()
        self.sandbox.advance("25h")
        order.refresh_from_db()
        assert order.status == "expired"

    def test_orders_are_marked_in_bad_weather(self) -> None:
        """In simulated worlds an order that was paid ends as paid, and no other one, whatever is killed, doubled or lost."""

        def settle(event: InvoiceEvent) -> None:
            with transaction.atomic():
                # The world has created the order and its price; here its row follows when the first webhook comes.
                amount = event.callback.amount
                Order.objects.get_or_create(
                    pk=int(event.external_id.removeprefix("order-")), defaults={"amount": amount}
                )
                handle.function_for(event)(event, connection)

        def count_paid(external_id: str) -> int:
            number = int(external_id.removeprefix("order-"))
            return Order.objects.filter(pk=number, status__in=["paid", "paid twice"]).count()

        for world in UserWorlds(range(20)):
            Order.objects.all().delete()
            world.run(settle, fulfilled=count_paid)
