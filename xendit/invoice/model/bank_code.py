"""The declaration of BankCode, the banks that take transfers for invoices."""

from __future__ import annotations

from xendit.model import OpenEnum


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
