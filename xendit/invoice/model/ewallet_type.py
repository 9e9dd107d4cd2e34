"""The declaration of EwalletType, the e-wallets that pay invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


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
