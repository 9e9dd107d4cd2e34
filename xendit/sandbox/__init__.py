"""The sandbox: a local stand-in for Xendit's Invoice API, for tests and for trying things out.

    from xendit.sandbox import Sandbox

    with Sandbox() as sandbox:
        print(sandbox.url, sandbox.api_key)

Needs the extra `sandbox` (Werkzeug, Jinja2, segno). The names of this package are loaded on first use, so importing it
imports none of these libraries. docs/Fidelity.md says how far the sandbox is true to the real API.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xendit.sandbox.deliveries.in_process import ReceivedWebhook
    from xendit.sandbox.deliveries.record import Delivery
    from xendit.sandbox.local import Sandbox
    from xendit.sandbox.state import Assumptions, SandboxError

__all__ = ["Assumptions", "Delivery", "ReceivedWebhook", "Sandbox", "SandboxError"]

_HOMES = {
    "Assumptions": "xendit.sandbox.state",
    "Delivery": "xendit.sandbox.deliveries.record",
    "Sandbox": "xendit.sandbox.local",
    "SandboxError": "xendit.sandbox.state",
    "ReceivedWebhook": "xendit.sandbox.deliveries.in_process",
}


def __getattr__(name: str) -> object:
    if name == "WebhookRequest":  # the old name; xendit.testing has another class with it
        from xendit.words import warn

        warn("xendit.sandbox.WebhookRequest is called ReceivedWebhook now", DeprecationWarning)
        name = "ReceivedWebhook"
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
