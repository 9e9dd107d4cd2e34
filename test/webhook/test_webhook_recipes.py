"""The blocks of docs/Webhooks.md that need a site or a broker: each is run as it is printed, with a real queue."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent.parent / "docs" / "Webhooks.md"
TOKEN = "a-token-of-the-test"

PRELUDE = """
import json, os, sys, time
os.environ["XENDIT_WEBHOOK_TOKEN"] = "a-token-of-the-test"
from xendit.webhook import InvoiceEvent, SQLInbox, Webhook, Worker
shipped = []
def send_mail(event):
    shipped.append(event.external_id)
def post(webhook, external_id):
    body = {"id": external_id, "user_id": "u", "external_id": external_id, "status": "PAID", "amount": 5, "currency": "IDR"}
    answer = webhook.answer("POST", {"x-callback-token": "a-token-of-the-test"}, json.dumps(body).encode())
    assert answer.status == 200, answer
def until(done):
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, shipped
        time.sleep(0.01)
"""

CELERY = """
from celery.contrib.testing.worker import start_worker
post(celery_webhook, "order-1")
assert shipped == []
with start_worker(celery, pool="solo", perform_ping_check=False):
    until(lambda: shipped == ["order-1"])
    celery_inbox.add(__import__("xendit.webhook", fromlist=["x"]).read_event(b'{"id": "2", "status": "PAID", "external_id": "order-2"}'))
    celery_drain.delay()
    until(lambda: shipped == ["order-1", "order-2"])
assert celery_inbox.tally(done=True).done == 2
"""

DRAMATIQ = """
post(dramatiq_webhook, "order-1")
assert shipped == []
consumer = dramatiq.Worker(dramatiq.get_broker(), worker_timeout=50)
consumer.start()
until(lambda: shipped == ["order-1"])
consumer.stop()
assert dramatiq_inbox.tally(done=True).done == 1
"""

RQ = """
post(rq_webhook, "order-1")
assert shipped == []
from rq import SimpleWorker
SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")
assert shipped == ["order-1"]
assert rq_worker.inbox.tally(done=True).done == 1
"""

LOOP = """
import asyncio
async def come(webhook, external_id):
    body = {"id": external_id, "user_id": "u", "external_id": external_id, "status": "PAID", "amount": 5, "currency": "IDR"}
    answer = await webhook.answer_async("POST", {"x-callback-token": "a-token-of-the-test"}, json.dumps(body).encode())
    assert answer.status == 200, answer
async def mail(event):
    await asyncio.sleep(0)
    shipped.append(event.external_id)
async def until_shipped(*orders):
    end = time.monotonic() + 60
    while sorted(shipped) != sorted(orders):
        assert time.monotonic() < end, shipped
        await asyncio.sleep(0.01)
async def until_done(inbox, number):
    end = time.monotonic() + 60  # its handler has returned, and the inbox has not noted that yet
    while (await inbox.tally(done=True)).done != number:
        assert time.monotonic() < end, await inbox.tally(done=True)
        await asyncio.sleep(0.01)
"""

FASTAPI = """
from fastapi.testclient import TestClient
with TestClient(app) as client:
    for number in (1, 2):
        body = {"id": f"i{number}", "user_id": "u", "external_id": f"order-{number}", "status": "PAID", "amount": 5}
        answer = client.post("/webhooks/xendit", json=body, headers={"x-callback-token": "a-token-of-the-test"})
        assert answer.status_code == 200, answer.text
        until(lambda: len(shipped) == number)
assert shipped == ["order-1", "order-2"]
from sqlalchemy import create_engine
assert SQLInbox(create_engine("sqlite:///fastapi.db")).tally(done=True)[:4] == (0, 0, 2, 0)
"""

ARQ = """
from arq.worker import Worker as ArqWorker
redis.port = int(os.environ["PORT"])
async def main():
    await arq_inbox.create_table()
    await come(arq_webhook, "order-1")
    assert shipped == []
    arq = ArqWorker(WorkerSettings.functions, redis_settings=redis, handle_signals=False, poll_delay=0.01, burst=True)
    await asyncio.wait_for(arq.main(), 60)  # until nothing is left
    assert shipped == ["order-1"]
    await drain({})
    await arq.close()
    assert (await arq_inbox.tally(done=True)).done == 1
    await arq_inbox.engine.dispose()
asyncio.run(main())
"""

TASKIQ = """
async def main():
    await taskiq_inbox.create_table()
    await broker.startup()
    await come(taskiq_webhook, "order-1")
    await until_shipped("order-1")
    await taskiq_inbox.add(__import__("xendit.webhook", fromlist=["x"]).read_event(b'{"id": "2", "status": "PAID", "external_id": "order-2"}'))
    await taskiq_drain.kiq()
    await until_shipped("order-1", "order-2")
    await until_done(taskiq_inbox, 2)
    await broker.shutdown()
    await taskiq_inbox.engine.dispose()
asyncio.run(main())
"""

SAQ = """
from saq import Worker as SaqWorker
async def main():
    await saq_inbox.create_table()
    await saq_queue.connect()
    await come(saq_webhook, "order-1")
    assert shipped == []
    saq = SaqWorker(**settings)
    working = asyncio.create_task(saq.start())
    await until_shipped("order-1")
    await until_done(saq_inbox, 1)
    await saq.stop()
    await asyncio.gather(working, return_exceptions=True)
    await saq_queue.disconnect()
    await saq_inbox.engine.dispose()
asyncio.run(main())
"""

SITE = """
import types
import django
from django.conf import settings
INSTALLED_APPS = ["django_tasks"]
exec(BLOCKS["settings.py"], globals())
settings.configure(
    INSTALLED_APPS=INSTALLED_APPS, XENDIT_WEBHOOK_WORKER=XENDIT_WEBHOOK_WORKER, USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}},
)
django.setup()
from django.core.management import call_command
from django.db import connection as database, models
class Order(models.Model):
    id = models.CharField(max_length=50, primary_key=True)
    total = models.IntegerField()
    status = models.CharField(max_length=20)
    class Meta:
        app_label = "shop"
call_command("migrate", verbosity=0)
with database.schema_editor() as editor:
    editor.create_model(Order)
for number in (1, 2):
    Order.objects.create(id=f"order-{number}", total=5, status="open")
shop = sys.modules["shop"] = types.ModuleType("shop")
shop.models = sys.modules["shop.models"] = types.ModuleType("shop.models")
shop.models.Order = Order
shop.webhooks = sys.modules["shop.webhooks"] = types.ModuleType("shop.webhooks")
exec(compile(BLOCKS["shop/webhooks.py"], "shop/webhooks.py", "exec"), vars(shop.webhooks))
from xendit.webhook.django.checks import check_settings
assert check_settings() == []
post(shop.webhooks.webhook, "order-1")
call_command("xendit_drain", "--once", stdout=open(os.devnull, "w"))
assert Order.objects.get(id="order-1").status == "paid"
"""

DJANGO_TASKS = (
    SITE
    + """
try:
    import django.tasks
except ImportError:  # before Django 6
    import django_tasks
    sys.modules["django.tasks"] = django_tasks
tasks = types.ModuleType("shop.tasks")
sys.modules["shop.tasks"] = tasks
vars(tasks).update(worker=shop.webhooks.worker, inbox=shop.webhooks.inbox, Webhook=Webhook, __name__="shop.tasks")
exec(compile(BLOCKS["django.tasks"], "shop/tasks.py", "exec"), vars(tasks))
post(tasks.webhook, "order-2")
assert Order.objects.get(id="order-2").status == "paid"
"""
)


def blocks() -> dict[str, str]:
    """The blocks by what stands above them in bold, or by the file that their first line names."""
    text = PAGE.read_text("utf-8")
    found = {}
    for match in re.finditer(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        heading = re.findall(r"^\*\*([\w.]+)\*\*", text[: match.start()], re.MULTILINE)
        named = re.match(r"# ([\w/]+\.py)\n", match[1])
        found[named[1] if named else heading[-1]] = match[1]
    return found


@pytest.fixture(name="redis")
def redis_port() -> Iterator[int]:
    """The port of an empty Redis."""
    problem = redis_server.install()
    if problem is not None:
        pytest.skip(problem)
    with redis_server.server() as port:
        yield port


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Celery", "", CELERY),
        ("Dramatiq", "", DRAMATIQ),
        ("RQ", "import redis, fakeredis\nredis.Redis = fakeredis.FakeRedis\n", RQ),
        ("FastAPI", LOOP, FASTAPI),
        ("arq", LOOP, ARQ),
        ("taskiq", LOOP, TASKIQ),
        ("saq", LOOP, SAQ),
        ("settings.py", "", SITE),
        ("django.tasks", "", DJANGO_TASKS),
    ],
    ids=["Celery", "Dramatiq", "RQ", "FastAPI", "arq", "taskiq", "saq", "Django", "django.tasks"],
)
def test_a_recipe_works_as_it_is_printed(
    name: str, before: str, after: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An event that comes in reaches the shop through the queue, once, and is done."""
    printed = blocks()[name]
    body = "" if after.startswith(SITE) else printed  # a site is set up before its modules are read
    if name == "saq":
        body = body.replace('"redis://localhost"', '"redis://127.0.0.1:" + os.environ["PORT"]')
    program = f"{PRELUDE}\nBLOCKS = {blocks()!r}\n{before}\n{body}\nAFTER = {after!r}\n"
    (tmp_path / "recipe.py").write_text(program, "utf-8")
    command = [sys.executable, "-c", "import recipe; exec(recipe.AFTER, vars(recipe))"]
    port = str(request.getfixturevalue("redis")) if name in ("arq", "saq") else ""
    environment = {**os.environ, "PORT": port}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_block_of_that_kind_is_a_recipe() -> None:
    """None is printed that nobody runs."""
    queues = {"Celery", "Dramatiq", "RQ", "django.tasks", "arq", "taskiq", "saq"}
    elsewhere = {"versions/2_inbox.py"}  # in test_webhook_upgrade.py
    assert set(blocks()) == {"settings.py", "shop/webhooks.py", "FastAPI", *queues, *elsewhere}
