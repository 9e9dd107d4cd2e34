"""Options derived from declarations: one for each field of a request and for each parameter of an operation.

Their help is the first sentence of what the declaration says, read from its source when it is asked for.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.extra import click
from xendit.cli.frame import ExampleCommand
from xendit.codec import Array, Boolean, Choice, Integer, Money, Number, Seconds, Text, Time
from xendit.descriptions import field_descriptions
from xendit.exceptions import ApiValueError
from xendit.typed_amount import check_typed_request, typed_amount, written_number
from xendit.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from click.shell_completion import CompletionItem

    from xendit.codec import Kind
    from xendit.operation import Operation, Parameter

    _Type = click.ParamType[object]
    _Choice = click.Choice[str]
else:
    _Type, _Choice = click.ParamType, click.Choice  # generic since click 8.4 and 8.2 only

#: How many values a message names; more would hide what it says.
_FEW = 8
_THOUSANDS = re.compile(r"[0-9]\.[0-9]{3}(?![0-9])")
_SENTENCE = re.compile(r"(.+?\.)(?:\s+[A-Z`]|\s*$)", re.DOTALL)


class AmountType(_Type):
    """An amount, kept exactly. A text that can be read in two ways, such as 150.000, is refused.

    If the currency is known, `check_amounts` later checks that it has such decimals.
    """

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read a decimal number such as 150000 or 99.95."""
        if isinstance(value, Decimal):
            return value
        try:
            return typed_amount(value)
        except ApiValueError as problem:
            self.fail(str(problem), param, ctx)


def json_number(amount: Decimal) -> float:
    """An amount as JSON holds it: an integer where it is one."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


class NumberType(_Type):
    """A number that is no amount of money, kept exactly."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read a decimal number such as 2 or 0.5."""
        try:
            number = Decimal(value)
        except (InvalidOperation, TypeError):
            number = Decimal("NaN")
        if not number.is_finite():
            self.fail(f"{value!r} is no number such as 2 or 0.5", param, ctx)
        return number


def check_amounts(values: dict[str, object], model: Any) -> None:
    """Check that each amount of a request can be read in one way only, and has no more decimals than its currency.

    Raises:
        click.UsageError: one can be read in two ways; the text names it and gives both.
    """
    try:
        check_typed_request(values, model.__plan__)
    except ApiValueError as problem:
        name, *rest = problem.path_to_item
        where = str(name) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
        raise click.BadParameter(str(problem), param_hint=where) from None


class DurationType(_Type):
    """A duration, in whole seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read seconds, or a text such as 24h or 1d12h. 86.400 is refused, because a person may mean 86400 by it."""
        from xendit.sandbox.state.core.times import read_duration

        if _THOUSANDS.search(str(value)):
            problem = "has its point before exactly three digits, as where it groups thousands"
            self.fail(f"{value!r} {problem}; write it without a point, or such as 30m, 24h, 250ms", param, ctx)
        try:
            return read_duration(float(value) if str(value).replace(".", "", 1).isdigit() else value)
        except ValueError:
            self.fail(f"{value!r} is no duration: seconds, or such as 30m, 24h, 1d12h", param, ctx)


class MomentType(_Type):
    """A moment: ISO 8601, or how long ago."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read 2026-01-31 in the command's time zone, 2026-01-31T09:00:00Z, or 7d for seven days ago."""
        from datetime import datetime, timezone

        from xendit.cli.times import read_moment
        from xendit.sandbox.state.core.times import read_duration

        if isinstance(value, datetime):
            return value
        found = read_moment(value)
        if found is not None:
            return found
        try:
            return datetime.now(timezone.utc) - read_duration(value)
        except ValueError:
            self.fail(f"{value!r} is no moment: 2026-01-31, 2026-01-31T09:00:00Z, or 7d for seven days ago", param, ctx)


class JsonType(_Type):
    """A JSON value: its text, `@FILE`, or `-` for stdin."""

    name = "json"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read it strictly, as the client reads answers."""
        from xendit.exceptions import OpenApiException

        if not isinstance(value, str):
            return value
        try:
            text = read_text(value)
        except OSError as problem:
            self.fail(f"{value}: {problem.strerror}", param, ctx)
        except UnicodeDecodeError:
            self.fail(f"{value} is not UTF-8", param, ctx)
        try:
            return typed_json(text)
        except OpenApiException as problem:
            said = str(problem).removeprefix("not JSON: ")
            self.fail(f"{'what was given' if text == value else value} is no JSON: {said}", param, ctx)


def typed_json(text: str) -> object:
    """JSON as a person wrote it, read as strictly as the client reads answers; numbers remember how they were written.

    Raises:
        ApiValueError: it is no JSON.
    """
    from xendit.codec import loads

    loads(text)
    return json.loads(text.removeprefix("\ufeff"), parse_float=written_number)


def read_text(given: str) -> str:
    """A text that was given as itself, as `@FILE`, or as `-` for stdin. Raises OSError, UnicodeDecodeError."""
    if given == "-":
        return sys.stdin.read()
    return Path(given[1:]).read_text("utf-8") if given.startswith("@") else given


class CodeType(_Type):
    """A value of an open enum. A likely typing error is refused; a value unlike any known one is sent, with a warning."""

    name = "code"

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = tuple(codes)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Read a code in whichever case."""
        if not isinstance(value, str) or value in self.codes:
            return value
        same = [each for each in self.codes if each.lower() == value.lower()]
        if not same and (guess := nearest(value, self.codes)):
            known = f"none of {', '.join(self.codes)}" if len(self.codes) <= _FEW else "no known value"
            self.fail(f"{value!r} is {known}{guess}", param, ctx)
        return same[0] if same else value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The codes that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(each) for each in self.codes if each.lower().startswith(incomplete.lower())]


class WordType(_Choice):
    """One of several words, in capitals where case does not matter; the error for any other word names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read one of the words."""
        found = value if self.case_sensitive else str(value).upper()
        if found not in self.choices:
            self.fail(f"{value!r} is none of {', '.join(self.choices)}{nearest(value, self.choices)}", param, ctx)
        return found


class ListType(_Type):
    """One or more texts, separated by commas.

    Args:
        item: what each of them is; None for any text.
    """

    name = "codes"

    def __init__(self, item: CodeType | None = None) -> None:
        self.item = item

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Split it."""
        if not isinstance(value, str):
            return value
        found = [each.strip() for each in value.split(",") if each.strip()]
        return found if self.item is None else [self.item.convert(each, param, ctx) for each in found]

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The codes that begin so."""
        return [] if self.item is None else self.item.shell_complete(ctx, param, incomplete)


def option_of(name: str, kind: Kind, help: str, *aliases: str) -> click.Option:
    """The option for a field or parameter."""
    flags = [name, *aliases, f"--{name.replace('_', '-')}"]
    if isinstance(kind, Boolean):
        return click.Option(
            [name, f"--{name.replace('_', '-')}/--no-{name.replace('_', '-')}"], default=None, help=help
        )
    if isinstance(kind, Array) and isinstance(kind.item, Text):
        codes = None
        if isinstance(kind.item, Choice):
            codes = _codes(kind.item)
            help = f"{help.rstrip('.')}: {', '.join(codes.codes)}."
        return click.Option(flags, multiple=True, type=ListType(codes), metavar="CODE[,CODE...]", help=help)
    if isinstance(kind, Seconds):
        return click.Option(flags, type=DurationType(), metavar="DURATION", help=help)
    if isinstance(kind, Integer):
        return click.Option(flags, type=int, metavar="N", help=help)
    if isinstance(kind, Money):
        return click.Option(flags, type=AmountType(), metavar="AMOUNT", help=help)
    if isinstance(kind, Number):
        return click.Option(flags, type=NumberType(), metavar="NUMBER", help=help)
    if isinstance(kind, Time):
        return click.Option(flags, type=MomentType(), metavar="MOMENT", help=help)
    if isinstance(kind, Choice):
        codes = _codes(kind)
        help = f"{help.rstrip('.')}: {', '.join(codes.codes)}."
        return click.Option(flags, type=codes, metavar="CODE", help=help)
    if isinstance(kind, Text):
        return click.Option(flags, metavar="TEXT", help=help)
    return click.Option(flags, type=JsonType(), metavar="JSON|@FILE", help=help)


def _codes(kind: Choice) -> CodeType:
    return CodeType(member.value for member in kind.enum)


def given(values: Mapping[str, object]) -> dict[str, object]:
    """The options that were given, lists joined."""
    found = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            value = [each for part in value for each in part]  # noqa: PLW2901
        if value is not None and value != []:
            found[name] = value
    return found


class Derived(ExampleCommand):
    """A command that derives some of its options, only when they are needed, so that models are not loaded before."""

    def __init__(self, *args: object, derive: Callable[[], list[click.Option]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._derive = derive
        self._derived: list[click.Option] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The derived options, then the declared ones."""
        derived = self._derived
        if derived is None:
            derived = self._derived = self._derive()
        arguments = [each for each in self.params if isinstance(each, click.Argument)]
        others = [each for each in super().get_params(ctx) if each not in arguments]
        return [*arguments, *derived, *others]


def model_options(model: Any, aliases: Mapping[str, tuple[str, ...]]) -> list[click.Option]:
    """An option for each field of a model."""
    said = field_descriptions(model)
    return [
        option_of(each.name, each.kind, first_sentence(said.get(each.name, "")), *aliases.get(each.name, ()))
        for each in model.__plan__.fields.values()
    ]


def parameter_options(
    operation: Operation,
    parameters: Iterable[Parameter],
    docs: Mapping[str, str],
    aliases: Mapping[str, tuple[str, ...]],
) -> list[click.Option]:
    """An option for each of these parameters of an operation."""
    return [
        option_of(each.name, operation.kind(each.annotation), docs.get(each.name, ""), *aliases.get(each.name, ()))
        for each in parameters
    ]


def first_sentence(text: str) -> str:
    """The first sentence of a description, on one line."""
    line = " ".join(text.split())
    found = _SENTENCE.match(line)
    return (found[1] if found else line).replace("`", "")


def parameter_docs(function: object) -> dict[str, str]:
    """What the `Args` of a docstring say of each parameter."""
    lines = (inspect.getdoc(function) or "").partition("Args:\n")[2].partition("\n\n")[0]
    found = {}
    for names, text in re.findall(r"^ {4}([\w, ]+): (.+?)(?=^ {4}\w|\Z)", lines, re.MULTILINE | re.DOTALL):
        sentence = first_sentence(text)
        for name in names.split(", "):
            found[name] = sentence[:1].upper() + sentence[1:].rstrip(".") + "."
    return found
