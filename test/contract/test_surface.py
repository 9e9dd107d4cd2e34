"""What programs written for the official SDK import, construct, call and read, as 25 public projects do it.

The first half of each section worked with the official 7.0.0 and has to go on working; the second failed there
and works here. What stays an error is at the end. Calls reach a recording server that answers with a canned
invoice.
"""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import pprint
import socket
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import neutral
import pytest
from recorder import INVOICE, KEY, Answer

import xendit
from xendit import deprecation
from xendit.apis import InvoiceApi
from xendit.invoice.model import (
    AddressObject,
    ChannelProperties,
    ChannelPropertiesCards,
    CreateInvoiceRequest,
    CustomerObject,
    Invoice,
    InvoiceCallback,
    InvoiceClientType,
    InvoiceFee,
    InvoiceItem,
    InvoiceStatus,
    NotificationChannel,
    NotificationPreference,
)

ID = "63cbffba77c0a60ebd31ee2b"
PAYLOADS = Path(__file__).parents[1] / "payloads"
WEBHOOKS = sorted(path for path in PAYLOADS.glob("webhook__*.json") if "refund-event" not in path.name)


# ------------------------------------------------------------------------------------------- 1. imports

IMPORTS = (
    "import xendit\nfrom xendit.apis import InvoiceApi",
    "from xendit.apis import InvoiceApi, PaymentMethodApi, PaymentRequestApi",
    "from xendit.apis import BalanceApi, CustomerApi, InvoiceApi, PayoutApi, RefundApi, TransactionApi",
    "from xendit import ApiClient, XenditSdkException",
    "from xendit import Configuration, ApiClient, XenditSdkException",
    "from xendit import OpenApiException, ApiAttributeError, ApiTypeError, ApiValueError, ApiKeyError, set_api_key",
    "from xendit.exceptions import OpenApiException, XenditSdkException",
    "from xendit.configuration import Configuration",
    "from xendit.api_client import ApiClient",
    "from xendit.invoice.invoice_api import InvoiceApi",
    "from xendit.invoice import InvoiceApi",
    "from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest",
    "from xendit.invoice.model.customer_object import CustomerObject",
    "from xendit.invoice.model.notification_preference import NotificationPreference",
    "from xendit.invoice.model.notification_channel import NotificationChannel",
    "from xendit.invoice.model.invoice_item import InvoiceItem",
    "from xendit.invoice.model.invoice import Invoice",
    "from xendit.invoice.model.invoice_not_found_error import InvoiceNotFoundError",
    "from xendit.invoice.model.bad_request_error import BadRequestError",
    "from xendit.invoice.model.unauthorized_error import UnauthorizedError",
    "from xendit.invoice.model.forbidden_error import ForbiddenError",
    "from xendit.invoice.model.server_error import ServerError",
    "from xendit.invoice.model.invoice_error404_response_definition import InvoiceError404ResponseDefinition",
    (
        "from xendit.invoice.model import CustomerObject, AddressObject, NotificationPreference, NotificationChannel,"
        " InvoiceItem, InvoiceFee, ChannelProperties, ChannelPropertiesCards"
    ),
    "from xendit.invoice.model import *\nInvoiceCallback",
    "import xendit.payout\nimport xendit.refund",
    "import xendit.balance_and_transaction, xendit.customer, xendit.payment_method, xendit.payment_request",
    # These failed with the official 7.0.0.
    "from xendit.invoice import CreateInvoiceRequest",
    "from xendit.models import CreateInvoiceRequest, InvoiceStatus",
    "import xendit\nxendit.apis.InvoiceApi",
    "import xendit\nxendit.InvoiceApi",
    "from xendit import Xendit",
    "from xendit import Invoice, EWallet, BalanceAccountType",
    "from xendit.payout.model.create_payout_request import CreatePayoutRequest",
    "from xendit.payment_request import PaymentRequestApi",
)


@pytest.mark.parametrize("lines", IMPORTS)
def test_import(lines):
    """An import that users write works."""
    exec(lines, {})


def test_imports_in_a_fresh_process():
    """Every one of them works when it is the first thing that a program does, and none of them warns."""
    program = (
        "import sys\nfor lines in "
        + repr(IMPORTS)
        + (
            ":\n    for name in [each for each in sys.modules if each.partition('.')[0] == 'xendit']: del sys.modules[name]\n"
            "    exec(lines, {})\n"
        )
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(xendit.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------------------------- 2. key and client


@pytest.fixture
def host(recorder, monkeypatch):
    """Clients without a host of their own reach the recorder."""
    monkeypatch.setenv("XENDIT_BASE_URL", recorder.url)
    return recorder


def test_key_for_the_process(host):
    """set_api_key at import, a client a call: the key is used, and ten clients share one connection."""
    xendit.set_api_key(KEY)
    for _ in range(10):
        InvoiceApi(xendit.ApiClient()).get_invoice_by_id(ID)
    assert {request.key for request in host.requests} == {KEY}
    assert host.connections == 1


def test_key_for_each_request(host):
    """set_api_key before each call: a client keeps the key it was made with."""
    apis = {}
    for key in ("xnd_development_one", "xnd_development_two"):
        xendit.set_api_key(key)
        apis[key] = InvoiceApi(xendit.ApiClient())
    for key, api in apis.items():
        api.get_invoice_by_id(ID)
        assert host.last.key == key


def test_api_without_a_client(host):
    """InvoiceApi() takes the default client."""
    xendit.set_api_key(KEY)
    InvoiceApi().get_invoice_by_id(ID)
    assert host.last.key == KEY


def test_one_api_for_all_threads(host):
    """One InvoiceApi made at import serves all threads."""
    xendit.set_api_key(KEY)
    api = InvoiceApi(xendit.ApiClient())
    made = []
    threads = [
        threading.Thread(
            target=lambda number=number: made.append(
                api.create_invoice({"external_id": f"order-{number}", "amount": number}).external_id
            )
        )
        for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(f"order-{number}" for number in range(1, 9))
    assert sorted(request.json["external_id"] for request in host.requests) == sorted(made)


def test_one_key_for_each_tenant(host):
    """Threads with a client each never use another's key."""

    def work(key):
        for _ in range(5):
            client = xendit.ApiClient(xendit.Configuration(api_key=key))
            InvoiceApi(client).get_invoices(external_id=key)

    threads = [threading.Thread(target=work, args=(f"xnd_development_{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(host.requests) == 20
    assert all(request.query == [["external_id", request.key]] for request in host.requests)


def _key_set_later():
    configuration = xendit.Configuration()
    configuration.api_key = KEY
    return configuration


@pytest.mark.parametrize(
    "client",
    [
        lambda url: xendit.ApiClient(configuration=xendit.Configuration(api_key=KEY, host=url)),
        lambda url: xendit.ApiClient(xendit.Configuration(api_key=KEY)),
        lambda url: xendit.ApiClient(xendit.Configuration(url, KEY)),
        lambda url: xendit.ApiClient(_key_set_later()),
    ],
)
def test_key_for_a_client(host, client):
    """A key in a Configuration, given by name, by position or set later, with the host beside it."""
    InvoiceApi(client(host.url)).get_invoice_by_id(ID)
    assert host.last.key == KEY


def test_client_arguments(recorder):
    """ApiClient takes the official default header, cookie and number of threads, by position too."""
    configuration = xendit.Configuration(api_key=KEY, host=recorder.url)
    client = xendit.ApiClient(configuration, "X-Shop", "7", "session=1", 4)
    client.set_default_header("X-Branch", "Jakarta")
    with client:
        InvoiceApi(client).get_invoice_by_id(ID)
    assert recorder.last.header("x-shop") == "7"
    assert recorder.last.header("x-branch") == "Jakarta"
    assert recorder.last.header("cookie") == "session=1"


def test_key_as_a_module_attribute(host, monkeypatch):
    """`xendit.api_key = K`, the way of release 0.x, is a default that warns."""
    monkeypatch.setattr(xendit, "api_key", KEY, raising=False)
    monkeypatch.setattr(deprecation, "_told", False)
    with pytest.warns(DeprecationWarning, match="set_api_key"):
        InvoiceApi(xendit.ApiClient()).get_invoice_by_id(ID)
    assert host.last.key == KEY


@pytest.mark.parametrize("key", [None, "", " ", "two words", "ключ", "line\n", 5])
def test_no_usable_key(host, key):
    """A key that is missing or cannot be one is an error before any request, and is not shown."""
    with pytest.raises(xendit.ConfigurationException) as raised:
        InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=key))).get_invoice_by_id(ID)
    assert isinstance(raised.value, xendit.XenditSdkException)
    assert isinstance(raised.value, ValueError)
    assert "ключ" not in str(raised.value)
    assert not host.requests


# ------------------------------------------------------------------------------------------ 3. calls


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.create_invoice(CreateInvoiceRequest("order-1001", 134.5)),
        lambda api: api.create_invoice(CreateInvoiceRequest(external_id="order-1001", amount=134.5)),
        lambda api: api.create_invoice({"external_id": "order-1001", "amount": 134.5}),
        lambda api: api.create_invoice(create_invoice_request={"external_id": "order-1001", "amount": 134.5}),
        lambda api: api.create_invoice(
            create_invoice_request=CreateInvoiceRequest("order-1001", 134.5), for_user_id=None
        ),
    ],
)
def test_create_forms(api, recorder, call):
    """A request by position or by name, as a model or as a dict."""
    invoice = call(api)
    assert isinstance(invoice, Invoice)
    assert recorder.last.json == {"external_id": "order-1001", "amount": 134.5}


def test_other_calls(api):
    """An id by position or by name; a list is a list of invoices; expiring returns the invoice."""
    assert isinstance(api.get_invoice_by_id(ID), Invoice)
    assert isinstance(api.get_invoice_by_id(invoice_id=ID), Invoice)
    listed = api.get_invoices()
    assert isinstance(listed, list)
    assert [type(each) for each in listed] == [Invoice]
    assert api.expire_invoice(ID).status == "EXPIRED"


def test_options(api):
    """The official underscored options are taken with their meaning."""
    invoice = api.get_invoice_by_id(ID)
    data, status, headers = api.get_invoice_by_id(ID, _return_http_data_only=False)
    assert (data, status) == (invoice, 200)
    assert headers["content-type"] == headers["Content-Type"] == "application/json; charset=utf-8"
    raw = api.get_invoice_by_id(ID, _preload_content=False)
    assert (raw.status, json.loads(raw.data)) == (200, INVOICE)
    assert raw.getheader("Content-Type") == "application/json; charset=utf-8"
    assert api.get_invoice_by_id(ID, async_req=True).get() == invoice
    for options in (
        {"_request_timeout": 5},
        {"_request_timeout": 2.5},
        {"_request_timeout": (1, 2.5)},
        {"_request_timeout": None},
        {"_check_input_type": True},
        {"_check_return_type": True},
        {"_spec_property_naming": True},
        {"_content_type": None},
        {"_host_index": None},
        {"_request_auths": None},
        {"async_req": False},
    ):
        assert api.get_invoice_by_id(ID, **options) == invoice, options


def test_raw_answer_comes_alone(api):
    """With _preload_content=False the answer comes alone, whatever _return_http_data_only says."""
    raw = api.get_invoice_by_id(ID, _preload_content=False, _return_http_data_only=False)
    assert raw.status == 200


def test_unchecked_answer(api, recorder):
    """With _check_return_type=False an answer of other types is read as it came."""
    recorder.answers.append(Answer(body={**INVOICE, "amount": "a lot"}))
    invoice = api.get_invoice_by_id(ID, _check_return_type=False)
    assert isinstance(invoice, Invoice)
    assert invoice.amount == "a lot"
    assert invoice.status == "PENDING"


# --------------------------------------------------------------------------------- 4. what is given

MAIN_FIELDS = {
    "external_id": "order-1001",
    "amount": 150000.5,
    "description": "Two bags of coffee",
    "payer_email": "budi@example.com",
    "success_redirect_url": "https://shop.example/thanks",
    "failure_redirect_url": "https://shop.example/failed",
    "currency": "IDR",
    "invoice_duration": 86400.0,
    "customer": {
        "given_names": "Budi",
        "surname": "S",
        "email": "budi@example.com",
        "mobile_number": "+6281234567890",
    },
    "items": [{"name": "Coffee", "price": 75000, "quantity": 2.0, "category": "Food", "reference_id": "sku-1"}],
    "payment_methods": ["BCA", "QRIS"],
    "customer_notification_preference": {"invoice_paid": ["email"]},
    "should_send_email": True,
    "fees": [{"type": "ADMIN", "value": 1}],
    "metadata": {"table": "7"},
}


def _as_models():
    given = dict(MAIN_FIELDS)
    given["customer"] = CustomerObject(**given["customer"])
    given["items"] = [InvoiceItem(**given["items"][0])]
    given["fees"] = [InvoiceFee(**given["fees"][0])]
    given["customer_notification_preference"] = NotificationPreference(invoice_paid=[NotificationChannel("email")])
    return CreateInvoiceRequest(**given)


@pytest.mark.parametrize("request_of", [_as_models, lambda: CreateInvoiceRequest(**MAIN_FIELDS), lambda: MAIN_FIELDS])
def test_fields_that_users_send(api, recorder, request_of):
    """The fields that users send arrive whether they are given as models, as a model of dicts or as a dict."""
    with pytest.warns(xendit.XenditWarning, match="150000.5 has decimals that an amount in IDR does not have"):
        api.create_invoice(request_of())
    assert recorder.last.json == MAIN_FIELDS


def test_channel_properties(api, recorder):
    """Card settings as models."""
    cards = ChannelPropertiesCards(allowed_bins=["411111"])
    api.create_invoice(CreateInvoiceRequest("order-1001", 134.5, channel_properties=ChannelProperties(cards=cards)))
    assert recorder.last.json["channel_properties"] == {"cards": {"allowed_bins": ["411111"]}}


def test_address(api, recorder):
    """An address as a model inside a customer."""
    customer = CustomerObject(given_names="Budi", addresses=[AddressObject(country="ID", city="Jakarta")])
    api.create_invoice(CreateInvoiceRequest("order-1001", 134.5, customer=customer))
    assert recorder.last.json["customer"] == {
        "given_names": "Budi",
        "addresses": [{"country": "ID", "city": "Jakarta"}],
    }


def _sent(api, recorder, given, *, as_model):
    api.create_invoice(CreateInvoiceRequest(**given) if as_model else given)
    return recorder.last.body.decode()


as_model_and_as_dict = pytest.mark.parametrize("as_model", [True, False], ids=["model", "dict"])


@as_model_and_as_dict
@pytest.mark.parametrize(
    ("given", "text"),
    [
        (1000, "1000"),
        (1000.0, "1000"),
        (134.4, "134.4"),
        (Decimal(1000), "1000"),
        (Decimal("1000.00"), "1000"),
        (Decimal("0.1"), "0.1"),
        (Decimal("99999999999999999.99"), "99999999999999999.99"),
        (Decimal("1E+6"), "1000000"),
        (1e16, "10000000000000000"),
    ],
)
@pytest.mark.filterwarnings("ignore::xendit.exceptions.XenditWarning")  # the recorder answers with a float
def test_amounts(api, recorder, given, text, as_model):
    """An amount may be int, float or Decimal, and is written exactly, never with an exponent."""
    body = _sent(api, recorder, {"external_id": "order-1001", "amount": given}, as_model=as_model)
    written = body.replace(" ", "").partition('"amount":')[2].rstrip("}").partition(",")[0]
    assert Decimal(written) == Decimal(text)
    assert "e" not in written.lower()
    assert ("." in written) == ("." in text)


@as_model_and_as_dict
@pytest.mark.parametrize("given", [86400, 86400.0, "86400", timedelta(days=1)])
def test_durations(api, recorder, given, as_model):
    """A duration may be int, float, digits in a str or a timedelta, and goes out as an integer."""
    asked = {"external_id": "order-1001", "amount": 134.5, "invoice_duration": given}
    _sent(api, recorder, asked, as_model=as_model)
    assert neutral.exact(recorder.last.json["invoice_duration"]) == ("int", 86400)


@as_model_and_as_dict
@pytest.mark.parametrize("given", ["1001", 1001, UUID(int=1001)])
def test_external_ids(api, recorder, given, as_model):
    """An external id may be str, int or UUID, and goes out as text."""
    _sent(api, recorder, {"external_id": given, "amount": 134.5}, as_model=as_model)
    assert recorder.last.json["external_id"] == str(given)


@as_model_and_as_dict
def test_texts_for_enums(api, recorder, as_model):
    """A str stands for an enum's member, inside a model too."""
    preference = NotificationPreference(invoice_created=["email", NotificationChannel("sms")])
    given = {"external_id": "order-1001", "amount": 134.5, "customer_notification_preference": preference}
    _sent(api, recorder, given, as_model=as_model)
    assert recorder.last.json["customer_notification_preference"] == {"invoice_created": ["email", "sms"]}


@as_model_and_as_dict
def test_dicts_and_models_inside(api, recorder, as_model):
    """Dicts and models mix, and their numbers may be ints and Decimals."""
    items = [{"name": "Coffee", "price": 75000, "quantity": 1}, InvoiceItem("Tea", Decimal("0.5"), 2)]
    given = {
        "external_id": "order-1001",
        "amount": 134.5,
        "items": items,
        "customer": {"given_names": "Budi"},
    }
    _sent(api, recorder, given, as_model=as_model)
    assert recorder.last.json["items"] == [
        {"name": "Coffee", "price": 75000, "quantity": 1},
        {"name": "Tea", "price": 0.5, "quantity": 2},
    ]


@as_model_and_as_dict
def test_none_is_absent(api, recorder, as_model):
    """`x or None` for optional values, at the top and inside, sends nothing."""
    given = {
        "external_id": "order-1001",
        "amount": 134.5,
        "payer_email": None,
        "customer": {"mobile_number": None},
    }
    _sent(api, recorder, given, as_model=as_model)
    assert recorder.last.json == {"external_id": "order-1001", "amount": 134.5, "customer": {}}


@as_model_and_as_dict
def test_metadata_is_not_touched(api, recorder, as_model):
    """Metadata arrives as it was given: an int stays an int, a None stays null."""
    metadata = {"table": 7, "share": 2.0, "vip": True, "none": None, "tags": ["a", 1]}
    _sent(api, recorder, {"external_id": "order-1001", "amount": 134.5, "metadata": metadata}, as_model=as_model)
    sent = recorder.last.json["metadata"]
    assert sent == metadata
    assert [type(each) for each in sent.values()] == [type(each) for each in metadata.values()]


@as_model_and_as_dict
def test_unknown_fields(api, recorder, as_model):
    """A field that no model declares is sent, with one warning."""
    given = {"external_id": "order-1001", "amount": 134.5, "should_send_whatsapp": True}
    with pytest.warns(xendit.XenditWarning, match="should_send_whatsapp") as warned:
        _sent(api, recorder, given, as_model=as_model)
    assert len(warned) == 1
    assert recorder.last.json == given


@as_model_and_as_dict
def test_typing_errors(api, recorder, as_model):
    """A misspelled field is sent, with a warning that names the right one, at the line of the program."""
    given = {"external_id": "order-1001", "amount": 134.5, "sucess_redirect_url": "https://shop.example"}
    with pytest.warns(xendit.XenditWarning, match="did you mean 'success_redirect_url'") as warned:
        _sent(api, recorder, given, as_model=as_model)
    assert [each.filename for each in warned] == [__file__]


def test_setting_attributes(api, recorder):
    """A request can be filled by setting attributes and keys after it was made."""
    request = CreateInvoiceRequest("order-1001", 134.5)
    request.description = "Coffee"
    request["amount"] = 200.5
    with pytest.warns(xendit.XenditWarning):
        request.with_short_url = True
    api.create_invoice(request)
    assert recorder.last.json == {
        "external_id": "order-1001",
        "amount": 200.5,
        "description": "Coffee",
        "with_short_url": True,
    }


def test_list_filters(api, recorder):
    """Filters take members or str, datetimes or ISO text."""
    api.get_invoices(
        statuses=[InvoiceStatus("PAID"), "SETTLED"],
        client_types=[InvoiceClientType.DASHBOARD],
        created_after=datetime(2016, 8, 29, tzinfo=timezone.utc),
        created_before="2016-08-30T09:12:33.001Z",
        limit=10,
    )
    assert recorder.last.query == [
        ["statuses", "PAID"],
        ["statuses", "SETTLED"],
        ["limit", "10"],
        ["created_after", "2016-08-29T00:00:00.000Z"],
        ["created_before", "2016-08-30T09:12:33.001Z"],
        ["client_types", "DASHBOARD"],
    ]


# ---------------------------------------------------------------------------------- 5. what is read


@pytest.fixture
def invoice(api):
    """An invoice as it was answered."""
    return api.get_invoice_by_id(ID)


def test_attributes_keys_and_get(invoice):
    """Fields are read as attributes, by key and by get."""
    assert invoice.id == invoice["id"] == invoice.get("id") == ID
    assert invoice.invoice_url == invoice["invoice_url"] == invoice.get("invoice_url") == INVOICE["invoice_url"]
    assert invoice["amount"] == invoice.amount == 150000
    assert invoice["external_id"] == "order-1001"
    assert invoice.expiry_date.isoformat() == "2026-11-24T15:14:02.404000+00:00"
    assert getattr(invoice, "invoice_url", None) == INVOICE["invoice_url"]
    assert getattr(invoice, "nothing", "default") == "default"
    assert not hasattr(invoice, "nothing")
    assert invoice.get("nothing") is None
    assert invoice.get("nothing", 5) == 5
    assert "amount" in invoice
    assert "payment_method" not in invoice


def test_absent_fields(invoice):
    """A declared field that the answer lacks reads as None; a name that is no field is an error."""
    assert invoice.payment_method is None
    assert invoice["payment_method"] is None
    assert invoice.get("payment_method", "none yet") == "none yet"
    with pytest.raises(xendit.ApiAttributeError):
        invoice.nothing  # noqa: B018
    with pytest.raises(xendit.ApiKeyError):
        invoice["nothing"]


def test_items_are_the_lines(invoice):
    """`items` is the list of line items, as attribute, by key and by get: a model is not a dict."""
    assert [each.name for each in invoice.items] == ["Coffee"]
    assert invoice["items"] is invoice.items
    assert invoice.get("items") is invoice.items
    assert not isinstance(invoice, dict)


def test_to_dict_and_print(invoice, capsys):
    """to_dict gives plain values with datetimes; to_str, print and pprint show the invoice."""
    plain = invoice.to_dict()
    assert plain["status"] == "PENDING"
    assert plain["created"] == datetime(2026, 11, 23, 15, 14, 2, 404000, tzinfo=timezone.utc)
    assert plain["available_banks"][0]["bank_code"] == "BCA"
    assert type(plain["available_banks"][0]) is dict
    assert ID in invoice.to_str()
    print(invoice)  # noqa: T201
    pprint.pprint(invoice)  # noqa: T203
    assert capsys.readouterr().out.count(ID) >= 2


def test_status(invoice):
    """A status compares, hashes and prints as its text, and still has a value."""
    status = invoice.status
    assert status == "PENDING"
    assert "PENDING" == status  # noqa: SIM300 - from the other side
    assert status != "PAID"
    assert status == InvoiceStatus("PENDING")
    assert status in ("PENDING", "PAID")
    assert status in {"PENDING"}  # noqa: FURB171 - the hash is what is asked
    assert {status: 1}["PENDING"] == 1
    assert hash(status) == hash("PENDING")
    assert f"{status}" == str(status) == status.value == "PENDING"
    assert f"{status:>10}" == "   PENDING"
    assert json.dumps({"status": status}) == '{"status": "PENDING"}'
    assert isinstance(status, str)


def test_unknown_values_are_kept(api, recorder):
    """A status of tomorrow keeps its text instead of turning into UNKNOWN_ENUM_VALUE."""
    recorder.answers.append(Answer(body={**INVOICE, "status": "REFUNDED", "new_field": {"a": 1}}))
    invoice = api.get_invoice_by_id(ID)
    assert invoice.status == "REFUNDED"
    assert not invoice.status.is_known
    assert invoice.new_field == invoice["new_field"] == {"a": 1}


def test_equality(api, invoice):
    """Two answers with the same fields are equal; a changed one is not."""
    other = api.get_invoice_by_id(ID)
    assert invoice == other
    other.amount = 5
    assert invoice != other
    assert invoice != invoice.to_dict()


def test_container_forms(invoice):
    """dict(), iteration, len, keys and truth work over the fields that are there."""
    assert list(invoice) == list(invoice.keys())
    assert set(invoice) == set(INVOICE)
    assert len(invoice) == len(INVOICE)
    assert dict(invoice)["id"] == ID
    assert set(dict(invoice)) == set(INVOICE)
    assert {**invoice}["status"] == "PENDING"
    assert bool(invoice)


@pytest.mark.parametrize(
    "twin_of",
    [
        copy.copy,
        copy.deepcopy,
        *(
            lambda model, protocol=protocol: pickle.loads(pickle.dumps(model, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_copies(invoice, twin_of):
    """A copy, a deep copy and a pickled copy equal the invoice and are of its class; changing one leaves the other."""
    twin = twin_of(invoice)
    assert type(twin) is Invoice
    assert twin == invoice
    assert twin.status == "PENDING"
    twin.amount = 1
    assert invoice.amount == 150000


def test_to_json(invoice):
    """to_json gives the wire's JSON, and from_json reads it back."""
    assert json.loads(invoice.to_json()) == INVOICE
    assert Invoice.from_json(invoice.to_json()) == invoice


@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: path.stem)
def test_callbacks(path):
    """A webhook's body, integers for amounts and all, makes an InvoiceCallback the documented way."""
    body = path.read_bytes()
    callback = InvoiceCallback(**json.loads(body))
    assert callback == InvoiceCallback.from_json(body)
    assert callback.external_id == json.loads(body)["external_id"]
    assert callback.amount == json.loads(body)["amount"]
    assert callback.status in ("PAID", "EXPIRED")


# ------------------------------------------------------------------------------------- 6. exceptions

NOT_FOUND = {"error_code": "INVOICE_NOT_FOUND_ERROR", "message": "Could not find invoice by id " + ID}


def test_exception_attributes(api, recorder):
    """An error of the API has the official attributes, and says them when it is printed."""
    recorder.answers.append(Answer(404, NOT_FOUND))
    with pytest.raises(xendit.XenditSdkException) as raised:
        api.get_invoice_by_id(ID)
    error = raised.value
    assert isinstance(error, xendit.OpenApiException)
    assert (error.status, error.errorCode, error.errorMessage) == (
        "404",
        NOT_FOUND["error_code"],
        NOT_FOUND["message"],
    )
    assert getattr(error, "errorMessage", None) == NOT_FOUND["message"]
    assert error.rawResponse == NOT_FOUND
    for text in (str(error), f"{error}", repr(error)):
        assert "404" in text
        assert NOT_FOUND["error_code"] in text
        assert NOT_FOUND["message"] in text
    assert error.http_status == 404
    assert type(error).__name__ == "NotFoundException"


def test_exception_pickles(api, recorder):
    """An error of the API survives pickling, as it must between worker processes."""
    recorder.answers.append(Answer(404, NOT_FOUND, (("Request-Id", "r-1"),)))
    with pytest.raises(xendit.XenditSdkException) as raised:
        api.get_invoice_by_id(ID)
    twin = pickle.loads(pickle.dumps(raised.value))
    assert type(twin) is type(raised.value)
    assert (str(twin), twin.status, twin.errorCode) == (str(raised.value), "404", NOT_FOUND["error_code"])
    assert twin.request_id == raised.value.request_id == "r-1"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(502, b"<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"),
        Answer(500, b""),
        Answer(503, b"upstream connect error", content_type="text/plain"),
        Answer(503, b"\xff\xfe\xff", content_type="text/plain"),
        Answer(500, 12),
        Answer(400, ["a", "list"]),
        Answer(
            401,
            {"error_code": "INVALID_API_KEY", "message": "API key is not authorized for this API service"},
        ),
        Answer(409, {"errors": [{"message": "no", "path": ["x"]}]}),
        Answer(200, b"<html></html>", content_type="text/html"),
        Answer(200, b""),
        Answer(200, {"id": 5}),
        Answer(302, b"", (("Location", "https://elsewhere.example/"),)),
    ],
    ids=lambda answer: f"{answer.status}-{str(answer.body)[:12]}",
)
def test_what_a_server_may_answer(recorder, answer):
    """Whatever a server answers, `except XenditSdkException` catches it, and the key is not in what is printed."""
    with xendit.ApiClient(xendit.Configuration(api_key=KEY, host=recorder.url, retries=0)) as client:
        recorder.answers.append(answer)
        with pytest.raises(xendit.XenditSdkException) as raised:
            InvoiceApi(client).get_invoice_by_id(ID)
    assert raised.value.args
    assert raised.value.status == str(answer.status)
    assert KEY not in str(raised.value) + repr(raised.value) + str(vars(raised.value))


def test_nobody_listens():
    """A refused connection is an XenditSdkException that says that nothing was sent."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # taken, and not listening
        host = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with xendit.ApiClient(xendit.Configuration(api_key=KEY, host=host, retries=0)) as client:
            with pytest.raises(xendit.ConnectionException) as raised:
                InvoiceApi(client).create_invoice({"external_id": "order-1001", "amount": 1000})
    assert isinstance(raised.value, xendit.XenditSdkException)
    assert raised.value.outcome == "not_sent"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        ("ApiTypeError", TypeError),
        ("ApiValueError", ValueError),
        ("ApiKeyError", KeyError),
        ("ApiAttributeError", AttributeError),
    ],
)
def test_argument_errors(error, builtin):
    """The errors about arguments keep their bases, and know the path of what was wrong."""
    cls = getattr(xendit, error)
    assert issubclass(cls, (xendit.OpenApiException,))
    assert issubclass(cls, builtin)
    raised = cls("m", ["items", 0])
    assert list(raised.path_to_item) == ["items", 0]
    assert "m" in str(raised)


# -------------------------------------------------------------------------------- what stays an error


@as_model_and_as_dict
@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("1000", xendit.ApiTypeError),
        (True, xendit.ApiTypeError),
        (math.nan, xendit.ApiValueError),
        (math.inf, xendit.ApiValueError),
        (Decimal("NaN"), xendit.ApiValueError),
        ([1000], xendit.ApiTypeError),
    ],
)
def test_amounts_refused(api, recorder, amount, error, as_model):
    """Text, bool, NaN and infinity are no amounts; nothing is sent."""
    with pytest.raises(error, match="amount"):
        _sent(api, recorder, {"external_id": "order-1001", "amount": amount}, as_model=as_model)
    assert not recorder.requests


@as_model_and_as_dict
def test_missing_fields(api, recorder, as_model):
    """One error names all required fields that are missing; it is a TypeError as it was."""
    with pytest.raises(xendit.ApiTypeError) as raised:
        _sent(api, recorder, {"description": "Coffee"}, as_model=as_model)
    assert isinstance(raised.value, TypeError)
    assert "external_id" in str(raised.value)
    assert "amount" in str(raised.value)
    assert not recorder.requests


def test_no_json_without_to_json(invoice):
    """A bare json.dumps of an invoice stays a TypeError: to_json is the way."""
    with pytest.raises(TypeError):
        json.dumps(invoice)


def test_no_hash(invoice):
    """A model can change, so it has no hash."""
    with pytest.raises(TypeError):
        hash(invoice)


@pytest.mark.parametrize(
    "options",
    [
        {"_request_timeout": "5"},
        {"_request_timeout": True},
        {"_request_timeout": -1},
        {"_request_timeout": [1.0, 2.0]},
        {"_return_http_data_only": 1},
        {"_preload_content": "yes"},
        {"_check_return_type": None},
        {"_check_input_type": 0},
        {"_spec_property_naming": 1},
        {"_content_type": 5},
        {"_host_index": 1},
        {"_request_auths": "key"},
        {"async_req": 1},
        {"timeout": 5},
    ],
    ids=str,
)
def test_options_refused(api, recorder, options):
    """An option of a wrong type, or one that does not exist, is an error before any request."""
    with pytest.raises((xendit.ApiTypeError, xendit.ApiValueError)):
        api.get_invoice_by_id(ID, **options)
    assert not recorder.requests
