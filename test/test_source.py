"""Time, chance and ids: what the source gives, that it can be handed in, and that nothing draws them behind it."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from raw_server import RawServer, http
from recorded import KEY

import xendit
from xendit import ApiClient, Configuration, InvoiceApi
from xendit.bulk import create_many
from xendit.bulk.journal import Journal
from xendit.sandbox import Sandbox
from xendit.sandbox.state.invoice.invoices import Invoices
from xendit.source import SYSTEM, Source
from xendit.webhook import MemoryInbox, Worker
from xendit.webhook.event import read_event

ROOT = Path(__file__).resolve().parent.parent / "xendit"
#: Who may draw for itself, and why.
MAY_DRAW = {
    "source": "it is the source",
    "transport": "sockets know no other time than the machine's",
    "cli": "it is for people, who have a clock",
    "invoice.commands": "the same, for the commands of a product",
}
#: What may be drawn elsewhere all the same.
ALLOWED = {
    ("sandbox.faults", "random.Random"): "the dice of a fault fall the same way for the same seed",
    ("webhook.django.inbox", "time.monotonic"): "Django says by this clock when a connection is to be closed",
}
MODULES = {"time", "random", "secrets", "uuid"}
CLOCKS = {"now", "utcnow", "today"}


def drawn_in(source: str) -> list[str]:
    """What a module draws: calls and references, also of names that it imported; what stands for types does not count."""
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    found = set()
    for node in ast.walk(tree):
        whole = dotted(node, names)
        if whole is not None and is_drawn(whole):
            found.add(whole)
    return sorted(found)


def dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    """The whole name of an attribute or a name, by what was imported."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return None if base is None else f"{base}.{node.attr}"
    return None


def is_drawn(whole: str) -> bool:
    """Whether a name draws time, chance or an id. A type such as uuid.UUID does not."""
    top, _, rest = whole.partition(".")
    if whole in {"os.urandom", "os.getrandom", "asyncio.sleep"}:
        return True
    if top == "datetime":
        return rest.rpartition(".")[2] in CLOCKS
    return top in MODULES and rest not in {"", "UUID", "struct_time", "strptime", "strftime", "gmtime"}


def test_nothing_draws_time_chance_or_ids_behind_the_source() -> None:
    """Whoever does is named; the exceptions are few, and each has its reason."""
    faults = []
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if any(name == each or name.startswith(each + ".") for each in MAY_DRAW):
            continue
        faults += [
            f"xendit.{name} draws {what}: ask the Source that it was given"
            for what in drawn_in(path.read_text("utf-8"))
            if (name, what) not in ALLOWED
        ]
    assert faults == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import time\ntime.time()", "time.time"),
        ("import time as t\nf = t.monotonic", "time.monotonic"),
        ("from time import sleep\nsleep(1)", "time.sleep"),
        ("def f():\n    from uuid import uuid4\n    return uuid4()", "uuid.uuid4"),
        ("import random\nrandom.Random().random()", "random.Random"),
        ("from random import SystemRandom as R\nR().random()", "random.SystemRandom"),
        ("import secrets\nsecrets.token_hex(8)", "secrets.token_hex"),
        ("import os\nos.urandom(8)", "os.urandom"),
        ("from datetime import datetime, timezone\ndatetime.now(timezone.utc)", "datetime.datetime.now"),
        ("import datetime\ndatetime.datetime.utcnow()", "datetime.datetime.utcnow"),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(1)", "asyncio.sleep"),
    ],
)
def test_the_finder_finds(source: str, what: str) -> None:
    """Each way to draw is seen, so that the test above does not pass by seeing nothing."""
    assert what in drawn_in(source)


@pytest.mark.parametrize(
    "source",
    [
        "from xendit.source import SYSTEM\nSYSTEM.wall()",
        "from uuid import UUID\nUUID('x')",
        "from datetime import datetime\ndatetime.fromisoformat('x')",
        "TYPE_CHECKING: bool = False\nif TYPE_CHECKING:\n    from uuid import uuid4\n    uuid4()",
        "def f(random):\n    return random()",
    ],
)
def test_the_finder_finds_no_more(source: str) -> None:
    """Types, and what was handed in, are no draws."""
    assert drawn_in(source) == []


# ------------------------------------------------------------------------------------------ what it gives


def seeded(seed: int) -> Source:
    """A source whose clock moves by waiting alone, and whose chance comes from a seed."""
    now = [1_000_000.0]
    count = [0]

    def entropy(size: int) -> bytes:
        count[0] += 1
        return hashlib.shake_256(f"{seed} {count[0]}".encode()).digest(size)

    def wait(seconds: float) -> None:
        now[0] += seconds

    async def pause(seconds: float) -> None:
        now[0] += seconds

    return Source(wall=lambda: now[0], monotonic=lambda: now[0], entropy=entropy, wait=wait, pause=pause)


def test_what_the_systems_source_gives() -> None:
    """Ids are UUIDs of version 4, chance is from 0 to 1, the moment is aware and of now."""
    made = {SYSTEM.uuid() for _ in range(200)}
    assert len(made) == 200
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in made} == {(4, uuid.RFC_4122)}
    chances = [SYSTEM.chance() for _ in range(2000)]
    assert 0 <= min(chances) < 0.05
    assert 0.95 < max(chances) < 1
    assert abs(sum(chances) / 2000 - 0.5) < 0.05
    assert min(SYSTEM.between(0.8, 1.2) for _ in range(200)) >= 0.8
    assert {SYSTEM.choice("abc") for _ in range(200)} == {"a", "b", "c"}
    assert len(SYSTEM.hexadecimal(8)) == 16
    assert abs((SYSTEM.now() - datetime.now(timezone.utc)).total_seconds()) < 5
    assert SYSTEM.now().tzinfo is timezone.utc


def test_the_largest_entropy_is_below_one() -> None:
    """A chance of 1 would be an index beyond the end."""
    most = Source(entropy=lambda size: b"\xff" * size)
    assert most.chance() < 1
    assert most.choice("abc") == "c"
    assert Source(entropy=bytes).chance() == 0.0


# ------------------------------------------------------------------------------------------ handed in


def test_a_client_waits_by_its_source() -> None:
    """Attempts that would wait for seconds end at once, after the same waits for the same seed, in both worlds."""
    waits = []
    for world in ("sync", "sync", "async"):
        with RawServer([http(503, b"{}", "Retry-After: 5"), http(200, b"[]")]) as server:
            source = seeded(7)
            events: list[Any] = []
            settings = Configuration(server.url, KEY, source=source, on_event=events.append, timeout=60)
            began = source.monotonic()
            if world == "sync":
                assert InvoiceApi(ApiClient(settings)).get_invoices() == []
            else:
                assert asyncio.run(_listed(settings)) == []
        waits.append((source.monotonic() - began, [event.call for event in events]))
    assert waits[0] == waits[1] == waits[2]
    assert waits[0][0] >= 5


async def _listed(settings: Configuration) -> list[Any]:
    return await xendit.AsyncInvoiceApi(xendit.AsyncApiClient(settings)).get_invoices()


def test_a_source_that_is_none_is_refused() -> None:
    """A setting that cannot be used is told where it is given."""
    with pytest.raises(xendit.ConfigurationException, match=r"source must be a xendit\.source\.Source, None was given"):
        Configuration(source=None)  # type: ignore[arg-type]


def test_a_sandbox_of_one_seed_is_the_same_again() -> None:
    """Ids of invoices, payments and events come from the source that its state was given."""

    def told(seed: int) -> list[Any]:
        invoices = Invoices.alone(source=seeded(seed))
        account = invoices.shared.account("xnd_development_a")
        made = invoices.create(account, {"external_id": "order-1", "amount": 10000, "currency": "IDR"})
        invoices.pay(made.id, channel="OVO")
        return [made.id, [(told.id, told.body) for told in invoices.shared.drain()]]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_a_sandbox_gives_ids_of_its_source() -> None:
    """The ids of its answers and of what it makes, over the wire."""
    with Sandbox(source=Source(entropy=lambda size: b"\x07" * size)) as server:
        api = InvoiceApi(ApiClient(Configuration(server.url, server.api_key)))
        answer = api.with_raw_response.create_invoice(external_id="order-1", amount=1)
    assert answer.request_id == "07" * 16
    assert answer.data.id.endswith("07" * 8)


def test_a_worker_an_inbox_and_a_journal_draw_from_theirs() -> None:
    """The owner of an event, the time of the next attempt, the salt of an account: the same for the same seed."""

    def told(seed: int) -> list[Any]:
        source = seeded(seed)
        inbox = MemoryInbox(source=source)
        body = b'{"id":"i","external_id":"o","status":"PAID","amount":1,"currency":"IDR"}'
        added = inbox.add(read_event(body))

        def fail(event: Any) -> None:
            raise ValueError("no")

        Worker(inbox, fail, source=source).process(added.key)
        [letter] = inbox.letters("waiting")
        claim = inbox.claim(added.key)
        assert claim is not None
        return [letter.due_at, claim.owner, Journal(":memory:", source=source).source.hexadecimal(4)]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_a_batch_asks_the_source_of_its_client(sandbox: Any) -> None:
    """The clients' source is the one of the batch too."""
    drawn = []

    def entropy(size: int) -> bytes:
        drawn.append(size)
        return SYSTEM.entropy(size)

    api = InvoiceApi(ApiClient(Configuration(sandbox.url, sandbox.api_key, source=Source(entropy=entropy))))
    [result] = create_many(api, [{"external_id": "order-1", "amount": 1}])
    assert result.state == "created"
    assert 16 in drawn
