"""What the Balance and Transaction APIs declare of themselves, only in literals, because docs/build.py reads them."""

from __future__ import annotations

from xendit.products import Product

PRODUCT = Product(
    folder="balance_and_transaction",
    noun="transaction",
    title="Balance and Transaction APIs",
    apis={"BalanceApi": "balance_api", "TransactionApi": "transaction_api"},
    probe=("/balance", "Money-out Read"),
    groups={"BalanceApi": "balance", "TransactionApi": "transactions"},
    answers=("Balance", "TransactionsResponse", "TransactionResponse"),
    requests=("DateRangeFilter",),
    sandbox_actions="TransactionActions",
)
