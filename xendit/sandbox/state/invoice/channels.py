"""Payment channels: which exist for a currency, of what kind each is, and how an invoice lists them.

The codes are those of the official parameter texts and of real bodies (docs/Fidelity.md says which). Nothing here
knows of invoices or accounts.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ChannelKind(Enum):
    """The kind of a channel; the value is the `payment_method` of a paid invoice."""

    BANK = "BANK_TRANSFER"
    RETAIL = "RETAIL_OUTLET"
    EWALLET = "EWALLET"
    QR = "QR_CODE"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    PAYLATER = "PAYLATER"
    CARD = "CREDIT_CARD"


#: Every kind, by the text that bodies have.
KINDS = tuple(kind.value for kind in ChannelKind)

_FPX = "UOB PUBLIC AFFIN AGRO ALLIANCE AMBANK ISLAM MUAMALAT BOC RAKYAT BSN CIMB HLB HSBC KFH MAYB2U OCBC RHB SCH"
_FPX_BUSINESS = (
    "AFFIN AGRO ALLIANCE AMBANK ISLAM MUAMALAT BNP CIMB CITIBANK DEUTSCHE HLB HSBC RAKYAT KFH MAYB2E OCBC PUBLIC "
    "RHB SCH UOB"
)
_ONLINE_BANKING = (
    "BDO BPI UNIONBANK BOC CHINABANK INSTAPAY LANDBANK MAYBANK METROBANK PNB PSBANK PESONET RCBC ROBINSONS_BANK "
    "SECURITY_BANK"
)

_CODES: dict[str, dict[ChannelKind, str]] = {
    "IDR": {
        ChannelKind.BANK: "BCA BNI BSI BRI MANDIRI PERMATA SAHABAT_SAMPOERNA BNC CIMB BJB",
        ChannelKind.RETAIL: "ALFAMART INDOMARET",
        ChannelKind.EWALLET: "OVO DANA SHOPEEPAY LINKAJA JENIUSPAY ASTRAPAY NEXCASH",
        ChannelKind.QR: "QRIS",
        ChannelKind.DIRECT_DEBIT: "DD_BRI DD_BCA_KLIKPAY DD_MANDIRI",
        ChannelKind.PAYLATER: "KREDIVO AKULAKU ATOME UANGME",
        ChannelKind.CARD: "CREDIT_CARD",
    },
    "PHP": {
        ChannelKind.RETAIL: "7ELEVEN CEBUANA DP_MLHUILLIER DP_PALAWAN DP_ECPAY_LOAN",
        ChannelKind.EWALLET: "PAYMAYA GRABPAY GCASH SHOPEEPAY",
        ChannelKind.QR: "QRPH",
        ChannelKind.DIRECT_DEBIT: "DD_BPI DD_UBP DD_RCBC DD_BDO_EPAY "
        + " ".join(f"{bank}_ONLINE_BANKING" for bank in _ONLINE_BANKING.split()),
        ChannelKind.PAYLATER: "BILLEASE CASHALO",
        ChannelKind.CARD: "CREDIT_CARD",
    },
    "THB": {
        ChannelKind.EWALLET: "LINEPAY WECHATPAY TRUEMONEY SHOPEEPAY",
        ChannelKind.QR: "PROMPTPAY",
        ChannelKind.DIRECT_DEBIT: "DD_SCB_MB DD_BBL_MB DD_KTB_MB DD_BAY_MB DD_KBANK_MB",
        ChannelKind.CARD: "CREDIT_CARD",
    },
    "VND": {
        ChannelKind.BANK: "WOORI VIETCAPITAL VPB BIDV",
        ChannelKind.EWALLET: "APPOTA ZALOPAY VNPTWALLET VIETTELPAY SHOPEEPAY",
        ChannelKind.CARD: "CREDIT_CARD",
    },
    "MYR": {
        ChannelKind.EWALLET: "TOUCHNGO WECHATPAY",
        ChannelKind.DIRECT_DEBIT: " ".join(
            [f"DD_{bank}_FPX" for bank in _FPX.split()] + [f"DD_{bank}_FPX_BUSINESS" for bank in _FPX_BUSINESS.split()]
        ),
        ChannelKind.CARD: "CREDIT_CARD",
    },
    "USD": {ChannelKind.CARD: "CREDIT_CARD"},
}

CHANNELS: dict[str, dict[str, ChannelKind]] = {
    currency: {code: kind for kind, codes in kinds.items() for code in codes.split()}
    for currency, kinds in _CODES.items()
}
"""currency → channel code → kind, banks first."""

#: Which list of an invoice names the channels of a kind, and the key of the code in its entries.
LISTS: dict[ChannelKind, tuple[str, str]] = {
    ChannelKind.BANK: ("available_banks", "bank_code"),
    ChannelKind.RETAIL: ("available_retail_outlets", "retail_outlet_name"),
    ChannelKind.EWALLET: ("available_ewallets", "ewallet_type"),
    ChannelKind.QR: ("available_qr_codes", "qr_code_type"),
    ChannelKind.DIRECT_DEBIT: ("available_direct_debits", "direct_debit_type"),
    ChannelKind.PAYLATER: ("available_paylaters", "paylater_type"),
}

CURRENCIES = tuple(CHANNELS)

#: Other spellings of a code that requests use → the code. Published plug-ins write the banks of FPX without `DD_`.
SPELLINGS: dict[str, str] = {code[3:]: code for code in CHANNELS["MYR"] if "_FPX" in code}


def known_code(code: str) -> str:
    """Give the code that this sandbox uses for a channel, whichever way it was spelt."""
    return SPELLINGS.get(code, code)


def available(currency: str, methods: Iterable[str]) -> tuple[str, ...]:
    """Give the channels that an invoice offers, in the order of CHANNELS: all of its currency, or those asked for."""
    offered = CHANNELS[currency]
    asked = set(methods)
    return tuple(code for code in offered if not asked or code in asked)
