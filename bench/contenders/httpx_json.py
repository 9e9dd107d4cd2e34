"""httpx's client and its json."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import httpx
import payloads

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "httpx Client + json"
VERSIONS = {"httpx": version("httpx")}


def client(url: str) -> dict[str, Callable[[], Any]]:
    """Calls of a warm client."""
    session = httpx.Client()
    return {
        "get": lambda: session.get(f"{url}/v2/invoices/{payloads.ID}").json(),
        "walk": lambda: session.get(f"{url}/v2/invoices?limit=100&last_invoice={payloads.ID}").json(),
    }


FIRST = """
import httpx
httpx.Client().get(f"{URL}/v2/invoices/{ID}").json()
"""
IMPORT = "import httpx"
