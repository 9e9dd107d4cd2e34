"""`xendit webhooks`, `trigger`, `doctor`, `openapi`, `completion` and the help, through a terminal and through a pipe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from xendit import ApiClient, Configuration
from xendit.apis import InvoiceApi, RefundApi
from xendit.cli.webhooks.posting import described
from xendit.testing import paid, signed
from xendit.version import __version__

from .terminal import Terminal, environment_of, piped, shown

if TYPE_CHECKING:
    from pathlib import Path

    from xendit.sandbox import Sandbox

    from .conftest import Receiver


def made(sandbox: Sandbox, external_id: str) -> str:
    """An invoice of the sandbox; its id."""
    return str(sandbox.load({"invoices": [{"external_id": external_id, "amount": 150000}]})[0]["id"])


# ------------------------------------------------------------------------------------------ webhooks


def test_send_shows_what_the_endpoint_answers(keyed: dict[str, str], receiver: Receiver) -> None:
    """Paid, expired and the dashboard's test; exit code 1 when the answer is not 2xx."""
    command = ["webhooks", "send", "paid", "--to", receiver.url, "--external-id", "o-1", "--amount", "99.5"]
    code, screen = shown([*command, "--currency", "PHP", "--method", "EWALLET"], keyed)
    assert code == 0, screen
    assert re.search(r"webhook +invoice\.paid of o-1", screen)
    assert {"external_id": "o-1", "amount": 99.5, "payment_method": "EWALLET"}.items() <= json.loads(
        receiver.bodies[0]
    ).items()
    assert piped([*command, "--currency", "PHP"], keyed).code == 0  # by a method that the currency has
    assert json.loads(receiver.bodies[-1])["currency"] == "PHP"
    twice = piped(["webhooks", "send", "expired", "--to", receiver.url, "--times", "2"], keyed)
    assert [each["status"] for each in json.loads(twice.out)["answers"]] == [200, 200]
    assert piped(["webhooks", "send", "test", "--to", receiver.url], keyed).code == 0
    assert json.loads(receiver.bodies[-1])["external_id"] == "invoice_123124123"
    receiver.status = 500
    refused = piped(["webhooks", "send", "test", "--to", receiver.url], keyed)
    assert (refused.code, "Xendit would count this as failed" in refused.err) == (1, True)
    assert piped([*command, "--method", "CASH"], keyed).code == 2


def test_a_webhook_does_not_leave_the_machine_unasked(keyed: dict[str, str]) -> None:
    """It bears the token."""
    done = piped(["webhooks", "send", "paid", "--to", "https://example.com/hook"], keyed)
    assert (done.code, "give --allow-remote if you mean it" in done.err) == (2, True)
    off = piped(["webhooks", "send", "paid", "--to", "http://127.0.0.1:9/hook"], keyed)
    assert (off.code, "is your application running there?" in off.err) == (5, True)


def test_verify_judges_a_recorded_request(keyed: dict[str, str], tmp_path: Path) -> None:
    """As it came over the wire, or body and headers apart; 3 for a wrong token, 1 for a bad body, 2 without headers."""
    token = keyed["XENDIT_WEBHOOK_TOKEN"]
    request = signed(paid(external_id="o-1"), token)
    head = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    whole, body, headers = tmp_path / "request.txt", tmp_path / "body.json", tmp_path / "headers.txt"
    whole.write_bytes(
        b"POST /webhooks/xendit HTTP/1.1\r\n" + head.replace("\n", "\r\n").encode() + b"\r\n" + request.body
    )
    body.write_bytes(request.body)
    headers.write_text(head)
    code, screen = shown(["webhooks", "verify", str(whole)], keyed)
    assert code == 0, screen
    assert re.search(r"verified +yes\n +event +paid\n", screen)
    apart = piped(["webhooks", "verify", str(body), "--headers", str(headers)], keyed)
    assert {"verified": True, "external_id": "o-1"}.items() <= json.loads(apart.out).items()
    assert piped(["webhooks", "verify", "-"], keyed, input=whole.read_text()).code == 0
    wrong = piped(["webhooks", "verify", str(whole)], {**keyed, "XENDIT_WEBHOOK_TOKEN": "another"})
    assert (wrong.code, "an endpoint answers 401" in wrong.err, token in wrong.err) == (3, True, False)
    quoted = piped(["webhooks", "verify", str(whole)], {**keyed, "XENDIT_WEBHOOK_TOKEN": f'"{token}"'})
    assert (quoted.code, "the webhook token is in quotes" in quoted.err, token in quoted.err) == (3, True, False)
    bare = piped(["webhooks", "verify", str(body)], keyed)
    assert (bare.code, "no token to verify" in bare.err) == (2, True)
    whole.write_bytes(head.encode() + b"\n{")
    assert piped(["webhooks", "verify", str(whole)], keyed).code == 1


def test_replay_sends_it_again(found: dict[str, str], sandbox: Sandbox, receiver: Receiver, tmp_path: Path) -> None:
    """By the sandbox, or from here to another place, or a body from a file."""
    invoice_id = made(sandbox, "o-1")
    nothing = piped(["webhooks", "replay", "last"], found)
    assert (nothing.code, "has sent no webhook yet" in nothing.err) == (4, True)
    sandbox.webhook_url = receiver.url
    sandbox.pay(invoice_id)
    sandbox.wait_for_delivery()
    code, screen = shown(["webhooks", "replay", "o-1", "--times", "2"], found)
    assert code == 0
    assert "(resend, attempt 3)" in screen
    there = piped(["webhooks", "replay", "last", "--to", receiver.url], found)
    assert there.code == 0, there.err
    assert receiver.bodies[0] == receiver.bodies[-1]
    assert len(receiver.bodies) == 4
    (tmp_path / "body.json").write_bytes(receiver.bodies[0])
    assert piped(["webhooks", "replay", "body.json", "--to", receiver.url], found, cwd=tmp_path).code == 0
    assert piped(["webhooks", "replay", "body.json"], found, cwd=tmp_path).code == 2
    assert piped(["webhooks", "replay", "nobody"], found).code == 4


def test_listen_shows_and_forwards(found: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """What the sandbox sends goes to the application too, and what that answers is shown; Ctrl-C ends it."""
    invoice_id = made(sandbox, "o-1")
    with Terminal(["webhooks", "listen", "--forward-to", receiver.url], found) as terminal:
        terminal.wait_for("Ctrl-C ends this")
        sandbox_follows(sandbox)
        sandbox.pay(invoice_id)
        terminal.wait_for(f"PAID  o-1  IDR 150,000  → {receiver.url}  200 in ")
        terminal.interrupt()
        assert terminal.end() == 130
    assert json.loads(receiver.bodies[0])["external_id"] == "o-1"


def test_webhooks_of_refunds_are_shown_and_replayed(
    found: dict[str, str], sandbox: Sandbox, receiver: Receiver, tmp_path: Path
) -> None:
    """Their bodies are another product's: an envelope around what has a reference_id and no external_id."""
    sandbox.webhook_url = receiver.url
    paid_id = made(sandbox, "o-1")
    sandbox.pay(paid_id, channel="OVO")
    sandbox.wait_for_delivery()
    client = ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key))
    with Terminal(["webhooks", "listen"], found) as terminal:
        terminal.wait_for("Ctrl-C ends this")
        sandbox_follows(sandbox)
        RefundApi(client).refund_invoice(InvoiceApi(client).get_invoice_by_id(paid_id), 5000, reference_id="return-1")
        sandbox.advance("2s")
        terminal.wait_for("SUCCEEDED  return-1  IDR 5,000")
        terminal.interrupt()
        assert terminal.end() == 130
    for named, count in (("return-1", 3), ("last", 4)):
        code, screen = shown(["webhooks", "replay", named], found)
        assert (code, "refund.succeeded → POST" in screen) == (0, True), screen
        assert len(receiver.bodies) == count
    assert piped(["webhooks", "replay", "nobody"], found).code == 4
    assert piped(["webhooks", "replay", "o-1"], found).code == 0
    (tmp_path / "body.json").write_bytes(receiver.bodies[1])
    code, screen = shown(["webhooks", "replay", "body.json", "--to", receiver.url], found, cwd=tmp_path)
    assert (code, "refund.succeeded of return-1" in screen) == (0, True), screen


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"external_id": "o-1", "status": "PAID", "amount": 5, "currency": "IDR"}, ("PAID", "o-1", "IDR 5")),
        ({"id": "report_1", "status": "COMPLETED"}, ("COMPLETED", "report_1", "")),
        ({"data": {"reference_id": "r-1", "status": "FAILED", "amount": 1.5}}, ("FAILED", "r-1", "1.5")),
        ({"data": ["odd"], "amount": True}, ("", "", "True")),
        ({}, ("", "", "")),
    ],
)
def test_what_a_webhook_says(body: dict[str, Any], told: tuple[str, str, str]) -> None:
    """Of any product, also of one that is not known yet."""
    assert described(body) == told


def sandbox_follows(sandbox: Sandbox) -> None:
    """Wait until someone follows the sandbox's events."""
    import time

    from xendit.sandbox.control import Control

    [control] = {part for part in sandbox._application._parts.values() if isinstance(part, Control)}
    for _ in range(200):
        if control._streams:
            return
        time.sleep(0.02)
    raise AssertionError("nobody follows")


def test_listen_polls_where_there_is_no_stream(keyed: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """What the list tells becomes the webhook that would come, marked as polled; what was before is not told."""
    sandbox.pay(made(sandbox, "before"))
    invoice_id = made(sandbox, "o-1")
    command = [
        "webhooks",
        "listen",
        "--poll",
        "--interval",
        "0.2s",
        "--json",
        "--count",
        "1",
        "--forward-to",
        receiver.url,
    ]
    asked = sandbox.faults.arm("latency", match="list", seconds=0)
    with Terminal(command, keyed) as terminal:
        terminal.wait_for("within its rate limit")
        while asked.seen < 2:
            terminal.read()
        sandbox.pay(invoice_id)
        assert terminal.end() == 0
    [line] = [json.loads(each) for each in terminal.screen.splitlines() if each.startswith("{")]
    assert (line["source"], line["body"]["external_id"], line["answered"]) == ("polled", "o-1", 200)
    body = json.loads(receiver.bodies[0])
    assert (body["status"], body["paid_amount"]) == ("PAID", 150000)
    assert "invoice_url" not in body
    live = {**keyed, "XENDIT_API_KEY": "xnd_production_x", "XENDIT_BASE_URL": "https://127.0.0.2:9"}
    assert piped(["webhooks", "listen", "--poll"], live).code == 3
    remote = {**keyed, "XENDIT_API_KEY": "xnd_development_x", "XENDIT_BASE_URL": "https://127.0.0.2:9"}
    assert "must be 4s or more" in piped(["webhooks", "listen", "--poll", "--interval", "1s"], remote).err


def test_trigger_acts_on_an_invoice_of_yours(found: dict[str, str], sandbox: Sandbox, receiver: Receiver) -> None:
    """In a sandbox it is really paid or expired, and the endpoint hears of it."""
    [made(sandbox, each) for each in ("o-1", "o-2", "o-3")]
    code, screen = shown(
        ["trigger", "invoice.paid", "--invoice", "o-1", "--to", receiver.url, "--channel", "BNI"], found
    )
    assert code == 0, screen
    assert json.loads(receiver.bodies[0])["payment_channel"] == "BNI"
    sandbox.webhook_url = receiver.url
    done = piped(["trigger", "invoice.expired", "--invoice", "o-2"], found)
    assert (done.code, json.loads(done.out)["status"]) == (0, "EXPIRED")
    assert "invoice.expired → POST" in done.err
    receiver.status = 500
    assert piped(["trigger", "invoice.paid", "--invoice", "o-3", "--to", receiver.url], found).code == 1
    assert piped(["trigger", "invoice.paid", "--invoice", "nobody", "--to", receiver.url], found).code == 4
    assert piped(["trigger", "invoice.refunded", "--invoice", "o-1"], found).code == 2


def test_trigger_beside_test_mode_makes_the_webhook_here(sandbox: Sandbox) -> None:
    """The body is made of the invoice as the API shows it, with the payment that did not happen."""
    from xendit import ApiClient
    from xendit.apis import InvoiceApi
    from xendit.configuration import Configuration
    from xendit.invoice.commands.listening import webhook_body
    from xendit.invoice.model import InvoiceCallback

    api = InvoiceApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    invoice = api.get_invoice_by_id(made(sandbox, "o-1"))
    body = webhook_body(invoice, status="PAID", paid_amount=150000)
    callback = InvoiceCallback.from_dict(body)
    assert (callback.external_id, callback.is_paid, callback.id) == ("o-1", True, invoice.id)
    assert not {"invoice_url", "customer", "available_banks"} & set(body)


# ------------------------------------------------------------------------------------------ doctor


def states(out: str) -> dict[str, list[str]]:
    """What was looked at → how each finding ended."""
    found: dict[str, list[str]] = {}
    for each in json.loads(out):
        found.setdefault(each["what"], []).append(each["state"])
    return found


def test_doctor_finds_nothing_wrong(keyed: dict[str, str], receiver: Receiver) -> None:
    """Key, host, call, clock, token, endpoint: a mark each on a terminal, an object each in a pipe."""
    code, screen = shown(["doctor", "--webhook-url", receiver.url], keyed)
    assert code == 0, screen
    assert "✗" not in screen
    assert "xnd_development_***, the sandbox's" in screen
    assert "refuses a wrong token with 401" in screen
    assert "takes the dashboard's test webhook: 200" in screen
    assert "sandbox-callback-token" not in screen
    done = piped(["doctor", "--webhook-url", receiver.url], keyed)
    assert done.code == 0
    assert states(done.out)["endpoint"] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("change", "what", "said"),
    [
        ({"XENDIT_API_KEY": "xnd_public_development_abc"}, "key", "use the secret key"),
        ({"XENDIT_API_KEY": "'xnd_development_abc'"}, "key", "is in quotes, which `docker --env-file`"),
        ({"XENDIT_API_KEY": "xnd_development_abc:"}, "key", "ends with a colon"),
        ({"XENDIT_API_KEY": "xnd_development_a bc"}, "key", "holds a space"),
        ({"XENDIT_API_KEY": "xnd_development"}, "call", "copy the secret key again"),
        ({"XENDIT_API_KEY": "xnd_production_abc"}, "key", "use a test key"),
        ({"XENDIT_BASE_URL": "http://127.0.0.1:9"}, "call", "is something running there?"),
        ({"XENDIT_API_KEY": "xnd_development_x", "XENDIT_BASE_URL": "https://127.0.0.1:9"}, "connection", "firewall"),
        ({"XENDIT_WEBHOOK_TOKEN": "'quoted'"}, "webhook token", "the webhook token is in quotes"),
    ],
)
def test_doctor_says_what_to_do(change: dict[str, str], what: str, said: str, keyed: dict[str, str]) -> None:
    """Each finding names the remedy; the exit code is 1; no key is shown."""
    done = piped(["doctor"], {**keyed, **change})
    assert done.code == 1
    problems = [each for each in json.loads(done.out) if each["state"] == "problem" and each["what"] == what]
    assert len(problems) == 1, done.out
    assert said in problems[0]["found"] + problems[0]["todo"]
    assert "production_abc" not in done.out + done.err


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "takes a webhook with a wrong token"),
        (404, "look at the path"),
        (403, "CSRF"),
        (302, "does not arrive through a redirect"),
        (503, "it has no webhook token"),
        (500, "your application's log"),
    ],
)
def test_doctor_knows_what_an_endpoint_means(status: int, said: str) -> None:
    """An endpoint that believes anyone is a problem, as is one that is not there."""
    from xendit.cli.doctor import _explained

    finding = _explained("http://127.0.0.1/hook", status, "")
    assert finding.state == "problem"
    assert said in finding.found + finding.todo


@pytest.mark.parametrize("framework", ["django", "flask", "starlette"])
def test_doctor_finds_an_endpoint_behind_a_slash(framework: str, tmp_path: Path) -> None:
    """A POST to /webhooks/xendit that each framework redirects to /webhooks/xendit/: the URL to give is named."""
    from xendit.cli.doctor import webhook

    program = SLASHES[framework]
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tmp_path
    ) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/webhooks/xendit"
            [finding] = [each for each in webhook(url, to_sandbox=False) if each.what == "endpoint"]
        finally:
            server.kill()
    assert finding.state == "problem"
    assert f"give Xendit {url}/, to which it redirects" in finding.todo


SERVE = """
from wsgiref.simple_server import make_server, WSGIRequestHandler
WSGIRequestHandler.log_message = lambda *_: None
server = make_server("127.0.0.1", 0, app)
print(server.server_port, flush=True)
server.serve_forever()
"""
SLASHES = {
    "django": """
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path
from xendit.webhook import MemoryInbox, Webhook
from xendit.webhook.adapters.django import webhook_view

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
urlpatterns = [path("webhooks/xendit/", webhook_view(Webhook(MemoryInbox(), "token")))]
app = get_wsgi_application()
"""
    + SERVE,
    "flask": """
from flask import Flask
from xendit.webhook import MemoryInbox, Webhook
from xendit.webhook.adapters.flask import webhook_blueprint

app = Flask(__name__)
app.register_blueprint(webhook_blueprint("/webhooks/xendit/", Webhook(MemoryInbox(), "token")))
"""
    + SERVE,
    "starlette": """
import socket, uvicorn
from starlette.applications import Starlette
from xendit.webhook import MemoryInbox, Webhook
from xendit.webhook.adapters.starlette import webhook_route

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
app = Starlette(routes=[webhook_route("/webhooks/xendit/", Webhook(MemoryInbox(), "token"))])
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
""",
}


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [(0, "ok", "agrees"), (90, "warning", "s ahead of the server"), (-90, "warning", "s behind the server")],
)
def test_doctor_compares_clocks(ahead: int, state: str, said: str) -> None:
    """More than five seconds are said, with which way."""
    from datetime import datetime, timedelta, timezone
    from email.utils import format_datetime

    from xendit.cli.doctor import _skew

    now = datetime.now(timezone.utc)
    finding = _skew(format_datetime(now - timedelta(seconds=ahead + 0.5), usegmt=True), now, local=False)
    assert finding.state == state
    assert said in finding.found


# ------------------------------------------------------------------------------------------ the rest


def test_openapi_is_printed_or_written(home: dict[str, str], tmp_path: Path) -> None:
    """The Invoice API's document, and the control plane's."""
    document = json.loads(piped(["openapi"], home).out)
    assert document["openapi"].startswith("3.1")
    assert "/v2/invoices" in {path.rstrip("/") for path in document["paths"]}
    code, screen = shown(["openapi", "openapi.json"], home, cwd=tmp_path)
    assert (code, "are described in openapi.json" in screen) == (0, True)
    assert json.loads((tmp_path / "openapi.json").read_text()) == document
    assert "/_sandbox/clock" in json.loads(piped(["openapi", "--control"], home).out)["paths"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str, home: dict[str, str]) -> None:
    """What a shell is given to keep."""
    done = piped(["completion", shell], home)
    assert (done.code, "_XENDIT_COMPLETE" in done.out) == (0, True), done


def test_choices_are_told_on_one_line(home: dict[str, str]) -> None:
    """click sets them below each other, which an error line cannot."""
    assert "Choose from: bash, zsh, fish\n" in piped(["completion"], home).err


def test_bash_completes_commands_and_options(home: dict[str, str]) -> None:
    """Names of commands that are loaded on use, and options that are derived from the declarations."""

    def complete(words: str) -> str:
        asked = {"_XENDIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
        return piped([], {**home, **asked}).out

    assert "plain,invoices" in complete("xendit inv")
    assert "plain,create-many" in complete("xendit invoices crea")
    assert "plain,--payer-email" in complete("xendit invoices create --payer")


def test_version_and_help(home: dict[str, str]) -> None:
    """On a terminal as in a pipe; every command's help has an example."""
    import click

    assert piped(["--version"], home).out.strip().endswith(__version__)
    assert shown(["--version"], home)[1].strip().endswith(__version__)
    assert "Exit codes: 0 ok" in piped(["--help"], home).out
    assert shown(["sandbox", "-h"], home)[0] == 0
    # Before 8.2 click shows the help of a group that was given no command, and is content.
    assert piped(["sandbox"], home).code == (2 if hasattr(click.exceptions, "NoArgsIsHelpError") else 0)


def commands() -> list[tuple[str, ...]]:
    """The path of every command that can be run."""
    import click

    from xendit.cli.commands import xendit

    found: list[tuple[str, ...]] = []

    def walk(group: click.Group, path: tuple[str, ...]) -> None:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found.append((*path, name))
            if isinstance(command, click.Group):
                walk(command, (*path, name))

    walk(xendit, ())
    return found


def test_every_help_ends_with_examples_that_parse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a person copies from the help is accepted by the parser; a name that changes is missed here."""
    import shlex

    import click

    from xendit.cli.commands import xendit

    monkeypatch.chdir(tmp_path)
    for name in (
        "orders.toml",
        "orders.json",
        "state.json",
        "request.txt",
        "body.json",
        "headers.txt",
        "march.csv",
    ):
        (tmp_path / name).write_text("{}")
    (tmp_path / "march.jsonl").write_text("")
    (tmp_path / "refund.json").write_text('{"invoice_id": "x"}')
    for name in ("report.json", "transaction_report.json"):
        (tmp_path / name).write_text('{"type": "TRANSACTIONS"}')
    (tmp_path / "invoice.json").write_text('{"external_id": "x"}')
    for path in commands():
        command: click.Command = xendit
        for name in path:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), name)  # type: ignore[assignment]
        examples = getattr(command, "examples", ())
        if not examples:
            assert path[:2] == ("sandbox", "clock"), path  # its commands are shown in the group's own help
        for example in examples:
            words = shlex.split(re.split(r" (?:\||>|&&) ", example)[0])
            assert words[0] == "xendit", example
            parse(xendit, words[1:])


def parse(group: object, words: list[str]) -> None:
    """Parse a command line as click does, without running it."""
    import click

    assert isinstance(group, click.Group)
    context = group.make_context("xendit", list(words), resilient_parsing=False)
    while isinstance(context.command, click.Group) and (left := words_left(context)):
        name, command, rest = context.command.resolve_command(context, left)
        assert command is not None
        context = command.make_context(name, rest, parent=context)


def words_left(context: Any) -> list[str]:
    """What a group has not parsed yet; click 8.2 gave the first of it another name."""
    first = context._protected_args if hasattr(context, "_protected_args") else context.protected_args
    return [*first, *context.args]


def test_help_loads_nothing_heavy() -> None:
    """`--help` is quick because it loads neither rich, nor an HTTP library, nor the server, nor a product."""
    program = (
        "import sys; sys.argv = ['xendit', '--help']; from xendit.cli import main; main();"
        "print(sorted(set(sys.modules) & {'rich', 'urllib3', 'werkzeug', 'jinja2', 'sqlite3', 'asyncio', 'ssl',"
        " 'xendit.model', 'xendit.products', 'xendit.sandbox', 'importlib.metadata'}), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment_of({}), capture_output=True, text=True, check=True
    )
    assert ran.stderr.strip() == "[]"


def test_without_click_it_says_what_to_install() -> None:
    """One line, exit code 2."""
    program = "import sys; sys.modules['click'] = None; from xendit.cli import main; sys.exit(main())"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == 'xendit: the `cli` extra is missing: pip install "xendit-sdk[cli]"\n'


def test_no_colour_where_none_is_wanted(found: dict[str, str], sandbox: Sandbox) -> None:
    """Colours on a terminal; none with NO_COLOR or in CI."""
    made(sandbox, "o-1")
    for extra, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"CI": "true"}, False)):
        with Terminal(["invoices", "list", "--sandbox"], {**found, **extra}) as terminal:
            assert terminal.end() == 0
            assert bool(re.search(r"\x1b\[\d*;?3[0-9]m", terminal.raw)) is coloured, terminal.raw
