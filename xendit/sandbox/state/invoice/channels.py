"""Payment channels: which exist for a currency, of what kind each is, and how an invoice lists them.

The codes are those of the official parameter texts and of real bodies (facts in docs/Fidelity.md). Nothing here
knows of invoices or accounts.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(Enum):
    """The kind of a channel; the value is the `payment_method` of a paid invoice."""

    BANK = "BANK_TRANSFER"
    RETAIL = "RETAIL_OUTLET"
    EWALLET = "EWALLET"
    QR = "QR_CODE"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    PAYLATER = "PAYLATER"
    CARD = "CREDIT_CARD"


_FPX = "UOB PUBLIC AFFIN AGRO ALLIANCE AMBANK ISLAM MUAMALAT BOC RAKYAT BSN CIMB HLB HSBC KFH MAYB2U OCBC RHB SCH"
_FPX_BUSINESS = (
    "AFFIN AGRO ALLIANCE AMBANK ISLAM MUAMALAT BNP CIMB CITIBANK DEUTSCHE HLB HSBC RAKYAT KFH MAYB2E OCBC PUBLIC "
    "RHB SCH UOB"
)
_ONLINE_BANKING = (
    "BDO BPI UNIONBANK BOC CHINABANK INSTAPAY LANDBANK MAYBANK METROBANK PNB PSBANK PESONET RCBC ROBINSONS_BANK "
    "SECURITY_BANK"
)

_CODES: dict[str, dict[Kind, str]] = {
    "IDR": {
        Kind.BANK: "BCA BNI BSI BRI MANDIRI PERMATA SAHABAT_SAMPOERNA BNC CIMB BJB",
        Kind.RETAIL: "ALFAMART INDOMARET",
        Kind.EWALLET: "OVO DANA SHOPEEPAY LINKAJA JENIUSPAY ASTRAPAY NEXCASH",
        Kind.QR: "QRIS",
        Kind.DIRECT_DEBIT: "DD_BRI DD_BCA_KLIKPAY DD_MANDIRI",
        Kind.PAYLATER: "KREDIVO AKULAKU ATOME UANGME",
        Kind.CARD: "CREDIT_CARD",
    },
    "PHP": {
        Kind.RETAIL: "7ELEVEN CEBUANA DP_MLHUILLIER DP_PALAWAN DP_ECPAY_LOAN",
        Kind.EWALLET: "PAYMAYA GRABPAY GCASH SHOPEEPAY",
        Kind.QR: "QRPH",
        Kind.DIRECT_DEBIT: "DD_BPI DD_UBP DD_RCBC DD_BDO_EPAY "
        + " ".join(f"{bank}_ONLINE_BANKING" for bank in _ONLINE_BANKING.split()),
        Kind.PAYLATER: "BILLEASE CASHALO",
        Kind.CARD: "CREDIT_CARD",
    },
    "THB": {
        Kind.EWALLET: "LINEPAY WECHATPAY TRUEMONEY SHOPEEPAY",
        Kind.QR: "PROMPTPAY",
        Kind.DIRECT_DEBIT: "DD_SCB_MB DD_BBL_MB DD_KTB_MB DD_BAY_MB DD_KBANK_MB",
        Kind.CARD: "CREDIT_CARD",
    },
    "VND": {
        Kind.BANK: "WOORI VIETCAPITAL VPB BIDV",
        Kind.EWALLET: "APPOTA ZALOPAY VNPTWALLET VIETTELPAY SHOPEEPAY",
        Kind.CARD: "CREDIT_CARD",
    },
    "MYR": {
        Kind.EWALLET: "TOUCHNGO WECHATPAY",
        Kind.DIRECT_DEBIT: " ".join(
            [f"DD_{bank}_FPX" for bank in _FPX.split()] + [f"DD_{bank}_FPX_BUSINESS" for bank in _FPX_BUSINESS.split()]
        ),
        Kind.CARD: "CREDIT_CARD",
    },
    "USD": {Kind.CARD: "CREDIT_CARD"},
}

CHANNELS: dict[str, dict[str, Kind]] = {
    currency: {code: kind for kind, codes in kinds.items() for code in codes.split()}
    for currency, kinds in _CODES.items()
}
"""currency → channel code → kind, banks first."""

#: Which list of an invoice names the channels of a kind, and the key of the code in its entries.
LISTS: dict[Kind, tuple[str, str]] = {
    Kind.BANK: ("available_banks", "bank_code"),
    Kind.RETAIL: ("available_retail_outlets", "retail_outlet_name"),
    Kind.EWALLET: ("available_ewallets", "ewallet_type"),
    Kind.QR: ("available_qr_codes", "qr_code_type"),
    Kind.DIRECT_DEBIT: ("available_direct_debits", "direct_debit_type"),
    Kind.PAYLATER: ("available_paylaters", "paylater_type"),
}

CURRENCIES = tuple(CHANNELS)

#: Other spellings of a code that requests use → the code. Published plug-ins write the banks of FPX without `DD_`.
SPELLINGS: dict[str, str] = {code[3:]: code for code in CHANNELS["MYR"] if "_FPX" in code}


def known_code(code: str) -> str:
    """Give the code that this sandbox uses for a channel, whichever way it was spelt."""
    return SPELLINGS.get(code, code)


def available(currency: str, methods: Iterable[str]) -> tuple[str, ...]:
    """Name the channels an invoice offers, in our order: all of its currency, or those asked for."""
    offered = CHANNELS[currency]
    asked = set(methods)
    return tuple(code for code in offered if not asked or code in asked)
