"""`xendit mcp` as an assistant uses it: the official client over stdin and stdout of a process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from xendit.cli.assistant import catalogued, search, shown
from xendit.models import Invoice
from xendit.testing import paid
from xendit.webhook import SQLInbox, read_event

from .terminal import environment_of, piped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from xendit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = "import sys; from xendit.cli import main; sys.exit(main())"
WRITING = {
    *("create_invoice", "pay_invoice", "expire_invoice", "settle_invoice"),
    *("arm_fault", "clear_faults", "advance_clock", "resend_webhook"),
}
READING = {"list_invoices", "get_invoice", "error_catalogue", "search_documentation"}
LOOKING = {"sandbox_status", "list_deliveries", "list_faults", "look_into_inbox"}


def served(arguments: list[str], environment: dict[str, str], use: Callable[[Any], Awaitable[None]]) -> None:
    """Start the server, and use it with the official client."""
    mcp = pytest.importorskip("mcp", reason="the library mcp is not installed")
    import anyio

    async def run() -> None:
        command = mcp.StdioServerParameters(
            command=sys.executable, args=["-c", PROGRAM, "mcp", *arguments], env=environment_of(environment)
        )
        async with mcp.Client(mcp.stdio_client(command), read_timeout_seconds=30) as client:
            await use(client)

    anyio.run(run)


async def told(client: Any, tool: str, **arguments: object) -> Any:
    """What a tool gives."""
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text
    assert not result.is_error, text
    return json.loads(text)


async def refused(client: Any, tool: str, **arguments: object) -> str:
    """What a tool says that fails."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result
    return str(result.content[0].text)


def test_an_assistant_works_with_the_sandbox(found: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """Create, list, pay, settle, expire, faults, clock, deliveries, inbox, errors and documentation; nothing personal is shown."""
    sandbox.load({"invoices": [{"external_id": "o-0", "amount": 5000, "payer_email": "ayu@example.com"}]})
    inbox = SQLInbox(tmp_path / "inbox.db")
    inbox.add(read_event(json.dumps({**paid(external_id="o-9"), "payer_email": "ayu@example.com"}).encode()))
    said: list[str] = []

    async def use(client: Any) -> None:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == WRITING | READING | LOOKING
        assert {name for name, each in tools.items() if each.annotations.read_only_hint} == READING | LOOKING
        made = await told(client, "create_invoice", external_id="o-1", amount=150000, currency="IDR")
        assert (made["status"], made["amount"]) == ("PENDING", 150000)
        assert (await told(client, "pay_invoice", invoice="o-1", channel="BCA"))["status"] == "PAID"
        assert (await told(client, "settle_invoice", invoice=made["id"]))["status"] == "SETTLED"
        listed = await told(client, "list_invoices")
        said.append(json.dumps(listed))
        assert [each["external_id"] for each in listed] == ["o-1", "o-0"]
        assert listed[1]["payer_email"] == "***"
        assert (await told(client, "get_invoice", invoice_id=made["id"]))["status"] == "SETTLED"
        assert (await told(client, "expire_invoice", invoice="o-0"))["status"] == "EXPIRED"
        assert (await told(client, "arm_fault", kind="error", match="get", times=9))["kind"] == "error"
        assert "SERVER_ERROR" in await refused(client, "get_invoice", invoice_id=made["id"])
        assert [each["kind"] for each in (await told(client, "list_faults"))["faults"]] == ["error"]
        await told(client, "clear_faults")
        assert "now" in await told(client, "advance_clock", by="25h")
        assert isinstance(await told(client, "list_deliveries"), list)
        assert (await told(client, "sandbox_status"))["url"] == sandbox.url
        [event] = await told(client, "look_into_inbox", state="waiting")
        said.append(json.dumps(event))
        assert event["external_id"] == "o-9"
        codes = await told(client, "error_catalogue", code="INVALID_API_KEY")
        assert [(each["status"], each["exception"]) for each in codes] == [(401, "UnauthorizedException")]
        assert (await told(client, "search_documentation", words="OutcomeUnknownException resolve"))[0]["section"]
        assert "there is no invoice 'nothing'" in await refused(client, "pay_invoice", invoice="nothing")

    served(["--inbox", str(tmp_path / "inbox.db")], found, use)
    assert len(said) == 2
    assert not [each for each in said if "ayu" in each]


def test_what_would_be_read_as_something_else_is_refused(found: dict[str, str], sandbox: Sandbox) -> None:
    """An argument that a tool lacks is named and not dropped, and a text is no amount: "12.500" would be 12.5."""

    async def use(client: Any) -> None:
        order = {"external_id": "o-1", "amount": 12500}
        said = await refused(client, "create_invoice", **{**order, "amount": "12.500"})
        assert said.endswith("create_invoice: amount must be a number, such as 12500, and a text was given")
        said = await refused(client, "create_invoice", **order, currancy="PHP")
        assert said.endswith("create_invoice: there is no argument 'currancy'; did you mean 'currency'?")
        said = await refused(client, "expire_invoice", invoice="o-1", because=1)
        assert said.endswith("expire_invoice: there is no argument 'because'; it takes invoice")
        said = await refused(client, "list_invoices", limit="5")
        assert said.endswith("list_invoices: limit must be a number, such as 20, and a text was given")
        said = await refused(client, "create_invoice", **{**order, "amount": True})
        assert said.endswith("create_invoice: amount must be a number, such as 12500, and true or false was given")
        said = await refused(client, "create_invoice", **order, currency="null")
        assert said.endswith("create_invoice: currency is left out where there is none, and the text 'null' was given")
        assert await told(client, "list_invoices") == []
        assert (await told(client, "create_invoice", **order, currency=None))["amount"] == 12500

    served([], found, use)
    assert len(sandbox.invoices) == 1


def test_without_a_sandbox_it_brings_one(home: dict[str, str]) -> None:
    """One in memory, which ends with the server."""

    async def use(client: Any) -> None:
        assert (await told(client, "create_invoice", external_id="o-1", amount=1000))["status"] == "PENDING"
        assert (await told(client, "sandbox_status"))["invoices"]

    served([], home, use)


def test_test_mode_is_read_and_never_written(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """With a test key only reading tools are listed, and a tool that writes is not there to be called."""
    sandbox.load({"invoices": [{"external_id": "o-1", "amount": 5000}]})

    async def use(client: Any) -> None:
        assert {each.name for each in (await client.list_tools()).tools} == READING
        assert [each["external_id"] for each in await told(client, "list_invoices")] == ["o-1"]
        with pytest.raises(Exception, match="create_invoice"):
            assert "create_invoice" in await refused(client, "create_invoice", external_id="x", amount=1)
            raise LookupError("create_invoice")  # it was refused as a result, which is as good

    served(["--test-mode"], keyed, use)
    assert len(sandbox.export()["records"]) == 1


@pytest.mark.parametrize("arguments", [[], ["--test-mode"], ["--base-url", "http://127.0.0.1:9"]])
def test_a_live_key_is_refused_before_anything(arguments: list[str], home: dict[str, str]) -> None:
    """With a sentence, exit code 3, and without the key."""
    done = piped(["mcp", *arguments], {**home, "XENDIT_API_KEY": "xnd_production_abcdef"})
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error: XENDIT_API_KEY is a live key, and an assistant gets none: nothing was called\n")
    assert "abcdef" not in done.err


def test_it_writes_to_no_other_place(home: dict[str, str]) -> None:
    """An address that is not on this machine is refused, also with a test key."""
    pytest.importorskip("mcp", reason="the library mcp is not installed")
    command = ["mcp", "--base-url", "https://api.xendit.co"]
    done = piped(command, {**home, "XENDIT_API_KEY": "xnd_development_abc", "PYTHONWARNINGS": ""})
    assert done.code == 2, done
    assert "https://api.xendit.co is no sandbox on this machine" in done.err


def test_a_missing_extra_is_told(home: dict[str, str], tmp_path: Path) -> None:
    """With what to install."""
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')\n")
    done = piped(["mcp"], {**home, "PYTHONPATH": str(tmp_path)})
    assert (done.code, 'pip install "xendit-sdk[cli,mcp]"' in done.err) == (2, True), done


def test_what_is_personal_is_masked() -> None:
    """Also within the customer, in fields that nobody knows, and where a value is not of its field's kind."""
    invoice = Invoice.from_dict(
        {
            "id": "1",
            "external_id": "o",
            "status": "PAID",
            "amount": 1,
            "currency": "IDR",
            "invoice_url": "https://x",
            "payer_email": "ayu@example.com",
            "customer": {"given_names": "Ayu"},
            "metadata": {"a": "Ayu"},
            "new_field": "Ayu",
            "merchant_name": ["Ayu"],
        }
    )
    assert "yu" not in json.dumps(shown(invoice))
    assert shown(invoice)["external_id"] == "o"


def test_the_catalogue_and_the_search_say_something() -> None:
    """Every code has a status and an exception; a search for nothing known is empty."""
    assert len(catalogued(None)) > 20
    assert search("webhook inbox worker")
    assert search("qqqzzz") == []


def test_the_search_works_without_the_repository(tmp_path: Path) -> None:
    """A wheel has no pages: what classes and their methods say of themselves is searched there."""
    shutil.copytree(ROOT / "xendit", tmp_path / "xendit", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "import json, xendit; from xendit.cli.assistant import search;"
        "print(json.dumps([xendit.__file__, search('wait_until_final'), search('outcome unknown resolve'), search('qqqzzz')]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment_of({"PYTHONPATH": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    place, waiting, unknown, nothing = json.loads(ran.stdout)
    assert Path(place).is_relative_to(tmp_path)
    assert waiting[0]["section"] == "xendit.apis.InvoiceApi.wait_until_final"
    assert "xendit.exceptions.OutcomeUnknownException" in {each["section"] for each in unknown}
    assert nothing == []
