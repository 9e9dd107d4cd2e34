"""The models and methods, against what releases 4.1.0 and 7.0.0 of the official SDK declare (`contract.json`).

Ours is the union of both. Where a declaration differs on purpose, the difference is a row of a table with its
reason; a row whose difference is gone fails, so that the tables stay true.
"""

from __future__ import annotations

import json
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path

import pytest

from xendit.apis import InvoiceApi
from xendit.model import Model, OpenEnum, fields

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text("utf-8"))
VERSIONS = ("4.1.0", "7.0.0")
MODELS = {name: model for version in VERSIONS for name, model in CONTRACT[version]["models"].items()}
OBJECTS = sorted(name for name, model in MODELS.items() if model["kind"] == "object")
ENUMS = sorted(name for name, model in MODELS.items() if model["kind"] == "enum")
OPERATIONS = tuple(CONTRACT["7.0.0"]["apis"]["InvoiceApi"])

SECONDS = "the API demands an integer of seconds; str (4.1.0) and float (7.0.0) are taken and read as int"
OPEN_ENUM = "the values are those of an enum of the API; an open enum is a str that keeps what it does not know"
AWARE_TIME = "a time is an aware datetime everywhere; the official callback leaves parsing it to the application"

#: (model, field): why its type differs from the newest release that has it, or whether it is required.
DIFFERENCES = {
    ("CreateInvoiceRequest", "currency"): OPEN_ENUM,
    ("CreateInvoiceRequest", "invoice_duration"): SECONDS,
    ("InvoiceCallback", "bank_code"): OPEN_ENUM,
    ("InvoiceCallback", "created"): AWARE_TIME,
    ("InvoiceCallback", "currency"): OPEN_ENUM,
    ("InvoiceCallback", "ewallet_type"): OPEN_ENUM,
    ("InvoiceCallback", "paid_at"): AWARE_TIME,
    ("InvoiceCallback", "payment_method"): OPEN_ENUM,
    ("InvoiceCallback", "status"): OPEN_ENUM,
    ("InvoiceCallback", "updated"): AWARE_TIME,
}

NEWEST_WINS = "7.0.0 has no invoice_expired and invoice_paid in its place; the newest release's order is kept"

#: (model, field, release): why it does not stand where it stands in that release.
OUT_OF_ORDER = {
    ("NotificationPreference", "invoice_expired", "4.1.0"): NEWEST_WINS,
    ("NotificationPreference", "invoice_paid", "4.1.0"): NEWEST_WINS,
}

#: Fields that an official release declares under a name that is only a spelling of another.
SPELLINGS = {("CreateInvoiceRequest", "local"): "locale"}


def declared(model, version):
    """The fields of a model in one release, by name, in order; none when it lacks the model."""
    return CONTRACT[version]["models"].get(model, {}).get("fields", {})


def newest(model):
    """The fields of a model over both releases, each as the newest release that has it declares it."""
    return {**declared(model, "4.1.0"), **declared(model, "7.0.0")}


def model_of(name):
    return getattr(import_module("xendit.invoice.model"), name)


def by_position(model, version):
    """The names of a release's fields in the order in which its constructor takes them: required ones first."""
    theirs = declared(model, version)
    names = sorted(theirs, key=lambda name: not theirs[name].get("required", False))
    return [SPELLINGS.get((model, name), name) for name in names]


def ours(model):
    """Our fields of a model, by name, in order."""
    return {field.name: field for field in fields(model_of(model))}


def kind_text(types):
    """The contract's type as the kind of a field is written."""
    [kind] = [each for each in types if each != "null"]
    if isinstance(kind, dict):
        return f"list[{kind_text(kind['array'])}]" if "array" in kind else "object"
    return {"string": "str", "date-time": "datetime"}.get(kind, kind)


@pytest.mark.parametrize("name", MODELS)
def test_import_paths(name):
    """A model is one class, importable by every path that users write."""
    paths = (
        f"xendit.invoice.model.{MODELS[name]['module']}",
        "xendit.invoice.model",
        "xendit.models",
        "xendit.invoice",
    )
    classes = {getattr(import_module(path), name) for path in paths}
    assert len(classes) == 1
    [cls] = classes
    assert issubclass(cls, Model if MODELS[name]["kind"] == "object" else OpenEnum)
    assert (cls.__name__, cls.__module__) == (name, paths[0])


@pytest.mark.parametrize("name", MODELS)
def test_star_import_and_dir(name):
    """A model is among the names that `import *` and `dir` give."""
    for path in ("xendit.invoice.model", "xendit.models"):
        module = import_module(path)
        assert name in module.__all__
        assert name in dir(module)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", OBJECTS)
def test_every_field_is_declared(name, version):
    """No field of either release is missing; on the wire each has the name it has in Python."""
    theirs = declared(name, version)
    assert set(theirs) <= set(ours(name))
    assert all(field["wire"] == each for each, field in theirs.items())


@pytest.mark.parametrize(("model", "field"), [(model, field) for model in OBJECTS for field in newest(model)])
def test_field(model, field):
    """A field has the contract's type and is required where the contract says so, or stands in DIFFERENCES."""
    theirs, mine = newest(model)[field], ours(model)[field]
    same = str(mine.kind) == kind_text(theirs["type"]) and mine.required == theirs.get("required", False)
    if (model, field) in DIFFERENCES:
        assert not same, "it differs no longer: drop its row"
    else:
        assert same, f"{mine.kind}, required={mine.required}; the contract: {theirs}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", OBJECTS)
def test_order(name, version):
    """What was given by position to that release still lands in the same field; required fields come first."""
    mine = list(ours(name))
    excused = {field for model, field, when in OUT_OF_ORDER if (model, when) == (name, version)}
    moved = {field for place, field in enumerate(by_position(name, version)) if mine[place] != field}
    assert moved == excused
    required = [field.name for field in ours(name).values() if field.required]
    assert mine[: len(required)] == required


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ENUMS)
def test_enum_values(name, version):
    """Every value of either release is a known member, by value and by name, and equals its text."""
    cls = model_of(name)
    for member, text in CONTRACT[version]["models"].get(name, {}).get("values", {}).items():
        assert cls(text).is_known
        assert cls(text) == text
        assert cls(text).value == text
        if member.isidentifier():
            assert cls[member] is cls(text)
    assert "UNKNOWN_ENUM_VALUE" not in list(cls)


@pytest.mark.parametrize(
    ("model", "field"),
    [(model, field) for model in OBJECTS for field, facts in newest(model).items() if "enum" in facts],
)
def test_error_codes_are_open(model, field):
    """An error code that the contract lists, and one that it does not, are read as they are."""
    for text in [*newest(model)[field]["enum"], "A_CODE_OF_TOMORROW"]:
        assert model_of(model).from_dict({field: text, "message": "m"})[field] == text


@pytest.mark.parametrize(
    ("model", "field"),
    [(model, field) for model in OBJECTS for field, facts in newest(model).items() if "validation" in facts],
)
def test_rules(model, field):
    """A limit that the contract sets on a field is among its rules."""
    rules = {
        {"max_properties": "max_properties", "exclusive_minimuminclusive_minimum": "ge"}[rule]: limit
        for rule, limit in newest(model)[field]["validation"].items()
    }
    assert rules.items() <= ours(model)[field].rules.items()


def test_differences_name_fields_of_the_contract():
    """No table has a row about a field that the contract lacks."""
    for model, field in DIFFERENCES:
        assert field in newest(model), (model, field)
    for model, field, version in OUT_OF_ORDER:
        assert field in declared(model, version), (model, field, version)
    for model, field in SPELLINGS:
        assert field in newest(model), (model, field)
    assert all(len(reason) > 20 for reason in (*DIFFERENCES.values(), *OUT_OF_ORDER.values()))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_method_parameters(operation, version):
    """A method has the contract's parameters first, in its order, by position or by name."""
    theirs = CONTRACT[version]["apis"]["InvoiceApi"][operation]["params"]
    mine = [each for each in signature(getattr(InvoiceApi, operation)).parameters.values() if each.name != "self"]
    for fact, parameter in zip(theirs, mine, strict=False):  # ours has more at the end
        assert parameter.name == fact["name"]
        assert parameter.kind is Parameter.POSITIONAL_OR_KEYWORD
        given_otherwise = parameter.name == "create_invoice_request"  # its fields may be keywords
        assert (parameter.default is Parameter.empty or given_otherwise) == fact["required"]
        assert parameter.default in (Parameter.empty, None)
    assert len(mine) > len(theirs), "the underscored options follow"
    assert mine[-1].kind is Parameter.VAR_KEYWORD


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation(operation):
    """The operation's data says the contract's method, path, places and names on the wire."""
    operations = import_module("xendit.invoice.operations").OPERATIONS
    [mine] = [each for each in operations if each.name == operation]
    facts = CONTRACT["7.0.0"]["apis"]["InvoiceApi"][operation]
    assert (mine.method, mine.path) == (facts["method"], facts["path"])
    places = {each.name: (each.location, each.wire, each.required) for each in mine.parameters}
    for fact in facts["params"]:
        assert places[fact["name"]] == (fact["in"], fact["wire"], fact["required"])
    assert mine.returns == kind_text(facts["returns"])
