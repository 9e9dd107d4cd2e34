"""What the sandbox assumes where nothing certain is known of the real API: one name for each choice.

`Assumptions` holds the choices that can be switched, `FIXED` those that cannot. docs/Fidelity.md explains every
row of both, with its source. No rule lives here, only which of the possible rules applies.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from xendit.sandbox.state.core.given import must_be, nearest, shown
from xendit.sandbox.state.invoice.channels import CURRENCIES, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """The switchable choices. `Assumptions()` has the likeliest choices, or the most useful ones where all are equally
    likely.

    Raises ValueError for a value that is none of the choices of its field.
    """

    # -- who calls
    sub_accounts: Literal["any", "object_id"] = "any"
    """`any`: every `for-user-id` is a sub-account of the caller. `object_id`: it must be 24 hex digits."""
    rate_limit: int = 60
    """Requests a minute, for one endpoint and one account, where a limit is enforced."""
    rate_limit_enforced: bool = False
    """Whether going over the limit is answered with 429. Only then do answers carry the Rate-Limit headers; otherwise
        they would slow down clients that obey them, for a limit that does not exist."""
    rule_ids: Literal["any", "prefixed"] = "any"
    """`any`: every text names a fee or split rule. `prefixed`: it must begin with `xpfeeru_` or `splitru_`."""
    idempotency: Literal["ignored", "replayed"] = "ignored"
    """What `X-IDEMPOTENCY-KEY` does on a create: nothing, or give the first invoice again."""

    # -- create
    default_currency: str = "IDR"
    """The currency of the business, taken when a request names none."""
    default_duration: int = 86_400
    """Seconds until an invoice expires when the request does not say."""
    minimum_amount: int = 0
    """The lowest amount in IDR; 0 means none. 1000 and 10000 have both been seen."""
    maximum_amount: int = 1_000_000_000
    """The highest amount in IDR."""
    truncated_currencies: frozenset[str] = frozenset({"IDR"})
    """Currencies whose decimals are cut off."""
    default_reminder_unit: Literal["days", "hours", "refused"] = "days"
    """The unit of a `reminder_time` that comes without one; `refused`: it is INVALID_REMINDER_TIME."""
    null_fields: Literal["refused", "absent"] = "refused"
    """What an optional field given as null means."""
    validation_errors: Literal["all", "first"] = "all"
    """Whether `errors` names every wrong field or only the first."""
    unavailable_payment_methods: Literal["any", "all"] = "any"
    """Whether one unavailable code among `payment_methods` refuses the request, or only when all of them are."""

    # -- get and expire
    malformed_id: Literal["not_found", "validation_error"] = "not_found"
    """The answer to an id that is not 24 hex digits: 404, or 400 naming the field."""
    failed_expire_status: int = 404
    """The HTTP status of an expire that finds no PENDING invoice."""
    failed_expire_code: str = "INVOICE_NOT_FOUND_ERROR"
    """The `error_code` of the same answer. Its message is known."""

    # -- list
    default_limit: int = 10
    """How many invoices a page holds when the request does not say. 25 is the other candidate."""
    limit_out_of_range: Literal["refused", "clamped"] = "refused"
    """What a `limit` outside 1 to 100 gets."""
    cursor_names: frozenset[str] = frozenset({"last_invoice", "last_invoice_id"})
    """The parameters that are read as the cursor; any other name is ignored."""
    cursor_direction: Literal["older", "newer"] = "older"
    """Whether the page after a cursor holds older or newer invoices. It is newest first either way."""
    cursor_inclusive: bool = False
    """Whether that page begins with the invoice of the cursor itself."""
    unknown_cursor: Literal["not_found", "first_page", "empty"] = "not_found"
    """The answer to a cursor that is no invoice of the account."""
    array_encodings: frozenset[str] = frozenset({"repeated", "bracketed", "json"})
    """The spellings of an array that are understood: `a=1&a=2`, `a[0]=1&a[]=2`, `a=["1","2"]`."""
    single_value_array: Literal["accepted", "refused"] = "accepted"
    """What `statuses=PAID`, one value of what should be an array, gets."""
    date_bounds: Literal["inclusive", "exclusive"] = "inclusive"
    """Whether an invoice exactly at an end of a date range is in it."""

    # -- payments and webhooks
    late_payments: bool = False
    """Whether an EXPIRED invoice can still be paid, as happens in a race."""
    settlement_delay: float = 0.0
    """Seconds from a payment until the invoice is SETTLED by itself; 0: only when told to."""
    expired_webhooks: bool = True
    """Whether an expiry is told by webhook (a switch in the dashboard)."""
    webhook_timeout: float = 30.0
    """Seconds until a webhook delivery without an answer has failed."""
    webhook_retries: int = 6
    """How often a webhook is tried again: after 15 min, 45 min, 2 h, 3 h, 6 h and 12 h, each from the last try."""
    retried_outcomes: frozenset[str] = frozenset({"FAILED"})
    """The outcomes after which a webhook is tried again, of FAILED, TIMEOUT and URL_NOT_SET."""

    # -- transactions and refunds
    transaction_fees: Literal["by_channel", "none"] = "by_channel"
    """What Xendit keeps of a payment: what the table of docs/Fidelity.md says for its channel, or nothing."""
    early_settlements: bool = False
    """Whether a payment that is settled before its time is EARLY_SETTLED, and not SETTLED."""
    refund_requests: Literal["both", "payment_request"] = "both"
    """What a refund may name: an invoice or a payment request; or a payment request alone, and then with a reason."""
    refund_codes: Literal["docs", "sdk"] = "docs"
    """Which codes refusals of a refund have: those of Xendit's page of 2026, or those of the official SDK 7.0.0."""
    refund_delay: float = 1.0
    """Seconds until a refund succeeds by itself; 0: only when told to."""
    refund_funds: Literal["unchecked", "cash"] = "unchecked"
    """Whether the CASH balance must cover a refund; else it may go below zero."""
    refund_keys: Literal["ignored", "replayed"] = "ignored"
    """What `idempotency-key` does on a refund: nothing, or give the first refund again."""
    refund_references: Literal["any", "unique"] = "any"
    """Whether two refunds may bear one `reference_id`; else the second is 409 DUPLICATE_ERROR."""
    concurrent_refunds: bool = True
    """Whether a payment can be refunded while another refund of it is PENDING; else it is REFUND_IN_PROGRESS."""
    partial_refunds: frozenset[str] = frozenset(KINDS)
    """The kinds of channels whose payments can be given back in part, of BANK_TRANSFER, EWALLET and so on."""
    refunded_kinds: frozenset[str] = frozenset(KINDS)
    """The kinds of channels whose payments can be given back at all."""
    refund_limit: int = 10
    """How many refunds a payment may have."""
    report_delay: float = 1.0
    """Seconds until a report is written; 0: only when told to."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            expected = _types()[field.name]
            if get_origin(expected) is Literal:
                if value not in get_args(expected):
                    known = get_args(expected)
                    raise ValueError(must_be(field.name, f"one of {', '.join(known)}", value, known))
            elif get_origin(expected) is frozenset:
                if isinstance(value, str):
                    raise ValueError(must_be(field.name, "a collection of texts", value))
                object.__setattr__(self, field.name, frozenset(value))
            elif expected is not bool and expected in (int, float):
                if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                    raise ValueError(must_be(field.name, "a number and not negative", value, number=True))
            elif not isinstance(value, expected):
                wanted = "true or false" if expected is bool else "a text"
                raise ValueError(must_be(field.name, wanted, value))
        for name, chosen, may, known in (
            ("default_currency", {self.default_currency}, "be", CURRENCIES),
            ("truncated_currencies", self.truncated_currencies, "be", CURRENCIES),
            ("array_encodings", self.array_encodings, "hold", ("repeated", "bracketed", "json")),
            ("retried_outcomes", self.retried_outcomes, "hold", ("FAILED", "TIMEOUT", "URL_NOT_SET")),
            ("partial_refunds", self.partial_refunds, "hold", KINDS),
            ("refunded_kinds", self.refunded_kinds, "hold", KINDS),
        ):
            for strange in sorted(chosen - set(known), key=str):
                told = f"{shown(strange)} was given{nearest(strange, known)}"
                raise ValueError(f"{name} may {may} {', '.join(known)}; {told}")
        if self.webhook_retries not in range(7):
            raise ValueError(must_be("webhook_retries", "0 to 6", self.webhook_retries, number=True))
        if not 1 <= self.default_limit <= 100:
            raise ValueError(must_be("default_limit", "1 to 100", self.default_limit, number=True))
        if self.webhook_timeout <= 0:
            raise ValueError(must_be("webhook_timeout", "more than 0 seconds", self.webhook_timeout, number=True))

    @classmethod
    def of_names(cls, choices: JsonMapping, *, lenient: bool = False) -> Assumptions:
        """Make one of choices by name. `lenient` leaves out names that this version does not have, as in an old file.

        Raises ValueError for a name that is no switch, and for a value that is none of its choices.
        """
        unknown = [name for name in choices if name not in _types()]
        if unknown and not lenient:
            raise ValueError(_unknown(unknown[0]))
        return cls(**{name: value for name, value in choices.items() if name not in unknown})

    def switched(self) -> JsonObject:
        """Give the choices that differ from our own, as JSON values: a set is a sorted list."""
        changed = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                changed[field.name] = sorted(value) if isinstance(value, frozenset) else value
        return changed


@functools.lru_cache(maxsize=1)
def _types() -> dict[str, Any]:
    """Give the type of each field, resolved."""
    return get_type_hints(Assumptions)


def read_assumption(name: str, text: str) -> Any:
    """Read the value of one choice from the text that a person typed, such as `PHP`, `0.5`, `true` or `FAILED,TIMEOUT`.

    Raises ValueError, with a sentence that names what would be right, for a name that is no switch and for a text that
    is no value of it. What the values may be beyond their type is checked when an `Assumptions` is made of them.
    """
    expected = _types().get(name)
    if expected is None:
        raise ValueError(_unknown(name))
    if get_origin(expected) is frozenset:
        return frozenset(filter(None, (part.strip() for part in text.split(","))))
    if expected is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, not {text!r}")
        return text.lower() == "true"
    if expected in (int, float):
        try:
            return expected(text)
        except ValueError:
            kind = "a whole number" if expected is int else "a number"
            raise ValueError(f"{name} must be {kind}, not {text!r}") from None
    return text.upper() if name == "default_currency" else text


def read_choices(typed: Iterable[str], currency: str | None = None) -> JsonObject:
    """Read choices that a person typed, each as `NAME=VALUE`; `currency` is short for `default_currency`.

    Raises ValueError.
    """
    choices = {}
    for each in typed:
        name, equals, text = each.partition("=")
        if not equals:
            raise ValueError(f"an assumption is given as NAME=VALUE, such as default_currency=PHP, not {each!r}")
        choices[name.strip()] = read_assumption(name.strip(), text.strip())
    if currency is not None:
        if choices.get("default_currency", currency.upper()) != currency.upper():
            raise ValueError("the currency and the assumption default_currency name two currencies")
        choices["default_currency"] = read_assumption("default_currency", currency)
    return choices


def _unknown(name: str) -> str:
    if name in FIXED:
        return f"{name} cannot be switched: {FIXED[name]} (docs/Fidelity.md)"
    near = difflib.get_close_matches(name, _types(), 1)
    guess = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(_types())}"
    return f"there is no assumption {name!r}{guess}"


FIXED: dict[str, str] = {
    "unknown_request_fields": "ignored, neither refused nor given back",
    "validation_wording": "messages and types as the joi library words them where no recording shows them",
    "validation_order": "types and limits of all fields first, then one of the other 400 codes",
    "unrecorded_messages": "texts of codes whose message was never seen are our own",
    "body_without_json_type": "a body whose Content-Type is not JSON is INVALID_JSON_FORMAT",
    "body_limit": "1 MiB, then 413",
    "empty_payment_methods": "an empty list means all methods, as if absent",
    "available_channels": "every channel of section 2.5 for the currency is activated; USD has cards only",
    "fpx_codes": "a bank of FPX is taken with and without DD_, and given back with it",
    "callback_virtual_account": "there is none, so naming one is 404 CALLBACK_VIRTUAL_ACCOUNT_NOT_FOUND_ERROR",
    "redirect_urls": "any scheme but javascript, data, vbscript, file and blob",
    "redirects": "to the success URL after a payment, to the failure URL after a failed one or an expiry on the page",
    "reminder_date": "the expiry date less the reminder time",
    "merchant_name": "as it was given, not HTML-escaped",
    "scheme_headers": "the rules of with-fee-rule and with-split-rule are kept, and change no amount",
    "reminders": "noted in the time line at the reminder date while PENDING; nothing is sent to anyone",
    "expired_range": "expired_after and expired_before compare the expiry date of EXPIRED invoices",
    "client_type": "invoices created over the API are API_GATEWAY",
    "both_cursor_names": "last_invoice wins when both are given",
    "unknown_paths": "404 and a method that the path has not 405, both as JSON",
    "expire_percent_encoded": "expire%21 is the same path as expire!",
    "doubled_slash": "slashes at the beginning of a path count as one",
    "live_keys": "403 REQUEST_FORBIDDEN_ERROR: a sandbox must never see one",
    "direct_debit_and_paylater_webhooks": "only the fields that every PAID body has",
    "paid_times": "paid_at and updated are the same moment",
    "settlement": "no webhook tells of SETTLED",
    "transaction_ids": "made of the id of what moved the money, so that they are the same each time",
    "payment_requests": "every payment of an invoice has a payment request, made of the invoice's id",
    "unknown_transaction_parameters": "GET /transactions refuses a parameter that it does not know",
    "settlement_days": "estimated by the kind of channel, as the table of docs/Fidelity.md says",
    "tax_balance": "nothing is withheld, so that the TAX balance is 0",
    "refund_fees": "a refund costs nothing, and the fee of the payment is not given back",
    "refund_webhooks": "refund.succeeded and refund.failed; nothing tells of one that is cancelled",
    "clock_expiry_webhook": "sent when the sandbox notices, within a second of the expiry",
}
"""The choices without a switch."""
