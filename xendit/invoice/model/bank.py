"""The declaration of Bank, a bank transfer that an invoice offers."""

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
