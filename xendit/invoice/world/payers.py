"""What payers do: they pay, late or twice or never."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from xendit.invoice.world.orders import CHANNELS
from xendit.marks import mark
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.announcements import Announcement
from xendit.sandbox.state.invoice.bodies import callback_body
from xendit.sandbox.state.invoice.payments import payment_details

if TYPE_CHECKING:
    from xendit.invoice.world.orders import InvoiceShop, Order
    from xendit.testing.world.scenario import Scenario

_HABITS = ("prompt", "prompt", "prompt", "slow", "late", "twice", "never", "cancelled", "cancelled")


class MoneySent(NamedTuple):
    """Money that a payer has sent."""

    order: str
    invoice_id: str
    payment_id: str | None
    is_second: bool
    at: float


class Payers:
    """Everybody who pays in a world."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.world = scenario.world
        self.luck = self.world.stream("payers")
        self.payments: list[MoneySent] = []
        self.cancellations: list[tuple[str, str, float]] = []
        """Invoice, what the shop was told, and when."""

    def show(self, shop: InvoiceShop, order: Order) -> None:
        """A payer sees the payment page of an order."""
        habit = self.luck.choice(_HABITS)
        if habit == "never":
            return
        if habit == "cancelled":
            self.world.at(self.luck.between(1.0, 900.0), lambda _: shop.cancel(order))
            if self.luck.chance() < 0.5:
                return
        wait = {"slow": 3_000.0, "late": 4_000.0}.get(habit, 120.0) * self.luck.chance()
        invoice_id = order.invoice_id
        assert invoice_id is not None
        channel = self.luck.choice(CHANNELS[shop.currency])

        def pay(_: object) -> None:
            self._pay(order, invoice_id, channel, late=habit == "late")
            if habit == "twice":
                self.world.at(self.luck.between(0.0, 600.0), again)

        def again(_: object) -> None:
            self._pay_again(order, invoice_id)

        self.world.at(wait, pay)

    def _pay(self, order: Order, invoice_id: str, channel: str, *, late: bool) -> None:
        gateway = self.scenario.gateway
        try:
            record = gateway.book("invoice").pay(invoice_id, channel=channel, late=late)
        except SandboxError as refusal:
            self.world.note("payer", "cannot pay", f"{order.id}: {refusal.error_code}")
            gateway.publish()
            return
        if len(record.steps) > 2 and record.steps[-2].what == "expired":
            mark("payers: an expired invoice is paid")
        payment = MoneySent(order.id, invoice_id, record.payment.details.get("payment_id"), False, self.world.now)
        self.payments.append(payment)
        self.world.note("payer", "pays", f"{order.id} {invoice_id} {channel}")
        gateway.publish()

    def _pay_again(self, order: Order, invoice_id: str) -> None:
        """Another payment of what is paid: the invoice stays as it is, and a webhook tells of it."""
        gateway = self.scenario.gateway
        record = gateway.book("invoice").ledger.get(invoice_id)
        if record is None or record.payment is None or "payment_id" not in record.payment.details:
            return
        details = payment_details(record, record.payment.channel, gateway.shared.source)
        again = replace(record, status="PAID", payment=replace(record.payment, details=details))
        self.payments.append(MoneySent(order.id, invoice_id, details["payment_id"], True, self.world.now))
        self.world.note("payer", "pays again", f"{order.id} {invoice_id}")
        announcement = Announcement(
            gateway.shared.source.uuid(), "invoice", invoice_id, "PAID", order.id, callback_body(again)
        )
        self.scenario.deliveries.announce(announcement)
