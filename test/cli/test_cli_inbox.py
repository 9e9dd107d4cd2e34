"""`xendit inbox`: on a file, on a database and on Django's settings; what is said to people, programs and a typo."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa

from xendit.cli.commands import xendit
from xendit.cli.ending import failure_of, told
from xendit.testing import paid
from xendit.webhook import InvoiceEvent, SQLInbox, Worker, read_event

from .terminal import Done, Terminal, piped

HELD = ("ayu@example.com", "Ayu Lestari", "+62811")
SHOP = """
from xendit.webhook import SQLInbox, Worker

def settle(event):
    if event.external_id == "order-2":
        raise ValueError("no stock, ask ayu@example.com")

worker = Worker(SQLInbox("inbox.db"), settle, attempts=1)
other = 7
"""
SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["xendit.webhook.django"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}}
USE_TZ = True
XENDIT_WEBHOOK_WORKER = "hooks.worker"
"""
HOOKS = """
from xendit.webhook import Worker
from xendit.webhook.django import DjangoInbox

worker = Worker(DjangoInbox(), lambda event: None)
"""


def order(number: int, **more: Any) -> Any:
    """The event of a paid order, with personal data in its body."""
    body = paid(external_id=f"order-{number}", amount=150000 + number, id=f"{number:024x}", **more)
    body |= {"payer_email": HELD[0], "customer": {"given_names": HELD[1], "mobile_number": HELD[2]}}
    return read_event(json.dumps(body).encode())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A directory with an inbox of three events: one handled, one dead, one waiting; and the worker of a program."""
    (tmp_path / "hooks_of_shop.py").write_text(SHOP)
    inbox = SQLInbox(tmp_path / "inbox.db")
    inbox.add(order(1))
    inbox.add(order(2))

    def settle(event: InvoiceEvent) -> None:
        event.once("mail", str)
        if event.external_id == "order-2":
            raise ValueError(f"no stock, ask {HELD[0]}")

    assert Worker(inbox, settle, attempts=1).drain()[:4] == (1, 0, 0, 1)
    inbox.add(order(3))
    return tmp_path


@pytest.fixture
def run(shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command in that directory, as in a pipe, within this process: dozens of interpreters would take a minute."""
    monkeypatch.chdir(shop)
    monkeypatch.syspath_prepend(str(shop))

    def ran(*arguments: str) -> Done:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "")
        try:
            with xendit.make_context("xendit", ["inbox", *arguments]) as context:
                code = xendit.invoke(context)
        except click.ClickException as problem:
            code = told(problem)
        except Exception as problem:  # noqa: BLE001 - as the command's own end does
            code = told(failure_of(problem))
        return Done(code, *capsys.readouterr())

    yield ran
    sys.modules.pop("hooks_of_shop", None)


def process(place: Path, *arguments: str, **environment: str) -> Done:
    """The command as a process in a directory, with pipes."""
    return piped(["inbox", *arguments], environment, cwd=place)


def test_the_list_has_what_is_not_done(shop: Path, run: Any) -> None:
    """The latest first, amounts exactly, no personal data; a state alone where it is asked for."""
    done = run("list", "--inbox", "inbox.db")
    assert (done.code, done.err) == (0, "")
    listed = json.loads(done.out)
    assert [(row["external_id"], row["state"], row["amount"], row["attempts"]) for row in listed] == [
        ("order-3", "waiting", 150003, 0),
        ("order-2", "dead", 150002, 1),
    ]
    assert "no stock" in listed[1]["error"]
    assert not any(held in done.out for held in HELD)
    handled = json.loads(run("list", "--state", "done", "--inbox", "inbox.db").out)
    assert [row["external_id"] for row in handled] == ["order-1"]


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal(shop: Path, width: int) -> None:
    """Each event in one line, however narrow the terminal is."""
    with Terminal(["inbox", "list", "--inbox", "inbox.db"], {}, cwd=shop, width=width) as terminal:
        assert terminal.end() == 0
        lines = [line.rstrip() for line in terminal.screen.splitlines() if line.strip()]
    assert len(lines) == 3
    assert all(len(line) <= width for line in lines)
    assert "IDR 150,002" in lines[2]
    assert "ValueError: no" in lines[2]


def test_an_event_is_shown_without_personal_data(shop: Path, run: Any) -> None:
    """Its error with the place in the program, its body masked; whole where that is asked for."""
    done = run("show", "order-2", "--inbox", "inbox.db")
    [event] = json.loads(done.out)
    assert event["state"] == "dead"
    assert "in settle" in event["error"]
    assert [(step["step"], step["done_at"] is not None) for step in event["steps"]] == [("mail", True)]
    assert (event["body"]["external_id"], event["body"]["payer_email"]) == ("order-2", "***")
    assert not any(held in done.out for held in HELD)
    [event] = json.loads(run("show", event["key"], "--body", "--inbox", "inbox.db").out)
    assert event["body"]["payer_email"] == HELD[0]
    with Terminal(["inbox", "show", "order-2", "--inbox", "inbox.db"], {}, cwd=shop) as terminal:
        assert terminal.end() == 0
        assert "dead: nobody tries it again until `xendit inbox replay`" in terminal.screen
        assert "ValueError: no stock, ask ***" in terminal.screen
        assert re.search(r"step mail +done at 20", terminal.screen)
        assert not any(held in terminal.screen for held in HELD)


def test_bodies_that_no_model_knows_are_masked_too(shop: Path, run: Any) -> None:
    """Of an envelope and of what cannot be read, only ids, states and amounts are shown."""
    inbox = SQLInbox(shop / "others.db")
    data = {"id": "x-1", "amount": 5, "currency": "IDR", "email": HELD[0], "names": [HELD[1]], "phone": {"n": HELD[2]}}
    inbox.add(read_event(json.dumps({"event": "thing.made", "data": data}).encode()))
    inbox.add(read_event(json.dumps([HELD[0]]).encode()))
    keys = [row["key"] for row in json.loads(run("list", "--inbox", "others.db").out)]
    shown = [run("show", "--inbox", "others.db", "--", key).out for key in keys]
    assert len(shown) == 2
    assert not any(held in text for text in shown for held in HELD)
    assert any('"x-1"' in text and '"amount": 5' in text for text in shown)


def test_replay_lets_dead_letters_be_handled_again(shop: Path, run: Any) -> None:
    """By name, or all of them; a drain of the program's worker then handles them, and says what failed by its code."""
    done = run("replay", "--dead", "--inbox", "inbox.db")
    assert done.code == 0
    assert len(json.loads(done.out)["replayed"]) == 1
    done = run("drain", "hooks_of_shop:worker")
    assert done.code == 1
    assert json.loads(done.out) == {"handled": 1, "ignored": 0, "failed": 0, "dead": 1, "lost": 0}
    assert "`xendit inbox list` says why" in done.err
    assert run("drain", "hooks_of_shop.worker").code == 0
    assert run("replay", "order-2", "--inbox", "inbox.db").code == 0


def test_replay_asks_before_an_effect_comes_twice(shop: Path, run: Any) -> None:
    """Of what was handled already: on a terminal it asks, in a pipe it refuses without --yes."""
    done = run("replay", "order-1", "order-2", "--inbox", "inbox.db")
    assert done.code == 2
    assert "1 of them was handled already" in done.err
    assert "--yes" in done.err
    assert len(json.loads(run("list", "--state", "dead", "--inbox", "inbox.db").out)) == 1
    with Terminal(["inbox", "replay", "order-1", "--inbox", "inbox.db"], {}, cwd=shop) as terminal:
        while "Handle again?" not in terminal.screen:
            assert terminal.read(10)
        terminal.type("n\n")
        assert terminal.end() == 1
        assert "nothing was changed" in terminal.screen
    assert run("replay", "order-1", "--yes", "--inbox", "inbox.db").code == 0
    assert not json.loads(run("list", "--state", "done", "--inbox", "inbox.db").out)


def test_replay_leaves_alone_what_a_worker_has(shop: Path, run: Any) -> None:
    """It says so, by its exit code too."""
    claim = SQLInbox(shop / "inbox.db").claim()
    assert claim is not None
    done = run("replay", "order-3", "--inbox", "inbox.db")
    assert done.code == 1
    assert json.loads(done.out) == {"replayed": [], "left_alone": [claim.key]}


def test_tally_rings_the_bell(shop: Path, run: Any) -> None:
    """Exit code 1 when more are dead, or overdue for longer, than may be."""
    counted = json.loads(run("tally", "--inbox", "inbox.db").out)
    assert (counted["waiting"], counted["dead"]) == (1, 1)
    assert run("tally", "--most-dead", "1", "--most-behind", "1h", "--inbox", "inbox.db").code == 0
    done = run("tally", "--most-dead", "0", "--inbox", "inbox.db")
    assert done.code == 1
    assert "1 dead letters are more than 0" in done.err
    assert run("tally", "--most-behind", "1ms", "--inbox", "inbox.db").code == 1


def test_purge_forgets_nothing_that_may_come_again(shop: Path, run: Any) -> None:
    """Less than 31 days is refused."""
    done = run("purge", "--older-than", "7d", "--inbox", "inbox.db")
    assert done.code == 2
    assert "31 days" in done.err
    assert json.loads(run("purge", "--older-than", "90d", "--inbox", "inbox.db").out) == {"purged": 0}


def test_django_is_found_by_its_settings(tmp_path: Path) -> None:
    """By the option, or by the variable that manage.py sets; the worker is that of the settings."""
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    (tmp_path / "hooks.py").write_text(HOOKS)
    done = process(tmp_path, "list", "--settings", "site_settings")
    assert done.code == 4
    assert "`manage.py migrate` makes it" in done.err
    program = "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0)"
    named = {"DJANGO_SETTINGS_MODULE": "site_settings"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, env={**os.environ, **named})
    inbox = SQLInbox(sa.create_engine(f"sqlite:///{tmp_path / 'site.db'}"))  # the same columns
    inbox.add(order(1))
    inbox.engine.dispose()
    [event] = json.loads(process(tmp_path, "show", "order-1", "--settings", "site_settings").out)
    assert (event["state"], event["body"]["payer_email"]) == ("waiting", "***")
    assert json.loads(process(tmp_path, "drain", **named).out)["handled"] == 1
    assert json.loads(process(tmp_path, "tally", **named).out)["waiting"] == 0
    assert process(tmp_path, "replay", "order-1", "--yes", **named).code == 0
    assert json.loads(process(tmp_path, "tally", **named).out)["waiting"] == 1


def test_a_database_is_found_by_its_url(postgresql: str) -> None:
    """With or without the driver's name, and as `postgres://`, which some hosts write."""
    engine = sa.create_engine(postgresql)
    SQLInbox(engine).create_table().add(order(1))
    engine.dispose()
    for scheme in ("postgresql+psycopg", "postgresql", "postgres"):
        url = postgresql.replace("postgresql+psycopg", scheme)
        done = process(Path(), "show", "order-1", XENDIT_INBOX=url)
        assert [event["state"] for event in json.loads(done.out)] == ["waiting"], done.err


MISTAKES = [
    (["list"], 2, "which inbox?"),
    (["list", "--inbox", "inbx.db"], 4, "inbx.db is not there; did you mean 'inbox.db'?"),
    (["list", "--inbox", "."], 4, ". is a directory"),
    (["list", "--inbox", "postgrsql://me:secret@host/x"], 2, "did you mean 'postgresql'?"),
    (["list", "--inbox", "postgresql+asyncpg://me:secret@host/x"], 2, "an asynchronous driver"),
    (["list", "--inbox", "postgresql://me:secret@127.0.0.1:1/x"], 5, "me:***@127.0.0.1:1/x"),
    (["list", "--inbox", "inbox.db", "--table", "xendit_inbx"], 4, "did you mean 'xendit_inbox'?"),
    (["list", "--inbox", "inbox.db", "--using", "default"], 2, "--settings"),
    (["list", "--inbox", "inbox.db", "--settings", "x"], 2, "not both"),
    (["list", "--inbox", "inbox.db", "--state", "deed"], 2, "'dead'"),
    (["list", "--settings", "no_such_settings"], 2, "Django cannot be set up with no_such_settings"),
    (["list", "--settings", "x", "--table", "y"], 2, "are for --inbox"),
    (["lst"], 2, "did you mean 'list'?"),
    (["show", "order-9", "--inbox", "inbox.db"], 4, "no event 'order-9'"),
    (["replay", "--inbox", "inbox.db"], 2, "--dead"),
    (["replay", "order-9", "--inbox", "inbox.db"], 4, "no event 'order-9'"),
    (["purge", "--inbox", "inbox.db"], 2, "--older-than"),
    (["drain"], 2, "which worker?"),
    (["drain", "worker"], 2, "module:name"),
    (["drain", "no_such_shop:worker"], 2, "there is no module no_such_shop"),
    (["drain", "hooks_of_shop:wroker"], 2, "did you mean 'worker'?"),
    (["drain", "hooks_of_shop:other"], 2, "an int and no worker"),
    (["drain", "hooks_of_shop:worker", "--watch", "--limit", "1"], 2, "--limit"),
]


def test_a_mistake_is_told_in_a_sentence(shop: Path, run: Any) -> None:
    """With what to do, and without a traceback or a password; nothing is made that was not there."""
    before = sorted(path.name for path in shop.iterdir())
    for arguments, code, said in MISTAKES:
        done = run(*arguments)
        assert (done.code, done.out) == (code, ""), (arguments, done.err)
        assert said in done.err, arguments
        assert "secret" not in done.err, arguments
    assert [path.name for path in sorted(shop.iterdir()) if path.name != "__pycache__"] == before


def test_watching_ends_after_the_event_under_way(shop: Path) -> None:
    """Ctrl-C ends the drain, and nothing is left half done."""
    with Terminal(["inbox", "drain", "hooks_of_shop:worker", "--watch", "--poll", "0.05"], {}, cwd=shop) as terminal:
        while "waiting for webhooks" not in terminal.screen:
            assert terminal.read(10)
        terminal.interrupt()
        assert terminal.end() == 0
    assert SQLInbox(shop / "inbox.db").tally().working == 0
