"""How a failure of somebody else's code or database is told: in the log in one line, in the inbox with its traceback."""

from __future__ import annotations

import traceback

from xendit.exceptions import redact

__all__ = ["short_text", "whole_text"]

_LONGEST = 4000


def short_text(error: BaseException) -> str:
    """An error in one line, with what may be personal replaced.

    A database's own words (`orig`) name the problem; SQLAlchemy's text around them would show the row.
    """
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split("DETAIL:")[0].split())[:300]
    return redact(f"{type(error).__name__}: {text}")


def whole_text(error: BaseException) -> str:
    """The end of an error's traceback, with what may be personal replaced."""
    return redact("".join(traceback.format_exception(type(error), error, error.__traceback__)))[-_LONGEST:]
