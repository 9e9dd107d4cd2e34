"""The channels that an invoice offers to its payer, in its lists `available_...`, each with the enum of its kinds."""

from __future__ import annotations

from xendit.model import Given, Model, One, OpenEnum, absent, field

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal

    from xendit.invoice.model.alternative_display_item import AlternativeDisplayItem


class BankCode(OpenEnum):
    """A bank that takes transfers for invoices, in `Bank.bank_code` and in `bank_code` of a paid invoice."""

    BCA = "BCA"
    BNI = "BNI"
    BRI = "BRI"
    MANDIRI = "MANDIRI"
    PERMATA = "PERMATA"
    BSI = "BSI"
    BJB = "BJB"
    SAHABAT_SAMPOERNA = "SAHABAT_SAMPOERNA"
    CIMB = "CIMB"
    VIETCAPITAL = "VIETCAPITAL"
    WOORI = "WOORI"
    PV = "PV"
    MSB = "MSB"
    VPB = "VPB"
    BIDV = "BIDV"
    CAKE = "CAKE"
    BNC = "BNC"
    HANA = "HANA"
    MUAMALAT = "MUAMALAT"


class Bank(Model, received=True):
    """A bank transfer that an invoice offers, one of `Invoice.available_banks`."""

    bank_code: Given[BankCode, str]
    """The bank."""
    collection_type: str
    """How the money is collected; seen so far: `POOL`."""
    account_holder_name: str = field(personal=True)
    """Name on the account: the merchant's, in capitals."""
    bank_branch: str | None = None
    """Branch of the account; seen so far: `Virtual Account`."""
    bank_account_number: str | None = field(default=None, personal=True)
    """Virtual account number to transfer to. Since 2022 it is absent until the payer has chosen this bank."""
    transfer_amount: One[float, Decimal] = absent
    """What to transfer, in the currency of the invoice."""
    alternative_displays: list[AlternativeDisplayItem] | None = None
    """Other ways to show where to transfer to."""
    identity_amount: One[float, Decimal] = absent
    """Seen so far: 0. Real answers hold it, the official models lack it."""


class RetailOutletName(OpenEnum):
    """A chain of shops that takes cash for invoices, in `RetailOutlet.retail_outlet_name`."""

    ALFAMART = "ALFAMART"
    INDOMARET = "INDOMARET"
    SEVEN_ELEVEN = "7ELEVEN"
    """The value starts with a digit, which no Python name can: `RetailOutletName("7ELEVEN")` finds it too."""
    CEBUANA = "CEBUANA"
    DP_ECPAY_LOAN = "DP_ECPAY_LOAN"
    DP_MLHUILLIER = "DP_MLHUILLIER"
    DP_PALAWAN = "DP_PALAWAN"
    DP_ECPAY_SCHOOL = "DP_ECPAY_SCHOOL"
    LBC = "LBC"


class RetailOutlet(Model, received=True):
    """A payment in cash at a shop that an invoice offers, one of `Invoice.available_retail_outlets`."""

    retail_outlet_name: Given[RetailOutletName, str]
    """The chain of shops."""
    payment_code: str | None = None
    """Code that the payer tells the cashier. Answers held it up to 2021."""
    transfer_amount: One[float, Decimal] = absent
    """What to pay, in the currency of the invoice. Answers held it up to 2021."""
    merchant_name: str | None = None
    """Name under which the shop knows the merchant."""


class EwalletType(OpenEnum):
    """An e-wallet, in `Ewallet.ewallet_type` and in `ewallet_type` of an invoice that one has paid."""

    OVO = "OVO"
    GOPAY = "GOPAY"
    DANA = "DANA"
    LINKAJA = "LINKAJA"
    PAYMAYA = "PAYMAYA"
    SHOPEEPAY = "SHOPEEPAY"
    GCASH = "GCASH"
    GRABPAY = "GRABPAY"
    ASTRAPAY = "ASTRAPAY"
    NEXCASH = "NEXCASH"
    JENIUSPAY = "JENIUSPAY"
    MOMO = "MOMO"
    ZALOPAY = "ZALOPAY"
    VIETTELPAY = "VIETTELPAY"
    VNPTWALLET = "VNPTWALLET"
    APPOTA = "APPOTA"
    LINEPAY = "LINEPAY"
    TRUEMONEY = "TRUEMONEY"
    WECHATPAY = "WECHATPAY"
    TOUCHNGO = "TOUCHNGO"


class Ewallet(Model, received=True):
    """An e-wallet that an invoice offers, one of `Invoice.available_ewallets`."""

    ewallet_type: Given[EwalletType, str]
    """The e-wallet."""


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


class DirectDebitType(OpenEnum):
    """A direct debit channel, in `DirectDebit.direct_debit_type`.

    FPX is Malaysia's online banking: codes that end in `_FPX` are for consumers, in `_FPX_BUSINESS` for
    companies.
    """

    BA_BRI = "BA_BRI"
    DC_BRI = "DC_BRI"
    DD_BRI = "DD_BRI"
    DD_MANDIRI = "DD_MANDIRI"
    BA_BPI = "BA_BPI"
    DC_BPI = "DC_BPI"
    DD_BPI = "DD_BPI"
    BA_UBP = "BA_UBP"
    DC_UBP = "DC_UBP"
    DD_UBP = "DD_UBP"
    BCA_KLIKPAY = "BCA_KLIKPAY"
    BA_BCA_KLIKPAY = "BA_BCA_KLIKPAY"
    DC_BCA_KLIKPAY = "DC_BCA_KLIKPAY"
    DD_BCA_KLIKPAY = "DD_BCA_KLIKPAY"
    DD_BDO_EPAY = "DD_BDO_EPAY"
    DD_RCBC = "DD_RCBC"
    DD_CHINABANK = "DD_CHINABANK"
    BA_CHINABANK = "BA_CHINABANK"
    DC_CHINABANK = "DC_CHINABANK"
    DD_PUBLIC_FPX = "DD_PUBLIC_FPX"
    DD_AMBANK_FPX = "DD_AMBANK_FPX"
    DD_KFH_FPX = "DD_KFH_FPX"
    DD_AGRO_FPX = "DD_AGRO_FPX"
    DD_AFFIN_FPX = "DD_AFFIN_FPX"
    DD_ALLIANCE_FPX = "DD_ALLIANCE_FPX"
    DD_MUAMALAT_FPX = "DD_MUAMALAT_FPX"
    DD_HLB_FPX = "DD_HLB_FPX"
    DD_ISLAM_FPX = "DD_ISLAM_FPX"
    DD_RAKYAT_FPX = "DD_RAKYAT_FPX"
    DD_CIMB_FPX = "DD_CIMB_FPX"
    DD_UOB_FPX = "DD_UOB_FPX"
    DD_BOC_FPX = "DD_BOC_FPX"
    DD_BSN_FPX = "DD_BSN_FPX"
    DD_OCBC_FPX = "DD_OCBC_FPX"
    DD_HSBC_FPX = "DD_HSBC_FPX"
    DD_SCH_FPX = "DD_SCH_FPX"
    DD_MAYB2U_FPX = "DD_MAYB2U_FPX"
    DD_RHB_FPX = "DD_RHB_FPX"
    DD_UOB_FPX_BUSINESS = "DD_UOB_FPX_BUSINESS"
    DD_AGRO_FPX_BUSINESS = "DD_AGRO_FPX_BUSINESS"
    DD_ALLIANCE_FPX_BUSINESS = "DD_ALLIANCE_FPX_BUSINESS"
    DD_AMBANK_FPX_BUSINESS = "DD_AMBANK_FPX_BUSINESS"
    DD_ISLAM_FPX_BUSINESS = "DD_ISLAM_FPX_BUSINESS"
    DD_MUAMALAT_FPX_BUSINESS = "DD_MUAMALAT_FPX_BUSINESS"
    DD_HLB_FPX_BUSINESS = "DD_HLB_FPX_BUSINESS"
    DD_HSBC_FPX_BUSINESS = "DD_HSBC_FPX_BUSINESS"
    DD_RAKYAT_FPX_BUSINESS = "DD_RAKYAT_FPX_BUSINESS"
    DD_KFH_FPX_BUSINESS = "DD_KFH_FPX_BUSINESS"
    DD_OCBC_FPX_BUSINESS = "DD_OCBC_FPX_BUSINESS"
    DD_PUBLIC_FPX_BUSINESS = "DD_PUBLIC_FPX_BUSINESS"
    DD_RHB_FPX_BUSINESS = "DD_RHB_FPX_BUSINESS"
    DD_SCH_FPX_BUSINESS = "DD_SCH_FPX_BUSINESS"
    DD_CITIBANK_FPX_BUSINESS = "DD_CITIBANK_FPX_BUSINESS"
    DD_BNP_FPX_BUSINESS = "DD_BNP_FPX_BUSINESS"
    DD_DEUTSCHE_FPX_BUSINESS = "DD_DEUTSCHE_FPX_BUSINESS"
    DD_MAYB2E_FPX_BUSINESS = "DD_MAYB2E_FPX_BUSINESS"
    DD_CIMB_FPX_BUSINESS = "DD_CIMB_FPX_BUSINESS"
    DD_AFFIN_FPX_BUSINESS = "DD_AFFIN_FPX_BUSINESS"


class DirectDebit(Model, received=True):
    """A direct debit that an invoice offers, one of `Invoice.available_direct_debits`."""

    direct_debit_type: Given[DirectDebitType, str]
    """The direct debit channel."""


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
