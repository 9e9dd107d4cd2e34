"""The products beside invoices, against what the official SDK 7.0.0 declares (`products.json` is a copy of that).

What holds for the Invoice API in `test_contract` holds for them: every name, by every path, in the same place. Where a
declaration differs on purpose, the difference is a row of a table with its reason; a row whose difference is gone fails.
"""

from __future__ import annotations

import json
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path

import pytest

from xendit.model import Model, OpenEnum, fields
from xendit.named_text import NamedText
from xendit.products import product_of

CONTRACT = json.loads(Path(__file__).with_name("products.json").read_text("utf-8"))
FOLDERS = [package.partition(".")[2] for package in CONTRACT]
MODELS = [(folder, name) for folder in FOLDERS for name in CONTRACT[f"xendit.{folder}"]["models"]]
KINDS = {"object": Model, "enum": OpenEnum, "simple": NamedText, "composed": NamedText}
OPERATIONS = [
    (folder, api, name)
    for folder in FOLDERS
    for api, operations in CONTRACT[f"xendit.{folder}"]["apis"].items()
    for name in operations
]

ANY_MAY_BE_MISSING = "an answer may lack any field but its id, so a program that makes one need not give it"
OPEN_ENUM = "the values are those of an enum of the API; an open enum is a str that keeps what it does not know"
AWARE_TIME = "a time is an aware datetime everywhere, and what came is beside it as text"
PLAIN_ID = "an id is a plain str; the class of the official SDK is a str too, and is taken wherever an id is"
OPEN_TYPE = "TransactionTypes is open, so that any other text is one too"

#: (folder, model, field): why its type differs, beside what may be missing.
DIFFERENCES = {
    ("balance_and_transaction", "TransactionResponse", "id"): PLAIN_ID,
    ("balance_and_transaction", "TransactionResponse", "type"): OPEN_TYPE,
    ("balance_and_transaction", "TransactionResponse", "cashflow"): OPEN_ENUM,
    ("balance_and_transaction", "TransactionResponse", "settlement_status"): OPEN_ENUM,
    ("balance_and_transaction", "FeeResponse", "status"): OPEN_ENUM,
    ("refund", "CreateRefund", "reason"): OPEN_ENUM,
    ("refund", "Refund", "failure_code"): OPEN_ENUM,
    ("refund", "Refund", "created"): AWARE_TIME,
    ("refund", "Refund", "updated"): AWARE_TIME,
    ("refund", "RefundCallback", "created"): AWARE_TIME,
    ("refund", "RefundCallbackData", "created"): AWARE_TIME,
    ("refund", "RefundCallbackData", "failure_code"): OPEN_ENUM,
    ("refund", "RefundCallbackData", "reason"): OPEN_ENUM,
    ("refund", "RefundCallbackData", "status"): OPEN_ENUM,
    ("refund", "RefundCallbackData", "updated"): AWARE_TIME,
}
#: Fields whose official type is required and that may be missing here; see ANY_MAY_BE_MISSING.
STILL_REQUIRED = {
    ("balance_and_transaction", "Balance", "balance"),
    ("balance_and_transaction", "TransactionResponse", "id"),
    ("refund", "RefundCallback", "event"),
    ("refund", "RefundCallbackData", "id"),
}
#: (folder, operation, parameter): why its type differs.
PARAMETERS = {
    ("balance_and_transaction", "get_balance", "account_type"): OPEN_ENUM,
    ("balance_and_transaction", "get_balance", "currency"): OPEN_ENUM,
    ("balance_and_transaction", "get_transaction_by_id", "id"): PLAIN_ID,
    ("balance_and_transaction", "get_all_transactions", "limit"): "a number of transactions is whole",
    ("balance_and_transaction", "get_all_transactions", "after_id"): PLAIN_ID,
    ("balance_and_transaction", "get_all_transactions", "before_id"): PLAIN_ID,
    ("refund", "get_all_refunds", "limit"): "a number of refunds is whole",
}


def model_facts(folder, name):
    return CONTRACT[f"xendit.{folder}"]["models"][name]


def model_of(folder, name):
    return getattr(import_module(f"xendit.{folder}.model"), name)


def kind_text(types):
    """The contract's type as the kind of a field is written."""
    [kind] = [each for each in types if each != "null"]
    if isinstance(kind, dict):
        return f"list[{kind_text(kind['array'])}]" if "array" in kind else "object"
    return {"string": "str", "date-time": "datetime"}.get(kind, kind)


@pytest.mark.parametrize(("folder", "name"), MODELS)
def test_import_paths(folder, name):
    """A model is one class, importable by the paths of the official SDK and by ours."""
    facts = model_facts(folder, name)
    paths = [f"xendit.{folder}.model.{facts['module']}", f"xendit.{folder}.model", f"xendit.{folder}"]
    classes = {getattr(import_module(path), name) for path in paths}
    assert len(classes) == 1
    [cls] = classes
    assert issubclass(cls, KINDS[facts["kind"]])
    assert (cls.__name__, cls.__module__) == (name, paths[0])
    assert name in import_module(f"xendit.{folder}.model").__all__


@pytest.mark.parametrize(
    ("folder", "name"), [each for each in MODELS if model_facts(*each)["kind"] == "object"], ids="-".join
)
def test_fields(folder, name):
    """Every field is there, in its place, of its type, and required no more than an answer can promise."""
    theirs, mine = model_facts(folder, name)["fields"], {each.name: each for each in fields(model_of(folder, name))}
    by_position = sorted(theirs, key=lambda each: not theirs[each].get("required", False))
    assert list(mine)[: len(by_position)] == by_position
    for each, facts in theirs.items():
        assert facts["wire"] == each
        same = str(mine[each].kind) == kind_text(facts["type"])
        assert same != ((folder, name, each) in DIFFERENCES), (each, str(mine[each].kind), facts)
        required = facts.get("required", False) and (folder, name, each) in STILL_REQUIRED
        assert mine[each].required == required, each


@pytest.mark.parametrize(
    ("folder", "name"), [each for each in MODELS if model_facts(*each)["kind"] == "enum"], ids="-".join
)
def test_enums(folder, name):
    """Every value is a known member, by value and by name; values of tomorrow are kept."""
    cls = model_of(folder, name)
    for member, text in model_facts(folder, name)["values"].items():
        if text != "UNKNOWN_ENUM_VALUE":
            assert cls(text).is_known
            assert cls[member] is cls(text)
    assert not cls("A_VALUE_OF_TOMORROW").is_known
    assert "UNKNOWN_ENUM_VALUE" not in list(cls)


@pytest.mark.parametrize(
    ("folder", "name", "field"),
    [
        (folder, name, field)
        for folder, name in MODELS
        for field, facts in model_facts(folder, name).get("fields", {}).items()
        if "enum" in facts
    ],
    ids="-".join,
)
def test_listed_values_are_read(folder, name, field):
    """What the contract lists for a field, and what it does not list, is read as it is."""
    for text in [*filter(None, model_facts(folder, name)["fields"][field]["enum"]), "A_VALUE_OF_TOMORROW"]:
        assert model_of(folder, name).from_dict({"id": "i", field: text})[field] == text


@pytest.mark.parametrize(("folder", "api", "name"), OPERATIONS)
def test_operation(folder, api, name):
    """Method, path, places, names on the wire, types and answer are the contract's; the method takes them by position."""
    facts = CONTRACT[f"xendit.{folder}"]["apis"][api][name]
    [mine] = [each for each in product_of(folder).operations if each.name == name]
    assert (mine.method, mine.path) == (facts["method"], facts["path"].replace("refundID", "refund_id"))
    assert mine.returns == kind_text(facts["returns"])
    assert [each.name for each in mine.parameters] == [each["name"] for each in facts["params"]]
    for parameter, fact in zip(mine.parameters, facts["params"], strict=True):
        wire = "create_refund" if fact["in"] == "body" else fact["wire"]
        assert (parameter.location, parameter.wire, parameter.required) == (fact["in"], wire, fact["required"])
        same = str(mine.kind(parameter.annotation)) == kind_text(fact["type"])
        assert same != ((folder, name, parameter.name) in PARAMETERS), parameter
    method = getattr(getattr(import_module("xendit.apis"), api), name)
    taken = [each for each in signature(method).parameters.values() if each.name != "self"]
    for fact, parameter in zip(facts["params"], taken, strict=False):
        assert (parameter.name, parameter.kind) == (fact["name"], Parameter.POSITIONAL_OR_KEYWORD)
        assert (parameter.default is Parameter.empty) == fact["required"]


@pytest.mark.parametrize(("folder", "api"), sorted({(folder, api) for folder, api, _ in OPERATIONS}))
def test_api_paths(folder, api):
    """An API class is one class by every path."""
    module = {"BalanceApi": "balance_api", "TransactionApi": "transaction_api", "RefundApi": "refund_api"}[api]
    paths = ("xendit", "xendit.apis", f"xendit.{folder}", f"xendit.{folder}.{module}")
    assert len({getattr(import_module(path), api) for path in paths}) == 1


def test_tables_name_what_is_there():
    """No table has a row about what the contract lacks, and each row says why."""
    for folder, model, field in (*DIFFERENCES, *STILL_REQUIRED):
        assert field in model_facts(folder, model)["fields"]
    assert all(len(reason) > 20 for reason in (*DIFFERENCES.values(), *PARAMETERS.values(), ANY_MAY_BE_MISSING))
