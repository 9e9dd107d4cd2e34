"""A shop in Flask: an order, its invoice, the payment page, the webhook, the order paid in its own transaction.

    pip install "xendit-sdk[cli,inbox]" flask
    xendit sandbox run --webhook /webhooks/xendit -- python flask_shop.py

Without the sandbox, set XENDIT_API_KEY and XENDIT_WEBHOOK_TOKEN; not a line changes.
"""

import os

import sqlalchemy as sa
from flask import Flask, abort, redirect, render_template_string, url_for

from xendit.apis import InvoiceApi
from xendit.models import CreateInvoiceRequest
from xendit.webhook import Handlers, InvoiceEvent, SQLInbox, TransactionWorker, Webhook
from xendit.webhook.adapters.flask import webhook_blueprint
from xendit.webhook.sql import inbox_table

PRICE = 150_000
api = InvoiceApi()  # it looks for its key at the first call, and one serves all requests

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
engine = sa.create_engine(f"sqlite:///{os.environ.get('SHOP_DATABASE', 'shop.db')}")
metadata.create_all(engine)

app = Flask(__name__)


def external_id_of(order_id: int) -> str:
    """What Xendit calls an order."""
    return f"order-{order_id}"


# ---------------------------------------------------------------------------------------------- webhooks

handle = Handlers()


@handle.paid
def settle_order(event: InvoiceEvent, connection: sa.Connection) -> None:
    """Mark the order, in the same transaction as the event: both happen, or neither."""
    order = order_of(event, connection)
    if not event.matches(amount=order.amount, currency="IDR", external_id=external_id_of(order.id)):
        raise ValueError("not what was ordered")  # a dead letter in the end, for a person to look at
    mark_order(order.id, "paid", connection)


@handle.expired
def release_order(event: InvoiceEvent, connection: sa.Connection) -> None:
    """Nobody paid in time; the coffee goes back to the shelf."""
    order = order_of(event, connection)
    if order.status == "pending":
        mark_order(order.id, "expired", connection)


@handle.second_payment
def note_second_payment(event: InvoiceEvent, connection: sa.Connection) -> None:
    """One order, two payments: a person gives one of them back."""
    mark_order(order_of(event, connection).id, "paid twice", connection)


def order_of(event: InvoiceEvent, connection: sa.Connection) -> sa.Row:
    """The order that an invoice is for."""
    order_id = int(event.external_id.removeprefix("order-"))
    return connection.execute(sa.select(orders).where(orders.c.id == order_id)).one()


def mark_order(order_id: int, status: str, connection: sa.Connection) -> None:
    """Change an order; the worker commits."""
    connection.execute(sa.update(orders).where(orders.c.id == order_id).values(status=status))


inbox = SQLInbox(engine)
worker = TransactionWorker(inbox, handle)
# Each event is handled in its own request. What failed is tried again by `worker.drain()`: let cron run it each minute.
webhook = Webhook(inbox, enqueue=worker.process)
app.register_blueprint(webhook_blueprint("/webhooks/xendit", webhook))


# ---------------------------------------------------------------------------------------------- pages

SHELF = """
<!doctype html><title>Toraja coffee</title>
<h1>Toraja coffee, 250 g</h1>
<form method="post" action="{{ url_for('buy') }}"><button>Buy for Rp {{ "{:,}".format(price) }}</button></form>
<ul>{% for order in orders %}
  <li><a href="{{ url_for('show', order_id=order.id) }}">Order {{ order.id }}</a>: {{ order.status }}</li>
{% endfor %}</ul>
"""
RECEIPT = """
<!doctype html><title>Order {{ order.id }}</title>
{% if order.status == "pending" %}<meta http-equiv="refresh" content="2">{% endif %}
<h1>Order {{ order.id }} is {{ order.status }}</h1>
<a href="{{ url_for('shelf') }}">Back to the shop</a>
"""


@app.get("/")
def shelf() -> str:
    """What there is to buy, and what was bought."""
    with engine.connect() as connection:
        found = connection.execute(sa.select(orders)).all()
    return render_template_string(SHELF, price=PRICE, orders=found)


@app.post("/orders")
def buy():
    """Keep the order, create its invoice, send the payer to the payment page."""
    with engine.begin() as connection:
        made = connection.execute(sa.insert(orders).values(amount=PRICE, status="pending"))
        order_id = made.inserted_primary_key.id
    page = url_for("show", order_id=order_id, _external=True)
    invoice = api.create_invoice(
        CreateInvoiceRequest(
            external_id=external_id_of(order_id),
            amount=PRICE,
            currency="IDR",
            description="Toraja coffee, 250 g",
            success_redirect_url=page,
            failure_redirect_url=page,
        )
    )
    return redirect(invoice.invoice_url, 303)


@app.get("/orders/<int:order_id>")
def show(order_id: int) -> str:
    """Where the payer comes back to. Only the webhook says that it was paid, so this page waits for it."""
    with engine.connect() as connection:
        order = connection.execute(sa.select(orders).where(orders.c.id == order_id)).one_or_none()
    if order is None:
        abort(404)
    return render_template_string(RECEIPT, order=order)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
