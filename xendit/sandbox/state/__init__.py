"""The rules of the Invoice API, as far as the public knows them: a pure state machine with a clock handed in.

Standard library only, no I/O, no import from the rest of the package: the rules come from what is known of the
real API (docs/Fidelity.md), not from our models, so that the two can disagree and a test can see it.

    accounts      who is calling: API keys, permissions, sub-accounts
    assumptions   every choice where nothing certain is known, by name, switchable
    channels      payment channels by currency, and the kind of each
    checks        small checks of JSON values that compose
    creation      the body of a create, checked and normalised
    errors        an answer that says no
    invoice       the record of an invoice; the bodies of an answer and of a webhook
    listing       the query of a list
    records       an invoice as JSON, for files
    retries       when a webhook is tried again
    store         State: everything that changes
    times         ISO 8601 as the API reads and writes it
"""

from __future__ import annotations

from xendit.sandbox.state.accounts import Account, Permission
from xendit.sandbox.state.assumptions import FIXED, Assumptions
from xendit.sandbox.state.errors import SandboxError
from xendit.sandbox.state.invoice import Invoice, Origin, Payment, Step, callback_body, invoice_body
from xendit.sandbox.state.store import Event, Journal, Quota, State

__all__ = [
    "FIXED",
    "Account",
    "Assumptions",
    "Event",
    "Invoice",
    "Journal",
    "Origin",
    "Payment",
    "Permission",
    "Quota",
    "SandboxError",
    "State",
    "Step",
    "callback_body",
    "invoice_body",
]
