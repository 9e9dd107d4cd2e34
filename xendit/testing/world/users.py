"""UserWorld: a world with a user's own handler in it. The fixture `xendit_world` gives one for each seed.

    def test_my_handler_in_bad_weather(xendit_world):
        for world in xendit_world:
            orders = Orders()                       # a new order table for each world
            world.run(orders.handle, fulfilled=orders.count_shipped)

The real worker calls the handler for each event, and its process may be killed between any two lines of the handler. In
the end each order that was paid must have been fulfilled exactly once, and no other order at all.

With `refunded=orders.count_refunds` most of what was paid is given back, and the handler is called with the events of
the refunds, too: each refund that succeeded must have been booked exactly once, and no other refund at all.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from xendit.testing.world.replay import shrink, time_line
from xendit.testing.world.scenario import FULL, MONEY, Scenario
from xendit.testing.world.scheduler import Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from xendit.testing.world.scenario import Outcome
    from xendit.testing.world.scheduler import WorldProcess


class UserWorld:
    """The world of one seed, for one run of a user's handler.

    Args:
        seed: which one.
        size: how many orders there are.
    """

    def __init__(self, seed: int, size: int = 4) -> None:
        self.seed = seed
        self.size = size

    def __repr__(self) -> str:
        return f"<UserWorld {self.seed}>"

    def run(
        self,
        handler: Callable[[Any], object],
        *,
        fulfilled: Callable[[str], int],
        refunded: Callable[[str], int] | None = None,
        reset: Callable[[], object] | None = None,
    ) -> None:
        """Live through it.

        Args:
            handler: called with each event, as by `xendit.webhook.Worker`.
            fulfilled: says how often the order of an `external_id` was fulfilled: from your order table.
            refunded: says how often the refund of a `refund_id` was booked as given back. If it is given, money is given
                back in the world, and the handler is called with each RefundEvent, as the `other` of a worker.
            reset: empties your order table, so that a failing world can be run again and cut to what makes it fail;
                without it the whole time line is shown.

        Raises:
            AssertionError: an order that was paid was not fulfilled exactly once, or one that was not paid was; or the same of
                refunds that succeeded. The text names the order and the seed, and holds the time line.
        """

        def live(size: int, without: frozenset[int]) -> Outcome:
            if reset is not None:
                reset()
            scenario = Scenario(
                self.seed,
                profile=FULL if refunded is None else MONEY,
                size=size,
                without=without,
                handler=handler,
                fulfilled=fulfilled,
                refunded=refunded,
            )
            return scenario.run()

        outcome = live(self.size, frozenset())
        if not outcome.violations:
            return
        if reset is not None:
            outcome = shrink(live, self.size).outcome
        said = "; ".join(each.text for each in outcome.violations)
        raise AssertionError(
            f"{said} (seed {self.seed}; --xendit-seeds {self.seed}..{self.seed + 1} runs it alone)\n{time_line(outcome)}"
        )


class UserWorlds:
    """The worlds of several seeds: iterate over it."""

    def __init__(self, seeds: range) -> None:
        self.seeds = seeds

    def __iter__(self) -> Iterator[UserWorld]:
        return (UserWorld(seed) for seed in self.seeds)

    def __len__(self) -> int:
        return len(self.seeds)


def read_seeds(text: str) -> range:
    """The seeds that a person names: how many from 0 on, or `FIRST..LAST` without the last one.

    Raises:
        ValueError: it is neither.
    """
    first, dots, last = text.partition("..")
    try:
        seeds = range(int(first), int(last)) if dots else range(int(text))
    except ValueError:
        seeds = range(0)
    if len(seeds) == 0:
        raise ValueError(f"seeds are a number such as 1000 or a range such as 0..1000, not {text!r}")
    return seeds


def call_mortal(process: WorldProcess, function: Callable[..., object], *arguments: object) -> None:
    """Call a plain function in a process that may be killed between any two of its lines.

    The lines of the function count, and those of other functions of its module that it calls, but not those of
    libraries.

    Raises:
        Killed: the process was killed.
    """
    world = process.world
    if not process.frailty or world.healed:
        function(*arguments)
        return
    code: Any = getattr(function, "__code__", None) or getattr(getattr(function, "__func__", None), "__code__", None)
    filename = None if code is None else code.co_filename

    def on_line(_frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and world.strikes(process.frailty, process.luck):
            process.kill()
            raise Killed
        return on_line

    def on_call(frame: FrameType, _event: str, _: object) -> Any:
        return on_line if frame.f_code.co_filename == filename else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
