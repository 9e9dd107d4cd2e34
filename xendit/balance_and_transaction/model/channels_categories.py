"""The declaration of ChannelsCategories, kinds of channels."""

from __future__ import annotations

from xendit.model import OpenEnum


class ChannelsCategories(OpenEnum):
    """The kind of channel that money came or went through.

    INVOICE and DIRECT_BANK_TRANSFER are in the official SDK and no longer in Xendit's documentation; both are read.
    """

    BANK = "BANK"
    CARDLESS_CREDIT = "CARDLESS_CREDIT"
    PAYLATER = "PAYLATER"
    CARDS = "CARDS"
    CASH = "CASH"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    EWALLET = "EWALLET"
    INVOICE = "INVOICE"
    QR_CODE = "QR_CODE"
    RETAIL_OUTLET = "RETAIL_OUTLET"
    VIRTUAL_ACCOUNT = "VIRTUAL_ACCOUNT"
    XENPLATFORM = "XENPLATFORM"
    DIRECT_BANK_TRANSFER = "DIRECT_BANK_TRANSFER"
    OTHER = "OTHER"
