"""The OpenAPI 3.1 documents that the sandbox serves: of the API as this account has it, and of the control plane.

The first narrows what `xendit.openapi` derives from the declarations to what this account's rules admit; the second
is derived from the table of routes.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from xendit import openapi
from xendit.sandbox.control import CONTROL, Control
from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS, Fault
from xendit.sandbox.state.channels import CHANNELS, SPELLINGS, Kind
from xendit.sandbox.state.creation import REMINDERS
from xendit.version import __version__

if TYPE_CHECKING:
    from xendit.sandbox.state import Assumptions

_TEXT = {"type": "string"}
_TYPES = {"str": "string", "int": "integer", "float": "number"}

#: The members of the JSON bodies, by the method that reads each.
BODIES: dict[str, dict[str, Any]] = {
    "control_pay": {"channel": _TEXT, "amount": {"type": "number"}, "late": {"type": "boolean"}},
    "control_fail": {"channel": _TEXT, "reason": _TEXT},
    "control_resend": {"times": {"type": "integer", "minimum": 1, "maximum": 100}},
    "control_reorder": {"ids": {"type": "array", "items": _TEXT}},
    "control_webhook_url": {"url": {"type": ["string", "null"]}},
    "control_freeze": {"at": {"type": "string", "format": "date-time"}},
    "control_set": {"now": {"type": "string", "format": "date-time"}},
    "control_advance": {"by": {"type": ["string", "number"], "examples": ["25h", 90]}},
    "control_speed": {"factor": {"type": "number", "exclusiveMinimum": 0}},
    "control_arm": {
        one.name: {"enum": [*REQUEST_KINDS, *WEBHOOK_KINDS]}
        if one.name == "kind"
        else {"type": _TYPES[str(one.type).partition(" ")[0]]}
        for one in fields(Fault)
    },
    "control_import": {"invoices": {"type": "array", "items": {"type": "object"}}},
}


def api_document(server: str, assumptions: Assumptions) -> dict[str, Any]:
    """Give the document of the API, with the channels, amounts and reminders that this account takes."""
    described = openapi.document(server)
    request = described["components"]["schemas"]["CreateInvoiceRequest"]
    request["properties"]["callback_virtual_account_id"]["not"] = {}  # there is none in a sandbox
    request["allOf"] = [
        {"anyOf": [_of_currency(currency, assumptions) for currency in CHANNELS]},
        {"anyOf": _reminders(assumptions)},
    ]
    return described


def _of_currency(currency: str, assumptions: Assumptions) -> dict[str, Any]:
    """Describe the invoices in one currency; the account's own is the one of a request that names none."""
    cards = [code for code, kind in CHANNELS[currency].items() if kind is Kind.CARD]
    others = [code for code in CHANNELS[currency] if code not in cards]
    others += [spelling for spelling, code in SPELLINGS.items() if code in others]
    properties: dict[str, Any] = {"currency": {"const": currency}}
    if currency == "IDR":
        least = max(1, assumptions.minimum_amount)
        properties["amount"] = {"minimum": least, "maximum": assumptions.maximum_amount}
    elif currency in assumptions.truncated_currencies:
        properties["amount"] = {"minimum": 1}
    with_cards = {"payment_methods": _texts([*others, *cards]), "should_exclude_credit_card": {"const": False}}
    ways = [{"properties": with_cards}]
    if others:  # without any other channel, cards cannot be left out
        ways.append({"properties": {"payment_methods": _texts(others)}})
    needed = {} if currency == assumptions.default_currency else {"required": ["currency"]}
    return {**needed, "properties": properties, "anyOf": ways}


def _texts(allowed: list[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": allowed}}


def _reminders(assumptions: Assumptions) -> list[dict[str, Any]]:
    """Describe the reminders that are taken: with a unit, without one where a unit is assumed, and none."""
    ways = [
        {
            "required": ["reminder_time", "reminder_time_unit"],
            "properties": {
                "reminder_time_unit": {"const": unit},
                "reminder_time": {"minimum": 1, "maximum": most},
            },
        }
        for unit, most in REMINDERS.items()
    ]
    most = REMINDERS.get(assumptions.default_reminder_unit)
    if most is not None:
        alone = {"reminder_time_unit": {"not": {}}, "reminder_time": {"minimum": 1, "maximum": most}}
        ways.append({"required": ["reminder_time"], "properties": alone})
    return [*ways, _without("reminder_time", "reminder_time_unit")]


def _without(*names: str) -> dict[str, Any]:
    return {"properties": {name: {"not": {}} for name in names}}


def control_document(server: str) -> dict[str, Any]:
    """Give the document of the control plane."""
    paths: dict[str, Any] = {}
    for method, path, name, summary in CONTROL:
        names = re.findall(r"<(\w+)>", path)
        described: dict[str, Any] = {
            "operationId": name.removeprefix("control_"),
            "summary": summary,
            "description": getattr(Control, name).__doc__,
            "parameters": [{"name": one, "in": "path", "required": True, "schema": _TEXT} for one in names],
            "responses": {"200": {"description": "Done."}, "4XX": {"description": "Refused, with a sentence."}},
        }
        if name in BODIES:
            schema = {"type": "object", "properties": BODIES[name]}
            described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        paths.setdefault(re.sub(r"<(\w+)>", r"{\1}", path), {})[method.lower()] = described
    title = "The sandbox's control plane"
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__},
        "servers": [{"url": server}],
        "paths": paths,
    }
