"""Set up `.venv` and run the demonstration of the `xendit` command: `python3 tools/demo.py`.

With `flask`, `fastapi` or `django`, run that example shop beside a sandbox instead, in this terminal, until Ctrl-C.
Needs a Python 3.10 or newer and nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from environment import ROOT, ready, shopper


class Shop(NamedTuple):
    """An example shop: what it needs, where it runs, how it is prepared and started (by `.venv`'s Python)."""

    needs: tuple[str, ...]
    directory: Path
    prepare: tuple[str, ...]
    start: tuple[str, ...]


EXAMPLES = ROOT / "examples"
SHOPS = {
    "flask": Shop(("flask",), EXAMPLES, (), ("flask_shop.py",)),
    "fastapi": Shop(
        ("fastapi", "uvicorn", "aiohttp", "aiosqlite", "sqlalchemy[asyncio]"),
        EXAMPLES,
        (),
        ("-m", "uvicorn", "fastapi_shop:app"),
    ),
    "django": Shop(("django",), EXAMPLES / "django_shop", ("manage.py", "migrate"), ("manage.py", "runserver")),
}


def xendit(python: Path) -> str:
    """The command beside an interpreter."""
    return str(python.with_name("xendit.exe" if os.name == "nt" else "xendit"))


def run_shop(shop: Shop, arguments: list[str]) -> int:
    """Run a shop beside a sandbox, both with nothing in them, and give its exit code."""
    python = ready(f"shop-{shop.needs[0]}", "--editable", ".[cli,inbox]", *shop.needs)
    beside = [xendit(python), "sandbox", "run", "--ephemeral"]
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "SHOP_DATABASE": str(Path(directory) / "shop.db")}
        if shop.prepare:
            command = [*beside, "--port", "0", "--", str(python), *shop.prepare]
            made = subprocess.run(
                command, cwd=shop.directory, env=environment, capture_output=True, text=True, check=False
            )
            if made.returncode != 0:
                sys.exit(made.stderr)
        print("buy something in the shop at the address that it names, then pay on the page that opens", flush=True)
        command = [*beside, "--webhook", "/webhooks/xendit", *arguments, "--", str(python), *shop.start]
        return to_its_end(command, shop.directory, environment)


def to_its_end(command: list[str], directory: Path, environment: dict[str, str]) -> int:
    """Run a command that tidies up after Ctrl-C, which it gets too, and wait until it has."""
    with subprocess.Popen(command, cwd=directory, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # noqa: PERF203  each Ctrl-C is the command's to act on
                continue


def main(arguments: list[str]) -> int:
    """Run the demonstration, or a shop, and give its exit code."""
    if arguments and arguments[0] in SHOPS:
        return run_shop(SHOPS[arguments[0]], arguments[1:])
    return subprocess.run([xendit(shopper()), "sandbox", "demo", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
