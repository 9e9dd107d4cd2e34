"""Amounts and times as people write them, in English and Indonesian. Pure. Its test compares with a browser's own Intl."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from xendit.display import money

if TYPE_CHECKING:
    from datetime import datetime

Language = Literal["en", "id"]

_SEPARATORS: dict[Language, dict[int, int]] = {
    "en": {},
    "id": str.maketrans(",.", ".,"),
}

_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
}
#: The time zone where a currency is used: hours ahead of UTC, and its name. None of them has summer time.
_ZONES = {"IDR": (7, "WIB"), "PHP": (8, "PHT"), "THB": (7, "ICT"), "VND": (7, "ICT"), "MYR": (8, "MYT")}


def exactly(number: float | Decimal) -> Decimal:
    """Give a number as it is written, so that 0.1 is a tenth."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def format_amount(amount: float | Decimal, currency: str, language: Language = "en") -> str:
    """Write an amount as the terminal does: `IDR 1,250,000`, `PHP 134.40`; in Indonesian `IDR 1.250.000`.

    The space does not break. A fraction is shown even if the currency has none, because the invoice holds it.
    """
    return money(amount, currency).replace(" ", "\xa0").translate(_SEPARATORS[language])


def format_number(number: float, language: Language = "en") -> str:
    """Write a plain number, such as a quantity: `3`, `2.5`, `1,000`."""
    text = f"{exactly(number):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(_SEPARATORS[language])


def format_moment(moment: datetime, currency: str, language: Language = "en") -> str:
    """Write a moment by the clock where the currency is paid: `26 Nov 2026, 03:16 WIB`; in UTC for any other."""
    hours, zone = _ZONES.get(currency, (0, "UTC"))
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M} {zone}"


def format_left(seconds: float) -> str:
    """Write how long is left as a clock does: `23:59:59`, `3d 04:00:00`."""
    left = max(0, int(seconds))
    days, rest = divmod(left, 86_400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}d {clock}" if days else clock
