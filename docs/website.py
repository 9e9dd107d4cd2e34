"""Builds the documentation as a site, from the Markdown in docs/ and the docstrings of the package.

    python docs/website.py build/site     build it there, and check every link inside it

The generator is Sphinx with MyST and furo: it reads the Markdown that is also read in the repository, writes the reference
from docstrings and signatures, and its search is a script that works without a server. Beside each page stands its
Markdown, and at the root `llms.txt` and `SKILL.md`, which docs/build.py writes, for programs that read documentation.

The pages are put together in a temporary folder: links that leave docs/ are turned into links of the site, and the
index of the site is written there. Every page of docs/ must stand in GROUPS of docs/assistants.py; a page that does not ends the build.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistants import GROUPS, pages

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
THEME = DOCS / "theme"

#: Where the reference reads docstrings: the title of its page, and the modules or classes whose public names stand there.
REFERENCE: dict[str, tuple[str, ...]] = {
    "Calls": ("xendit.apis", "xendit.ApiClient", "xendit.AsyncApiClient"),
    "Settings": ("xendit.Configuration", "xendit.policy.RetryPolicy", "xendit.source.Source"),
    "Answers and events": (
        "xendit.ApiResponse",
        "xendit.messages.Response",
        "xendit.messages.RateLimit",
        "xendit.events",
    ),
    "Exceptions": ("xendit.exceptions",),
    "Webhooks": ("xendit.webhook",),
    "Batches": ("xendit.bulk",),
    "Sandbox and tests": ("xendit.sandbox", "xendit.testing"),
    "Model": ("xendit.model.Model", "xendit.model.OpenEnum"),
}
MOST_BYTES = 100_000
"""What a page may weigh, without its pictures."""
#: What tells Sphinx that a page stands in no tree: it is reached from the page above it. The tree is in each page, and
#: with every model and class in it, it would outweigh the text.
ORPHAN = "---\norphan: true\n---\n\n"
_LINK = re.compile(r"(!?\[[^\]\n]*\]\()([^)#\s]*)(#[^)\s]*)?\)")


def products(docs: Path = DOCS) -> list[str]:
    """The folders of docs/ that hold the models of a product."""
    return sorted(each.parent.name for each in docs.glob("*/README.md"))


# ---------------------------------------------------------------------------------------------- putting together


def assemble(tree: Path) -> None:
    """Write the sources of the site into an empty folder.

    Raises:
        SystemExit: a page of docs/ stands in no group, or a page of a group is not there.
    """
    known = {path for _, path in pages(ROOT)}
    missing = sorted(str(path.relative_to(ROOT)) for path in known if not path.exists())
    forgotten = sorted(path.name for path in DOCS.glob("*.md") if path not in known and path.name != "SKILL.md")
    if missing or forgotten:
        raise SystemExit(f"docs/assistants.py: GROUPS names pages that are not there {missing}, or lacks {forgotten}")
    for path in known:
        copy_page(path, tree / path.name)
    for product in products():
        for path in (DOCS / product).glob("*.md"):
            name = "index.md" if path.name == "README.md" else path.name
            copy_page(path, tree / product / name)
    for picture in DOCS.glob("*.svg"):
        shutil.copy(picture, tree)
    for example in sorted((ROOT / "examples").glob("*.py")):
        if not example.name.startswith("test_"):
            shutil.copy(example, tree)
    for title, targets in REFERENCE.items():
        _write_reference(tree / "reference", title, targets)
    (tree / "index.md").write_text(_index(), "utf-8")
    shutil.copy(THEME / "conf.py", tree)
    shutil.copytree(THEME / "static", tree / "_static")


def copy_page(source: Path, target: Path) -> None:
    """Copy a page; its links to other files of the repository become links of the site, or plain text."""
    target.parent.mkdir(parents=True, exist_ok=True)
    of_the_site = {path for _, path in pages(ROOT)}
    is_within = source.parent not in (DOCS, ROOT)

    def link(found: re.Match[str]) -> str:
        text, name, heading = found[1], found[2], found[3] or ""
        if not name or ":" in name:
            return found[0]
        aim = (source.parent / name).resolve()
        if aim == ROOT / "README.md":
            aim, heading = DOCS / "GettingStarted.md", ""
        if aim.is_relative_to(THEME / "static"):
            return f"{text}{'../' if is_within else ''}_static/{aim.name})"
        if aim in of_the_site:
            return f"{text}{'../' if is_within else ''}{aim.name}{heading})"
        if aim.is_relative_to(DOCS):
            shown = name if is_within else aim.relative_to(DOCS).as_posix()
            return f"{text}{shown.replace('README.md', 'index.md')}{heading})"
        words, path = text[1:-2], aim.relative_to(ROOT).as_posix()
        said = words.strip(
            "`"
        )  # a path that is its own text, or a file of the folder that the text names, is said once
        if path in (said, f"{said.rstrip('/')}/README.md"):
            return f"`{said}` in the repository"
        return f"{words} (`{path}` in the repository)"

    text = _LINK.sub(link, source.read_text("utf-8"))
    text = re.sub(r"```mermaid\n(.*?)```", _arrows, text, flags=re.DOTALL)
    if is_within and source.name != "README.md":
        text = ORPHAN + text
    target.write_text(text, "utf-8")


def _arrows(found: re.Match[str]) -> str:
    """A drawing of states as a table, which a phone and a screen reader can show as well."""
    rows = []
    for line in found[1].splitlines():
        arrow = re.fullmatch(r"\s*(\S+) --> (\w+)(?:: (.*))?", line)
        if arrow:
            begin = "*the call begins*" if arrow[1] == "[*]" else f"`{arrow[1]}`"
            rows.append(f"| {begin} | `{arrow[2]}` | {arrow[3] or ''} |")
    return "\n".join(["| from | to | when |", "| --- | --- | --- |", *rows])


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _index() -> str:
    """The first page: what it is, and the tree of all pages."""
    readme = (ROOT / "README.md").read_text("utf-8")
    head = readme[: readme.index("\n## ")]
    head = _LINK.sub(lambda found: f"{found[1]}{found[2].removeprefix('docs/')}{found[3] or ''})", head)
    use = readme[readme.index("```python") : readme.index("```\n", readme.index("```python")) + 4]
    parts = [head, "\n## In short\n", use]
    for heading in GROUPS:
        parts.append(_tree(heading, [path.stem for under, path in pages(ROOT) if under == heading]))
        if heading == "Guides":
            parts.append(
                _tree(
                    "Reference",
                    [
                        *(f"{product}/index" for product in products()),
                        *(f"reference/{_slug(each)}" for each in REFERENCE),
                    ],
                )
            )
    return "\n".join(parts)


def _tree(heading: str, entries: list[str]) -> str:
    lines = "\n".join(entries)
    return f"```{{toctree}}\n:caption: {heading}\n:hidden:\n:maxdepth: 1\n\n{lines}\n```\n"


def _write_reference(folder: Path, title: str, targets: tuple[str, ...]) -> None:
    """Pages whose text Sphinx takes from docstrings: one with a line a name, and below it one for each name."""
    names = [name for target in targets for name in _public(target)]
    below = folder / _slug(title)
    below.mkdir(parents=True)
    for name in names:
        (below / f"{name.rpartition('.')[2]}.md").write_text(_name_page(name), "utf-8")
    lines = "\n".join(
        f"| [`{name}`]({_slug(title)}/{name.rpartition('.')[2]}.md) | {_first_sentence(name)} |" for name in names
    )
    table = f"| name | what it is |\n| --- | --- |\n{lines}\n"
    (folder / f"{_slug(title)}.md").write_text(f"# {title}\n\n{table}", "utf-8")


def _public(target: str) -> list[str]:
    """A class by itself, or the public names of a module that have a docstring of their own."""
    if target.rpartition(".")[2][:1].isupper():
        return [target]
    found = importlib.import_module(target)
    own = [name for name, value in vars(found).items() if getattr(value, "__module__", None) == target]
    names = getattr(found, "__all__", own)
    return [f"{target}.{each}" for each in names if each[0] != "_" and callable(getattr(found, each, None))]


def _found(name: str) -> Any:
    """The class or function of a dotted name."""
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def _first_sentence(name: str) -> str:
    """The first paragraph of a docstring, as one line of a table."""
    text = inspect.getdoc(_found(name)) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")


def _name_page(name: str) -> str:
    last, is_class = name.rpartition(".")[2], inspect.isclass(_found(name))
    options = "   :members:\n   :inherited-members: BaseException, dict, list, object\n" if is_class else ""
    return f"{ORPHAN}# {last}\n\n```{{eval-rst}}\n.. auto{'class' if is_class else 'function'}:: {name}\n{options}```\n"


def _as_text(name: str) -> str:
    """What stands in the reference on a class or function, as Markdown for programs: signatures and docstrings."""
    last, found = name.rpartition(".")[2], _found(name)
    parts = [f"# {name}", _signed(last, found), inspect.getdoc(found) or ""]
    members = inspect.getmembers(found) if inspect.isclass(found) else []
    for member, value in members:
        if member[0] != "_" and inspect.getdoc(value) and (callable(value) or isinstance(value, property)):
            parts += [f"## {member}", _signed(member, value), inspect.getdoc(value) or ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def _signed(name: str, found: object) -> str:
    """A call form as a block of code; nothing for what is not called."""
    if not callable(found):
        return ""
    try:
        return f"```python\n{name}{inspect.signature(found)}\n```"
    except (TypeError, ValueError):  # of a class whose base is in C
        return ""


# ---------------------------------------------------------------------------------------------- building


def build(target: Path) -> None:
    """Build the site into a folder, which is emptied first.

    Raises:
        SystemExit: Sphinx warns of something: a link that leads nowhere, a page that no tree holds; or a page is too heavy.
    """
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "source"
        tree.mkdir()
        assemble(tree)
        shutil.rmtree(target, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "-q",
            "-W",
            "--keep-going",
            "-b",
            "html",
            "-d",
            f"{temporary}/doctrees",
        ]
        done = subprocess.run([*command, str(tree), str(target)], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"the site has faults:\n{done.stderr}".replace(str(tree), "docs"))
        for page in tree.rglob("*.md"):
            (target / page.relative_to(tree)).write_text(page.read_text("utf-8").removeprefix(ORPHAN), "utf-8")
    for title, targets in REFERENCE.items():
        for name in (each for target_ in targets for each in _public(target_)):
            beside = target / "reference" / _slug(title) / f"{name.rpartition('.')[2]}.md"
            beside.write_text(_as_text(name), "utf-8")
    for page in target.rglob("*.html"):
        page.write_text(_lightened(page.read_text("utf-8")), "utf-8")
    heavy = sorted(str(page.relative_to(target)) for page in target.rglob("*.html") if page.stat().st_size > MOST_BYTES)
    if heavy:
        raise SystemExit(f"pages above {MOST_BYTES} bytes, each is to be divided or cut: {', '.join(heavy)}")
    for name in ("llms.txt", "SKILL.md"):
        shutil.copy(DOCS / name, target)
    shutil.rmtree(target / "_sources", ignore_errors=True)
    for unused in (".buildinfo", "objects.inv"):
        (target / unused).unlink(missing_ok=True)


def _lightened(page: str) -> str:
    """A page without the marks around spaces, names and punctuation in code, which no style colours: a fifth of it."""
    page = re.sub(
        r'<code class="docutils literal notranslate">(.*?)</code>',
        lambda found: f'<code class="docutils literal">{re.sub("</?span[^>]*>", "", found[1])}</code>',
        page,
        flags=re.DOTALL,
    )
    return re.sub(r'<span class="(?:w|n|p)">([^<]*)</span>', r"\1", page)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Build the documentation as a site.")
    parser.add_argument("target", nargs="?", type=Path, default=ROOT / "build" / "site")
    options = parser.parse_args(arguments)
    build(options.target)
    print(f"{options.target / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
