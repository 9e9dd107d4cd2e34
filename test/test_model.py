"""Models and enums as values: what a user does with an invoice in hand."""

from __future__ import annotations

import collections
import contextlib
import copy
import inspect
import json
import pickle
import types
import warnings
from datetime import datetime, timezone
from typing import Any

import pytest
from recorded import ENUMS, MODELS, PAYLOADS, payload

import xendit
from xendit.codec import COMPILE_AFTER
from xendit.exceptions import ApiAttributeError, ApiKeyError, ApiTypeError, XenditWarning
from xendit.invoice import model as face
from xendit.invoice.model import (
    AddressObject,
    CreateInvoiceRequest,
    CustomerObject,
    Invoice,
    InvoiceCallback,
    InvoiceItem,
    InvoiceStatus,
)
from xendit.model import Model, OpenEnum, fields


@pytest.fixture
def invoice() -> Invoice:
    """An invoice as the API answers, with a null and an unknown field."""
    body = payload("invoice__docs-xendit-create-2024.json")
    return Invoice.from_dict({**body, "payer_email": None, "brand_new": [1]})


def test_fields_are_read_by_attribute_key_and_get(invoice: Invoice) -> None:
    """All three say the same, for known, null, absent and unknown fields."""
    assert invoice.id == invoice["id"] == invoice.get("id") == "6748105a77f16ebe0cc583a7"
    assert (invoice.payer_email, invoice["payer_email"], invoice.get("payer_email", "x")) == (None, None, None)
    assert (invoice.paid_at, invoice["paid_at"], invoice.get("paid_at", "x")) == (None, None, "x")
    assert invoice["brand_new"] == getattr(invoice, "brand_new") == invoice.get("brand_new") == [1]  # noqa: B009
    assert ("payer_email" in invoice, "paid_at" in invoice, "brand_new" in invoice) == (True, False, True)
    assert (5 in invoice, "nothing" in invoice) == (False, False)


def test_items_is_the_line_items_and_a_model_is_no_dict(invoice: Invoice) -> None:
    """No method of dict stands in the way of a field."""
    assert invoice.items is not None
    assert invoice.items[0].name == invoice["items"][0]["name"] == "Air Conditioner"
    assert not isinstance(invoice, dict)
    with pytest.raises(TypeError):
        json.dumps(invoice)
    with pytest.raises(TypeError, match="unhashable"):
        hash(invoice)


def test_what_no_model_has_is_told_with_the_nearest_name(invoice: Invoice) -> None:
    """A typing error in an attribute or key is answered with what was meant; getattr's default works."""
    with pytest.raises(ApiAttributeError, match="no attribute 'invoice_ur'; did you mean 'invoice_url'"):
        _ = invoice.invoice_ur  # type: ignore[attr-defined]
    with pytest.raises(ApiKeyError) as caught:
        _ = invoice["invoice_ur"]
    assert str(caught.value) == "Invoice has no field 'invoice_ur'; did you mean 'invoice_url'?"
    assert getattr(invoice, "nothing", 5) == 5
    assert invoice.get("nothing") is None


def test_iteration_length_and_dict(invoice: Invoice) -> None:
    """A model iterates over the names that are in it."""
    names = list(invoice)
    assert names == invoice.keys()
    assert len(invoice) == len(names)
    assert dict(invoice)["status"] == "PENDING"
    assert "paid_at" not in names
    assert bool(Invoice.from_dict({})) is True


def test_to_dict_holds_python_values(invoice: Invoice) -> None:
    """Models become dicts and enums str; datetimes stay."""
    plain = invoice.to_dict()
    assert type(plain["status"]) is str
    assert type(plain["available_banks"][0]) is dict
    assert type(plain["available_banks"][0]["bank_code"]) is str
    assert plain["created"] == datetime(2024, 11, 28, 6, 40, 26, 508000, tzinfo=timezone.utc)
    assert Invoice(**{name: value for name, value in plain.items() if value is not None}).to_dict() == {
        name: value for name, value in plain.items() if value is not None
    }
    assert "Air Conditioner" in invoice.to_str()
    assert "johndoe@example.com" in invoice.to_str()


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_every_model_copies_and_pickles(cls: type[Model], twin: Any) -> None:
    """A copy is equal, independent and of the same class, with nulls and unknown fields."""
    body: dict[str, Any] = {each.name: None for each in fields(cls) if "spelling_of" not in each.rules}
    original = cls.from_dict({**body, "brand_new": {"a": 1}})
    made = twin(original)
    assert made == original
    assert type(made) is cls
    assert list(made) == list(original)
    made["brand_new"] = 5 if cls in (Invoice, InvoiceCallback) else None
    assert original["brand_new"] == {"a": 1}


@pytest.mark.parametrize("cls", ENUMS, ids=lambda cls: cls.__name__)
def test_every_enum_copies_and_pickles(cls: type[OpenEnum]) -> None:
    """Known members stay themselves, unknown values stay equal."""
    for value in (next(iter(cls)), cls("BRAND_NEW")):
        for made in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert made == value
            assert type(made) is cls
            assert made.is_known == value.is_known


def test_a_pickle_of_another_version_is_read() -> None:
    """Fields are pickled by name: one that this version lacks is kept as unknown."""
    restore, (cls, values, nulls, unknown) = InvoiceItem("a", 1, 1).__reduce__()
    made = restore(cls, {**values, "field_of_tomorrow": 5}, nulls, unknown)
    assert made["field_of_tomorrow"] == 5
    assert made.name == "a"


def test_a_pickle_of_an_older_version_gives_what_it_did_not_know_as_fields() -> None:
    """What was unknown when it was pickled is read as the field that it is now; what does not fit stays as it came."""
    invoice = Invoice.from_dict({"id": "x", "amount": 5})
    revive, (cls, values, nulls, _) = invoice.__reduce__()
    older = {
        "created": "2025-01-01T00:00:00Z",
        "customer": {"given_names": "A"},
        "paid_amount": "much",
        "payer_email": None,
        "new": 1,
    }
    again = revive(cls, values, nulls, older)
    assert again.created == datetime(2025, 1, 1, tzinfo=timezone.utc)
    assert again.customer.given_names == "A"
    assert again.paid_amount == "much"
    assert (again.payer_email, "payer_email" in again, again["new"]) == (None, True, 1)
    assert again.to_dict().keys() == {"id", "amount", *older}
    assert again == pickle.loads(pickle.dumps(again))


def test_a_value_of_the_wrong_type_is_not_shown() -> None:
    """What `_check_return_type=False` kept may be anything, and personal data with it."""
    read = Invoice.__plan__.loosely(
        {
            "id": "x",
            "amount": "ayu@example.com",
            "status": "PAID",
            "created": {"by": "Ayu"},
            "items": [{"name": "Tea"}, "Ayu"],
        }
    )
    assert read.amount == "ayu@example.com"
    shown = repr(read)
    assert "ayu" not in shown.lower()
    assert "id='x'" in shown
    assert "PAID" in shown
    assert "amount='***'" in shown


def test_assignment_is_checked(invoice: Invoice) -> None:
    """Setting an attribute or key converts and checks as the constructor does; None makes it absent."""
    invoice.status = "PAID"
    assert invoice.status is InvoiceStatus.PAID
    with pytest.raises(ApiTypeError, match=r"Invoice\['amount'\]: a str was given"):
        invoice.amount = "5"  # type: ignore[assignment]
    invoice.payer_email = "a@example.com"
    assert "payer_email" in invoice
    invoice.payer_email = None
    assert "payer_email" not in invoice
    del invoice.description
    assert "description" not in invoice
    invoice["customer"] = {"given_names": "Ayu"}
    assert isinstance(invoice.customer, CustomerObject)


def test_methods_and_properties_cannot_be_overwritten(invoice: Invoice) -> None:
    """Only fields can be set by attribute; unknown names are kept as unknown fields."""
    for name in ("is_paid", "to_dict", "_unknown", "__class__x"):
        with pytest.raises(ApiAttributeError, match="cannot be set"):
            setattr(invoice, name, 5)
    invoice.another = 5  # type: ignore[attr-defined]
    assert invoice["another"] == 5
    with pytest.warns(XenditWarning, match="'fixed_vaa'; it is sent as it is; did you mean 'fixed_va'"):
        CreateInvoiceRequest("x", 1)["fixed_vaa"] = True


def test_equality_looks_at_every_field(invoice: Invoice) -> None:
    """Two models are equal when class, fields, nulls and unknown fields are."""
    body = json.loads(invoice.to_json())
    assert Invoice.from_dict(body) == invoice
    for change in ({"amount": 1}, {"brand_new": []}, {"paid_at": None}, {"id": None}):
        assert Invoice.from_dict({**body, **change}) != invoice
    assert Invoice.from_dict({}) != InvoiceCallback.from_dict({})
    assert Invoice.from_dict({}) != {}


def test_pattern_matching(invoice: Invoice) -> None:
    """A model can be matched by its fields."""
    match invoice:
        case Invoice(status="PENDING", amount=amount):
            assert amount == 510000
        case _:
            pytest.fail("no match")


def test_repr_masks_personal_data(invoice: Invoice) -> None:
    """E-mail, names, phones, addresses, metadata and unknown values are not in repr; what a log needs is."""
    invoice.payer_email = "payer@example.com"
    invoice.customer = CustomerObject(
        given_names="Ayu", surname="Putri", mobile_number="+6281", addresses=[AddressObject(city="Denpasar")]
    )
    shown = repr(invoice)
    for secret in ("payer@example.com", "Ayu", "Putri", "+6281", "Denpasar", "Jakarta", "[1]"):
        assert secret not in shown
    assert "payer_email='***'" in shown
    assert "status='PENDING', " in shown
    assert "amount=510000" in shown
    assert not [each for each in ("payer@example.com", "Ayu", "Putri", "+6281", "[1]") if each in str(invoice)]


@pytest.mark.parametrize(
    "name", sorted(path.name for path in PAYLOADS.glob("webhook__*.json") if "refund" not in path.name)
)
def test_every_recorded_webhook_constructs_a_callback(name: str) -> None:
    """`InvoiceCallback(**json.loads(body))`, the official call form, and `from_json` agree on every real body."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        callback = InvoiceCallback(**payload(name))
    assert callback == InvoiceCallback.from_json((PAYLOADS / name).read_bytes())
    assert callback.is_final
    assert callback.created.tzinfo is not None


@pytest.mark.parametrize(
    ("status", "paid", "expired", "final"),
    [
        ("PENDING", False, False, False),
        ("PAID", True, False, True),
        ("SETTLED", True, False, True),
        ("EXPIRED", False, True, True),
        ("VOIDED", False, False, False),
        (None, False, False, False),
    ],
)
@pytest.mark.parametrize("cls", [Invoice, InvoiceCallback])
def test_the_life_cycle_in_words(cls: Any, status: str | None, paid: bool, expired: bool, final: bool) -> None:
    """PAID and SETTLED are paid; an unknown status is nothing."""
    value = cls.from_dict({"status": status})
    assert (value.is_paid, value.is_expired, value.is_final) == (paid, expired, final)


def test_the_constructor_shows_its_signature() -> None:
    """inspect.signature and interactive shells see the fields, required first."""
    parameters = inspect.signature(CreateInvoiceRequest).parameters
    assert list(parameters)[:2] == ["external_id", "amount"]
    assert parameters["amount"].default is inspect.Parameter.empty
    assert parameters["payer_email"].default is None


def test_positional_arguments_follow_the_declaration() -> None:
    """As the official classes allow; one too many, or one given twice, is an error."""
    request = CreateInvoiceRequest("x", 1, "a@example.com")
    assert request.payer_email == "a@example.com"
    with pytest.raises(TypeError, match="'external_id'"):
        CreateInvoiceRequest("x", 1, external_id="y")  # type: ignore[misc]
    with pytest.raises(ApiTypeError, match="takes at most 6 positional arguments, 7 were given"):
        InvoiceItem("a", 1, 1, "r", "u", "c", "x")  # type: ignore[call-arg]


def test_a_subclass_of_a_model_is_a_model() -> None:
    """An application may add methods or fields of its own."""

    class Order(Invoice, received=True):
        table: int | None = None

        def title(self) -> str:
            return f"{self.external_id} at {self.table}"

    for _ in range(12):
        order = Order.from_dict({"external_id": "x", "table": 4})
        assert order.title() == "x at 4"
        assert json.loads(order.to_json()) == {"external_id": "x", "table": 4}
        assert pickle.loads(pickle.dumps(Invoice.from_dict({"id": "x"}))).id == "x"


def test_models_hold_no_dict_of_their_own(invoice: Invoice) -> None:
    """Instances are slotted: small, and nothing can be put on them unseen."""
    assert not hasattr(invoice, "__dict__")
    assert not hasattr(invoice.available_banks[0], "__dict__")


def test_the_enums_are_strings_with_the_wire_value() -> None:
    """As users compare and store them."""
    status = InvoiceStatus("PAID")
    assert status is InvoiceStatus.PAID
    assert status in ("PAID", "SETTLED")
    assert f"{status:>6}" == "  PAID"
    assert repr(status) == "<InvoiceStatus.PAID: 'PAID'>"
    assert repr(InvoiceStatus("X")) == "<InvoiceStatus 'X'>"
    assert {"PAID": 1}[status] == 1
    assert "%s" % status == "PAID"  # noqa: UP031
    assert InvoiceStatus("X") == InvoiceStatus("X") != InvoiceStatus("Y")
    assert face.RetailOutletName("7ELEVEN") is face.RetailOutletName.SEVEN_ELEVEN


def frozen_kinds() -> list[object]:
    """What holds names and values and is no dict: Python's own kinds, and the package that many know."""
    import builtins

    found: list[object] = [types.MappingProxyType, collections.OrderedDict, collections.ChainMap]
    if hasattr(builtins, "frozendict"):  # Python 3.15
        found.append(builtins.frozendict)
    with contextlib.suppress(ImportError):
        from frozendict import frozendict

        found.append(frozendict)
    return found


@pytest.mark.parametrize("kind", frozen_kinds(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_frozen_dict_is_taken_wherever_a_dict_is(kind: Any) -> None:
    """At every depth: models, lists of them, free-form data, unknown fields, by keyword and by from_dict."""
    body = kind(
        {
            "external_id": "a",
            "amount": 1,
            "customer": kind({"given_names": "x"}),
            "items": [kind({"name": "n", "price": 1, "quantity": 1})],
            "metadata": kind({"a": kind({"b": 1}), "c": [kind({"e": 2})]}),
            "channel_properties": kind({"cards": kind({"allowed_bins": ["4000"]})}),
        }
    )
    plain = {
        "external_id": "a",
        "amount": 1,
        "customer": {"given_names": "x"},
        "items": [{"name": "n", "price": 1, "quantity": 1}],
        "metadata": {"a": {"b": 1}, "c": [{"e": 2}]},
        "channel_properties": {"cards": {"allowed_bins": ["4000"]}},
    }
    for _ in range(COMPILE_AFTER + 2):
        for made in (CreateInvoiceRequest(**body), CreateInvoiceRequest.from_dict(body)):
            assert json.loads(made.to_json()) == plain
            assert json.loads(json.dumps(made.to_dict(mode="json"))) == plain
            if kind is not types.MappingProxyType:  # Python itself copies none of these
                assert copy.deepcopy(made) == made == pickle.loads(pickle.dumps(made))
        read = Invoice.from_dict(kind({"id": "x", **body}))
        assert read.items[0].price == 1
        assert read.customer.given_names == "x"
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        unknown = CreateInvoiceRequest(external_id="a", amount=1, brand_new=kind({"q": kind({"r": 1})}))
    assert json.loads(unknown.to_json())["brand_new"] == {"q": {"r": 1}}
    assert xendit.Configuration(api_key="xnd_development_x", proxy_headers=kind({"a": "b"})).proxy_headers == {"a": "b"}
