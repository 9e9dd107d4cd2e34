"""urllib3's PoolManager and json.loads: what everything over HTTP is a multiple of."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import payloads
import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "urllib3 PoolManager + json"
VERSIONS = {"urllib3": version("urllib3")}
HEADERS = {
    "accept": "application/json",
    "authorization": "Basic eG5kX2RldmVsb3BtZW50X2JlbmNobWFyazo=",
    "user-agent": "benchmark/1",
}


def client(url: str) -> dict[str, Callable[[], Any]]:
    """Calls of a warm client."""
    pool = urllib3.PoolManager(maxsize=8)

    def get(path: str) -> Any:
        return json.loads(pool.request("GET", url + path, headers=HEADERS).data)

    return {
        "get": lambda: get(f"/v2/invoices/{payloads.ID}"),
        "walk": lambda: get(f"/v2/invoices?limit=100&last_invoice={payloads.ID}"),
    }


FIRST = """
import json, urllib3
json.loads(urllib3.PoolManager().request("GET", f"{URL}/v2/invoices/{ID}").data)
"""
IMPORT = "import urllib3"
