"""The columns of files of models: the fields of a model, and, written with a dot, the fields of the models inside it.

The column `customer.given_names` holds a text; the column `customer` holds the whole object as JSON. The columns are
derived from the model's declaration, as are the options of the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from xendit.cli.extra import click
from xendit.cli.flags import JsonType, first_sentence, option_of, typed_json
from xendit.codec import FreeForm, Object
from xendit.descriptions import field_descriptions
from xendit.exceptions import OpenApiException
from xendit.words import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.codec import Kind


class Column(NamedTuple):
    """A column of a file."""

    name: str
    path: tuple[str, ...]
    """Where its value stands in the model."""
    kind: Kind | None
    """Of its values; None for a text of free-form data."""
    help: str
    required: bool = False

    def read(self, cell: str) -> object:
        """The value of a cell. Raises click.BadParameter for a text that can be none."""
        if self.kind is None:
            return cell
        reader = option_of(self.path[-1], self.kind, "").type
        if not isinstance(reader, JsonType):
            return reader.convert(cell, None, None)
        try:  # not by the option's type, which would read the file that `@FILE` names
            return typed_json(cell)
        except OpenApiException as problem:
            raise click.BadParameter(f"it is no JSON: {problem}") from None

    def put(self, request: dict[str, Any], value: object) -> None:
        """Put its value into a request."""
        *outer, last = self.path
        for name in outer:
            request = request.setdefault(name, {})
        request[last] = value


def columns_of(model: Any) -> Iterator[Column]:
    """Every column that a file of such models may have, the fields of objects after the object itself."""
    yield from _columns(model.__plan__, (), field_descriptions(model))


def _columns(plan: Any, outer: tuple[str, ...], said: Any) -> Iterator[Column]:
    for each in plan.fields.values():
        path = (*outer, each.name)
        yield Column(
            ".".join(path), path, each.kind, first_sentence(said.get(each.name, "")), each.required and not outer
        )
        if isinstance(each.kind, Object):
            yield from _columns(each.kind.plan, path, field_descriptions(each.kind.plan.cls))


def named_columns(names: list[str], model: Any) -> list[Column]:
    """The columns of these names.

    Raises:
        ValueError: a column is unknown, comes twice, or holds what another one holds too.
    """
    known = {each.name: each for each in columns_of(model)}
    found: list[Column] = []
    for name in names:
        column = known.get(name) or _free(name, known)
        if column is None:
            raise ValueError(f"there is no field {name!r}{nearest(name, known)}")
        for other in found:
            if other.name == name:
                raise ValueError(f"the field {name!r} is there twice")
            short, long = sorted((other.name, name), key=len)
            if long.startswith(f"{short}."):
                raise ValueError(f"{short!r} holds what {long!r} says: give the one or the other")
        found.append(column)
    return found


def _free(name: str, known: dict[str, Column]) -> Column | None:
    """The column of a name in free-form data, such as `metadata.branch`."""
    head, _, rest = name.partition(".")
    holder = known.get(head)
    if not rest or holder is None or not isinstance(holder.kind, FreeForm):
        return None
    return Column(name, (head, rest), None, "")
