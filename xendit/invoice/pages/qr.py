"""The QR code of an invoice: a payload that any reader decodes and no wallet pays, drawn as SVG.

The payload has the shape of the national QR codes of the region (EMV merchant-presented mode, as QRIS, QR Ph and
PromptPay are): fields of two digits, a length and a text, and a checksum at the end. Its merchant account is the
reserved name `sandbox.invalid`, which no payment network knows. segno is imported here, with the first code.
"""

from __future__ import annotations

import binascii
import io
from typing import TYPE_CHECKING

from xendit.sandbox.pages.formats import exactly

if TYPE_CHECKING:
    from xendit.sandbox.state.invoice.record import InvoiceRecord

#: ISO 4217's number and ISO 3166's code of where a currency is paid.
_COUNTRIES = {
    "IDR": ("360", "ID"),
    "PHP": ("608", "PH"),
    "THB": ("764", "TH"),
    "VND": ("704", "VN"),
    "MYR": ("458", "MY"),
    "USD": ("840", "US"),
}


def _field(number: str, text: str) -> str:
    return f"{number}{len(text):02d}{text}"


def payload(invoice: InvoiceRecord) -> str:
    """Give the text of an invoice's QR code: amount, currency, and the invoice's id as reference label."""
    number, country = _COUNTRIES[invoice.currency]
    text = (
        _field("00", "01")  # the format
        + _field("01", "12")  # dynamic: for one payment
        + _field("26", _field("00", "sandbox.invalid"))
        + _field("52", "0000")  # no merchant category
        + _field("53", number)
        + _field("54", f"{exactly(invoice.amount):f}"[:13])
        + _field("58", country)
        + _field("59", "SANDBOX NOT A MERCHANT")
        + _field("60", "LOCALHOST")
        + _field("62", _field("05", invoice.id))
        + "6304"
    )
    return f"{text}{binascii.crc_hqx(text.encode('ascii'), 0xFFFF):04X}"


def svg(text: str) -> str:
    """Draw a text as a QR code: one SVG element of dark squares on white, quiet zone included, without any style."""
    import segno  # `web` has seen that it is there

    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, nl=False, omitsize=True, border=4, light="#fff", dark="#000",
        svgclass="qr", lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode("ascii")
