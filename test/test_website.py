"""The documentation as a site: every page is built, every link inside it leads somewhere, and each page is light."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import assistants
import pytest
import website
from pygments.styles import get_style_by_name
from pygments.token import Error, Whitespace

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_site_holds_together(tmp_path: Path) -> None:
    """Every page is there with its Markdown, every link has an end, no page is heavy, and search works without a server.

    Each link of llms.txt is a page beside it, and SKILL.md begins with its name and says when to use it.
    """
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "website.py", site], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    for _, source in assistants.pages(ROOT):
        assert (site / source.name).with_suffix(".html").exists()
        assert (site / source.name).exists()
    assert max(page.stat().st_size for page in pages) <= website.MOST_BYTES
    broken = []
    headings: dict[Path, set[str]] = {}  # thousands of links lead to some hundred pages: each is read once
    for page in pages:
        text = re.sub(
            r"<pre>.*?</pre>", "", page.read_text("utf-8"), flags=re.DOTALL
        )  # code may show templates with links
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            if re.match(r"[a-z]+:|//", link):
                assert not re.search(r'<(?:script|link|img)[^>]*"' + re.escape(link), text), f"{page.name} loads {link}"
                continue
            name, _, heading = unquote(link).partition("#")
            aim = (page.parent / name.partition("?")[0]).resolve() if name else page
            if heading and aim.exists() and aim not in headings:
                headings[aim] = set(re.findall(r'id="([^"]*)"', aim.read_text("utf-8")))
            if not aim.exists() or (heading and heading not in headings[aim]):
                broken.append((page.name, link))
    assert broken == []
    assert "resolve" in (site / "searchindex.js").read_text("utf-8")
    calls = (site / "reference" / "calls" / "InvoiceApi.html").read_text("utf-8")
    assert "create_invoice" in calls
    assert "CreateInvoiceRequest" in calls
    beside = (site / "reference" / "calls" / "InvoiceApi.md").read_text("utf-8")
    assert "## create_invoice\n\n```python\ncreate_invoice(self, create_invoice_request" in beside
    links = re.findall(r"\]\(([^)]*)\)", (site / "llms.txt").read_text("utf-8"))
    assert len(links) > 20
    assert [link for link in links if not (site / link).exists()] == []
    assert (site / "SKILL.md").read_text("utf-8").startswith("---\nname: xendit-sdk\ndescription: ")


def test_a_loader_of_skills_can_read_the_front_matter() -> None:
    """Each line is a name and a value that YAML takes for one plain text: a second `: ` would make it refuse the file."""
    _, front, page = (ROOT / "docs" / "SKILL.md").read_text("utf-8").split("---\n", 2)
    read = dict(line.split(": ", 1) for line in front.splitlines())
    assert list(read) == ["name", "description"]
    for value in read.values():
        assert re.match(r"[A-Za-z]", value), value
        assert not re.search(r":(\s|$)|\s#", value), value
        assert len(value) <= 1024
    assert page.lstrip().startswith("# ")


def test_every_page_has_a_place_and_a_line() -> None:
    """A page of docs/ that no group names would not be on the site; one that the README's table lacks, not in llms.txt."""
    grouped = {path.name for _, path in assistants.pages(ROOT)}
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - grouped == {"SKILL.md"}
    listed = (ROOT / "docs" / "llms.txt").read_text("utf-8")
    for _, path in assistants.pages(ROOT):
        if path.parent.name == "docs":
            assert re.search(rf"\({re.escape(path.name)}\): \S", listed), path.name


def test_a_file_of_the_repository_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to it becomes its path, behind the link's text unless that is the path, or the folder whose page it is."""
    monkeypatch.setattr(website, "ROOT", tmp_path)
    page = tmp_path / "Page.md"
    page.write_text("[examples/a.py](examples/a.py), [`examples/`](examples/README.md), [the shop](examples/a.py)")
    website.copy_page(page, tmp_path / "there" / "Page.md")
    assert (tmp_path / "there" / "Page.md").read_text("utf-8") == (
        "`examples/a.py` in the repository, `examples/` in the repository, the shop (`examples/a.py` in the repository)"
    )


def test_code_can_be_read() -> None:
    """Every colour of code, light and dark, has a contrast of 4.5 to its ground, as WCAG asks of text of that size."""
    conf = (ROOT / "docs" / "theme" / "conf.py").read_text("utf-8")
    for name in re.findall(r'^pygments_(?:dark_)?style = "(\w+)"', conf, re.MULTILINE):
        style = get_style_by_name(name)
        for token, look in style:
            if look["color"] and token not in (
                Whitespace,
                Error,
            ):  # nothing of a whitespace is read; no block has an error
                assert contrast(look["color"], style.background_color.lstrip("#")) >= 4.5, (name, token)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2 reckons it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    less, more = sorted((light(one), light(other)))
    return (more + 0.05) / (less + 0.05)


def test_a_forgotten_page_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the page."""
    others = tuple(name for name in assistants.GROUPS["Start"] if name != "Errors")
    monkeypatch.setitem(assistants.GROUPS, "Start", (*others, "Nowhere"))
    with pytest.raises(SystemExit, match=r"not there \['docs/Nowhere.md'\], or lacks \['Errors.md'\]"):
        website.assemble(tmp_path)
