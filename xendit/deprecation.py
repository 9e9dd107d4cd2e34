"""The warning about names of xendit-python 0.x, which is given once in a process, where one is used first."""

from __future__ import annotations

from xendit.words import warn

_told = False


def warn_of_release_0() -> None:
    """Warn once a process, at the line of the program, and say what to write in place of those names."""
    global _told
    if not _told:
        _told = True
        warn(
            "the names of xendit-python 0.x (xendit.api_key, Xendit, Invoice, XenditError) are deprecated: write"
            " xendit.set_api_key(...) and xendit.apis.InvoiceApi().create_invoice({...}), and catch"
            " xendit.XenditSdkException; docs/Migration.md shows each call",
            DeprecationWarning,
        )
