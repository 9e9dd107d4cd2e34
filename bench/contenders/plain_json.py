"""The standard json alone: dicts, nothing checked. What everything is a multiple of."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING, Any

import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "json (dicts, nothing checked)"
VERSIONS = {"Python": platform.python_version()}


def literal() -> dict[str, Any]:
    """The request as a dict literal."""
    return payloads.request()


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network."""
    request = payloads.request()
    return {
        "decode": lambda: json.loads(payloads.INVOICE),
        "page": lambda: json.loads(payloads.PAGE),
        "webhook": lambda: json.loads(payloads.WEBHOOK),
        "construct": literal,
        "encode": lambda: json.dumps(request),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    return [json.loads(body) for body in bodies]


IMPORT = "pass"
