"""What the sandbox answers beside the API: the control plane of all products, and what each product adds to it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from xendit.products import products
from xendit.sandbox.control import CONTROL, Control
from xendit.sandbox.pages.guard import Guard
from xendit.sandbox.pages.page_files import PageFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from xendit.sandbox.control import Stage
    from xendit.sandbox.server import Part
    from xendit.sandbox.state import SharedState
    from xendit.sandbox.state.core.jsontext import JsonObject


@functools.lru_cache(maxsize=1)
def product_parts() -> tuple[ModuleType, ...]:
    """Give the module `sandbox_parts` of every product that has one, in the order of the products."""
    modules = (product.optional_module("sandbox_parts") for product in products())
    return tuple(module for module in modules if module is not None)


def parts_of(shared: SharedState, stage: Stage, port: int) -> tuple[Part, ...]:
    """Make the parts of a sandbox."""
    guard = Guard(str(port), shared.source)
    own = (part for module in product_parts() for part in module.parts_of(shared, stage, guard))
    return (Control(shared, stage), PageFiles(), *own)


def control_routes() -> list[tuple[str, str, str, str, type[object]]]:
    """Give the rows of the control plane, each with the class whose method answers."""
    rows: list[tuple[str, str, str, str, type[object]]] = [(*row, Control) for row in CONTROL]
    for module in product_parts():
        rows += [(*row, module.CONTROL_PART) for row in module.CONTROL]
    return rows


def control_bodies() -> dict[str, JsonObject]:
    """Give the members of the JSON bodies that the products' rows take, by the method that reads each."""
    return {name: members for module in product_parts() for name, members in module.CONTROL_BODIES.items()}


def first_steps(url: str, key: str) -> str:
    """Give what to try first on a sandbox, as lines for a terminal: what each product says."""
    return "\n\n".join(filter(None, (module.first_steps(url, key) for module in product_parts())))


def run_demo(arguments: Sequence[str] = ()) -> int:
    """Run the demo of the first product that has one, and give its exit code."""
    demos = (product.optional_module("demo") for product in products())
    code: int = next(demo for demo in demos if demo is not None).main(arguments)
    return code
