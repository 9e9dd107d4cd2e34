"""Every sentence of the payment page, in English and Indonesian, and which of the two a payer gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xendit.sandbox.state.invoice.channels import ChannelKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.sandbox.pages.formats import Language

LANGUAGES: dict[Language, str] = {"en": "English", "id": "Bahasa Indonesia"}
"""Language → what it calls itself."""

TEXTS: dict[str, tuple[str, str]] = {
    "skip": ("Skip to payment", "Langsung ke pembayaran"),
    "banner": (
        "A test page on your own machine, not Xendit. No money moves.",
        "Halaman uji di komputer Anda sendiri, bukan Xendit. Tidak ada uang yang berpindah.",
    ),
    "language": ("Language", "Bahasa"),
    "title": ("Pay {amount}", "Bayar {amount}"),
    "to": ("Payment to", "Pembayaran kepada"),
    "amount": ("Amount", "Jumlah"),
    "amount_due": ("Amount due", "Jumlah tagihan"),
    "amount_paid": ("Amount paid", "Jumlah dibayar"),
    "pay_before": ("Pay before", "Bayar sebelum"),
    "expired_at": ("Expired", "Kedaluwarsa"),
    "time_left": ("Time left", "Sisa waktu"),
    "details": ("Order details", "Rincian pesanan"),
    "description": ("Description", "Keterangan"),
    "reference": ("Reference", "Nomor referensi"),
    "invoice": ("Invoice", "Tagihan"),
    "payer": ("Payer", "Pembayar"),
    "items": ("Items", "Barang"),
    "fees": ("Fees", "Biaya"),
    "total": ("Total", "Total"),
    "sum_differs": (
        "Items and fees add up to {sum}; the invoice is for {amount}.",
        "Barang dan biaya berjumlah {sum}; tagihan ini sebesar {amount}.",
    ),
    "choose": ("Choose how to pay", "Pilih cara pembayaran"),
    "back": ("All payment methods", "Semua cara pembayaran"),
    "pay_by": ("Pay with {method}", "Bayar dengan {method}"),
    "account_number": ("Virtual account number", "Nomor virtual account"),
    "account_name": ("Account name", "Nama rekening"),
    "payment_code": ("Payment code", "Kode pembayaran"),
    "copy": ("Copy", "Salin"),
    "copied": ("Copied", "Tersalin"),
    "qr_label": ("QR code for {method}", "Kode QR untuk {method}"),
    "status": ("Status", "Status"),
    "paid": ("Payment received", "Pembayaran diterima"),
    "paid_text": (
        "Thank you. The shop is being told.",
        "Terima kasih. Toko sedang diberi tahu.",
    ),
    "failed": ("Payment failed", "Pembayaran gagal"),
    "failed_text": (
        "Nothing was charged. The invoice can still be paid.",
        "Tidak ada yang ditagih. Tagihan ini masih dapat dibayar.",
    ),
    "try_again": ("Try again", "Coba lagi"),
    "expired": ("This invoice has expired", "Tagihan ini sudah kedaluwarsa"),
    "expired_text": (
        "It can no longer be paid. Please ask the shop for a new one.",
        "Tagihan ini tidak dapat dibayar lagi. Silakan minta yang baru kepada toko.",
    ),
    "paid_with": ("Paid with", "Dibayar dengan"),
    "paid_at": ("Paid on", "Dibayar pada"),
    "return": ("Return to the shop", "Kembali ke toko"),
    "returning": (
        "You will be taken back to the shop in a moment.",
        "Anda akan segera dibawa kembali ke toko.",
    ),
    "stay": ("Stay on this page", "Tetap di halaman ini"),
    "returns_to": ("The shop's address", "Alamat toko"),
    "missing": ("No such invoice", "Tagihan tidak ditemukan"),
    "missing_text": (
        "The sandbox knows no invoice with this id. It may have been reset since the link was made.",
        "Sandbox tidak mengenal tagihan dengan id ini. Mungkin sandbox sudah diatur ulang sejak tautan dibuat.",
    ),
    "all_invoices": ("All invoices of this sandbox", "Semua tagihan di sandbox ini"),
    "stale": (
        "This page was out of date, so nothing was done. Please try again.",
        "Halaman ini sudah usang, jadi tidak ada yang dilakukan. Silakan coba lagi.",
    ),
    "controls": ("Sandbox controls", "Kendali sandbox"),
    "controls_text": ("You decide how it ends.", "Anda yang menentukan hasilnya."),
    "act_pay": ("Pay with {method}", "Bayar dengan {method}"),
    "act_fail": ("Fail", "Gagalkan"),
    "act_expire": ("Expire", "Kedaluwarsakan"),
    "after_success": ("After success", "Setelah berhasil"),
    "after_failure": ("After failure", "Setelah gagal"),
    "dashboard": ("Time line and webhooks", "Linimasa dan webhook"),
}
"""Name → the English and the Indonesian sentence."""

GROUPS: dict[ChannelKind, tuple[str, str]] = {
    ChannelKind.BANK: ("Bank transfer", "Transfer bank"),
    ChannelKind.CARD: ("Cards", "Kartu"),
    ChannelKind.EWALLET: ("E-wallets", "Dompet digital"),
    ChannelKind.QR: ("QR code", "Kode QR"),
    ChannelKind.RETAIL: ("Retail outlets", "Gerai ritel"),
    ChannelKind.DIRECT_DEBIT: ("Online banking", "Perbankan daring"),
    ChannelKind.PAYLATER: ("Pay later", "Bayar nanti"),
}

STEPS: dict[ChannelKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ChannelKind.BANK: (
        (
            "Open the app of any bank, or go to an ATM.",
            "Choose transfer to a virtual account and enter the number above.",
            "Check the name and the amount, and confirm.",
        ),
        (
            "Buka aplikasi bank mana pun, atau pergi ke ATM.",
            "Pilih transfer ke virtual account dan masukkan nomor di atas.",
            "Periksa nama dan jumlahnya, lalu konfirmasi.",
        ),
    ),
    ChannelKind.CARD: (
        (
            "Here the payer types the card number, and the bank may ask for a code.",
            "The sandbox wants no card: never type a real number into a test page.",
        ),
        (
            "Di sini pembayar mengetik nomor kartu, dan bank dapat meminta kode.",
            "Sandbox tidak memerlukan kartu: jangan pernah mengetik nomor asli di halaman uji.",
        ),
    ),
    ChannelKind.EWALLET: (
        (
            "Here the payer is taken to the wallet's app.",
            "There the amount is confirmed with a PIN, and the wallet leads back here.",
        ),
        (
            "Di sini pembayar dibawa ke aplikasi dompet digital.",
            "Di sana jumlahnya dikonfirmasi dengan PIN, lalu dompet membawa kembali ke sini.",
        ),
    ),
    ChannelKind.QR: (
        (
            "Open an app that pays by QR code and scan this one.",
            "Check the amount and confirm with the PIN.",
            "Any reader decodes this code; no wallet can pay it.",
        ),
        (
            "Buka aplikasi yang dapat membayar dengan kode QR dan pindai kode ini.",
            "Periksa jumlahnya dan konfirmasi dengan PIN.",
            "Semua pemindai dapat membaca kode ini; tidak ada dompet yang dapat membayarnya.",
        ),
    ),
    ChannelKind.RETAIL: (
        (
            "Go to the counter and say that you want to pay a bill.",
            "Show the payment code above and pay in cash.",
            "Keep the receipt.",
        ),
        (
            "Pergi ke kasir dan katakan bahwa Anda ingin membayar tagihan.",
            "Tunjukkan kode pembayaran di atas dan bayar tunai.",
            "Simpan struknya.",
        ),
    ),
    ChannelKind.DIRECT_DEBIT: (
        ("Here the payer is taken to the bank's page, signs in and confirms.",),
        ("Di sini pembayar dibawa ke halaman bank, masuk, dan mengonfirmasi.",),
    ),
    ChannelKind.PAYLATER: (
        ("Here the payer is taken to the lender, signs in and picks instalments.",),
        ("Di sini pembayar dibawa ke pemberi pinjaman, masuk, dan memilih cicilan.",),
    ),
}

STATUSES: dict[str, tuple[str, str]] = {
    "PENDING": ("Waiting for payment", "Menunggu pembayaran"),
    "PAID": ("Paid", "Lunas"),
    "SETTLED": ("Paid and settled", "Lunas dan diselesaikan"),
    "EXPIRED": ("Expired", "Kedaluwarsa"),
}

_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:[-_][A-Za-z0-9]{1,8})*\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII)


class Texts:
    """The sentences of one language: `texts("pay_by", method="BCA")`."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._column = 0 if language == "en" else 1

    def __call__(self, name: str, **values: str) -> str:
        """Give a sentence with its values put in; as plain text, for the template to escape."""
        return TEXTS[name][self._column].format_map(values)

    def group(self, kind: ChannelKind) -> str:
        """Call a group of channels by name."""
        return GROUPS[kind][self._column]

    def steps(self, kind: ChannelKind) -> tuple[str, ...]:
        """Say how a payer pays over a channel of this kind, step by step."""
        return STEPS[kind][self._column]

    def status(self, status: str) -> str:
        """Say where an invoice stands; a status that nobody knows is its own name."""
        return STATUSES.get(status, (status, status))[self._column]


def _known(text: object) -> Language | None:
    short = re.split(r"[-_]", text.lower(), maxsplit=1)[0] if isinstance(text, str) else ""
    if short in ("id", "in"):  # `in` is the old code of Indonesian
        return "id"
    return "en" if short == "en" else None


def choose_language(asked: object, locale: object, accepted: str) -> Language:
    """Pick the language: what the payer asked for, what the invoice says, what the browser prefers, English."""
    for text in (asked, locale, *_preferred(accepted)):
        language = _known(text)
        if language is not None:
            return language
    return "en"


def _preferred(accepted: str) -> Iterable[str]:
    """Order the languages of an Accept-Language header, of which only the first few count."""
    found = []
    for position, part in enumerate(accepted[:1_000].split(",")[:20]):
        match = _RANGE.fullmatch(part)
        if match and (quality := float(match.group(2) or 1)) > 0:
            found.append((-quality, position, match.group(1)))
    return [name for _, _, name in sorted(found)]
