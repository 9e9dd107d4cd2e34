"""Derives pages, typed dicts and faces from what the products declare.

    python docs/build.py            write what is out of date
    python docs/build.py --check    write nothing; say what is stale and exit with 1

Of each product in `xendit/products.py`: docs/<product>/*.md, xendit/<product>/dicts.py, and the faces
xendit/<product>/__init__.py and xendit/<product>/model/__init__.py; of all together: the faces of the package,
of the API classes and of the models. For programs that read documentation, docs/llms.txt and docs/SKILL.md.

The declarations are read as source and never imported, so that this works on a package that does not load.
What is said of a model stands in its declaration; no sentence about a single model may live here.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import assistants
import faces
import shops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = "xendit/model.py"
PRODUCTS = "xendit/products.py"
STAND_INS = "xendit/elsewhere.py"

OTHER_PLACES = {
    "Any": "typing",
    "Decimal": "decimal",
    "MoneyValue": "xendit.amounts",
    "Sequence": "collections.abc",
    "SupportsIndex": "typing",
    "UUID": "uuid",
    "datetime": "datetime",
    "timedelta": "datetime",
}
"""Where the names in the annotations of dicts.py come from, apart from the models."""

WIDTH = 110

TYPES_IN_WORDS = {
    "MoneyValue": "a money value, such as `Money` of py-moneyed",
    "SupportsIndex": "an integer of numpy",
}
"""Types that a reader knows by another name."""

KEPT_VALUES = (
    "A member is a `str` and equals its value. A value that is not in the table is kept as it came: "
    "`{}(text)` takes any text, and `.is_known` tells whether it is a member."
)
HOW_TO_READ = """\
How to read the tables:

- **Required** is what the constructor asks for. In an answer any field may be missing: an absent field reads as
  `None`, is not `in` the model and is not sent. The type says what a complete answer holds.
- An optional field may be given as `None`, which means that it is absent.
- Where a type is a model, a `dict` with the fields of that model may be given too.
- Fields that are not in a table are kept: they can be read by key and attribute, and are sent.
- Times are aware `datetime`s. Text is read as ISO 8601, in UTC when it has no offset.
- **Rules** are checked when a model is made or changed. Limits that only the API knows stand in the
  description. *Strict* says that a wrong type in an answer is an error; in other fields it
  [stays as it came](../Errors.md#answers-with-an-odd-field)."""


class DeclarationError(Exception):
    """A declaration that cannot be documented; the text names it and says what to add."""


# ------------------------------------------------------------------------------------- declarations


class Field(NamedTuple):
    """One declared field."""

    name: str
    annotation: ast.expr
    required: bool
    rules: Mapping[str, object]
    doc: str
    """Its sentence, on one line."""
    quoted: str
    """Its sentence as it stands in the source, quotes and line breaks included."""


class Member(NamedTuple):
    """One member of an enum."""

    name: str
    value: str
    doc: str


class Property(NamedTuple):
    """What a model has beside its fields: a property of a class above it which is no model, or a text of a time."""

    name: str
    type: str
    doc: str


class Declaration(NamedTuple):
    """One declared model or enum."""

    name: str
    module: str
    doc: str
    keywords: Mapping[str, object]
    fields: tuple[Field, ...]
    members: tuple[Member, ...]
    properties: tuple[Property, ...]

    @property
    def is_enum(self) -> bool:
        """Whether it is an enum rather than a model."""
        return bool(self.members)

    @property
    def is_text(self) -> bool:
        """Whether it is a text with a class of its own."""
        return not self.members and not self.fields

    @property
    def received(self) -> bool:
        """Whether it only ever comes from the API."""
        return bool(self.keywords.get("received"))


def read_products(root: Path) -> list[faces.Product]:
    """What each product declares, in the order of the list. Raises DeclarationError."""
    folders = assigned(root / PRODUCTS, "PRODUCTS")
    found = []
    for folder in ast.literal_eval(folders):
        call = assigned(root / "xendit" / folder / "product.py", "PRODUCT")
        if not isinstance(call, ast.Call):
            raise DeclarationError(f"xendit/{folder}/product.py: PRODUCT must be a call of Product")
        try:
            declared = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
            product = faces.Product(**declared)
        except (TypeError, ValueError) as error:
            raise DeclarationError(
                f"xendit/{folder}/product.py: PRODUCT must be written in literals: {error}"
            ) from None
        if declared.get("folder") != folder:
            raise DeclarationError(f"xendit/{folder}/product.py: folder must be {folder!r}")
        found.append(product)
    return found


def assigned(path: Path, name: str) -> ast.expr:
    """What a module assigns to a name at its top. Raises DeclarationError when it does not, or is not there."""
    if not path.exists():
        raise DeclarationError(f"{path} is not there: a product is a folder of xendit/ with a module product")
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
    raise DeclarationError(f"{path.name} assigns no {name}")


def read_stand_ins(root: Path) -> list[str]:
    """The API classes of the products that are not here."""
    tree = ast.walk(ast.parse((root / STAND_INS).read_text("utf-8")))
    return [node.name for node in tree if isinstance(node, ast.ClassDef) and "OtherApi" in map(ast.unparse, node.bases)]


def read_declarations(root: Path, folder: str) -> dict[str, Declaration]:
    """Every model and enum of a product by name, in the order of the names. Raises DeclarationError."""
    models = root / "xendit" / folder / "model"
    trees = {path.stem: ast.parse(path.read_text("utf-8")) for path in sorted(models.glob("[!_]*.py"))}
    classes = {
        node.name: (module, node)
        for module, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    found = {}
    for name, (module, node) in sorted(classes.items()):
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        if not bases & {"Model", "OpenEnum", "NamedText"}:
            continue
        mixins = [classes[base][1] for base in sorted(bases) if base in classes]
        found[name] = Declaration(
            name,
            module,
            sentence(ast.get_docstring(node), name),
            {each.arg: ast.literal_eval(each.value) for each in node.keywords if each.arg},
            tuple(read_fields(node)),
            tuple(read_members(node)),
            (*(each for mixin in mixins for each in read_properties(mixin)), *read_texts(node)),
        )
    return found


def with_docs(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.Constant | None]]:
    """Each statement of a class with the string that stands below it."""
    statements = list(body)
    for statement, below in zip(statements, [*statements[1:], None], strict=True):
        documented = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        yield statement, below.value if documented else None  # type: ignore[union-attr]


def read_fields(model: ast.ClassDef) -> Iterator[Field]:
    """The fields of a model, in order."""
    for statement, doc in with_docs(model.body):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        name = statement.target.id
        keywords = {each.arg: each.value for each in getattr(statement.value, "keywords", []) if each.arg}
        if "text_of" in keywords:  # no field of its own
            continue
        text = sentence(str(doc.value) if doc else None, f"{model.name}.{name}")
        rules: dict[str, object] = {}
        required = statement.value is None
        if isinstance(statement.value, ast.Call):
            keywords = {each.arg: each.value for each in statement.value.keywords if each.arg}
            required = "default" not in keywords
            rules = {key: ast.literal_eval(value) for key, value in keywords.items() if key != "default"}
        lines = str(doc.value if doc else "").splitlines()
        quoted = '"""' + "\n".join([lines[0], *("    " + line.strip() for line in lines[1:])]) + '"""'
        yield Field(name, statement.annotation, required, rules, text, quoted)


def read_texts(model: ast.ClassDef) -> Iterator[Property]:
    """What a model keeps of times as text: `field(text_of=...)`."""
    for statement, doc in with_docs(model.body):
        if isinstance(statement, ast.AnnAssign) and "text_of=" in ast.unparse(statement):
            name = ast.unparse(statement.target)
            said = sentence(str(doc.value) if doc else None, f"{model.name}.{name}")
            yield Property(name, ast.unparse(statement.annotation), said)


def read_members(enum: ast.ClassDef) -> Iterator[Member]:
    """The members of an enum, in order; a member need not say more than its name."""
    for statement, doc in with_docs(enum.body):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            text = " ".join(str(doc.value).split()) if doc else ""
            yield Member(statement.targets[0].id, ast.literal_eval(statement.value), text)


def read_properties(mixin: ast.ClassDef) -> Iterator[Property]:
    """The properties of a class, in order."""
    for node in mixin.body:
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(each) == "property" for each in node.decorator_list):
            returns = ast.unparse(node.returns) if node.returns else ""
            yield Property(node.name, returns, sentence(ast.get_docstring(node), f"{mixin.name}.{node.name}"))


def sentence(doc: str | None, of: str) -> str:
    """A docstring with its paragraphs on one line each. Raises DeclarationError when there is none."""
    if not doc:
        raise DeclarationError(f"{of} has no sentence below it that says what it is")
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(doc).split("\n\n"))


# -------------------------------------------------------------------------------------- annotations


class Sides(NamedTuple):
    """What a field reads as, and what it may be given as."""

    read: ast.expr
    given: ast.expr


class Vocabulary:
    """The words of `xendit.model` that declarations use for types: `Amount`, `One[…]`, `Many[…]` …"""

    def __init__(self, root: Path) -> None:
        self.aliases = {
            node.target.id: node.value
            for node in ast.walk(ast.parse((root / VOCABULARY).read_text("utf-8")))
            if isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Subscript)
            and ast.unparse(node.annotation) == "TypeAlias"
        }

    def sides(self, annotation: ast.expr) -> Sides:
        """The two sides of an annotation; the same twice when it is a plain one."""
        if isinstance(annotation, ast.Name) and annotation.id in self.aliases:
            return self.sides(self.aliases[annotation.id])
        if isinstance(annotation, ast.Subscript):
            name, arguments = ast.unparse(annotation.value), elements(annotation.slice)
            if name == "Given":
                return Sides(tidied(arguments[0]), tidied(arguments[1]))
            if name in self.aliases:
                parameters = unique(
                    node.id for node in ast.walk(self.aliases[name]) if isinstance(node, ast.Name) and len(node.id) == 1
                )
                return self.sides(substituted(self.aliases[name], dict(zip(parameters, arguments, strict=True))))
        return Sides(tidied(annotation), tidied(annotation))


def elements(node: ast.expr) -> list[ast.expr]:
    """The arguments between the brackets of an annotation."""
    return node.elts if isinstance(node, ast.Tuple) else [node]


def unique(names: Iterable[str]) -> list[str]:
    """The names without repetitions, in order."""
    return list(dict.fromkeys(names))


def substituted(alias: ast.expr, arguments: Mapping[str, ast.expr]) -> ast.expr:
    """A generic alias with its parameters replaced."""

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return arguments.get(node.id, node)

    copy = ast.parse(ast.unparse(alias), mode="eval").body
    replaced: ast.expr = Replace().visit(copy)
    return replaced


def union_of(node: ast.expr) -> list[ast.expr]:
    """The parts of a union, each once; a single type is a union of one."""
    if isinstance(node, ast.BinOp):
        parts = [*union_of(node.left), *union_of(node.right)]
        return list({ast.unparse(part): part for part in parts}.values())
    return [node]


def tidied(node: ast.expr) -> ast.expr:
    """An annotation in which no union repeats a part."""
    if isinstance(node, ast.Subscript):
        inner: list[ast.expr] = [tidied(each) for each in elements(node.slice)]
        index = ast.Tuple(inner, ast.Load()) if isinstance(node.slice, ast.Tuple) else inner[0]
        return ast.Subscript(node.value, index, ast.Load())
    if isinstance(node, ast.BinOp):
        first, *rest = (tidied(part) for part in union_of(node))
        for part in rest:
            first = ast.BinOp(first, ast.BitOr(), part)
        return first
    return node


def names_in(node: ast.expr) -> list[str]:
    """Every name in an annotation."""
    return unique(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


# -------------------------------------------------------------------------------------------- pages


def readable(node: ast.expr, declared: Mapping[str, Declaration]) -> list[str]:
    """The alternatives of a type in words, each a piece of Markdown; `None` is left out."""
    found: list[str] = []
    for part in union_of(node):
        if isinstance(part, ast.Subscript):
            name = ast.unparse(part.value)
            inner = either(readable(elements(part.slice)[-1], declared))
            found += ["`dict`"] if name == "dict" else [f"{name.lower()} of {inner}"]
        elif isinstance(part, ast.Name) and part.id in declared:
            found.append(f"[`{part.id}`]({part.id}.md)")
        elif isinstance(part, ast.Name) and part.id.removesuffix("Dict") in declared:
            found.append("`dict`")
        elif isinstance(part, ast.Name) and part.id == "Any":
            found.append("anything that JSON holds")
        elif isinstance(part, ast.Name) and part.id in TYPES_IN_WORDS:
            found.append(TYPES_IN_WORDS[part.id])
        elif isinstance(part, ast.Name):
            found += ["`int`", "`float`"] if part.id == "float" else [f"`{part.id}`"]
    return unique(found)


def either(alternatives: list[str]) -> str:
    """`a, b or c`."""
    *most, last = alternatives
    return f"{', '.join(most)} or {last}" if most else last


def type_cell(field: Field, model: Declaration, words: Vocabulary, declared: Mapping[str, Declaration]) -> str:
    """What a field reads as and may be given as; what matters more comes first."""
    read, given = (readable(side, declared) for side in words.sides(field.annotation))
    if model.received:
        more = [each for each in given if each not in read]
        return either(read) + (f"; {either(more)} may be given" if more else "")
    number = ["`int`", "`float`"]  # it stays what it was given as
    return either(given) + ("" if read in (given, number) else f"; reads as {either(read)}")


def rules_cell(field: Field, model: Declaration) -> str:
    """The rules that the library checks or follows for a field."""
    rules = field.rules
    found = []
    if rules.get("strict"):
        found.append("strict")
    if "ge" in rules:
        found.append(f"{rules['ge']} or more")
    if "min_length" in rules:
        found.append("not empty" if rules["min_length"] == 1 else f"{rules['min_length']} characters or more")
    if "max_properties" in rules:
        found.append(f"{rules['max_properties']} keys at most")
    if "spelling_of" in rules:
        found.append(f"deprecated: write `{rules['spelling_of']}`")
    if rules.get("personal") or model.keywords.get("personal"):
        found.append("masked in `repr`")
    return ", ".join(found)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    cells = ([cell.replace("\n\n", " ").replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def links_to_apis(product: faces.Product) -> str:
    """Links to the pages of the product's API classes, which are written by hand."""
    return " · ".join(f"[{name}](../{name}.md)" for name in product.apis)


def page(
    product: faces.Product,
    model: Declaration,
    words: Vocabulary,
    declared: Mapping[str, Declaration],
    dicts: Iterable[str],
    *,
    is_alone: bool = True,
) -> str:
    """The page of a model or an enum; `is_alone` says whether no other product has one of its name."""
    parts = [f"# {model.name}", f"{links_to_apis(product)} · [All models](README.md)", model.doc]
    if model.is_enum:
        rows = ((f"`{each.name}`", f'`"{each.value}"`', each.doc) for each in model.members)
        parts += [
            table(("Name", "Value", "Description"), rows),
            KEPT_VALUES.format(model.name),
        ]
    elif not model.is_text:  # a text has nothing inside
        fields = (
            (
                f"`{each.name}`",
                type_cell(each, model, words, declared),
                "yes" if each.required else "",
                rules_cell(each, model),
                each.doc,
            )
            for each in model.fields
        )
        parts.append(table(("Name", "Type", "Required", "Rules", "Description"), fields))
    if model.properties:
        properties = ((f"`{each.name}`", f"`{each.type}`", each.doc) for each in model.properties)
        parts += ["## Properties", table(("Name", "Type", "Description"), properties)]
    package = product.package
    places = [f"{package}.model", f"{package}.model.{model.module}", package, *(["xendit.models"] if is_alone else [])]
    imports = "\n".join(f"from {place} import {model.name}" for place in places)
    parts += ["## Import", "Any of these:", f"```python\n{imports}\n```"]
    if model.name in dicts:
        parts.append(f"A `dict` with these keys does as well; type checkers know it as `{model.name}Dict`:")
        parts.append(f"```python\nfrom {package}.dicts import {model.name}Dict\n```")
    return "\n\n".join(parts) + "\n"


def index(product: faces.Product, declared: Mapping[str, Declaration]) -> str:
    """The list of all models of a product, by what they are part of."""
    sent = reachable(product.requests, declared)
    answered = [name for name in reachable(product.answers, declared) if name not in sent]
    announced = [name for name in reachable(product.callbacks, declared) if name not in {*sent, *answered}]
    others = [name for name in declared if name not in {*sent, *answered, *announced}]
    groups = {
        "What you send": [name for name in sent if not declared[name].is_enum],
        "What you get": [name for name in answered if not declared[name].is_enum],
        "What the webhook brings": [name for name in announced if not declared[name].is_enum],
        "What errors hold": [name for name in others if not (declared[name].is_enum or declared[name].is_text)],
        "Enums": [name for name in declared if declared[name].is_enum],
        "Texts": [name for name in declared if declared[name].is_text],
    }
    parts = [
        f"# Models of the {product.title}",
        links_to_apis(product),
        HOW_TO_READ,
    ]
    for title, names in groups.items():
        rows = [(f"[{name}]({name}.md)", declared[name].doc.split("\n\n")[0]) for name in names]
        if rows:
            parts += [f"## {title}", table(("Model", "What it is"), rows)]
    return "\n\n".join(parts) + "\n"


def reachable(names: Iterable[str], declared: Mapping[str, Declaration]) -> list[str]:
    """Models and everything that is part of them, nearest first."""
    found = list(names)
    for each in found:
        inner = (part for field in declared[each].fields for part in names_in(field.annotation))
        found += [part for part in unique(inner) if part in declared and part not in found]
    return found


# -------------------------------------------------------------------------------------------- dicts


def laid_out(node: ast.expr, before: int, indent: int) -> str:
    """An annotation as the formatter lays it out: `before` characters stand on its first line."""
    text = ast.unparse(node)
    if before + len(text) <= WIDTH:
        return text
    pad = " " * (indent + 4)
    if isinstance(node, ast.Subscript):
        inner = laid_out(node.slice, len(pad), indent + 4)
        return f"{ast.unparse(node.value)}[\n{pad}{inner}\n{' ' * indent}]"
    parts = (laid_out(part, indent + 2, indent) for part in union_of(node))
    return f"\n{' ' * indent}| ".join(parts)


def typed_dict(model: Declaration, words: Vocabulary) -> str:
    """The TypedDict of a model."""
    lines = ["@hinted", f"class {model.name}Dict(TypedDict):", f'    """`{model.name}` as a dict."""', ""]
    for field in model.fields:
        given = words.sides(field.annotation).given
        if not field.required:
            given = ast.Subscript(ast.Name("NotRequired", ast.Load()), given, ast.Load())
        start = f"    {field.name}: "
        lines += [start + laid_out(given, len(start), 4), f"    {field.quoted}"]
    return "\n".join(lines)


def dicts_module(
    product: faces.Product, models: list[Declaration], words: Vocabulary, declared: Mapping[str, Declaration]
) -> str:
    """The source of xendit/<product>/dicts.py."""
    used = {
        name for model in models for field in model.fields for name in names_in(words.sides(field.annotation).given)
    }
    places = {**OTHER_PLACES, "NotRequired": "typing_extensions"}
    places |= {name: f"{product.package}.model.{each.module}" for name, each in declared.items()}
    imports: dict[str, list[str]] = {}
    for name in sorted({*used, "NotRequired"} & {*places}):
        imports.setdefault(places[name], []).append(name)
    blocks = [
        [place for place in sorted(imports) if not place.startswith(("typing_extensions", "xendit."))],
        ["typing_extensions"],
        [place for place in sorted(imports) if place.startswith("xendit.")],
    ]
    lines = "\n\n".join("\n".join(import_line(place, imports[place]) for place in block) for block in blocks if block)
    names = [f"{model.name}Dict" for model in models]
    head = f'''"""What may be given in place of the models of a request: dicts, typed for checkers.

Derived from the declarations in xendit/{product.folder}/model; nothing is written here by hand.
Run `make docs` after changing a model.
"""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
{lines}

__all__ = [
{chr(10).join(f'    "{name}",' for name in sorted(names))}
]'''
    return "\n\n\n".join([head, *(typed_dict(model, words) for model in models)]) + "\n"


def import_line(place: str, names: list[str]) -> str:
    """One indented import as the formatter lays it out."""
    line = f"    from {place} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"    from {place} import (", *(f"        {name}," for name in names), "    )"])


# ------------------------------------------------------------------------------------------ outcome


def outputs(root: Path) -> dict[str, str]:
    """What every derived file should hold, by its path from the root. Raises DeclarationError."""
    words, products = Vocabulary(root), read_products(root)
    declared = {product.folder: read_declarations(root, product.folder) for product in products}
    models = [(product, model_homes(product, declared[product.folder])) for product in products]
    names = [name for _, homes in models for name in homes]
    alone = {name for name in names if names.count(name) == 1}
    made: dict[str, str] = {}
    for product, homes in models:
        made |= outputs_of(product, words, declared[product.folder], alone | {*product.claims})
        made[f"xendit/{product.folder}/model/__init__.py"] = faces.model_face(product, homes)
    made["xendit/apis/__init__.py"] = faces.apis_face(products, read_stand_ins(root))
    made["xendit/models/__init__.py"] = faces.models_face(models)
    made["xendit/product_types.py"] = faces.product_types(models)
    made["xendit/command_names.py"] = faces.command_names(products)
    made["xendit/sandbox/product_actions.py"] = faces.sandbox_actions(products)
    blocks = {
        "xendit/__init__.py": faces.top_homes(products),
        "xendit/webhook/__init__.py": faces.webhook_homes(products),
    }
    for path, shown in blocks.items():
        made[path] = faces.with_block((root / path).read_text("utf-8"), shown)
    made |= shops.outputs(root)
    return made | assistants.outputs(root, made)


def sent_by(product: faces.Product, declared: Mapping[str, Declaration]) -> list[Declaration]:
    """The models that are part of a product's requests: those that have typed dicts."""
    return [declared[name] for name in reachable(product.requests, declared) if not declared[name].is_enum]


def model_homes(product: faces.Product, declared: Mapping[str, Declaration]) -> dict[str, str]:
    """The models, enums and typed dicts of a product, each with its module."""
    homes = {name: f"{product.package}.model.{each.module}" for name, each in declared.items()}
    return homes | {f"{model.name}Dict": f"{product.package}.dicts" for model in sent_by(product, declared)}


def outputs_of(
    product: faces.Product, words: Vocabulary, declared: Mapping[str, Declaration], alone: set[str]
) -> dict[str, str]:
    """The derived files of one product but the face of its models. `alone` are the names that no other product has."""
    sent = sent_by(product, declared)
    dicts = [model.name for model in sent]
    pages, package = pages_of(product), f"xendit/{product.folder}"
    made = {
        f"{pages}/{name}.md": page(product, model, words, declared, dicts, is_alone=name in alone)
        for name, model in declared.items()
    }
    if sent:
        made[f"{package}/dicts.py"] = dicts_module(product, sent, words, declared)
    return {
        **made,
        f"{pages}/README.md": index(product, declared),
        f"{package}/__init__.py": faces.product_face(product),
    }


def pages_of(product: faces.Product) -> str:
    """Where the pages of a product's models stand."""
    return f"docs/{product.folder}"


def leftovers(root: Path, made: Iterable[str]) -> list[str]:
    """The pages of models that are no longer there."""
    folders = [pages_of(product) for product in read_products(root)]
    there = {f"{folder}/{path.name}" for folder in folders for path in (root / folder).glob("*.md")}
    return sorted(there - set(made))


def stale(root: Path) -> list[str]:
    """How the derived files differ from the declarations: a unified diff a file, none when all is well."""
    made = outputs(root)
    found = [f"{path}: no such model" for path in leftovers(root, made)]
    for path, text in made.items():
        there = (root / path).read_text("utf-8") if (root / path).exists() else ""
        if there != text:
            diff = difflib.unified_diff(there.splitlines(), text.splitlines(), path, "derived", lineterm="", n=1)
            found.append("\n".join(diff))
    return found


def write(root: Path) -> list[str]:
    """Bring the derived files up to date; give the paths that changed."""
    made = outputs(root)
    gone = leftovers(root, made)
    for path in gone:
        (root / path).unlink()
    changed = [path for path in made if not (root / path).exists() or (root / path).read_text("utf-8") != made[path]]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(made[path], "utf-8", newline="\n")
    return [*gone, *changed]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; give its exit status."""
    parser = argparse.ArgumentParser(description="Derive the model pages and the typed dicts from the declarations.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something is stale")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        if options.check:
            differences = stale(options.root)
            for each in differences:
                print("\n".join(each.splitlines()[:20]))
            if differences:
                print(f"{len(differences)} derived files are stale: run `make docs`")
            return 1 if differences else 0
        for path in write(options.root):
            print(path)
    except DeclarationError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
