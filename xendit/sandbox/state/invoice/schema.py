"""What an account admits of the requests for invoices, as JSON Schema: channels, amounts and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state.invoice.channels import CHANNELS, SPELLINGS, ChannelKind
from xendit.sandbox.state.invoice.creation import REMINDERS

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonObject


def narrow(document: JsonObject, assumptions: Assumptions) -> None:
    """Narrow the OpenAPI document of the API to what this account takes."""
    request = document["components"]["schemas"]["CreateInvoiceRequest"]
    request["properties"]["callback_virtual_account_id"]["not"] = {}  # a sandbox has no virtual accounts
    request["allOf"] = [
        {"anyOf": [_of_currency(currency, assumptions) for currency in CHANNELS]},
        {"anyOf": _reminders(assumptions)},
    ]


def _of_currency(currency: str, assumptions: Assumptions) -> JsonObject:
    """Describe the invoices in one currency; the account's own is the one of a request that names none."""
    cards = [code for code, kind in CHANNELS[currency].items() if kind is ChannelKind.CARD]
    others = [code for code in CHANNELS[currency] if code not in cards]
    others += [spelling for spelling, code in SPELLINGS.items() if code in others]
    properties: JsonObject = {"currency": {"const": currency}}
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


def _texts(allowed: list[str]) -> JsonObject:
    return {"type": "array", "items": {"enum": allowed}}


def _reminders(assumptions: Assumptions) -> list[JsonObject]:
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


def _without(*names: str) -> JsonObject:
    return {"properties": {name: {"not": {}} for name in names}}
