"""Where a secret could show: every text of an error and its chain, the variables of every frame, logs, streams."""

from __future__ import annotations

import base64
import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recorded import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = str(Path(__file__).parent.parent)
_BASE64 = base64.b64encode(f"{KEY}:".encode()).decode()
SECRETS = (
    KEY,
    KEY.removeprefix("xnd_development_"),
    _BASE64,
    _BASE64.rstrip("=")[:-2],
    base64.b64encode(KEY.encode()).decode()[:-4],
)
"""The key, whole and without its prefix, and its Base64 as it goes on the wire, also cut where a line might end."""


def chain(error: BaseException) -> list[BaseException]:
    """An error, those that led to it, and those that these hold as arguments."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and not any(each is other for other in found):
            found.append(each)
            waiting += [each.__cause__, each.__context__, *each.args, *vars(each).values()]
    return found


def texts(error: BaseException) -> Iterator[str]:
    """What an error shows: texts, arguments, notes, attributes, the traceback, and the variables of all frames.

    Frames of the tests themselves do not count: they hold the secrets that they look for.
    """
    for each in chain(error):
        yield from (str(each), repr(each), repr(each.args), repr(getattr(each, "__notes__", ())), repr(vars(each)))
        yield "".join(traceback.format_exception(each))
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if not frame.f_code.co_filename.startswith(_HERE):
                for name, value in frame.f_locals.items():
                    yield f"{frame.f_code.co_name}.{name} = {value!r}"
                    if hasattr(value, "__dict__"):  # what a debugger would unfold
                        yield f"{frame.f_code.co_name}.{name}: {vars(value)!r}"


def found_in(text: str, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """The secrets that a text holds."""
    return [secret for secret in secrets if secret in text]


def leaks(error: BaseException, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """The texts of an error that hold a secret."""
    return [text for text in texts(error) if found_in(text, secrets)]


class EveryLog(logging.Handler):
    """Collects what all loggers say at any level, formatted, while it is used as a context."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record's text, its arguments and its traceback."""
        self.lines.append(f"{self.format(record)} {record.args!r}")

    def __enter__(self) -> EveryLog:
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)
