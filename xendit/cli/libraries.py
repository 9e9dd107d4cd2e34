"""Libraries that only some commands need: imported when they are used, and missed in one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from xendit.cli.ending import USAGE, CommandFailure
from xendit.installation import is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def needed(module: str, need: str, hint: str, *, name: str | None = None) -> Iterator[None]:
    """A `with` block around the imports of a library: it says in one sentence why they fail.

    Args:
        module: the library's module.
        need: what is wrong where it is not installed, as a sentence without its end.
        hint: what to do then.
        name: what people call the library; else its module's name.

    Raises:
        CommandFailure: it is not installed, or it is and cannot be imported.
    """
    try:
        yield
    except ImportError as problem:
        if not is_missing(problem, module):
            raise CommandFailure(f"{name or module} is installed and cannot be imported: {problem}") from problem
        raise CommandFailure(need, USAGE, hint=hint) from None
