"""Webhooks as users write them: handlers of every form, plain, in one object, with a connection, asynchronous."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from xendit.webhook import (
    AsyncTransactionWorker,
    AsyncWorker,
    Handlers,
    InvoiceEvent,
    MemoryInbox,
    OtherEvent,
    SQLInbox,
    TransactionWorker,
    Webhook,
    Worker,
    read_event,
)

handle = Handlers()


@handle.paid
def settle(event: InvoiceEvent) -> None:
    """Ship."""
    print(event.invoice_id, event.is_late)


@handle.expired
def release(event: InvoiceEvent, connection: sa.Connection) -> int:
    """With the connection of a TransactionWorker."""
    return connection.execute(sa.text("SELECT 1")).rowcount if event.is_expired else 0


@handle.second_payment
async def give_back(event: InvoiceEvent) -> str:
    """For an application that awaits."""
    return event.payment_id or ""


@handle.on("refund.succeeded", "refund.failed")
def refunded(event: OtherEvent) -> None:
    """By name."""
    print(event.name, event.data)


@handle.otherwise
def note(event: OtherEvent | InvoiceEvent) -> None:
    """The rest."""
    print(event.kind)


def plain(event: InvoiceEvent) -> None:
    """A function by itself."""


def with_connection(event: InvoiceEvent, connection: sa.Connection) -> None:
    """The same for a transaction."""


def send(address: str, *, subject: str = "") -> bool:
    """What is done once."""
    return bool(address and subject)


async def send_later(address: str) -> int:
    """The same, awaited."""
    return len(address)


def with_steps(event: InvoiceEvent) -> None:
    """Effects that come once."""
    sent: bool = event.once("mail", send, "ayu@example.com", subject="thank you")
    size: int = event.once("size", lambda: 1)
    print(sent, size, event.step_key("mail"))


async def with_awaited_steps(event: InvoiceEvent) -> None:
    """The same of coroutine functions."""
    length: int = await event.once("mail", send_later, "ayu@example.com")
    print(length)


Worker(MemoryInbox(), with_steps)
Worker(MemoryInbox(), handle)
Worker(MemoryInbox(), plain, other=note)
Worker(MemoryInbox(), lambda event: print(event.invoice_id))
TransactionWorker(SQLInbox("inbox.db"), handle)
TransactionWorker(SQLInbox("inbox.db"), with_connection)
TransactionWorker(SQLInbox("inbox.db"), lambda event, connection: connection.execute(sa.text(event.invoice_id)))


async def main(event: InvoiceEvent) -> None:
    """Await what an asynchronous handler gives."""
    await handle(event)
    text: str = await give_back(event)
    print(text)


async def awaited(event: InvoiceEvent) -> None:
    """A coroutine function."""
    print(event.invoice_id)


async def awaited_with_connection(event: InvoiceEvent, connection: AsyncConnection) -> None:
    """The same, whose session joins the transaction."""
    async with AsyncSession(bind=connection) as session:
        await session.execute(sa.text("SELECT 1"))
        await session.flush()


async def hand_over(key: str) -> None:
    """A coroutine function for `enqueue`."""
    print(key)


async def in_a_loop(engine: AsyncEngine) -> int:
    """The inbox of an asynchronous engine, its workers, and an endpoint over it."""
    inbox = await SQLInbox(engine).create_table()
    drained = await AsyncWorker(inbox, awaited, other=note).drain()
    await AsyncTransactionWorker(inbox, awaited_with_connection).run(poll=5)
    await AsyncWorker(inbox, handle).process("key")
    await AsyncWorker(MemoryInbox(), plain).drain(limit=5)
    answer = await Webhook(inbox, "token", enqueue=hand_over).answer_async("POST", {}, b"")
    added = await inbox.add(read_event(b"{}"))
    claim = await inbox.claim()
    if claim is not None:
        async with inbox.transaction(claim) as connection:
            await connection.execute(sa.text("SELECT 1"))
    return drained.handled + answer.status + len(added.key) + (await inbox.tally()).waiting
