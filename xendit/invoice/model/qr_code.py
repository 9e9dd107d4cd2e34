"""The declaration of QrCode, a QR payment that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model, OpenEnum


class QrCodeType(OpenEnum):
    """A national standard of QR payments, in `QrCode.qr_code_type`."""

    QRIS = "QRIS"
    """Indonesia."""
    PROMPTPAY = "PROMPTPAY"
    """Thailand."""
    QRPH = "QRPH"
    """The Philippines."""


class QrCode(Model, received=True):
    """A QR payment that an invoice offers, one of `Invoice.available_qr_codes`."""

    qr_code_type: Given[QrCodeType, str]
    """The standard of the QR code."""
