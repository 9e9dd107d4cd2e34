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

import xendit.invoice.model as face
from xendit.model import Model, OpenEnum, fields

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
ITEM = "xendit/invoice/model/invoice_item.py"


def load_builder() -> ModuleType:
    """docs/build.py as a module; docs is no package."""
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build: Any = load_builder()
DECLARED = build.read_declarations(ROOT)
MODELS = sorted(name for name, each in DECLARED.items() if not each.is_enum)
ENUMS = sorted(name for name, each in DECLARED.items() if each.is_enum)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the builder reads and writes."""
    for part in (build.MODELS, build.PAGES):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in (build.VOCABULARY, build.DICTS):
        shutil.copy(ROOT / part, tmp_path / part)
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
    assert "| `weight` | `int`, `float` or `Decimal` |" in (tree / build.PAGES / "InvoiceItem.md").read_text("utf-8")
    assert "    weight: NotRequired[float | Decimal | None]\n" in (tree / build.DICTS).read_text("utf-8")


def test_page_of_a_model_that_is_gone_is_stale_and_removed(tree: Path) -> None:
    """A page without a model is reported, and removed by writing."""
    page = tree / build.PAGES / "Gone.md"
    page.write_text("# Gone\n", "utf-8")
    assert build.stale(tree) == ["docs/invoice/Gone.md: no such model"]
    build.write(tree)
    assert not page.exists()


def test_field_without_a_sentence_stops_the_builder(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field that nobody explained is an error that names it."""
    change(tree / ITEM, '    """Page that shows the article."""\n', "")
    assert build.main(["--check", "--root", str(tree)]) == 2
    assert "InvoiceItem.url" in capsys.readouterr().err


# ------------------------------------------------------------------- what the builder read is true


@pytest.mark.parametrize("name", MODELS)
def test_pages_tell_the_fields_of_the_class(name: str) -> None:
    """The fields, which of them are required and their rules are, in the source, those of the class at run time."""
    personal = bool(DECLARED[name].keywords.get("personal"))
    read = [
        (each.name, each.required, {**each.rules, **({"personal": True} if personal else {})})
        for each in DECLARED[name].fields
    ]
    assert read == [(each.name, each.required, each.rules) for each in fields(getattr(face, name))]


@pytest.mark.parametrize("name", MODELS)
def test_every_field_has_a_sentence(name: str) -> None:
    """Below each field stands a sentence that ends as sentences do."""
    unfinished = [each.name for each in DECLARED[name].fields if not each.doc.endswith(".")]
    assert not unfinished


@pytest.mark.parametrize("name", ENUMS)
def test_pages_tell_the_members_of_the_enum(name: str) -> None:
    """The members in the source are those of the class at run time."""
    members = [(each.name, each.value) for each in getattr(face, name)]
    assert [(each.name, each.value) for each in DECLARED[name].members] == members


@pytest.mark.parametrize("name", [name for name in face.MODULES if name.endswith("Dict")])
def test_dict_has_the_keys_of_its_model(name: str) -> None:
    """A typed dict has the fields of its model, optional where the model's are."""
    model = getattr(face, name.removesuffix("Dict"))
    keys = getattr(face, name).__annotations__
    optional = {key: each.__forward_arg__.startswith("NotRequired[") for key, each in keys.items()}
    assert optional == {each.name: not each.required for each in fields(model)}


# ---------------------------------------------------------------------------------------- the face


@pytest.mark.parametrize("name", face.MODULES)
def test_every_name_of_the_face_imports(name: str) -> None:
    """Each name leads to the object of that name in the module that the table says."""
    found = getattr(face, name)
    assert found.__name__ == name
    assert found.__module__ == face.MODULES[name]
    assert found is getattr(importlib.import_module(face.MODULES[name]), name)


def test_face_names_every_declared_model() -> None:
    """No model, enum or typed dict is missing from the face, and it names nothing else."""
    dicts = {f"{name}Dict" for name in build.reachable(build.REQUEST, DECLARED) if name in MODELS}
    assert set(face.MODULES) == {*MODELS, *ENUMS, *dicts}
    assert {name for name in MODELS if not issubclass(getattr(face, name), Model)} == set()
    assert {name for name in ENUMS if not issubclass(getattr(face, name), OpenEnum)} == set()


def test_both_lists_of_the_face_agree() -> None:
    """What type checkers read and what the running program reads are the same names in the same modules."""
    tree = ast.parse(Path(face.__file__).read_text("utf-8"))
    checked = {
        alias.asname: node.module
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert checked == face.MODULES
    assert set(face.__all__) == set(face.MODULES)
    assert set(face.MODULES) <= set(dir(face))


def test_face_loads_nothing_until_asked() -> None:
    """Importing the face loads no model, no codec and no typing; asking for one name loads that model."""
    program = (
        "import sys; import xendit.invoice.model as face\n"
        "seen = {name for name in sys.modules if name.startswith('xendit')} | ({'typing'} & set(sys.modules))\n"
        "assert seen == {'xendit', 'xendit.face', 'xendit.invoice', 'xendit.invoice.model'}, seen\n"
        "face.Bank\n"
        "assert 'xendit.invoice.model.bank' in sys.modules\n"
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
        getattr(face, wrong)
    assert ("did you mean" in str(caught.value)) == (hint is not None)
    assert hint is None or hint in str(caught.value)
