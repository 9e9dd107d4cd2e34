"""Nothing that all products share names one of them: not the core, not webhooks, not the tools that derive.

The source is read, not run. A name counts where it does something: an identifier, an import, a text that the program
uses. Docstrings may give an example.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from xendit import products

ROOT = Path(__file__).resolve().parent.parent
WORDS = re.compile("|".join(folder.replace("_", "_?") for folder in products.PRODUCTS), re.IGNORECASE)

#: The list itself, the faces that are derived from it, and the names of xendit-python 0.x, which are those of invoices.
NAMES_THEM = {
    "xendit/products.py": "the list",
    "xendit/__init__.py": "derived",
    "xendit/apis/__init__.py": "derived",
    "xendit/models/__init__.py": "derived",
    "xendit/webhook/__init__.py": "derived",
    "xendit/sandbox/product_actions.py": "derived",
    "xendit/product_types.py": "derived",
    "xendit/command_names.py": "derived",
    "xendit/deprecation.py": "names of 0.x",
    "xendit/elsewhere.py": "names of 0.x",
    "xendit/legacy.py": "names of 0.x",
}
#: What names one for the sake of public names, or of facts; CONTRIBUTING.md says more. Lines may only leave.
OF_ONE_PRODUCT = {
    "docs/assistants.py": "the text of SKILL.md, which tells an assistant what to do with the most used product",
    "docs/shops.py": "the text of the page of example shops, which sell by invoice",
    "tools/picture.py": "draws the picture of one product's page",
    "xendit/bulk/journal.py": "the columns of journals that exist",
    "xendit/bulk/result.py": "public: Result.invoice, invoice_id and invoice_url",
    "xendit/bulk/work.py": "fills these",
    "xendit/sandbox/deliveries/record.py": "public: Delivery.invoice_id, Delivery.invoice_status",
    "xendit/sandbox/state/assumptions.py": "public: the choices of docs/Fidelity.md, by the API's own words",
    "xendit/sandbox/storage.py": "brings up files of version 1, which knew invoices only",
    "xendit/cli/reconcile.py": "public: from invoices to transactions",
    "xendit/settlement/": "public: from invoices to transactions",
    "xendit/testing/": "public: paid and expired make the webhooks of invoices, xendit_api is an InvoiceApi",
}


def sources() -> list[str]:
    """Every module that is no product's own, by its path from the root."""
    own = tuple(
        each for folder in products.PRODUCTS for each in (f"xendit/{folder}/", f"xendit/sandbox/state/{folder}/")
    )
    found = [
        path.relative_to(ROOT).as_posix()
        for part in ("xendit", "tools", "docs")
        for path in sorted((ROOT / part).rglob("*.py"))
    ]
    return [path for path in found if not path.startswith(own)]


def naming(source: str) -> list[tuple[int, str]]:
    """The lines of a module that name a product, with what names it."""
    tree = ast.parse(source)
    docstrings = {
        id(statement.value)
        for node in ast.walk(tree)
        for statement in (getattr(node, "body", None) if isinstance(getattr(node, "body", None), list) else [])
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            texts = [node.value] if isinstance(node.value, str) and id(node) not in docstrings else []
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            texts = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        else:
            texts = [getattr(node, name) for name in ("id", "attr", "name", "arg") if hasattr(node, name)]
        found += [(node.lineno, text[:60]) for text in texts if isinstance(text, str) and WORDS.search(text)]
    return found


@pytest.mark.parametrize("path", [each for each in sources() if each not in NAMES_THEM])
def test_nothing_shared_names_a_product(path: str) -> None:
    """A module that all products share has no product's name in it."""
    if not path.startswith(tuple(OF_ONE_PRODUCT)):
        assert naming((ROOT / path).read_text("utf-8")) == []


@pytest.mark.parametrize("part", OF_ONE_PRODUCT)
def test_what_may_name_one_does(part: str) -> None:
    """A line of the table that is not needed any more is taken out."""
    assert any(naming((ROOT / path).read_text("utf-8")) for path in sources() if path.startswith(part))


@pytest.mark.parametrize("path", NAMES_THEM)
def test_exceptions_exist(path: str) -> None:
    """An exception that is not needed any more is taken out."""
    assert naming((ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from xendit.invoice import operations", True),
        ("import xendit.invoice.model", True),
        ("def f(invoice_id): ...", True),
        ("x.invoices", True),
        ("class InvoiceThing: ...", True),
        ('raise KeyError("no such invoice")', True),
        ("f(invoice=1)", True),
        ('"""An invoice, say."""', False),
        ('def f():\n    """Of an invoice."""', False),
        ("# of an invoice\nx = 1", False),
    ],
)
def test_checker_sees_them(source: str, found: bool) -> None:
    """The checker sees a name in each place, and passes over docstrings and comments."""
    assert bool(naming(source)) is found


def test_a_product_without_a_module_and_one_with_a_broken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that a product does without is None; one that fails to import is no part that is missing."""
    package = tmp_path / "absent_parts"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "limits.py").write_text("import nothing_of_this_name\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    product = products.Product(folder="absent_parts", noun="part", title="Part API", apis={"PartApi": "part_api"})
    monkeypatch.setattr(products.Product, "package", "absent_parts")
    assert product.optional_module("sandbox") is None
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        product.optional_module("limits")
    assert product.api_homes == {
        "PartApi": "absent_parts.part_api",
        "AsyncPartApi": "absent_parts.async_part_api",
    }
    assert {each.folder for each in products.products()} == set(products.PRODUCTS)
