"""Handlers: each event goes to the function of its kind, in workers, endpoints and tests alike; mistakes are told at start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from inbox_contract import event

from xendit.exceptions import ConfigurationException
from xendit.webhook import Handlers, InvoiceEvent, MemoryInbox, SQLInbox, TransactionWorker, Webhook, Worker, read_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xendit.webhook import Event

REFUND = b'{"event":"refund.succeeded","business_id":"b","created":"c","data":{"id":"RFD-1"}}'
OTHER = b'{"event":"refund.failed","business_id":"b","created":"c","data":{"id":"RFD-1"}}'
TOKEN = "a-token-of-the-test"


@pytest.fixture
def seen() -> list[str]:
    """Which function took which event."""
    return []


@pytest.fixture
def handle(seen: list[str]) -> Handlers:
    """A function for each kind, which takes the connection where there is one."""
    handlers = Handlers()

    def noting(name: str) -> Callable[..., None]:
        def note(found: Event, connection: object = None) -> None:
            seen.append(f"{name}: {found.stored_kind}" + (" in a transaction" if connection else ""))

        return note

    handlers.paid(noting("paid"))
    handlers.expired(noting("expired"))
    handlers.second_payment(noting("second_payment"))
    handlers.on("refund.succeeded", "refund.pending")(noting("refund"))
    handlers.otherwise(noting("otherwise"))
    return handlers


def some_events() -> list[Event]:
    """An event of each kind."""
    paid = [event(payment_id=f"ewc_{number}") for number in (1, 2)]
    return [*paid, event("EXPIRED", id="inv-2"), event("ON_HOLD", id="inv-3"), read_event(REFUND), read_event(OTHER)]


EXPECTED = [
    "paid: paid",
    "second_payment: second_payment",
    "expired: expired",
    "otherwise: on_hold",
    "refund: refund_succeeded",
    "otherwise: refund_failed",
]


def test_each_event_goes_to_the_function_of_its_kind(handle: Handlers, seen: list[str]) -> None:
    """A second payment to its own, an envelope by its name, what nobody else takes to `otherwise`."""
    inbox = MemoryInbox()
    for each in some_events():
        inbox.add(each)
    assert Worker(inbox, handle).drain() == (6, 0, 0, 0, 0)
    assert sorted(seen) == sorted(EXPECTED)


def test_the_same_object_serves_a_transaction_worker(handle: Handlers, seen: list[str], tmp_path: Path) -> None:
    """Which hands over the connection too."""
    inbox = SQLInbox(tmp_path / "inbox.db")
    for each in some_events():
        inbox.add(each)
    assert TransactionWorker(inbox, handle).drain() == (6, 0, 0, 0, 0)
    assert sorted(seen) == sorted(f"{line} in a transaction" for line in EXPECTED)


def test_the_same_object_serves_an_endpoint_and_a_test(handle: Handlers, seen: list[str]) -> None:
    """At once after it is stored; by hand with an event; and what a function returns comes back."""
    inbox = MemoryInbox()
    webhook = Webhook(inbox, TOKEN, enqueue=Worker(inbox, handle).process)
    assert webhook.answer("POST", {"x-callback-token": TOKEN}, event().body).status == 200
    handle(event("EXPIRED"))
    handle(event("EXPIRED"), object())
    assert seen == ["paid: paid", "expired: expired", "expired: expired in a transaction"]
    single = Handlers()

    @single.paid
    def count(found: InvoiceEvent) -> int:
        return len(found.invoice_id)

    assert single(event()) == 5
    assert count(event()) == 5  # type: ignore[arg-type]


def test_coroutine_functions_are_awaited_by_whoever_calls(seen: list[str]) -> None:
    """In an application of asyncio; a worker, which would not, refuses them when it starts."""
    handle = Handlers()

    @handle.paid
    async def settle(found: InvoiceEvent) -> None:
        await asyncio.sleep(0)
        seen.append(found.invoice_id)

    async def main() -> None:
        await handle(event())

    asyncio.run(main())
    assert seen == ["inv-1"]
    worker = Worker(MemoryInbox(), handle)
    for start in (worker.drain, worker.run, lambda: worker.process("key")):
        with pytest.raises(ConfigurationException, match="handle.paid must be a plain function"):
            start()


def test_what_nobody_takes_is_ignored_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """An expiry and an envelope: done, with a line in the log; called by hand, the same line and None."""
    handle = Handlers()
    handle.paid(lambda _: None)
    inbox = MemoryInbox()
    inbox.add(event("EXPIRED"))
    inbox.add(read_event(REFUND))
    assert Worker(inbox, handle).drain() == (0, 2, 0, 0, 0)
    assert "of kind expired has no handler" in caplog.text
    assert "of kind refund_succeeded has no handler" in caplog.text
    assert handle(event("EXPIRED")) is None


def test_money_that_nobody_takes_is_a_dead_letter() -> None:
    """A payment, or a second one, must not be done without anybody; it never goes to another kind's function."""
    handle = Handlers()
    handle.expired(lambda _: None)
    inbox = MemoryInbox()
    for each in some_events()[:3]:
        inbox.add(each)
    assert Worker(inbox, handle).drain() == (1, 0, 0, 2, 0)
    assert sorted(str(letter.error) for letter in inbox.letters()) == [
        "no function of Handlers takes an event of kind paid",
        "no function of Handlers takes an event of kind second_payment",
    ]


def test_the_dashboards_test_goes_to_nobody(handle: Handlers, seen: list[str]) -> None:
    """It is done without a call, as with a plain function."""
    inbox = MemoryInbox()
    inbox.add(event(id="579c8d61f23fa4ca35e52da4", external_id="invoice_123124123"))
    assert Worker(inbox, handle).drain().ignored == 1
    assert seen == []


def test_functions_may_be_added_after_the_worker_is_made(seen: list[str]) -> None:
    """By modules that are imported later; without any, the worker does not start."""
    handle = Handlers()
    worker = Worker(MemoryInbox(), handle)
    with pytest.raises(ConfigurationException, match="Handlers has no function"):
        worker.drain()
    handle.paid(lambda found: seen.append(found.kind))
    worker.inbox.add(event())
    assert worker.drain().handled == 1
    assert seen == ["paid"]


def test_what_is_handled_is_listed(caplog: pytest.LogCaptureFixture) -> None:
    """In the repr, as a dict, and in the log when a worker starts."""
    handle = Handlers()

    @handle.on("refund.succeeded")
    @handle.otherwise
    def give_back(_: object) -> None: ...

    name = f"{__name__}.{give_back.__qualname__}"
    assert handle.listed == {"otherwise": name, "on refund.succeeded": name}
    caplog.set_level("INFO", "xendit.webhook")
    Worker(MemoryInbox(), handle).drain()
    assert f"webhooks are handled by <Handlers: otherwise → {name}, on refund.succeeded → {name}>" in caplog.text
    assert repr(Handlers()) == "<Handlers: none>"


def two(_: object, __: object) -> None:
    """A function for a TransactionWorker."""


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Worker(MemoryInbox(), two), "handler must be a function that takes the event; it takes"),
        (lambda: Worker(MemoryInbox(), print, other=two), "other must be a function that takes the event; it takes"),
        (lambda: TransactionWorker(MemoryInbox(), lambda _: None), "takes the event and the connection; it takes"),
        (lambda: Worker(MemoryInbox(), Handlers(), other=print), "give other=..., or Handlers with @handle.otherwise"),
        (lambda: Handlers().paid("text"), "@handle.paid decorates a function, a str was given"),
        (lambda: Handlers().on(), "handle.on takes the names of events"),
        (lambda: Handlers().on(two), "handle.on takes the names of events"),
    ],
)
def test_a_mistake_is_told_when_it_is_made(make: Callable[[], object], problem: str) -> None:
    """Before any event comes."""
    with pytest.raises(ConfigurationException) as raised:
        make()
    assert problem in str(raised.value)


def test_a_kind_has_one_function_of_the_right_form() -> None:
    """A second one is refused where it is decorated; one with other arguments when the worker starts."""
    handle = Handlers()
    handle.paid(two)
    with pytest.raises(ConfigurationException, match="@handle.paid was given twice: .*two and .*two"):
        handle.paid(two)
    with pytest.raises(ConfigurationException, match="handle.paid must be a function that takes the event"):
        Worker(MemoryInbox(), handle).drain()
    TransactionWorker(MemoryInbox(), handle).drain()
    with pytest.raises(AttributeError, match="did you mean 'expired'"):
        handle.expird  # type: ignore[attr-defined] # noqa: B018
