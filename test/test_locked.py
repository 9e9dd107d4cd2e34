"""tools/locked.txt: every tool of the project stands there with a version that pyproject.toml allows, and its hashes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from environment import LOCKED, PYTHONS
from lock import build_requirements
from packaging.requirements import Requirement

tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no parser of TOML")

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
ENTRY = re.compile(r"^([a-z0-9-]+==[^\\\n]+?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def locked() -> list[Requirement]:
    """What is locked, each with its marker."""
    return [Requirement(found[1]) for found in ENTRY.finditer(LOCKED.read_text("utf-8"))]


def wanted() -> list[Requirement]:
    """What pyproject.toml asks for: dependencies, extras, groups, and what builds the package."""
    read = tomllib.loads(PYPROJECT)
    texts = [*read["project"]["dependencies"], *build_requirements(PYPROJECT)]
    for several in (read["project"]["optional-dependencies"], read["dependency-groups"]):
        texts += [one for each in several.values() for one in each if isinstance(one, str)]
    return [one for one in map(Requirement, texts) if one.name != "xendit-sdk"]


def test_every_version_has_its_hashes() -> None:
    """Nothing stands in the file but versions with SHA-256 hashes: no host, no option, no open version."""
    text = LOCKED.read_text("utf-8")
    assert "://" not in text
    rest = re.sub(r"^#.*\n", "", ENTRY.sub("", text), flags=re.MULTILINE)
    assert rest == ""


@pytest.mark.parametrize("python", PYTHONS)
def test_every_tool_is_locked(python: str) -> None:
    """On each Python what pyproject.toml asks for is locked once, in a version that it allows. Else: `make lock`."""
    here = {"python_version": python, "python_full_version": f"{python}.5", "sys_platform": "linux", "os_name": "posix"}
    versions: dict[str, list[Requirement]] = {}
    for one in locked():
        if one.marker is None or one.marker.evaluate(here):
            versions.setdefault(one.name, []).append(one)
    assert [name for name, several in versions.items() if len(several) > 1] == []
    for asked in wanted():
        if asked.marker is not None and not asked.marker.evaluate(here):
            continue
        (found,) = versions[re.sub(r"[-_.]+", "-", asked.name).lower()]
        version = str(found.specifier).removeprefix("==")
        assert asked.specifier.contains(version, prereleases=True), (asked, found)
