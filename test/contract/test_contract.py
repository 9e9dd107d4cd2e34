"""The models and methods of each product, against what releases of the official SDK declare (`contract.json`).

Ours is the union of them. Where a declaration differs on purpose, the difference is a row of `differences.json` with its
reason; a row whose difference is gone fails, so that the tables stay true. `contracts.py` says what a product's folder
holds; nothing here knows a product.
"""

from __future__ import annotations

from importlib import import_module
from inspect import Parameter, signature

import pytest
from contracts import CONTRACTS

from xendit.model import Model, OpenEnum


def every(*names, of):
    """A test for each of what `of` gives of each contract, with the contract itself before it."""
    rows = [(contract, *row) for contract in CONTRACTS for row in of(contract)]
    return pytest.mark.parametrize(("contract", *names), rows)


def models(contract):
    """All models and enums."""
    return [(name,) for name in contract.models]


def releases_of(kind):
    """What gives every model or enum with every release."""
    return lambda contract: [(name, version) for name in contract.names(kind) for version in contract.releases]


def fields_with(fact=None):
    """What gives every field of every model, or those of which the contract says something."""
    return lambda contract: [
        (model, field)
        for model in contract.names("object")
        for field, facts in contract.newest(model).items()
        if fact is None or fact in facts
    ]


def operations(contract):
    """All operations, with the API class of each."""
    return [(api, operation) for api, found in contract.apis.items() for operation in found]


def kind_text(types):
    """The contract's type as the kind of a field is written."""
    [kind] = [each for each in types if each != "null"]
    if isinstance(kind, dict):
        return f"list[{kind_text(kind['array'])}]" if "array" in kind else "object"
    return {"string": "str", "date-time": "datetime"}.get(kind, kind)


@every("name", of=models)
def test_import_paths(contract, name):
    """A model is one class, importable by every path that users write."""
    package, facts = contract.product.package, contract.models[name]
    paths = (f"{package}.model.{facts['module']}", f"{package}.model", "xendit.models", package)
    classes = {getattr(import_module(path), name) for path in paths}
    assert len(classes) == 1
    [cls] = classes
    assert issubclass(cls, Model if facts["kind"] == "object" else OpenEnum)
    assert (cls.__name__, getattr(import_module(cls.__module__), name)) == (name, cls)


@every("name", of=models)
def test_star_import_and_dir(contract, name):
    """A model is among the names that `import *` and `dir` give."""
    for path in (f"{contract.product.package}.model", "xendit.models"):
        module = import_module(path)
        assert name in module.__all__
        assert name in dir(module)


@every("name", "version", of=releases_of("object"))
def test_every_field_is_declared(contract, name, version):
    """No field of any release is missing; on the wire each has the name it has in Python."""
    theirs = contract.declared(name, version)
    assert set(theirs) <= set(contract.fields(name))
    assert all(field["wire"] == each for each, field in theirs.items())


@every("model", "field", of=fields_with())
def test_field(contract, model, field):
    """A field has the contract's type and is required where the contract says so, or stands among the differences."""
    theirs, mine = contract.newest(model)[field], contract.fields(model)[field]
    same = str(mine.kind) == kind_text(theirs["type"]) and mine.required == theirs.get("required", False)
    if (model, field) in contract.types:
        assert not same, "it differs no longer: drop its row"
    else:
        assert same, f"{mine.kind}, required={mine.required}; the contract: {theirs}"


@every("name", "version", of=releases_of("object"))
def test_order(contract, name, version):
    """What was given by position to that release still lands in the same field; required fields come first."""
    mine = list(contract.fields(name))
    excused = {field for (model, field), when in contract.moved_in.items() if model == name and version in when}
    moved = {field for place, field in enumerate(contract.by_position(name, version)) if mine[place] != field}
    assert moved == excused
    required = [field.name for field in contract.fields(name).values() if field.required]
    assert mine[: len(required)] == required


@every("name", "version", of=releases_of("enum"))
def test_enum_values(contract, name, version):
    """Every value of any release is a known member, by value and by name, and equals its text."""
    cls = contract.model(name)
    for member, text in contract.releases[version]["models"].get(name, {}).get("values", {}).items():
        assert cls(text).is_known
        assert cls(text) == text
        assert cls(text).value == text
        if member.isidentifier():
            assert cls[member] is cls(text)
    assert "UNKNOWN_ENUM_VALUE" not in list(cls)


@every("model", "field", of=fields_with("enum"))
def test_error_codes_are_open(contract, model, field):
    """An error code that the contract lists, and one that it does not, are read as they are."""
    for text in [*contract.newest(model)[field]["enum"], "A_CODE_OF_TOMORROW"]:
        assert contract.model(model).from_dict({field: text, "message": "m"})[field] == text


@every("model", "field", of=fields_with("validation"))
def test_rules(contract, model, field):
    """A limit that the contract sets on a field is among its rules."""
    rules = {
        {"max_properties": "max_properties", "exclusive_minimuminclusive_minimum": "ge"}[rule]: limit
        for rule, limit in contract.newest(model)[field]["validation"].items()
    }
    assert rules.items() <= contract.fields(model)[field].rules.items()


@pytest.mark.parametrize("contract", CONTRACTS, ids=repr)
def test_differences_name_fields_of_the_contract(contract):
    """No table has a row about a field that the contract lacks, and each has its reason."""
    for model, field in {**contract.types, **contract.order, **contract.spellings}:
        assert field in contract.newest(model), (model, field)
    assert contract.order.keys() == contract.moved_in.keys()
    for (model, field), versions in contract.moved_in.items():
        assert all(field in contract.declared(model, version) for version in versions), (model, field)
    assert all(len(reason) > 20 for reason in (*contract.types.values(), *contract.order.values()))


@every(
    "api",
    "operation",
    "version",
    of=lambda each: [(*row, version) for row in operations(each) for version in each.releases],
)
def test_method_parameters(contract, api, operation, version):
    """A method has the contract's parameters first, in its order, by position or by name."""
    theirs = contract.releases[version]["apis"][api][operation]["params"]
    method = getattr(contract.api(api), operation)
    mine = [each for each in signature(method).parameters.values() if each.name != "self"]
    for fact, parameter in zip(theirs, mine, strict=False):  # ours has more at the end
        assert parameter.name == fact["name"]
        assert parameter.kind is Parameter.POSITIONAL_OR_KEYWORD
        given_otherwise = parameter.name in contract.optional_bodies  # its fields may be keywords
        assert (parameter.default is Parameter.empty or given_otherwise) == fact["required"]
        assert parameter.default in (Parameter.empty, None)
    assert len(mine) > len(theirs), "the underscored options follow"
    assert mine[-1].kind is Parameter.VAR_KEYWORD


@every("api", "operation", of=operations)
def test_operation(contract, api, operation):
    """The operation's data says the contract's method, path, places and names on the wire."""
    [mine] = [each for each in contract.product.operations if each.name == operation]
    facts = contract.apis[api][operation]
    assert (mine.method, mine.path) == (facts["method"], facts["path"])
    places = {each.name: (each.location, each.wire, each.required) for each in mine.parameters}
    for fact in facts["params"]:
        assert places[fact["name"]] == (fact["in"], fact["wire"], fact["required"])
    assert mine.returns == kind_text(facts["returns"])
