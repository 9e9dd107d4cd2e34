"""What derives from the declarations is up to date: the pages, the typed dicts, the two lists of the models' face.

The builder is run on copies of the tree with one thing changed, so that a check which sees nothing fails too.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typing_extensions

from xendit.model import Model, OpenEnum, fields
from xendit.named_text import NamedText
from xendit.products import PRODUCTS, product_of

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
ITEM = "xendit/invoice/model/invoice_lines.py"


def load_builder() -> ModuleType:
    """docs/build.py as a module; docs is no package."""
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build: Any = load_builder()
DECLARED = {(folder, name): each for folder in PRODUCTS for name, each in build.read_declarations(ROOT, folder).items()}
MODELS = sorted(key for key, each in DECLARED.items() if not each.is_enum)
ENUMS = sorted(key for key, each in DECLARED.items() if each.is_enum)
NAMES = [(folder, name) for folder in PRODUCTS for name in product_of(folder).model_homes]
DICTS = [(folder, name) for folder, name in NAMES if name.endswith("Dict")]


def found(folder: str, name: str) -> Any:
    """A name of the face of a product's models."""
    return getattr(importlib.import_module(f"xendit.{folder}.model"), name)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the builder reads and writes."""
    for part in ("xendit", *(f"docs/{folder}" for folder in PRODUCTS)):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "cli"))
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    """Replace the one place in a file where `old` stands."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# ------------------------------------------------------------------------------------- up to date


def test_committed_files_are_those_that_the_declarations_give() -> None:
    """The committed pages and dicts equal what docs/build.py makes of the declarations."""
    assert not build.stale(ROOT), "run `make docs`"


def test_command_agrees() -> None:
    """`python docs/build.py --check` succeeds in silence on the committed files."""
    done = subprocess.run(
        [sys.executable, "docs/build.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_changed_sentence_makes_page_and_dict_stale(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed sentence is reported for the page and for the dict, and writing mends both."""
    change(tree / ITEM, "How many units", "How many pieces")
    assert build.main(["--check", "--root", str(tree)]) == 1
    report = capsys.readouterr().out
    assert "--- docs/invoice/InvoiceItem.md" in report
    assert "--- xendit/invoice/dicts.py" in report
    assert "How many pieces" in report
    assert build.main(["--root", str(tree)]) == 0
    assert capsys.readouterr().out.split() == ["docs/invoice/InvoiceItem.md", "xendit/invoice/dicts.py"]
    assert build.main(["--check", "--root", str(tree)]) == 0


def test_new_field_reaches_page_and_dict(tree: Path) -> None:
    """One line and its sentence are all that a new field takes."""
    line = '    weight: One[float, Decimal] = absent\n    """Grams."""\n    url:'
    change(tree / ITEM, "    url:", line)
    build.write(tree)
    assert "| `weight` | `int`, `float` or `Decimal` |" in (tree / "docs/invoice/InvoiceItem.md").read_text("utf-8")
    assert "    weight: NotRequired[float | Decimal | None]\n" in (tree / "xendit/invoice/dicts.py").read_text("utf-8")


def test_page_of_a_model_that_is_gone_is_stale_and_removed(tree: Path) -> None:
    """A page without a model is reported, and removed by writing."""
    page = tree / "docs/invoice/Gone.md"
    page.write_text("# Gone\n", "utf-8")
    assert build.stale(tree) == ["docs/invoice/Gone.md: no such model"]
    build.write(tree)
    assert not page.exists()


def test_field_without_a_sentence_stops_the_builder(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field that nobody explained is an error that names it."""
    change(tree / ITEM, '    """Page that shows the article."""\n', "")
    assert build.main(["--check", "--root", str(tree)]) == 2
    assert "InvoiceItem.url" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('("invoice", ', '("vouchr", "invoice", ', "vouchr"),
        ('folder="invoice"', 'folder="invoices"', "folder must be 'invoice'"),
        ('noun="invoice"', 'noun=str("invoice")', "must be written in literals"),
        ('noun="invoice"', 'nouns="invoice"', "must be written in literals"),
    ],
)
def test_product_that_cannot_be_read_stops_the_builder(
    tree: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    """A slip in the list or in what a product declares is an error that says where it is."""
    change(tree / ("xendit/products.py" if "(" in old else "xendit/invoice/product.py"), old, new)
    assert build.main(["--check", "--root", str(tree)]) == 2
    assert said in capsys.readouterr().err


# ------------------------------------------------------------------- what the builder read is true


@pytest.mark.parametrize(("folder", "name"), MODELS)
def test_pages_tell_the_fields_of_the_class(folder: str, name: str) -> None:
    """The fields, which of them are required and their rules are, in the source, those of the class at run time."""
    personal = bool(DECLARED[folder, name].keywords.get("personal"))
    read = [
        (each.name, each.required, {**each.rules, **({"personal": True} if personal else {})})
        for each in DECLARED[folder, name].fields
    ]
    declared = () if DECLARED[folder, name].is_text else fields(found(folder, name))
    assert read == [(each.name, each.required, each.rules) for each in declared if "text_of" not in each.rules]


@pytest.mark.parametrize(("folder", "name"), MODELS)
def test_every_field_has_a_sentence(folder: str, name: str) -> None:
    """Below each field stands a sentence that ends as sentences do."""
    unfinished = [each.name for each in DECLARED[folder, name].fields if not each.doc.endswith(".")]
    assert not unfinished


@pytest.mark.parametrize(("folder", "name"), ENUMS)
def test_pages_tell_the_members_of_the_enum(folder: str, name: str) -> None:
    """The members in the source are those of the class at run time."""
    members = [(each.name, each.value) for each in found(folder, name)]
    assert [(each.name, each.value) for each in DECLARED[folder, name].members] == members


@pytest.mark.parametrize(("folder", "name"), DICTS)
def test_dict_has_the_keys_of_its_model(folder: str, name: str) -> None:
    """A typed dict has the fields of its model, optional where the model's are."""
    model = found(folder, name.removesuffix("Dict"))
    keys = typing_extensions.get_type_hints(found(folder, name), include_extras=True)
    optional = {key: typing_extensions.get_origin(each) is typing_extensions.NotRequired for key, each in keys.items()}
    assert optional == {each.name: not each.required for each in fields(model)}


# ---------------------------------------------------------------------------------------- the face


@pytest.mark.parametrize(("folder", "name"), NAMES)
def test_every_name_of_the_face_imports(folder: str, name: str) -> None:
    """Each name leads to the object of that name in the module that the table says."""
    home = product_of(folder).model_homes[name]
    value = found(folder, name)
    assert value.__name__ == name
    assert value.__module__ == home
    assert value is getattr(importlib.import_module(home), name)


@pytest.mark.parametrize("folder", PRODUCTS)
def test_face_names_every_declared_model(folder: str) -> None:
    """No model, enum or typed dict is missing from the face, and it names nothing else."""
    declared = build.read_declarations(ROOT, folder)
    sent = build.reachable(product_of(folder).requests, declared)
    dicts = {f"{name}Dict" for name in sent if not declared[name].is_enum}
    face = importlib.import_module(f"xendit.{folder}.model")
    assert set(face.MODULES) == {*declared, *dicts}
    assert set(face.__all__) == set(face.MODULES) <= set(dir(face))
    for name, each in declared.items():
        base = OpenEnum if each.is_enum else NamedText if each.is_text else Model
        assert issubclass(getattr(face, name), base)


@pytest.mark.parametrize("folder", PRODUCTS)
def test_product_is_read_as_it_is(folder: str) -> None:
    """What the builder reads of a product, as source, is what the program has."""
    [read] = [each for each in build.read_products(ROOT) if each.folder == folder]
    product = product_of(folder)
    assert all(getattr(read, name) == getattr(product, name) for name in read._fields)
    assert set(read._fields) == set(product.__slots__)
    assert read.api_homes == product.api_homes
    assert read.webhook_homes == product.webhook_homes


@pytest.mark.parametrize("path", ["xendit/apis", "xendit/models", "xendit/webhook", "xendit", "xendit/invoice"])
def test_both_lists_of_a_face_agree(path: str) -> None:
    """What type checkers read of a face is what the running program lists and finds in the same place."""
    face = importlib.import_module(path.replace("/", "."))
    tree = ast.parse((ROOT / path / "__init__.py").read_text("utf-8"))
    checked = {
        alias.asname: f"{node.module}.{alias.name}"
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    for name, home in checked.items():
        value = getattr(face, name)
        module, _, inner = home.rpartition(".")
        there = importlib.import_module(module)
        assert value is (getattr(there, inner, None) or importlib.import_module(home))
    stars = {name for name in face.__all__ if name not in checked}
    assert stars <= {name for _, name in NAMES}


def test_names_that_two_products_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that two products have is no accident of their order: it raises and says both imports, and is not listed."""
    import xendit
    from xendit import products as module

    other = module.Product(folder="other", noun="other", title="Other API", apis={})
    own = product_of("invoice")
    homes = property(lambda product: {"Card": "xendit.nowhere", f"Of{product.folder.title()}": "xendit.version"})
    monkeypatch.setattr(module.Product, "model_homes", homes)
    monkeypatch.setattr(module, "products", lambda: iter([own, other]))
    monkeypatch.delitem(vars(xendit.models), "Card", raising=False)
    with pytest.raises(AttributeError, match=r"from xendit.invoice.model import Card or from xendit.other.model"):
        xendit.models.Card  # noqa: B018
    assert xendit.models.__all__ == ["OfInvoice", "OfOther"]


def test_faces_of_names_that_two_products_have() -> None:
    """Checkers see each such name at its product alone, and its page does not promise another place."""
    [own] = build.read_products(ROOT)[:1]
    other = own._replace(folder="other", apis={})
    text = build.faces.models_face([(own, {"Card": "a", "A": "b"}), (other, {"Card": "c", "B": "d"})])
    assert "from xendit.invoice.model import A as A" in text
    assert "Card" not in text.partition("if TYPE_CHECKING:")[2]
    declared = build.read_declarations(ROOT, "invoice")
    page = build.page(own, declared["Bank"], build.Vocabulary(ROOT), declared, (), is_alone=False)
    assert "from xendit.models import" not in page
    assert "from xendit.models import" in build.page(own, declared["Bank"], build.Vocabulary(ROOT), declared, ())


def test_face_loads_nothing_until_asked() -> None:
    """Importing the face loads no model, no codec and no typing; asking for one name loads that model."""
    program = (
        "import sys; import xendit.invoice.model as face\n"
        "seen = {name for name in sys.modules if name.startswith('xendit')} | ({'typing'} & set(sys.modules))\n"
        "assert seen == {'xendit', 'xendit.face', 'xendit.invoice', 'xendit.invoice.model'}, seen\n"
        "face.Bank\n"
        "assert 'xendit.invoice.model.payment_channels' in sys.modules\n"
        "assert 'xendit.invoice.model.invoice' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("Invoce", "'Invoice'"), ("Custmer", "'CustomerObject'"), ("zzz", None), ("__wrong__", None)],
)
def test_unknown_name_is_an_error_with_the_nearest(wrong: str, hint: str | None) -> None:
    """A name that the face lacks raises AttributeError and names the nearest, if one is near."""
    with pytest.raises(AttributeError, match=wrong) as caught:
        found("invoice", wrong)
    assert ("did you mean" in str(caught.value)) == (hint is not None)
    assert hint is None or hint in str(caught.value)
