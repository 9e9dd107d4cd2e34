"""The declaration of QrCodeType, the QR code standards that pay invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


class QrCodeType(OpenEnum):
    """A national standard of QR payments, in `QrCode.qr_code_type`."""

    QRIS = "QRIS"
    """Indonesia."""
    PROMPTPAY = "PROMPTPAY"
    """Thailand."""
    QRPH = "QRPH"
    """The Philippines."""
