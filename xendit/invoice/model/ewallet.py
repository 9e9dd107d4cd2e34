"""The declaration of Ewallet, an e-wallet that an invoice offers."""

from __future__ import annotations

from xendit.model import Given, Model, OpenEnum


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
