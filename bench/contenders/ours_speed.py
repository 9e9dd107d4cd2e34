"""This library with its extra `speed`: the same work, parsed by msgspec."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import ours

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "xendit-sdk[speed]"
VERSIONS = {**ours.VERSIONS, "msgspec": version("msgspec")}
IMPORT = ours.IMPORT


def tasks() -> dict[str, Callable[[], Any]]:
    """What is parsed; nothing else differs."""
    return {name: run for name, run in ours.tasks().items() if name in ("decode", "page", "webhook")}
