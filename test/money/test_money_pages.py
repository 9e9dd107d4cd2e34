"""The dashboard's pages of balances, transactions, refunds and reports, and the control plane's rows of them."""

from __future__ import annotations

import html
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest

import xendit
from xendit.apis import InvoiceApi, RefundApi, ReportApi
from xendit.sandbox import Sandbox

EVIL = "<script>alert(1)</script>"


class Visitor:
    """A browser without scripts: keeps its cookie, sends the forms that pages have."""

    def __init__(self, sandbox):
        self._url = sandbox.url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path, data=None):
        body = None if data is None else urllib.parse.urlencode(data).encode()
        try:
            with self._opener.open(self._url + path, body, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.read().decode()

    def send(self, page, path, **fields):
        """Send a form of a page with the token that stands in it."""
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        back = html.unescape(re.search(r'name="back" value="([^"]+)"', page)[1])
        return self.open(path, {"token": token, "back": back, **fields})


@pytest.fixture(scope="module")
def running():
    """A sandbox with two payments, one of them settled, refunds in each state and a report."""
    with Sandbox(assume={"refund_delay": 0, "report_delay": 0}) as sandbox:
        client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))
        made = [InvoiceApi(client).create_invoice({"external_id": name, "amount": 100_000}) for name in ("one", EVIL)]
        for invoice in made:
            sandbox.pay(invoice.id, channel="OVO")
        sandbox.settle(made[0].id)
        refunds = [RefundApi(client).refund_invoice(made[0], 1_000, reference_id=f"back-{n}") for n in range(3)]
        sandbox.succeed_refund(refunds[0].id)
        yield sandbox, client, made, refunds


@pytest.fixture
def visitor(running):
    return Visitor(running[0])


def test_balances_and_transactions(running, visitor):
    """The balances stand above what moved; a reference is text and never markup; one is found by it."""
    page = visitor.open("/_sandbox/ui/transactions")
    assert "IDR\xa095,335" in page  # 100,000 less 1.5 % and the tax on it, less three refunds of 1,000
    assert "IDR\xa098,335" in page
    assert EVIL not in page
    assert html.escape(EVIL) in page
    assert "back-1" not in visitor.open("/_sandbox/ui/transactions?find=one")
    assert "No transaction is like that" in visitor.open("/_sandbox/ui/transactions?find=nothing")


def test_a_transaction(running, visitor):
    """Its page has the fee, the tax and the net, and leads to its invoice; what is not there says so."""
    _, client, made, _ = running
    from xendit.apis import TransactionApi

    [found] = TransactionApi(client).get_all_transactions(reference_id="one").data
    page = visitor.open(f"/_sandbox/ui/transactions/{found.id}")
    for part in ("IDR\xa01,500", "IDR\xa0165", "IDR\xa098,335", f"/_sandbox/ui/invoices/{made[0].id}", "SETTLED"):
        assert part in page
    assert "No such transaction" in visitor.open("/_sandbox/ui/transactions/txn_none")


def test_money_is_moved(running, visitor):
    """A chargeback is made over the form; a wrong amount is said at its field, and what was typed stays."""
    _, client, made, _ = running
    page = visitor.open("/_sandbox/ui/transactions")
    form = {"type": "CHARGEBACK", "cashflow": "MONEY_OUT", "invoice_id": made[1].id, "reference_id": "typed"}
    wrong = visitor.send(page, "/_sandbox/ui/transactions/move", amount="much", **form)
    assert 'data-testid="problem"' in wrong
    assert 'value="much"' in wrong
    assert 'value="typed"' in wrong
    assert "IDR\xa0-500 moved." in visitor.send(wrong, "/_sandbox/ui/transactions/move", amount="500", **form)
    assert "out of date" in visitor.open("/_sandbox/ui/transactions/move", {"amount": "5", **form})
    from xendit.apis import TransactionApi

    moved = TransactionApi(client).get_all_transactions(types=["CHARGEBACK"]).data
    assert [(each.amount, each.product_data.payment_link_id) for each in moved] == [(500, made[1].id)]


def test_refunds_end(running, visitor):
    """A pending refund succeeds or fails over its page, which then offers neither."""
    _, client, _, refunds = running
    path = f"/_sandbox/ui/refunds/{refunds[2].id}"
    assert refunds[2].reference_id in visitor.open("/_sandbox/ui/refunds")
    page = visitor.open(path)
    assert "Let it succeed" in page
    done = visitor.send(page, f"{path}/fail", failure_code="ACCOUNT_NOT_FOUND")
    assert "ACCOUNT_NOT_FOUND" in done
    assert "Let it succeed" not in done
    assert RefundApi(client).get_refund(refunds[2].id).status == "FAILED"
    assert "is FAILED" in visitor.send(page, f"{path}/succeed")
    assert "No such refund" in visitor.open("/_sandbox/ui/refunds/rfd-none")


def test_reports_are_written_and_downloaded(running, visitor):
    """A pending report is written over its page, which then leads to the file."""
    sandbox, client, _, _ = running
    assert "No report yet" in visitor.open("/_sandbox/ui/reports")
    span = {"from": sandbox.clock(), "to": "2999-01-01"}
    sent = {"type": "TRANSACTIONS", "format": "CSV", "filter": {**span, "from": "2998-12-01"}}
    asked = ReportApi(client).create_report(sent)
    page = visitor.open("/_sandbox/ui/reports")
    done = visitor.send(page, f"/_sandbox/ui/reports/{asked.id}/complete")
    link = html.unescape(re.search(r'href="(/_files/[^"]+)"', done)[1])
    assert visitor.open(link).startswith("Transaction ID,")
    assert "is COMPLETED" in visitor.send(page, f"/_sandbox/ui/reports/{asked.id}/fail")


def test_every_product_has_its_tab(visitor):
    """The tabs of all products stand in their order, those of none behind them."""
    tabs = re.search(r'<nav aria-label="Dashboard">(.*?)</nav>', visitor.open("/_sandbox/"), re.DOTALL)[1]
    named = re.findall(r">([^<>\n]+)</a>", tabs)
    assert named[:4] == ["Invoices", "Transactions", "Refunds", "Reports"]
    assert {"Webhooks", "Clock", "Faults"} <= set(named[4:])


def test_the_control_plane(running):
    """Programs list and show the same over JSON, page by page, move money, and end refunds."""
    _, client, _, refunds = running

    def ask(method, path, **given):
        return client.request(method, f"/_sandbox/{path}", **given).data

    assert ask("GET", "balances")["balances"][0]["balances"]["IDR"]["HOLDING"] == 98_335
    first = ask("GET", "transactions", query={"limit": 2})
    rest = ask("GET", "transactions", query={"before": first["before"]})
    assert len(first["transactions"]) == 2
    assert rest["before"] is None
    assert not {each["id"] for each in first["transactions"]} & {each["id"] for each in rest["transactions"]}
    one = first["transactions"][0]
    assert ask("GET", f"transactions/{one['id']}") == one
    moved = ask("POST", "transactions", json={"type": "ADJUSTMENT_ADD", "amount": 5, "cashflow": "MONEY_IN"})
    assert moved["type"] == "ADJUSTMENT_ADD"
    assert [each["id"] for each in ask("GET", "refunds", query={"find": "back-1"})["refunds"]] == [refunds[1].id]
    assert ask("POST", f"refunds/{refunds[1].id}/succeed")["status"] == "SUCCEEDED"
    ends = time.monotonic() + 20
    while not (deliveries := ask("GET", f"refunds/{refunds[1].id}")["deliveries"]) and time.monotonic() < ends:
        time.sleep(0.01)  # the webhook goes out beside the answer
    assert deliveries[0]["subject_status"] == "SUCCEEDED"
    with pytest.raises(xendit.ConflictException):
        ask("POST", f"refunds/{refunds[1].id}/fail", json={"failure_code": "REFUND_FAILED"})
    for path in ("transactions", "refunds", "reports"):
        with pytest.raises(xendit.BadRequestException, match="[Ll]imit"):
            ask("GET", path, query={"limit": 0})
        with pytest.raises(xendit.NotFoundException):
            ask("GET", f"{path}/none")
    with pytest.raises(xendit.NotFoundException):
        ask("POST", "transactions", json={"type": "CHARGEBACK", "amount": 5, "invoice_id": "none"})
