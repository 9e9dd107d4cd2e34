"""The declaration of Ewallet, an e-wallet that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model.ewallet_type import EwalletType


class Ewallet(Model, received=True):
    """An e-wallet that an invoice offers, one of `Invoice.available_ewallets`."""

    ewallet_type: Given[EwalletType, str]
    """The e-wallet."""
