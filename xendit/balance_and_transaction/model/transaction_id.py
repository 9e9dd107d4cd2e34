"""The declaration of TransactionId, the id of a transaction as a class of its own."""

from __future__ import annotations

from xendit.named_text import NamedText


class TransactionId(NamedText):
    """The id of a transaction: `txn_` and a UUID. A plain `str` does as well wherever one is given, and is what is read."""
