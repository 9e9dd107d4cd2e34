"""The seed's own examples run, with its placeholders replaced by values that an API can take.

Every replacement is a row below, with its reason; nothing else of the seed's code is changed.
"""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import xendit
from xendit.apis import InvoiceApi
from xendit.models import Invoice, InvoiceCallback

if TYPE_CHECKING:
    from xendit.sandbox import Sandbox

EXAMPLES = dict(
    re.findall(
        r"^## (\w+)\n\n```python\n(.*?)^```$",
        (Path(__file__).parent / "seed/examples.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)

#: (example, the seed's text, what stands in its place, why)
REPLACED = [
    ("*", "'XENDIT API KEY'", "KEY", "no key holds spaces"),
    ("*", '"62efe4c33e45694d63f585f0"', "USER_ID", "a sub-account that the key may act for"),
    (
        "setup",
        "configuration.api_key['ApiKeyAuth'] = 'YOUR_API_KEY'",
        "configuration = xendit.Configuration(api_key={'ApiKeyAuth': KEY})",
        "the seed uses a name that it never makes",
    ),
    (
        "create_invoice",
        "from pprint import pprint",
        "from pprint import pprint\nfrom xendit.invoice.model import *",
        "the seed uses models that it does not import",
    ),
    ("create_invoice", "amount=3.14,", "amount=50000,", "IDR has no decimals"),
    ("create_invoice", '"payer_email_example"', '"payer@example.com"', "an e-mail address"),
    ("create_invoice", '"invoice_duration_example"', '"86400"', "a number of seconds"),
    (
        "create_invoice",
        '        callback_virtual_account_id="callback_virtual_account_id_example",\n',
        "",
        "it names a virtual account of the merchant's own",
    ),
    ("create_invoice", '"email_example"', '"ayu@example.com"', "an e-mail address"),
    ("create_invoice", '"mobile_number_example"', '"+6281234567890"', "a phone number in E.164"),
    ("create_invoice", '"success_redirect_url_example"', '"https://shop.example/thanks"', "a URL"),
    ("create_invoice", '"failure_redirect_url_example"', '"https://shop.example/sorry"', "a URL"),
    ("create_invoice", '"payment_methods_example"', '"BCA"', "a payment channel"),
    ("create_invoice", '"currency_example"', '"IDR"', "a currency"),
    ("create_invoice", "reminder_time=3.14", "reminder_time=2", "1 to 30 days"),
    ("create_invoice", '"local_example"', '"id"', "a language"),
    ("create_invoice", '"reminder_time_unit_example"', '"days"', "days or hours"),
    ("create_invoice", '"url_example"', '"https://shop.example/coffee"', "a URL"),
    ("get_invoice_by_id", '"62efe4c33e45294d63f585f2"', "INVOICE_ID", "an invoice that exists"),
    ("get_invoices", '"62efe4c33e45294d63f585f2"', "INVOICE_ID", "an invoice that exists"),
    (
        "get_invoices",
        "from pprint import pprint",
        "from pprint import pprint\nfrom dateutil.parser import parse as dateutil_parser",
        "the seed uses a function that it does not import",
    ),
    (
        "get_invoices",
        'InvoiceStatus("["PENDING","SETTLED"]")',
        'InvoiceStatus("PENDING"), InvoiceStatus("SETTLED")',
        "the seed's line is not Python",
    ),
    (
        "get_invoices",
        'InvoiceClientType("["API_GATEWAY","DASHBOARD"]")',
        'InvoiceClientType("API_GATEWAY"), InvoiceClientType("DASHBOARD")',
        "the seed's line is not Python",
    ),
    ("expire_invoice", '"5f4708b7bd394b0400b96276"', "INVOICE_ID", "an invoice that exists"),
    ("handler", "(invoice_callback_json) {", "(invoice_callback_json):", "the seed's line is not Python"),
    ("handler", "// do things here with the callback\n}", "return callback_obj", "the seed's line is not Python"),
]


def example(name: str) -> str:
    """An example with its rows of the table applied; a row that no longer applies fails."""
    code = EXAMPLES[name]
    for where, old, new, _ in REPLACED:
        if where == name:
            assert old in code, old
        if where in ("*", name):
            code = code.replace(old, new)
    return code


def run(name: str, **names: Any) -> dict[str, Any]:
    """Run an example with these names and give those that it made."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "CreateInvoiceRequest: 'local' is a misspelling", DeprecationWarning)
        warnings.filterwarnings(
            "ignore", ".*'(price|value)'.*has decimals that an amount in IDR does not have"
        )  # of the example
        exec(compile(example(name), f"seed {name}", "exec"), names)
    return names


@pytest.fixture
def order(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Invoice:
    """An invoice on the sandbox, which the environment names; the seed's examples set the key themselves."""
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key)))
    return api.create_invoice({"external_id": "test-external", "amount": 50000})


def test_the_table_has_no_row_without_use() -> None:
    """Each row changes its example, and the examples are all there."""
    assert set(EXAMPLES) == {
        "setup",
        "create_invoice",
        "get_invoice_by_id",
        "get_invoices",
        "expire_invoice",
        "callback",
        "handler",
    }
    for where, old, _, why in REPLACED:
        assert any(old in code for name, code in EXAMPLES.items() if where in ("*", name)), old
        assert why


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("setup", []),
        ("create_invoice", []),
        ("get_invoice_by_id", []),
        ("get_invoices", []),
        ("expire_invoice", ["InvoiceApi->expire_invoice: 404"]),  # the example expires the same invoice twice
    ],
)
def test_an_example_runs(
    name: str, refused: list[str], order: Invoice, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints what the API answered; its own `except` prints nothing that is not expected."""
    made = run(name, KEY=sandbox.api_key, USER_ID=order.user_id, INVOICE_ID=order.id)
    printed = capsys.readouterr().out
    complaints = re.findall(r"Exception when calling (\S+ \w+)", printed)
    assert complaints == refused
    if name == "create_invoice":
        answer = made["api_response"]
        assert isinstance(answer, Invoice)
        assert (answer.external_id, answer.locale, answer.status) == ("external_id_example", "id", "PENDING")
        assert answer.customer.addresses[0].street_line1 == "street_line1_example"
        assert answer.customer_notification_preference.invoice_expired == ["email"]
    elif name != "setup":
        assert "Invoice(" in printed or printed.startswith("[]")


def test_the_callback_example_decodes() -> None:
    """The documented way, on the documented body, whose amounts are integers."""
    body = run("callback")["invoice_callback_json"]
    callback = run("handler", InvoiceCallback=InvoiceCallback, json=json)["SimulateInvoiceCallback"](body)
    assert isinstance(callback, InvoiceCallback)
    assert (callback.status, callback.is_paid, callback.paid_amount) == ("PAID", True, 2000000)
    assert callback.paid_at.isoformat() == "2020-01-14T02:32:50.912000+00:00"
    assert InvoiceCallback.from_json(body) == callback
