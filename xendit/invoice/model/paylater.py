"""The declaration of Paylater, a pay-later service that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model, OpenEnum


class PaylaterType(OpenEnum):
    """A pay-later service, in `Paylater.paylater_type`. All of them require `CreateInvoiceRequest.items`."""

    KREDIVO = "KREDIVO"
    AKULAKU = "AKULAKU"
    UANGME = "UANGME"
    BILLEASE = "BILLEASE"
    CASHALO = "CASHALO"
    ATOME = "ATOME"


class Paylater(Model, received=True):
    """A pay-later service that an invoice offers, one of `Invoice.available_paylaters`."""

    paylater_type: Given[PaylaterType, str]
    """The pay-later service."""
    should_exclude: bool | None = None
    """Whether the service is left out of this invoice."""
