"""What a test does to the money of a sandbox: methods of `Sandbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.actions import SandboxActions
from xendit.sandbox.state.balance_and_transaction.bodies import transaction_body
from xendit.sandbox.state.balance_and_transaction.book import TransactionBook

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject


class TransactionActions(SandboxActions):
    """Make transactions that follow from nothing else in the sandbox."""

    def move_money(
        self,
        type: str,
        amount: float,
        *,
        invoice_id: str | None = None,
        cashflow: str = "MONEY_OUT",
        currency: str | None = None,
        reference_id: str | None = None,
        for_user_id: str | None = None,
    ) -> JsonObject:
        """Make a transaction such as a CHARGEBACK, a WITHDRAWAL or an adjustment, and give it as the API shows it.

        `invoice_id` names the paid invoice to which it belongs; without it, the transaction is one of the account of
        `api_key`, or of a sub-account. Raises SandboxError: 400 or 404.
        """
        account = self.account(for_user_id)
        asked = {"type": type, "amount": amount, "invoice_id": invoice_id, "cashflow": cashflow}
        asked |= {"currency": currency, "reference_id": reference_id}
        return transaction_body(self.book_of(TransactionBook).move(account, asked))
