"""Display: models as people read them, in a shell, a log line, a notebook or a failed assertion.

Personal data is masked, and so is a value that is not of its field's kind, because it may be anything. Lists of models
in answers, such as the channels on offer, are counted and not written out. This module is loaded when something is
shown, because a program that shows nothing does not need it.
"""

from __future__ import annotations

from html import escape

from xendit.amounts import decimals_of
from xendit.codec import is_decimal, number_text

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo
    from typing import Any

    from xendit.codec import Plan
    from xendit.model import Model

MASK = "***"


# ---------------------------------------------------------------------------------------------- amounts and times


def money(amount: object, currency: object) -> str:
    """An amount for people, with the decimals of its currency: `IDR 150,000`, `PHP 1,299.50`.

    No digit is dropped: if the amount holds a fraction of a rupiah, it is shown. If an odd answer holds no amount
    there, its value is shown as it came.
    """
    if amount is None:
        return ""
    if isinstance(amount, bool) or not (isinstance(amount, (int, float)) or is_decimal(amount)):
        return str(amount)
    try:
        whole, _, rest = number_text(amount, ()).partition(".")
    except ValueError:
        return str(amount)
    if currency:
        rest = rest.ljust(decimals_of(currency), "0")
    sign = "-" if whole.startswith("-") else ""
    digits = f"{int(whole.lstrip('-')):,}"
    return f"{currency or ''} {sign}{digits}{'.' if rest else ''}{rest}".strip()


def moment(given: object) -> str:
    """A time for people: in UTC, to the second. If an odd answer holds no time there, its value is shown as it came."""
    from datetime import timezone

    return moment_in(timezone.utc, given)


def moment_in(zone: tzinfo | None, given: Any) -> str:
    """A time in a time zone: `2026-01-31 16:00:00 +07:00`, or `2026-01-31 09:00:00 UTC`. None is the local zone."""
    if given is None:
        return ""
    try:
        local = given.astimezone(zone)
    except (AttributeError, OverflowError):  # it is no time, or the zone would move it beyond the calendar
        return str(given)
    return f"{local:%Y-%m-%d %H:%M:%S} {offset_of(local)}"


def offset_of(local: datetime) -> str:
    """How far a time is ahead of UTC: `+07:00`, or `UTC` if it is in UTC."""
    return f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5] if local.utcoffset() else "UTC"


# ---------------------------------------------------------------------------------------------- one model


def code_of(model: Model) -> str:
    """What `repr` gives: the fields that are there, as Python code, the most important ones first."""
    if not hasattr(model, "_unknown"):  # a tool may show a half-made one, as a variable of a traceback
        return f"<{model.__plan__.name}: not made>"
    parts = (f"{name}={_coded(model, name)}" for name in _in_order(model))
    return f"{model.__plan__.name}({', '.join(parts)})"


def line_of(model: Model) -> str:
    """What `str` gives for a model that declares what to show first: `Invoice 65…: order-1, PENDING, IDR 150,000, …`."""
    first, *others = [written for name in model.__shown__ if (written := _written(model, name))] or [""]
    head = f"{model.__plan__.name} {first}".rstrip()
    return f"{head}: {', '.join(others)}" if others else head


def table_of(model: Model) -> str:
    """A model as an HTML table of two columns, the names and the values."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:left">{_cell(model, name)}</td></tr>'
        for name in _in_order(model)
    )
    return f"<table><caption>{escape(model.__plan__.name)}</caption>{rows}</table>"


def _in_order(model: Model) -> list[str]:
    """The names of the fields that are there, those that are shown first before the others."""
    present = model.__plan__.present(model)
    first = [name for name in model.__shown__ if name in present]
    return [*first, *(name for name in present if name not in first)]


def _is_hidden(model: Model, name: str) -> bool:
    """Whether a value must not be shown: it is personal, not of its field's kind, or in a field that is not declared."""
    declared = model.__plan__.fields.get(name)
    if declared is None:
        return True
    value = getattr(model, name)
    return value is not None and (declared.personal or not declared.kind.fits(value))


def _counted(model: Model, name: str) -> str | None:
    """A list of models in an answer as its length and what is in it, `10 Bank`; None for anything else."""
    value = getattr(model, name)
    if not (model.__plan__.received and isinstance(value, list) and value):
        return None
    kinds = {type(each) for each in value}
    name_of = getattr(value[0], "__plan__", None)
    return f"{len(value)} {name_of.name}" if len(kinds) == 1 and name_of is not None else None


def _coded(model: Model, name: str) -> str:
    """A value as `repr` has it."""
    if _is_hidden(model, name):
        return repr(MASK)
    value = getattr(model, name)
    counted = _counted(model, name)
    if counted is not None:
        return f"<{counted}>"
    return _as_python(value)


def _as_python(value: object) -> str:
    """A value as Python writes it; a member of an enum as its text."""
    return str.__repr__(value) if isinstance(value, str) else repr(value)


def _written(model: Model, name: str) -> str:
    """A value as people write it; empty if it is absent, or is a currency that is shown with its amount."""
    plan: Plan = model.__plan__
    value = model.get(name)
    if value is None or _is_hidden(model, name):
        return "" if value is None else MASK
    amounts = plan.amounts[0]
    if name in amounts:
        return money(value, model.get("currency"))
    if name == "currency" and any(model.get(each) is not None for each in amounts):
        return ""
    counted = _counted(model, name)
    return counted or (moment(value) if hasattr(value, "astimezone") else str(value))


def _cell(model: Model, name: str) -> str:
    """A value as the cell of an HTML table. A URL of the web can be followed; the things of a page are rows of a table."""
    value = model.get(name)
    if isinstance(value, list) and any(map(_has_line, value)) and not _is_hidden(model, name):
        return rows_of(value)
    text = escape(str(model.get(name)) if name == "currency" else _written(model, name))
    if text.startswith(("https://", "http://")):
        return f'<a href="{text}" rel="noopener noreferrer">{text}</a>'
    return text


# ---------------------------------------------------------------------------------------------- several models


def lines_of(models: Sequence[object]) -> str:
    """What `repr` gives of an answer that is a list: one line each."""
    if not any(hasattr(each, "__shown__") for each in models):
        return repr([*models])
    return "[" + ",\n ".join(f"<{each}>" if _has_line(each) else repr(each) for each in models) + "]"


def rows_of(models: Sequence[object]) -> str:
    """Models as an HTML table, a row each, with the most important columns; anything that is no model is shown as text."""
    columns: list[str] = []
    for each in models:
        columns += [name for name in getattr(each, "__shown__", ()) if name not in columns]
    if not columns:
        return f"<pre>{escape(lines_of(models))}</pre>"
    head = "".join(f'<th style="text-align:left">{escape(name)}</th>' for name in columns)
    rows = "".join(f"<tr>{''.join(_cells(each, columns))}</tr>" for each in models)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(given: Any, columns: list[str]) -> Iterator[str]:
    if not _has_line(given):
        yield f'<td colspan="{len(columns)}">{escape(repr(given))}</td>'
        return
    for name in columns:
        amount = name in given.__plan__.amounts[0]
        style = "text-align:right;white-space:nowrap" if amount else "text-align:left"
        yield f'<td style="{style}">{_cell(given, name)}</td>'


def _has_line(given: object) -> bool:
    return bool(getattr(given, "__shown__", ()))


# ---------------------------------------------------------------------------------------------- what differs


def differences(left: Model, right: Model) -> list[str]:
    """In which fields two models of one class differ, one line each, without showing personal values."""
    told = []
    for name in dict.fromkeys((*_in_order(left), *_in_order(right))):
        one, other = left.get(name), right.get(name)
        if one == other and (name in left) == (name in right):
            continue
        if _is_hidden(left, name) or _is_hidden(right, name):
            told.append(f"{name}: differs, and is not shown, for it may be personal")
        else:
            told.append(f"{name}: {_one_side(left, name)} != {_one_side(right, name)}")
    return told


def _one_side(model: Model, name: str) -> str:
    return _as_python(model[name]) if name in model else "absent"
