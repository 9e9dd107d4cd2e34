"""A shop in FastAPI, asynchronous from the order to the webhook: the order is paid in its own transaction.

    pip install "xendit-sdk[async,cli,inbox]" "sqlalchemy[asyncio]" aiosqlite fastapi uvicorn
    xendit sandbox run --webhook /webhooks/xendit -- uvicorn fastapi_shop:app

Without the sandbox, set XENDIT_API_KEY and XENDIT_WEBHOOK_TOKEN; not a line changes.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from xendit import AsyncApiClient, AsyncInvoiceApi
from xendit.models import CreateInvoiceRequest
from xendit.webhook import AsyncTransactionWorker, Handlers, InvoiceEvent, SQLInbox, Webhook
from xendit.webhook.adapters.starlette import webhook_route
from xendit.webhook.sql import inbox_table

PRICE = 150_000

metadata = sa.MetaData()
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sqlite_autoincrement=True,  # a number that was given once is never given again: Xendit knows orders by it
)
inbox_table(metadata)
engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ.get('SHOP_DATABASE', 'shop.db')}")


def external_id_of(order_id: int) -> str:
    """What Xendit calls an order."""
    return f"order-{order_id}"


# ---------------------------------------------------------------------------------------------- webhooks

handle = Handlers()


@handle.paid
async def settle_order(event: InvoiceEvent, connection: AsyncConnection) -> None:
    """Mark the order, in the same transaction as the event: both happen, or neither."""
    order = await order_of(event, connection)
    if not event.matches(amount=order.amount, currency="IDR", external_id=external_id_of(order.id)):
        raise ValueError("not what was ordered")  # a dead letter in the end, for a person to look at
    await mark_order(order.id, "paid", connection)


@handle.expired
async def release_order(event: InvoiceEvent, connection: AsyncConnection) -> None:
    """Nobody paid in time; the coffee goes back to the shelf."""
    order = await order_of(event, connection)
    if order.status == "pending":
        await mark_order(order.id, "expired", connection)


@handle.second_payment
async def note_second_payment(event: InvoiceEvent, connection: AsyncConnection) -> None:
    """One order, two payments: a person gives one of them back."""
    order = await order_of(event, connection)
    await mark_order(order.id, "paid twice", connection)


async def order_of(event: InvoiceEvent, connection: AsyncConnection) -> sa.Row:
    """The order that an invoice is for."""
    order_id = int(event.external_id.removeprefix("order-"))
    return (await connection.execute(sa.select(orders).where(orders.c.id == order_id))).one()


async def mark_order(order_id: int, status: str, connection: AsyncConnection) -> None:
    """Change an order; the worker commits."""
    await connection.execute(sa.update(orders).where(orders.c.id == order_id).values(status=status))


inbox = SQLInbox(engine)
worker = AsyncTransactionWorker(inbox, handle)
# Each event is handled in its own request; the worker below finds what failed, and tries it again.
webhook = Webhook(inbox, enqueue=worker.process)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """The tables (or leave them to Alembic), the client, and the worker beside the requests."""
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with AsyncApiClient() as client:
        app.state.invoices = AsyncInvoiceApi(client)
        working = asyncio.create_task(worker.run())
        yield
        worker.stop()  # after the event under way
        await working
    await engine.dispose()


app = FastAPI(routes=[webhook_route("/webhooks/xendit", webhook)], lifespan=lifespan)


# ---------------------------------------------------------------------------------------------- orders

SHELF = """
<!doctype html><title>Toraja coffee</title>
<h1>Toraja coffee, 250 g</h1>
<form method="post" action="/orders"><button>Buy for Rp {price:,}</button></form>
<ul>{orders}</ul>
"""


@app.get("/", response_class=HTMLResponse)
async def shelf() -> str:
    """What there is to buy, and what was bought."""
    async with engine.connect() as connection:
        found = (await connection.execute(sa.select(orders))).all()
    shown = (f'<li><a href="/orders/{order.id}">Order {order.id}</a>: {order.status}</li>' for order in found)
    return SHELF.format(price=PRICE, orders="".join(shown))


@app.post("/orders")
async def buy(request: Request) -> RedirectResponse:
    """Keep the order, create its invoice, send the payer to the payment page."""
    async with engine.begin() as connection:
        made = await connection.execute(sa.insert(orders).values(amount=PRICE, status="pending"))
        order_id = made.inserted_primary_key.id
    page = str(request.url_for("show", order_id=order_id))
    invoice = await request.app.state.invoices.create_invoice(
        CreateInvoiceRequest(
            external_id=external_id_of(order_id),
            amount=PRICE,
            currency="IDR",
            description="Toraja coffee, 250 g",
            success_redirect_url=page,
            failure_redirect_url=page,
        )
    )
    return RedirectResponse(invoice.invoice_url, 303)


@app.get("/orders/{order_id}")
async def show(order_id: int) -> dict[str, str | int]:
    """Where the payer comes back to. Only the webhook says that it was paid."""
    async with engine.connect() as connection:
        order = (await connection.execute(sa.select(orders).where(orders.c.id == order_id))).one_or_none()
    if order is None:
        raise HTTPException(404, "there is no such order")
    return dict(order._mapping)
