"""What a shop knows of its order: id, amount and currency, in the types that the shop's own code has. No I/O.

An order's key is often an integer or a UUID, its price a Decimal or a Money of py-moneyed and django-money, and its
currency written in either case. Xendit knows text, JSON numbers and codes in capitals; here one becomes the other.
"""

from __future__ import annotations

import operator
import sys
from typing import Any

from xendit.codec import is_decimal, type_name
from xendit.exceptions import ApiTypeError, ApiValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Protocol, TypeAlias
    from uuid import UUID

    class Money(Protocol):
        """A value with an amount and a currency, such as one of py-moneyed or django-money."""

        @property
        def amount(self) -> Any:
            """How much, in major units."""
            ...

        @property
        def currency(self) -> Any:
            """The currency: a code, or an object with `code`."""
            ...

    OrderId: TypeAlias = "str | int | UUID"
    OrderAmount: TypeAlias = "float | Decimal | Money"

__all__ = ["currency_code", "order_id", "order_price"]


def order_id(value: object, where: str) -> str:
    """The id of an order as Xendit keeps it: text.

    Args:
        value: a str, an integer of any kind, or a UUID.
        where: who asks, for the message.

    Raises:
        ApiTypeError: it is none of these.
    """
    if isinstance(value, str):
        return str.__str__(value)
    uuid = sys.modules.get("uuid")  # what is a UUID has loaded its module
    if uuid is not None and isinstance(value, uuid.UUID):
        return str(value)
    whole = _whole(value)
    if whole is None:
        raise ApiTypeError(f"{where}: external_id is {type_name(value)}, str, int or UUID is needed", ("external_id",))
    return str(whole)


def order_price(amount: object, currency: object, where: str) -> tuple[int | float | Decimal, str]:
    """What an order costs, and the code of its currency.

    Args:
        amount: an int, float or Decimal; or a value with `amount` and `currency`, which names its own currency.
        currency: a code in either case, or an object with `code`; None where the amount names it.
        where: who asks, for the message.

    Raises:
        ApiTypeError: the amount is no number, or there is no currency.
        ApiValueError: the amount is in one currency, and another one is given.
    """
    value: Any = amount
    own = None
    if hasattr(value, "amount") and hasattr(value, "currency"):
        own, value = currency_code(value.currency, where), value.amount
    if currency is not None:
        code = currency_code(currency, where)
        if own not in (None, code):
            raise ApiValueError(f"{where}: the amount is in {own}, and currency says {code}", ("currency",))
    elif own is not None:
        code = own
    else:
        raise ApiTypeError(
            f"{where}: give currency, or an amount that names it, such as a Money of py-moneyed", ("currency",)
        )
    number = value if isinstance(value, float) or is_decimal(value) else _whole(value)
    if number is None:
        raise ApiTypeError(f"{where}: amount is {type_name(value)}, a number is needed", ("amount",))
    return number, code


def currency_code(currency: object, where: str) -> str:
    """A currency's code in capitals, as Xendit writes it."""
    code = getattr(currency, "code", currency)
    if not isinstance(code, str):
        raise ApiTypeError(f"{where}: currency is {type_name(currency)}, str is needed", ("currency",))
    return str.__str__(code).upper()


def _whole(value: Any) -> int | None:
    """An integer of any kind, numpy's among them, as an int; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None
