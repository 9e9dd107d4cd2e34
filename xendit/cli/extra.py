"""click, or one line that says how to get it. Every module of the command takes it from here."""

from __future__ import annotations

from xendit.installation import is_missing

try:
    import click as click  # noqa: PLC0414  a name to import from here
except ImportError as error:
    if is_missing(error, "click"):
        raise ImportError('the `cli` extra is missing: pip install "xendit-sdk[cli]"') from None
    raise
