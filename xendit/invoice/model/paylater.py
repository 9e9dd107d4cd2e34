"""The declaration of Paylater, a pay-later service that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model.paylater_type import PaylaterType


class Paylater(Model, received=True):
    """A pay-later service that an invoice offers, one of `Invoice.available_paylaters`."""

    paylater_type: Given[PaylaterType, str]
    """The pay-later service."""
    should_exclude: bool | None = None
    """Whether the service is left out of this invoice."""
