"""The house of the package: which module may import which, and where sockets, sleeps and exec may live.

The imports are read from the source, not executed. What stands under TYPE_CHECKING does not count; what stands
inside a function does. The checker is itself tested on small bad samples, so that it cannot pass by seeing nothing.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from xendit.products import PRODUCTS

ROOT = Path(__file__).resolve().parent.parent

#: The layers, lowest first. Inside one, a module may import what stands left of it and its own package.
HOUSE: tuple[tuple[str, ...], ...] = (
    (
        "version",
        "installation",
        "freezing",
        "settings",
        "late_types",
        "marks",
        "static_typing",
        "source",
        "headers",
        "exceptions",
        "words",
        *("codec.scalars", "codec.jsontext", "codec.kinds", "codec.containers", "codec.uncommon"),
        *("codec.source", "codec.filling", "codec.emitter", "codec.readers", "codec.constructing", "codec.writers"),
        *("codec.structs", "codec.compiler", "codec.hints", "codec.annotations", "codec.plan", "codec"),
        "deprecation",
        "amounts",
        "typed_amount",
        "descriptions",
        "json_schema",
        "pydantic_schema",
        *("display", "field_names", "pickling"),
        *("model", "named_text"),
        "database",
        "process",
        "whole_files",
    ),
    (
        *(
            "policy",
            "events",
            "keys",
            "veil",
            "setting_checks",
            "configuration",
            "messages",
            "queries",
            "operation",
            "products",
            "product_types",
            "command_names",
            "face",
        ),
        *("webhook.failure", "webhook.event", "webhook.order"),
        *(
            "invoice.product",
            "invoice.limits",
            "invoice.model",
            "invoice.dicts",
            "invoice.operations",
            "invoice.listing",
            "invoice.webhook",
        ),
        *(
            "balance_and_transaction.product",
            "balance_and_transaction.limits",
            "balance_and_transaction.model",
            "balance_and_transaction.dicts",
            "balance_and_transaction.operations",
        ),
        *(
            "refund.product",
            "refund.limits",
            "refund.model",
            "refund.dicts",
            "refund.operations",
            "refund.invoice_refund",
            "refund.webhook",
        ),
        *(
            "transaction_report.product",
            "transaction_report.limits",
            "transaction_report.model",
            "transaction_report.dicts",
            "transaction_report.operations",
            "transaction_report.webhook",
        ),
        *("elsewhere", "customer", "payment_method", "payment_request", "payout"),
    ),
    ("exchange", "transport", "webhook", "openapi", "otel", "sentry"),
    ("client", "api_client", "async_api_client"),
    (
        *("invoice.invoice_api", "invoice.async_invoice_api", "legacy"),
        *("balance_and_transaction.balance_api", "balance_and_transaction.async_balance_api"),
        *("balance_and_transaction.transaction_api", "balance_and_transaction.async_transaction_api"),
        *("refund.refund_api", "refund.async_refund_api"),
        *("transaction_report.report_api", "transaction_report.async_report_api"),
    ),
    (
        *(
            "sandbox.actions",
            "invoice.sandbox_actions",
            "balance_and_transaction.sandbox_actions",
            "refund.sandbox_actions",
            "transaction_report.sandbox_actions",
            "sandbox.product_actions",
            "sandbox",
            "testing",
            "bulk",
            "settlement",
        ),
        *("invoice.pages", "invoice.sandbox_control", "invoice.sandbox_parts", "invoice.demo"),
        *(
            f"{folder}.{part}"
            for folder in ("balance_and_transaction", "refund", "transaction_report")
            for part in ("pages", "sandbox_control", "sandbox_parts")
        ),
        *(
            "invoice.reconciliation",
            "webhook.adapters",
            "webhook.worker",
            "webhook.async_worker",
            "webhook.django",
            "testing.world",
            "invoice.world",
            "refund.world",
            "testing.plugin",
        ),
    ),
    (
        "hooks",
        "cli",
        "invoice.command_line",
        "invoice.commands",
        "invoice.sandbox_events",
        "transaction_report.command_line",
    ),
)
#: The layer whose members stand side by side: none may import another.
SIDE_BY_SIDE = 2
#: The packages whose __init__ only re-exports, on first use.
FACES = (
    *("xendit", "xendit.apis", "xendit.models", "xendit.webhook"),
    *(f"xendit.{folder}{part}" for folder in PRODUCTS for part in ("", ".model")),
)
#: What the faces hand over to for names that are not there: it looks back at them, inside functions.
FACE_HELPERS = ("xendit.elsewhere", "xendit.face")
#: Tools around the library; the library knows none of them. From here up, a face may be imported.
TOOLS = 5
#: Its rules are the API's: it knows nothing of this package. Each may be used by those that follow it.
STANDARD_LIBRARY_ONLY = ("sandbox.state.core", "sandbox.state")
#: What they may import all the same: the source of time, chance and ids, which imports the standard library alone.
SOURCE = "xendit.source"
#: What a product declares to the sandbox, in its own folder: like the rules beside it, and part of the tools.
PRODUCT_RULES = re.compile(r"(?!sandbox\.|testing\.|cli\.)[a-z0-9_]+\.sandbox(\.|$)")

HTTP_LIBRARIES = {"urllib3", "aiohttp"}
SOCKETS = {"socket", "socketserver", "select", "selectors", "http.client", "http.server", "urllib.request"}
MAY_WAIT = ("source", "transport", "webhook.worker", "sandbox", "cli", "invoice.commands", "invoice.demo")
UNSAFE = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


class Import(NamedTuple):
    """One imported module, as an absolute name."""

    line: int
    target: str
    name: str | None
    in_function: bool


class Place(NamedTuple):
    """Where a module lives: its layer, its position in it, and the entry of HOUSE that says so."""

    layer: int
    position: int
    entry: str


# ---------------------------------------------------------------------------------------------- the checker


def imports_of(source: str, module: str, package: str) -> list[Import]:
    """Read the imports of a module, without those under TYPE_CHECKING."""
    found: list[Import] = []

    def walk(nodes: list[ast.AST], in_function: bool) -> None:
        for node in nodes:
            if isinstance(node, ast.Import):
                found.extend(Import(node.lineno, alias.name, None, in_function) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = absolute(node, package)
                found.extend(Import(node.lineno, base, alias.name, in_function) for alias in node.names)
            elif isinstance(node, ast.If) and is_type_checking(node.test):
                walk(list(node.orelse), in_function)
            else:
                inside = in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                walk(list(ast.iter_child_nodes(node)), inside)

    walk([ast.parse(source, module)], False)
    return found


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Give the absolute name of what a `from` import names."""
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")
    base = parents[: len(parents) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def is_type_checking(test: ast.expr) -> bool:
    """Say whether a condition is TYPE_CHECKING or typing.TYPE_CHECKING."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def place_of(module: str) -> Place | None:
    """Find a module of the package in HOUSE, by the longest entry that fits."""
    name = module.removeprefix("xendit.")
    if PRODUCT_RULES.match(name):
        return Place(TOOLS, -1, "product rules")
    best: Place | None = None
    for layer, entries in enumerate(HOUSE):
        for position, entry in enumerate(entries):
            if within(name, entry) and (best is None or len(entry) > len(best.entry)):
                best = Place(layer, position, entry)
    return best


def within(name: str, *entries: str) -> bool:
    """Say whether a name is one of the entries or lives under one."""
    return any(name == entry or name.startswith(entry + ".") for entry in entries)


def target_of(item: Import, known: set[str]) -> str:
    """Give the module that an import reaches: `from xendit.transport import threads` reaches the submodule."""
    full = f"{item.target}.{item.name}"
    return full if full in known else item.target


def arrow_fault(module: str, item: Import, known: set[str]) -> str | None:
    """Judge one import against HOUSE."""
    target = target_of(item, known)
    ours = within(target, "xendit")
    name = module.removeprefix("xendit.")
    if within(name, *STANDARD_LIBRARY_ONLY) or PRODUCT_RULES.match(name):
        top = target.partition(".")[0]
        usable = STANDARD_LIBRARY_ONLY[:1] if within(name, STANDARD_LIBRARY_ONLY[0]) else STANDARD_LIBRARY_ONLY
        beside = PRODUCT_RULES.match(name) is not None and within(target, ".".join(module.split(".")[:3]))
        return (
            None
            if beside
            or target == SOURCE
            or within(target.removeprefix("xendit."), *usable)
            or top in sys.stdlib_module_names
            else f"imports {target}; standard library only"
        )
    if not ours:
        return None
    if module in FACES:
        lazy = item.in_function or target in FACES or target == "xendit.face"
        return None if lazy else f"imports {target} at once; a face is lazy"
    here = place_of(module)
    if here is None:
        return "has no place in HOUSE"
    if target in FACES:
        allowed = here.layer >= TOOLS or (module in FACE_HELPERS and item.in_function)
        return None if allowed else f"imports the face {target}; name the module itself"
    there = place_of(target)
    if there is None:
        return f"imports {target}, which has no place in HOUSE"
    if within(target.removeprefix("xendit."), *STANDARD_LIBRARY_ONLY):
        allowed = here.layer >= TOOLS or (module in FACE_HELPERS and item.in_function)
        return None if allowed else f"imports {target}; the library never imports a tool"
    if here.layer < TOOLS and within(there.entry, "sandbox", "testing", "cli"):
        return f"imports {target}; the library never imports a tool"
    if here.entry == there.entry or there.layer < here.layer:
        return None
    if there.layer > here.layer:
        return f"imports {target}, which is above it"
    if here.layer == SIDE_BY_SIDE:
        return f"imports {target}, which stands beside it"
    return None if there.position < here.position else f"imports {target}, which stands right of it"


def reach_faults(module: str, source: str, items: list[Import]) -> list[str]:
    """Judge what a module reaches outside the package: HTTP libraries, sockets, sleeps, exec, unsafe decoders."""
    name = module.removeprefix("xendit.")
    faults = []
    for item in items:
        target = f"{item.target}.{item.name}" if item.name else item.target
        top = target.partition(".")[0]
        if top in HTTP_LIBRARIES and not within(name, "transport"):
            faults.append(f"line {item.line} imports {top}, which only transport may")
        if within(target, *SOCKETS) and not within(name, *MAY_WAIT):
            faults.append(f"line {item.line} opens sockets with {target}")
        if target in {"time.sleep", "asyncio.sleep"} and not within(name, *MAY_WAIT):
            faults.append(f"line {item.line} sleeps")
        if top in UNSAFE:
            faults.append(f"line {item.line} imports {top}, which runs what it reads")
    for node in ast.walk(ast.parse(source, module)):
        match node:
            case ast.Attribute(value=ast.Name(id="time" | "asyncio"), attr="sleep"):
                if not within(name, *MAY_WAIT):
                    faults.append(f"line {node.lineno} sleeps")
            case ast.Name(id="eval") | ast.Attribute(value=ast.Name(id="builtins"), attr="eval"):
                faults.append(f"line {node.lineno} uses eval")
            case ast.Name(id="exec") | ast.Attribute(value=ast.Name(id="builtins"), attr="exec"):
                if name != "codec.compiler":
                    faults.append(f"line {node.lineno} uses exec, which only codec.compiler may")
            case _:
                pass
    return faults


def faults_of(sources: dict[str, str], packages: set[str]) -> list[str]:
    """Judge modules, given as name → source; `packages` names those that are an __init__."""
    known = set(sources)
    faults = []
    for module, source in sources.items():
        package = module if module in packages else module.rpartition(".")[0]
        items = imports_of(source, module, package)
        if module not in FACES and place_of(module) is None:
            faults.append(f"{module} has no place in HOUSE: add it to test/test_layers.py")
            continue
        arrows = [(item.line, arrow_fault(module, item, known)) for item in items]
        faults += [f"{module} line {line} {fault}" for line, fault in arrows if fault]
        faults += [f"{module} {fault}" for fault in reach_faults(module, source, items)]
    execs = sum(
        isinstance(node, ast.Name) and node.id == "exec"
        for source in sources.values()
        for node in ast.walk(ast.parse(source))
    )
    if execs > 1:
        faults.append(f"exec is used {execs} times; once is the limit")
    return faults


def sources_of(directory: Path) -> tuple[dict[str, str], set[str]]:
    """Read every module of a package from its directory."""
    sources, packages = {}, set()
    for path in sorted(directory.rglob("*.py")):
        parts = path.relative_to(directory.parent).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
            packages.add(".".join(parts))
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return sources, packages


# ------------------------------------------------------------------------------------------------ the package


def test_no_branch_is_dead_to_editors() -> None:
    """jedi takes what stands below `TYPE_CHECKING = False` for dead, so every module declares it with its type."""
    sources, _ = sources_of(ROOT / "xendit")
    dead = [name for name, source in sources.items() if "\nTYPE_CHECKING = False\n" in source]
    assert not dead, f"write TYPE_CHECKING: bool = False in {', '.join(dead)}"


def test_no_arrow_goes_up() -> None:
    """Every module of the package keeps to its layer and reaches only what it may."""
    sources, packages = sources_of(ROOT / "xendit")
    assert {"xendit", "xendit.codec", "xendit.model", "xendit.api_client"} <= set(sources)
    assert faults_of(sources, packages) == []


def test_every_face_is_there() -> None:
    """Each face is an __init__ of the package, so that an exemption cannot outlive its module."""
    _, packages = sources_of(ROOT / "xendit")
    assert set(FACES) <= packages


def loaded_by(statement: str) -> set[str]:
    """Give the top-level modules that a statement loads in a fresh interpreter."""
    program = (
        "import sys, json; before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_no_dependency() -> None:
    """`import xendit` loads none of the three dependencies."""
    loaded = loaded_by("import xendit")
    assert "xendit" in loaded
    assert not loaded & {"urllib3", "dateutil", "typing_extensions"}


def test_importing_the_api_opens_no_http_library() -> None:
    """`from xendit.apis import InvoiceApi` loads neither urllib3 nor dateutil."""
    loaded = loaded_by("from xendit.apis import InvoiceApi\nassert InvoiceApi.__name__ == 'InvoiceApi'")
    assert "xendit" in loaded
    assert not loaded & {"urllib3", "dateutil"}


def run_alone(program: str) -> None:
    """Run a program in a fresh interpreter, where nothing is loaded yet."""
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, check=True)


def test_importing_the_api_leaves_codec_and_exchange_to_the_first_call() -> None:
    """What only a call needs is loaded by the first one, so that a program which makes none pays for none of it."""
    run_alone(
        "import sys\n"
        "from xendit.apis import InvoiceApi\n"
        "InvoiceApi('xnd_development_x').for_user('u')\n"
        "late = {'xendit.codec', 'xendit.exchange', 'xendit.client.options', 'xendit.amounts', 'xendit.queries'}\n"
        "assert not late & set(sys.modules), late & set(sys.modules)"
    )


def test_what_looks_up_a_lost_create_is_loaded_before_it_is_sent() -> None:
    """A process that can open no file any more can still find out what became of its create; a read needs none of it."""
    run_alone(
        "import sys\n"
        "from xendit.apis import InvoiceApi\n"
        "def stop(steps, connection):\n"
        "    steps.send(None)\n"
        "    seen.append({'xendit.exchange.recovery', 'xendit.amounts'} & set(sys.modules))\n"
        "    raise SystemExit\n"
        "seen, api = [], InvoiceApi('xnd_development_x')\n"
        "api.api_client._drive = stop\n"
        "for call in (lambda: api.get_invoice_by_id('a'), lambda: api.create_invoice(external_id='o', amount=1)):\n"
        "    try:\n"
        "        call()\n"
        "    except SystemExit:\n"
        "        pass\n"
        "assert seen == [set(), {'xendit.exchange.recovery', 'xendit.amounts'}], seen"
    )


def test_loading_is_seen() -> None:
    """The measure itself sees a dependency that is loaded."""
    assert "urllib3" in loaded_by("import urllib3")


# ------------------------------------------------------------------------------------- the checker's own tests

BAD = {
    "upward": ("xendit.model", "from xendit.api_client import ApiClient", "above"),
    "upward inside a function": ("xendit.codec", "def f():\n    import xendit.exchange", "above"),
    "upward in a method": (
        "xendit.policy",
        "class A:\n  async def f(s):\n    import xendit.openapi",
        "above",
    ),
    "upward after TYPE_CHECKING": (
        "xendit.model",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import xendit.policy",
        "above",
    ),
    "upward under try": ("xendit.model", "try:\n    import xendit.policy\nexcept ImportError: ...", "above"),
    "upward by submodule": ("xendit.exceptions", "from xendit import codec", "right of it"),
    "relative": ("xendit.model", "from . import api_client", "above"),
    "relative from a subpackage": ("xendit.invoice.operations", "from ..exchange import exchange", "above"),
    "rightward": ("xendit.codec", "from xendit.model import Model", "right of it"),
    "beside": ("xendit.exchange", "import xendit.transport.threads", "beside"),
    "beside, from a package": ("xendit.transport.threads", "from xendit import exchange", "beside"),
    "face": ("xendit.invoice.operations", "from xendit.invoice.model import Invoice", "face"),
    "face at once": ("xendit.elsewhere", "from xendit import invoice", "face"),
    "eager face": ("xendit.apis", "from xendit.invoice.invoice_api import InvoiceApi", "lazy"),
    "tool in the library": (
        "xendit.configuration",
        "from xendit.testing import guard",
        "never imports a tool",
    ),
    "tool in a function": (
        "xendit.api_client",
        "def f():\n    import xendit.sandbox.server",
        "never imports",
    ),
    "state in the library": ("xendit.openapi", "from xendit.sandbox.state import State", "never imports"),
    "state imports a model": ("xendit.sandbox.state", "from xendit.model import Model", "standard library"),
    "core imports a product": (
        "xendit.sandbox.state.core.book",
        "from xendit.sandbox.state.invoice.record import InvoiceRecord",
        "standard library",
    ),
    "product rules import a model": ("xendit.refund.sandbox", "from xendit.model import Model", "standard library"),
    "state imports Werkzeug": ("xendit.sandbox.state", "import werkzeug", "standard library"),
    "sandbox imports cli": ("xendit.sandbox.server", "import xendit.cli", "above"),
    "stranger": ("xendit.utilities", "", "no place"),
    "import of a stranger": ("xendit.model", "import xendit.utilities", "no place"),
    "urllib3": ("xendit.api_client", "import urllib3.util", "only transport"),
    "urllib3 in a function": ("xendit.exchange", "def f():\n    from urllib3 import Retry", "only transport"),
    "aiohttp": ("xendit.async_api_client", "from aiohttp import ClientSession", "only transport"),
    "socket": ("xendit.configuration", "import socket", "opens sockets"),
    "http.client": ("xendit.operation", "from http import client", "opens sockets"),
    "sleep": ("xendit.exchange", "import time\ntime.sleep(1)", "sleeps"),
    "sleep by name": ("xendit.policy", "from time import sleep", "sleeps"),
    "asyncio.sleep": (
        "xendit.exchange",
        "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
        "sleeps",
    ),
    "exec": ("xendit.model", "exec('x = 1')", "only codec"),
    "second exec": ("xendit.codec.compiler", "exec('x = 1')\nexec('y = 1')", "2 times"),
    "exec by another name": ("xendit.operation", "import builtins\nbuiltins.exec('x')", "only codec"),
    "eval": ("xendit.codec", "eval('1')", "eval"),
    "pickle": ("xendit.operation", "import pickle", "runs what it reads"),
    "marshal": ("xendit.codec", "from marshal import loads", "runs what it reads"),
}

GOOD = {
    "downward": ("xendit.model", "from xendit.codec import compile_class"),
    "types only": (
        "xendit.codec",
        "import typing\nif typing.TYPE_CHECKING:\n    from xendit.model import Model",
    ),
    "own package": ("xendit.transport.threads", "from xendit.transport import tls"),
    "lazy face": ("xendit.apis", "def __getattr__(name):\n    from xendit.invoice import invoice_api"),
    "the faces' helper": ("xendit.elsewhere", "def f():\n    from xendit import invoice"),
    "tool uses a face": ("xendit.invoice.demo", "from xendit.apis import InvoiceApi"),
    "source waits": ("xendit.source", "import time\nsleep = time.sleep"),
    "state asks the source": ("xendit.sandbox.state", "from xendit.source import SYSTEM"),
    "transport": ("xendit.transport.threads", "import socket\nimport urllib3"),
    "one exec": ("xendit.codec.compiler", "exec('x = 1')"),
    "state": ("xendit.sandbox.state", "import json, datetime"),
    "product rules": ("xendit.refund.sandbox", "import json\nfrom xendit.sandbox.state.core.book import Book"),
    "server uses state": ("xendit.sandbox.server", "from xendit.sandbox import state\nimport werkzeug"),
    "time without sleep": ("xendit.exchange", "import time\nnow = time.monotonic()"),
}

NEIGHBOURS = {
    "xendit.exchange": "",
    "xendit.codec": "",
    "xendit.api_client": "",
    "xendit.transport.tls": "",
    "xendit.source": "",
    "xendit.invoice.invoice_api": "",
    "xendit.sandbox.state": "",
}


@pytest.mark.parametrize(("module", "source", "expected"), BAD.values(), ids=BAD)
def test_a_bad_module_is_found(module: str, source: str, expected: str) -> None:
    """The checker finds each kind of fault, and says which."""
    faults = faults_of({**NEIGHBOURS, module: source}, set(FACES))
    assert any(expected in fault for fault in faults), faults


@pytest.mark.parametrize(("module", "source"), GOOD.values(), ids=GOOD)
def test_a_good_module_passes(module: str, source: str) -> None:
    """The checker leaves alone what the house allows."""
    assert faults_of({**NEIGHBOURS, module: source}, set(FACES)) == []


def test_no_module_holds_more_than_500_lines() -> None:
    """A module that has grown holds two things; what is derived from the declarations is as long as they are."""
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in (ROOT / "xendit").rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > 500} == {}
