"""The rules of the API, as far as the public knows them: pure state machines with a clock handed in.

These modules use the standard library only, do no I/O, and import nothing from the rest of the package. The rules come
from what is known of the real API (docs/Fidelity.md), not from our models. So if the two disagree, a test can see it.

    core          what all products stand on; names none of them
    assumptions   every choice where nothing certain is known, by name, switchable
    invoice       the rules of the Invoice API

Another product's rules stand in its own folder (`xendit.sandbox.products`).
"""

from __future__ import annotations

from xendit.sandbox.state.assumptions import FIXED, Assumptions
from xendit.sandbox.state.core.accounts import Account, Permission
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.core.shared import SharedState

__all__ = ["FIXED", "Account", "Assumptions", "Permission", "SandboxError", "SharedState"]
