"""The asynchronous API classes are the synchronous ones with `async` and `await`: this writes theirs from the others.

    python tools/mirror.py            # write what is out of date
    python tools/mirror.py --check    # fail when something is stale

Of each API class of each product (`xendit/products.py`): the class in `async_*_api.py`, and in both modules the class
for raw answers, which names every operation. What stands around these classes is the modules' own; an asynchronous
module that is not there yet is made whole.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_AWAITED = r"self\._call\(|self\.api_client\.(?:call|search|watch|download)\("
_GENERATORS = "iter_|pages"
"""How methods begin that give an iterator: those are not awaited."""
_PLAIN = f"_|for_user|with_raw_response|{_GENERATORS}"


class Api(NamedTuple):
    """An API class and the module that it stands in."""

    name: str
    path: Path
    operations: tuple[str, ...]
    """The names of its product's operations."""

    @property
    def mirrored_path(self) -> Path:
        """The module of the class for asyncio."""
        return self.path.with_name(f"async_{self.path.name}")


def assigned(path: Path, name: str) -> ast.expr:
    """What a module assigns to a name at its top."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
    raise LookupError(f"{path} assigns no {name}")


def folders(root: Path) -> tuple[str, ...]:
    """The folders of the products."""
    found: tuple[str, ...] = ast.literal_eval(assigned(root / "xendit" / "products.py", "PRODUCTS"))
    return found


def apis(root: Path) -> list[Api]:
    """The API classes of all products, in the order of the list."""
    found = []
    for folder in folders(root):
        home = root / "xendit" / folder
        product = assigned(home / "product.py", "PRODUCT")
        assert isinstance(product, ast.Call)
        [declared] = [ast.literal_eval(each.value) for each in product.keywords if each.arg == "apis"]
        calls = ast.walk(ast.parse((home / "operations.py").read_text("utf-8")))
        operations = [
            ast.literal_eval(call.args[0])
            for call in calls
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Operation"
        ]
        found += [Api(name, home / f"{module}.py", tuple(operations)) for name, module in declared.items()]
    return found


def class_pattern(name: str) -> re.Pattern[str]:
    """A class at the top of a module, with its body."""
    return re.compile(rf"^class {name}\b.*:\n(?:(?: .*)?\n)+", re.MULTILINE)


def mirrored(text: str, api: Api) -> str:
    """Source of the synchronous module, for asyncio."""
    text = re.sub(rf"^    def (?!{_PLAIN})", "    async def ", text, flags=re.MULTILINE)
    text = re.sub(r"^    def _call\(", "    async def _call(", text, flags=re.MULTILINE)
    text = re.sub(_AWAITED, lambda call: "await " + call[0], text)
    return re.sub(rf"(?<!docs/)\b(ApiClient|ProductApi|Iterator|{api.name}|Raw{api.name})\b", r"Async\1", text)


def whole_module(source: str, api: Api) -> str:
    """The asynchronous module where there is none yet."""
    docstring = f"{api.name} for asyncio. Needs the extra `async` (aiohttp).\n\n"
    docstring += f"It is `{api.path.stem}` with `async` and `await`: change that, then run `python tools/mirror.py`.\n"
    _, _, rest = source.partition('"""\n')
    text = mirrored(rest, api).replace("client.product_api", "client.async_product_api")
    return f'"""{docstring}"""\n{text}'


def raw_class(text: str, name: str, api: Api) -> str:
    """A module with its class for raw answers naming every operation that the API class has."""
    methods = [each for each in api.operations if re.search(rf"^    (?:async )?def {each}\(", text, re.MULTILINE)]
    lines = "".join(f"        self.{each} = answered(api.{each})\n" for each in methods)
    pattern = re.compile(
        rf"(^class {name}\b.*:\n(?:.*\n)*?    def __init__\(.*\n)(?:        self\..*\n)*", re.MULTILINE
    )
    return pattern.sub(lambda found: found[1] + lines, text, count=1)


def with_imports(text: str, source: str) -> str:
    """An asynchronous module that imports of the product's operations what it uses, in the order of the other's."""
    pattern = re.compile(r"^from (xendit\.\w+\.operations) import (?:\(\n(?:    .*\n)+\)|.*)\n", re.MULTILINE)
    there, other = pattern.search(text), pattern.search(source)
    if there is None or other is None:
        return text
    rest = text[: there.start()] + text[there.end() :]
    names = [
        name for name in re.findall(r"\b\w+\b", other[0].partition(" import ")[2]) if re.search(rf"\b{name}\b", rest)
    ]
    line = f"from {other[1]} import {', '.join(names)}\n"
    if "(\n" in other[0]:
        lines = "".join(f"    {name},\n" for name in names)
        line = f"from {other[1]} import (\n{lines})\n"
    return text[: there.start()] + line + text[there.end() :]


def formatted(text: str) -> str:
    """Source as the formatter lays it out, because `await` may make a line too long; as it is where ruff is missing."""
    if find_spec("ruff") is None:  # a test of the package alone, which has no style to keep
        return text
    command = [sys.executable, "-m", "ruff", "format", "-q", "--config", str(ROOT / "pyproject.toml"), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def alike(text: str, other: str) -> bool:
    """Whether two sources are the same; where ruff is missing, but for the layout, which it would have made the same."""
    if find_spec("ruff") is not None:
        return text == other
    return re.sub(r"\s|,(?=\s*\))", "", text) == re.sub(r"\s|,(?=\s*\))", "", other)


def outputs(root: Path) -> dict[Path, str]:
    """What each module should hold."""
    made = {}
    for api in apis(root):
        source = raw_class(api.path.read_text("utf-8"), f"Raw{api.name}", api)
        made[api.path] = source
        if not api.mirrored_path.exists():
            made[api.mirrored_path] = formatted(whole_module(source, api))
            continue
        text = api.mirrored_path.read_text("utf-8")
        [own], there = class_pattern(api.name).findall(source), class_pattern(f"Async{api.name}").search(text)
        assert there is not None
        rest = text[there.end() :].lstrip("\n")
        text = text[: there.start()] + mirrored(own.rstrip() + "\n", api) + ("\n\n" + rest if rest else "")
        made[api.mirrored_path] = formatted(raw_class(with_imports(text, source), f"AsyncRaw{api.name}", api))
    return made


def main(arguments: list[str] | None = None) -> int:
    """Write the modules, or say which are stale."""
    parser = argparse.ArgumentParser(description="Write the asynchronous API classes from the synchronous ones.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    stale = {
        path: text
        for path, text in outputs(options.root).items()
        if not path.exists() or not alike(path.read_text("utf-8"), text)
    }
    for path, text in stale.items():
        if options.check:
            print(f"{path.name} is stale: run python tools/mirror.py")
        else:
            path.write_text(text, "utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
