"""A small shop with an inbox, as a program of its own, so that tests can run many of it and kill them.

    shop.py make|deliver|work|state '<settings as JSON>'

Settings: `kind` (sqlalchemy, async or django), `url` (sqlite:///… or postgresql+psycopg://…), `mode` (transaction or queue, or either
with ` together`: then a worker has a batch),
`place` (a directory for notes between the processes), `seed`, `events`, and for `work`: `lease`, `kill` and
`overrun` (probabilities), `number`, `die_at` (a key whose handler is killed after its writes), `patient` (whether a
database that is down is waited for).

The shop is as naive as shops are: it writes whatever state an event tells, and notes each effect in a table without
any unique constraint, so that an effect that happens twice is seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.webhook import InvoiceEvent, TransactionWorker, Webhook, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-token-of-the-test"


def bodies(events: int) -> list[tuple[str, str, bytes]]:
    """What happens, as (invoice id, status, body): half is paid, some expire, some are paid after they expired."""
    found = []
    number = 0
    while len(found) < events:
        number += 1
        statuses = {2: ("EXPIRED",), 3: ("EXPIRED", "PAID")}.get(number % 5, ("PAID",))
        for status in statuses:
            body = {
                "id": f"{number:024x}",
                "user_id": "5848fdf860053555135587e7",
                "external_id": f"order-{number}",
                "status": status,
                "merchant_name": "Shop",
                "amount": 1000 + number,
                "currency": "IDR",
                "created": "2025-01-01T00:00:00.000Z",
                "updated": "2025-01-01T00:00:00.000Z",
            }
            if status == "PAID":
                body |= {"paid_amount": 1000 + number, "paid_at": "2025-01-02T00:00:00.000Z"}
            found.append((str(body["id"]), status, json.dumps(body).encode()))
    return found[:events]


class Chaos:
    """What goes wrong, by dice with a seed: a process that is killed, a worker that is too slow."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.dice = random.Random(f"{settings['seed']}/{settings.get('number', 0)}")
        self.kill = settings.get("kill", 0.0) / 3  # at one of three places
        self.overrun = settings.get("overrun", 0.0)
        self.lease = settings.get("lease", 60.0)
        self.place = Path(settings["place"])

    def note(self, what: str) -> None:
        """Leave a note that survives this process."""
        with (self.place / "notes").open("a") as notes:
            notes.write(what + "\n")

    def perhaps_die(self, where: str) -> None:
        """Be killed, as by the machine, one time in many."""
        if self.dice.random() < self.kill:
            self.note(f"killed {where}")
            os.kill(os.getpid(), signal.SIGKILL)

    def perhaps_dawdle(self) -> None:
        """Be slower than the lease, one time in many."""
        if self.dice.random() < self.overrun:
            self.note("overran")
            time.sleep(self.lease * 1.5)


def shop_of(settings: dict[str, Any]) -> Any:
    """The shop on SQLAlchemy or on Django."""
    return (DjangoShop if settings["kind"] == "django" else SQLAlchemyShop)(settings)


class SQLAlchemyShop:
    """The shop with its tables in SQLAlchemy Core."""

    def __init__(self, settings: dict[str, Any]) -> None:
        import sqlalchemy as sa

        from xendit.webhook import SQLInbox

        chaos = self.chaos = Chaos(settings)
        self.sa = sa
        if settings["url"].startswith("sqlite:///"):
            inbox: Any = SQLInbox(settings["url"].removeprefix("sqlite:///"))
        else:
            inbox = SQLInbox(sa.create_engine(settings["url"]))
        self.inbox = _troubled(inbox, chaos)
        self.engine = inbox.engine
        metadata = self.metadata = sa.MetaData()
        self.orders = sa.Table(
            "orders", metadata, sa.Column("id", sa.String(50), primary_key=True), sa.Column("status", sa.String(20))
        )
        self.effects = sa.Table("effects", metadata, sa.Column("key", sa.String(200)))

    def make(self) -> None:
        """Make the tables."""
        self.inbox.create_table()
        self.metadata.create_all(self.engine)

    def joint(self, event: InvoiceEvent, connection: Any) -> None:
        """Write over the inbox's connection."""
        sa = self.sa
        id, status = event.callback.external_id, str(event.callback.status)
        if connection.execute(sa.update(self.orders).where(self.orders.c.id == id).values(status=status)).rowcount == 0:
            connection.execute(sa.insert(self.orders).values(id=id, status=status))
        connection.execute(sa.insert(self.effects).values(key=event.dedupe_key))

    def alone(self, event: InvoiceEvent) -> None:
        """Write in a transaction of its own, and only if the event's effect is not there: what a queue needs."""
        sa = self.sa
        with self.one_at_a_time(event.external_id) as connection:
            there = sa.select(self.effects.c.key).where(self.effects.c.key == event.dedupe_key)
            if connection.execute(there).first() is None:
                query = sa.select(self.orders.c.status).where(self.orders.c.id == event.callback.external_id)
                status = connection.scalar(query)
                if event.supersedes(status):
                    self.joint(event, connection)
                else:
                    connection.execute(sa.insert(self.effects).values(key=event.dedupe_key))

    @contextmanager
    def one_at_a_time(self, order: str) -> Iterator[Any]:
        """A transaction that no other worker has for this order at the same time."""
        sa, dialect = self.sa, self.engine.dialect.name
        with self.engine.connect() as connection:
            if dialect in ("mysql", "mariadb"):  # held by the connection, beyond the end of the transaction
                assert connection.scalar(sa.text("SELECT GET_LOCK(:order, 10)"), {"order": order}) == 1
                connection.commit()
            try:
                with connection.begin():
                    if dialect == "sqlite":
                        connection.execute(sa.update(self.orders).where(sa.false()).values(status=""))  # the write lock
                    elif dialect == "postgresql":
                        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:order))"), {"order": order})
                    yield connection
            finally:
                if dialect in ("mysql", "mariadb"):
                    connection.execute(sa.text("SELECT RELEASE_LOCK(:order)"), {"order": order})

    def state(self) -> tuple[dict[str, str], list[str]]:
        """Every order's state, and every effect."""
        with self.engine.connect() as connection:
            orders = {str(id): str(status) for id, status in connection.execute(self.sa.select(self.orders))}
            return orders, [str(key) for (key,) in connection.execute(self.sa.select(self.effects))]


class DjangoShop:
    """The same shop with Django's models."""

    def __init__(self, settings: dict[str, Any]) -> None:
        import django
        from django.conf import settings as django_settings

        self.chaos = Chaos(settings)
        kind, _, address = settings["url"].partition("://")
        if kind == "sqlite":
            database: dict[str, Any] = {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": address.removeprefix("/"),
                "OPTIONS": {"timeout": 15},
            }
        else:
            user, _, rest = address.partition("@")
            host, _, rest = rest.partition(":")
            port, _, name = rest.partition("/")
            options = {"connect_timeout": 5}
            database = {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": user, "HOST": host}
            database |= {"PORT": port, "OPTIONS": options}
        django_settings.configure(
            INSTALLED_APPS=["xendit.webhook.django"],
            DATABASES={"default": database},
            USE_TZ=True,
        )
        django.setup()
        from django.db import models

        from xendit.webhook.django import DjangoInbox

        class Order(models.Model):
            id = models.CharField(max_length=50, primary_key=True)
            status = models.CharField(max_length=20)

            class Meta:
                app_label = "shop"

        class Effect(models.Model):
            id = models.BigAutoField(primary_key=True)
            key = models.CharField(max_length=200)

            class Meta:
                app_label = "shop"

        self.order, self.effect = Order, Effect
        self.inbox = _troubled(DjangoInbox(), self.chaos)

    def make(self) -> None:
        """Migrate the inbox and make the shop's own tables."""
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        with connection.schema_editor() as editor:
            editor.create_model(self.order)
            editor.create_model(self.effect)

    def joint(self, event: InvoiceEvent, _connection: Any) -> None:
        """Write with models; they join the inbox's transaction by themselves."""
        id, status = event.callback.external_id, str(event.callback.status)
        self.order.objects.update_or_create(id=id, defaults={"status": status})
        self.effect.objects.create(key=event.dedupe_key)

    def state(self) -> tuple[dict[str, str], list[str]]:
        """Every order's state, and every effect."""
        orders = dict(self.order.objects.values_list("id", "status"))
        return orders, list(self.effect.objects.values_list("key", flat=True))


def _troubled(inbox: Any, chaos: Chaos) -> Any:
    """The inbox, whose transactions are followed by trouble: what befalls a worker between two of them."""
    transact = inbox.transact

    def troubled(*args: Any, **options: Any) -> Any:
        result = transact(*args, **options)
        chaos.perhaps_die("after a transaction")
        if isinstance(result, list):  # of claims
            chaos.perhaps_dawdle()
        return result

    inbox.transact = troubled
    return inbox


def _batch_of(settings: dict[str, Any]) -> int:
    """How many events share a commit."""
    return 20 if settings["mode"].endswith("together") else 1


def work(settings: dict[str, Any]) -> None:
    """Drain until everything was delivered and nothing is left."""
    shop = shop_of(settings)
    chaos = shop.chaos
    totals: dict[str, int] = {}

    def joint(event: InvoiceEvent, connection: Any) -> None:
        chaos.perhaps_die("before its effect")
        shop.joint(event, connection)
        if event.dedupe_key == settings.get("die_at"):
            os.kill(os.getpid(), signal.SIGKILL)
        chaos.perhaps_die("between effect and done")

    def alone(event: InvoiceEvent) -> None:
        chaos.note(f"called {event.dedupe_key}")
        chaos.perhaps_die("before its effect")
        shop.alone(event)
        chaos.perhaps_die("between effect and done")

    worker: Any
    if settings["mode"].startswith("transaction"):
        worker = TransactionWorker(shop.inbox, joint, lease=chaos.lease, attempts=50, batch=_batch_of(settings))
    else:
        worker = Worker(shop.inbox, alone, lease=chaos.lease, attempts=50, batch=_batch_of(settings))
    parent = os.getppid()
    while os.getppid() == parent:  # a test that was killed leaves nobody behind
        try:
            drained = worker.drain(limit=20)
            _count(drained, totals, chaos)
            if any(drained):
                continue
            if _is_over(chaos, shop.inbox.tally()):
                break
        except Exception:
            if not settings.get("patient"):
                raise
            chaos.note("waited for the database")
        time.sleep(0.1)
    print(json.dumps(totals))


async def work_async(settings: dict[str, Any]) -> None:
    """The same in an event loop, within the inbox's transaction."""
    from xendit.webhook import AsyncTransactionWorker

    shop = SQLAlchemyShop(settings)
    chaos = shop.chaos
    inbox = _async_inbox(settings)
    transact = inbox.transact_async
    totals: dict[str, int] = {}

    async def troubled(*args: Any, **options: Any) -> Any:
        result = await transact(*args, **options)
        chaos.perhaps_die("after a transaction")
        if isinstance(result, list):  # of claims
            chaos.perhaps_dawdle()
        return result

    async def joint(event: InvoiceEvent, connection: Any) -> None:
        chaos.perhaps_die("before its effect")
        await connection.run_sync(lambda plain: shop.joint(event, plain))
        chaos.perhaps_die("between effect and done")

    inbox.transact_async = troubled  # type: ignore[method-assign]
    worker = AsyncTransactionWorker(inbox, joint, lease=chaos.lease, attempts=50, batch=_batch_of(settings))
    parent = os.getppid()
    while os.getppid() == parent:
        drained = await worker.drain(limit=20)
        _count(drained, totals, chaos)
        if any(drained):
            continue
        if _is_over(chaos, await inbox.tally()):
            break
        await asyncio.sleep(0.1)
    await inbox.engine.dispose()
    print(json.dumps(totals))


def _async_inbox(settings: dict[str, Any]) -> Any:
    """The inbox over an asynchronous driver of the same database."""
    from sqlalchemy.ext.asyncio import create_async_engine

    from xendit.webhook import SQLInbox

    url = settings["url"]
    for plain, awaited in (("sqlite:", "sqlite+aiosqlite:"), ("+psycopg:", "+asyncpg:"), ("+pymysql:", "+aiomysql:")):
        url = url.replace(plain, awaited)
    return SQLInbox(create_async_engine(url))


def _count(drained: Any, totals: dict[str, int], chaos: Chaos) -> None:
    for name, count in drained._asdict().items():
        totals[name] = totals.get(name, 0) + count
    for _ in range(drained.lost):
        chaos.note("lost ")


def _is_over(chaos: Chaos, tally: Any) -> bool:
    return (chaos.place / "delivered").exists() and tally.waiting == tally.working == 0


def deliver(settings: dict[str, Any]) -> None:
    """Deliver every event three times, out of order; what is answered 503 comes again."""
    shop = shop_of(settings)
    webhook = Webhook(shop.inbox, TOKEN, deadline=4)
    deliveries = [body for _, _, body in bodies(settings["events"])] * 3
    random.Random(settings["seed"]).shuffle(deliveries)
    again = 0
    parent = os.getppid()
    while deliveries and os.getppid() == parent:  # a test that was killed leaves nobody behind
        body = deliveries.pop()
        answer = webhook.answer("POST", {"x-callback-token": TOKEN, "content-type": "application/json"}, body)
        if answer.status != 200:
            deliveries.insert(0, body)
            again += 1
    (shop.chaos.place / "delivered").touch()
    print(json.dumps({"answered_503": again}))


async def deliver_async(settings: dict[str, Any]) -> None:
    """The same to an endpoint that awaits its inbox, four at a time."""
    inbox = _async_inbox(settings)
    webhook = Webhook(inbox, TOKEN, deadline=4)
    deliveries = [body for _, _, body in bodies(settings["events"])] * 3
    random.Random(settings["seed"]).shuffle(deliveries)
    again = 0
    parent = os.getppid()

    async def keep_delivering() -> None:
        nonlocal again
        while deliveries and os.getppid() == parent:
            body = deliveries.pop()
            answer = await webhook.answer_async("POST", {"x-callback-token": TOKEN}, body)
            if answer.status != 200:
                deliveries.insert(0, body)
                again += 1

    await asyncio.gather(*(keep_delivering() for _ in range(4)))
    await inbox.engine.dispose()
    (Path(settings["place"]) / "delivered").touch()
    print(json.dumps({"answered_503": again}))


def main(role: str, settings: dict[str, Any]) -> None:
    """Play one of the roles."""
    if role == "make":
        shop_of(settings).make()
    elif role == "deliver":
        if settings["kind"] == "async":
            asyncio.run(deliver_async(settings))
        else:
            deliver(settings)
    elif role == "work":
        if settings["kind"] == "async":
            asyncio.run(work_async(settings))
        else:
            work(settings)
    else:
        shop = shop_of(settings)
        orders, effects = shop.state()
        print(json.dumps({"orders": orders, "effects": effects, "tally": shop.inbox.tally(done=True)._asdict()}))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
