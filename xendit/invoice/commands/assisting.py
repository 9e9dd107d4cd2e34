"""`xendit mcp`: the sandbox for assistants that speak the Model Context Protocol, over stdin and stdout.

It writes to a sandbox on this machine and nowhere else. With --test-mode it reads Xendit's test mode, and has no tool that
writes; a live key is refused before anything is called. What may be personal is masked in every answer.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import AUTH, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.frame import ExampleCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.cli.control import ControlPlane
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.invoice import Invoice

_SANDBOX = """\
A local sandbox of Xendit's Invoice API: no money moves, and nothing leaves this machine. Create invoices, pay or expire them as
their payer would, move the clock, arm faults, look at the webhooks that were delivered and at the application's inbox. Amounts are in
major units (150000 is IDR 150,000). Personal data is masked.
"""
_TEST_MODE = """\
Xendit's test mode, to be read and not written: invoices, the catalogue of errors, the documentation. Personal data is masked.
"""


@click.command(cls=ExampleCommand, examples=["xendit mcp", "xendit mcp --inbox inbox.db", "xendit mcp --test-mode"])
@click.option("--test-mode", is_flag=True, help="Read Xendit's test mode with XENDIT_API_KEY; nothing can be written.")
@click.option(
    "--base-url", metavar="URL", help="The sandbox's address; else the one that runs, else a new one in memory."
)
@click.option(
    "--inbox", metavar="PATH|URL", help="The inbox of your application, to be looked into; else XENDIT_INBOX."
)
def mcp(test_mode: bool, base_url: str | None, inbox: str | None) -> int:  # noqa: FBT001
    """Serve the sandbox to an assistant over the Model Context Protocol (stdin and stdout).

    The sandbox is the one that runs on this machine, or a new one that ends with the server. A live key is refused, and
    a test key reads: with --test-mode there is no tool that writes.
    """
    from xendit.cli.assistant import add_tools, mcp_server, refuse_live_key

    refuse_live_key()
    if test_mode and base_url:
        raise click.UsageError("give --test-mode or --base-url, not both")
    server = mcp_server("xendit", _TEST_MODE if test_mode else _SANDBOX)
    with ExitStack() as stack:
        tools: ReadingTools | SandboxTools
        if test_mode:
            tools = ReadingTools(_test_mode())
        else:
            tools = SandboxTools(*_sandbox(stack, base_url), inbox)
            add_tools(server, tools.writing(), read_only=False)
        add_tools(server, tools.reading(), read_only=True)
        server.run("stdio")
    return OK


def _test_mode() -> InvoiceApi:
    from xendit.cli.connection import target
    from xendit.invoice.command_line import api_of

    where = target(None, to_sandbox=False)
    if where.mode != "test":
        raise CommandFailure("--test-mode is for a test key (xnd_development_...): nothing was called", AUTH)
    return api_of(where)


def _sandbox(stack: ExitStack, base_url: str | None) -> tuple[InvoiceApi, ControlPlane]:
    """The sandbox that is meant; one in memory where none runs."""
    from xendit.cli.assistant import sandbox_client
    from xendit.cli.control import ControlPlane
    from xendit.cli.running import find_running
    from xendit.invoice.invoice_api import InvoiceApi

    key = None
    running = find_running()
    if base_url is None and running is None:
        from xendit.sandbox import Sandbox

        made = stack.enter_context(Sandbox())
        base_url, key = made.url, made.api_key
    elif running is not None and base_url in (None, running.url):
        base_url, key = running.url, running.api_key
    assert base_url is not None
    return InvoiceApi(sandbox_client(base_url, key)), ControlPlane(base_url)


class ReadingTools:
    """The tools that read."""

    def __init__(self, api: InvoiceApi) -> None:
        self._api = api

    def reading(self) -> list[Callable[..., object]]:
        """Those that are listed."""
        return [self.list_invoices, self.get_invoice, self.error_catalogue, self.search_documentation]

    def list_invoices(
        self, external_id: str | None = None, status: str | None = None, limit: int = 20
    ) -> list[dict[str, object]]:
        """List invoices, newest first, all or those of an external id or a status (PENDING, PAID, SETTLED, EXPIRED)."""
        statuses = None if status is None else [status]
        found = self._api.get_invoices(external_id=external_id, statuses=statuses, limit=limit)
        return [self._shown(each) for each in found]

    def get_invoice(self, invoice_id: str) -> dict[str, object]:
        """Read one invoice by its id."""
        return self._shown(self._api.get_invoice_by_id(invoice_id))

    def error_catalogue(self, code: str | None = None) -> object:
        """Explain Xendit's error codes, or those whose name holds a text: status, message, exception, what it means."""
        from xendit.cli.assistant import catalogued

        return catalogued(code)

    def search_documentation(self, words: str) -> object:
        """Search the documentation of the Python SDK; gives the sections that fit best."""
        from xendit.cli.assistant import search

        return search(words)

    def _shown(self, invoice: Invoice) -> dict[str, object]:
        from xendit.cli.assistant import shown

        return shown(invoice)


class SandboxTools(ReadingTools):
    """The tools of a sandbox: those that read, and those that write to it and to it alone."""

    def __init__(self, api: InvoiceApi, plane: ControlPlane, inbox: str | None) -> None:
        super().__init__(api)
        self._plane = plane
        self._inbox = inbox

    def reading(self) -> list[Callable[..., object]]:
        """Those that read a sandbox."""
        return [*super().reading(), self.sandbox_status, self.list_deliveries, self.list_faults, self.look_into_inbox]

    def writing(self) -> list[Callable[..., object]]:
        """Those that write to it."""
        return [
            *(self.create_invoice, self.pay_invoice, self.expire_invoice, self.settle_invoice),
            *(self.arm_fault, self.clear_faults, self.advance_clock, self.resend_webhook),
        ]

    def create_invoice(
        self, external_id: str, amount: float, currency: str | None = None, description: str | None = None
    ) -> dict[str, object]:
        """Create an invoice in the sandbox. The amount is in major units."""
        from xendit.invoice.model.create_invoice_request import CreateInvoiceRequest

        given = {"external_id": external_id, "amount": amount, "currency": currency, "description": description}
        request = CreateInvoiceRequest(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        return self._shown(self._api.create_invoice(request))

    def pay_invoice(self, invoice: str, channel: str | None = None, amount: float | None = None) -> dict[str, object]:
        """Pay an invoice of the sandbox, as its payer would. `invoice` is its id, its external id, or `last`."""
        return self._act(invoice, "pay", channel=channel, amount=amount)

    def expire_invoice(self, invoice: str) -> dict[str, object]:
        """Expire an invoice of the sandbox."""
        return self._act(invoice, "expire")

    def settle_invoice(self, invoice: str) -> dict[str, object]:
        """Settle a paid invoice of the sandbox."""
        return self._act(invoice, "settle")

    def arm_fault(self, kind: str, match: str = "*", times: int | None = 1, seconds: float | None = None) -> object:
        """Break something on purpose, such as commit_then_reset on create. `list_faults` shows the kinds."""
        given = {"kind": kind, "match": match, "times": times, "seconds": seconds}
        return self._plane.post("/faults", {name: value for name, value in given.items() if value is not None})

    def clear_faults(self) -> str:
        """Take all faults back."""
        self._plane.delete("/faults")
        return "all faults are taken back"

    def advance_clock(self, by: str) -> dict[str, object]:
        """Let time pass in the sandbox, such as 90s, 25h or 1d12h: expiries and webhook retries happen in order."""
        answer = self._plane.post("/clock/advance", {"by": by})
        return {**answer, "deliveries": [_delivery(each) for each in answer["deliveries"]]}

    def resend_webhook(self, webhook_id: str) -> str:
        """Send a webhook of the sandbox again; `list_deliveries` shows the ids."""
        self._plane.post(f"/webhooks/{webhook_id}/resend")
        return "it was sent again"

    def sandbox_status(self) -> object:
        """How the sandbox stands: address, clock, counts, where its webhooks go."""
        return self._plane.get("/status")

    def list_deliveries(self, limit: int = 20) -> list[dict[str, object]]:
        """The latest attempts to deliver webhooks, and what became of each; bodies are left out."""
        return [_delivery(each) for each in self._plane.get("/deliveries")[-limit:]]

    def list_faults(self) -> object:
        """The armed faults, and the kinds there are."""
        return self._plane.get("/faults")

    def look_into_inbox(self, state: str | None = None, limit: int = 20) -> list[dict[str, object]]:
        """The events in the application's inbox: waiting, working, done or dead; bodies and errors' texts are left out."""
        from xendit.cli.inbox.looking import STATES, facts_of
        from xendit.cli.inbox.places import opened

        with opened(self._inbox, None, None, None, None) as found:
            rows = [row for each in ([state] if state else STATES) for row in found.inbox.letters(each, limit)]
        kept = [facts_of(row) for row in rows[:limit]]
        return [
            {
                **facts,
                "error": str(facts["error"]).rstrip().rpartition("\n")[2].partition(":")[0] if facts["error"] else None,
            }
            for facts in kept
        ]

    def _act(self, named: str, what: str, **body: object) -> dict[str, object]:
        from xendit.invoice.commands.acting import invoice_id
        from xendit.invoice.model.invoice import Invoice

        given = {name: value for name, value in body.items() if value is not None}
        answer = self._plane.post(f"/invoices/{invoice_id(self._plane, named)}/{what}", given)
        return self._shown(Invoice.from_dict(answer))


def _delivery(delivery: dict[str, Any]) -> dict[str, object]:
    """A delivery without the body that was sent."""
    names = (
        "id",
        "kind",
        "subject",
        "subject_status",
        "reference",
        "attempt",
        "outcome",
        "error",
        "sent_at",
        "next_attempt",
        "url",
    )
    return {**{name: delivery.get(name) for name in names}, "answered": delivery["response"]["status"]}
