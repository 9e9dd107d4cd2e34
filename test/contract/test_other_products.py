"""The names of Xendit's other products, as the official SDK 7.0.0 has them: `other_products.json` is a copy of them.

They import, construct, derive and stand in annotations, so that a program that pays by invoice starts although the
same file imports them; the first call of a method says that it cannot be.
"""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
import typing
from importlib import import_module, reload
from importlib.util import find_spec
from pathlib import Path

import pytest

import xendit
from xendit import elsewhere

PRODUCTS = json.loads(Path(__file__).with_name("other_products.json").read_text("utf-8"))
APIS = [(package, api) for package, names in PRODUCTS.items() for api in names["apis"]]


def snake(name):
    return {"BalanceApi": "balance_api", "TransactionApi": "transaction_api"}.get(name)


def api_module(package, api):
    """The module of an API class, as the official SDK names it."""
    product = package.partition(".")[2]
    return f"{package}.{snake(api) or product + '_api'}"


def paths():
    """Every import statement of a name of the official SDK."""
    for package, names in PRODUCTS.items():
        for api in names["apis"]:
            yield api_module(package, api), api
            yield package, api
            yield "xendit.apis", api
        for model, module in names["models"].items():
            yield f"{package}.model.{module}", model
            yield f"{package}.model", model


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    """Each test is warned as a process of its own would be."""
    monkeypatch.setattr(elsewhere, "_told", set())


def test_table_is_the_official_one():
    """The literal table names what the official SDK has, no more and no less."""
    ours = {
        f"xendit.{product}": (
            {api: methods.split() for api, methods in names.apis.items()},
            sorted(names.models.split()),
        )
        for product, names in elsewhere.NAMES.items()
    }
    assert ours == {package: (names["apis"], sorted(names["models"])) for package, names in PRODUCTS.items()}


def test_every_path_imports_first_in_a_process():
    """Each statement works when no other was run before it, none of them warns, and each name is one class."""
    program = (
        "import sys, json, importlib\n"
        "stand_ins = ('xendit.elsewhere', 'xendit.apis', *json.loads(sys.argv[2]))\n"
        "for module, name in json.loads(sys.argv[1]):\n"
        "    for each in [each for each in sys.modules if each == 'xendit' or each.startswith(stand_ins)]:\n"
        "        del sys.modules[each]\n"
        "    scope = {}\n"
        "    exec(f'from {module} import {name} as found', scope)\n"
        "    assert scope['found'].__name__ == name, (module, name)\n"
        "    exec(f'import {module}\\nfound = {module}.{name}', scope)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, json.dumps(list(paths())), json.dumps([*PRODUCTS])],
        cwd=Path(xendit.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_one_class_a_name():
    """A class is the same by whatever path it is imported, and says where it lives."""
    for module, name in paths():
        found = getattr(import_module(module), name)
        home = import_module(found.__module__)
        assert getattr(home, name) is found
        assert name in dir(import_module(module)) or module == "xendit.apis"
    assert xendit.PayoutApi is import_module("xendit.apis").PayoutApi


@pytest.mark.parametrize("package", PRODUCTS)
def test_star_import_and_module_facts(package):
    """`import *`, `find_spec`, `reload` and a misspelt name behave as they do on a package of files."""
    scope = {}
    exec(f"from {package}.model import *", scope)
    assert set(PRODUCTS[package]["models"]) <= set(scope)
    for module in (package, f"{package}.model"):
        assert find_spec(module).name == module
        with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
            import_module(module).Nonsense  # noqa: B018
    reload(import_module(package))
    with pytest.raises(ModuleNotFoundError):
        import_module(f"{package}.nonsense")


@pytest.mark.parametrize(("package", "name"), APIS)
def test_api_class(package, name, client):
    """An API class takes a client or none, is a class to isinstance, and stands in annotations and unions."""
    cls = getattr(import_module("xendit.apis"), name)
    with pytest.warns(xendit.XenditWarning, match=name) as warned:
        made = cls(client)
    assert warned[0].filename == __file__
    cls()  # a second warning would be an error
    cls(api_client=client)
    assert isinstance(made, cls)
    assert not isinstance(xendit.InvoiceApi(client), cls)
    assert made.api_client is client

    def annotated(api: cls | None = None) -> typing.Optional[cls]:  # noqa: UP045 - both forms are written
        return api

    assert annotated(made) is made


@pytest.mark.parametrize(("package", "name"), APIS)
def test_api_methods(package, name, recorder, client):
    """Every method raises one sentence, which each of the official ways to catch a failure catches; nothing is sent."""
    with pytest.warns(xendit.XenditWarning):
        api = getattr(import_module("xendit.apis"), name)(client)
    for method in PRODUCTS[package]["apis"][name]:
        with pytest.raises(xendit.UnsupportedException) as raised:
            getattr(api, method)("id", for_user_id="5f9a", anything={"a": 1})
        assert isinstance(raised.value, xendit.XenditSdkException)
        assert isinstance(raised.value, xendit.OpenApiException)
        assert isinstance(raised.value, NotImplementedError)
        assert f"{name}.{method}" in str(raised.value)
        assert "\n" not in str(raised.value)
        assert (raised.value.operation, raised.value.outcome) == (method, "not_sent")
        assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
    assert not recorder.requests
    with pytest.raises(AttributeError):
        api.create_nonsense  # noqa: B018


def test_subclass(client):
    """A class of one's own derives from a stand-in, and what it adds works."""

    class Payouts(import_module("xendit.apis").PayoutApi):
        def pay(self):
            return self.get_payouts("reference")

    with pytest.warns(xendit.XenditWarning, match="Payouts"):
        payouts = Payouts(client)
    assert inspect.signature(Payouts).parameters.keys() == {"api_client"}
    with pytest.raises(xendit.XenditSdkException, match="get_payouts"):
        payouts.pay()


def test_models_construct():
    """A model of any product takes what the official one takes and keeps it; one warning a product, not a model."""
    for package, names in PRODUCTS.items():
        classes = [getattr(import_module(f"{package}.model"), name) for name in names["models"]]
        with pytest.warns(xendit.XenditWarning, match=classes[0].__name__):
            classes[0]()
        for cls in classes:
            made = cls(reference_id="order-1", amount=1000.0)
            assert (made.reference_id, made["amount"], made.get("absent", 5)) == ("order-1", 1000.0, 5)
            assert cls("VALUE").value == "VALUE"
            assert "order-1" not in repr(made)


def test_model_is_a_value():
    """A model can be compared, copied and pickled, and a missing key says which."""
    with pytest.warns(xendit.XenditWarning):
        made = import_module("xendit.payout.model").CreatePayoutRequest(reference_id="a")
    assert made == copy.deepcopy(made) == pickle.loads(pickle.dumps(made))
    assert made.to_dict() == {"reference_id": "a"}
    assert "reference_id" in made
    assert made != import_module("xendit.payout.model").Payout(reference_id="a")
    with pytest.raises(xendit.ApiKeyError, match="amount"):
        made["amount"]


def test_near_names():
    """A misspelt class says which one was meant."""
    with pytest.raises(AttributeError, match="did you mean 'PayoutApi'"):
        import_module("xendit.apis").PayoutsApi  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'Payout'"):
        import_module("xendit.payout.model").Payouts  # noqa: B018
