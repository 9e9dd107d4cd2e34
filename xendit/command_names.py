"""What the products add to the top of the command line, so that `xendit --help` loads none of them.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, str | None, str]] = {
    "invoices": ("invoice", None, "The Invoice API, from a shell."),
    "balance": ("balance_and_transaction", "BalanceApi", "The Balance API, from a shell."),
    "transactions": ("balance_and_transaction", "TransactionApi", "The Transaction API, from a shell."),
    "refunds": ("refund", None, "The Refund API, from a shell."),
    "reports": ("transaction_report", None, "The Report API, from a shell."),
}
"""The groups of commands that are derived from operations: the product's folder, the API class where the product has several,
and a line of help."""
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "trigger": (
        "xendit.invoice.commands.triggering",
        "trigger",
        "Make something happen, and your endpoint hear of it.",
    ),
    "mcp": ("xendit.invoice.commands.assisting", "mcp", "Serve the sandbox to an assistant (Model Context Protocol)."),
}
"""Single commands: the module, the name of its function, and a line of help."""
