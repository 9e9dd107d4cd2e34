"""Sentence 38: what the package needs it declares. The wheel in an empty environment is tried in test_package.py."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

import xendit

PACKAGE = Path(xendit.__file__).parent
ROOT = PACKAGE.parent
DISTRIBUTIONS = {
    "dateutil": "python-dateutil",
    "typing_extensions": "typing-extensions",
    "opentelemetry": "opentelemetry-api",
}
"""The distribution of a module, where they are not named alike but for case."""
FRAMEWORKS = {"pyinstaller", "pytest", "celery", "django", "fastapi", "flask", "pydantic_core", "starlette"}
"""What brings our module in, so that it is there when the module runs; none is imported by a module that is not its own."""
STANDARD_LIBRARY = {*sys.stdlib_module_names, "annotationlib"}
"""Of this Python, and of later ones what is imported there only."""

tomllib = pytest.importorskip("tomllib", reason="the metadata are read with tomllib, from Python 3.11")


def _metadata() -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower()


def test_s38_three_dependencies_without_an_upper_bound() -> None:
    """urllib3 from 2 on, python-dateutil, typing-extensions; extras have no upper bounds either."""
    metadata = _metadata()
    dependencies: list[str] = metadata["dependencies"]  # type: ignore[assignment]
    assert sorted({*map(_name, dependencies)}) == ["python-dateutil", "typing-extensions", "urllib3"]
    extras: dict[str, list[str]] = metadata["optional-dependencies"]  # type: ignore[assignment]
    for requirement in [*dependencies, *(each for group in extras.values() for each in group)]:
        assert not re.search(r"<|==|~=|!=|\*", requirement), requirement
    assert "urllib3>=2" in dependencies


def _imported() -> list[tuple[str, str]]:
    """Every import of what is neither the standard library's nor ours, as (file, module)."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        guarded = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in guarded:
                continue
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                module = name.partition(".")[0]
                if module not in STANDARD_LIBRARY and module != "xendit":
                    found.append((path.relative_to(PACKAGE).as_posix(), module))
    return found


def test_s38_every_import_is_declared() -> None:
    """As a dependency or as an extra. The official 7.0.0 fails at import."""
    metadata = _metadata()
    declared = set(map(_name, metadata["dependencies"]))  # type: ignore[call-overload]
    extras: dict[str, list[str]] = metadata["optional-dependencies"]  # type: ignore[assignment]
    optional = {_name(each) for group in extras.values() for each in group}
    found = _imported()
    assert {module for _, module in found} >= {"urllib3", "dateutil"}
    for file, module in found:
        distribution = DISTRIBUTIONS.get(module, module)
        if distribution in declared:
            continue
        assert distribution.lower() in optional | FRAMEWORKS, (file, module)


def test_s38_nothing_foreign_is_imported_with_the_package() -> None:
    """`import xendit` loads no dependency: they are imported where they are used."""
    import subprocess

    code = "import sys, xendit, xendit.apis, xendit.models; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name for name in done.stdout.split() if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert loaded - {"__main__"} == {"xendit"}
