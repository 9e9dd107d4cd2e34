"""The declaration of PaylaterType, the pay-later services that pay invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


class PaylaterType(OpenEnum):
    """A pay-later service, in `Paylater.paylater_type`. All of them require `CreateInvoiceRequest.items`."""

    KREDIVO = "KREDIVO"
    AKULAKU = "AKULAKU"
    UANGME = "UANGME"
    BILLEASE = "BILLEASE"
    CASHALO = "CASHALO"
    ATOME = "ATOME"
