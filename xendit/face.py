"""Faces: packages whose names are loaded on first use, so that a program pays for what it uses (PEP 562).

    __getattr__, __dir__ = face_of(__name__, HOMES.get, HOMES.keys)

A face names everything twice: in a branch for type checkers and editors, which cannot read a dict of texts, and in such
a dict for the running program. The names of products are derived: docs/build.py writes the branch, and this module
finds the rest at run time.
"""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    #: The functions that a module uses as its `__getattr__` and its `__dir__`.
    Face: TypeAlias = "tuple[Callable[[str], Any], Callable[[], list[str]]]"


def face_of(
    module: str,
    find: Callable[[str], str | None],
    names: Callable[[], Iterable[str]],
    others: Callable[[], Iterable[str]] = tuple,
) -> Face:
    """The `__getattr__` and the `__dir__` of a face. A name that was loaded is kept as an attribute of the module.

    Args:
        module: the face's name.
        find: gives the module that has a name, or None. For a submodule of the face, it gives that submodule.
        names: gives the names of `__all__`.
        others: gives names that can be found but are not listed; the error for a misspelt name may suggest them.
    """

    def look_up(name: str) -> object:
        from importlib import import_module

        if name == "__all__":
            return list(names())
        private = name.startswith("_") and name != "__version__"  # tools that look at every module ask for such names
        home = None if private else find(name)
        if home is None:
            raise missing(module, name, () if private else (*names(), *others()))
        value: object = import_module(home)
        if home != f"{module}.{name}":
            value = getattr(value, name)
        setattr(sys.modules[module], name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[module]), *names()})

    return look_up, listed


def missing(module: str, name: str, known: Iterable[str]) -> AttributeError:
    """The error for a name that a face does not have, with the nearest that it has."""
    from xendit.words import nearest

    near = nearest(name, list(known))
    return AttributeError(f"module {module!r} has no attribute {name!r}{near}", name=name)


def product_face(module: str) -> Face:
    """The face of a product's package: its API classes, the package of its models, and the models."""

    def homes() -> dict[str, str]:
        from xendit.products import product_of

        product = product_of(module.rpartition(".")[2])
        return {**product.model_homes, **product.api_homes, "model": f"{module}.model"}

    return face_of(module, lambda name: homes().get(name), homes)


def apis_face(module: str, homes: Mapping[str, str]) -> Face:
    """The face of the API classes of all products, and of the stand-ins for those that are not here.

    Args:
        module: the face's name.
        homes: each API class with its module, derived, so that importing one asks no product.
    """
    return face_of(module, lambda name: homes.get(name) or api_home(name), api_names, lambda: _elsewhere().api_names())


def models_face(module: str) -> Face:
    """The face of the models of all products."""
    return face_of(module, _model_home, model_names)


def webhook_face(module: str, homes: Mapping[str, str]) -> Face:
    """The face of `xendit.webhook`: its own names, and those that products add."""

    def all_homes() -> dict[str, str]:
        from xendit.products import products

        return dict(homes) | {name: home for product in products() for name, home in product.webhook_homes.items()}

    return face_of(module, lambda name: homes.get(name) or all_homes().get(name), all_homes)


def top_face(module: str, homes: Mapping[str, str]) -> Face:
    """The face of the whole package: its own names, then API classes, names of xendit-python 0.x, and models.

    A name of 0.x goes before a model of the same name, because programs for 0.x import it from here.
    """

    def find(name: str) -> str | None:
        if name in homes:
            return homes[name]
        from xendit.products import PRODUCTS

        if name in PRODUCTS:
            return f"{module}.{name}"
        home = api_home(name)
        if home is None:
            home = "xendit.elsewhere" if name in _elsewhere().ABSENT else _model_home(name)
        return home

    def others() -> list[str]:
        elsewhere = _elsewhere()
        return [*model_names(), *elsewhere.api_names(), *elsewhere.ABSENT]

    return face_of(module, find, lambda: [*(name for name in homes if name != "__version__"), *api_names()], others)


def api_names() -> list[str]:
    """The API classes of all products."""
    from xendit.products import products

    return [name for product in products() for name in product.api_homes]


def api_home(name: str) -> str | None:
    """The module of an API class: of a product, or of a stand-in."""
    from xendit.products import products

    for product in products():
        if name in product.api_homes:
            return product.api_homes[name]
    return "xendit.elsewhere" if name in _elsewhere().api_names() else None


def model_names() -> list[str]:
    """The models of all products, except names that several products have and none claims."""
    from xendit.products import products

    found = [name for product in products() for name in product.model_homes]
    claimed = {name for product in products() for name in product.claims}
    return [name for name in dict.fromkeys(found) if found.count(name) == 1 or name in claimed]


def _model_home(name: str) -> str | None:
    """The module of a model, by its name alone.

    Raises:
        AttributeError: several products have a model of that name; the text has each import.
    """
    from xendit.products import products

    homes = [(product, product.model_homes[name]) for product in products() if name in product.model_homes]
    homes = [each for each in homes if name in each[0].claims] or homes
    if len(homes) > 1:
        lines = " or ".join(f"from {product.package}.model import {name}" for product, _ in homes)
        raise AttributeError(f"several products have a model {name!r}: write {lines}", name=name)
    return homes[0][1] if homes else None


def _elsewhere() -> Any:
    from importlib import import_module

    return import_module("xendit.elsewhere")
