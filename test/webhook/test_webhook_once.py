"""`event.once`: an effect outside the database, once; what is refused, and what is said where it cannot be known."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from inbox_contract import Clock, event

from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException
from xendit.models import Invoice, InvoiceItem
from xendit.webhook import Handlers, MemoryInbox, SQLInbox, TransactionWorker, Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.webhook import Event

KEY = "usr/inv-1/paid"
REFUSED = "StepRefused: event.once commits its step by itself, and in S"


def inbox_with_event(clock: Clock | None = None) -> MemoryInbox:
    """An inbox with an event that waits."""
    inbox = MemoryInbox(now=clock)
    inbox.add(event())
    return inbox


def error_of(inbox: Any) -> str:
    """Why the one event failed."""
    [row] = [*inbox.letters("waiting"), *inbox.letters("dead")]
    return str(row.error)


DYING = """
import os, sys
sys.path.insert(0, {tests!r})
from xendit.webhook import SQLInbox, Worker

def send(text):
    with open({sent!r}, "a") as sent:
        sent.write(text + "\\n")
    if text == {die_in!r}:
        os._exit(9)

def handle(event):
    event.once("mail", send, "mail")
    if {die_between!r}:
        os._exit(9)
    event.once("parcel", send, "parcel")

Worker(SQLInbox({place!r}), handle, lease=0.2).drain()
"""


@pytest.mark.parametrize(
    ("die_in", "die_between", "sent"),
    [("", True, ["mail", "parcel"]), ("parcel", False, ["mail", "parcel", "parcel"])],
)
def test_a_process_that_dies_between_two_steps_repeats_none(
    die_in: str, die_between: bool, sent: list[str], tmp_path: Path
) -> None:
    """The next worker goes on behind the last step that had ended; one that was under way is taken again, and told of."""
    place, file = str(tmp_path / "inbox.db"), tmp_path / "sent"
    SQLInbox(place).add(event())
    said = ""
    for die_now, between in ((die_in, die_between), ("", False)):
        names = {"tests": str(Path(__file__).parent), "sent": str(file), "place": place}
        program = DYING.format(**names, die_in=die_now, die_between=between)
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
        said = ran.stderr
        time.sleep(0.3)  # the lease of the dead
    assert file.read_text().split() == sent
    assert ("was begun before and did not end" in said) == bool(die_in)
    assert SQLInbox(place).tally(done=True).done == 1


@pytest.mark.parametrize(
    ("in_memory", "database"),
    [(True, "sqlite"), (False, "sqlite"), (False, "postgresql"), (False, "mariadb")],
    indirect=["database"],
)
def test_of_two_attempts_within_a_step_both_go_on_with_what_the_first_to_end_had(
    in_memory: bool, database: str, engine_of: Callable[..., sa.Engine]
) -> None:
    """The lease of one runs out in the midst of the function; another worker takes the event, and ends the step."""
    clock = Clock()
    inbox: Any = MemoryInbox(now=clock) if in_memory else SQLInbox(engine_of(database), now=clock).create_table()
    inbox.add(event())
    had: dict[str, object] = {}

    def other(found: Any) -> None:
        had["other"] = found.once("ship", lambda: "parcel 2")

    def slow() -> str:
        clock.time += 100
        assert Worker(inbox, other, lease=30).drain().handled == 1
        return "parcel 1"

    def handle(found: Any) -> None:
        had["first"] = found.once("ship", slow)

    Worker(inbox, handle, lease=30).drain(limit=1)
    assert had == {"other": "parcel 2", "first": "parcel 2"}


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_in_a_transaction_that_is_rolled_back_the_step_stays(
    database: str, engine_of: Callable[..., sa.Engine]
) -> None:
    """The order is not paid, the mail is not sent again: on PostgreSQL and MariaDB, over a connection of its own."""
    engine = engine_of(database)
    clock = Clock()
    inbox = SQLInbox(engine, now=clock).create_table()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE shipped (id varchar(50))"))
    inbox.add(event())
    sent: list[str] = []

    def handle(found: Any, connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO shipped VALUES ('1')"))
        found.once("mail", sent.append, "mail")
        if clock.time < 1_800_000_100:
            raise ConnectionError("later")

    worker = TransactionWorker(inbox, handle)
    assert worker.drain().failed == 1
    clock.time += 100
    assert worker.drain().handled == 1
    assert sent == ["mail"]
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM shipped")) == 1


DJANGO = """
import sys
sys.path.insert(0, {tests!r})
from inbox_contract import Clock, event
from shop import DjangoShop
from xendit.webhook import TransactionWorker, Worker

shop = DjangoShop({{"url": {url!r}, "seed": 0, "place": "."}})
shop.make()
from django.db import transaction
from xendit.webhook.django import DjangoInbox

sent = []

def jointly(found, _):
    shop.effect.objects.create(key="paid")
    found.once("mail", sent.append, "joint")
    if len(sent) == 1 and not failed:
        failed.append(1)
        raise ConnectionError("later")

def inside(found):
    with transaction.atomic():
        shop.effect.objects.create(key="paid")
        found.once("mail", sent.append, "inside")
        transaction.set_rollback(True)

failed = []
clock = Clock()
inbox = DjangoInbox(now=clock)
for number, worker in enumerate((TransactionWorker(inbox, jointly), Worker(inbox, inside))):
    inbox.add(event(id=f"inv-{{number}}"))
    for _ in range(2):
        worker.drain()
        clock.time += 100
print(sent, shop.effect.objects.count(), tuple(inbox.tally(done=True))[:4])
print([step.step for number in range(2) for step in inbox.steps(f"usr/inv-{{number}}/paid")])
print([letter.error.splitlines()[-1][:60] for letter in inbox.letters("dead")])
"""


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("postgresql", ["['joint', 'inside'] 1 (0, 0, 2, 0)", "['mail', 'mail']", "[]"]),
        (
            "sqlite",
            ["[] 0 (0, 0, 0, 2)", "[]", f"{[REFUSED, REFUSED]}"],
        ),
    ],
    indirect=["database"],
)
def test_in_django_a_step_stays_where_the_block_is_rolled_back(database: str, said: list[str]) -> None:
    """In a TransactionWorker, and in an atomic block of the handler's own; on SQLite both are refused."""
    program = DJANGO.format(tests=str(Path(__file__).parent), url=database)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == said


def test_in_a_transaction_of_sqlite_it_is_refused(tmp_path: Path) -> None:
    """It would wait for itself: a dead letter at once, with the sentence, and no call."""
    inbox = SQLInbox(tmp_path / "inbox.db")
    inbox.add(event())
    sent: list[str] = []
    worker = TransactionWorker(inbox, lambda found, _: found.once("mail", sent.append, "x"))
    assert worker.drain().dead == 1
    assert "in SQLite that would wait for the transaction that this handler holds" in error_of(inbox)
    assert sent == []


def test_a_worker_that_was_too_slow_takes_no_step() -> None:
    """Its lease was lost: the worker that has the event now takes the steps. A step renews the lease otherwise."""
    clock = Clock()
    inbox = inbox_with_event(clock)
    sent: list[str] = []

    def handle(found: Any) -> None:
        for step in ("one", "two", "three"):
            clock.time += 50
            found.once(step, sent.append, step)
        clock.time += 61
        found.once("four", sent.append, "four")

    assert Worker(inbox, handle, lease=60).drain(limit=1).lost == 1
    assert sent == ["one", "two", "three"]


def test_what_was_returned_is_given_again() -> None:
    """Whatever JSON holds, exactly, and the models of this library."""
    item = InvoiceItem(name="pen", price=12_000.5, quantity=2)
    invoice = Invoice.from_json('{"id": "1", "external_id": "o", "amount": 100000000000000000001, "more": [1]}')
    values: list[Any] = [None, True, 0, 1.5, "", "text", [1, [2.0]], {"a": {"b": None}}, item, invoice]
    clock = Clock()
    inbox = inbox_with_event(clock)
    seen: list[list[Any]] = []

    def handle(found: Any) -> None:
        seen.append([found.once(f"step {number}", lambda value=value: value) for number, value in enumerate(values)])
        if len(seen) == 1:
            raise ConnectionError("later")

    worker = Worker(inbox, handle)
    assert worker.drain().failed == 1
    clock.time += 100
    assert worker.drain().handled == 1
    assert seen == [values, values]
    assert [type(value) for value in seen[1]] == [type(value) for value in values]


@pytest.mark.parametrize(
    "result", [object(), (1, 2), {1: 2}, float("nan"), {"a": {1, 2}}, b"x", "x" * 70_000], ids=type
)
def test_what_cannot_be_kept_is_said(result: object) -> None:
    """At the first event; the function is not called again for it."""
    clock = Clock()
    inbox = inbox_with_event(clock)
    calls: list[int] = []

    def make() -> object:
        calls.append(1)
        return result

    worker = Worker(inbox, lambda found: found.once("make", make) and None, attempts=2)
    for _ in range(2):
        worker.drain()
        clock.time += 100
        assert "a later attempt could not be given it" in error_of(inbox)
    assert calls == [1]


async def later(value: int) -> int:
    """A coroutine function."""
    return value


@pytest.mark.parametrize(
    ("arguments", "problem", "said"),
    [
        ((1, print), ApiTypeError, "the name of a step, an int was given"),
        (("", print), ApiValueError, "1 to 60 printable ASCII"),
        (("ä", print), ApiValueError, "1 to 60 printable ASCII"),
        (("x" * 61, print), ApiValueError, "1 to 60 printable ASCII"),
        (("mail", None), ApiTypeError, "a function and its arguments, None was given"),
        (("mail", later, 1), ApiTypeError, "which an AsyncWorker awaits"),
        (("mail", lambda: later(1)), ApiTypeError, "which nobody awaits"),
    ],
    ids=lambda value: "" if isinstance(value, (tuple, type)) else value,
)
def test_a_mistake_is_told(arguments: tuple[Any, ...], problem: type[Exception], said: str) -> None:
    """With the name of the type that was given, before anything is called."""
    inbox = inbox_with_event()
    seen: list[Exception] = []

    def handle(found: Any) -> None:
        try:
            found.once(*arguments)
        except Exception as error:  # noqa: BLE001 - looked at below
            seen.append(error)

    Worker(inbox, handle).drain()
    assert isinstance(seen[0], problem)
    assert said in str(seen[0])


def test_an_event_of_no_worker_has_no_steps() -> None:
    """A sentence in place of an effect that nobody has counted; a copy of an event is such an event."""
    with pytest.raises(ConfigurationException, match="handed over by no worker"):
        event().once("mail", print)
    inbox = inbox_with_event()
    copies: list[Any] = []

    def handle(found: Any) -> None:
        copies.extend([copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found)), replace(found)])
        assert all(each == found for each in copies)
        assert "_effects" not in repr(found)

    assert Worker(inbox, handle).drain().handled == 1
    for each in copies:
        with pytest.raises(ConfigurationException, match="handed over by no worker"):
            each.once("mail", print)


def test_a_step_has_a_key_for_services_that_take_one() -> None:
    """The same in each attempt, another one for each step and event, of a length that headers take."""
    keys = [found.step_key(step) for found in (event(), event(id="inv-2")) for step in ("mail", "a parcel/2")]
    assert keys[0] == event().step_key("mail") == "usr/inv-1/paid/mail"
    assert len(set(keys)) == 4
    assert all(key.isprintable() and " " not in key for key in keys)
    assert len(event(id="x" * 300).step_key("mail")) <= 200


def test_functions_of_handlers_take_steps_too() -> None:
    """In one object for every kind of event; `other` as well."""
    inbox = inbox_with_event()
    sent: list[str] = []
    handle = Handlers()

    @handle.paid
    def settle(found: Event) -> None:
        found.once("mail", sent.append, found.dedupe_key)

    assert Worker(inbox, handle).drain().handled == 1
    assert sent == [KEY]


def test_threads_make_the_tables_together(postgresql: str, engine_of: Callable[..., sa.Engine]) -> None:
    """All at the same moment."""
    met = threading.Barrier(6)
    problems: list[Exception] = []

    def make() -> None:
        inbox = SQLInbox(engine_of(postgresql))
        met.wait(10)
        try:
            inbox.create_table()
        except Exception as error:  # noqa: BLE001 - shown below
            problems.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
