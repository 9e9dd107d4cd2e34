"""The declaration of DirectDebit, a direct debit that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model.direct_debit_type import DirectDebitType


class DirectDebit(Model, received=True):
    """A direct debit that an invoice offers, one of `Invoice.available_direct_debits`."""

    direct_debit_type: Given[DirectDebitType, str]
    """The direct debit channel."""
