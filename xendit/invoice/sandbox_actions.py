"""What a test does to an invoice in a sandbox as its payer, its merchant or time would: methods of `Sandbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.actions import SandboxActions
from xendit.sandbox.state.invoice.bodies import invoice_body
from xendit.sandbox.state.invoice.invoices import Invoices

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject


class InvoiceActions(SandboxActions):
    """Pay, fail, expire and settle invoices, and load them from a seed."""

    def pay(
        self,
        invoice_id: str,
        *,
        channel: str | None = None,
        amount: float | Decimal | None = None,
        late: bool = False,
    ) -> JsonObject:
        """Pay an invoice of any account, send the webhook, and give the invoice as the API shows it.

        `channel` is a code such as BCA, OVO, QRIS or CREDIT_CARD; the first that the invoice offers when None.
        `amount` is what was paid; all of it when None. `late` also pays an invoice that has expired, as a payer
        does who wins the race.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PENDING, 400 for another channel or no
        amount.
        """
        invoice = self.book_of(Invoices).pay(invoice_id, channel=channel, amount=amount, late=late)
        self.publish()
        return invoice_body(invoice, self.url)

    def fail(self, invoice_id: str, *, channel: str | None = None, reason: str = "declined") -> JsonObject:
        """Let a payer try in vain: the invoice stays PENDING, and no webhook tells of it. Raises SandboxError."""
        return invoice_body(self.book_of(Invoices).fail(invoice_id, channel=channel, reason=reason), self.url)

    def expire(self, invoice_id: str) -> JsonObject:
        """Expire a PENDING invoice of any account, as its merchant would, and give it as the API shows it.

        Raises SandboxError: 404 for an unknown id or one that is not PENDING.
        """
        invoices = self.book_of(Invoices)
        invoice = invoices.expire(invoices.find(invoice_id).account, invoice_id)
        self.publish()
        return invoice_body(invoice, self.url)

    def settle(self, invoice_id: str) -> JsonObject:
        """Settle a PAID invoice and give it as the API shows it. No webhook tells of it.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PAID.
        """
        return invoice_body(self.book_of(Invoices).settle(invoice_id), self.url)

    def load(self, seed: JsonMapping | str | Path) -> list[JsonObject]:
        """Take over a seed or an export: a dict, or the path of a .toml or .json file (docs/Sandbox.md).

        Gives the invoices as the API shows them. Nobody is told of them. Raises ValueError, OSError.
        """
        planted = self.plant(seed)[Invoices.kind]
        return [invoice_body(self.book_of(Invoices).find(one.id), self.url) for one in planted]
