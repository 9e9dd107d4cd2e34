"""A product of its own plugs into the sandbox: one folder with its rules, and its name in the list of products.

The folder is made beside the package for a process of its own, so that no other test meets it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = """
from xendit.products import Product

PRODUCT = Product(folder="voucher", noun="voucher", title="Voucher API", apis={})
"""

RULES = '''
"""Vouchers: made, found, listed; each is used up by itself an hour after it was made, and a webhook tells of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xendit.sandbox.state.core import checks
from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.errors import invalid_input
from xendit.sandbox.state.core.ids import object_id
from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route
from xendit.sandbox.state.core.times import format_time, parse_time

BODY = checks.record(("reference_id",), reference_id=checks.text(least=1, most=64))


@dataclass(frozen=True)
class Voucher:
    id: str
    account: Account
    created: datetime
    status: str
    reference_id: str


class Vouchers(Book[Voucher]):
    kind = "voucher"

    def write(self, record):
        values = {"id": record.id, "status": record.status, "reference_id": record.reference_id}
        return {**values, "created": format_time(record.created), "account": [record.account.owner, record.account.user_id]}

    def read(self, values):
        account = Account(*values["account"])
        return Voucher(values["id"], account, parse_time(values["created"]), values["status"], values["reference_id"])

    def due_times(self, record):
        return [record.created + timedelta(hours=1)] if record.status == "OPEN" else []

    def fall_due(self, record, at):
        used = replace(record, status="USED")
        self.keep(used, {"event": "voucher.used", "data": shown(used)})

    def reference_of(self, record):
        return record.reference_id

    def create(self, account, body):
        permit(account, "write")
        problems = list(BODY((), body))
        if problems:
            raise invalid_input(problems, "body")
        with self.shared.lock:
            now = self.shared.now()
            made = Voucher(object_id(now, self.shared.source), account, now, "OPEN", body["reference_id"])
            self.keep(made)
            return made


def shown(voucher):
    return {"id": voucher.id, "status": voucher.status, "reference_id": voucher.reference_id}


def create(vouchers: Vouchers, call: OperationCall):
    return shown(vouchers.create(call.account, call.body))


def get(vouchers: Vouchers, call: OperationCall):
    with vouchers.shared.lock:
        vouchers.shared.sweep()
        return shown(vouchers.own(call.account, call.values["voucher_id"]))


def list_all(vouchers: Vouchers, call: OperationCall):
    with vouchers.shared.lock:
        vouchers.shared.sweep()
        return {"data": [shown(each) for each in vouchers.ledger.of_account(call.account)], "asked": dict(call.query)}


RULES = ProductRules(
    kind="voucher",
    book=Vouchers,
    routes=(
        Route("create", "POST", "/vouchers", create, creates=True, rate_limit=2),
        Route("get", "GET", "/vouchers/<voucher_id>", get, window="reads"),
        Route("list", "GET", "/vouchers", list_all, window="reads"),
    ),
    webhook_statuses=("USED",),
)
'''

BEGIN = """
import json, sys
import urllib3
import xendit, xendit.products
xendit.__path__.append(sys.argv[1])
xendit.products.PRODUCTS = (*xendit.products.PRODUCTS, "voucher")
from xendit.sandbox import Assumptions, Sandbox

def ask(sandbox, method, path, body=None, key=None):
    headers = urllib3.util.make_headers(basic_auth=f"{key or sandbox.api_key}:")
    return urllib3.request(method, sandbox.url + path, json=body, headers=headers, retries=False, redirect=False)
"""


def run(folder: Path, program: str) -> None:
    """Run a program in a process that has the product; it says what is wrong by itself."""
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program, str(folder), str(folder / "kept.db")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for the product beside the package."""
    product = tmp_path / "voucher"
    product.mkdir()
    (product / "__init__.py").touch()
    (product / "product.py").write_text(DECLARED)
    (product / "sandbox.py").write_text(RULES)
    return tmp_path


def test_its_routes_answer(folder: Path) -> None:
    """Authentication, JSON, errors, accounts and the invoices beside it are as they should be."""
    run(
        folder,
        """
with Sandbox() as sandbox:
    made = ask(sandbox, "POST", "/vouchers", {"reference_id": "v-1"})
    assert made.status == 200 and made.json()["status"] == "OPEN", made.data
    path = f"/vouchers/{made.json()['id']}"
    assert ask(sandbox, "GET", path).json() == made.json()
    assert ask(sandbox, "GET", path, key="xnd_development_other").status == 404
    assert ask(sandbox, "GET", path, key="nobody").status == 401
    assert ask(sandbox, "GET", "/vouchers?limit=3").json() == {"data": [made.json()], "asked": {"limit": "3"}}
    wrong = ask(sandbox, "POST", "/vouchers", {}).json()
    assert [one["field"] for one in wrong["errors"]] == [["reference_id"]], wrong
    assert ask(sandbox, "DELETE", "/vouchers").status == 405
    assert ask(sandbox, "POST", "/v2/invoices", {"external_id": "o-1", "amount": 10000}).status == 200
    assert sandbox.book("voucher").ledger.get(made.json()["id"]).reference_id == "v-1"
    try:
        sandbox.book("coupon")
    except ValueError as problem:
        assert "there are invoice, " in str(problem), problem
""",
    )


def test_time_webhooks_and_faults(folder: Path) -> None:
    """What falls due happens by the clock, its webhook is delivered, and faults strike it by its own names."""
    run(
        folder,
        """
with Sandbox() as sandbox:
    told = []
    sandbox.deliver_to(lambda request: told.append(request.json()))
    sandbox.freeze("2026-01-31T09:00:00Z")
    sandbox.faults.arm("error", match="voucher.create", external_id="v-9", times=1)
    sandbox.faults.arm("webhook_duplicate", match="USED", times=1)
    assert ask(sandbox, "POST", "/v2/invoices", {"external_id": "v-9", "amount": 10000}).status == 200
    made = ask(sandbox, "POST", "/vouchers", {"reference_id": "v-1"}).json()
    assert ask(sandbox, "POST", "/vouchers", {"reference_id": "v-9"}).status == 500
    deliveries = sandbox.advance("2h")
    assert [(one.kind, one.subject, one.subject_status) for one in deliveries] == [("voucher", made["id"], "USED")] * 2
    assert told == [{"event": "voucher.used", "data": {**made, "status": "USED"}}] * 2, told
    assert ask(sandbox, "GET", f"/vouchers/{made['id']}").json()["status"] == "USED"
    page = ask(sandbox, "GET", "/_sandbox/ui/webhooks")
    assert page.status == 200 and b"Voucher USED" in page.data and b"v-1" in page.data
    assert b"voucher.create" in ask(sandbox, "GET", "/_sandbox/ui/faults").data
    try:
        sandbox.faults.arm("error", match="voucher.expire")
    except ValueError as problem:
        assert "voucher.create" in str(problem), problem
    else:
        raise AssertionError("there is no such operation")
""",
    )


def test_the_command_line_shows_it(folder: Path) -> None:
    """Deliveries and changes of its records are told like those of invoices, in a table, a line and a JSON object."""
    run(
        folder,
        """
import contextlib, io, threading
from xendit.cli.events import Teller, delivery_row, told_delivery
from xendit.cli.output import Output

with Sandbox(webhook_url="http://127.0.0.1:9/") as sandbox:
    sandbox.freeze()
    lines, heard = [], threading.Event()
    def hear(line):
        lines.append(line)
        heard.set()
    follower = threading.Thread(target=lambda: Teller(sandbox.url, hear, Output()).follow(2), daemon=True)
    follower.start()
    while not heard.is_set():
        ask(sandbox, "POST", "/vouchers", {"reference_id": "v-1"})
        heard.wait(0.3)
    (delivery, *_) = sandbox.advance("1h")
    follower.join(10)
    assert lines[0].startswith("OPEN") and "voucher" in lines[0], lines
    shown = delivery.json()
    assert list(delivery_row(shown))[1:4] == ["voucher.used", "v-1", 1], delivery_row(shown)
    assert told_delivery(shown, Output()).startswith("voucher.used"), told_delivery(shown, Output())
""",
    )


def test_limits(folder: Path) -> None:
    """A limit of its own counts where limits are enforced; two operations of one window count together."""
    run(
        folder,
        """
with Sandbox(assumptions=Assumptions(rate_limit=3, rate_limit_enforced=True)) as sandbox:
    statuses = [ask(sandbox, "POST", "/vouchers", {"reference_id": str(n)}).status for n in range(3)]
    assert statuses == [200, 200, 429], statuses
    reads = [ask(sandbox, "GET", path).status for path in ("/vouchers", "/vouchers/x", "/vouchers", "/vouchers/x")]
    assert reads == [200, 404, 200, 429], reads
    assert ask(sandbox, "GET", "/v2/invoices").headers["Rate-Limit-Limit"] == "3"
with Sandbox() as sandbox:
    assert {ask(sandbox, "POST", "/vouchers", {"reference_id": "a"}).status for _ in range(5)} == {200}
""",
    )


def test_files_and_exports(folder: Path) -> None:
    """Its records are kept beside the invoices, told of after a restart, exported, forgotten and taken over again."""
    run(
        folder,
        """
path = sys.argv[2]
with Sandbox(db=path) as sandbox:
    sandbox.freeze("2026-01-31T09:00:00Z")
    made = ask(sandbox, "POST", "/vouchers", {"reference_id": "v-1"}).json()
    ask(sandbox, "POST", "/v2/invoices", {"external_id": "o-1", "amount": 10000})
with Sandbox(db=path) as sandbox:
    assert ask(sandbox, "GET", "/vouchers").json()["data"] == [made]
    (delivery,) = sandbox.advance("1h")
    assert (delivery.kind, delivery.subject) == ("voucher", made["id"])
    exported = sandbox.export()
    assert [one["kind"] for one in exported["records"]] == ["invoice", "voucher"]
    sandbox.reset()
    assert ask(sandbox, "GET", "/vouchers").json()["data"] == []
    assert len(sandbox.load(json.loads(json.dumps(exported)))) == 1
    assert ask(sandbox, "GET", "/vouchers").json()["data"][0]["status"] == "USED"
    try:
        sandbox.load(exported)
    except ValueError as problem:
        assert "is there already" in str(problem), problem
    else:
        raise AssertionError("they are there already")
""",
    )
