"""What is written for programs that read documentation: docs/llms.txt, a list of the pages, and docs/SKILL.md.

docs/build.py writes both. What is said of a page stands in the table of the README, and the rules in docs/Assistants.md; no
sentence about the library may live here but the front matter that a skill needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The pages as a reader meets them: a heading, and files of docs/ without `.md`, or files of the root with it. Under
#: "Operations" stands the page of each product, whose name ends in `Api`.
GROUPS: dict[str, tuple[str, ...]] = {
    "Start": ("GettingStarted", "Frameworks", "Shops", "Webhooks", "Sandbox", "Errors"),
    "Operations": (),
    "Guides": (
        "Async",
        "Pagination",
        "Bulk",
        "Configuration",
        "Production",
        "CommandLine",
        "Settlement",
        "AnyPath",
        "Assistants",
    ),
    "What is promised": ("Reliability", "Performance", "Compatibility", "Fidelity"),
    "Coming from elsewhere": ("Migration", "Legacy"),
    "Project": ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
}
#: What a skill begins with. Loaders read it as YAML, some of them line by line: a value stands on one line, and has no `: `.
SKILL = """\
---
name: xendit-sdk
description: \
Take payments in South-East Asia with Xendit from Python through the package xendit-sdk. Create invoices (hosted payment \
pages), handle webhooks exactly once, deal with lost answers, test on a local sandbox. Use it when a program creates, reads \
or expires Xendit invoices, or receives Xendit webhooks.
---

"""


def outputs(root: Path, derived: Mapping[str, str]) -> dict[str, str]:
    """The two files by their paths, with the pages that are derived in the same run; none where the pages are not there, as in a copy of the package alone."""
    rules = root / "docs" / "Assistants.md"
    if not (rules.exists() and (root / "README.md").exists()):
        return {}
    return {"docs/llms.txt": llms(root, derived), "docs/SKILL.md": SKILL + rules.read_text("utf-8")}


def pages(root: Path) -> Iterator[tuple[str, Path]]:
    """Each page with the heading that it stands under."""
    for heading, names in GROUPS.items():
        products = sorted(path.stem for path in (root / "docs").glob("*Api.md")) if heading == "Operations" else []
        for name in (*names, *products):
            yield heading, (root / name if name.endswith(".md") else root / "docs" / f"{name}.md")


def llms(root: Path, derived: Mapping[str, str]) -> str:
    """The list of pages in the form of llms.txt: a title, a summary, and links with a line each."""
    readme = (root / "README.md").read_text("utf-8")
    summary = " ".join(readme.split("\n\n")[1].split()).split(" It keeps the names")[0]
    said = dict(re.findall(r"^\| \[(?:docs/)?([^\]]*?)\]\([^)]*\) \| (.*?) \|$", readme, re.MULTILINE))
    lines = ["# xendit-sdk", "", f"> {_plain(summary)}"]
    for heading in GROUPS:
        lines += ["", f"## {heading}", ""]
        for under, path in pages(root):
            if under == heading:
                about = said.get(path.name) or said.get(f"docs/{path.name}")
                title = title_of(derived.get(f"docs/{path.name}") or path.read_text("utf-8"))
                lines.append(f"- [{title}]({path.name})" + (f": {_plain(about)}" if about else ""))
    lines += ["", "## Models, field by field", ""]
    lines += [
        f"- [{title_of(text)}]({name.split('/')[1]}/index.md)"
        for name, text in sorted(derived.items())
        if name.startswith("docs/") and name.endswith("/README.md")
    ]
    return "\n".join(lines) + "\n"


def title_of(page: str) -> str:
    """The first heading of a page's text."""
    return next(line[2:].strip() for line in page.splitlines() if line.startswith("# "))


def _plain(text: str) -> str:
    """A text without links and emphasis."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")
