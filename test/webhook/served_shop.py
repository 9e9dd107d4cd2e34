"""A shop behind a real server, as a WSGI application that holds everything from its import on: `served_shop:app`.

It runs in an environment of its own (gunicorn, gevent, eventlet, uWSGI), and is told by environment variables: INBOX (a
path, or the URL of a database), XENDIT_BASE_URL, XENDIT_API_KEY, XENDIT_WEBHOOK_TOKEN, and EARLY (`gevent` or `eventlet`,
to be patched before anything else is imported).

`POST /hook` stores a webhook. `POST /create/<order>` creates an invoice, `GET /list/<order>` lists those of an order.
`POST /work` handles two hundred events of what is due and tells how much.
"""

from __future__ import annotations

import os

if os.environ.get("EARLY") == "gevent":
    from gevent import monkey

    monkey.patch_all()
elif os.environ.get("EARLY") == "eventlet":
    import eventlet

    eventlet.monkey_patch()

import json
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from xendit.apis import InvoiceApi
from xendit.webhook import SQLInbox, TransactionWorker, Webhook, read_event
from xendit.webhook.adapters.wsgi import WSGIApp

if TYPE_CHECKING:
    from collections.abc import Callable

place = os.environ["INBOX"]
inbox = SQLInbox(sa.create_engine(place, pool_size=5, max_overflow=5) if "://" in place else place).create_table()
effects = sa.Table("effects", sa.MetaData(), sa.Column("key", sa.String(200)))
hook = WSGIApp(Webhook(inbox))
api = InvoiceApi()

# What a shop does while it is imported: with --preload, and by default under uWSGI, this is before the fork.
api.get_invoices(limit=1)
inbox.add(read_event(b'{"id": "before", "user_id": "usr", "external_id": "x", "status": "PAID", "amount": 1}'))
with inbox.engine.connect() as warmed:
    warmed.execute(sa.text("SELECT 1"))


def note(event: Any, connection: sa.Connection) -> None:
    """The effect of an event."""
    connection.execute(sa.insert(effects).values(key=event.dedupe_key))


worker = TransactionWorker(inbox, note, lease=5)  # a process that is killed is not waited for long


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Answer one request."""
    _, what, *rest = environ["PATH_INFO"].split("/")
    if what == "hook":
        return hook(environ, start_response)
    try:
        if what == "create":
            answer: Any = [api.create_invoice(external_id=rest[0], amount=10_000).external_id]
        elif what == "list":
            answer = [each.external_id for each in api.get_invoices(external_id=rest[0])]
        else:
            answer = worker.drain(limit=200)._asdict()  # so that no server takes the request for one that hangs
        status = "200 OK"
    except Exception as error:  # noqa: BLE001 - the test is told
        status, answer = "500 Internal Server Error", f"{type(error).__name__}: {error}"
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def serve_with_eventlet() -> None:
    """Serve with eventlet's own server, patched now when it was not before: `python served_shop.py PORT`."""
    import eventlet
    import eventlet.wsgi

    eventlet.monkey_patch()
    eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), app, log_output=False)


if __name__ == "__main__":
    serve_with_eventlet()
