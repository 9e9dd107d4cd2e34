"""The commands about money: derived ones, `xendit reconcile` in each of its files, and what the doctor says of a key."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest

import xendit
from xendit.apis import BalanceApi, InvoiceApi, RefundApi
from xendit.sandbox import Sandbox


def run(sandbox, *words, code=0, key=None):
    """Run the command against a sandbox; what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XENDIT_")}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from xendit.cli import main; sys.exit(main())", *map(str, words)],
        env={**environment, "XENDIT_API_KEY": key or sandbox.api_key, "XENDIT_BASE_URL": sandbox.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 or done.stdout else done.stderr


@pytest.fixture(scope="module")
def january():
    """A sandbox with three payments of January, one of them refunded, and one payment that nobody knows."""
    with Sandbox(assume={"refund_delay": 0}) as sandbox:
        client = xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))
        sandbox.clock.freeze("2026-01-10T05:00:00Z")
        for number, channel in enumerate(("BCA", "OVO", "OVO")):
            invoice = InvoiceApi(client).create_invoice(external_id=f"=order-{number}", amount=100_000 + number)
            sandbox.pay(invoice.id, channel=channel)
        RefundApi(client).refund_invoice(invoice, 5_000)
        sandbox.settle(invoice.id)
        sandbox.move_money("PAYMENT", 777, cashflow="MONEY_IN", reference_id="1234567890123456")
        yield sandbox


def test_derived_commands(january):
    """`xendit balance`, `transactions` and `refunds` are there without a line of their own."""
    assert (
        json.loads(run(january, "balance", "--account-type", "CASH"))["balance"] == 100_002 - 1_500 - 165 - 5_000 + 777
    )
    listed = json.loads(run(january, "transactions", "list", "--types", "PAYMENT,REFUND", "--limit", "2"))
    assert len(listed["data"]) == 2
    every = run(january, "transactions", "list", "--limit", "2", "--all").splitlines()
    assert len(every) == 5
    named = json.loads(every[0])["id"]
    assert json.loads(run(january, "transactions", "get", named))["id"] == named
    [refund] = json.loads(run(january, "refunds", "list"))["data"]
    assert json.loads(run(january, "refunds", "get", refund["id"]))["amount"] == 5_000
    created = json.dumps({"gte": "2026-02-01"})
    assert json.loads(run(january, "transactions", "list", "--created", created))["data"] == []


def test_a_currency_that_there_is_not_is_told(january):
    """A typing error would be answered with a balance of 0. The small letters of one that there is are no error."""
    assert "'IDX' is no known value; did you mean " in run(january, "balance", "--currency", "IDX", code=2)
    assert json.loads(run(january, "balance", "--currency", "idr"))["balance"]
    with pytest.warns(UserWarning, match="'IDX' is no known Currency; it is sent as it is; did you mean "):
        BalanceApi(xendit.ApiClient(xendit.Configuration(api_key=january.api_key, host=january.url))).get_balance(
            currency="IDX"
        )


def test_reconcile(january):
    """For programs it is JSON with exact amounts; a difference is told, and fails where that is asked for."""
    told = json.loads(run(january, "reconcile", "2026-01", "--zone", "Asia/Jakarta"))
    assert (told["invoices"], told["differences"], told["zone"]) == (3, 1, "Asia/Jakarta")
    assert {each["channel"]: each["paid"] for each in told["totals"]} == {
        "BCA": "100000",
        "OVO": "200003",
        "OTHER": "0",
    }
    assert [(each["problem"], each["difference"]) for each in told["problems"]] == [("no invoice", "777")]
    run(january, "reconcile", "2026-01", "--zone", "Asia/Jakarta", "--fail-on-difference", code=1)
    run(january, "reconcile", "2026-01", "--zone", "Asia/Jakarta", "--fail-on-difference", "--ignore-unlinked")
    assert "time zone" in run(january, "reconcile", "2026-01", "--zone", "Nowhere", code=2)
    assert "--zone" in run(january, "reconcile", "2026-01", code=2)
    assert "must end with" in run(january, "reconcile", "2026-01", "--zone", "UTC", "--to", "x.doc", code=2)
    assert "; did you mean .csv?" in run(january, "reconcile", "2026-01", "--zone", "UTC", "--to", "x.cvs", code=2)


def test_files(january, tmp_path):
    """CSV, JSON, lines, Parquet and XLSX hold the same rows, amounts exactly, ids and long numbers as text."""
    for name in ("a.csv", "a.json", "a.jsonl", "a.parquet", "a.xlsx"):
        run(january, "reconcile", "2026-01", "--zone", "Asia/Jakarta", "--to", tmp_path / name)
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["paid"] for row in rows] == ["100000", "100001", "100002", ""] or len(rows) == 4
    assert {row["external_id"] for row in rows} == {"'=order-0", "'=order-1", "'=order-2", "1234567890123456"}
    whole = json.loads((tmp_path / "a.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert whole["rows"] == lines
    assert {row["joined_by"] for row in lines} == {"payment_link_id", "none"}
    assert sum(Decimal(total["paid"]) for total in whole["totals"]) == 300_003
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert sum(row["paid"] or 0 for row in table) == Decimal(300_003)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<is><t>1234567890123456</t></is>" in sheet
    assert "<is><t>=order-0</t></is>" in sheet
    assert "<f>" not in sheet
    assert "<v>100001</v>" in sheet


def test_it_goes_on_where_it_was(january, tmp_path):
    """With a state file, an interrupted run keeps what it has listed."""
    state = tmp_path / "january.db"
    january.faults.arm(kind="error", match="transaction.list", times=10)
    run(january, "reconcile", "2026-01", "--zone", "UTC", "--state", state, code=1)
    january.faults.clear()
    january.faults.arm(kind="error", match="invoice.list", times=10)
    told = json.loads(run(january, "reconcile", "2026-01", "--zone", "UTC", "--state", state))
    january.faults.clear()
    assert told["invoices"] == 3
    stranger = run(january, "reconcile", "2026-01", "--zone", "UTC", "--state", state, code=2, key="xnd_development_x")
    assert "another API key" in stranger


def test_a_run_that_was_told_whole_begins_anew(january, tmp_path):
    """A state file is for what was interrupted: a second run sees what was settled since, and not the first one's list."""
    state = tmp_path / "january.db"
    words = ("reconcile", "2026-01", "--zone", "UTC", "--state", state)
    before = json.loads(run(january, *words))
    january.faults.arm(kind="error", match="invoice.list", times=10)
    run(january, *words, code=1)
    january.faults.clear()
    assert json.loads(run(january, *words)) == before


def test_a_file_that_cannot_be_written_is_told_before_anything_is_listed(january, tmp_path):
    """A folder that is missing is named, not the file's name while it is written; nothing is asked for in vain."""
    january.faults.arm(kind="error", match="invoice.list", times=10)
    said = run(january, "reconcile", "2026-01", "--zone", "UTC", "--to", tmp_path / "no" / "a.csv", code=2)
    assert f"there is no folder {tmp_path / 'no'}" in said
    said = run(january, "reconcile", "2026-01", "--zone", "UTC", "--state", tmp_path / "no" / "a.db", code=2)
    january.faults.clear()
    assert f"there is no folder {tmp_path / 'no'}" in said
    run(january, "reconcile", "2026-01", "--zone", "UTC", "--to", tmp_path / "A.CSV")
    assert (tmp_path / "A.CSV").read_text().startswith("kind,currency")


def test_what_is_said_of_nothing_and_of_one(january, tmp_path):
    """A month without a payment is not called right, a month that is not over is called so, and one row is no rows."""
    words = [sys.executable, "-c", "import sys; from xendit.cli import main; sys.exit(main())", "reconcile"]
    environment = {**os.environ, "XENDIT_API_KEY": january.api_key, "XENDIT_BASE_URL": january.url}

    def said(period):
        done = subprocess.run(
            [*words, period, "--zone", "UTC"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stderr

    assert "1 row does not add up" in said("2026-01")
    assert "over yet" not in said("2026-01")
    assert "no invoice was paid in 2025-01, UTC time" in said("2025-01")
    assert "9998-01 is not over yet" in said("9998-01")


def test_doctor(january):
    """A key that may not read the balance is no bad key: the doctor says which permission it lacks."""
    found = run(january, "doctor", code=0)
    assert "Money-out Read" in found
    with Sandbox(api_keys={"xnd_development_reader": "none"}) as sandbox:
        told = run(sandbox, "doctor", code=1, key="xnd_development_reader")
    assert "not a bad key" in told


def test_reports(january, tmp_path):
    """A report is asked for, waited for and downloaded; without waiting the command says how to."""
    asked = {"type": "TRANSACTIONS", "format": "CSV", "filter": {"from": "2026-01-01", "to": "2026-01-31"}}
    made = json.loads(run(january, "reports", "create", "--data", json.dumps(asked)))
    place = tmp_path / "january.csv"
    assert "--wait 10m" in run(january, "reports", "download", made["id"], place, code=1)
    assert not place.exists()
    january.complete_report(made["id"])
    assert json.loads(run(january, "reports", "get", made["id"]))["status"] == "COMPLETED"
    done = json.loads(run(january, "reports", "download", made["id"], place, "--wait", "10s"))
    assert done["size"] == place.stat().st_size
    rows = list(csv.DictReader(place.read_text("utf-8").splitlines()))
    assert {row["Reference"] for row in rows} >= {"=order-0", "=order-1", "=order-2"}
    assert "cannot" not in run(january, "reports", "download", made["id"], place)
