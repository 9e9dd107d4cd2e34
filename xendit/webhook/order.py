"""What a shop knows of its order: id, amount and currency, in the types that the shop's own code has. No I/O.

An order's key is often an integer or a UUID, its price a Decimal or a Money of py-moneyed and django-money, and its
currency written in either case. Xendit knows text, JSON numbers and codes in capitals; here one becomes the other.
"""

from __future__ import annotations

from xendit.amounts import given_money
from xendit.codec import Identifier
from xendit.exceptions import ApiTypeError

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import SupportsIndex, TypeAlias
    from uuid import UUID

    from xendit.amounts import MoneyValue

    OrderId: TypeAlias = "str | int | UUID"
    OrderAmount: TypeAlias = "float | Decimal | SupportsIndex | MoneyValue"

__all__ = ["order_id", "order_price"]


def order_id(value: object, where: str) -> str:
    """The id of an order as Xendit keeps it: text.

    Args:
        value: a str, an integer of any kind, or a UUID.
        where: who asks, for the message.

    Raises:
        ApiTypeError: it is none of these.
    """
    text: str = Identifier().take(value, (where, "external_id"))
    return text


def order_price(amount: object, currency: object, where: str) -> tuple[Decimal, str]:
    """What an order costs, exactly, and the code of its currency.

    Args:
        amount: an int, float or Decimal; or a value with `amount` and `currency`, which names its own currency.
        currency: a code in either case, or an object with `code`; None where the amount names it.
        where: who asks, for the message.

    Raises:
        ApiTypeError: the amount is no number, or there is no currency.
        ApiValueError: the amount is not finite, or it is in one currency, and another one is given.
    """
    exact, code = given_money(amount, currency, (where,))
    if code is None:
        raise ApiTypeError(
            f"{where}: give currency, or an amount that names it, such as a Money of py-moneyed", ("currency",)
        )
    return exact, code
