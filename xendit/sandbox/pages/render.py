"""Templates and files of the pages. Jinja2 escapes every value; it is imported here, with the first page.

What the pages of all products share stands in this package, in `sandbox/templates` and `sandbox/static`. A product's own
stand in `pages/templates` and `pages/static` of its folder, and bear the folder's name: `invoice/payment.html`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from xendit.products import products

if TYPE_CHECKING:
    import sys

    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

#: The types of file that are served, by how their names end.
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
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
    kind = _TYPES.get(name.rpartition(".")[2])
    return None if kind is None or name not in _found("static") else (kind, _content(name))


@cache
def _found(kind: str) -> dict[str, Traversable]:
    """All files of a kind (`templates` or `static`) by their names. No other file can be asked for."""
    places = {"": files("xendit.sandbox") / kind}
    places |= {f"{product.folder}/": files(product.package) / "pages" / kind for product in products()}
    return {prefix + file.name: file for prefix, place in places.items() if place.is_dir() for file in place.iterdir()}


@cache
def _content(name: str) -> bytes:
    return _found("static")[name].read_bytes()


def _source(name: str) -> str | None:
    """The text of a template, as Jinja2 asks for it."""
    file = _found("templates").get(name)
    return None if file is None else file.read_text("utf-8")
