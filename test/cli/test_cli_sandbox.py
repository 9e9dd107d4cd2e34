"""`xendit sandbox`: each command through a terminal and through a pipe."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from xendit.cli.output import Output
from xendit.cli.supervisor import ChildProcess
from xendit.sandbox import Sandbox

from .terminal import COMMAND, Terminal, alive, environment_of, piped, shown

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Receiver

KEY = "xnd_development_sandbox"


def made(sandbox: Sandbox, *external_ids: str) -> list[str]:
    """Invoices of the sandbox, by their external ids; their ids, in the same order."""
    taken = sandbox.load({"invoices": [{"external_id": each, "amount": 150000} for each in external_ids]})
    return [each["id"] for each in taken]


# ------------------------------------------------------------------------------------------ up


def test_up_in_a_pipe_says_where_it_is_and_what_happens(home: dict[str, str]) -> None:
    """The first line is JSON; Ctrl-C ends it with 130, one sentence, and no file left of it."""
    with Terminal(["sandbox", "up", "--ephemeral", "--port", "0", "--json"], home) as terminal:
        terminal.wait_for('"kept_in"')
        facts = json.loads(terminal.screen.splitlines()[0])
        assert facts["api_key"] == KEY
        created = piped(["invoices", "create", "--external-id", "o-1", "--amount", "10000", "--sandbox"], home)
        assert created.code == 0, created.err
        assert json.loads(created.out)["invoice_url"].startswith(facts["url"])
        terminal.wait_for("PENDING  o-1  IDR 10,000")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "the sandbox has ended; all it held was in memory and is gone" in terminal.screen
    assert piped(["sandbox", "status"], home).err.startswith("error: no sandbox runs on this machine\n")


def test_up_on_a_terminal_shows_what_to_export(home: dict[str, str]) -> None:
    """Address, where webhooks go, and three lines to copy."""
    with Terminal(["sandbox", "up", "--port", "0"], home) as terminal:
        terminal.wait_for("export XENDIT_WEBHOOK_TOKEN=")
        assert re.search(r"dashboard +http://127.0.0.1:\d+/_sandbox/", terminal.screen)
        assert "export XENDIT_API_KEY=xnd_development_sandbox" in terminal.screen
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 143
        assert "all it held is in " in terminal.screen


def test_two_sandboxes_do_not_fight_for_the_file(home: dict[str, str]) -> None:
    """The second one keeps its invoices in memory and says so; the newest is found."""
    with Terminal(["sandbox", "up", "--port", "0"], home) as first:
        first.wait_for("XENDIT_WEBHOOK_TOKEN")
        with Terminal(["sandbox", "up", "--port", "0"], home) as second:
            second.wait_for("XENDIT_WEBHOOK_TOKEN")
            assert "this one keeps them in memory" in second.screen
            url = re.search(r"BASE_URL=(\S+)", second.screen)
            assert url is not None
            assert json.loads(piped(["sandbox", "status"], home).out)["url"] == url[1]


def test_the_account_it_stands_for_is_kept_with_its_state(home: dict[str, str], tmp_path: Path) -> None:
    """`--currency` and `--assume` are shown, count, and count at the next start in the same directory too."""
    up = ["sandbox", "up", "--port", "0", "--json"]
    shop = tmp_path / "shop"
    shop.mkdir()
    with Terminal([*up, "--currency", "php", "--assume", "default_limit=25"], home, cwd=shop) as terminal:
        terminal.wait_for('"kept_in"')
        facts = json.loads(terminal.screen.splitlines()[0])
        assert facts["assumptions"] == {"default_currency": "PHP", "default_limit": 25}
        made = piped(["invoices", "create", "--external-id", "o-1", "--amount", "100", "--sandbox"], home, cwd=shop)
        assert json.loads(made.out)["currency"] == "PHP"
        assert re.search(
            r"assumes +default_currency=PHP, default_limit=25", shown(["sandbox", "status"], {**home}, cwd=shop)[1]
        )
    with Terminal(up, home, cwd=shop) as terminal:
        terminal.wait_for('"kept_in"')
        assert json.loads(terminal.screen.splitlines()[0]) == {**facts, "url": facts_of(terminal)["url"]}
    with Terminal([*up, "--reset"], home, cwd=shop) as terminal:
        terminal.wait_for('"kept_in"')
        assert facts_of(terminal)["assumptions"] == {}


def facts_of(terminal: Terminal) -> dict[str, Any]:
    """What `up --json` says first."""
    facts: dict[str, Any] = json.loads(terminal.screen.splitlines()[0])
    return facts


def test_two_directories_have_two_states(home: dict[str, str], tmp_path: Path) -> None:
    """Each project has its own file and its own sandbox; a name stands for one state wherever it is used."""
    up = ["sandbox", "up", "--port", "0", "--json"]
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with Terminal(up, home, cwd=one) as first, Terminal(up, home, cwd=other) as second:
        first.wait_for('"kept_in"')
        second.wait_for('"kept_in"')
        assert facts_of(first)["kept_in"] != facts_of(second)["kept_in"]
        for place, terminal in ((one, first), (other, second)):
            assert json.loads(piped(["sandbox", "status"], home, cwd=place).out)["url"] == facts_of(terminal)["url"]
    kept = set()
    for place in (one, other):
        with Terminal([*up, "--name", "demo"], home, cwd=place) as terminal:
            terminal.wait_for('"kept_in"')
            kept.add(facts_of(terminal)["kept_in"])
    assert len(kept) == 1


def test_the_state_of_before_is_told_of(home: dict[str, str], tmp_path: Path) -> None:
    """Whoever kept invoices in the one file of before learns where they are, once for each directory."""
    former = tmp_path / "state" / "xendit-sandbox" / "sandbox.db"
    former.parent.mkdir(parents=True)
    former.touch()
    for told in (True, False):
        with Terminal(["sandbox", "up", "--port", "0"], home, cwd=tmp_path) as terminal:
            terminal.wait_for("XENDIT_WEBHOOK_TOKEN")
            assert ("that of before is in" in terminal.screen) is told


def test_a_sandbox_that_was_killed_is_not_found(home: dict[str, str]) -> None:
    """What it left behind is tidied up."""
    with Terminal(["sandbox", "up", "--ephemeral", "--port", "0"], home) as terminal:
        terminal.wait_for("XENDIT_WEBHOOK_TOKEN")
        terminal.process.kill()
        terminal.process.wait()
        assert "no sandbox runs" in piped(["sandbox", "status"], home).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--webhook-url", "https://example.com/"], "the webhook URL must begin with http://"),
        (["up", "--db", "x.db", "--ephemeral"], "give --db or --ephemeral, not both"),
        (["up", "--name", "shop", "--ephemeral"], "give --name or --ephemeral, not both"),
        (["up", "--name", "a/b"], "a name must be up to 60 letters, digits, dots, hyphens and underscores"),
        (["up", "--ephemeral", "--allow-host", "http://shop.test"], "without http:// and without a path"),
        (["up", "--ephemeral", "--currency", "EUR"], "default_currency may be IDR, PHP, THB, VND, MYR, USD"),
        (["up", "--ephemeral", "--assume", "default_curency=PHP"], "did you mean default_currency?"),
        (["up", "--ephemeral", "--assume", "webhook_timeout"], "is given as NAME=VALUE, such as default_currency=PHP"),
        (["up", "--ephemeral", "--assume", "webhook_timeout=soon"], "webhook_timeout must be a number, not 'soon'"),
        (["up", "--ephemeral", "--assume", "null_fields=yes"], "null_fields must be one of refused, absent"),
        (["up", "--ephemeral", "--assume", "expired_webhooks=1"], "expired_webhooks must be true or false, not '1'"),
        (["up", "--ephemeral", "--assume", "default_limit=1.5"], "default_limit must be a whole number, not '1.5'"),
        (["up", "--ephemeral", "--assume", "live_keys=taken"], "live_keys cannot be switched: 403"),
        (
            ["up", "--ephemeral", "--assume", "default_currency=PHP", "--currency", "THB"],
            "the currency and the assumption default_currency name two currencies",
        ),
        (["up", "--port", "99999"], "Invalid value for '--port'"),
        (["up", "--speed", "0", "--ephemeral"], "the speed must be a number above 0"),
        (["up", "--listen", "0.0.0.0", "--ephemeral"], "give --exposed as well"),
        (["run", "--webhook", "hooks", "--", "true"], "--webhook must be a path that begins with /"),
        (["run", "--app-port", "80", "--", "true"], "--app-port goes with --webhook PATH"),
        (["run"], "Missing argument 'COMMAND...'"),
        (["pya"], "there is no command 'pya'; did you mean 'pay'?"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], said: str, home: dict[str, str], tmp_path: Path) -> None:
    """Exit code 2, one sentence that says what, and where to read on."""
    done = piped(["sandbox", *arguments], home, cwd=tmp_path)
    assert done.code == 2, done
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_taken_port_is_told(home: dict[str, str], sandbox: Sandbox) -> None:
    """It is named; nothing is chosen in its place."""
    port = sandbox.url.rpartition(":")[2]
    done = piped(["sandbox", "up", "--ephemeral", "--port", port], home)
    assert done.code == 1
    assert f"port {port} cannot be listened at" in done.err


# ------------------------------------------------------------------------------------------ invoices


def test_pay_shows_the_invoice_and_its_webhook(found: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """By external id on a terminal, by `last` in a pipe; the webhook's answer is told on stderr."""
    made(sandbox, "o-1", "o-2")
    sandbox.webhook_url = receiver.url
    code, screen = shown(["sandbox", "pay", "o-1", "--channel", "BNI"], found)
    assert code == 0
    assert re.search(r"paid +IDR 150,000 by BNI", screen)
    assert "invoice.paid → POST /webhooks/xendit  200 in " in screen
    done = piped(["sandbox", "pay", "last"], found)
    assert (json.loads(done.out)["external_id"], json.loads(done.out)["status"]) == ("o-2", "PAID")
    assert done.err.startswith("invoice.paid → POST /webhooks/xendit  200 in ")
    assert len(receiver.bodies) == 2


def test_paying_nothing_is_refused(found: dict[str, str], sandbox: Sandbox) -> None:
    """An amount of 0 is no payment, least of all one in full."""
    made(sandbox, "o-1")
    for amount in ("0", "0.0", "-1"):
        refused = piped(["sandbox", "pay", "o-1", "--amount", amount], found)
        assert (refused.code, "SANDBOX_INVALID_AMOUNT" in refused.err) == (2, True)
    assert json.loads(piped(["sandbox", "status"], found).out)["invoices"]["PENDING"] == 1
    assert json.loads(piped(["sandbox", "pay", "o-1", "--amount", "100000"], found).out)["paid_amount"] == 100000


def test_what_cannot_be_paid_is_told(found: dict[str, str], sandbox: Sandbox) -> None:
    """404 is exit code 4, 409 is 1, a wrong channel is 2."""
    made(sandbox, "o-1")
    assert piped(["sandbox", "pay", "nobody"], found).code == 4
    wrong = piped(["sandbox", "pay", "o-1", "--channel", "NOPE"], found)
    assert (wrong.code, "SANDBOX_CHANNEL_NOT_OFFERED" in wrong.err) == (2, True)
    assert piped(["sandbox", "expire", "o-1"], found).code == 0
    late = piped(["sandbox", "pay", "o-1"], found)
    assert (late.code, "EXPIRED, not PENDING" in late.err) == (1, True)
    assert json.loads(piped(["sandbox", "pay", "o-1", "--late"], found).out)["status"] == "PAID"


def test_fail_expire_and_settle(found: dict[str, str], sandbox: Sandbox) -> None:
    """A payer who tries in vain changes nothing; settled and expired are shown, in a pipe and on a terminal."""
    made(sandbox, "o-1", "o-2")
    assert json.loads(piped(["sandbox", "fail", "o-1", "--reason", "no money"], found).out)["status"] == "PENDING"
    assert json.loads(piped(["sandbox", "pay", "o-1"], found).out)["status"] == "PAID"
    assert "SETTLED" in shown(["sandbox", "settle", "o-1"], found)[1]
    assert "PENDING" in shown(["sandbox", "fail", "o-2"], found)[1]
    code, screen = shown(["sandbox", "expire", "o-2"], found)
    assert code == 0
    assert "EXPIRED" in screen
    assert "no webhook was sent: the sandbox has no webhook URL" in screen


# ------------------------------------------------------------------------------------------ time, faults, state


def test_the_clock_is_moved(found: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """Advancing expires an invoice and shows the webhook; freeze, set, speed and resume say how it stands."""
    made(sandbox, "o-1")
    sandbox.webhook_url = receiver.url
    code, screen = shown(["sandbox", "clock", "advance", "25h"], found)
    assert code == 0
    assert re.search(r"invoice\.expired +o-1 +1 +COMPLETED +200", screen), screen
    assert json.loads(piped(["sandbox", "clock", "advance", "1h"], found).out)["deliveries"] == []
    frozen = json.loads(piped(["sandbox", "clock", "freeze", "2026-01-31T09:00:00Z"], found).out)
    assert (frozen["now"], frozen["frozen"]) == ("2026-01-31T09:00:00.000Z", True)
    assert "2026-02-01 00:00:00 UTC" in shown(["sandbox", "clock", "set", "2026-02-01T00:00:00Z"], found)[1]
    assert "clock   stands" in shown(["sandbox", "clock"], found)[1]
    assert json.loads(piped(["sandbox", "clock", "resume"], found).out)["frozen"] is False
    assert "60 times as fast" in shown(["sandbox", "clock", "speed", "60"], found)[1]
    wrong = piped(["sandbox", "clock", "advance", "soon"], found)
    assert (wrong.code, "25h, 1d12h, 90s" in wrong.err) == (2, True)


def test_a_fault_is_armed_shown_and_taken_back(found: dict[str, str]) -> None:
    """It strikes once as it was told; a kind that there is not is answered with those that there are."""
    once = ["--match", "list", "--times", "1", "--error-code", "ACCESS_SUSPENDED"]
    code, screen = shown(["sandbox", "fault", "add", "error", *once], found)
    assert code == 0
    assert "once, on list" in screen
    struck = piped(["invoices", "list", "--sandbox"], found)
    assert (struck.code != 0, "403 ACCESS_SUSPENDED" in struck.err) == (True, True)
    listed = json.loads(piped(["sandbox", "fault", "list"], found).out)
    assert [(each["kind"], each["struck"]) for each in listed["faults"]] == [("error", 1)]
    assert re.search(r"error +list +1 of 1", shown(["sandbox", "fault", "list"], found)[1])
    assert piped(["sandbox", "fault", "remove", listed["faults"][0]["id"]], found).code == 0
    assert piped(["sandbox", "fault", "remove", "fault-99"], found).code == 4
    assert "all faults are taken back" in shown(["sandbox", "fault", "remove", "--all"], found)[1]
    assert piped(["sandbox", "fault", "remove"], found).code == 2
    unknown = piped(["sandbox", "fault", "add", "flood"], found)
    assert (unknown.code, "commit_then_reset" in unknown.err) == (2, True)


def test_state_goes_out_and_in_again(found: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """Export, reset, import, seed: what was there is there again."""
    [invoice_id] = made(sandbox, "o-1")
    kept = tmp_path / "state.json"
    assert "1 record is in" in shown(["sandbox", "export", str(kept)], found)[1]
    assert json.loads(piped(["sandbox", "export"], found).out)["records"] == json.loads(kept.read_text())["records"]
    with Terminal(["sandbox", "reset"], found) as terminal:
        terminal.wait_for("Forget everything in")
        terminal.type("n\n")
        assert terminal.end() == 0
        assert "nothing was forgotten" in terminal.screen
    assert json.loads(piped(["sandbox", "status"], found).out)["invoices"]["PENDING"] == 1
    assert piped(["sandbox", "reset"], found).code == 0
    assert piped(["sandbox", "import", str(kept)], found).code == 0
    assert sandbox.pay(invoice_id)["status"] == "PAID"
    seed = tmp_path / "seed.json"
    seed.write_text('{"invoices": [{"external_id": "s-1", "amount": 5000, "status": "PAID"}]}')
    assert "1 record of" in shown(["sandbox", "seed", str(seed)], found)[1]
    seed.write_text("[")
    assert piped(["sandbox", "seed", str(seed)], found).code == 2
    assert re.search(r"invoices +.*PAID", shown(["sandbox", "status"], found)[1])


def test_events_are_followed(found: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """One line an event on a terminal, until Ctrl-C; one object a line in a pipe, until the count is reached."""
    [invoice_id, other] = made(sandbox, "o-1", "o-2")
    sandbox.webhook_url = receiver.url
    with Terminal(["sandbox", "events"], found) as terminal:
        terminal.wait_for("Ctrl-C ends this")
        time.sleep(0.3)  # until it has begun to listen; there is nothing to see of it
        sandbox.pay(invoice_id)
        terminal.wait_for("invoice.paid → POST /webhooks/xendit  200")
        assert "PAID     o-1  IDR 150,000  by BCA" in terminal.screen
        terminal.interrupt()
        assert terminal.end() == 130
    with Terminal(["sandbox", "events", "--json", "--count", "2"], found) as terminal:
        terminal.wait_for("Ctrl-C ends this")
        time.sleep(0.3)
        sandbox.pay(other)
        assert terminal.end() == 0
        lines = [json.loads(line) for line in terminal.screen.splitlines() if line.startswith("{")]
    assert {each["event"] for each in lines} <= {"invoice", "transaction", "delivery"}
    assert len(lines) == 2


def test_open_prints_the_address(found: dict[str, str], sandbox: Sandbox) -> None:
    """The dashboard's, or the payment page of an invoice."""
    [invoice_id] = made(sandbox, "o-1")
    dashboard = piped(["sandbox", "open", "--print"], found).out
    assert dashboard == f"{sandbox.url}/_sandbox/\n"
    with urlopen(dashboard.strip()) as answer:
        assert answer.status == 200
    assert shown(["sandbox", "open", "o-1", "--print"], found) == (0, f"{sandbox.url}/web/{invoice_id}\n")


def test_the_demo_runs(home: dict[str, str]) -> None:
    """In a pipe and on a terminal, to its end."""
    assert "All of it ran." in piped(["sandbox", "demo"], home).out
    code, screen = shown(["sandbox", "demo"], home)
    assert code == 0
    assert "PAID, is_paid is True" in screen


# ------------------------------------------------------------------------------------------ run

APPLICATION = """
import os, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xendit.apis import InvoiceApi

child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        right = self.headers["x-callback-token"] == os.environ["XENDIT_WEBHOOK_TOKEN"]
        self.send_response(200 if right else 401)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
print("children", os.getpid(), child.pid, "end")
invoice = InvoiceApi().create_invoice({"external_id": "o-1", "amount": 10000})
print("Running on http://127.0.0.1:%d" % server.server_port, file=sys.stderr)
server.serve_forever()
"""


@pytest.fixture
def application(tmp_path: Path) -> list[str]:
    """A shop that creates an invoice, starts a process of its own, and takes webhooks at a port that it tells."""
    path = tmp_path / "application.py"
    path.write_text(APPLICATION)
    return [sys.executable, str(path)]


def test_run_is_one_terminal_for_both(home: dict[str, str], application: list[str]) -> None:
    """The application finds its settings, tells its port, is paid and told; Ctrl-C leaves no process."""
    arguments = ["sandbox", "run", "--port", "0", "--webhook", "/webhooks/xendit", "--", *application]
    with Terminal(arguments, home) as terminal:
        terminal.wait_for("webhooks go to http://127.0.0.1:")
        terminal.wait_for("PENDING  o-1")
        assert piped(["sandbox", "pay", "last"], home).code == 0
        terminal.wait_for("invoice.paid → POST /webhooks/xendit  200 in ")
        pids = [int(pid) for pid in re.search(r"children (\d+) (\d+) end", terminal.screen).groups()]  # type: ignore[union-attr]
        assert all(map(alive, pids))
        terminal.interrupt()
        assert terminal.end() == 130
        assert "the application and the sandbox have ended; all it held is in" in terminal.screen
        assert "Traceback" not in terminal.screen.partition("^C")[0]
        assert not any(map(alive, pids))
    lines = [line for line in terminal.screen.splitlines() if line and not line.startswith("^C")]
    assert {line[:8] for line in lines} <= {"app    │", "xendit │"}


def test_run_tells_what_the_application_does_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application is started when all that happens in the sandbox is followed, not before."""

    def start(self: ChildProcess) -> None:
        raise LookupError(f"followed: {self._listens.is_set()}")

    monkeypatch.setattr(ChildProcess, "_start", start)
    monkeypatch.setattr(ChildProcess, "_take_signals", lambda _: None)
    with Sandbox() as server, pytest.raises(LookupError, match="followed: True"):
        ChildProcess(["no such command"], server, None, Output()).run(open_dashboard=False)


def test_run_in_a_pipe_keeps_the_streams_apart(home: dict[str, str]) -> None:
    """The application's stdout is on stdout, its stderr and the sandbox on stderr; its exit code is ours."""
    program = "import sys; print('to out'); print('to err', file=sys.stderr); sys.exit(7)"
    done = piped(["sandbox", "run", "--ephemeral", "--port", "0", "--", sys.executable, "-c", program], home)
    assert done.code == 7
    assert done.out == "app    │ to out\n"
    assert "app    │ to err\n" in done.err
    assert "xendit │ the application ended with exit code 7\n" in done.err


def test_run_ends_the_application_on_sigterm(home: dict[str, str], application: list[str]) -> None:
    """As a process manager ends it: 143, and no process is left."""
    arguments = ["sandbox", "run", "--ephemeral", "--port", "0", "--", *application]
    with Terminal(arguments, home) as terminal:
        terminal.wait_for(" end\n")
        pids = [int(pid) for pid in re.search(r"children (\d+) (\d+) end", terminal.screen).groups()]  # type: ignore[union-attr]
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.end() == 143
        assert not any(map(alive, pids))


def test_run_makes_an_application_end_that_will_not(home: dict[str, str]) -> None:
    """A second Ctrl-C does not wait; the application ignored the first."""
    program = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    arguments = ["sandbox", "run", "--ephemeral", "--port", "0", "--", sys.executable, "-c", program]
    with Terminal(arguments, home) as terminal:
        terminal.wait_for("app    │ deaf")
        began = time.monotonic()
        terminal.interrupt()
        terminal.wait_for("Ctrl-C again does not wait for it")
        terminal.interrupt()
        assert terminal.end() == 130
        assert time.monotonic() - began < 4.5


def test_run_says_what_cannot_be_run(home: dict[str, str]) -> None:
    """As a shell does: 127."""
    done = piped(["sandbox", "run", "--ephemeral", "--port", "0", "--", "no-such-command"], home)
    assert (done.code, "there is no command 'no-such-command'" in done.err) == (127, True)


def test_a_prompt_of_the_application_is_seen_and_answered(home: dict[str, str]) -> None:
    """What has no line end yet is shown at once, and the terminal is the application's: a debugger works."""
    program = "print('got', input('name? '))"
    arguments = ["sandbox", "run", "--ephemeral", "--port", "0", "--", sys.executable, "-c", program]
    with Terminal(arguments, home) as terminal:
        terminal.wait_for("app    │ name? ")
        terminal.type("Ayu\n")
        assert terminal.end() == 0
        assert "app    │ name? Ayu\ngot Ayu\n" in terminal.screen  # the Enter ended the line


def test_what_is_tested_above_in_one_way_works_in_the_other(
    found: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """A terminal gets a list, a pipe an object, for the commands that the tests above run in one of the two."""
    sandbox.pay(made(sandbox, "o-1")[0])
    assert json.loads(piped(["sandbox", "settle", "o-1"], found).out)["status"] == "SETTLED"
    assert "clock   stands" in shown(["sandbox", "clock", "freeze"], found)[1]
    assert "clock   runs" in shown(["sandbox", "clock", "resume"], found)[1]
    assert json.loads(piped(["sandbox", "clock", "set", "2026-02-01T00:00:00Z"], found).out)["frozen"] is False
    assert json.loads(piped(["sandbox", "clock", "speed", "2"], found).out)["speed"] == 2
    assert set(json.loads(piped(["sandbox", "clock"], found).out)) == {"now", "frozen", "speed"}
    assert json.loads(piped(["sandbox", "fault", "add", "latency"], found).out)["kind"] == "latency"
    seed = tmp_path / "seed.json"
    seed.write_text('{"invoices": [{"external_id": "s-1", "amount": 5000}]}')
    assert piped(["sandbox", "seed", str(seed)], found).err.startswith("✓ 1 record of ")
    seed.write_text('{"invoices": [{"external_id": "s-2", "amount": 5000}]}')
    assert "1 record of" in shown(["sandbox", "import", str(seed)], found)[1]
    assert shown(["completion", "fish"], found)[0] == 0


def test_run_in_pipes_keeps_the_lines_of_both_apart(found: dict[str, str], tmp_path: Path) -> None:
    """What the application writes to stderr never breaks into a line that it has begun on stdout, nor the other way."""
    application = tmp_path / "application.py"
    application.write_text(
        "import sys, time\n"
        "for text, stream in [('one ', sys.stdout), ('first ', sys.stderr), ('line\\n', sys.stdout),\n"
        "                     ('warning\\n', sys.stderr), ('end', sys.stdout)]:\n"
        "    stream.write(text)\n"
        "    stream.flush()\n"
        "    time.sleep(0.15)\n"
    )
    done = piped(["sandbox", "run", "--port", "0", "--", sys.executable, str(application)], found)
    assert done.out == "app    │ one line\napp    │ end"
    assert [line for line in done.err.splitlines() if line.startswith("app")] == ["app    │ first warning"]
    assert re.search(r"^xendit │ the application ended", done.err, re.MULTILINE)


@pytest.mark.parametrize(
    ("line", "port"),
    [
        ("Starting development server at http://127.0.0.1:8000/", "8000"),
        ("Starting WSGI development server at http://127.0.0.1:8000/", "8000"),  # Django 6.1
        (" * Running on http://127.0.0.1:5000", "5000"),
        ("INFO:     Uvicorn running on http://0.0.0.0:8001 (Press CTRL+C to quit)", "8001"),
        ("[INFO] Listening at: http://127.0.0.1:8002 (42)", "8002"),
        ("INFO:waitress:Serving on http://[::1]:8080", "8080"),
        ("2026-01-31 INFO Listening on TCP address 127.0.0.1:8003", "8003"),
        ("Server listening on http://localhost:3000", "3000"),
        ("connecting to postgres://shop@localhost:5432/shop", None),
        ("redis 127.0.0.1:6379 is there", None),
        ("see https://docs.djangoproject.com/en/5.2/", None),
    ],
)
def test_ports_are_read_from_what_servers_say(line: str, port: str | None) -> None:
    """Each server has its own words; a database's address is none of them."""
    from xendit.cli.supervisor import _LISTENS

    match: Any = _LISTENS.search(line)
    assert (match and match["port"]) == port


def test_the_command_is_the_installed_one() -> None:
    """What the tests run is what the entry point names."""
    from importlib.metadata import entry_points

    [found] = entry_points(group="console_scripts", name="xendit")
    assert found.value == "xendit.cli:main"
    assert "from xendit.cli import main" in COMMAND[-1]
    assert "XENDIT_API_KEY" not in environment_of({})


# ------------------------------------------------------------------------------------------ logs


def asked(sandbox: Sandbox, path: str) -> None:
    """Ask the API for something that it refuses without a key."""
    with pytest.raises(HTTPError) as caught:
        urlopen(sandbox.url + path, timeout=10)
    caught.value.close()  # from 3.14 on Python warns of an answer that is left to the collector


def test_logs_show_what_was_asked(found: dict[str, str], sandbox: Sandbox) -> None:
    """On a terminal a line each with its zone; in a pipe an object; filters and mistakes are told."""
    assert "nothing was asked yet" in piped(["sandbox", "logs"], found).err
    asked(sandbox, "/v2/invoices?created%5Bgte%5D=1%3A2")
    asked(sandbox, "/v2/nothing")
    with Terminal(["sandbox", "logs"], found) as terminal:
        assert terminal.end() == 0
        assert re.search(
            r" UTC  401 GET /v2/invoices\?created\[gte\]=1:2  \d+ ms  INVALID_API_KEY", terminal.screen
        )  # as it was meant
    (one,) = map(json.loads, piped(["sandbox", "logs", "--status", "401"], found).out.splitlines())
    assert one["query"] == "created%5Bgte%5D=1%3A2"  # as it came
    (one,) = map(json.loads, piped(["sandbox", "logs", "--status", "404"], found).out.splitlines())
    assert (one["path"], one["status"], one["error_code"]) == ("/v2/nothing", 404, "NOT_FOUND")
    (one,) = map(json.loads, piped(["sandbox", "logs", "--last", "1"], found).out.splitlines())
    assert one["path"] == "/v2/nothing"
    assert "no such request is in the log" in piped(["sandbox", "logs", "--method", "post"], found).err
    assert (
        "no such request is in the log"
        in piped(["sandbox", "logs", "--method", "TRACE", "--method", "connect"], found).err
    )
    mistyped = piped(["sandbox", "logs", "--method", "PSOT"], found)
    assert (mistyped.code, "did you mean 'POST'?" in mistyped.err) == (2, True), mistyped
    wrong = piped(["sandbox", "logs", "--status", "40"], found)
    assert (wrong.code, "is no status such as 404, 4xx or failed" in wrong.err) == (2, True)
    assert "--count ends --follow" in piped(["sandbox", "logs", "--count", "1"], found).err


def test_logs_are_followed(found: dict[str, str], sandbox: Sandbox) -> None:
    """What comes is shown as it comes, behind what was, each once, as far as the filter admits it."""
    asked(sandbox, "/v2/before")
    with Terminal(["sandbox", "logs", "--follow", "--count", "2", "--path", "/v2", "--json"], found) as terminal:
        terminal.wait_for("/v2/before")
        for path in ("/v2/first", "/other", "/v2/second"):
            asked(sandbox, path)
        assert terminal.end() == 0
        lines = [json.loads(line) for line in terminal.screen.splitlines() if line.startswith("{")]
    assert [each["path"] for each in lines] == ["/v2/before", "/v2/first", "/v2/second"]


def test_up_takes_a_directory(home: dict[str, str], tmp_path: Path) -> None:
    """`--db` may be a directory; the welcome says which file in it everything is kept in."""
    with Terminal(["sandbox", "up", "--port", "0", "--db", str(tmp_path), "--json"], home) as terminal:
        terminal.wait_for('"kept_in"')
        facts = json.loads(terminal.screen.splitlines()[0])
        assert facts["kept_in"] == str(tmp_path / "xendit-sandbox.db")
        terminal.interrupt()
        terminal.end()


@pytest.mark.parametrize("command", [["sandbox", "events"], ["sandbox", "logs", "--follow"], ["webhooks", "listen"]])
def test_what_is_not_followed_is_not_said_to_be(command: list[str], home: dict[str, str]) -> None:
    """`following` is said once everything that happens is told: who acts then misses nothing."""
    with socket.socket() as probe:  # bound, and nobody listens
        probe.bind(("127.0.0.1", 0))
        done = piped([*command, "--base-url", f"http://127.0.0.1:{probe.getsockname()[1]}"], home)
    assert (done.code, "no sandbox answers at" in done.err, "following" in done.err) == (5, True, False), done
