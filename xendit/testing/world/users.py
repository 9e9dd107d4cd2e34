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

import inspect
import logging
import os
import sys
import sysconfig
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache, partial
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from xendit.exceptions import ConfigurationException
from xendit.testing.world.replay import shrink, time_line
from xendit.testing.world.scenario import FULL, MONEY, Scenario
from xendit.testing.world.scheduler import EPOCH, Killed
from xendit.webhook.functions import check_arguments, check_done, check_function
from xendit.webhook.handlers import Handlers
from xendit.words import type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from xendit.testing.world.scenario import Outcome
    from xendit.testing.world.scheduler import Steps, WorldProcess


def _prefixes(*folders: str) -> tuple[str, ...]:
    """What the names of the files in some folders begin with: as the folders were given, and where links lead."""
    return tuple({name + os.sep for folder in folders for name in (folder, os.path.realpath(folder))})


_STANDARD = _prefixes(*(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")))
_OURS = _prefixes(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))  # noqa: PTH120 - as the names of code begin
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_LONGEST = 160
"""How much of what an exception says stands in a time line."""
_MOST = 2**63 - 1
"""The greatest count that a database has."""


class UserWorld:
    """The world of one seed, for one run of a user's handler.

    Args:
        seed: which one.
        size: how many orders there are.
    """

    def __init__(self, seed: int, size: int = 4) -> None:
        self.seed = seed
        self.size = size
        self._scenario: Scenario | None = None

    def __repr__(self) -> str:
        return f"<UserWorld {self.seed}>"

    def now(self) -> datetime:
        """The time in this world, in UTC: the clock to give to a handler that asks for one."""
        seconds = EPOCH if self._scenario is None else self._scenario.world.wall()
        return datetime.fromtimestamp(seconds, timezone.utc)

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
                refunds that succeeded. The text names the order and the seed, and holds the time line. Its cause is what
                the handler raised last, if it raised anything.
            ConfigurationException: an argument is no function of the right kind, a count is no whole number, or the order
                table is not empty when the world begins.
        """
        __tracebackhide__ = True  # pytest shows the lines of the test, and not ours
        try:
            _check_handler(handler)
            count = _counted("fulfilled", "an external_id", fulfilled)
            count_refunds = None if refunded is None else _counted("refunded", "a refund_id", refunded)
            if reset is not None:
                _check_asked("reset", reset)
        except ConfigurationException as problem:
            raise problem.with_traceback(None) from None

        def live(size: int, without: frozenset[int]) -> Outcome:
            __tracebackhide__ = True
            if reset is not None:
                reset()
            self._check_empty(count, "" if reset is None else ", even after `reset`")
            self._scenario = scenario = Scenario(
                self.seed,
                profile=FULL if refunded is None else MONEY,
                size=size,
                without=without,
                handler=handler,
                fulfilled=count,
                refunded=count_refunds,
            )
            with _quiet():
                return scenario.run()

        outcome = live(self.size, frozenset())
        if not outcome.violations:
            return
        alone = f"seed {self.seed}; --xendit-seeds {self.seed}..{self.seed + 1} runs it alone"
        if reset is not None:
            try:
                shrunk = shrink(live, outcome, self.size)
            except Exception as problem:  # noqa: BLE001 - what the first run has found is not lost for it
                alone += f"; it is not cut, as it could not be run again: {_described(problem)}"
            else:
                outcome = shrunk.outcome
                if not shrunk.repeats:
                    alone += (
                        "; a second run of it went well: the handler keeps something that `reset` does not empty, or asks a"
                        " clock or a chance of its own"
                    )
        said = "; ".join(each.text for each in outcome.violations)
        raised = None if outcome.raised is None else outcome.raised.with_traceback(_users_part(outcome.raised))
        raise AssertionError(f"{said} ({alone})\n{time_line(outcome)}") from raised

    def _check_empty(self, count: Callable[[str], int], when: str) -> None:
        """Refuse a table in which an order of this world is fulfilled before the world has begun."""
        __tracebackhide__ = True
        for number in range(1, self.size + 1):
            times = count(f"order-{number}")
            if times:
                raise ConfigurationException(
                    f"before the world of seed {self.seed} begins{when}, fulfilled('order-{number}') is {times}: the orders of"
                    " every world have the same names, so empty your order table before each"
                )


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the library log nothing: the faults of a world are many, and meant."""
    loggers = [logging.getLogger(name) for name in ("xendit", "xendit.webhook")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


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


def handled_by_user(scenario: Scenario, process: WorldProcess, event: Any) -> Steps:
    """The steps of a worker's handler that calls a user's own one, in whose lines the process may be killed."""
    world, handler = scenario.world, scenario.handler
    assert handler is not None
    about = f"{event.external_id} {event.invoice_id}"
    yield 0.002
    world.note(process.name, "calls your handler", f"{event.kind} {about}")
    try:
        call_mortal(process, handler, event)
    except Exception as error:
        scenario.raised = error
        world.note(process.name, "your handler raised", f"{about}: {_described(error)}")
        raise
    world.note(process.name, "your handler returned", about)
    yield 0.001


def call_mortal(process: WorldProcess, function: Callable[..., object], *arguments: object) -> None:
    """Call a plain function in a process that may be killed between any two of its lines.

    The lines of the user's own files count, and not those of libraries.

    Raises:
        ApiTypeError: it returned something that nobody awaits.
        Killed: the process was killed.
    """
    world = process.world
    if not process.frailty or world.healed:
        check_done("the handler", function(*arguments))
        return
    task = world.current
    own = _file_of(function)

    def on_line(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and world.strikes(process.frailty, process.luck):
            process.kill(f"before line {frame.f_lineno} of {Path(frame.f_code.co_filename).name}")
            raise Killed  # Python then traces no more, so that what cleans up is not killed again
        return on_line

    def on_call(frame: FrameType, _event: str, _: object) -> Any:
        code = frame.f_code
        counts = code.co_filename == own or (_is_users(code.co_filename) and code.co_name != "<module>")
        return on_line if counts else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        result = function(*arguments)
    finally:
        sys.settrace(before)
    if task is not None and task.killed:
        raise Killed  # the function has caught it, as with a bare `except`
    check_done("the handler", result)


def _described(error: Exception) -> str:
    """What a handler raised, and where, in one line of a time line."""
    said = " ".join(str(error).split())
    text = type(error).__name__ + (f": {said}" if said else "")
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    place = ""
    each: TracebackType | None = error.__traceback__
    while each is not None:
        filename = each.tb_frame.f_code.co_filename
        if _is_users(filename):
            place = f" ({Path(filename).name}, line {each.tb_lineno})"
        each = each.tb_next
    return text + place


def _users_part(error: Exception) -> TracebackType | None:
    """The traceback of what a handler raised, from the user's own first line on."""
    each = error.__traceback__
    while each is not None and not _is_users(each.tb_frame.f_code.co_filename):
        each = each.tb_next
    return each


@lru_cache(maxsize=1024)
def _is_users(filename: str) -> bool:
    """Whether a file is the user's: it is of no library, and not of this one."""
    is_library = filename.startswith(("<", *_OURS, *_STANDARD)) or any(part in filename for part in _INSTALLED)
    return not is_library


def _file_of(function: Any) -> str | None:
    """The file of a function, whose lines count wherever it is."""
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    code: Any = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    return None if code is None else str(code.co_filename)


def _check_handler(handler: object) -> None:
    """Refuse what a Worker refuses."""
    if isinstance(handler, Handlers):
        handler.check(1)
        return
    check_function("handler", handler)
    check_arguments("handler", handler, 1)


def _check_asked(name: str, function: object, *named: str) -> None:
    """Refuse what is no plain function of so many arguments."""
    check_function(name, function)
    try:
        check_arguments(name, function, len(named))
    except ConfigurationException:
        what = named[0] if named else "no argument"
        raise ConfigurationException(
            f"{name} must be a function that takes {what}; it takes {inspect.signature(function)}"  # type: ignore[arg-type]
        ) from None


def _counted(name: str, named: str, function: Callable[[str], int]) -> Callable[[str], int]:
    """The same function; what it returns is refused if it is no whole number."""
    _check_asked(name, function, named)

    def count(of: str) -> int:
        __tracebackhide__ = True
        times = function(of)
        whole = _whole(times)
        if whole is None:
            raise ConfigurationException(
                f"{name} must say how often, as a whole number; for {of!r} it returned {type_name(times)}"
            )
        return whole

    return count


def _whole(times: object) -> int | None:
    """A count as databases give it, or None if it is no whole number from 0 on."""
    if isinstance(times, SupportsIndex):
        times = index(times)
    elif isinstance(times, Decimal):
        if not times.is_finite() or times != times.to_integral_value():
            return None
    elif not isinstance(times, float) or not times.is_integer():
        return None
    return int(times) if 0 <= times <= _MOST else None
