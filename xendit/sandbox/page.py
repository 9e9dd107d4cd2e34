"""The payment page: what a payer sees of an invoice, in HTML, and the two files it uses.

Plain on purpose, and nobody's brand. Jinja2 escapes every value; nothing of an invoice is ever a link, an address
or a style. Jinja2 is imported here, when the first page is asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.times import format_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.sandbox.state import Invoice

_PACKAGE = "xendit.sandbox"

MERCHANT_PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
    b'<rect width="64" height="64" rx="8" fill="#6b7280"/>'
    b'<path d="M16 28h32v22H16zM13 18h38l4 10H9z" fill="#f9fafb"/></svg>'
)


@cache
def _template(name: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(name)


def invoice_page(invoice: Invoice, token: str) -> str:
    """Show an invoice; while it is PENDING with a button that pays it. `token` proves that we made the form."""
    return str(
        _template("invoice.html").render(
            invoice=invoice,
            amount=format_amount(invoice.amount),
            description=invoice.echoed.get("description"),
            expires=format_time(invoice.expiry_date)[:16].replace("T", " ") + " UTC",
            token=token,
        )
    )


def missing_page() -> str:
    """Say that there is no such invoice."""
    return str(_template("missing.html").render())


def format_amount(amount: int | float) -> str:
    """Write an amount for people: `1,250,000`, `134.40`."""
    return f"{amount:,}" if isinstance(amount, int) else f"{amount:,.2f}"


@cache
def _style() -> tuple[str, bytes]:
    from importlib.resources import files

    return "text/css; charset=utf-8", files(_PACKAGE).joinpath("static/page.css").read_bytes()


STATIC: dict[str, Callable[[], tuple[str, bytes]]] = {
    "page.css": _style,
    "merchant.svg": lambda: ("image/svg+xml", MERCHANT_PICTURE),
}
"""File name → what gives its type and content."""
