"""The README as the page of the package index shows it, where no other file of the repository is.

A link to a page of docs/ becomes a link to the documentation's site, and one to another file a link to the repository, when
pyproject.toml names them under `[project.urls]`: "Documentation", the address of the site that `make site` builds, and
"Source", which is followed by the path of a file. Pictures of docs/theme/static are shown from the site. Where one of them is not named, the link becomes its text, and a picture
goes, for an address that nobody knows cannot be made up, and a relative one leads nowhere.

tools/release.py writes it into the tree that is built, with the same table of the extras that GettingStarted has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PICTURES = "docs/theme/static/"
"""Where the pictures stand that the site shows, under `_static/`."""
_LINK = re.compile(r"(!?)\[([^\]\n]*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def project_urls(pyproject: str) -> dict[str, str]:
    """`[project.urls]` of a pyproject.toml; read here, since Python 3.10 has no parser for it."""
    table = re.search(r"^\[project\.urls\]\n((?:[^\[\n].*\n|\n)*)", pyproject, re.MULTILINE)
    return dict(re.findall(r'^"?([\w -]+?)"? *= *"([^"]+)"', table[1], re.MULTILINE)) if table else {}


def package_page(readme: str, started: str, urls: Mapping[str, str]) -> str:
    """The page.

    Args:
        readme: README.md.
        started: docs/GettingStarted.md, which has the table of extras.
        urls: `[project.urls]`.
    """
    site, source = (urls.get(name, "").rstrip("/") for name in ("Documentation", "Source"))

    def link(found: re.Match[str]) -> str:
        picture, text, path, heading = found[1], found[2], found[3], found[4] or ""
        page = re.fullmatch(r"docs/(.*)\.md", path)
        if picture and site and path.startswith(PICTURES):
            return f"![{text}]({site}/_static/{path.removeprefix(PICTURES)})"
        if page and site:
            name = re.sub(r"README$", "index", page[1])
            return f"{picture}[{text}]({site}/{name}.html{heading})"
        if source:
            return f"{picture}[{text}]({source}/{path}{heading})"
        return "" if picture else text

    extras = re.search(r"^\| extra \|.*?\n\n", started, re.MULTILINE | re.DOTALL)
    table = f"### Extras\n\n{extras[0]}" if extras else ""
    return _LINK.sub(link, readme.replace("## Read on\n", f"{table}## Read on\n", 1))
