"""How a failure is told: in the log in one line, in the inbox with its traceback, and without what nobody may read."""

from __future__ import annotations

import os
import traceback
from functools import wraps

from xendit.exceptions import redact

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["short_text", "whole_text", "without_variables"]

_HERE = os.path.dirname(__file__) + os.sep  # noqa: PTH120 - pathlib is not worth its import

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


def without_variables(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, whose errors leave no frame behind that has its arguments.

    An error tracker shows the variables of every frame. Those in here would show the token and the body of a webhook;
    frames of other people's code, such as a `token_for` that fails, stay as they are.
    """

    @wraps(function)
    def call(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return function(*arguments, **named)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again
            problem = error
        del arguments, named
        try:
            raise problem.with_traceback(_outside(problem.__traceback__))
        finally:
            del problem  # which would hold this frame, and the frame it

    return call


def _outside(trace: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that begins where other people's code does; None where all of it is ours."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    return trace
