"""The page of the package index: no link that leads nowhere, and every extra in its table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import release
from package_page import package_page, project_urls

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
STARTED = (ROOT / "docs" / "GettingStarted.md").read_text("utf-8")


def links(page: str) -> list[str]:
    """Where the links of a page lead."""
    return re.findall(r"\]\(([^)]*)\)", page)


def test_without_addresses_links_are_their_text() -> None:
    """What nobody knows is not made up: the words stay, the picture goes, the links to the web stay."""
    page = package_page(README, STARTED, {})
    assert "https://www.xendit.co" in links(page)
    assert [link for link in links(page) if not link.startswith("https://")] == []
    assert "| docs/Webhooks.md | the endpoint in your framework" in page


def test_with_addresses_links_are_absolute() -> None:
    """Pages lead to the site, their headings with them, and all other files to the repository."""
    urls = project_urls(
        '[project.urls]\nDocumentation = "https://docs.example"\n"Source" = "https://code.example/v1/"\n\n[tool]\n'
    )
    assert urls == {"Documentation": "https://docs.example", "Source": "https://code.example/v1/"}
    page = package_page(README, STARTED, urls)
    assert "https://docs.example/Webhooks.html" in links(page)
    assert "https://docs.example/invoice/index.html" in links(page)
    assert "https://code.example/v1/CONTRIBUTING.md" in links(page)
    assert [link for link in links(page) if not link.startswith("https://")] == []
    assert package_page("![a](docs/a.svg) [b](docs/B.md#c)", "", urls) == (
        "![a](https://code.example/v1/docs/a.svg) [b](https://docs.example/B.html#c)"
    )
    assert package_page("![a](docs/theme/static/a.png)", "", urls) == "![a](https://docs.example/_static/a.png)"
    assert project_urls((ROOT / "pyproject.toml").read_text("utf-8")).keys() <= {
        "Documentation",
        "Source",
        "Changelog",
        "Issues",
    }


def test_every_extra_stands_in_the_table() -> None:
    """An extra that is added to pyproject.toml and not explained fails here."""
    declared = re.search(
        r"^\[project\.optional-dependencies\]\n((?:.+\n)*)", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    assert declared is not None
    names = set(re.findall(r"^(\w+) = \[", declared[1], re.MULTILINE))
    page = package_page(README, STARTED, {})
    table = page[page.index("| extra |") : page.index("## Read on")]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == names


def test_the_picture_says_what_it_shows_and_is_small() -> None:
    """The README shows the payment page, with words for whoever does not see it, and as few bytes as a page may load."""
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", README)
    assert [path for _, path in pictures] == ["docs/theme/static/payment-page.png"]
    assert all(len(words) > 40 for words, _ in pictures)
    assert all((ROOT / path).stat().st_size < 60_000 for _, path in pictures)


def test_a_release_has_no_options(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` is no folder to build into."""
    assert [release.main([each]) for each in ("--help", "--upload")] == [0, 2]
    assert capsys.readouterr().out.count("Build the source distribution and the wheel") == 2
