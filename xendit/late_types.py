"""Types of annotations whose names are imported for type checkers alone, found when a tool asks for them.

A name that a module imports, defines or abbreviates below `if TYPE_CHECKING:` is looked up in the module's source. If
it cannot be found, it becomes `Any`: the library of an extra is not installed, or there is no source. See `hinted` in
`xendit.static_typing`.
"""

from __future__ import annotations

import ast
import builtins
import functools
import sys
import tokenize
import typing
from importlib import import_module
from importlib.util import find_spec

import typing_extensions

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator


_UNKNOWN: object = typing.Any
"""The type of what cannot be found."""
_made: dict[tuple[str, str], object] = {}
"""Classes that a module defines only for type checkers, by module and name, once they were made here."""
_DEEPEST = 20
"""How many type aliases may lead from one to the next."""


@functools.lru_cache(maxsize=1024)
def type_of(text: str, module: str, depth: int = 0) -> object:
    """The type that an annotation names in a module, as far as it can be known.

    Args:
        text: the annotation.
        module: the name of the module.
        depth: how many type aliases led here.
    """
    if depth > _DEEPEST:
        return _UNKNOWN
    known = vars(sys.modules[module]) if module in sys.modules else {}
    wanted = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    found = {name: _named(name, module, depth) for name in wanted if name not in known and not hasattr(builtins, name)}

    def asked() -> None:
        """A function with this annotation, so that typing evaluates the text: this package itself evaluates no text."""

    asked.__annotations__ = {"asked": text}
    try:
        return typing.get_type_hints(asked, {**known, **found}, include_extras=True)["asked"]
    except (NameError, TypeError, AttributeError):
        return _UNKNOWN


def _named(name: str, module: str, depth: int) -> object:
    """What a name stands for below `if TYPE_CHECKING:` in a module."""
    node = _declared(module).get(name)
    if isinstance(node, ast.ImportFrom):
        [imported] = [each.name for each in node.names if (each.asname or each.name) == name]
        return _imported(str(node.module), imported, depth)
    if isinstance(node, ast.Import):
        return _module(name)
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        value = node.value
        text = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ast.unparse(value)
        return type_of(text, module, depth + 1)
    if isinstance(node, ast.ClassDef):
        # Always the same class, so that two signatures that name it are equal.
        made = _made.get((module, name))
        return made if made is not None else _made.setdefault((module, name), _typed_dict(node, module, depth))
    return _UNKNOWN


def _imported(module: str, name: str, depth: int) -> object:
    """What `from module import name` gives; a name that exists only for type checkers is found in the source."""
    found = _module(module)
    if found is _UNKNOWN:
        return found
    if hasattr(found, name):
        return getattr(found, name)
    if find_spec(module) is not None and name in _declared(module):
        return _named(name, module, depth + 1)
    return _module(f"{module}.{name}")


def _module(name: str) -> object:
    try:
        return import_module(name)
    except ImportError:
        return _UNKNOWN


def _typed_dict(node: ast.ClassDef, module: str, depth: int) -> object:
    """The TypedDict that a class for type checkers declares; `Any` for a class of another kind."""
    fields: dict[str, object] = {}
    is_typed_dict = False
    for base in node.bases:
        text = ast.unparse(base)
        if text == "TypedDict":
            is_typed_dict = True
            continue
        parent = type_of(text, module, depth + 1)
        if not typing_extensions.is_typeddict(parent):
            return _UNKNOWN
        is_typed_dict = True
        fields |= typing_extensions.get_type_hints(parent, include_extras=True)
    if not is_typed_dict:
        return _UNKNOWN
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            fields[ast.unparse(each.target)] = type_of(ast.unparse(each.annotation), module, depth + 1)
    # Type checkers would take a plain call of TypedDict for a declaration, whose arguments must be literals.
    made = vars(typing_extensions)["TypedDict"](node.name, fields, total=False)
    made.__module__ = module
    return made


@functools.lru_cache(maxsize=64)
def _declared(module: str) -> dict[str, ast.stmt]:
    """The statements below `if TYPE_CHECKING:` at the top of a module, by name; empty without the source."""
    found: dict[str, ast.stmt] = {}
    for node in _type_checking_block(ast.parse(_source(module))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {each.asname or each.name.partition(".")[0]: node for each in node.names}
        elif isinstance(node, ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            found[ast.unparse(node.target)] = node
        elif isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = node
    return found


def _type_checking_block(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from node.body


def _source(module: str) -> str:
    """The source of a module, from its file, or from its loader if it is in an archive. Empty if there is none."""
    spec = find_spec(module)
    if spec is None:
        return ""
    try:
        with tokenize.open(spec.origin or "") as file:
            return file.read()
    except OSError:
        return getattr(spec.loader, "get_source", lambda _: None)(module) or ""
