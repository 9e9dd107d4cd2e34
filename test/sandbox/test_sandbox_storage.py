"""The sandbox's file: what survives an end and a kill, export, import, seeds, and what a bad file gets."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
import urllib3

from xendit.sandbox import Assumptions, Sandbox
from xendit.sandbox.state.invoice.serialization import read_invoice, write_invoice
from xendit.sandbox.storage import VERSION, default_path

FILES = Path(__file__).parent / "files"

KEY = "xnd_development_sandbox"
HEADERS = urllib3.util.make_headers(basic_auth=f"{KEY}:") | {"Content-Type": "application/json"}


@pytest.fixture
def db(tmp_path):
    return tmp_path / "state" / "sandbox.db"


def everything(sandbox):
    return {one.id: write_invoice(one) for one in sandbox.book("invoice").ledger}


def test_all_survives_an_end(start, db, receiver):
    """Invoices, time lines, deliveries, due retries, the clock and the webhook's address are there again."""
    sandbox, client = start(db=db, webhook_url=receiver.url)
    receiver.status = 500
    sandbox.freeze("2027-01-01T00:00:00Z")
    paid = client.create(customer={"given_names": "\ud800"}, metadata={"a": 1}, items=[])["id"]
    client.create(currency="PHP", amount=134.4)
    sandbox.pay(paid)
    (delivery,) = sandbox.wait_for_delivery()
    before = everything(sandbox)
    sandbox.close()
    again, _ = start(db=db)
    assert everything(again) == before
    assert (again.deliveries, again.webhook_url) == ((delivery,), receiver.url)
    assert again.clock().isoformat() == "2027-01-01T00:00:00+00:00"
    receiver.status = 200
    (retry,) = again.advance("15m")
    assert (retry.id, retry.attempt, retry.number, retry.outcome) == (delivery.id, 2, 2, "COMPLETED")
    again.reset()
    again.close()
    empty, _ = start(db=db)
    assert (everything(empty), empty.deliveries) == ({}, ())


def test_a_webhook_that_was_not_sent_is_sent_after_a_restart(start, db, receiver):
    """What was committed with its webhook but not delivered when the process ended is delivered by the next."""
    sandbox, client = start(db=db)
    sandbox.deliver_to(lambda request: None)  # the worker leaves it alone
    invoice = client.create()["id"]
    client.ask("POST", f"/_sandbox/invoices/{invoice}/pay")
    assert sandbox.deliveries == ()
    sandbox.close()
    again, _ = start(db=db, webhook_url=receiver.url)
    (delivery,) = again.wait_for_delivery()
    assert (delivery.invoice_id, delivery.outcome) == (invoice, "COMPLETED")


def test_file_is_private_and_for_one(start, db):
    """The file and its directory are for their owner; a second sandbox on it is refused in one line."""
    start(db=db)
    if os.name == "posix":
        assert stat.S_IMODE(db.stat().st_mode) == 0o600
        assert stat.S_IMODE(db.parent.stat().st_mode) == 0o700
    with pytest.raises(OSError, match="another sandbox has it open"):
        Sandbox(db=db)


def test_bad_files(tmp_path):
    """What is no file of a sandbox, or is of another version, is refused in one line and left as it is."""
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be looked at as one" * 50)
    with pytest.raises(OSError, match="cannot be used: file is not a database"):
        Sandbox(db=text)
    assert text.read_text().startswith("not a database")
    newer = tmp_path / "newer.db"
    file = sqlite3.connect(newer)
    file.execute("PRAGMA user_version=99")
    file.close()
    with pytest.raises(OSError, match="a later version"):
        Sandbox(db=newer)
    with pytest.raises(OSError, match="cannot be opened"):
        Sandbox(db=text / "below" / "sandbox.db")


def test_a_file_of_the_first_version(start, tmp_path):
    """Invoices, webhooks on their way, the log, the clock and the settings of a file that 0.1 wrote are all there."""
    path = tmp_path / "old.db"
    shutil.copy(FILES / "version_1.db", path)
    sandbox, client = start(db=path)
    found = {one["external_id"]: one for one in client.ask("GET", "/v2/invoices").json()}
    assert {name: one["status"] for name, one in found.items()} == {
        "order-open": "PENDING",
        "order-paid": "PAID",
        "order-expired": "EXPIRED",
        "order-settled": "SETTLED",
        "order-untold": "PAID",
    }
    assert found["order-open"]["items"][0]["name"] == "Kopi ☕"
    assert (found["order-settled"]["amount"], found["order-settled"]["currency"]) == (134.4, "PHP")
    assert sandbox.clock.json()["now"] == "2026-01-31T09:16:00.000Z"
    assert sandbox.webhook_url == "http://127.0.0.1:9/webhooks"
    untold, *_ = [one for one in sandbox.wait_for_delivery(5) if one.subject == found["order-untold"]["id"]]
    assert (untold.kind, untold.subject_status, untold.reason) == ("invoice", "PAID", "first")
    log = sandbox.deliveries
    assert [(one.number, one.subject_status, one.outcome, one.attempt) for one in log[:4]] == [
        (1, "PAID", "FAILED", 1),
        (2, "EXPIRED", "COMPLETED", 1),
        (3, "PAID", "COMPLETED", 1),
        (4, "PAID", "FAILED", 2),
    ]
    assert {one.kind for one in log} == {"invoice"}
    assert [one.reference for one in log[:4]] == ["order-paid", "order-expired", "order-settled", "order-paid"]
    assert [one.invoice_id for one in log] == [one.subject for one in log]
    sandbox.deliver_to(lambda request: 200)
    retried = {one.subject: one.attempt for one in sandbox.advance("44m")}
    assert retried == {found["order-paid"]["id"]: 3, found["order-untold"]["id"]: 2}
    late = sandbox.pay(found["order-open"]["id"])
    assert late["status"] == "PAID"


def test_a_file_that_was_brought_up_stays_so(tmp_path):
    """It is written in the new form at once, opened again without a loss, and an interrupted change leaves the old file."""
    path = tmp_path / "old.db"
    shutil.copy(FILES / "version_1.db", path)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE webhooks SET record='no JSON' WHERE number=4")
    with pytest.raises(OSError, match="cannot be used: (Expecting value|Error when decoding null)"):
        Sandbox(db=path)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        assert file.execute("SELECT count(*) FROM invoices").fetchone() == (5,)
    shutil.copy(FILES / "version_1.db", path)
    seen = []
    for _ in range(2):
        with Sandbox(db=path) as sandbox:
            seen.append([write_invoice(one) for one in sandbox.book("invoice").ledger])
    assert len(seen[0]) == 5
    assert seen[0] == seen[1]
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert file.execute("SELECT DISTINCT kind FROM records").fetchall() == [("invoice",), ("transaction",)]


def test_what_cannot_be_kept_did_not_happen(start, db):
    """When the file refuses a change, the caller is told, and memory does not hold it either."""
    sandbox, client = start(db=db)
    kept = client.create()["id"]

    def refuse(*arguments):
        raise sqlite3.OperationalError("database or disk is full")

    sandbox._storage.save = refuse
    assert client.ask("POST", "/v2/invoices", {"external_id": "b", "amount": 1}).status == 500
    assert client.ask("POST", f"/_sandbox/invoices/{kept}/pay").status == 500
    assert [(one["id"], one["status"]) for one in client.ask("GET", "/v2/invoices").json()] == [(kept, "PENDING")]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the rule of Linux")
def test_default_place(monkeypatch, tmp_path):
    """By default the file is where the platform keeps a user's state: one for each directory, or for each name."""
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    places = []
    for directory in (tmp_path / "shop", tmp_path / "other" / "shop", tmp_path / "s h/ö"):
        directory.mkdir(parents=True)
        monkeypatch.chdir(directory)
        assert default_path() == default_path()
        places.append(default_path())
        assert default_path("demo") == state / "xendit-sandbox" / "names" / "demo.db"
    assert len(set(places)) == 3
    assert {place.parent for place in places} == {state / "xendit-sandbox" / "directories"}
    assert [place.name.rpartition("-")[0] for place in places] == ["shop", "shop", "_"]
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_path().is_relative_to(Path.home() / ".local" / "state" / "xendit-sandbox")


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "x" * 61, "-x", "a b"])
def test_name_that_is_none(name):
    """A name is a part of a file's name, and nothing else."""
    with pytest.raises(ValueError, match="a name must be up to 60 letters"):
        default_path(name)


def test_assumptions_are_kept_with_the_state(tmp_path):
    """They are there at the next start, single ones can be changed, and what another version kept does no harm."""
    path = tmp_path / "s.db"
    with Sandbox(db=path, assume={"default_currency": "PHP", "retried_outcomes": {"TIMEOUT", "FAILED"}}):
        pass
    with Sandbox(db=path) as sandbox:
        assert sandbox.assumptions.switched() == {
            "default_currency": "PHP",
            "retried_outcomes": ["FAILED", "TIMEOUT"],
        }
    with Sandbox(db=path, assume={"default_limit": 25}) as sandbox:
        assert sandbox.assumptions.default_currency == "PHP"
        assert sandbox.assumptions.default_limit == 25
    with closing(sqlite3.connect(path)) as file, file:
        file.execute('UPDATE settings SET value=\'{"gone": 1, "default_currency": "THB"}\' WHERE name=\'assumptions\'')
    with Sandbox(db=path) as sandbox:
        assert sandbox.assumptions.switched() == {"default_currency": "THB"}
    with Sandbox(db=path, assumptions=Assumptions()) as sandbox:
        assert sandbox.assumptions.switched() == {}
    with Sandbox(db=path) as sandbox:
        assert sandbox.assumptions == Assumptions()


# ------------------------------------------------------------------------------------------ killed, and asked


class Load:
    """Creates and pays in threads, and notes what was acknowledged."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=5)
        self.created: set[str] = set()
        self.paid: set[str] = set()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(3)]
        for thread in self.threads:
            thread.start()

    def run(self, worker: int) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            body = json.dumps({"external_id": f"{worker}-{number}", "amount": 1_000})
            try:
                answer = self.pool.request("POST", f"{self.url}/v2/invoices", body=body, headers=HEADERS)
                assert answer.status == 200, answer.data
                invoice = answer.json()["id"]
                self.created.add(invoice)
                answer = self.pool.request("POST", f"{self.url}/_sandbox/invoices/{invoice}/pay")
                assert answer.status == 200, answer.data
                self.paid.add(invoice)
            except urllib3.exceptions.HTTPError:
                return  # killed

    def stop(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.pool.clear()


def test_killed_at_random_moments(db):
    """A sandbox that is killed while it works loses no invoice and no payment that it acknowledged."""
    rounds = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "proof" else 5
    dice = random.Random(20_260_131)
    created: set[str] = set()
    paid: set[str] = set()
    for _ in range(rounds):
        program = Path(__file__).with_name("crashing.py")
        process = subprocess.Popen([sys.executable, str(program), str(db)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process:
            load = Load(process.stdout.readline().strip())
            time.sleep(dice.uniform(0.02, 0.4))
            process.kill()
        load.stop()
        created |= load.created
        paid |= load.paid
        with Sandbox(db=db) as sandbox:
            kept = {one.id: one.status for one in sandbox.book("invoice").ledger}
            told = {one.subject for one in sandbox._deliveries._webhooks.values()}
        assert created <= set(kept)
        assert {kept[one] for one in paid} <= {"PAID"}
        assert load.paid <= told  # each payment has its webhook, sent or still to be sent
    assert created
    assert paid


# ----------------------------------------------------------------------------------- export, import and seeds


def test_export_and_import(start):
    """An export taken over by another sandbox gives the same invoices; taking it twice is refused."""
    sandbox, client = start()
    sandbox.pay(client.create(metadata={"a": [1, {"b": None}]})["id"], channel="QRIS")
    sandbox.expire(client.create()["id"])
    exported = client.ask("GET", "/_sandbox/export").json()
    other, other_client = start()
    assert other_client.ask("POST", "/_sandbox/import", exported).json() == {
        "invoices": 2,
        "transactions": 1,
        "refunds": 0,
        "reports": 0,
    }
    assert everything(other) == everything(sandbox)
    assert other.deliveries == ()
    again = other_client.ask("POST", "/_sandbox/import", exported)
    assert (again.status, "is there already" in again.json()["message"]) == (400, True)


SEED = """
now = "2026-01-31T09:00:00Z"

[[invoices]]
external_id = "order-1"
amount = 150000
status = "SETTLED"
channel = "BCA"

[[invoices]]
external_id = "order-1"
amount = 5000
status = "EXPIRED"

[[invoices]]
external_id = "order-2"
amount = 134.4
currency = "PHP"
for_user_id = "62efe4c33e45694d63f585f0"

[[faults]]
kind = "error"
match = "expire"
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TOML is read by Python 3.11 and newer")
def test_seed_in_toml(start, tmp_path):
    """A seed gives the same invoices with the same ids each time, tells nobody, and arms its faults."""
    path = tmp_path / "seed.toml"
    path.write_text(SEED)
    seen = []
    for _ in range(2):
        sandbox, client = start()
        loaded = sandbox.load(path)
        seen.append([one["id"] for one in loaded])
        assert [one["status"] for one in loaded] == ["SETTLED", "EXPIRED", "PENDING"]
        assert loaded[0]["created"].startswith("2026-01-31T09:00:00")
        assert len(client.ask("GET", "/v2/invoices").json()) == 2
        assert client.ask("POST", f"/invoices/{loaded[1]['id']}/expire!").status == 500
        assert sandbox.deliveries == ()
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 3


@pytest.mark.parametrize(
    ("seed", "says"),
    [
        ({"invoice": []}, "a seed holds invoices"),
        ({"invoices": {}}, "invoices must be a list"),
        ({"invoices": [{"external_id": "a"}]}, 'invoice 1 of the seed: .*"amount" is required'),
        ({"invoices": [{"external_id": "a", "amount": 1, "status": "LOST"}]}, "status must be PENDING"),
        ({"invoices": [{"external_id": "a", "amount": 1, "id": "X"}]}, "24 hexadecimal digits"),
        ({"records": [{"id": "a"}]}, "no record of an invoice"),
        ({"faults": [{"kind": "nope"}]}, "kind must be one of"),
        ({"now": "today"}, "a moment must be"),
        ({"webhook_url": "http://10.0.0.1/"}, "must be on this machine"),
    ],
)
def test_bad_seeds(sandbox, client, seed, says):
    """A seed with a mistake is refused with a sentence that finds it."""
    with pytest.raises(ValueError, match=says):
        sandbox.load(seed)
    assert client.ask("POST", "/_sandbox/import", seed).status == 400


def test_bad_seed_files(sandbox, tmp_path):
    """A file that cannot be read is named."""
    path = tmp_path / "seed.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"seed\.json cannot be read"):
        sandbox.load(path)
    with pytest.raises(FileNotFoundError):
        sandbox.load(tmp_path / "none.json")


def test_record_is_whole(sandbox, client):
    """Writing an invoice down and reading it back loses nothing."""
    made = client.ask(
        "POST",
        "/v2/invoices",
        {"external_id": "a", "amount": 1, "reminder_time": 1, "reminder_time_unit": "days", "locale": "id"},
        with_fee_rule="xpfeeru_1",
        with_split_rule="splitru_1",
    ).json()["id"]
    sandbox.pay(made)
    invoice = sandbox.book("invoice").find(made)
    assert read_invoice(json.loads(json.dumps(write_invoice(invoice)))) == invoice
    assert (invoice.fee_rule, invoice.split_rule) == ("xpfeeru_1", "splitru_1")
    assert datetime.now(timezone.utc) >= invoice.created


def test_an_impatient_ctrl_c_is_not_answered_with_a_traceback(tmp_path: Path) -> None:
    """The second one comes while the sandbox closes, and changes nothing."""
    command = [sys.executable, "-m", "xendit.sandbox", "up", "--db", str(tmp_path / "s.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        shown = ""
        while "kept in" not in shown:
            shown = process.stdout.readline()
            assert shown or process.poll() is None
        process.send_signal(signal.SIGINT)
        while "closing" not in shown:
            shown = process.stdout.readline()
            assert shown or process.poll() is None
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert (process.wait(10), "Traceback" in rest) == (0, False)
