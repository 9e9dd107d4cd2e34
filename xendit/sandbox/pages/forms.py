"""The forms of the dashboard: how they are read, and how a refused form is shown again.

What a person typed stays in a refused form, and the sentence that says what is wrong is shown at the field at fault.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from xendit.sandbox.faults import Fault
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.given import must_be

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.datastructures import ImmutableMultiDict

    from xendit.sandbox.state.core.jsontext import JsonObject

    Form = ImmutableMultiDict[str, str]
    Typed = Mapping[str, Sequence[str]]

#: Fields that a page carries by itself.
_CARRIED = ("token", "back")


@dataclass(frozen=True)
class RefusedForm:
    """A form that was refused: what was typed into it, and the field that is wrong, where one is."""

    name: str
    typed: Typed
    field: str | None


@dataclass(frozen=True)
class Page:
    """What every form of a page carries: its token and the address to return to; and the form that was refused, if any."""

    token: str
    here: str
    problem: str = ""
    """What is wrong in the refused form, as a sentence."""
    refused: RefusedForm | None = None

    def typed(self, form: str, name: str, otherwise: str = "") -> str:
        """What was typed into a field of the refused form; for any other form, the field's first value."""
        if self.refused is None or self.refused.name != form:
            return otherwise
        return next(iter(self.refused.typed.get(name, ())), otherwise)

    def chose(self, form: str, name: str, value: str) -> bool:
        """Whether a value was among those chosen in the form that was refused."""
        refused = self.refused
        return refused is not None and refused.name == form and value in refused.typed.get(name, ())

    def wrong(self, form: str, name: str) -> bool:
        """Whether this field is the one that is wrong."""
        return self.refused is not None and (self.refused.name, self.refused.field) == (form, name)


def refused_form(
    name: str, form: Form, error: SandboxError | ValueError | None = None, wrong_fields: Mapping[str, str] | None = None
) -> RefusedForm:
    """Keep what was typed, and find the field that an error is about.

    `wrong_fields` is that of `frame.DashboardPart`.
    """
    typed = {field: tuple(values) for field, values in form.lists() if field not in _CARRIED}
    known = wrong_fields or {}
    if isinstance(error, SandboxError):
        wrong = known.get(error.error_code)
    elif error is None:
        wrong = None
    else:
        wrong = known.get(name, str(error).partition(" ")[0])
    return RefusedForm(name, typed, wrong if wrong in typed else None)


def whole_or(text: str, otherwise: int) -> int:
    """Read a whole number, such as one of a query; return `otherwise` if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def whole(form: Mapping[str, str], name: str) -> int:
    """Read a whole number of a form. Raises ValueError."""
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(must_be(name, "a whole number", text or None))
    return int(text)


def read_fault_form(form: Mapping[str, str]) -> JsonObject:
    """Read the form that arms a fault; empty fields are left out. Raises ValueError for a text that is no number."""
    given: JsonObject = {}
    kinds = {one.name: str(one.type) for one in fields(Fault)}
    for name, kind in kinds.items():
        text = form.get(name, "").strip()
        if not text:
            continue
        try:
            given[name] = int(text) if kind.startswith("int") else float(text) if kind.startswith("float") else text
        except ValueError:
            raise ValueError(must_be(name, "a number", text)) from None
    return given
