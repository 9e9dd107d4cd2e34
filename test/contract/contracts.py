"""What is known of each product from the official SDK: a folder beside this module for each, named as in `xendit/`.

    contract.json      what releases of it declare: models, enums, operations
    differences.json   where this library differs on purpose: reasons, and the declarations that have them
    wire/*.json        calls, and what those releases sent for them; may be absent
    answers.json       what the recorder answers to an operation, where its own invoice will not do; may be absent

A product without such a folder has none of these tests: nothing official is known that it could be held against.
"""

from __future__ import annotations

import json
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from xendit.model import fields
from xendit.products import Product, products

HERE = Path(__file__).resolve().parent


class Contract:
    """The contract of one product."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.home = HERE / product.folder
        read: dict[str, Any] = json.loads((self.home / "contract.json").read_text("utf-8"))
        self.releases = {version: each for version, each in read.items() if version != "note"}
        """By version, oldest first."""
        self.models = {name: model for each in self.releases.values() for name, model in each["models"].items()}
        """Each model and enum as the newest release that has it declares it."""
        self.apis: dict[str, Any] = self.releases[max(self.releases, key=list(self.releases).index)]["apis"]
        """The API classes of the newest release, with their operations."""
        self._differences = json.loads((self.home / "differences.json").read_text("utf-8"))

    def __repr__(self) -> str:
        return self.product.folder

    def names(self, kind: str) -> list[str]:
        """The names of all models (`object`) or enums (`enum`)."""
        return sorted(name for name, model in self.models.items() if model["kind"] == kind)

    def declared(self, model: str, version: str) -> dict[str, Any]:
        """The fields of a model in one release, in order; none when it lacks the model."""
        found: dict[str, Any] = self.releases[version]["models"].get(model, {}).get("fields", {})
        return found

    def newest(self, model: str) -> dict[str, Any]:
        """The fields of a model over all releases, each as the newest release that has it declares it."""
        return {name: field for version in self.releases for name, field in self.declared(model, version).items()}

    def by_position(self, model: str, version: str) -> list[str]:
        """The names of a release's fields in the order in which its constructor takes them: required ones first."""
        theirs = self.declared(model, version)
        names = sorted(theirs, key=lambda name: not theirs[name].get("required", False))
        return [self.spellings.get((model, name), name) for name in names]

    def model(self, name: str) -> Any:
        """Our class."""
        return getattr(import_module(f"{self.product.package}.model"), name)

    def fields(self, model: str) -> dict[str, Any]:
        """Our fields of a model, by name, in order."""
        return {field.name: field for field in fields(self.model(model))}

    def api(self, name: str) -> Any:
        """Our API class."""
        return getattr(import_module("xendit.apis"), name)

    def _rows(self, table: str) -> dict[tuple[str, ...], str]:
        reasons = self._differences["reasons"]
        return {tuple(key.split(".", 1)): reasons[reason] for key, reason in self._differences[table].items()}

    @cached_property
    def types(self) -> dict[tuple[str, ...], str]:
        """(model, field): why its type, or whether it is required, differs from the newest release that has it."""
        return self._rows("types")

    @cached_property
    def order(self) -> dict[tuple[str, ...], str]:
        """(model, field): why it does not stand where some release has it."""
        return self._rows("order")

    @cached_property
    def moved_in(self) -> dict[tuple[str, ...], list[str]]:
        """(model, field): the releases in which it stands elsewhere."""
        return {tuple(key.split(".", 1)): found for key, found in self._differences["moved_in"].items()}

    @cached_property
    def spellings(self) -> dict[tuple[str, ...], str]:
        """(model, field): the field that it is only a spelling of."""
        return {tuple(key.split(".", 1)): name for key, name in self._differences["spellings"].items()}

    @property
    def optional_bodies(self) -> list[str]:
        """The parameters that are required there and may be given here in another form: as keywords."""
        found: list[str] = self._differences["optional_bodies"]
        return found

    @cached_property
    def cases(self) -> dict[str, Any]:
        """The recorded calls by the names of their files."""
        return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((self.home / "wire").glob("*.json"))}

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The bodies that the recorder answers with, by operation."""
        path = self.home / "answers.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else {}


CONTRACTS = [Contract(each) for each in products() if (HERE / each.folder / "contract.json").exists()]
