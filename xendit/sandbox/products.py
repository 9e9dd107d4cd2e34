"""The products that the sandbox knows: each declares its rules in a module `sandbox` of its own folder."""

from __future__ import annotations

import functools
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xendit.sandbox.state.core.rules import ProductRules

PRODUCTS = ("invoice",)


@functools.lru_cache(maxsize=1)
def product_rules() -> tuple[ProductRules, ...]:
    """Give the rules of every product that declares some, in the order of the products."""
    found = []
    for name in PRODUCTS:
        module = f"xendit.{name}.sandbox"
        if find_spec(module) is not None:
            rules: ProductRules = import_module(module).RULES
            found.append(rules)
    return tuple(found)


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
