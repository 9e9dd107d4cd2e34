"""The fixture `xendit_world`: a user's own handler in simulated worlds."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import datetime, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from xendit.exceptions import ConfigurationException
from xendit.testing.world.users import UserWorld, UserWorlds, read_seeds
from xendit.webhook import Handlers, RefundEvent

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent.parent


class Orders:
    """An order table, and a handler that ships; `is_careful` when it looks whether it has shipped already."""

    def __init__(self, *, is_careful: bool) -> None:
        self.is_careful = is_careful
        self.shipped: Counter[str] = Counter()

    def handle(self, event: Any) -> None:
        """Ship what was paid."""
        if not event.is_paid or event.is_second_payment:
            return
        if self.is_careful and self.shipped[event.external_id]:
            return
        self.shipped[event.external_id] += 1

    def count(self, order_id: str) -> int:
        """How often an order was shipped."""
        return self.shipped[order_id]


def test_a_careful_handler_passes(xendit_world: UserWorlds) -> None:
    """A handler that ships once stands in every world, killed between any two of its lines."""
    for world in UserWorlds(xendit_world.seeds[:40]):
        orders = Orders(is_careful=True)
        world.run(orders.handle, fulfilled=orders.count)


def failing_seed() -> int:
    """A seed in which the careless handler ships twice."""
    for seed in range(200):
        orders = Orders(is_careful=False)
        try:
            UserWorld(seed).run(orders.handle, fulfilled=orders.count)
        except AssertionError:
            return seed
    raise AssertionError("no world shows it")


def test_a_careless_handler_is_told_which_order_it_shipped_twice(xendit_world: UserWorlds) -> None:
    """The failure names the order and the seed, and shows the time line of the few events that it takes."""
    seed = failing_seed()
    orders = Orders(is_careful=False)
    with pytest.raises(AssertionError) as caught:
        UserWorld(seed).run(orders.handle, fulfilled=orders.count, reset=orders.shipped.clear)
    said = str(caught.value)
    assert "your handler fulfilled order-" in said
    assert f"seed {seed};" in said
    assert said.count("calls your handler") >= 2
    assert len(said.splitlines()) < 60


class Accounts(Orders):
    """The same with an account of what was given back; `is_careful` looks there too."""

    def __init__(self, *, is_careful: bool) -> None:
        super().__init__(is_careful=True)
        self.books = is_careful
        self.given_back: Counter[str] = Counter()

    def handle(self, event: Any) -> None:
        """Ship what was paid, and book what was given back."""
        if isinstance(event, RefundEvent):
            if event.is_succeeded and not (self.books and self.given_back[event.refund_id]):
                self.given_back[event.refund_id] += 1
        else:
            super().handle(event)

    def empty(self) -> None:
        """Forget everything."""
        self.shipped.clear()
        self.given_back.clear()

    def count_refunds(self, refund_id: str) -> int:
        """How often a refund was booked."""
        return self.given_back[refund_id]


def test_a_handler_is_called_with_refunds(xendit_world: UserWorlds) -> None:
    """Where a table of refunds is asked, money is given back, and each refund is to be booked once."""
    booked = 0
    for world in UserWorlds(xendit_world.seeds[:20]):
        accounts = Accounts(is_careful=True)
        world.run(accounts.handle, fulfilled=accounts.count, refunded=accounts.count_refunds)
        booked += sum(accounts.given_back.values())
    assert booked > 10


def test_a_handler_that_books_a_refund_twice_is_told(xendit_world: UserWorlds) -> None:
    """The failure names the refund, the seed, and what happened."""
    for seed in range(300):
        accounts = Accounts(is_careful=False)
        told = {"fulfilled": accounts.count, "refunded": accounts.count_refunds, "reset": accounts.empty}
        try:
            UserWorld(seed).run(accounts.handle, **told)
        except AssertionError as error:
            assert "your handler booked the refund " in str(error)
            assert str(error).count("calls your handler  refund_succeeded") >= 2
            return
    raise AssertionError("no world shows it")


def told(handler: Callable[[Any], object], orders: Orders, seeds: range = range(200)) -> AssertionError:
    """What the first world says that fails with a handler."""
    for seed in seeds:
        orders.shipped.clear()
        try:
            UserWorld(seed).run(handler, fulfilled=orders.count, reset=orders.shipped.clear)
        except AssertionError as error:
            return error
    raise AssertionError("no world shows it")


def test_what_a_handler_raises_is_told() -> None:
    """Its error is the cause, with the traceback of the user's own lines; the time line has it, and counts what comes again."""

    def handle(event: Any) -> None:
        raise KeyError(f"no column amuont for {event.kind}")

    error = told(handle, Orders(is_careful=True))
    said = str(error)
    line = handle.__code__.co_firstlineno + 1
    assert "your handler never fulfilled order-1, which was paid" in said
    assert f"KeyError: 'no column amuont for paid' (test_fixture.py, line {line})" in said
    assert "… the same " in said
    assert len(said.splitlines()) < 40
    assert isinstance(error.__cause__, KeyError)
    assert error.__cause__.__traceback__ is not None
    assert error.__cause__.__traceback__.tb_frame.f_code.co_name == "handle"


class TwoCommits(Orders):
    """Ships, and marks the order only then; a process that is killed between the two ships again."""

    def __init__(self) -> None:
        super().__init__(is_careful=True)
        self.marked: set[str] = set()

    def handle(self, event: Any) -> None:
        """Ship what was paid, and mark it."""
        if event.is_paid and not event.is_second_payment and event.external_id not in self.marked:
            self.shipped[event.external_id] += 1
            for _ in range(50):
                self.marked.discard("")  # KILLED
            self.marked.add(event.external_id)

    def clear(self) -> None:
        """Forget everything."""
        self.shipped.clear()
        self.marked.clear()


def test_it_is_told_before_which_line_a_process_was_killed() -> None:
    """The time line names the line and the file."""
    orders = TwoCommits()
    for world in UserWorlds(range(400)):
        orders.clear()
        try:
            world.run(orders.handle, fulfilled=orders.count, reset=orders.clear)
        except AssertionError as error:
            lines = Path(__file__).read_text("utf-8").splitlines()
            number = next(number for number, line in enumerate(lines, 1) if line.endswith("# KILLED"))
            assert re.search(rf"killed  before line ({number - 1}|{number}) of test_fixture.py", str(error))
            return
    raise AssertionError("no world shows it")


_SHOP = """
def ship(orders, event):
    if event.is_paid and not event.is_second_payment and event.external_id not in orders.marked:
        orders.shipped[event.external_id] += 1
        for _ in range(50):
            orders.marked.discard("")
        orders.marked.add(event.external_id)


class Shop:
    def __init__(self, orders):
        self.orders = orders

    def __call__(self, event):
        ship(self.orders, event)
"""


def _as_partial(shop: dict[str, Any], orders: Orders) -> Any:
    return partial(shop["ship"], orders)


def _as_object(shop: dict[str, Any], orders: Orders) -> Any:
    return shop["Shop"](orders)


def _as_handlers(shop: dict[str, Any], orders: Orders) -> Any:
    handle = Handlers()
    handle.paid(partial(shop["ship"], orders))
    handle.otherwise(lambda event: None)
    return handle


def _as_called(shop: dict[str, Any], orders: Orders) -> Any:
    return lambda event: shop["ship"](orders, event)


@pytest.mark.parametrize("made", [_as_partial, _as_object, _as_handlers, _as_called])
def test_all_lines_of_the_users_files_count(made: Any, tmp_path: Path) -> None:
    """A process is killed in them whatever form the handler has, and where it is called by one that stands elsewhere."""
    path = tmp_path / "shop_of_a_user.py"
    path.write_text(_SHOP, "utf-8")
    orders = TwoCommits()
    handler = made(runpy.run_path(str(path)), orders)
    for world in UserWorlds(range(400)):
        orders.clear()
        try:
            world.run(handler, fulfilled=orders.count, reset=orders.clear)
        except AssertionError as error:
            assert re.search(r"killed  before line [56] of shop_of_a_user.py", str(error))
            return
    raise AssertionError("no world shows it")


def test_a_process_that_was_killed_is_dead() -> None:
    """A bare `except` catches the kill, and then the handler has not returned for the world all the same."""
    orders = Orders(is_careful=True)
    lines: list[list[str]] = []

    def handle(event: Any) -> None:
        try:
            orders.handle(event)
            for _ in range(20):
                orders.count("")
        except:  # noqa: E722 - as users write it
            pass

    for world in UserWorlds(range(30)):
        orders.shipped.clear()
        with suppress(AssertionError):
            world.run(handle, fulfilled=orders.count)
        assert world._scenario is not None
        last: dict[str, str] = {}
        for line in world._scenario.world.trace:
            lines.append([line.who, last.get(line.who, ""), line.what])
            last[line.who] = line.what
    after = {what for _, before, what in lines if before == "killed"}
    assert after
    assert "your handler returned" not in after


def test_the_steps_of_an_event_are_taken() -> None:
    """`event.once` calls the function, and gives later attempts what it has returned."""
    orders, given = Orders(is_careful=True), set()

    def ship(event: Any) -> str:
        if not orders.shipped[event.external_id]:  # as a service that knows `event.step_key` again
            orders.shipped[event.external_id] += 1
        return str(event.dedupe_key)

    def handle(event: Any) -> None:
        if event.is_paid and not event.is_second_payment:
            given.add(event.once("ship", ship, event) == event.dedupe_key)

    for world in UserWorlds(range(30)):
        orders.shipped.clear()
        world.run(handle, fulfilled=orders.count)
    assert given == {True}


def test_a_handler_can_be_given_the_time_of_the_world() -> None:
    """`world.now` is the clock of the world, which no test waits for."""
    seen: list[float] = []
    world = UserWorld(3)
    orders = Orders(is_careful=True)
    begun = world.now()

    def handle(event: Any) -> None:
        seen.append((world.now() - begun).total_seconds())
        orders.handle(event)

    world.run(handle, fulfilled=orders.count)
    assert begun == datetime(2026, 11, 18, 11, 6, 40, tzinfo=timezone.utc)
    assert seen == sorted(seen)
    assert seen[-1] > 60


def test_the_time_line_tells_of_one_order_alone() -> None:
    """Not of the requests, webhooks and orders of others."""

    def handle(event: Any) -> None:
        if event.is_paid and not event.is_second_payment and event.external_id != "order-3":
            orders.shipped[event.external_id] = 1

    orders = Orders(is_careful=True)
    said = str(told(handle, orders))
    assert "never fulfilled order-3" in said
    assert "order-1" not in said
    assert said.count("create_invoice") == said.count("opened  order-3") == 1
    assert "get_invoices" not in said


async def _coroutine(event: object) -> None: ...


def _steps(event: object) -> object:
    yield event


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"handler": _coroutine}, "handler must be a plain function: call asyncio.run"),
        ({"handler": _steps}, "handler must be a plain function: one with `yield`"),
        ({"handler": "handle"}, "handler must be a function, a str was given"),
        (
            {"handler": lambda event, connection: None},
            r"handler must be a function that takes the event; it takes \(event",
        ),
        ({"handler": Handlers()}, "Handlers has no function"),
        ({"fulfilled": Counter()}, "fulfilled must be a function, a Counter was given"),
        ({"fulfilled": lambda: 0}, r"fulfilled must be a function that takes an external_id; it takes \(\)"),
        ({"fulfilled": lambda order_id: None}, "fulfilled must say how often, .* for 'order-1' it returned None"),
        ({"fulfilled": lambda order_id: "paid"}, "fulfilled must say how often, .* for 'order-1' it returned a str"),
        ({"fulfilled": lambda order_id: 0.5}, "fulfilled must say how often, .* for 'order-1' it returned a float"),
        ({"refunded": Counter()}, "refunded must be a function, a Counter was given"),
        ({"refunded": lambda: 0}, "refunded must be a function that takes a refund_id"),
        ({"reset": Counter()}, "reset must be a function, a Counter was given"),
        ({"reset": lambda table: None}, r"reset must be a function that takes no argument; it takes \(table\)"),
        (
            {"fulfilled": lambda order_id: 1},
            r"before the world of seed 5 begins, fulfilled\('order-1'\) is 1: .* empty your",
        ),
        (
            {"fulfilled": lambda order_id: True, "reset": lambda: None},
            r"before the world of seed 5 begins, even after `reset`, fulfilled\('order-1'\) is 1",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(given: dict[str, Any], problem: str) -> None:
    """Before anything is run, and not as a handler that never fulfilled anything."""
    orders = Orders(is_careful=True)
    with pytest.raises(ConfigurationException, match=problem):
        UserWorld(5).run(**{"handler": orders.handle, "fulfilled": orders.count, **given})


def test_a_handler_that_does_not_follow_from_the_seed_is_told() -> None:
    """A second run that goes well is no reason to fail in another way: the first one is shown, and what may be wrong."""
    calls: list[object] = []

    def handle(event: Any) -> None:
        if event.is_paid and not event.is_second_payment:
            calls.append(event)
        if len(calls) != 2:
            orders.handle(event)

    orders = Orders(is_careful=True)
    said = str(told(handle, orders))
    assert "never fulfilled" in said
    assert "a second run of it went well: the handler keeps something that `reset` does not empty" in said


def test_the_document_shows_what_is_told() -> None:
    """The time line of docs/Sandbox.md is that of its handler without its last condition."""
    orders = Orders(is_careful=False)

    def handle(event: Any) -> None:
        if event.is_paid and not event.is_second_payment:
            orders.shipped[event.external_id or ""] += 1

    shown = str(told(handle, orders, range(5, 6)))
    assert f"```text\n{shown}\n```" in (ROOT / "docs" / "Sandbox.md").read_text("utf-8")


@pytest.mark.parametrize("one", [1, True, 1.0, Decimal("1.00")])
def test_a_count_may_be_of_any_type_that_databases_give(one: Any) -> None:
    """As long as it is a whole number."""
    orders = Orders(is_careful=True)
    UserWorld(5).run(orders.handle, fulfilled=lambda order_id: one if orders.count(order_id) else one - one)


@pytest.mark.parametrize(
    "one",
    [-1, 0.5, float("inf"), float("nan"), *map(Decimal, ["0.5", "NaN", "sNaN", "Infinity", "1E+40", "1E+999999"])],
)
def test_what_no_database_counts_is_refused(one: Any) -> None:
    """By name, and not as an error of arithmetic."""
    with pytest.raises(
        ConfigurationException, match="fulfilled must say how often, as a whole number; for 'order-1' it"
    ):
        UserWorld(5).run(Orders(is_careful=True).handle, fulfilled=lambda order_id: one)


def test_a_finding_is_not_lost_where_the_table_cannot_be_emptied_again() -> None:
    """What the first run found is told, and why the world could not be run again."""
    orders = Orders(is_careful=False)
    left = [True]

    def reset() -> None:
        if left.pop():
            orders.shipped.clear()
        left.append(False)

    for seed in range(200):
        orders.shipped.clear()
        left[:] = [True]
        try:
            UserWorld(seed).run(orders.handle, fulfilled=orders.count, reset=reset)
        except AssertionError as error:
            said = str(error)
            assert "your handler fulfilled order-" in said
            assert (
                "it is not cut, as it could not be run again: ConfigurationException: before the world of seed" in said
            )
            return
    raise AssertionError("no world shows it")


_WHOSE = """
import json
from pathlib import Path
from xendit.testing.world import users
from xendit.webhook import effects
print(Path(effects.__file__).parent.parent.parent, [users._is_users(each.__file__) for each in (effects, users, json)])
"""


def test_files_of_the_library_are_not_the_users_behind_a_link(tmp_path: Path) -> None:
    """A process that is killed in them would make the world of a seed hang on how the library is found."""
    link = tmp_path / "link"
    link.symlink_to(ROOT)
    environment = {**os.environ, "PYTHONPATH": str(link)}
    done = subprocess.run(
        [sys.executable, "-c", _WHOSE], capture_output=True, text=True, cwd=tmp_path, env=environment, check=True
    )
    assert done.stdout == f"{link} [False, False, False]\n"


@pytest.mark.parametrize(("text", "seeds"), [("3", range(3)), ("4711..4713", range(4711, 4713))])
def test_seeds_are_a_number_or_a_range(text: str, seeds: range) -> None:
    """`--xendit-seeds 3`, and one world alone as `4711..4712`."""
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "0", "5..5", "many", "1..x"])
def test_other_seeds_are_refused(text: str) -> None:
    """What names no seeds is told with what would be right."""
    with pytest.raises(ValueError, match="1000"):
        read_seeds(text)
