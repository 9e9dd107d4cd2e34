"""The declaration of QrCode, a QR payment that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model.qr_code_type import QrCodeType


class QrCode(Model, received=True):
    """A QR payment that an invoice offers, one of `Invoice.available_qr_codes`."""

    qr_code_type: Given[QrCodeType, str]
    """The standard of the QR code."""
