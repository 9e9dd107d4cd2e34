"""Programs for xendit-python 0.1 and 0.2: `Xendit`, `Invoice`, `XenditError`, and names that are only there to import.

What they send and read is compared with the official 0.2.2 in test/interop; here stands what that release has no say in.
"""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

import pytest
from recorder import INVOICE, KEY, Answer

import xendit
from xendit import deprecation, elsewhere
from xendit.invoice.model import Invoice as InvoiceModel

ID = "63cbffba77c0a60ebd31ee2b"

#: The names at the top of the official 0.2.2, without modules, and those that programs for 0.x write besides.
NAMES = [
    "Balance",
    "BalanceAccountType",
    "BatchDisbursement",
    "BillingInformation",
    "Card",
    "CardlessCredit",
    "CardlessCreditItem",
    "CardlessCreditType",
    "CreditCard",
    "CreditCardCharge",
    "CreditCardChargeAddress",
    "CreditCardChargeBillingDetails",
    "CreditCardChargeInstallment",
    "CreditCardChargePromotion",
    "CreditCardPromotion",
    "CreditCardRefund",
    "DANAPayment",
    "DANAPaymentStatus",
    "DirectDebit",
    "DirectDebitCustomer",
    "DirectDebitCustomerAddress",
    "DirectDebitPaymentMethodType",
    "Disbursement",
    "DisbursementBank",
    "EWallet",
    "EWalletType",
    "HTTPClientInterface",
    "Invoice",
    "InvoiceBank",
    "InvoiceRetailOutlet",
    "LinkAjaItem",
    "LinkAjaPayment",
    "LinkAjaPaymentStatus",
    "OVOPayment",
    "OVOPaymentStatus",
    "OverTheCounter",
    "Payment",
    "PaymentMethod",
    "PaymentRequest",
    "Payout",
    "QRCode",
    "QRCodeType",
    "RecurringPayment",
    "Refund",
    "RetailOutlet",
    "VirtualAccount",
    "VirtualAccountBank",
    "VirtualAccountPayment",
    "XenPlatform",
    "XenPlatformAccountType",
    "XenPlatformURLType",
    "Xendit",
    "XenditError",
    "XenditResponse",
    "DirectDebitPayment",
    "DirectDebitPaymentMethod",
    "DirectDebitToken",
    "EWalletBasket",
    "EWalletCharge",
    "BatchDisbursementItem",
]
ABSENT = sorted(set(NAMES) - {"Invoice", "Xendit", "XenditError"})

pytestmark = pytest.mark.filterwarnings("ignore:the names of xendit-python 0.x:DeprecationWarning")


@pytest.fixture(autouse=True)
def surroundings(recorder, monkeypatch):
    """The key of the module, the recorder as the host, and a process that was not warned yet."""
    monkeypatch.setenv("XENDIT_BASE_URL", recorder.url)
    monkeypatch.setattr(xendit, "api_key", KEY, raising=False)
    monkeypatch.setattr(deprecation, "_told", False)


@pytest.fixture
def invoice():
    """An invoice as 0.x shows it."""
    return xendit.Invoice.get(invoice_id=ID)


def test_result(invoice):
    """A result has what Xendit sent as attributes, and no more; it is no model."""
    assert vars(invoice) == INVOICE
    assert json.loads(str(invoice)) == INVOICE
    assert str(invoice).startswith('{\n    "')
    assert (invoice.amount, invoice.expiry_date) == (150000, "2026-11-24T15:14:02.404Z")
    assert invoice["items"][0]["name"] == "Coffee"
    assert not hasattr(invoice, "paid_at")
    assert type(invoice) is xendit.Invoice
    assert not isinstance(invoice, InvoiceModel)
    assert xendit.models.Invoice is InvoiceModel
    with pytest.raises(xendit.ApiKeyError, match="did you mean 'invoice_url'"):
        invoice["invoice_ur"]


def test_result_is_a_value(invoice):
    """A result can be changed, compared, copied and pickled."""
    assert invoice == copy.deepcopy(invoice) == pickle.loads(pickle.dumps(invoice))
    twin = copy.copy(invoice)
    twin.status = "PAID"
    assert twin != invoice
    assert invoice != INVOICE


def test_repr_is_masked(invoice):
    """A repr shows what a log may hold: neither the payer nor a field that nobody here knows."""
    assert "budi@example.com" not in repr(invoice)
    assert "Two bags" not in repr(invoice)
    assert f"id='{ID}'" in repr(invoice)
    assert "status='PENDING'" in repr(invoice)
    assert "budi@example.com" in str(invoice)


def test_fields_of_the_future(recorder):
    """A field that this version does not know, and one of a type that it does not expect, stand as they came."""
    recorder.answers.append(Answer(body={**INVOICE, "novelty": {"a": [1.50, None]}, "payment_method": "SOMETHING"}))
    invoice = xendit.Invoice.get(invoice_id=ID)
    assert invoice.novelty == {"a": [1.5, None]}
    assert invoice.payment_method == "SOMETHING"


def test_one_warning_a_process(recorder):
    """The first use warns at the program's own line and says what to write; importing does not, nor does any later use."""
    program = (
        "import sys, warnings\n"
        "import xendit\n"
        "from xendit import Xendit, Invoice, XenditError, VirtualAccount\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    xendit.api_key = sys.argv[1]\n"
        "    Invoice.get(invoice_id='1'); line = 8\n"
        "    Xendit(api_key=sys.argv[1]).Invoice.get(invoice_id='2')\n"
        "    Invoice.list_all()\n"
        "    xendit.apis.InvoiceApi().get_invoices()\n"
        "[one] = [each for each in caught if each.category is DeprecationWarning]\n"
        "print(one.lineno, one.filename, one.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, KEY],
        env={**os.environ, "PYTHONPATH": str(Path(xendit.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    line, name, message = done.stdout.split(" ", 2)
    assert (line, name) == ("7", "<string>")
    for word in ("set_api_key", "InvoiceApi().create_invoice", "XenditSdkException"):
        assert word in message


def test_key_and_address_of_a_client(recorder, monkeypatch):
    """A client's own key and address win over those of the module; a call's win over the client's."""
    monkeypatch.setenv("XENDIT_BASE_URL", "http://127.0.0.1:9")
    client = xendit.Xendit("xnd_development_other==", base_url=recorder.url + "/")
    client.Invoice.get(invoice_id=ID)
    assert recorder.last.key == "xnd_development_other=="
    xendit.Invoice.get(invoice_id=ID, api_key="xnd_development_call==", base_url=recorder.url)
    assert recorder.last.key == "xnd_development_call=="
    monkeypatch.setattr(xendit, "base_url", recorder.url + "/", raising=False)
    xendit.Invoice.get(invoice_id=ID)
    assert recorder.last.key == KEY


def test_clients_of_several_accounts(recorder):
    """Each client keeps its own key, whichever was made last; all share one connection."""
    keys = [f"xnd_development_{number}==" for number in range(4)]
    clients = [xendit.Xendit(api_key=key) for key in keys]
    for key, client in zip(keys, clients, strict=True):
        client.Invoice.expire(invoice_id=ID)
        assert recorder.last.key == key
    assert recorder.connections == 1


def test_key_is_missing(recorder, monkeypatch):
    """A client without a key is made; its first call says what is missing, as an XenditError, and sends nothing."""
    monkeypatch.delattr(xendit, "api_key")
    monkeypatch.delenv("XENDIT_API_KEY", raising=False)
    for use in (lambda: xendit.Invoice.get(invoice_id=ID), lambda: xendit.Xendit(None).Invoice.get(invoice_id=ID)):
        with pytest.raises(xendit.XenditError, match="no API key"):
            use()
    assert not recorder.requests


def test_key_is_not_shown(recorder):
    """Neither the repr of a client nor a frame of a failed call shows the key."""
    recorder.answers.extend([Answer(401, {"error_code": "INVALID_API_KEY", "message": "wrong"})] * 2)
    secret = "xnd_development_" + "s3cret" * 5
    client = xendit.Xendit(api_key=secret)
    told = [repr(client), repr(vars(client)), repr(client.Invoice)]
    for use in (lambda: client.Invoice.get(invoice_id=ID), lambda: xendit.Invoice.get(invoice_id=ID, api_key=secret)):
        with pytest.raises(xendit.XenditError) as raised:
            use()
        lines = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        ours = [frame for frame in lines.stack if Path(frame.filename).parent.name == "xendit"]
        told += [repr(frame.locals) for frame in ours]
        assert ours
    assert not [text for text in told if "s3cret" in text]


@pytest.mark.parametrize("double", [object(), lambda *_: None, warnings])
def test_http_client(recorder, double):
    """A double that would have been called in place of the network is refused; `requests` and its sessions are not."""
    with pytest.raises(xendit.XenditError, match="base_url"):
        xendit.Xendit(KEY, http_client=double)
    with pytest.raises(xendit.XenditError, match="base_url"):
        xendit.Invoice.get(invoice_id=ID, http_client=double)
    assert not recorder.requests
    session = type("Session", (), {"__module__": "requests.sessions"})()
    xendit.Xendit(KEY, http_client=session).Invoice.get(invoice_id=ID)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"external_id": "a", "amount": "lots"}, "amount"),
        ({"external_id": "a"}, "amount"),
        ({"external_id": "", "amount": 1}, "external_id"),
        ({"external_id": "a", "amount": 1, "items": 5}, "items"),
    ],
)
def test_arguments_that_cannot_be_sent(recorder, arguments, field):
    """They are answered as Xendit answered 0.x: by an XenditError with a code, a status and the field; nothing is sent."""
    with pytest.raises(xendit.XenditError, match=field) as raised:
        xendit.Invoice.create(payer_email="a@example.com", description="Demo", **arguments)
    error = raised.value
    assert (error.error_code, error.status_code, error.outcome) == ("API_VALIDATION_ERROR", 400, "not_sent")
    assert field in error.message
    assert not recorder.requests


def test_what_the_server_refuses(recorder):
    """An error of the API bears its code, message and status under the names of 0.x."""
    recorder.answers.append(Answer(400, {"error_code": "MINIMAL_TRANSFER_AMOUNT_ERROR", "message": "too small"}))
    with pytest.raises(xendit.XenditError) as raised:
        xendit.Invoice.create(external_id="a", amount=1)
    error = raised.value
    assert (error.error_code, error.message, error.status_code) == ("MINIMAL_TRANSFER_AMOUNT_ERROR", "too small", 400)
    assert isinstance(error, xendit.BadRequestException)


def test_error_of_both_worlds(recorder):
    """A program that took XenditError where it found it catches with it what InvoiceApi raises."""
    assert xendit.XenditError is xendit.XenditSdkException
    recorder.answers.append(Answer(404, {"error_code": "INVOICE_NOT_FOUND_ERROR", "message": "none"}))
    with pytest.raises(xendit.XenditError):
        xendit.InvoiceApi().get_invoice_by_id(ID)


def test_further_fields(recorder):
    """A field that 0.x had no argument for is sent; a misspelt one is sent too, with the nearest name in a warning."""
    xendit.Invoice.create(external_id="a", amount=1, locale="en", metadata={"table": 7})
    assert recorder.last.json == {"external_id": "a", "amount": 1, "locale": "en", "metadata": {"table": 7}}
    with pytest.warns(xendit.XenditWarning, match="payer_email"):
        xendit.Invoice.create(external_id="a", amount=1, payer_mail="a@example.com")


@pytest.mark.parametrize("statuses", ['["PAID", "SETTLED"]', ["PAID", "SETTLED"], ("PAID", "SETTLED")])
def test_lists_as_text(recorder, statuses):
    """A list of a query may be JSON text, as the API's page of those years shows it."""
    xendit.Invoice.list_all(statuses=statuses, client_types="DASHBOARD")
    assert recorder.last.query == [["statuses", "PAID"], ["statuses", "SETTLED"], ["client_types", "DASHBOARD"]]


@pytest.mark.parametrize("name", NAMES)
def test_names_import(name):
    """Every name of 0.2.2 imports without a warning, and hasattr finds it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(f"from xendit import {name}", {})
        assert hasattr(xendit, name)


@pytest.mark.parametrize("name", ABSENT)
def test_absent_names(name, recorder):
    """An absent name, its methods and members can be named; calling one says what to do, as an XenditError."""
    found = getattr(xendit, name)
    assert found.MEMBER.value is not None
    for use in (found, found.create, getattr(xendit.Xendit(KEY), name).create):
        with pytest.raises(xendit.XenditError, match=f"xendit.{name}") as raised:
            use(external_id="a", amount=1)
        assert "\n" not in str(raised.value)
        assert isinstance(raised.value, xendit.UnsupportedException)
    assert not recorder.requests

    def annotated(_: found | None = None) -> found | None:
        return None

    assert annotated() is None
    assert not isinstance(5, found)
    assert type("Derived", (), {}) is not None

    class Derived(found):
        pass

    assert Derived() is not None


def test_what_to_do():
    """The sentence says what the program can do: an invoice takes the payments of most channels."""
    for name in ("VirtualAccount", "EWallet", "QRCode"):
        with pytest.raises(xendit.XenditError, match=r"create_invoice\(\{\.\.\.\}\)"):
            getattr(xendit, name).create()
    with pytest.raises(xendit.XenditError, match="environment of its own"):
        xendit.Disbursement.create()


def test_guards():
    """Guards that ask which release is there lead into a branch that works, either way round."""
    assert hasattr(xendit, "Xendit")
    assert hasattr(xendit, "Invoice")
    assert hasattr(xendit, "api_key")
    assert hasattr(xendit, "set_api_key")
    assert xendit.Xendit(KEY).Invoice.get(invoice_id=ID).id == ID
    assert xendit.InvoiceApi().get_invoice_by_id(ID).id == ID


def test_module_attributes_before_they_are_set(monkeypatch):
    """`xendit.api_key` and `xendit.base_url` read as in 0.x until they are set."""
    monkeypatch.delattr(xendit, "api_key")
    assert xendit.api_key == ""
    assert xendit.base_url == "https://api.xendit.co/"
    with pytest.raises(AttributeError, match="did you mean 'Xendit'"):
        xendit.Xendi  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean 'VirtualAccount'"):
        xendit.Xendit(KEY).VirtualAccounts  # noqa: B018


def test_names_of_the_table():
    """The literal list of the package is this one."""
    assert sorted(elsewhere.ABSENT) == ABSENT
