"""How a failure is told: in one line in the log, with its traceback in the inbox, never with secrets or personal data."""

from __future__ import annotations

import os
import re
import traceback
from functools import wraps

from xendit.exceptions import redact

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["place_of", "short_text", "whole_text", "without_variables"]

_HERE = os.path.dirname(__file__) + os.sep  # noqa: PTH120 - pathlib is not worth its import

_STDLIB = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 - the same
_INSTALLED = ("site-packages", "dist-packages")

_LONGEST = 4000


#: The phrases in which databases show a value of the row, each with what replaces it.
_VALUES = (
    (re.compile(r"(Duplicate entry ').*(' for key)", re.DOTALL), r"\1***\2"),  # MySQL, MariaDB
    (re.compile(r"((?:value|syntax for type [\w ]+): ?)([\"']).*\2", re.DOTALL), r"\1\2***\2"),
)


def short_text(error: BaseException) -> str:
    """An error in one line, with what may be personal replaced.

    A database's own words (`orig`) name the problem; SQLAlchemy's text around them would show the row.
    """
    return redact(f"{type(error).__name__}: {' '.join(_words_of(error).split())[:300]}")


def whole_text(error: BaseException) -> str:
    """The end of an error's traceback, from the first frame of the user's code on, with what may be personal replaced.

    A value of the row, which SQLAlchemy and the databases add to their messages, is left out; so is the driver's error
    where SQLAlchemy's has its text.
    """
    return redact("".join(_lines_of(error)).rstrip())[-_LONGEST:]


def place_of(error: BaseException) -> str | None:
    """Where in the user's own code it happened, such as `settle, shop/webhooks.py line 12`; None if no frame shows it."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        if not _is_of_library(trace.tb_frame.f_code.co_filename):
            found = trace
        trace = trace.tb_next
    if found is None:
        return None
    code = found.tb_frame.f_code
    where = code.co_filename
    if where.startswith(os.sep):
        near = os.path.relpath(where)
        where = "/".join(where.rsplit(os.sep, 2)[1:]) if near.startswith("..") else near
    return f"{code.co_name}, {where} line {found.tb_lineno}"


def _is_of_library(path: str) -> bool:
    """Whether a file is ours, Python's or an installed package's; or no file, as for code that our codec compiles."""
    return path.startswith((_HERE, _STDLIB, "<xendit")) or any(f"{os.sep}{name}{os.sep}" in path for name in _INSTALLED)


def _lines_of(error: BaseException) -> Iterator[str]:
    """A traceback as Python writes it, the oldest error first."""
    chain: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    said = ""
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        chain.append((each, said))
        if each.__cause__ is not None:
            said = "\nThe above exception was the direct cause of the following exception:\n\n"
            same = each.__cause__ is getattr(each, "orig", None)
            each = None if same else each.__cause__
        else:
            said = "\nDuring handling of the above exception, another exception occurred:\n\n"
            each = None if each.__suppress_context__ else each.__context__
    for each, said in reversed(chain):
        trace = _outside(each.__traceback__)
        if trace is not None:
            yield "Traceback (most recent call last):\n"
            yield from traceback.format_tb(trace)
        yield f"{type(each).__name__}: {_words_of(each)}\n"
        statement = getattr(each, "statement", None)
        if isinstance(statement, str) and getattr(each, "params", None):
            yield f"[SQL: {statement}]\n"
        yield from (f"{note}\n" for note in getattr(each, "__notes__", ()))
        for part in getattr(each, "exceptions", ()):  # of an ExceptionGroup
            yield from (f"  {line}\n" for line in "".join(_lines_of(part)).splitlines())
        yield said


def _words_of(error: BaseException) -> str:
    """What an error says, without what a database adds about the row."""
    text = str(getattr(error, "orig", None) or error).split("DETAIL:")[0].strip()
    for pattern, instead in _VALUES:
        text = pattern.sub(instead, text)
    return text


def without_variables(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, but the tracebacks of its errors hold no frame with its arguments.

    An error tracker shows the variables of every frame. The frames in here would show the token and the body of a
    webhook, so they are removed. Frames of the user's code, such as a `token_for` that fails, stay.
    """

    @wraps(function)
    def call(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return function(*arguments, **named)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again
            problem = error
        del arguments, named
        try:
            raise problem.with_traceback(_outside(problem.__traceback__))
        finally:
            del problem  # it would hold this frame, and this frame would hold it

    return call


def _outside(trace: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that begins at the first frame that is not ours; None where all frames are ours."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    return trace
