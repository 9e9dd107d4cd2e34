"""The declaration of TransactionTypes, what moved money."""

from __future__ import annotations

from xendit.model import OpenEnum


class TransactionTypes(OpenEnum):
    """What moved the money.

    The values up to OTHER are those of the official SDK. BATCH_DISBURSEMENT, TRANSFER, PLATFORM_FEE, CASHBACK and REMITTANCE_COLLECTION
    are no longer in Xendit's documentation; the values from ADJUSTMENT_ADD on are in its page of November 2025 alone.
    """

    BATCH_DISBURSEMENT = "BATCH_DISBURSEMENT"
    DISBURSEMENT = "DISBURSEMENT"
    PAYMENT = "PAYMENT"
    """A payer paid."""
    REMITTANCE = "REMITTANCE"
    REMITTANCE_PAYOUT = "REMITTANCE_PAYOUT"
    REMITTANCE_COLLECTION = "REMITTANCE_COLLECTION"
    TRANSFER = "TRANSFER"
    PLATFORM_FEE = "PLATFORM_FEE"
    REFUND = "REFUND"
    """A payment was given back to its payer."""
    CASHBACK = "CASHBACK"
    TOPUP = "TOPUP"
    """You put money in."""
    WITHDRAWAL = "WITHDRAWAL"
    """Money went to your bank."""
    OTHER = "OTHER"
    ADJUSTMENT_ADD = "ADJUSTMENT_ADD"
    ADJUSTMENT_DEDUCT = "ADJUSTMENT_DEDUCT"
    BNPL_PARTNER_SETTLEMENT_CREDIT = "BNPL_PARTNER_SETTLEMENT_CREDIT"
    BNPL_PARTNER_SETTLEMENT_DEBIT = "BNPL_PARTNER_SETTLEMENT_DEBIT"
    CASHBACK_FEE = "CASHBACK_FEE"
    CASHBACK_VAT = "CASHBACK_VAT"
    CHARGEBACK = "CHARGEBACK"
    """The payer's bank took a payment back."""
    CONVERSION = "CONVERSION"
    FOREX_DEDUCT = "FOREX_DEDUCT"
    FOREX_DEPOSIT = "FOREX_DEPOSIT"
    IN_PERSON_PAYMENT = "IN_PERSON_PAYMENT"
    LOAN_REPAYMENT = "LOAN_REPAYMENT"
    RESERVES_HOLD = "RESERVES_HOLD"
    RESERVES_RELEASE = "RESERVES_RELEASE"
    TRANSFER_IN = "TRANSFER_IN"
    TRANSFER_OUT = "TRANSFER_OUT"
