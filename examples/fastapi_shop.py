"""A shop in FastAPI: an order, its invoice, the payment page, the webhook, the order paid in its own transaction.

    pip install "xendit-sdk[cli,inbox]" fastapi uvicorn
    xendit sandbox run --webhook /webhooks/xendit -- uvicorn fastapi_shop:app

Without the sandbox, set XENDIT_API_KEY and XENDIT_WEBHOOK_TOKEN; not a line changes.
"""

import os
from uuid import uuid4

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse

from xendit.apis import InvoiceApi
from xendit.models import CreateInvoiceRequest
from xendit.webhook import InvoiceEvent, SQLInbox, TransactionWorker, Webhook
from xendit.webhook.adapters.starlette import webhook_route
from xendit.webhook.sql import inbox_table

PRICE = 150_000
api = InvoiceApi()  # it looks for its key at the first call, and one serves all requests

metadata = sa.MetaData()
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
)
inbox_table(metadata)
engine = sa.create_engine(f"sqlite:///{os.environ.get('SHOP_DATABASE', 'shop.db')}")
metadata.create_all(engine)


# ---------------------------------------------------------------------------------------------- webhooks


def settle_order(event: InvoiceEvent, connection: sa.Connection) -> None:
    """Mark the order, in the same transaction as the event: both happen, or neither."""
    order = connection.execute(sa.select(orders).where(orders.c.id == event.external_id)).one()
    if event.is_paid and event.matches(amount=order.amount, currency="IDR", external_id=order.id):
        connection.execute(sa.update(orders).where(orders.c.id == order.id).values(status="paid"))
    elif event.is_expired and order.status == "pending":
        connection.execute(sa.update(orders).where(orders.c.id == order.id).values(status="expired"))


inbox = SQLInbox(engine)
webhook = Webhook(inbox, enqueue=TransactionWorker(inbox, settle_order).process)
app = FastAPI(routes=[webhook_route("/webhooks/xendit", webhook)])


# ---------------------------------------------------------------------------------------------- orders


@app.post("/orders")
def buy(request: Request) -> RedirectResponse:
    """Keep the order, create its invoice, send the payer to the payment page."""
    order_id = f"order-{uuid4()}"
    with engine.begin() as connection:
        connection.execute(sa.insert(orders).values(id=order_id, amount=PRICE, status="pending"))
    page = str(request.url_for("show", order_id=order_id))
    invoice = api.create_invoice(
        CreateInvoiceRequest(
            external_id=order_id,
            amount=PRICE,
            currency="IDR",
            description="Toraja coffee, 250 g",
            success_redirect_url=page,
            failure_redirect_url=page,
        )
    )
    return RedirectResponse(invoice.invoice_url, 303)


@app.get("/orders/{order_id}")
def show(order_id: str) -> dict[str, str | int]:
    """Where the payer comes back to. Only the webhook says that it was paid."""
    with engine.connect() as connection:
        order = connection.execute(sa.select(orders).where(orders.c.id == order_id)).one_or_none()
    if order is None:
        raise HTTPException(404, "there is no such order")
    return dict(order._mapping)
