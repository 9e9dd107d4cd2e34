"""The Django app: admin, system check, migration and the command, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SITE = Path(__file__).with_name("django_site.py")


def site(*arguments: str, fails: bool = False, **environment: str) -> str:
    """Run the site and give what it printed; `fails`: it must end with an error, whose text is given."""
    command = [sys.executable, "-W", "error", str(SITE), *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XENDIT_")}
    environment = {**inherited, **environment, "PYTHONPATH": str(SITE.parent)}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
    return ran.stderr if fails else ran.stdout


def test_the_admin_shows_and_replays(tmp_path: Path) -> None:
    """List, filter, search, read an event with its error, replay it; nothing can be added, changed or deleted."""
    database = str(tmp_path / "site.db")
    site("fill", database, "12")
    assert site("admin", database) == "seen\n"


def test_a_handler_that_commits_is_found_out_at_once(tmp_path: Path) -> None:
    """Django refuses it; the event is a dead letter after one attempt, with the sentence."""
    assert site("commits", str(tmp_path / "site.db")) == "found out\n"


def test_a_connection_is_kept(tmp_path: Path) -> None:
    """CONN_MAX_AGE is 0 unless it is set, by which Django means the end of a request: not that of each transaction."""
    assert site("keeps", str(tmp_path / "site.db")) == "kept\n"


def test_a_database_without_autocommit_is_refused(tmp_path: Path) -> None:
    """Under it `atomic` commits nothing: an event would be acknowledged and be gone with its connection."""
    assert site("without_autocommit", str(tmp_path / "site.db")) == "['xendit_webhook.W004']\n"


def test_the_migration_is_complete(tmp_path: Path) -> None:
    """The model needs no migration that is not there."""
    assert "No changes detected" in site("makemigrations", str(tmp_path / "x.db"), "--check", "--dry-run")


def test_the_command_drains_once(tmp_path: Path) -> None:
    """`xendit_drain --once` handles what is due, says what became of it, and ends."""
    database, effects = str(tmp_path / "site.db"), tmp_path / "effects"
    site("fill", database, "6")
    told = site("xendit_drain", database, "--once", "--purge=40", WORKER="django_site.worker", EFFECTS=str(effects))
    lines = told.splitlines()
    assert lines[0] == "purged 0"
    assert "handled" in lines[1]
    assert "1 ignored" in lines[1]
    assert lines[2].startswith("inbox: ")
    assert "order-4" in effects.read_text()
    assert site("xendit_drain", database, "--once", WORKER="django_site.worker").startswith("nothing to do")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_it_is_told_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    """As systemd or a terminal tells it, after the event under way, with a good exit code."""
    database, effects = str(tmp_path / "site.db"), tmp_path / "effects"
    site("fill", database, "6")
    command = [sys.executable, str(SITE), "xendit_drain", database, "--poll=0.05"]
    environment = os.environ | {"WORKER": "django_site.worker", "EFFECTS": str(effects), "PYTHONPATH": str(SITE.parent)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    assert "waiting for webhooks" in process.stdout.readline()
    while not effects.exists():
        assert process.poll() is None
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "inbox: " in out


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        (None, "set XENDIT_WEBHOOK_WORKER to the dotted path"),
        ("django_site.nothing", "django_site"),
        ("no_such_module.worker", "no_such_module"),
        ("django_site.no_worker", "neither a Worker nor a TransactionWorker"),
    ],
)
def test_a_wrong_worker_is_told(tmp_path: Path, worker: str | None, said: str) -> None:
    """By the command in one line, and by the system check before anything runs."""
    environment = {} if worker is None else {"WORKER": worker}
    database = str(tmp_path / "x.db")
    assert said in site("xendit_drain", database, "--once", fails=True, **environment)
    checked = site("check", database, **environment)
    assert ("xendit_webhook.W001" if worker is None else "xendit_webhook.E002") in checked


def test_good_settings_pass_the_check(tmp_path: Path) -> None:
    """And what would lose webhooks is told: a database that may hang for minutes."""
    assert site("check", str(tmp_path / "x.db"), WORKER="django_site.worker", XENDIT_WEBHOOK_TOKEN="t") == ""
    assert "W002" in site("check", "postgresql", WORKER="django_site.worker")


@pytest.mark.parametrize("token", ["", ",", None])
def test_a_missing_token_is_a_warning(tmp_path: Path, token: str | None) -> None:
    """`check` names the setting; `check` and `migrate` of Django run all the same, with an endpoint in the URLs."""
    environment = {} if token is None else {"XENDIT_WEBHOOK_TOKEN": token}
    database = str(tmp_path / "x.db")
    told = site("check", database, WORKER="django_site.worker", **environment)
    assert told.startswith("xendit_webhook.W003 XENDIT_WEBHOOK_TOKEN is not set")
    for command in (["system_check"], ["migrate", "-v0"]):
        site(command[0], database, *command[1:], WORKER="django_site.worker", **environment)


def test_a_token_that_can_be_none_is_an_error(tmp_path: Path) -> None:
    """In quotes, as docker leaves them: every webhook would be answered 503, so the deployment stops."""
    database = str(tmp_path / "x.db")
    environment = {"WORKER": "django_site.worker", "XENDIT_WEBHOOK_TOKEN": '"token-in-quotes"'}
    told = site("check", database, **environment)
    assert "xendit_webhook.E001 the environment variable XENDIT_WEBHOOK_TOKEN: the webhook token is in quotes" in told
    assert "token-in-quotes" not in told
    assert "E001" in site("system_check", database, fails=True, **environment)


def test_a_wrong_option_is_told(tmp_path: Path) -> None:
    """Too short a memory, or no time between two looks."""
    database = str(tmp_path / "site.db")
    site("migrate", database, "-v0")
    worker = "django_site.worker"
    assert "at least 31 days" in site("xendit_drain", database, "--purge=1", fails=True, WORKER=worker)
    assert "--poll must be more than 0" in site("xendit_drain", database, "--poll=0", fails=True, WORKER=worker)
