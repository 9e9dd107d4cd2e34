"""The fixture `xendit_world`: a user's own handler in simulated worlds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from xendit.testing.world.users import UserWorld, UserWorlds, read_seeds
from xendit.webhook import RefundEvent


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


@pytest.mark.parametrize(("text", "seeds"), [("3", range(3)), ("4711..4713", range(4711, 4713))])
def test_seeds_are_a_number_or_a_range(text: str, seeds: range) -> None:
    """`--xendit-seeds 3`, and one world alone as `4711..4712`."""
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "0", "5..5", "many", "1..x"])
def test_other_seeds_are_refused(text: str) -> None:
    """What names no seeds is told with what would be right."""
    with pytest.raises(ValueError, match="1000"):
        read_seeds(text)
