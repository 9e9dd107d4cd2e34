"""The states of a call, walked by a table, beside the drawing in docs/Reliability.md: neither has what the other lacks."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_exchange import (
    EXPIRED,
    INVOICE,
    LOST,
    PAID,
    PENDING,
    SEARCHED,
    UNREACHED,
    Clock,
    answered,
    drive,
    invoice,
    listed,
    looked_for,
    patient_context,
    run,
    whole,
)

from xendit.events import Attempt, Event
from xendit.exceptions import ConnectionException, TimeoutException
from xendit.exchange.attempt import Call
from xendit.exchange.states import Final, Requesting, State, Waiting
from xendit.exchange.waiting import watch
from xendit.invoice.operations import CREATE_INVOICE, EXPIRE_INVOICE, GET_INVOICE_BY_ID
from xendit.policy import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
GONE = answered(200, b'{"id":"young","status":"EXPIRED"}')
REFUSED = answered(400)
DENIED = answered(401)


def get(*answers: Any, **options: Any) -> Any:
    """A read."""
    return drive(list(answers), GET_INVOICE_BY_ID, **options)


def create(*answers: Any, on_unknown: str = "lookup", **options: Any) -> Any:
    """A create."""
    return drive(list(answers), CREATE_INVOICE, on_unknown=on_unknown, **options)


def resend(*answers: Any, **options: Any) -> Any:
    """A create that is lost, looked for in vain five times, and sent again."""
    return create(LOST, *answers, on_unknown="resend", **options)


def expire(*answers: Any) -> Any:
    """An expire."""
    return drive(list(answers), EXPIRE_INVOICE)


def resolve(*answers: Any, wait: float = 0.0, events: list[Event] | None = None) -> Any:
    """A search for what a create made."""
    return looked_for(list(answers), wait=wait, events=events)


def wait_until_final(*answers: Any, wait: float = 5.0, events: list[Event] | None = None) -> Any:
    """Reading until it is final."""
    clock = Clock()
    context = patient_context(clock, events)
    request = GET_INVOICE_BY_ID.request({"invoice_id": "x"})
    steps = watch(request, GET_INVOICE_BY_ID.read, lambda seen: seen.is_final, context, Limits(5, 1, 1), wait)
    return run(steps, list(answers), clock, 0.1)


LOOK = "WaitingToLookUp LookingUp"
SOUGHT = f"Sending {' '.join([LOOK] * 4)} WaitingToResend {LOOK}"
OLD, YOUNG = invoice("old", age=-1), invoice("young", age=-2)

#: What is done, and the states that the call goes through.
WALKS: list[tuple[str, Callable[[], Any], str]] = [
    ("a read", lambda: get(INVOICE), "Sending Done"),
    ("a read that is refused", lambda: get(REFUSED), "Sending Failed"),
    ("a read that is retried", lambda: get(LOST, INVOICE), "Sending WaitingToRetry Sending Done"),
    (
        "a read that fails for good",
        lambda: get(LOST, LOST, LOST),
        "Sending WaitingToRetry Sending WaitingToRetry Sending Failed",
    ),
    ("a create", lambda: create(INVOICE), "Sending Done"),
    ("a create of which nothing was sent", lambda: create(UNREACHED, INVOICE), "Sending WaitingToRetry Sending Done"),
    ("a create that is refused", lambda: create(REFUSED), "Sending Failed"),
    ("a lost create, found", lambda: create(LOST, listed(invoice())), f"Sending {LOOK} Found"),
    ("found by the second look", lambda: create(LOST, listed(), listed(invoice())), f"Sending {LOOK} {LOOK} Found"),
    ("several fit", lambda: create(LOST, listed(invoice("a"), invoice("b"))), f"Sending {LOOK} NotFound"),
    ("a look that is refused", lambda: create(LOST, DENIED), f"Sending {LOOK} NotFound"),
    ("looked for in vain", lambda: create(LOST, *[listed()] * 4), f"Sending {' '.join([LOOK] * 4)} NotFound"),
    ("not to be looked up", lambda: create(LOST, on_unknown="raise"), "Sending NotFound"),
    ("no time for a look", lambda: create(LOST, limits=Limits(3, 3, 3), each=2.9), "Sending NotFound"),
    (
        "no time to resend",
        lambda: create(LOST, *[listed()] * 4, on_unknown="resend", limits=Limits(9, 3, 9)),
        f"Sending {' '.join([LOOK] * 4)} NotFound",
    ),
    (
        "found right before it is sent again",
        lambda: resend(*[listed()] * 4, listed(invoice())),
        f"{SOUGHT} Found",
    ),
    ("several right before it is sent again", lambda: resend(*[listed()] * 4, listed(OLD, YOUNG)), f"{SOUGHT} NotFound"),
    ("sent again and refused", lambda: resend(*SEARCHED, REFUSED), f"{SOUGHT} Resending NotFound"),
    (
        "sent again",
        lambda: resend(*SEARCHED, INVOICE, listed(invoice())),
        f"{SOUGHT} Resending KeepingOldest Found",
    ),
    (
        "sent again after another pause",
        lambda: resend(*SEARCHED, UNREACHED, INVOICE, listed(invoice())),
        f"{SOUGHT} Resending WaitingToRetry Resending KeepingOldest Found",
    ),
    (
        "sent twice and not found",
        lambda: resend(*SEARCHED, LOST, listed()),
        f"{SOUGHT} Resending KeepingOldest NotFound",
    ),
    (
        "sent twice, and both are there",
        lambda: resend(*SEARCHED, whole(YOUNG), listed(YOUNG, OLD), GONE),
        f"{SOUGHT} Resending KeepingOldest TakingBack Found",
    ),
    (
        "three are there, and one cannot be taken back",
        lambda: resend(*SEARCHED, whole(YOUNG), listed(YOUNG, OLD, invoice("third", age=-3)), answered(404), GONE),
        f"{SOUGHT} Resending KeepingOldest TakingBack TakingBack NotFound",
    ),
    ("an expire", lambda: expire(EXPIRED), "Sending Done"),
    ("an expire, read back", lambda: expire(LOST, answered(404), EXPIRED), "Sending WaitingToRetry Sending ReadingBack Found"),
    (
        "paid meanwhile",
        lambda: expire(answered(501), PAID),
        "Sending ReadingBack Failed",
    ),
    ("still pending", lambda: expire(answered(501), LOST, PENDING), "Sending ReadingBack WaitingToRetry ReadingBack Failed"),
    ("resolve", lambda: resolve(listed(invoice())), "Searching Found"),
    ("resolve, later", lambda: resolve(listed(), LOST, listed(invoice()), wait=20), f"{'Searching WaitingToSearch ' * 2}Searching Found"),
    ("resolve in vain", lambda: resolve(listed()), "Searching NotFound"),
    ("resolve that is refused", lambda: resolve(DENIED), "Searching Failed"),
    ("wait_until_final", lambda: wait_until_final(PENDING, LOST, PAID), f"{'Watching WaitingToWatch ' * 2}Watching Done"),
    ("not final in time", lambda: wait_until_final(PENDING, wait=0.05), "Watching Failed"),
    ("failing in the end", lambda: wait_until_final(PENDING, LOST, wait=0.15), "Watching WaitingToWatch Watching Failed"),
    ("never read", lambda: wait_until_final(LOST, wait=0.05), "Watching Failed"),
    ("not to be read", lambda: wait_until_final(DENIED), "Watching Failed"),
]  # fmt: skip


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the states that the calls of a test enter."""
    names: list[str] = []
    slot: Any = Call.__dict__["state"]

    def enter(call: Call, state: State) -> None:
        names.append(state.name)
        slot.__set__(call, state)

    monkeypatch.setattr(Call, "state", property(slot.__get__, enter))
    return names


@pytest.mark.parametrize(("act", "states"), [row[1:] for row in WALKS], ids=[row[0] for row in WALKS])
def test_a_call_goes_through_its_states(act: Callable[[], Any], states: str, walked: list[str]) -> None:
    """What it is called with and what is answered decide which."""
    act()
    assert walked == states.split()


def drawn() -> set[tuple[str, str]]:
    """The arrows of the drawings in docs/Reliability.md."""
    text = (ROOT / "docs" / "Reliability.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert blocks
    return {pair for block in blocks for pair in re.findall(r"^\s*(\w+|\[\*\]) --> (\w+)", block, re.MULTILINE)}


def arrows_of(states: list[str]) -> set[tuple[str, str]]:
    """The arrows of a walk. A pause before the same request is made again belongs to the state that makes it."""
    kept = [name for name in states if name != "WaitingToRetry"]
    own = {("Sending", "WaitingToRetry"), ("WaitingToRetry", "Sending")} if "Sending" in states else set()
    inner = {
        (name, after)
        for name, after in zip(["[*]", *kept], kept, strict=False)
        if name != after or name == "TakingBack"
    }
    return inner | (own if "Sending WaitingToRetry Sending" in " ".join(states) else set())


def test_the_drawing_is_the_machine(walked: list[str]) -> None:
    """Every arrow that is drawn is walked by a row of the table, and every arrow that is walked is drawn."""
    seen: set[tuple[str, str]] = set()
    for _, act, _ in WALKS:
        walked.clear()
        act()
        seen |= arrows_of(walked)
    assert seen == drawn()


def test_every_state_is_walked() -> None:
    """Those that the package has, and no state is without a row."""

    def below(cls: type[State]) -> set[str]:
        return {name for each in cls.__subclasses__() for name in (below(each) or {each.__name__})}

    assert {name for _, _, states in WALKS for name in states.split()} == below(State)
    assert below(Requesting) | below(Waiting) | below(Final) == below(State)


def test_a_state_shows_its_name_alone() -> None:
    """What it holds may be personal."""
    made = [
        object.__new__(cls)
        for cls in (*Requesting.__subclasses__(), *Waiting.__subclasses__(), *Final.__subclasses__())
    ]
    assert [repr(each) for each in made] == [f"<{type(each).__name__}>" for each in made]


def test_events_and_history_name_the_states() -> None:
    """The log of a bad day says where the call stood."""
    events: list[Event] = []
    result, _ = create(LOST, listed(), listed(invoice()), events=events)
    assert result.recovered
    assert [(event.kind, event.state) for event in events] == [
        ("started", "Sending"),
        ("attempted", "Sending"),
        ("retrying", "WaitingToLookUp"),
        ("attempted", "LookingUp"),
        ("retrying", "WaitingToLookUp"),
        ("attempted", "LookingUp"),
        ("finished", "Found"),
    ]
    lost, _ = create(LOST, *[listed()] * 4)
    assert [each.state for each in lost.history] == ["Sending", *["LookingUp"] * 4]
    assert all(isinstance(each, Attempt) for each in lost.history)
    cut: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        create(LOST, KeyboardInterrupt(), events=cut)
    assert (cut[-1].kind, cut[-1].state, cut[-1].outcome) == ("finished", "LookingUp", "unknown")


def test_a_wait_whose_last_look_fails_says_what_was_seen_before() -> None:
    """That it is still pending is worth more than that the last look failed; without any look the failure is all."""
    pending, _ = wait_until_final(PENDING, LOST, wait=0.15)
    assert isinstance(pending, TimeoutException)
    assert "the invoice is still PENDING" in str(pending)
    assert pending.model.id == "x"
    blind, _ = wait_until_final(LOST, wait=0.05)
    assert type(blind) is ConnectionException


def test_a_wait_for_what_has_no_status_says_that_it_is_not_final() -> None:
    """Not every product's answers have a status; a wait in vain for one that has none raises the same error."""
    clock = Clock()
    request = GET_INVOICE_BY_ID.request({"invoice_id": "x"})
    steps = watch(
        request, lambda _: ["no", "status"], lambda _: False, patient_context(clock, None), Limits(5, 1, 1), 0.5
    )
    error, _ = run(steps, [PENDING] * 9, clock, 0.1)
    assert isinstance(error, TimeoutException)
    assert str(error).startswith("after 0.5 seconds of waiting the invoice is not final")
    assert error.model == ["no", "status"]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), SystemExit(1), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("act", [resolve, wait_until_final])
def test_an_interrupted_wait_tells_that_it_ended(act: Callable[..., Any], interrupt: BaseException) -> None:
    """Whoever waits may be stopped, in the first look or a later one; the same exception comes out, without a note."""
    for answers in ([interrupt], [LOST, interrupt]):
        events: list[Event] = []
        with pytest.raises(type(interrupt)) as caught:
            act(*answers, wait=20, events=events)
        assert caught.value is interrupt
        assert not hasattr(interrupt, "__notes__")
        assert [event.kind for event in events].count("finished") == 1
        assert (events[-1].kind, events[-1].error) == ("finished", type(interrupt).__name__)
