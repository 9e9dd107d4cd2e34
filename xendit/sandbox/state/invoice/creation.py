"""The body of a create: what is refused, with which error code, and what an invoice keeps of the rest.

The limits are those that the official descriptions of the parameters give.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.core import checks
from xendit.sandbox.state.core.errors import SandboxError, invalid_input
from xendit.sandbox.state.core.jsontext import as_javascript
from xendit.sandbox.state.invoice.channels import CHANNELS, CURRENCIES, ChannelKind, available, known_code

if TYPE_CHECKING:
    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.jsontext import JsonMapping

#: Schemes of a redirect that would run something in the payer's browser.
UNSAFE_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob"})

_text = checks.text()
_optional_text = checks.nullable(_text)
_channels = checks.array(checks.one_of("whatsapp", "sms", "email", "viber"))
_redirect = checks.uri(most=255, refused=UNSAFE_SCHEMES)
_address = checks.record(
    (),
    city=_optional_text,
    country=_optional_text,
    postal_code=_optional_text,
    state=_optional_text,
    province=_optional_text,
    street_line1=_optional_text,
    street_line2=_optional_text,
)
_card = checks.record(
    (),
    allowed_bins=checks.array(checks.digits(6, 8)),
    installment_configuration=checks.record(
        (),
        allow_full_payment=checks.boolean,
        allowed_terms=checks.array(checks.record((), issuer=_text, terms=checks.array(checks.number(whole=True)))),
    ),
)

BODY = checks.record(
    ("external_id", "amount"),
    external_id=checks.text(least=1, most=255),
    amount=checks.number(above=0),
    payer_email=_text,
    description=checks.text(least=1),
    invoice_duration=checks.number(whole=True, above=0, most=31_536_000),
    callback_virtual_account_id=_text,
    fixed_va=checks.boolean,
    should_send_email=checks.boolean,
    should_exclude_credit_card=checks.boolean,
    should_authenticate_credit_card=checks.boolean,
    customer=checks.record(
        (),
        id=_optional_text,
        customer_id=_optional_text,
        phone_number=_optional_text,
        given_names=_optional_text,
        surname=_optional_text,
        email=_optional_text,
        mobile_number=_optional_text,
        addresses=checks.nullable(checks.array(_address)),
    ),
    customer_notification_preference=checks.record(
        (),
        invoice_created=_channels,
        invoice_reminder=_channels,
        invoice_paid=_channels,
        invoice_expired=_channels,
    ),
    success_redirect_url=_redirect,
    failure_redirect_url=_redirect,
    payment_methods=checks.array(_text),
    currency=_text,
    reminder_time_unit=_text,
    reminder_time=checks.number(),
    locale=_text,
    items=checks.array(
        checks.record(
            ("name", "quantity", "price"),
            name=checks.text(least=1, most=256),
            quantity=checks.number(least=0, most=510_000),
            price=checks.number(),
            category=_text,
            url=_text,
            reference_id=_text,
        ),
        most=75,
    ),
    fees=checks.array(checks.record(("type", "value"), type=_text, value=checks.number()), most=10),
    mid_label=_text,
    channel_properties=checks.record((), cards=_card),
    metadata=checks.labels(keys=50, key_length=40, value_length=500),
)
"""Types and limits of every known field, in the order in which they are reported."""

REQUIRED = ("external_id", "amount")
#: The units of a reminder, and how many of each a request may ask for.
REMINDERS = {"days": 30, "hours": 24}

#: Fields that an answer repeats as they were sent. The three groups stand at three places of the answer: after the
#: amount, before the times, and at the end.
ECHOED_FIRST = ("payer_email", "description")
ECHOED_BETWEEN = ("success_redirect_url", "failure_redirect_url")
ECHOED_LAST = (
    "fixed_va",
    "should_authenticate_credit_card",
    "items",
    "fees",
    "customer",
    "customer_notification_preference",
    "channel_properties",
    "mid_label",
    "locale",
    "metadata",
)

_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Draft:
    """What a create asks for, checked: an invoice without id, account and times."""

    external_id: str
    amount: int | float
    currency: str
    channels: tuple[str, ...]
    duration: timedelta
    echoed: JsonMapping
    should_send_email: bool = False
    reminder: timedelta | None = None


def draft(body: Any, assumptions: Assumptions) -> Draft:
    """Check the body of a create, and give what an invoice is made of.

    Raises SandboxError with API_VALIDATION_ERROR for types and limits, else with the code of the one thing that
    is wrong.
    """
    if assumptions.null_fields == "absent" and isinstance(body, dict):
        body = {name: value for name, value in body.items() if value is not None or name in REQUIRED}
    problems = list(BODY((), body))
    if problems:
        raise invalid_input(problems if assumptions.validation_errors == "all" else problems[:1], "body")

    if "payer_email" in body and _EMAIL.fullmatch(body["payer_email"]) is None:
        raise SandboxError(400, "EMAIL_FORMAT_ERROR", "The payer email is not in a valid format.")
    currency = body.get("currency", assumptions.default_currency)
    if currency not in CURRENCIES:
        supported = ", ".join(CURRENCIES)
        raise SandboxError(400, "UNSUPPORTED_CURRENCY", f"The currency is not supported; use one of {supported}.")
    amount, channels = _in_currency(body, currency, assumptions)
    reminder = _reminder(body, assumptions)
    if "callback_virtual_account_id" in body:
        raise SandboxError(
            404, "CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR", "Could not find the callback virtual account"
        )
    return Draft(
        external_id=body["external_id"],
        amount=amount,
        currency=currency,
        channels=channels,
        duration=timedelta(seconds=int(body.get("invoice_duration", assumptions.default_duration))),
        echoed={name: body[name] for name in ECHOED_FIRST + ECHOED_BETWEEN + ECHOED_LAST if name in body},
        should_send_email=body.get("should_send_email", False),
        reminder=reminder,
    )


def _in_currency(body: JsonMapping, currency: str, assumptions: Assumptions) -> tuple[int | float, tuple[str, ...]]:
    """Check what depends on the currency: give the amount and the channels.

    Raises SandboxError. If the request names no currency, and it would be right in another currency, the message says
    so. Otherwise nobody would look for the cause in what the sandbox assumes.
    """
    try:
        return _amount(body["amount"], currency, assumptions), _channels_of(body, currency, assumptions)
    except SandboxError as refusal:
        if "currency" in body:
            raise
        others = [other for other in CURRENCIES if _is_accepted_in(other, body, assumptions)]
        if not others:
            raise
        hint = (
            f"The request names no currency, so it is in {currency}, which this sandbox assumes of the account; it "
            f"would be accepted in {' or '.join(others)}. Name the currency in the request, or start the sandbox "
            f"with --currency {others[0]} (Assumptions(default_currency={others[0]!r}))."
        )
        raise SandboxError(refusal.status, refusal.error_code, f"{refusal.message} {hint}") from None


def _is_accepted_in(currency: str, body: JsonMapping, assumptions: Assumptions) -> bool:
    try:
        _amount(body["amount"], currency, assumptions)
        _channels_of(body, currency, assumptions)
    except SandboxError:
        return False
    return True


def _amount(given: int | float, currency: str, assumptions: Assumptions) -> int | float:
    cut = currency in assumptions.truncated_currencies
    amount = as_javascript(math.trunc(given) if cut else given)
    if currency == "IDR" and amount > assumptions.maximum_amount:
        raise SandboxError(
            400,
            "MAXIMUM_TRANSFER_AMOUNT_ERROR",
            f"The maximum amount of an invoice is {assumptions.maximum_amount}.",
        )
    least = max(assumptions.minimum_amount, 1) if currency == "IDR" else 0
    if amount < least or amount <= 0:
        raise SandboxError(
            400, "MINIMAL_TRANSFER_AMOUNT_ERROR", f"The minimum amount of an invoice is {max(least, 1)}."
        )
    return amount


def _reminder(body: JsonMapping, assumptions: Assumptions) -> timedelta | None:
    if "reminder_time" not in body and "reminder_time_unit" not in body:
        return None
    unit, time = body.get("reminder_time_unit", assumptions.default_reminder_unit), body.get("reminder_time")
    most = REMINDERS.get(str(unit))
    if most is None or time is None or not 1 <= time <= most:
        raise SandboxError(400, "INVALID_REMINDER_TIME", "The reminder time must be 1 to 30 days or 1 to 24 hours.")
    return timedelta(days=time) if unit == "days" else timedelta(hours=time)


def _channels_of(body: JsonMapping, currency: str, assumptions: Assumptions) -> tuple[str, ...]:
    asked = [known_code(code) for code in body.get("payment_methods", [])]
    unavailable = [code for code in asked if code not in CHANNELS[currency]]
    strict = assumptions.unavailable_payment_methods == "any"
    if unavailable and (strict or len(unavailable) == len(asked)):
        raise SandboxError(
            400,
            "UNAVAILABLE_PAYMENT_METHOD_ERROR",
            "The payment method choices did not match with the available one on this business.",
        )
    channels = available(currency, asked)
    if body.get("should_exclude_credit_card", False):
        channels = tuple(code for code in channels if CHANNELS[currency][code] is not ChannelKind.CARD)
    if not channels:
        raise SandboxError(
            400,
            "NO_COLLECTION_METHODS_ERROR",
            "The account has no payment method to collect this invoice with.",
        )
    return channels
