"""docs/CommandLine.md: each command of its `console` blocks is run in a terminal, in order, and shows what is written.

`…` in a line stands for anything in it, a line of `…` for any lines, and `^C` for Ctrl-C. The page's addresses
(port 8420 for the sandbox, 8000 for the application) stand for those of the test.
"""

from __future__ import annotations

import json
import re
import shlex
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from xendit.testing import paid, signed
from xendit.webhook import InvoiceEvent, SQLInbox, Worker, read_event

from .terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from xendit.sandbox import Sandbox

    from .conftest import Receiver

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs/CommandLine.md"
SHOP = ROOT / "examples/django_shop"
OWN_SERVER = ("sandbox up", "sandbox run")


class Example(NamedTuple):
    """A command and what the page shows of its screen."""

    command: str
    before: str
    """Until Ctrl-C, or all of it."""
    after: str | None
    """After Ctrl-C; None where it ends by itself."""


def examples() -> list[Example]:
    """The commands of the page, in order."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            before, interrupted, after = shown.partition("^C\n")
            found.append(Example(command, before, after if interrupted else None))
    return found


def pattern(shown: str) -> re.Pattern[str]:
    """What a screen must match."""
    lines = []
    for line in shown.splitlines():
        if line == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            told = ".*?".join(re.escape(part.rstrip()) for part in line.split("…"))
            lines.append(re.sub(r"(?:\\ ){2,}", " {2,}", told) + r" *\n")  # a column is as wide as what is in it
    return re.compile("".join(lines))


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(example: Example, environment: dict[str, str], places: dict[str, str], cwd: Path) -> None:
    """Run one as a person would, with the places of the test, and compare."""
    words = shlex.split(example.command)
    assert words[0] == "xendit"
    words = [
        places.get("http://localhost:8000", "") + word.removeprefix("http://localhost:8000")
        if word.startswith("http://localhost:8000")
        else word
        for word in words[1:]
    ]
    words = [sys.executable if word == "python" else word for word in words]
    if example.command.startswith("xendit sandbox r") and "run" in words:
        words += [places["app"]]
        words[2:2] = ["--port", places["port"]]
        cwd = SHOP
    elif words[:2] == ["sandbox", "up"]:
        words[2:2] = ["--port", places["port"]]
    with Terminal(words, environment, cwd=cwd, width=120) as terminal:

        def screen() -> str:
            text = re.sub(r"\r?(exporting|creating) ━[^\r\n]*\n?\r?", "", terminal.screen)  # bars that went away
            text = text.replace("\r\n", "\n").replace(places["http://localhost:8000"], "http://localhost:8000")
            text = text.replace(f":{places['app']}", ":8000")
            for port in (places["port"], places["sandbox"]):
                text = text.replace(f"127.0.0.1:{port}", "127.0.0.1:8420")
            return text

        if example.after is None:
            code = terminal.end()
            assert pattern(example.before).fullmatch(screen()), f"{example.command}:\n{screen()}"
            assert (code == 0) == ("error:" not in example.before), f"{example.command}: {code}"
            return
        wanted = pattern(example.before)
        deadline = time.monotonic() + PATIENCE
        while not wanted.match(screen()):
            assert terminal.read(0.5), f"{example.command} ended:\n{screen()}"
            assert time.monotonic() < deadline, f"{example.command} did not come to what the page says:\n{screen()}"
        terminal.interrupt()
        assert terminal.end() == 130
        assert pattern(example.after).match(screen().partition("^C")[2].lstrip("\n")), screen()


def _put_inbox(work: Path) -> None:
    """The inbox of a shop, with a dead letter, and the module of its worker."""
    inbox = SQLInbox(work / "inbox.db")
    inbox.add(read_event(json.dumps({**paid(external_id="order-7"), "payer_email": "ayu@example.com"}).encode()))

    def settle(event: InvoiceEvent) -> None:
        raise LookupError(f"there is no order {event.external_id}")

    worker = Worker(inbox, settle, attempts=10, first_wait=1e-9)
    while inbox.tally().dead == 0:
        worker.drain()
    program = (
        "from xendit.webhook import SQLInbox, Worker\n\nworker = Worker(SQLInbox('inbox.db'), lambda event: None)\n"
    )
    (work / "shop_hooks.py").write_text(program)


def test_every_example_shows_what_the_page_says(
    found: dict[str, str], sandbox: Sandbox, receiver: Receiver, tmp_path: Path
) -> None:
    """On a sandbox that runs and whose webhooks go to an application, as the page assumes."""
    work = tmp_path / "work"
    work.mkdir()
    request = signed(paid(external_id="order-1"), sandbox.callback_token)
    head = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    (work / "request.txt").write_bytes(f"POST / HTTP/1.1\n{head}\n".encode() + request.body)
    (work / "march.csv").write_text("external_id,amount\nm-1,10000\nm-2,20000\n")
    _put_inbox(work)
    sandbox.webhook_url = receiver.url
    places = {
        "http://localhost:8000": receiver.url.removesuffix("/webhooks/xendit"),
        "sandbox": sandbox.url.rpartition(":")[2],
        "port": str(free_port()),
        "app": str(free_port()),
    }
    environment = {**found, "SHOP_DATABASE": str(tmp_path / "shop.db")}
    listed = examples()
    assert len(listed) > 25
    for example in listed:
        # What starts a sandbox of its own must not be taken for the one that runs.
        own = {**environment, "XDG_STATE_HOME": str(tmp_path / "own")}
        run(example, own if any(each in example.command for each in OWN_SERVER) else environment, places, work)


@pytest.mark.parametrize("shown", ["a … c\n", "a b c\n", "…\na b c\n", "a b c\n…\n"])
def test_the_runner_compares(shown: str) -> None:
    """It matches what it should, and nothing else: the test above can fail."""
    assert pattern(shown).match("a b c\n")
    assert not pattern(shown).match("b c\n")
