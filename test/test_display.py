"""How models are shown: repr, str, notebooks, csv, failed assertions, tracebacks."""

from __future__ import annotations

import csv
import io
import pickle
import subprocess
import sys
import traceback
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from recorded import payload

import xendit
from xendit.apis import InvoiceApi, RefundApi, TransactionApi
from xendit.display import differences, money
from xendit.models import CreateInvoiceRequest, CustomerObject, Invoice, InvoiceCallback, InvoiceItem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xendit.sandbox import Sandbox

SECRETS = ("ayu@example.com", "Ayu", "+6281")


@pytest.fixture
def invoice() -> Invoice:
    """An invoice as the API answers, with a payer, markup in its id and a channel list."""
    read = Invoice.from_dict(payload("invoice__docs-xendit-create-2024.json"))
    read.external_id = "<order>-1"
    read.payer_email = "ayu@example.com"
    read.customer = CustomerObject(given_names="Ayu", mobile_number="+6281111111")
    return read


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (150000, "IDR", "IDR 150,000"),
        (12_500_000.0, "IDR", "IDR 12,500,000"),
        (1299.5, "PHP", "PHP 1,299.50"),
        (Decimal("1299.5"), "php", "php 1,299.50"),
        (7, "USD", "USD 7.00"),
        (0.5, "IDR", "IDR 0.5"),
        (-0.5, "USD", "USD -0.50"),
        (-1234, "IDR", "IDR -1,234"),
        (1.125, "MYR", "MYR 1.125"),
        (7, None, "7"),
        (1.5, None, "1.5"),
        (10**20, "VND", "VND 100,000,000,000,000,000,000"),
        (None, "IDR", ""),
        (True, "IDR", "True"),
        (float("nan"), "IDR", "nan"),
        ("soon", "IDR", "soon"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount: object, currency: object, written: str) -> None:
    """No digit is dropped, none is invented, and what is no number is shown as it came."""
    assert money(amount, currency) == written


def test_repr_begins_with_what_matters_and_counts_the_channels(invoice: Invoice) -> None:
    """The id is first, the lists of channels are lengths, and nothing personal is there."""
    shown = repr(invoice)
    assert shown.startswith(f"Invoice(id='{invoice.id}', external_id='<order>-1', status='PENDING', amount=")
    assert f"available_banks=<{len(invoice.available_banks)} Bank>" in shown
    assert "payer_email='***'" in shown
    assert not [secret for secret in SECRETS if secret in shown]
    assert len(shown) < 1200


def test_a_request_shows_its_lines() -> None:
    """What a user wrote is written out, in the order of the declaration."""
    request = CreateInvoiceRequest("o", 2, items=[InvoiceItem("Tea", 2, 1)])
    assert (
        repr(request)
        == "CreateInvoiceRequest(external_id='o', amount=2, items=[InvoiceItem(name='Tea', price=2, quantity=1)])"
    )
    assert str(request) == repr(request)


def test_str_reads_like_a_line(invoice: Invoice) -> None:
    """Its id, then the rest with the currency at the amount and the time with its zone."""
    invoice.expiry_date = "2026-11-29T11:34:42.246Z"
    invoice.amount, invoice.currency = 1299.5, "PHP"
    assert str(invoice) == (
        f"Invoice {invoice.id}: <order>-1, PENDING, PHP 1,299.50, {invoice.invoice_url}, 2026-11-29 11:34:42 UTC"
    )
    assert f"{invoice}" == str(invoice)


def test_str_of_any_answer(invoice: Invoice) -> None:
    """What is absent is left out, what is of the wrong type is masked, and nothing raises."""
    assert str(Invoice.from_dict({"id": "5"})) == "Invoice 5"
    loose = Invoice.__plan__.loosely({"id": "5", "amount": "ayu@example.com", "expiry_date": {"by": "Ayu"}})
    assert str(loose) == "Invoice 5: ***, ***"
    callback = InvoiceCallback.from_json(b'{"id":"7","external_id":"o","status":"PAID","amount":5,"currency":"IDR"}')
    assert str(callback) == "InvoiceCallback 7: o, PAID, IDR 5"


def test_a_notebook_shows_tables(invoice: Invoice) -> None:
    """Texts are escaped, the page can be followed, and nothing personal is there."""
    table = invoice._repr_html_()
    assert "&lt;order&gt;-1" in table
    assert "<order>" not in table
    assert f'<a href="{invoice.invoice_url}" rel="noopener noreferrer">' in table
    assert not [secret for secret in SECRETS if secret in table]
    error = xendit.ApiTypeError("an <int> was given")
    assert error._repr_html_() == "<pre><b>ApiTypeError</b>: an &lt;int&gt; was given</pre>"


def test_a_listed_page_is_a_list_and_a_table(sandbox: Sandbox) -> None:
    """It is a list in every respect; a shell shows a line an invoice, a notebook a row."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)))
    for number in (1, 2):
        api.create_invoice({"external_id": f"o-{number}", "amount": 1500 * number, "currency": "IDR"})
    page: Any = api.get_invoices()
    assert isinstance(page, list)
    assert page == list(page)
    assert pickle.loads(pickle.dumps(page)) == page
    lines = repr(page).splitlines()
    assert len(lines) == 2
    assert "o-2, PENDING, IDR 3,000, http" in lines[0]
    table = page._repr_html_()
    assert table.count("<tr>") == 3
    assert '<td style="text-align:right;white-space:nowrap">IDR 3,000</td>' in table
    assert repr(api.get_invoices(external_id="none")) == "[]"


def test_a_page_of_another_product_is_a_table(sandbox: Sandbox) -> None:
    """The things of the page are rows, and each reads like a line."""
    client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))
    made = InvoiceApi(client).create_invoice({"external_id": "o-<1>", "amount": 15000, "currency": "IDR"})
    sandbox.pay(made, channel="OVO")
    refund = RefundApi(client).refund_invoice(made, 5000, reference_id="r-1")
    assert str(refund).startswith(f"Refund {refund.id}: r-1, ")
    assert ", IDR 5,000, OVO, " in str(refund)
    page = TransactionApi(client).get_all_transactions()
    assert [f"{each.type}, {each.reference_id}, {each.status}, IDR" in str(each) for each in page.data] == [True, True]
    table = page._repr_html_()
    assert '<td style="text-align:right;white-space:nowrap">IDR 15,000</td>' in table
    assert "o-&lt;1&gt;" in table
    assert (
        '<td style="text-align:right;white-space:nowrap">IDR 5,000</td>'
        in RefundApi(client).get_all_refunds()._repr_html_()
    )


def test_csv_writes_a_model(invoice: Invoice) -> None:
    """`csv.DictWriter` takes one, for `keys()` subtracts as a dict's does; too many columns are its own error."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "status", "paid_at"], restval="-", extrasaction="ignore")
    writer.writerow(invoice)
    assert out.getvalue() == f"{invoice.id},PENDING,-\r\n"
    with pytest.raises(ValueError, match="dict contains fields not in fieldnames"):
        csv.DictWriter(out, ["id"]).writerow(invoice)
    names: Any = invoice.keys()
    assert isinstance(names, list)
    as_dict: Any = dict(invoice).keys()
    for other in ({"id", "nope"}, ["id", "nope"], ()):
        assert names - other == as_dict - other
        assert names & other == as_dict & other
        assert names | other == as_dict | other
        assert names ^ other == as_dict ^ other
        assert set(other) - names == set(other) - as_dict


def test_differences_name_the_fields(invoice: Invoice) -> None:
    """Personal values are told apart and not shown."""
    other = pickle.loads(pickle.dumps(invoice))
    assert differences(invoice, other) == []
    other.status, other.payer_email, other["brand_new"] = "PAID", "b@example.com", 1
    del other.description
    told = differences(invoice, other)
    assert "status: 'PENDING' != 'PAID'" in told
    assert "payer_email: differs, and is not shown, for it may be personal" in told
    assert "brand_new: differs, and is not shown, for it may be personal" in told
    assert any(line.startswith("description: ") and line.endswith(" != absent") for line in told)


def test_a_failed_assertion_shows_what_differs(tmp_path: Path) -> None:
    """The pytest plugin says it, in a project that configures nothing."""
    (tmp_path / "test_it.py").write_text(
        "from xendit.models import InvoiceItem\n\n"
        "def test_it():\n    assert InvoiceItem('Tea', 2, 1) == InvoiceItem('Tea', 3, 1, category='x')\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "price: 2 != 3" in run.stdout, run.stdout
    assert "category: absent != 'x'" in run.stdout


def _unknown_field() -> None:
    CreateInvoiceRequest("a", 1, items=[{"name": "x"}])


def _wrong_assignment() -> None:
    Invoice.from_dict({"id": "5"}).amount = "x"  # type: ignore[assignment]


MISTAKES: list[Callable[[InvoiceApi, Any], object]] = [
    lambda _api, _x: CreateInvoiceRequest(external_id=1.5, amount=1),
    lambda _api, _x: CreateInvoiceRequest("a", "x"),
    lambda _api, _x: _unknown_field(),
    lambda _api, _x: _wrong_assignment(),
    lambda _api, _x: Invoice.from_json(b"<html>"),
    lambda _api, _x: Invoice.from_dict({"id": 5}),
    lambda _api, _x: Invoice.from_dict({"id": "5"}).stats,
    lambda _api, _x: Invoice.from_dict({"id": "5"})["stats"],
    lambda _api, x: InvoiceApi(x),
    lambda _api, x: xendit.Configuration(api_key=x),
    lambda _api, _x: xendit.Configuration(host=""),
    lambda _api, _x: xendit.Configuration(timeout=-1),
    lambda api, _x: api.create_invoice(),
    lambda api, _x: api.create_invoice({"external_id": "a"}),
    lambda api, _x: api.create_invoice({"external_id": "a", "amount": 1, "items": [{"nme": "x"}]}),
    lambda api, x: api.get_invoice_by_id(x),
    lambda api, _x: api.get_invoice_by_id("missing"),
    lambda api, _x: api.get_invoices(limt=3),
    lambda api, _x: api.expire_invoice("missing"),
    lambda api, _x: api.create_invoice({"external_id": "a", "amount": -1}),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_the_traceback_of_a_usual_mistake_is_short(
    sandbox: Sandbox, mistake: Callable[[InvoiceApi, Any], object]
) -> None:
    """At most three frames of ours, and no second traceback above it."""
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)))
    given: Any = 5.5
    with pytest.raises(xendit.OpenApiException) as caught:
        mistake(api, given)
    frames = [frame for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename != __file__]
    assert len(frames) <= 3, frames
    text = "".join(traceback.format_exception(caught.value))
    assert text.count("Traceback (most recent call last)") == 1, text


def test_a_field_may_be_called_like_a_method_of_a_model() -> None:
    """Then the field is what the name gives; how the model is shown does not ask the method."""
    from xendit.model import Model

    class Lock(Model):
        keys: str | None = None

    assert repr(Lock(keys="two")) == "Lock(keys='two')"
