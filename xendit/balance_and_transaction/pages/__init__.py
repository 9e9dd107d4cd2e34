"""The pages of the sandbox's dashboard that are about money: balances and transactions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.sandbox.pages.formats import format_amount
from xendit.sandbox.pages.frame import DashboardPart, Moment, Tone, moment
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.balance_and_transaction.bodies import transaction_body
from xendit.sandbox.state.balance_and_transaction.fees import number
from xendit.sandbox.state.balance_and_transaction.listing import TYPES
from xendit.typed_amount import typed_amount

if TYPE_CHECKING:
    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.frame import Form
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.balance_and_transaction.book import TransactionBook
    from xendit.sandbox.state.balance_and_transaction.record import TransactionRecord
    from xendit.sandbox.web import Request, Response

_PATH = "/_sandbox/ui/transactions"
_TONES: dict[str, Tone] = {"SUCCESS": "good", "PENDING": "wait", "FAILED": "bad", "REVERSED": "bad", "VOIDED": "none"}
_SETTLED: dict[str, Tone] = {"SETTLED": "good", "EARLY_SETTLED": "good", "PENDING": "wait"}


@dataclass(frozen=True)
class BalanceRow:
    """What an account holds in one currency."""

    account: str
    currency: str
    cash: str
    holding: str
    tax: str


@dataclass(frozen=True)
class TransactionRow:
    """A transaction in a list, and on its own page."""

    id: str
    type: str
    status: str
    tone: Tone
    reference: str
    channel: str
    amount: str
    fee: str
    tax: str
    net: str
    settlement: str | None
    settlement_tone: Tone
    settles: Moment | None
    created: Moment
    invoice_id: str | None
    refund_id: str | None


class TransactionPages(DashboardPart):
    """The pages of balances and transactions, and the form that moves money."""

    routes = (
        ("GET", _PATH, "ui_transactions"),
        ("GET", f"{_PATH}/<transaction_id>", "ui_transaction"),
        ("POST", f"{_PATH}/move", "ui_move"),
    )
    wrong_fields = {"move": "amount", "SANDBOX_INVALID_AMOUNT": "amount", "SANDBOX_INVOICE_NOT_PAID": "invoice_id"}  # noqa: RUF012

    def __init__(self, transactions: TransactionBook, stage: Stage, guard: Guard) -> None:
        super().__init__(transactions.shared, stage, guard)
        self._transactions = transactions

    def ui_transactions(self, request: Request) -> Response:
        """Show the balances, and list the transactions of every account, newest first."""
        return self.page(
            request,
            "transactions",
            "balance_and_transaction/transactions.html",
            path=_PATH,
            types=TYPES,
            balances=self._balances(),
            currency=self._shared.assumptions.default_currency,
            **self.listing(request, _PATH, self._transactions.recent, transaction_row),
        )

    def ui_transaction(self, request: Request, transaction_id: str) -> Response:
        """Show a transaction: what was kept of it, when it is settled, and what it belongs to."""
        try:
            found = self._transactions.find(transaction_id)
        except SandboxError:
            return self.missing(request, "transactions", "No such transaction", (_PATH, "All transactions"))
        return self.page(
            request,
            "transactions",
            "balance_and_transaction/transaction.html",
            path=_PATH,
            row=transaction_row(found),
            json=json.dumps(transaction_body(found), indent=2, ensure_ascii=False),
        )

    def ui_move(self, request: Request) -> Response:
        """Make a transaction."""
        return self.act(request, self._move)

    def _move(self, form: Form) -> str:
        invoice_id = form.get("invoice_id", "").strip() or None
        paid = None if invoice_id is None else self._transactions.payment(invoice_id=invoice_id)
        currency = self._shared.assumptions.default_currency if paid is None else paid.currency
        asked = {
            "type": form.get("type", ""),
            "amount": number(typed_amount(form.get("amount", "").strip(), currency)),
            "cashflow": form.get("cashflow", ""),
            "invoice_id": invoice_id,
            "reference_id": form.get("reference_id", "").strip() or None,
        }
        made = self._transactions.move(self._shared.account(self._stage.api_key), asked)
        return f"{transaction_row(made).amount} moved."

    def _balances(self) -> list[BalanceRow]:
        """What each account holds; the account is named where there are several."""
        held = self._transactions.all_balances()
        return [
            BalanceRow(
                account if len(held) > 1 else "",
                currency,
                format_amount(parts["CASH"], currency),
                format_amount(parts["HOLDING"], currency),
                format_amount(parts["TAX"], currency),
            )
            for account, balances in held.items()
            for currency, parts in sorted(balances.items())
        ]


def transaction_row(record: TransactionRecord) -> TransactionRow:
    """Show a transaction. What went out is negative."""
    sign = -1 if record.cashflow == "MONEY_OUT" else 1
    estimated = record.estimated_settlement_time
    settlement = record.settlement_status
    return TransactionRow(
        id=record.id,
        type=record.type.replace("_", " ").capitalize(),
        status=record.status,
        tone=_TONES.get(record.status, "none"),
        reference=record.reference_id,
        channel=record.channel_code or record.channel_category,
        amount=format_amount(sign * record.amount, record.currency),
        fee=format_amount(record.xendit_fee, record.currency),
        tax=format_amount(record.value_added_tax, record.currency),
        net=format_amount(sign * record.net_amount, record.currency),
        settlement=settlement,
        settlement_tone=_SETTLED.get(settlement or "", "none"),
        settles=None if estimated is None or settlement != "PENDING" else moment(estimated),
        created=moment(record.created),
        invoice_id=record.payment_link_id or None,
        refund_id=record.product_id if record.type == "REFUND" else None,
    )
