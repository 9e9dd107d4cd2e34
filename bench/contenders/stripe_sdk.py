"""stripe: its generic object. It checks no type, and knows no datetime or enum; it encodes as a form, not as JSON."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import payloads
from stripe import StripeObject

if TYPE_CHECKING:
    from collections.abc import Callable

LABEL = "stripe (no validation)"
VERSIONS = {"stripe": version("stripe")}


def tasks() -> dict[str, Callable[[], Any]]:
    """What is measured without a network."""
    import json

    def decode(body: bytes) -> Any:
        return StripeObject.construct_from(json.loads(body), "sk_test_benchmark")

    return {
        "decode": lambda: decode(payloads.INVOICE),
        "page": lambda: [StripeObject.construct_from(each, "sk_test_benchmark") for each in json.loads(payloads.PAGE)],
        "webhook": lambda: decode(payloads.WEBHOOK),
    }


def hold(bodies: list[bytes]) -> list[Any]:
    """Many invoices, to see what they weigh."""
    import json

    return [StripeObject.construct_from(json.loads(body), "sk_test_benchmark") for body in bodies]


IMPORT = "import stripe"
