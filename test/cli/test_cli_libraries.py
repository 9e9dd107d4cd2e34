"""What a command says of a library that it needs and that is not there, or is there and broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from xendit.cli.assistant import mcp_server
from xendit.cli.ending import API, USAGE, CommandFailure
from xendit.cli.formats import pyarrow
from xendit.cli.inbox.places import _of_database, set_up_django
from xendit.cli.spreadsheet import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIBRARIES = [
    ("xlsxwriter", xlsxwriter, "a .xlsx file needs XlsxWriter", 'pip install "xendit-sdk[xlsx]", or write a .csv file'),
    ("pyarrow", pyarrow, "a .parquet file needs pyarrow", 'pip install "xendit-sdk[parquet]", or write a .csv file'),
    ("mcp", lambda: mcp_server("x", ""), "`xendit mcp` needs the library mcp", 'pip install "xendit-sdk[cli,mcp]"'),
    (
        "django",
        lambda: set_up_django("shop.settings"),
        "Django is not installed here",
        "run this in your application's environment",
    ),
    (
        "sqlalchemy",
        lambda: next(_of_database("inbox.db", "xendit_inbox", None)),
        "this needs SQLAlchemy",
        'pip install "xendit-sdk[inbox]"',
    ),
]


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Forgets a library that this process has imported already."""

    def forget(module: str) -> None:
        for name in [each for each in sys.modules if each == module or each.startswith(f"{module}.")]:
            monkeypatch.delitem(sys.modules, name)

    return forget


@pytest.mark.parametrize(("module", "use", "need", "hint"), LIBRARIES)
def test_a_library_that_is_missing(
    module: str,
    use: Callable[[], Any],
    need: str,
    hint: str,
    without: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What needs it, and what to do."""
    without(module)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CommandFailure) as caught:
        use()
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == (need, hint, USAGE)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(("module", "use"), [(module, use) for module, use, _, _ in LIBRARIES])
def test_a_library_that_is_broken(
    module: str,
    use: Callable[[], Any],
    without: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not said to be missing: the cause is."""
    without(module)
    (tmp_path / f"{module}.py").write_text("import a_module_that_is_nowhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    named = {"django": "Django", "sqlalchemy": "SQLAlchemy"}.get(module, module)
    with pytest.raises(CommandFailure) as caught:
        use()
    assert caught.value.message == (
        f"{named} is installed and cannot be imported: No module named 'a_module_that_is_nowhere'"
    )
    assert (caught.value.hint, caught.value.exit_code) == (None, API)
    assert isinstance(caught.value.__cause__, ImportError)
