"""`xendit inbox list`, `show` and `tally`: what is in an inbox. Nothing is changed.

Personal data in a body is masked: a value is shown only if a model declares its field as not personal.
"""

from __future__ import annotations

import json
import time
from dataclasses import fields as parts_of
from datetime import datetime, timedelta, timezone
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import API, NOT_FOUND, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import DurationType, WordType
from xendit.cli.frame import json_option, zone_option
from xendit.cli.inbox.group import inbox, place_options
from xendit.cli.inbox.places import opened
from xendit.cli.output import Output, printable
from xendit.display import money
from xendit.products import products

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from xendit.cli.inbox.places import Opened, Place
    from xendit.webhook.inbox import Stored

STATES = ("waiting", "working", "done", "dead")
#: The least width of the column of reasons; with less it would say nothing.
_NARROWEST = 12
#: How wide the column of times is: `received (+07:00)`.
_MOMENT = 17
#: Members that are not personal, for bodies that no model knows.
_HARMLESS = {"id", "event", "status", "amount", "currency", "created", "updated", "business_id", "user_id", "type"}
_HARMLESS |= {"external_id", "reference_id", "payment_id", "channel_code", "paid_amount"}
_HARMLESS |= {f"{product.noun.replace(' ', '_')}_id" for product in products()}


@inbox.command(
    "list",
    examples=["xendit inbox list --inbox inbox.db", "xendit inbox list --state dead --json | jq -r '.[].key'"],
)
@click.option("--state", type=WordType(STATES), help="Only those of this state; else all that are not done.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most, the latest first."
)
@place_options
@zone_option
@json_option
def list_events(state: str | None, limit: int, as_json: bool, **place: Unpack[Place]) -> int:  # noqa: FBT001
    """The events that are not done, or those of a state, the latest first."""
    output = Output(as_json=as_json)
    with opened(**place) as found:
        states = [state] if state else [each for each in STATES if each != "done"]
        rows = [row for each in states for row in found.inbox.letters(each, limit)]
    rows = sorted(rows, key=lambda row: row.received_at, reverse=True)[:limit]
    if not output.for_people:
        output.json([facts_of(row) for row in rows])
        return OK
    shown: list[tuple[object, ...]] = [
        (
            _time(row.received_at),
            row.external_id or f"…{row.key[-20:]}",
            row.kind,
            money(*_amount(row)),
            row.state,
            str(row.attempts),
        )
        for row in rows
    ]
    columns: tuple[str, ...] = ("@received", "order", "kind", ">amount", "state", ">tries")
    taken = sum(
        max(len(str(cell)) if place else _MOMENT for cell in [name.lstrip(">"), *cells]) + 2
        for place, (name, cells) in enumerate(zip(columns, zip(*shown, strict=True), strict=False))
    )
    room = get_terminal_size().columns - taken
    if room >= _NARROWEST:
        columns = (*columns, "why")
        shown = [(*each, _shortened(_reason(row), room)) for each, row in zip(shown, rows, strict=True)]
    empty = f"no event is {state}" if state else "every event is done"
    output.table(columns, shown, empty)
    return OK


@inbox.command(examples=["xendit inbox show order-1001 --inbox inbox.db", "xendit inbox show order-1001 --body"])
@click.argument("event")
@click.option("--body", "with_body", is_flag=True, help="Also what was sent, as it came. It holds personal data.")
@place_options
@zone_option
@json_option
def show(event: str, with_body: bool, as_json: bool, **place: Unpack[Place]) -> int:  # noqa: FBT001
    """All that the inbox knows of an event, or of each event of an order: attempts, error, what was sent."""
    output = Output(as_json=as_json)
    with opened(**place) as found:
        rows = rows_of(found, event)
        steps = {row.key: _steps_of(found, row.key) if found.has_steps else [] for row in rows}
    if not output.for_people:
        output.json(
            [
                facts_of(row) | {"steps": steps[row.key], "body": _body(row) if with_body else masked_body(row)}
                for row in rows
            ]
        )
        return OK
    for number, row in enumerate(rows):
        if number:
            output.text("")
        _show(output, row, steps[row.key], _body(row) if with_body else masked_body(row))
    return OK


@inbox.command(
    examples=[
        "xendit inbox tally --inbox inbox.db",
        "xendit inbox tally --most-dead 0 --most-behind 5m",
    ]
)
@click.option("--most-dead", type=click.IntRange(0), metavar="NUMBER", help="Exit code 1 when more are dead.")
@click.option(
    "--most-behind", type=DurationType(), metavar="DURATION", help="Exit code 1 when one is overdue for longer."
)
@place_options
@json_option
def tally(most_dead: int | None, most_behind: timedelta | None, as_json: bool, **place: Unpack[Place]) -> int:  # noqa: FBT001
    """How many events stand where, and how far behind the inbox is: for a person, or for what rings the bell."""
    output = Output(as_json=as_json)
    with opened(**place) as found:
        counts = found.inbox.tally()
    behind = counts.oldest_waiting
    shown: list[tuple[str, object]] = [
        (name, number) for name, number in counts._asdict().items() if name != "oldest_waiting" and number is not None
    ]
    shown.append(("behind", f"{timedelta(seconds=round(behind))}" if behind else "no event is overdue"))
    output.record(shown, counts._asdict())
    over = []
    if most_dead is not None and counts.dead > most_dead:
        over.append(f"{counts.dead} dead letters are more than {most_dead}")
    if most_behind is not None and behind > most_behind.total_seconds():
        over.append(f"an event has been overdue for {timedelta(seconds=round(behind))}")
    if over:
        output.fail("; ".join(over))
        output.hint("`xendit inbox list` shows them")
    return API if over else OK


# ------------------------------------------------------------------------------------------ rows


def rows_of(found: Opened, event: str) -> list[Stored]:
    """The events of a key or an external id. Raises CommandFailure where there are none."""
    rows = found.find(event)
    if not rows:
        raise CommandFailure(
            f"the inbox has no event {event!r}", NOT_FOUND, hint="`xendit inbox list --json` shows the keys"
        )
    return rows


def facts_of(row: Stored) -> dict[str, object]:
    """A row for programs: all but its body, times as ISO 8601."""
    amount, currency = _amount(row)
    return {
        "key": row.key,
        "subject": row.subject,
        "kind": row.kind,
        "external_id": row.external_id,
        "amount": amount,
        "currency": currency,
        "state": row.state,
        "outcome": row.outcome,
        "source": row.source,
        "payment_id": row.payment_id,
        "webhook_id": row.webhook_id,
        "received_at": _time(row.received_at),
        "due_at": _time(row.due_at),
        "lease_until": None if row.state != "working" or row.lease_until is None else _time(row.lease_until),
        "done_at": None if row.done_at is None else _time(row.done_at),
        "attempts": row.attempts,
        "deliveries": row.deliveries,
        "error": row.error,
    }


def masked_body(row: Stored) -> object:
    """The body of an event, with `***` in place of what may be personal."""
    from xendit.model import Model
    from xendit.webhook.event import read_event

    try:
        event = read_event(row.body)
    except ValueError:
        return "***"
    for each in parts_of(event):
        value = getattr(event, each.name)
        if isinstance(value, Model):
            return _masked_model(value)
    return _masked(_body(row))


def _masked_model(model: Any) -> dict[str, object]:
    """A model's fields, as its repr shows them."""
    from xendit.model import fields

    declared = {each.name: each for each in fields(model)}
    shown: dict[str, object] = {}
    for name, value in model.to_dict().items():
        rule = declared.get(name)
        if rule is None or rule.personal or not rule.kind.fits(getattr(model, name)):
            shown[name] = "***"
        elif isinstance(value, (dict, list)):
            shown[name] = repr(getattr(model, name))
        else:
            shown[name] = value
    return shown


def _masked(value: object, name: str = "data") -> object:
    if isinstance(value, dict):
        return {each: _masked(inner, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name) for inner in value]
    return value if value is None or isinstance(value, bool) or name in _HARMLESS else "***"


def _body(row: Stored) -> object:
    try:
        return json.loads(row.body)
    except ValueError:
        return row.body.decode("utf-8", "replace")


def _amount(row: Stored) -> tuple[object, object]:
    """What the body names as its amount and currency; of an envelope, what is in its data."""
    body = _body(row)
    inner = body.get("data", body) if isinstance(body, dict) else None
    return (inner.get("amount"), inner.get("currency")) if isinstance(inner, dict) else (None, None)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _reason(row: Stored) -> str:
    """Why the event is in its state, in one line."""
    if row.state == "done":
        return row.outcome or ""
    if row.error:
        return row.error.strip().rpartition("\n")[2]
    return "not tried yet" if row.state == "waiting" and not row.attempts else ""


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _steps_of(found: Opened, key: str) -> list[dict[str, object]]:
    """The steps of an event that `event.once` keeps, without what their functions returned."""
    return [
        {
            "step": each.step,
            "begun_at": _time(each.begun_at),
            "done_at": None if each.done_at is None else _time(each.done_at),
        }
        for each in found.inbox.steps(key)
    ]


def _show(output: Output, row: Stored, steps: list[dict[str, Any]], body: object) -> None:
    pairs: list[tuple[str, object]] = [
        ("key", row.key),
        ("order", row.external_id or "none is named"),
        ("kind", row.kind),
        ("amount", money(*_amount(row)) or "none is named"),
        ("state", _state(output, row)),
        ("received", f"{output.moment(_time(row.received_at))}, by {row.source}"),
        ("attempts", row.attempts),
        ("deliveries", row.deliveries),
        ("payment id", row.payment_id),
        ("webhook id", row.webhook_id),
        *(
            (
                f"step {each['step']}",
                f"done at {output.moment(each['done_at'])}" if each["done_at"] else "begun, and not ended",
            )
            for each in steps
        ),
    ]
    output.record([(name, value) for name, value in pairs if value is not None])
    if row.error:
        output.text("\n  the last error\n")
        for line in row.error.rstrip().splitlines():
            output.text(f"    {printable(line)}")
    output.text("\n  what was sent\n")
    for line in json.dumps(body, indent=2, ensure_ascii=False, default=str).splitlines():
        output.text(f"    {printable(line)}")


def _state(output: Output, row: Stored) -> str:
    """The state, and what comes next."""
    now = time.time()
    if row.state == "done":
        when = "" if row.done_at is None else f" at {output.moment(_time(row.done_at))}"
        return f"done ({row.outcome}){when}"
    if row.state == "waiting":
        wait = row.due_at - now
        return f"waiting, due in {timedelta(seconds=round(wait))}" if wait > 1 else "waiting, due now"
    if row.state == "working" and row.lease_until is not None:
        left = row.lease_until - now
        return (
            f"working, its lease ends in {left:.0f} s"
            if left > 0
            else "working, but its lease is over: the next worker takes it"
        )
    return "dead: nobody tries it again until `xendit inbox replay`" if row.state == "dead" else row.state
