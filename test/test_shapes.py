"""The fast paths and the slow walks agree on every value, error and path, for every shape that a declaration can have.

`make proof` goes through a million bodies of ten thousand shapes; the suite through a seeded part of them.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import logging
import os
import random
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from shapes import GIVEN_JUNK, JUNK, Bodies, Shape, shapes, spelt

from xendit.codec import Array, Plan, loads, structs
from xendit.codec.compiler import compiled
from xendit.codec.filling import Filling, FillingBySlots
from xendit.exceptions import OpenApiException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROOF = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
PARTS = 8 if PROOF else 2
SHAPES = 1_300 if PROOF else 40
"""Shapes a part."""
BODIES = 100 if PROOF else 25
"""Bodies a shape."""

pytestmark = pytest.mark.filterwarnings("ignore")

_settings = settings(
    max_examples=SHAPES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not PROOF, database=None
)


_lines: list[str] = []


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """The log's lines are part of an outcome."""

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            _lines.append(record.getMessage())

    logger, handler = logging.getLogger("xendit"), Collect()
    logger.addHandler(handler)
    logger.propagate = False
    yield
    logger.removeHandler(handler)
    logger.propagate = True


@pytest.fixture(autouse=True)
def _structs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where msgspec is installed, texts are read through structs from the second one on, and no reader is given up."""
    monkeypatch.setattr(structs, "READ_AFTER", 0)
    monkeypatch.setattr(structs, "MOST_REFUSED", 10**9)
    monkeypatch.setattr(structs, "MOST_LESSONS", 20)


_JUNK = repr(JUNK)


class Outcome:
    """What a call came to: a value or an error, and the warnings on the way."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.value: Any = None
        self.error: Any = None
        _lines.clear()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            try:
                self.value = call()
            except OpenApiException as error:
                self.error = (type(error), str(error), error.path_to_item)
        self.warned = [str(each.message) for each in seen] + _lines[:]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and self.spelt() == other.spelt()

    __hash__ = None  # type: ignore[assignment]

    def spelt(self) -> Any:
        """All of it."""
        return spelt(self.value), self.error, self.warned

    def __repr__(self) -> str:
        return f"Outcome{self.spelt()}"


def copied(value: Any) -> Any:
    """JSON data anew, for the fast path may use it up."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def strings_of(value: Any) -> int:
    """How many strings JSON data hold."""
    if isinstance(value, dict):
        return len(value) + sum(map(strings_of, value.values()))
    return sum(map(strings_of, value)) if isinstance(value, list) else isinstance(value, str)


def check_reading(plan: Plan, body: dict[str, Any]) -> Outcome:
    """The two ways of reading agree, and so do both ways of filling."""
    slow = Outcome(lambda: plan.read(copied(body)))
    for functions in (plan.compiled, *_others[id(plan)]):
        assert functions is not None
        with contextlib.suppress(Exception):
            value, strings = functions.read(copied(body))
            assert slow.error is None, f"{body!r}: accepted, and refused by the slow walk: {slow.error}"
            assert spelt(value) == spelt(slow.value), f"{body!r} is read in two ways"
            assert strings == strings_of(body), f"{body!r} holds {strings_of(body)} strings, {strings} were counted"
    assert Outcome(lambda: plan.decode(copied(body))) == slow
    return slow


_others: dict[int, list[Any]] = {}


def check_text(plan: Plan, body: dict[str, Any]) -> None:
    """A JSON text is read as its data are, and refused where a key comes twice."""
    text = json.dumps(body)
    try:
        data = loads(text)
    except OpenApiException:
        return
    slow = Outcome(lambda: plan.read(data))
    compact = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    for each in (text, compact, text.encode()):
        if each is compact and b"\xed" in compact:  # perhaps a lone surrogate, which is no UTF-8
            continue
        fast = Outcome(lambda each=each: plan.cls.from_json(each))  # type: ignore[misc]
        assert fast == slow, each
    if body:
        name = next(iter(body))
        doubled = text[:-1] + f", {json.dumps(name)}: 1}}"
        with pytest.raises(OpenApiException, match="twice"):
            plan.cls.from_json(doubled)


def check_constructing(plan: Plan, arguments: dict[str, Any]) -> Outcome:
    """The two ways of constructing agree, on warnings too."""

    def slowly() -> Any:
        instance = object.__new__(plan.cls)
        plan._fill(instance, arguments, (plan.name,))
        return instance

    def by_slots() -> Any:
        instance = object.__new__(plan.cls)
        fill = _others[id(plan)][0].fill
        if fill is None:
            plan._fill(instance, arguments, (plan.name,))
        else:
            fill(instance, **arguments)
        return instance

    slow = Outcome(slowly)
    for construct in (lambda: plan.cls(**arguments), by_slots):
        fast = Outcome(construct)
        assert fast == slow, f"{arguments!r}: {fast.spelt()} fast, {slow.spelt()} slowly"
        if fast.error is None:  # a list of the caller's stays the caller's; free-form data are kept as they are
            lists = [name for name, field in plan.fields.items() if isinstance(field.kind, Array)]
            given_lists = [name for name in lists if isinstance(arguments.get(name), list)]
            assert not any(getattr(fast.value, name) is arguments[name] for name in given_lists)
    return slow


def check_writing(plan: Plan, instance: Any) -> None:
    """The two ways of writing agree, and what is written is JSON."""
    assert plan.compiled is not None
    slow = Outcome(lambda: plan.write(plan.refine(instance) if plan.refine else instance, (plan.name,)))
    repr(instance)  # whatever its fields are called
    try:
        text = plan.compiled.write(instance)
    except Exception:  # noqa: BLE001  it may raise anything: the slow walk says what is the matter
        text = None
    assert text is None or slow.error is None, f"{instance!r}: written, and refused by the slow walk: {slow.error}"
    assert text is None or text == slow.value
    fast = Outcome(lambda: plan.encode(instance))
    assert fast == slow, f"{spelt(instance)}: {fast.spelt()} fast, {slow.spelt()} slowly"
    if slow.error is None:
        json.loads(slow.value)


def spoilt(instance: Any, dice: random.Random) -> Any:
    """An instance with a slot changed behind our back: by another value, or by one more item in its list."""
    names = type(instance).__plan__.names
    if not names:
        return instance
    name = dice.choice(names)
    value = getattr(instance, name)
    if (
        isinstance(value, list) and dice.random() < 0.7
    ):  # anew: free-form data are kept as given, and may be the junk itself
        object.__setattr__(instance, name, [*value, dice.choice(JUNK + GIVEN_JUNK)])
    else:
        object.__setattr__(instance, name, dice.choice(JUNK + GIVEN_JUNK))
    return instance


@contextlib.contextmanager
def compiled_both_ways(shape: Shape) -> Iterator[list[Plan]]:
    """The plans of a shape, compiled, and once more by the other way of filling."""
    sources = {*linecache.cache}
    plans = [cls.__plan__ for cls in shape.classes]
    for plan in plans:
        plan.compile()
        assert plan.compiled is not None
        _others[id(plan)] = [compiled(plan, FillingBySlots), compiled(plan, Filling)]
    try:
        yield plans
    finally:
        _others.clear()
        shape.forget()
        for name in {*linecache.cache} - sources:  # those of the library's own models are for other tests
            del linecache.cache[name]


def check_shape(shape: Shape, seed: int, bodies: int) -> int:
    """Hold the two ways against each other for so many bodies of a shape, and say how many were tried."""
    dice = random.Random(seed)
    maker = Bodies(dice)
    with compiled_both_ways(shape) as plans:
        for _ in range(bodies):
            plan = dice.choice(plans)
            maker.odd = dice.choice((0.0, 0.0, 0.02, 0.1))
            body = maker.body(plan)
            read = check_reading(plan, body)
            if dice.random() < 0.3:
                check_text(plan, body)
            built = check_constructing(plan, maker.given(plan))
            for outcome in (read, built):
                if outcome.error is None:
                    check_writing(plan, outcome.value)
                    if dice.random() < 0.3:
                        check_writing(plan, spoilt(outcome.value, dice))
    assert repr(JUNK) == _JUNK, "the junk of all bodies was changed: what the next ones hold is no JSON any more"
    return bodies


@pytest.mark.parametrize("part", range(PARTS))
def test_fast_and_slow_agree_for_every_shape(part: int) -> None:
    """In reading, constructing and writing; whatever the models hold, and whatever is sent for them or given to them."""

    @given(shape=shapes(), seed=st.integers(0, 2**32))
    @_settings
    def proof(shape: Shape, seed: int) -> None:
        check_shape(shape, seed * PARTS + part, BODIES)

    proof()
