"""Templates and files of the pages. Jinja2 escapes every value; it is imported here, with the first page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

_PACKAGE = "xendit.sandbox"

#: File name → its type. Nothing else of the package is served.
_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "payment.js": "text/javascript; charset=utf-8",
    "dashboard.js": "text/javascript; charset=utf-8",
    "merchant.svg": "image/svg+xml",
    "icon.svg": "image/svg+xml",
}


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: object) -> str:
    """Fill a template."""
    return str(_environment().get_template(name).render(values))


def static(name: str) -> tuple[str, bytes] | None:
    """Give the type and content of a file; None when there is no such file."""
    return (_TYPES[name], _content(name)) if name in _TYPES else None


@cache
def _content(name: str) -> bytes:
    return files(_PACKAGE).joinpath(f"static/{name}").read_bytes()
