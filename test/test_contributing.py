"""CONTRIBUTING.md, followed literally: its blocks go where their first lines say, into a copy of the package.

How a product is added is followed by test_toy_product.py.
"""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest
from test_toy_product import LEFT_OUT, python

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def block(path: str) -> str:
    """The block of the page that goes into a file, as it is to stand there."""
    [found] = re.findall(rf"^( *)```python\n\1# {path}.*\n((?:.*\n)*?)\1```$", TEXT, re.MULTILINE)
    indent, code = found
    return "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package and of its pages."""
    for part in ("xendit", "docs"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=LEFT_OUT)
    return tmp_path


def make_docs(house: Path) -> None:
    """What `make docs` runs, as the Makefile says."""
    commands = re.findall(r"^docs: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0]
    scripts = re.findall(r"python (\S+)", commands)
    assert scripts == ["tools/mirror.py", "docs/build.py"]
    for script in scripts:
        python(house, ROOT / script, "--root", house)


def edit(path: Path, change: dict[str, str]) -> None:
    """Replace the one place of each text."""
    text = path.read_text("utf-8")
    for old, new in change.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def test_add_a_field(house: Path) -> None:
    """One line and its sentence reach constructor, checks, page, typed dict and OpenAPI document."""
    module = house / "xendit/invoice/model/invoice_lines.py"
    module.write_text(
        module.read_text("utf-8").rstrip() + "\n" + block("xendit/invoice/model/invoice_lines.py"), "utf-8"
    )
    make_docs(house)
    assert "| `weight` |" in (house / "docs/invoice/InvoiceItem.md").read_text("utf-8")
    assert "    weight: NotRequired[" in (house / "xendit/invoice/dicts.py").read_text("utf-8")
    python(
        house,
        "-c",
        "import xendit, typing\n"
        "from xendit.models import InvoiceItem\n"
        "item = InvoiceItem(name='Coffee', price=1, quantity=1, weight=250)\n"
        "assert InvoiceItem.from_json(item.to_json()).weight == 250\n"
        "assert '\"weight\":250' in item.to_json()\n"
        "assert typing.get_type_hints(InvoiceItem)['weight'] == typing.Optional[float]\n"
        "try: InvoiceItem(name='Coffee', price=1, quantity=1, weight=-1)\n"
        "except xendit.ApiValueError as error: assert 'weight' in str(error)\n"
        "else: raise SystemExit('it took -1')\n",
    )
    document = json.loads(python(house, "-m", "xendit.openapi"))
    assert document["components"]["schemas"]["InvoiceItem"]["properties"]["weight"] == {
        "type": "number",
        "minimum": 0,
        "description": "Grams of one unit.",
    }


def test_add_an_operation(house: Path) -> None:
    """Two blocks, two names and `make docs`: both worlds, raw answers, the document and the command line have it."""
    edit(
        house / "xendit/invoice/operations.py",
        {
            "\nOPERATIONS = (": "\n" + block("xendit/invoice/operations.py") + "\nOPERATIONS = (",
            "GET_INVOICES, EXPIRE_INVOICE)": "GET_INVOICES, EXPIRE_INVOICE, REMIND_INVOICE)",
        },
    )
    method = textwrap.indent(textwrap.dedent(block("xendit/invoice/invoice_api.py")), "    ")
    edit(
        house / "xendit/invoice/invoice_api.py",
        {
            "\n\nclass RawInvoiceApi:": "\n" + method + "\n\nclass RawInvoiceApi:",
            "    GET_INVOICES,\n    InvoiceLookUp,": "    GET_INVOICES,\n    REMIND_INVOICE,\n    InvoiceLookUp,",
        },
    )
    make_docs(house)
    asynchronous = (house / "xendit/invoice/async_invoice_api.py").read_text("utf-8")
    assert "    async def remind_invoice(" in asynchronous
    assert "self.remind_invoice = answered(api.remind_invoice)" in asynchronous
    program = (
        "import asyncio, sys, xendit\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from recorder import INVOICE, KEY, Answer, Recorder\n"
        "from xendit.apis import AsyncInvoiceApi, InvoiceApi\n"
        "with Recorder() as server:\n"
        "    server.answers.extend([Answer(body={**INVOICE, 'id': '1'})] * 3)\n"
        "    configuration = xendit.Configuration(host=server.url, api_key=KEY)\n"
        "    api = InvoiceApi(xendit.ApiClient(configuration))\n"
        "    async def main():\n"
        "        async with xendit.AsyncApiClient(configuration) as client:\n"
        "            return await AsyncInvoiceApi(client).with_raw_response.remind_invoice('1')\n"
        "    assert api.remind_invoice('1').id == '1'\n"
        "    assert api.with_raw_response.remind_invoice('1').data.id == '1'\n"
        "    assert asyncio.run(main()).data.id == '1'\n"
        "    print([request.line for request in server.requests])\n"
    )
    printed = python(house, "-c", program, ROOT / "test" / "contract")
    assert printed.count("POST /invoices/1/remind! HTTP/1.1") == 3
    document = json.loads(python(house, "-m", "xendit.openapi"))
    assert document["paths"]["/invoices/{invoice_id}/remind!"]["post"]["operationId"] == "remind_invoice"
    shown = python(house, "-c", "from xendit.cli import main; main()", "invoices", "remind", "--help")
    assert "Remind the payer" in shown
    assert "--for-user-id" in shown


def test_add_a_model(house: Path) -> None:
    """One module and `make docs`: the classes import from every face, have their pages, and read and refuse values."""
    (house / "xendit/invoice/model/parcel.py").write_text(block("xendit/invoice/model/parcel.py"), "utf-8")
    make_docs(house)
    assert "| `items` | list of [`InvoiceItem`](InvoiceItem.md) |" in (house / "docs/invoice/Parcel.md").read_text(
        "utf-8"
    )
    assert (house / "docs/invoice/ParcelSize.md").exists()
    python(
        house,
        "-c",
        "import xendit\n"
        "from xendit.invoice.model.parcel import Parcel\n"
        "from xendit.models import InvoiceItem, ParcelSize\n"
        "assert xendit.models.Parcel is xendit.invoice.Parcel is Parcel\n"
        "parcel = Parcel('SMALL', [InvoiceItem('Coffee', 1, 1)])\n"
        "assert Parcel.from_json(parcel.to_json()) == parcel\n"
        "assert parcel.size is ParcelSize.SMALL\n"
        "try: Parcel(size='SMALL', items=[])\n"
        "except xendit.ApiValueError as error: assert 'items' in str(error)\n"
        "else: raise SystemExit('it took no items')\n",
    )


def test_no_block_is_left_out() -> None:
    """Every block of Python on the page belongs to a file that a test here puts it into."""
    heads = re.findall(r"^ *```python\n *# (\S+?),? ", TEXT, re.MULTILINE)
    assert sorted(heads) == [
        "xendit/invoice/invoice_api.py",
        "xendit/invoice/model/invoice_lines.py",
        "xendit/invoice/model/parcel.py",
        "xendit/invoice/operations.py",
    ]
    assert TEXT.count("```python") == len(heads)


@pytest.mark.slow
def test_added_code_is_in_style_and_typed(house: Path) -> None:
    """What the page shows passes the linter and mypy --strict, with what was derived from it."""
    test_add_an_operation(house)
    test_add_a_field(house)
    test_add_a_model(house)
    options = ("-q", "--no-cache", "--config", ROOT / "pyproject.toml", house / "xendit" / "invoice")
    python(house, "-m", "ruff", "check", *options)
    python(house, "-m", "ruff", "format", "--check", *options)
    options = ("--strict", "--config-file=", "--disable-error-code=import-untyped", "--cache-dir", house / "cache")
    python(house, "-m", "mypy", *options, "xendit/invoice")
