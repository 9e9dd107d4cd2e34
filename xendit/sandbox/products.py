"""The products that the sandbox knows: each declares its rules in a module `sandbox` of its own folder."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from xendit.products import products

if TYPE_CHECKING:
    from types import ModuleType

    from xendit.sandbox.state.core.rules import ProductRules


@functools.lru_cache(maxsize=1)
def product_rules() -> tuple[ProductRules, ...]:
    """Give the rules of every product that declares some, in the order of the products."""
    modules = (product.optional_module("sandbox") for product in products())
    return tuple(module.RULES for module in modules if module is not None)


def product_part(kind: str, name: str) -> ModuleType | None:
    """Give a module of the product whose records are of a kind; None where there is no such product, or no such module."""
    for product in products():
        module = product.optional_module("sandbox")
        if module is not None and module.RULES.kind == kind:
            return product.optional_module(name)
    return None


def titles() -> str:
    """Give the names of the parts of the API for which the sandbox stands in, such as `Invoice API`."""
    *others, last = [product.title for product in products() if product.optional_module("sandbox") is not None]
    return f"{', '.join(others)} and {last}" if others else last


def operations() -> tuple[str, ...]:
    """Give what a fault of a request may name: an operation of any product, and of one alone as `kind.operation`."""
    names = dict.fromkeys(route.operation for rules in product_rules() for route in rules.routes)
    exact = (f"{rules.kind}.{route.operation}" for rules in product_rules() for route in rules.routes)
    return (*names, *exact)


def webhook_statuses() -> tuple[str, ...]:
    """Give what a fault of a webhook may name: a status of any product, and of one alone as `kind.STATUS`."""
    names = dict.fromkeys(status for rules in product_rules() for status in rules.webhook_statuses)
    exact = (f"{rules.kind}.{status}" for rules in product_rules() for status in rules.webhook_statuses)
    return (*names, *exact)
