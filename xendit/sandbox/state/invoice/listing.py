"""The query of a list: reads its parameters, in all their spellings, into a test of invoices. `Invoices` applies it."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xendit.sandbox.state.core.errors import Problem, invalid_input
from xendit.sandbox.state.core.times import parse_time
from xendit.sandbox.state.invoice.channels import known_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.invoice.record import InvoiceRecord

STATUSES = ("PENDING", "PAID", "SETTLED", "EXPIRED")
CLIENT_TYPES = ("API_GATEWAY", "DASHBOARD", "INTEGRATION", "ON_DEMAND", "RECURRING", "MOBILE")
ORIGINS = ("on_demand_link", "recurring_payment_id")
"""Parameters that hold one text, which must be that of the invoice's origin."""
ARRAYS: dict[str, tuple[str, ...] | None] = {
    "statuses": STATUSES,
    "client_types": CLIENT_TYPES,
    "payment_channels": None,
}
"""Parameters that hold several texts, with the texts that are allowed (None: any)."""
#: Date ranges, and what of an invoice each compares.
RANGES: dict[str, Callable[[InvoiceRecord], datetime | None]] = {
    "created": lambda invoice: invoice.created,
    "paid": lambda invoice: invoice.payment.paid_at if invoice.payment else None,
    "expired": lambda invoice: invoice.expiry_date if invoice.status == "EXPIRED" else None,
}
CURSORS = ("last_invoice", "last_invoice_id")

#: Every parameter that some version of the API is known to read.
KNOWN = (
    "external_id",
    *ORIGINS,
    *ARRAYS,
    "limit",
    *(f"{name}_{end}" for name in RANGES for end in ("after", "before")),
    *CURSORS,
)

_BRACKETED = re.compile(r"([a-z_]+)\[\d*\]", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)


@dataclass(frozen=True)
class ListQuery:
    """A query that was read: the size of the page, the cursor, and the conditions that an invoice must fulfil.

    The external id is kept apart, because the ledger can find invoices by it directly.
    """

    limit: int
    cursor: str | None
    reference: str | None
    tests: tuple[Callable[[InvoiceRecord], bool], ...]

    def selects(self, invoice: InvoiceRecord) -> bool:
        """Say whether an invoice fulfils every condition."""
        return all(test(invoice) for test in self.tests)


def read_query(pairs: Sequence[tuple[str, str]], assumptions: Assumptions) -> ListQuery:
    """Read the parameters, decoded, in the order in which they came. Unknown names are ignored.

    Raises SandboxError with API_VALIDATION_ERROR and `location: query`.
    """
    problems: list[Problem] = []
    tests: list[Callable[[InvoiceRecord], bool]] = []
    singles: dict[str, str] = {}
    for name in KNOWN:
        if name in ARRAYS:
            continue
        values = [value for key, value in pairs if key == name]
        if name in CURSORS and name not in assumptions.cursor_names:
            continue
        if len(values) > 1:
            kind = "number" if name == "limit" else "string"
            problems.append(((name,), f'"{name}" must be a {kind}', f"{kind}.base"))
        elif values and not values[0]:
            problems.append(((name,), f'"{name}" is not allowed to be empty', "any.empty"))
        elif values:
            singles[name] = values[0]

    tests += [_comes_of(name, singles[name]) for name in ORIGINS if name in singles]
    for name, allowed in ARRAYS.items():
        chosen = _array(name, allowed, pairs, assumptions, problems)
        if chosen is not None:
            tests.append(_among(name, chosen))
    for name in RANGES:
        within = _range(name, singles, assumptions, problems)
        if within is not None:
            tests.append(within)
    limit = _limit(singles.get("limit"), assumptions, problems)
    if problems:
        raise invalid_input(problems if assumptions.validation_errors == "all" else problems[:1], "query")
    cursor = next((singles[name] for name in CURSORS if name in singles), None)
    return ListQuery(limit, cursor, singles.get("external_id"), tuple(tests))


def unknown_names(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str | None]]:
    """Give the names of parameters that nothing reads, each once, with the nearest known one; None where none is near."""
    names = dict.fromkeys(_bracket_base(name) or name for name, _ in pairs)
    unknown = [name for name in names if name not in KNOWN]
    return [(name, next(iter(difflib.get_close_matches(name, KNOWN, 1)), None)) for name in unknown[:10]]


def _comes_of(name: str, wanted: str) -> Callable[[InvoiceRecord], bool]:
    return lambda invoice: getattr(invoice.origin, name) == wanted


def _among(name: str, chosen: frozenset[str]) -> Callable[[InvoiceRecord], bool]:
    if name == "statuses":
        return lambda invoice: invoice.status in chosen
    if name == "client_types":
        return lambda invoice: invoice.origin.client_type in chosen
    codes = frozenset(map(known_code, chosen))
    return lambda invoice: invoice.payment is not None and invoice.payment.channel in codes


def _array(
    name: str,
    allowed: tuple[str, ...] | None,
    pairs: Sequence[tuple[str, str]],
    assumptions: Assumptions,
    problems: list[Problem],
) -> frozenset[str] | None:
    """Collect an array in whichever spelling it came; None when it was not given."""
    encodings = assumptions.array_encodings
    plain = [value for key, value in pairs if key == name]
    values = list(plain)
    spelt_as_array = len(plain) > 1 and "repeated" in encodings
    if len(plain) == 1 and plain[0].lstrip().startswith("[") and "json" in encodings:
        parsed = _json_texts(plain[0])
        if parsed is None:
            problems.append(((name,), f'"{name}" must be an array', "array.base"))
            return None
        values, spelt_as_array = parsed, True
    if "bracketed" in encodings:
        bracketed = [value for key, value in pairs if _bracket_base(key) == name]
        values += bracketed
        spelt_as_array = spelt_as_array or bool(bracketed)
    if not values and not spelt_as_array:
        return None
    if not spelt_as_array and (len(values) > 1 or assumptions.single_value_array == "refused"):
        problems.append(((name,), f'"{name}" must be an array', "array.base"))
        return None
    if allowed is not None:
        message = f"must be one of [{', '.join(allowed)}]"
        wrong = [
            ((name, index), f'"{index}" {message}', "any.allowOnly")
            for index, value in enumerate(values)
            if value not in allowed
        ]
        problems.extend(wrong)
    return frozenset(values) or None


def _bracket_base(key: str) -> str | None:
    match = _BRACKETED.fullmatch(key)
    return match.group(1) if match else None


def _json_texts(text: str) -> list[str] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(parsed, list) and all(isinstance(entry, str) for entry in parsed):
        return parsed
    return None


def _range(
    name: str, singles: dict[str, str], assumptions: Assumptions, problems: list[Problem]
) -> Callable[[InvoiceRecord], bool] | None:
    """Read a pair of dates. Half a pair has no effect, but must still be a date."""
    ends: dict[str, datetime] = {}
    for end in ("after", "before"):
        text = singles.get(f"{name}_{end}")
        if text is None:
            continue
        moment = parse_time(text)
        if moment is None:
            field = f"{name}_{end}"
            problems.append(((field,), f'"{field}" must be a valid ISO 8601 date', "date.isoDate"))
        else:
            ends[end] = moment
    if len(ends) < 2:
        return None
    after, before, of = ends["after"], ends["before"], RANGES[name]
    inclusive = assumptions.date_bounds == "inclusive"

    def within(invoice: InvoiceRecord) -> bool:
        moment = of(invoice)
        if moment is None:
            return False
        return after <= moment <= before if inclusive else after < moment < before

    return within


def _limit(text: str | None, assumptions: Assumptions, problems: list[Problem]) -> int:
    if text is None:
        return assumptions.default_limit
    if _NUMBER.fullmatch(text) is None:
        problems.append((("limit",), '"limit" must be a number', "number.base"))
        return assumptions.default_limit
    value = float(text)
    if value != int(value):
        problems.append((("limit",), '"limit" must be an integer', "number.integer"))
    elif assumptions.limit_out_of_range == "clamped":
        return int(min(max(value, 1), 100))
    elif value < 1:
        problems.append((("limit",), '"limit" must be larger than or equal to 1', "number.min"))
    elif value > 100:
        problems.append((("limit",), '"limit" must be less than or equal to 100', "number.max"))
    return int(value)
