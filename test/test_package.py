"""The package as users get it: built, installed with what it declares and nothing else, and used without extras.

The checks are those of tools/check_wheel.py, which judges a release; here each is a test. One build and one empty
environment serve all of them. pip fetches the dependencies with its usual settings.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import check_wheel
import pytest
import release
from faults.server import FaultServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

EPOCH = 1_767_225_600  # 2026-01-01, any fixed moment will do


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source distribution and the wheel, built once."""
    archive, wheel = release.build(tmp_path_factory.mktemp("dist"), EPOCH)
    return archive, wheel


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> Path:
    """The wheel."""
    return built[1]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an empty environment that holds the wheel and its declared dependencies."""
    return check_wheel.install(wheel, tmp_path_factory.mktemp("empty") / "venv")


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Every module and py.typed are in the wheel, and no other file."""
    assert check_wheel.check_contents(wheel) == []


def test_the_wheel_is_light(wheel: Path) -> None:
    """The wheel weighs no more than was decided."""
    assert check_wheel.check_weight(wheel) == []


def test_the_metadata_is_complete(wheel: Path) -> None:
    """Name, licence, Python, dependencies and extras are as promised, and nothing has an upper bound."""
    assert check_wheel.check_metadata(wheel) == []


def test_the_source_distribution_is_complete(built: tuple[Path, Path]) -> None:
    """The source distribution can be built and tested."""
    assert check_wheel.check_source(built[0]) == []


def test_the_index_can_show_the_page(built: tuple[Path, Path]) -> None:
    """twine takes both files, and no link of the description leads nowhere."""
    assert check_wheel.check_page(list(built)) == []


def test_a_second_build_gives_the_same_bytes(built: tuple[Path, Path]) -> None:
    """With SOURCE_DATE_EPOCH set, both files have the same digest when built again."""
    assert check_wheel.check_reproducible(list(built), EPOCH) == []


def test_every_module_imports_or_names_its_extra(python: Path, wheel: Path) -> None:
    """Every module imports in the empty environment, or says in one line which extra it needs."""
    assert check_wheel.check_imports(python, wheel) == []


def test_s38_every_operation_works_with_the_declared_dependencies_alone(python: Path, tmp_path: Path) -> None:
    """Create, get, list, expire and resolve against the fault server, with warnings as errors and no extra installed."""
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, xendit\n"
        "from xendit.apis import InvoiceApi\n"
        "api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sys.argv[1], 'xnd_development_k')))\n"
        "made = api.create_invoice({'external_id': 'e', 'amount': 1000})\n"
        "assert api.get_invoice_by_id(made.id).id == made.id\n"
        "assert [each.id for each in api.get_invoices(external_id='e')] == [made.id]\n"
        "assert api.resolve('e').id == made.id\n"
        "assert api.expire_invoice(made.id).is_expired\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))\n"
    )
    with FaultServer() as server:
        done = check_wheel.run(python, "-W", "error", str(program), server.url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = {name for name in done.stdout.split() if not name.startswith(("_", "distutils-precedence"))}
    assert loaded <= {"xendit", "urllib3", "dateutil", "six", "typing_extensions"}


def test_commands_name_their_extra(python: Path) -> None:
    """The console script and the sandbox exit with 2 and one line that names the extra."""
    assert check_wheel.check_commands(python) == []


def test_pytest_runs_with_the_plugin_and_no_extra(python: Path, tmp_path: Path) -> None:
    """pytest loads the plugin and runs; a fixture that needs the sandbox says so in one line."""
    assert check_wheel.check_pytest(python, tmp_path) == []


def test_the_checks_find_faults(tmp_path: Path) -> None:
    """A wheel with a stray file, a missing module, too much weight and a pin is found faulty."""
    bad = tmp_path / "bad.whl"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("test/test_it.py", "x" * check_wheel.HEAVIEST)
        archive.writestr("bad.dist-info/METADATA", "Name: bad\nRequires-Dist: urllib3<3\n\n")
    contents = check_wheel.check_contents(bad)
    assert "test/test_it.py does not belong in the wheel" in contents
    assert "xendit/model.py is missing from the wheel" in contents
    assert any("py.typed" in fault for fault in contents)
    assert check_wheel.check_weight(bad)
    metadata = check_wheel.check_metadata(bad)
    assert "urllib3<3 has an upper bound" in metadata
    assert "a plain install asks for ['urllib3']" in metadata


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Traceback\nModuleNotFoundError: No module named 'werkzeug'",
        "pip install xendit-sdk[cli]",
        "a\nxendit-sdk[sandbox]",
    ],
)
def test_only_one_line_that_names_the_extra_is_good(said: str) -> None:
    """A message that is longer than a line, or names another extra, is a fault."""
    assert check_wheel.one_line("it", said, "sandbox")
    assert check_wheel.one_line("it", "install xendit-sdk[sandbox]", "sandbox") == []
