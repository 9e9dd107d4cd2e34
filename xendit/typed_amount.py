"""Amounts as a person writes them, on a command line, in a form or in a file: read so that none is mistaken for
another.

`150.000` is one hundred and fifty thousand in Indonesia and in Vietnam, and one hundred and fifty elsewhere. An amount
that can be read in two ways is refused, and the error gives both readings. No I/O.
"""

from __future__ import annotations

import re
from decimal import Decimal

from xendit.amounts import cut_amount
from xendit.exceptions import ApiValueError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.codec import Plan
    from xendit.words import Path

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


class WrittenFloat(float):
    """A number from a JSON text that remembers how it was written, if Python would show it in another way."""

    text: str


def written_number(text: str) -> float:
    """A JSON number with a point or an exponent. Given to `json.loads(..., parse_float=)` for JSON that a person wrote."""
    number = WrittenFloat(text)
    number.text = text
    return number


def typed_amount(text: str, currency: object = None) -> Decimal:
    """The amount that a person wrote, exactly.

    Args:
        text: digits, with a point before decimals where there are any; spaces around them do not count.
        currency: the code, in any case, if it is known. Decimals that the currency does not have are refused, except
            `.0` and `.00`.

    Raises:
        ApiValueError: it is no such number, or it can be read in two ways.
    """
    written = text.strip()
    if not _NUMBER.fullmatch(written):
        raise ApiValueError(f"{text!r} is no number such as 150000 or 99.95; write it without separators")
    amount = Decimal(written)
    check_typed_amount(amount, currency)
    return amount


def check_typed_amount(amount: Decimal, currency: object = None, path: Path = ()) -> None:
    """Check that an amount can be read in one way only, and has no more decimals than its currency.

    Args:
        amount: with as many decimals as were written.
        currency: as for `typed_amount`; without one, an amount has two decimals at most.
        path: where it stands, for the error's `path_to_item`.

    Raises:
        ApiValueError: there are two readings; the text gives both.
    """
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    kept = cut_amount(amount, currency)
    if decimals <= 2 and kept == amount:
        return
    code = "" if currency is None else str(currency).upper()
    if decimals > 2:
        problem = (
            "has its point before exactly three digits, as where it groups thousands"
            if decimals == 3
            else (f"has {decimals} decimals, which no currency has")
        )
    else:
        problem = f"has decimals, which {code} does not have"
    together = int(f"{amount:f}".replace(".", ""))
    raise ApiValueError(
        f"'{amount:f}' {problem}: it can be read as {together} or as {_shown(kept)}; write the one that is meant", path
    )


def check_typed_request(values: dict[str, object], plan: Plan, currency: object = None, path: Path = ()) -> None:
    """Check the same for every amount of a request that a person wrote, the models inside it included.

    In `values`, each `WrittenFloat` is replaced by a Decimal, so that amounts from JSON are exact afterwards.

    Args:
        values: the request as a dict, from flags, a row of CSV or JSON. Values that are no numbers are left alone.
        plan: the plan of the request's model, which knows the fields that are amounts.
        currency: the currency of the outer model; that of the request itself goes before it.
        path: where the request stands.

    Raises:
        ApiValueError: an amount has two readings; `path_to_item` says which one.
    """
    own, within = plan.amounts
    currency = values.get("currency") or currency
    for name in own:
        value = values.get(name)
        if isinstance(value, WrittenFloat):
            value = values[name] = Decimal(value.text)
        if isinstance(value, Decimal):
            check_typed_amount(value, currency, (*path, name))
    for name in within:
        value = values.get(name)
        kind = plan.fields[name].kind
        inner: Plan = getattr(kind, "item", kind).plan  # type: ignore[union-attr]
        for number, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(each, dict):
                where = (*path, name) if number is None else (*path, name, number)
                check_typed_request(each, inner, currency, where)


def _shown(amount: Decimal) -> str:
    return f"{int(amount)}" if amount == int(amount) else f"{amount:f}"
