"""The sentences that stand in the source below the fields of a model. Documents and the command line's help repeat
them.

They are read from the source when they are needed, so that they take no memory in other programs. Standard library
only.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def field_descriptions(model: type) -> Mapping[str, str]:
    """The text below each field of a class, on one line, by the field's name; nothing where there is no source."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    except (OSError, SyntaxError, TypeError):
        return {}
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for node, below in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[node.target.id] = " ".join(str(below.value.value).split())
    return found
