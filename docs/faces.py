"""The modules that only name what stands elsewhere, as text: faces of products, of the API classes, of the models.

Each names its classes for checkers and editors, which read nothing else, and takes the rest from `xendit.face`. Text
in, text out: `build.py` reads the declarations and writes the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH = 120
"""The longest line that the formatter leaves as it is."""

DERIVED = "Derived by docs/build.py; nothing is written here by hand."
BLOCK = "if TYPE_CHECKING:  # what belongs to the products, by docs/build.py\n"
"""The line above what is derived in a face that is otherwise written by hand."""


class Product(NamedTuple):
    """What a product declares in literals: `xendit/<folder>/product.py`."""

    folder: str
    noun: str
    title: str
    apis: Mapping[str, str]
    groups: Mapping[str, str] = {}
    probe: tuple[str, str] | None = None
    requests: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    events: Mapping[str, str] = {}
    webhooks: Mapping[str, tuple[str, str]] = {}
    webhook_names: Mapping[str, str] = {}
    claims: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    sandbox_actions: str = ""
    batches: Mapping[str, tuple[str, str]] = {}
    commands: Mapping[str, Mapping[str, tuple[str, str, str]]] = {}

    @property
    def package(self) -> str:
        """The name of its package."""
        return f"xendit.{self.folder}"

    @property
    def api_homes(self) -> dict[str, str]:
        """Its API classes, those for asyncio too, each with its module."""
        homes = {name: f"{self.package}.{module}" for name, module in self.apis.items()}
        return homes | {f"Async{name}": f"{self.package}.async_{module}" for name, module in self.apis.items()}

    @property
    def webhook_homes(self) -> dict[str, str]:
        """What `xendit.webhook` shows of it, each name with its module."""
        homes = dict.fromkeys(self.events.values(), f"{self.package}.webhook")
        return homes | {name: f"{self.package}.{module}" for name, module in self.webhook_names.items()}


def _in_the_linters_order(name: str) -> tuple[bool, bool, str]:
    """What sorts imported names: constants, then classes, then functions, whatever their case."""
    return not name.isupper(), not name[0].isupper(), name.lower()


def shown_import(home: str, names: Iterable[str]) -> str:
    """An import under TYPE_CHECKING that shows names again, as the formatter lays it out."""
    parts = [f"{name} as {name}" for name in sorted(names, key=_in_the_linters_order)]
    line = f"    from {home} import {', '.join(parts)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"    from {home} import (", *(f"        {part}," for part in parts), "    )"])


def shown_imports(homes: Mapping[str, str]) -> str:
    """The imports that show all these names again, by module."""
    grouped: dict[str, list[str]] = {}
    for name, home in homes.items():
        grouped.setdefault(home, []).append(name)
    return "\n".join(shown_import(home, grouped[home]) for home in sorted(grouped))


def model_face(product: Product, homes: Mapping[str, str]) -> str:
    """The source of `xendit/<product>/model/__init__.py`."""
    return f'''"""The models of the {product.title} by name, each loaded on first use.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
{shown_imports(homes)}

{table_of("MODULES", homes)}
"""The module that each public name lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import face_of

    __getattr__, __dir__ = face_of(__name__, MODULES.get, MODULES.keys)
'''


def product_face(product: Product) -> str:
    """The source of `xendit/<product>/__init__.py`."""
    models = f"{product.package}.model"
    homes = {**product.api_homes, "model": product.package, "*": models}
    imports = shown_imports(homes).replace("import * as *", "import *  # noqa: F403")
    return f'''"""The {product.title}: its classes and its models, each loaded on first use.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
{imports}
else:
    from xendit.face import product_face

    __getattr__, __dir__ = product_face(__name__)
'''


def table_of(name: str, homes: Mapping[str, str]) -> str:
    """A dict of names and modules, as the formatter lays it out."""
    rows = []
    for each in sorted(homes):
        row = f'    "{each}": "{homes[each]}",'
        rows.append(row if len(row) <= WIDTH else f'    "{each}": (\n        "{homes[each]}"\n    ),')
    return "\n".join([f"{name}: dict[str, str] = {{", *rows, "}"])


def apis_face(products: Iterable[Product], stand_ins: Iterable[str]) -> str:
    """The source of `xendit/apis/__init__.py`."""
    own: dict[str, str] = {}
    for product in products:
        own |= product.api_homes
    return f'''"""The API classes, each loaded on first use. Classes of other Xendit products are stand-ins that say so.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
{shown_imports({**dict.fromkeys(stand_ins, "xendit.elsewhere"), **own})}

{table_of("HOMES", own)}
"""The module that each API class lives in."""

if not TYPE_CHECKING:  # a checker that saw it would take any name for one that exists
    from xendit.face import apis_face

    __getattr__, __dir__ = apis_face(__name__, HOMES)
'''


def models_face(models: Sequence[tuple[Product, Mapping[str, str]]]) -> str:
    """The source of `xendit/models/__init__.py`, given the names of each product's models and their modules.

    A name that several products have is left out: it can only be imported from its product.
    """
    names = [name for _, homes in models for name in homes]
    lines = []
    for product, homes in sorted(models, key=lambda each: each[0].folder):
        own = [name for name in homes if names.count(name) == 1 or name in product.claims]
        face = f"{product.package}.model"
        whole = f"    from {face} import *  # noqa: F403"
        lines.append(whole if len(own) == len(homes) else shown_import(face, own))
    return f'''"""The models of all products by name, each loaded on first use. A name that two products have says where to import it.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
{chr(10).join(lines)}
else:
    from xendit.face import models_face

    __getattr__, __dir__ = models_face(__name__)
'''


def with_block(source: str, homes: Mapping[str, str]) -> str:
    """A face that is written by hand, with the block that names what belongs to the products brought up to date."""
    head, found, rest = source.partition(BLOCK)
    _, gap, tail = rest.partition("\n\n")
    return head + found + shown_imports(homes) + gap + tail


def top_homes(products: Iterable[Product]) -> dict[str, str]:
    """What `xendit` shows of the products: their packages and API classes."""
    homes: dict[str, str] = {}
    for product in products:
        homes |= {product.folder: "xendit", **product.api_homes}
    return homes


def webhook_homes(products: Iterable[Product]) -> dict[str, str]:
    """What `xendit.webhook` shows of the products: their events, and what goes with them."""
    homes: dict[str, str] = {}
    for product in products:
        homes |= product.webhook_homes
    return homes


def sandbox_actions(products: Iterable[Product]) -> str:
    """The source of `xendit/sandbox/product_actions.py`."""
    homes = {each.sandbox_actions: f"{each.package}.sandbox_actions" for each in products if each.sandbox_actions}
    homes = homes or {"SandboxActions": "xendit.sandbox.actions"}
    imports = "\n".join(f"from {home} import {name}" for name, home in sorted(homes.items(), key=lambda row: row[1]))
    return f'''"""What the products add to `Sandbox`: the methods of each one's module `sandbox_actions`.

{DERIVED}
"""

from __future__ import annotations

{imports}


class ProductActions({", ".join(homes)}):
    """The actions of all products in one class, which `Sandbox` inherits."""
'''


def product_types(models: Sequence[tuple[Product, Mapping[str, str]]]) -> str:
    """The source of `xendit/product_types.py`, given each product with the modules of its models and typed dicts."""
    imports: dict[str, str] = {}
    parts: dict[str, list[str]] = {each: [] for each in _TYPE_SENTENCES}
    named: dict[str, str] = {}
    for product, homes in models:
        for api, (request, answer) in product.batches.items():
            found = [request, *(name for name in (f"{request}Dict",) if name in homes)]
            imports |= {name: product.api_homes[name] for name in (api, f"Async{api}")}
            imports |= {name: homes[name] for name in (*found, answer)}
            parts["BatchApi"].append(api)
            parts["AsyncBatchApi"].append(f"Async{api}")
            parts["BatchRequest"] += found
            parts["BatchMade"].append(answer)
        events = list(dict.fromkeys(product.events.values()))
        imports |= dict.fromkeys(events, f"{product.package}.webhook")
        parts["HandledEvent"] += [each for each in events if each not in product.apart]
        named |= {name: event for name, event in product.events.items() if name}
    lines = []
    for name, members in parts.items():
        if members:
            lines.append(f"    #: {_TYPE_SENTENCES[name]}\n    {name}: TypeAlias = {' | '.join(members)}")
    classes = sorted(set(named.values()))
    variables = []
    for each in classes:
        bound = f'"{each}Handler", bound=Callable[[{each}], object] | Callable[[{each}, Any], object]'
        line = f"    {each}Handler = TypeVar({bound})"
        variables.append(line if len(line) <= WIDTH else f"    {each}Handler = TypeVar(\n        {bound}\n    )")
    methods = [
        f"\n        def {name.replace('.', '_')}(self, function: {event}Handler) -> {event}Handler:\n"
        f'            """Decorate what handles `{name}`."""\n            return function'
        for name, event in named.items()
    ]
    needed = "from collections.abc import Callable\n    from typing import Any, TypeAlias, TypeVar"
    lines.append("\n".join(variables))
    lines.append(
        '\n    class NamedHandlers:\n        """The decorators of `Handlers` that are called as the events of products."""\n'
        + "\n".join(methods)
    )
    return f'''"""Types that are unions over the products, for checkers and editors alone: at run time nothing stands here.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    {needed if named else "from typing import TypeAlias"}

{plain_imports(imports)}

{chr(10).join(lines)}
'''


def command_names(products: Sequence[Product]) -> str:
    """The source of `xendit/command_names.py`."""
    groups: list[str] = []
    commands: list[str] = []
    for product in products:
        for api, name in product.groups.items():
            groups.append(_entry(name, product.folder, api, f"The {api.removesuffix('Api')} API, from a shell."))
        if not product.groups:
            groups.append(_entry(group_name(product.noun), product.folder, None, f"The {product.title}, from a shell."))
        for name, (module, function, sentence) in product.commands.get("", {}).items():
            commands.append(_entry(name, f"{product.package}.{module}", function, sentence))
    return f'''"""What the products add to the top of the command line, so that `xendit --help` loads none of them.

{DERIVED}
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, str | None, str]] = {_dict_of(groups)}
"""The groups of commands that are derived from operations: the product's folder, the API class where the product has several,
and a line of help."""
COMMANDS: Mapping[str, tuple[str, str, str]] = {_dict_of(commands)}
"""Single commands: the module, the name of its function, and a line of help."""
'''


def _entry(name: str, *values: str | None) -> str:
    """An entry of a dict, as the formatter lays it out."""
    shown = ["None" if value is None else f'"{value}"' for value in values]
    line = f'    "{name}": ({", ".join(shown)}),\n'
    if len(line) <= WIDTH + 1:
        return line
    return "".join([f'    "{name}": (\n', *(f"        {each},\n" for each in shown), "    ),\n"])


def _dict_of(lines: Sequence[str]) -> str:
    return f"{{\n{''.join(lines)}}}" if lines else "{}"


def group_name(noun: str) -> str:
    """As `xendit.cli.frame.group_name`: nothing here imports the package."""
    name = noun.replace(" ", "-").replace("_", "-").lower()
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"


_TYPE_SENTENCES = {
    "BatchApi": "What `create_many` creates over, in threads.",
    "AsyncBatchApi": "What it creates over, in tasks.",
    "BatchRequest": "What it takes: one request.",
    "BatchMade": "What the create of a batch brings.",
    "HandledEvent": "What a worker of webhooks calls its `handler` with; events of other classes go to its `other`.",
}


def plain_imports(homes: Mapping[str, str]) -> str:
    """Indented imports of all these names, by module."""
    lines = []
    for home in sorted(set(homes.values())):
        names = sorted(name for name in homes if homes[name] == home)
        line = f"    from {home} import {', '.join(names)}"
        rows = [f"    from {home} import (", *(f"        {name}," for name in names), "    )"]
        lines.append(line if len(line) <= WIDTH else "\n".join(rows))
    return "\n".join(lines)
