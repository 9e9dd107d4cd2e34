"""The declaration of TransactionResponseType, the type of a transaction as a class of its own."""

from __future__ import annotations

from xendit.named_text import NamedText


class TransactionResponseType(NamedText):
    """A type of a transaction: a TransactionTypes or any other text. What is read is a TransactionTypes, which is open."""
