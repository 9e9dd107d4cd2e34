"""Channels as a payer knows them: what each is called, which group it stands in, and what paying over it takes.

Names only, in plain type: no mark or colour of any bank, wallet or shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.sandbox.state.invoice.channels import CHANNELS, ChannelKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.sandbox.pages.formats import Language

#: The groups in the order in which a payer meets them.
ORDER = (
    ChannelKind.BANK,
    ChannelKind.CARD,
    ChannelKind.EWALLET,
    ChannelKind.QR,
    ChannelKind.RETAIL,
    ChannelKind.DIRECT_DEBIT,
    ChannelKind.PAYLATER,
)

_NAMES = {
    # Indonesia
    "BNC": "Bank Neo Commerce", "BJB": "Bank BJB", "CIMB": "CIMB Niaga", "MANDIRI": "Mandiri",
    "PERMATA": "Permata", "SAHABAT_SAMPOERNA": "Bank Sahabat Sampoerna", "ALFAMART": "Alfamart",
    "INDOMARET": "Indomaret", "SHOPEEPAY": "ShopeePay", "LINKAJA": "LinkAja", "JENIUSPAY": "Jenius Pay",
    "ASTRAPAY": "AstraPay", "NEXCASH": "Nexcash", "DD_BRI": "BRI direct debit",
    "DD_BCA_KLIKPAY": "BCA KlikPay", "DD_MANDIRI": "Mandiri direct debit", "KREDIVO": "Kredivo",
    "AKULAKU": "Akulaku", "ATOME": "Atome", "UANGME": "UangMe",
    # Philippines
    "7ELEVEN": "7-Eleven", "CEBUANA": "Cebuana Lhuillier", "DP_MLHUILLIER": "M Lhuillier",
    "DP_PALAWAN": "Palawan Express", "DP_ECPAY_LOAN": "ECPay", "PAYMAYA": "Maya", "GRABPAY": "GrabPay",
    "GCASH": "GCash", "QRPH": "QR Ph", "DD_BPI": "BPI direct debit", "DD_UBP": "UnionBank direct debit",
    "DD_RCBC": "RCBC direct debit", "DD_BDO_EPAY": "BDO e-Pay", "BILLEASE": "BillEase", "CASHALO": "Cashalo",
    "UNIONBANK_ONLINE_BANKING": "UnionBank online", "CHINABANK_ONLINE_BANKING": "Chinabank online",
    "INSTAPAY_ONLINE_BANKING": "InstaPay", "LANDBANK_ONLINE_BANKING": "Landbank online",
    "MAYBANK_ONLINE_BANKING": "Maybank online", "METROBANK_ONLINE_BANKING": "Metrobank online",
    "PSBANK_ONLINE_BANKING": "PSBank online", "PESONET_ONLINE_BANKING": "PESONet",
    "ROBINSONS_BANK_ONLINE_BANKING": "Robinsons Bank online",
    "SECURITY_BANK_ONLINE_BANKING": "Security Bank online", "BOC_ONLINE_BANKING": "Bank of Commerce online",
    # Thailand
    "PROMPTPAY": "PromptPay", "LINEPAY": "LINE Pay", "WECHATPAY": "WeChat Pay", "TRUEMONEY": "TrueMoney",
    "DD_SCB_MB": "SCB mobile banking", "DD_BBL_MB": "Bangkok Bank mobile banking",
    "DD_KTB_MB": "Krungthai mobile banking", "DD_BAY_MB": "Krungsri mobile banking",
    "DD_KBANK_MB": "KBank mobile banking",
    # Vietnam
    "WOORI": "Woori Bank", "VIETCAPITAL": "Viet Capital Bank", "VPB": "VPBank", "APPOTA": "Appota",
    "ZALOPAY": "ZaloPay", "VNPTWALLET": "VNPT Pay", "VIETTELPAY": "Viettel Money",
    # Malaysia
    "TOUCHNGO": "Touch 'n Go", "DD_PUBLIC_FPX": "Public Bank", "DD_AFFIN_FPX": "Affin Bank",
    "DD_AGRO_FPX": "Agrobank", "DD_ALLIANCE_FPX": "Alliance Bank", "DD_AMBANK_FPX": "AmBank",
    "DD_ISLAM_FPX": "Bank Islam", "DD_MUAMALAT_FPX": "Bank Muamalat", "DD_BOC_FPX": "Bank of China",
    "DD_RAKYAT_FPX": "Bank Rakyat", "DD_HLB_FPX": "Hong Leong Bank", "DD_KFH_FPX": "Kuwait Finance House",
    "DD_MAYB2U_FPX": "Maybank2u", "DD_MAYB2E_FPX": "Maybank2E", "DD_SCH_FPX": "Standard Chartered",
    "DD_CITIBANK_FPX": "Citibank", "DD_DEUTSCHE_FPX": "Deutsche Bank", "DD_BNP_FPX": "BNP Paribas",
}  # fmt: skip


_CARD: dict[Language, str] = {"en": "credit or debit card", "id": "kartu kredit atau debit"}


@dataclass(frozen=True)
class Method:
    """A channel to choose; its name as it stands inside a sentence."""

    code: str
    name: str

    @property
    def title(self) -> str:
        """The name as it stands alone."""
        return self.name[:1].upper() + self.name[1:]


@dataclass(frozen=True)
class MethodGroup:
    """The channels of one kind that an invoice offers."""

    kind: ChannelKind
    methods: tuple[Method, ...]


def name_of(code: str, language: Language = "en") -> str:
    """Call a channel what a payer calls it; a code without a name of its own is the name."""
    if code == "CREDIT_CARD":
        return _CARD[language]
    if code in _NAMES:
        return _NAMES[code]
    if code.endswith("_FPX_BUSINESS"):
        return f"{name_of(code.removesuffix('_BUSINESS'))} (business)"
    if code.startswith("DD_") and code.endswith("_FPX"):
        return code[3:-4]
    if code.endswith("_ONLINE_BANKING"):
        return f"{code.removesuffix('_ONLINE_BANKING')} online"
    return code


def kind_of(currency: str, code: str) -> ChannelKind:
    """Say of which kind a channel is."""
    return CHANNELS[currency][code]


def groups(currency: str, codes: Iterable[str], language: Language = "en") -> tuple[MethodGroup, ...]:
    """Put channels into groups, in the order in which a payer meets them; a group without any is left out."""
    found: dict[ChannelKind, list[Method]] = {kind: [] for kind in ORDER}
    for code in codes:
        found[kind_of(currency, code)].append(Method(code, name_of(code, language)))
    return tuple(MethodGroup(kind, tuple(methods)) for kind, methods in found.items() if methods)
