"""Numbers, times and texts: what is taken for one, and how each is written as JSON. No I/O."""

from __future__ import annotations

import sys

from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any, TypeGuard

    from xendit.words import Path

LARGEST_EXPONENT = 308
"""Numbers beyond this power of ten are refused: no amount needs them and their text would fill memory."""

_LARGEST_BITS = (10**LARGEST_EXPONENT).bit_length()


class _Absent:
    """The type of `absent`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "absent"


absent: Any = _Absent()
"""Stands for a field that was not given, where `None` does not fit its type. Any type takes it, hence Any."""


def parse_time(text: str) -> datetime:
    """An ISO 8601 text as an aware datetime, UTC when it has no offset. Raises ValueError."""
    from datetime import datetime, timezone

    try:
        # fromisoformat reads Z and any number of digits from Python 3.11 on
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in "Zz" and text else text)
    except ValueError:
        moment = _parse_odd_time(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _parse_odd_time(text: str) -> datetime:
    from dateutil.parser import isoparse

    if len(text) > 64 or not text.isascii():
        raise ValueError("no date")
    try:
        moment: datetime = isoparse(text)
    except OverflowError:
        raise ValueError("no date") from None
    return moment


def time_text(moment: datetime) -> str:
    """A datetime as ISO 8601 in UTC with `Z`, in milliseconds (microseconds where it has them)."""
    text = moment.isoformat("T", "microseconds" if moment.microsecond % 1000 else "milliseconds")
    if text[-6:] == "+00:00":  # nearly always: times that were read are in UTC
        return text[:-6] + "Z"
    if moment.tzinfo is None:
        return text + "Z"
    from datetime import timezone

    return time_text(moment.astimezone(timezone.utc))


def number_text(value: object, path: Path) -> str:
    """A finite int, float or Decimal as JSON text: exact, integral values as integers, never an exponent."""
    problem = ""
    if isinstance(value, int) and not isinstance(value, bool):
        if value.bit_length() <= _LARGEST_BITS:
            return int.__repr__(value)
        problem = f"the number is beyond 10 to the power of {LARGEST_EXPONENT}"
    elif isinstance(value, float):
        if value - value != 0.0:
            problem = "NaN and infinities are not numbers that can be sent"
        elif value.is_integer():
            return int.__repr__(int(value))
        else:
            text = float.__repr__(value)
            return text if "e" not in text else _decimal_text(text)
    elif is_decimal(value):
        if not value.is_finite():
            problem = "NaN and infinities are not numbers that can be sent"
        elif abs(value.adjusted()) > LARGEST_EXPONENT:
            problem = f"the number is beyond 10 to the power of {LARGEST_EXPONENT}"
        else:
            return _decimal_text(value)
    else:
        raise wrong_type(value, "int, float or Decimal", path)
    raise wrong_value(problem, path)


def _decimal_text(value: Decimal | str) -> str:
    from decimal import Decimal

    exact = Decimal(value)
    whole = exact.to_integral_value()
    return int.__repr__(int(whole)) if whole == exact else format(exact, "f")


def is_decimal(value: object) -> TypeGuard[Decimal]:
    """Whether the value is a Decimal, asked without importing `decimal` into a program that has none."""
    return is_of(value, "decimal", "Decimal")


def is_of(value: object, module: str, name: str) -> bool:
    """Whether the value is of a class of a module that the program need not have imported: nothing is imported here."""
    cls = getattr(sys.modules.get(module), name, None)
    return cls is not None and isinstance(value, cls)


def as_integer(value: object) -> int | None:
    """A value as an int: an int itself, or an integer of numpy or pandas by its `__index__`; None for anything else."""
    if isinstance(value, bool) or not hasattr(type(value), "__index__") or is_of(value, "numpy", "bool_"):
        return None  # NumPy before 2.3 still reads its booleans as integers, with a warning
    from operator import index

    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:  # an array of several numbers has `__index__` too, which raises this
        return None


_LAZY_TEXTS = (
    ("django.utils.functional", "Promise"),
    ("flask_babel.speaklater", "LazyString"),
    ("babel.support", "LazyProxy"),
)
"""Classes of texts that are translated when they are read: Django's `gettext_lazy`, Flask-Babel's and Babel's."""


def as_dict(value: Any) -> Any:
    """A mapping that is no dict, such as frozendict or types.MappingProxyType, as a dict; anything else as it is."""
    if isinstance(value, (dict, list, str)):
        return value
    from collections.abc import Mapping

    return dict(value) if isinstance(value, Mapping) else value


def as_text(value: object) -> str | None:
    """A value as a str: a str itself, or a lazy text in the language that is active now; None for anything else."""
    if isinstance(value, str):
        return str.__str__(value)
    if any(is_of(value, module, name) for module, name in _LAZY_TEXTS):
        return str.__str__(str(value))
    return None


def money_parts(value: Any, path: Path) -> tuple[object, str | None]:
    """The amount and the currency of a money value, such as py-moneyed's and django-money's; for a number, None as
    currency.

    Raises:
        ApiTypeError: the currency is no text and has no `code`.
    """
    if isinstance(value, (int, float)) or hasattr(value, "__plan__"):  # an `amount` of our models is none
        return value, None
    if not hasattr(value, "amount") or not hasattr(value, "currency"):
        return value, None
    code = getattr(value.currency, "code", value.currency)
    if not isinstance(code, str):
        raise wrong_type(code, "a currency's code", (*path, "currency"))
    return value.amount, str.__str__(code)
