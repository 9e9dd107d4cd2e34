"""Sixteen threads at once: first uses, one client, one inbox, one sandbox, a close while calls are under way.

On a free-threaded build they truly run at once; elsewhere the interpreter is made to change threads as often as it can.
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import xendit
from xendit.apis import InvoiceApi
from xendit.codec.jsontext import FREE_THREADED
from xendit.exceptions import ConfigurationException
from xendit.webhook import read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xendit.sandbox import Sandbox

THREADS = 16
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _changing_often() -> Iterator[None]:
    """Threads are changed a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def at_once(work: Callable[[int], object]) -> list[BaseException]:
    """Call it in sixteen threads that begin together; give what they raised. A thread that hangs is a failure."""
    raised: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def run(number: int) -> None:
        start.wait(PATIENCE)
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - the test judges it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return raised


def api_of(sandbox: Sandbox, **settings: Any) -> InvoiceApi:
    """An API on a client of its own."""
    return InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key, **settings)))


FIRST_USES = """
import json, sys, threading
sys.setswitchinterval(5e-6)
body = json.dumps({"id": "i", "external_id": "e", "amount": 1, "status": "PAID", "currency": "IDR",
                   "invoice_url": "u", "created": "2020-01-31T00:00:00Z", "items": [{"name": "a", "price": 1, "quantity": 2}]})
raised, start = [], threading.Barrier(16)

def work(number):
    start.wait()
    try:
        import xendit
        for turn in range(25):
            from xendit.models import CreateInvoiceRequest, Invoice, InvoiceCallback, InvoiceStatus
            from xendit.apis import InvoiceApi
            from xendit.webhook import read_event
            invoice = Invoice.from_json(body)
            assert invoice.status == InvoiceStatus.PAID and json.loads(invoice.to_json()) == json.loads(
                Invoice.from_dict(invoice.to_dict()).to_json())
            request = CreateInvoiceRequest(external_id=str(number), amount=1000 + turn)
            assert json.loads(request.to_json()) == {"external_id": str(number), "amount": 1000 + turn}
            assert InvoiceCallback.from_json(body).id == "i"
            assert read_event(body.encode()).invoice_id == "i"
            InvoiceApi(xendit.ApiClient(xendit.Configuration(api_key="xnd_development_x")))
    except BaseException as error:
        raised.append(error)
        raise

threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(raised))
"""


def test_everything_is_first_used_by_sixteen_threads() -> None:
    """Imports on first use and classes that are compiled meanwhile: each thread gets whole modules and right values."""
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", FIRST_USES], capture_output=True, text=True, timeout=120, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, "")


def test_one_client_for_creates_reads_and_lists(sandbox: Sandbox) -> None:
    """Each thread gets the answers to its own requests; the sandbox holds each invoice once."""
    api = api_of(sandbox)

    def work(number: int) -> None:
        for turn in range(4):
            name = f"{number}-{turn}"
            made = api.create_invoice({"external_id": name, "amount": 10_000 + number})
            assert (made.external_id, made.amount) == (name, 10_000 + number)
            assert api.get_invoice_by_id(made.id).external_id == name
            assert [each.id for each in api.get_invoices(external_id=name)] == [made.id]

    assert at_once(work) == []
    counted = collections.Counter(each.external_id for each in api.iter_invoices())
    assert counted == {f"{number}-{turn}": 1 for number in range(THREADS) for turn in range(4)}


def test_clients_that_come_and_go_share_one_pool(sandbox: Sandbox) -> None:
    """A client a call, in every thread: the connections stay few, and none is closed under another."""

    def work(number: int) -> None:
        for _ in range(8):
            with xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)) as client:
                assert InvoiceApi(client).get_invoices(limit=1) == []

    assert at_once(work) == []


def test_a_client_that_is_closed_while_it_is_used(sandbox: Sandbox) -> None:
    """A call under way ends well; a later one is told in one sentence that the client is closed. None hangs."""
    for _ in range(3):
        api = api_of(sandbox)
        began = threading.Semaphore(0)

        def work(number: int, api: InvoiceApi = api, began: threading.Semaphore = began) -> None:
            if number == 0:
                for _ in range(THREADS):
                    began.acquire(timeout=PATIENCE)
                api.api_client.close()
                return
            for turn in range(400):
                api.create_invoice({"external_id": f"{number}-{turn}", "amount": 10_000})
                began.release()

        raised = at_once(work)
        assert len(raised) == THREADS - 1
        assert {(type(each), str(each)) for each in raised} == {
            (ConfigurationException, "this ApiClient is closed; no request was made")
        }


def test_one_key_that_changes_meanwhile(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`set_api_key` and calls of other threads: each call goes out with one whole key."""
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    keys = [sandbox.api_key, sandbox.api_key + "2"]

    def work(number: int) -> None:
        for turn in range(20):
            xendit.set_api_key(keys[(number + turn) % 2])
            InvoiceApi(xendit.ApiClient()).get_invoices(limit=1)

    assert at_once(work) == []


@pytest.mark.parametrize("store", ["memory", "file"])
def test_one_inbox(store: str, tmp_path: Path) -> None:
    """Every event is new for one thread, claimed by one, and done once."""
    pytest.importorskip("sqlalchemy")
    from xendit.webhook import MemoryInbox, SQLInbox

    inbox: Any = MemoryInbox() if store == "memory" else SQLInbox(tmp_path / "inbox.db")
    events = [
        read_event(
            json.dumps(
                {"id": f"inv-{n}", "user_id": "u", "external_id": f"o-{n}", "status": "PAID", "amount": 1000}
            ).encode(),
            webhook_id=f"wh-{n}",
        )
        for n in range(12)
    ]
    new, done = collections.Counter[str](), collections.Counter[str]()
    lock = threading.Lock()

    def work(number: int) -> None:
        for turn in range(len(events)):
            receipt = inbox.add(events[(number + turn) % len(events)])
            with lock:
                new[receipt.key] += receipt.is_new
            claim = inbox.claim()
            if claim is not None and inbox.done(claim):
                with lock:
                    done[claim.key] += 1

    assert at_once(work) == []
    while (claim := inbox.claim()) is not None:
        assert inbox.done(claim)
        done[claim.key] += 1
    assert set(new.values()) == set(done.values()) == {1}
    assert len(new) == len(done) == len(events)


def test_one_sandbox(sandbox: Sandbox) -> None:
    """Created, paid, expired and listed by all threads; in the end every invoice is what was done to it."""
    api = api_of(sandbox)

    def work(number: int) -> None:
        for turn in range(4):
            made = api.create_invoice({"external_id": f"{number}-{turn}", "amount": 10_000})
            if turn % 2:
                sandbox.pay(made.id)
            else:
                api.expire_invoice(made.id)
            api.get_invoices(limit=20)

    assert at_once(work) == []
    found = {each.external_id: str(each.status) for each in api.iter_invoices()}
    assert found == {
        f"{number}-{turn}": "PAID" if turn % 2 else "EXPIRED" for number in range(THREADS) for turn in range(4)
    }


def test_the_lock_stays_off_where_there_is_none() -> None:
    """Nothing that the package imports switches the global lock on again on a free-threaded build."""
    if not FREE_THREADED:
        pytest.skip("this Python has a global lock")
    program = "import sys, xendit.sandbox, xendit.webhook, xendit.bulk; sys.exit(sys._is_gil_enabled())"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
