"""The warning about names of xendit-python 0.x. It is given once in a process, where the first such name is used."""

from __future__ import annotations

from xendit.words import warn

_told = False


def warn_of_release_0() -> None:
    """Warn once a process, at the line of the program that uses such a name, and say what to write instead."""
    global _told
    if not _told:
        _told = True
        warn(
            "the names of xendit-python 0.x (xendit.api_key, Xendit, Invoice, XenditError) are deprecated: write"
            " xendit.set_api_key(...) and xendit.apis.InvoiceApi().create_invoice({...}), and catch"
            " xendit.XenditSdkException; docs/Migration.md shows each call",
            DeprecationWarning,
        )
