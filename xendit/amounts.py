"""How an amount of money that a user gave is understood; used wherever amounts are sent, looked up or compared. No I/O.

An int and a Decimal are exact. A float is often the result of a calculation, and then it holds a small error: `1100.1 *
3` is 3300.2999999999997. So if an amount that the currency can have is within 10⁻¹² of the float's own size, the float
means that amount. Any other float means the number that Python shows for it.
"""

from __future__ import annotations

from xendit.codec import as_integer, is_decimal, money_parts, number_text
from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Context, Decimal
    from typing import Any, Protocol, TypeVar

    from xendit.codec import Plan
    from xendit.words import Path

    class _Planned(Protocol):
        """An instance of a model."""

        __plan__: Plan

    M = TypeVar("M", bound=_Planned)

    class MoneyValue(Protocol):
        """An amount with its currency, such as the `Money` of py-moneyed and django-money."""

        @property
        def amount(self) -> Decimal: ...
        @property
        def currency(self) -> Any: ...


__all__ = ["cut_amount", "exact_amount", "exact_amounts", "exact_decimal", "exact_sum", "given_money", "same_amount"]

WITHOUT_DECIMALS = frozenset({"IDR", "VND"})
"""Currencies whose decimals Xendit cuts; of others it keeps two (docs/Fidelity.md)."""

_NOISE = "1e-12"
"""How far a float may be from the amount that it means, as a share of its own size."""


def decimals_of(currency: object) -> int:
    """How many decimals Xendit keeps of an amount in this currency."""
    return 0 if str(currency).upper() in WITHOUT_DECIMALS else 2


def _context() -> Context:
    """A decimal context with room for every amount, no matter how the program changed the context of its thread."""
    from decimal import Context

    return Context(prec=1400)


def exact_decimal(value: object, path: Path) -> Decimal:
    """A number as a Decimal of the same value; for a float, a Decimal of the digits that Python shows for it.

    Raises:
        ApiTypeError, ApiValueError: it is no finite number; the path says where.
    """
    from decimal import Decimal

    if is_decimal(value):
        number_text(value, path)
        return value
    number = as_integer(value)
    text = number_text(value if number is None else number, path)
    return Decimal(text)


def exact_amount(value: object, currency: object = None, path: Path = ("amount",)) -> Decimal:
    """The amount that a user means by an int, a Decimal, an integer of numpy, or a float, which loses its noise.

    Args:
        value: in major units.
        currency: the code, in any case; without one, amounts have two decimals.
        path: names the value in errors.

    Raises:
        ApiTypeError, ApiValueError: it is no finite number.
    """
    exact = exact_decimal(value, path)
    if not isinstance(value, float):
        return exact
    from decimal import Decimal

    context = _context()
    near = context.quantize(exact, Decimal((0, (1,), -decimals_of(currency))))
    away = context.abs(context.subtract(near, exact))
    return near if away <= context.multiply(context.abs(exact), Decimal(_NOISE)) else exact


def cut_amount(value: object, currency: object, path: Path = ("amount",)) -> Decimal:
    """What Xendit keeps of an amount: decimals that its currency does not have are cut off, towards zero."""
    from decimal import ROUND_DOWN, Decimal

    exact = exact_amount(value, currency, path)
    return exact.quantize(Decimal((0, (1,), -decimals_of(currency))), ROUND_DOWN, _context())


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts; 0 if there are none."""
    from decimal import Decimal

    context, total = _context(), Decimal(0)
    for each in amounts:
        total = context.add(total, each)
    return total


def same_amount(asked: object, made: object, currency: object) -> bool:
    """Whether an invoice over `made` can be the one that was asked for over `asked`, as its currency cuts it.

    Raises:
        ApiTypeError, ApiValueError: one of them is no finite number.
    """
    wanted, found = exact_amount(asked, currency), exact_amount(made, currency)
    # a server that reads JSON numbers as floats answers with the nearest one
    return wanted == found or float(wanted) == float(found) or cut_amount(wanted, currency) == found


def given_money(amount: object, currency: object = None, path: Path = ()) -> tuple[Decimal, str | None]:
    """The exact amount and the upper-case currency of what a user gave: a number beside a code, or a money value.

    Args:
        amount: a number, or a value with `.amount` and `.currency`.
        currency: the code in any case, or an object with `code`, or None; that of a money value must be the same.
        path: what the errors begin with, such as the name of the function.

    Raises:
        ApiTypeError, ApiValueError: it is no finite number, no code, or the two currencies differ.
    """
    number, own = money_parts(amount, (*path, "amount"))
    code = own if currency is None else getattr(currency, "code", currency)
    if code is not None:
        if not isinstance(code, str):
            raise wrong_type(code, "str", (*path, "currency"))
        code = str.__str__(code).upper()
    if own is not None and own.upper() != code:
        raise wrong_value(f"the amount is in {own.upper()}, and currency says {code}", (*path, "amount"))
    return exact_amount(number, code, (*path, "amount")), code


def exact_amounts(model: M, currency: object = None) -> M:
    """The same request with every amount in it as `exact_amount` understands it; the request itself if nothing changes.

    Amounts that were read from an answer stay as they came.

    Args:
        model: any model; the amounts of those inside it are in its currency.
        currency: that of the model around it.
    """
    plan = model.__plan__
    own, within = plan.amounts
    if plan.received or not (own or within):
        return model
    if "currency" in plan.fields:
        currency = model.currency or currency  # type: ignore[attr-defined]
    changed: dict[str, object] = {}
    for name in own:
        value = getattr(model, name)
        if isinstance(value, float):
            digits = decimals_of(currency)
            if round(value, digits) != value:
                changed[name] = exact_amount(value, currency, (plan.name, name))
    for name in within:
        value = getattr(model, name)
        inside = _exact_within(value, currency)
        if inside is not value:
            changed[name] = inside
    if not changed:
        return model
    from copy import copy

    made = copy(model)
    for name, value in changed.items():
        object.__setattr__(made, name, value)
    return made


def amounts_in(value: Any, path: Path) -> Iterator[tuple[Path, object]]:
    """Every amount in a request, with its path: those of the model itself and those of everything in its fields."""
    if hasattr(value, "__plan__"):
        own, within = value.__plan__.amounts
        yield from (((*path, name), getattr(value, name)) for name in own if getattr(value, name) is not None)
        for name in within:
            yield from amounts_in(getattr(value, name), (*path, name))
    elif isinstance(value, (list, dict)):
        for step, each in enumerate(value) if isinstance(value, list) else value.items():
            yield from amounts_in(each, (*path, step))


def _exact_within(value: Any, currency: Any) -> Any:
    """The same for the value of a field: a model, or lists and dicts of models; the value itself if nothing changes."""
    if hasattr(value, "__plan__"):
        return exact_amounts(value, currency)
    if isinstance(value, list):
        items = [_exact_within(each, currency) for each in value]
        return items if any(item is not each for item, each in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        found = {name: _exact_within(each, currency) for name, each in value.items()}
        return found if any(found[name] is not each for name, each in value.items()) else value
    return value
