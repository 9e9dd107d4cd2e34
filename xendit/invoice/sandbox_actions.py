"""Methods of `Sandbox` that do to an invoice what its payer, its merchant or the passing of time would do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from uuid import UUID

from xendit.sandbox.actions import SandboxActions
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.core.given import shown
from xendit.sandbox.state.invoice.bodies import invoice_body
from xendit.sandbox.state.invoice.invoices import Invoices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path
    from typing import TypeAlias

    from xendit.invoice.model import Invoice
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject

    #: The ways in which a test can name an invoice: the model, what the API shows of it, its id, or its external id.
    AnInvoice: TypeAlias = Invoice | Mapping[str, object] | str | int | UUID


class InvoiceActions(SandboxActions):
    """Pay, fail, expire and settle invoices, and load them from a seed.

    Each takes the invoice that was created, its id, or its external id if only one invoice bears that.
    """

    @property
    def invoices(self) -> tuple[JsonObject, ...]:
        """The invoices of all accounts as the API shows them, the newest first."""
        records = self.book_of(Invoices).recent(limit=sys.maxsize)
        return tuple(invoice_body(record, self.url) for record in records)

    def pay(
        self,
        invoice: AnInvoice,
        *,
        channel: str | None = None,
        amount: float | Decimal | None = None,
        late: bool = False,
    ) -> JsonObject:
        """Pay an invoice of any account, send the webhook, and give the invoice as the API shows it.

        `channel` is a code such as BCA, OVO, QRIS or CREDIT_CARD; the first that the invoice offers when None.
        `amount` is what was paid; all of it when None. `late` also pays an invoice that has expired, as a payer
        does who wins the race.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PENDING or several invoices bear the external
        id, 400 for another channel or no amount.
        """
        paid = self.book_of(Invoices).pay(self._meant(invoice), channel=channel, amount=amount, late=late)
        self.publish()
        return invoice_body(paid, self.url)

    def fail(self, invoice: AnInvoice, *, channel: str | None = None, reason: str = "declined") -> JsonObject:
        """Let a payer try in vain: the invoice stays PENDING, and no webhook tells of it. Raises SandboxError."""
        failed = self.book_of(Invoices).fail(self._meant(invoice), channel=channel, reason=reason)
        return invoice_body(failed, self.url)

    def expire(self, invoice: AnInvoice) -> JsonObject:
        """Expire a PENDING invoice of any account, as its merchant would, and give it as the API shows it.

        Raises SandboxError: 404 for an unknown id or one that is not PENDING.
        """
        invoices, invoice_id = self.book_of(Invoices), self._meant(invoice)
        expired = invoices.expire(invoices.find(invoice_id).account, invoice_id)
        self.publish()
        return invoice_body(expired, self.url)

    def settle(self, invoice: AnInvoice) -> JsonObject:
        """Settle a PAID invoice and give it as the API shows it. No webhook tells of it.

        Raises SandboxError: 404 for an unknown id, 409 when it is not PAID.
        """
        return invoice_body(self.book_of(Invoices).settle(self._meant(invoice)), self.url)

    def load(self, seed: JsonMapping | str | Path) -> list[JsonObject]:
        """Take over a seed or an export: a dict, or the path of a .toml or .json file (docs/Sandbox.md).

        Gives the invoices as the API shows them. Nobody is told of them. Raises ValueError, OSError.
        """
        planted = self.plant(seed)[Invoices.kind]
        return [invoice_body(self.book_of(Invoices).find(one.id), self.url) for one in planted]

    def _meant(self, invoice: AnInvoice) -> str:
        """The id of the invoice that is meant.

        Raises SandboxError: 404 when none has this id or external id, 409 when several bear the external id.
        """
        given = invoice if isinstance(invoice, (str, int, UUID)) else invoice["id"]
        text, invoices = str(given), self.book_of(Invoices)
        if invoices.ledger.get(text) is not None:
            return text
        bearing = list(invoices.ledger.bearing(text))
        if len(bearing) > 1:
            raise SandboxError(
                409,
                "SANDBOX_SEVERAL_INVOICES",
                f"{len(bearing)} invoices have that external id; {shown(text)} was given. "
                f"Give the id of one, such as {bearing[0].id}.",
            )
        if not bearing:
            told = f"There is no invoice with that id or external id; {shown(text)} was given."
            raise SandboxError(404, "INVOICE_NOT_FOUND_ERROR", told)
        return bearing[0].id
