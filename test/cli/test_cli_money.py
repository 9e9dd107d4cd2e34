"""What a person types and what a file holds is never read as another amount, another account or another batch."""

from __future__ import annotations

import csv
import io
import json
import resource
import sqlite3
import subprocess
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from .terminal import COMMAND, environment_of, piped, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xendit.sandbox import Sandbox

BOTH = "it can be read as 150000 or as 150; write the one that is meant"


@pytest.fixture
def other() -> Iterator[Sandbox]:
    """Another sandbox, as another account is."""
    from xendit.sandbox import Sandbox

    with Sandbox() as another:
        yield another


def at(sandbox: Sandbox, environment: dict[str, str], **changed: str) -> dict[str, str]:
    """The environment for a sandbox."""
    return {**environment, "XENDIT_BASE_URL": sandbox.url, "XENDIT_API_KEY": sandbox.api_key, **changed}


def records(sandbox: Sandbox) -> dict[str, Any]:
    """What is in a sandbox, by external_id."""
    return {each["external_id"]: each for each in sandbox.export()["records"]}


# ------------------------------------------------------------------------------------------ amounts


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["invoices", "create", "--external-id", "x", "--amount", "150.000"], "'--amount': '150.000' has"),
        (["invoices", "create", "--external-id", "x", "--amount", "150.000", "--currency", "IDR"], BOTH),
        (["invoices", "create", "--external-id", "x", "--amount", "1.500", "--currency", "PHP"], "1500 or as 1.50"),
        (["invoices", "create", "--external-id", "x", "--amount", "150.5", "--currency", "IDR"], "1505 or as 150"),
        (["invoices", "create", "--external-id", "x", "--amount", "99.95", "--currency", "vnd"], "9995 or as 99"),
        (["invoices", "create", "--data", '{"external_id": "x", "amount": 150.000}'], "amount: '150.000' has"),
        (
            [
                *("invoices", "create", "--external-id", "x", "--amount", "150000", "--currency", "IDR", "--items"),
                '[{"name": "a", "price": 150.000, "quantity": 1}]',
            ],
            "items[0].price: '150.000' has",
        ),
        (["webhooks", "send", "paid", "--to", "http://127.0.0.1:9/", "--amount", "150.000"], BOTH),
        (["webhooks", "send", "paid", "--to", "http://127.0.0.1:9/", "--amount", "99.95"], "9995 or as 99"),
        (["sandbox", "pay", "order-1", "--amount", "150.000"], BOTH),
        (["sandbox", "pay", "order-1", "--amount", "150.5"], "1505 or as 150"),
    ],
)
def test_an_amount_with_two_readings_is_refused(
    arguments: list[str], said: str, keyed: dict[str, str], sandbox: Sandbox
) -> None:
    """On every command that takes one, before anything is sent or paid."""
    sandbox.load({"invoices": [{"external_id": "order-1", "amount": 150000}]})
    done = piped(arguments, keyed)
    assert (done.code, said in done.err) == (2, True), done
    assert "it can be read as" in done.err
    assert [(each["external_id"], each["status"]) for each in sandbox.export()["records"]] == [("order-1", "PENDING")]


def test_an_amount_with_one_reading_goes_out_exactly(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """With `.0` and `.00` where the currency has no decimals, and with decimals where it has them."""
    for number, (amount, currency, sent) in enumerate(
        [("150000.00", "IDR", 150000), ("150000.0", "IDR", 150000), ("99.95", "PHP", 99.95), ("1.50", "PHP", 1.5)]
    ):
        arguments = ["invoices", "create", "--external-id", f"o-{number}", "--amount", amount, "--currency", currency]
        done = piped(arguments, keyed)
        assert done.code == 0, done
        assert json.loads(done.out)["amount"] == sent
    paid = piped(["sandbox", "pay", "o-2", "--amount", "50.25", "--json"], keyed)
    assert (paid.code, json.loads(paid.out)["paid_amount"]) == (0, 50.25)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "external_id,amount,currency\r\na3,150.000,IDR\r\n", "a.csv line 2, amount: '150.000' has"),
        ("a.csv", "external_id;amount\na;10000\n;\n\nb;1.500\n", "a.csv line 5, amount: '1.500' has"),
        ("a.csv", "external_id,currency,amount\na,IDR,150000.00\nb,IDR,150.5\n", "a.csv line 3, amount: '150.5' has"),
        ("a.csv", "external_id;amount\na;150000,50\n", "a.csv line 2, amount: '150000,50' is no number"),
        (
            "a.csv",
            'external_id,amount,items\na,1500,"[{""name"": ""x"",\n""price"": 1.500, ""quantity"": 1}]"\n',
            "a.csv line 2, items[0].price: '1.500' has",
        ),
        ("a.jsonl", '\n{"external_id": "a", "amount": 1.500, "currency": "PHP"}\n', "a.jsonl line 2, amount: '1.500'"),
        ("a.csv", 'external_id,amount\na,1\nb,"2\nc,3\n', "a.csv line 3: it is no CSV: "),
        ("a.csv", "external_id,amount,amount\na,1,2\n", "a.csv line 1: the field 'amount' is there twice"),
        ("a.csv", "\n\nexternal_id;amuont\na;1\n", "a.csv line 3: there is no field 'amuont'; did you mean 'amount'?"),
        ("a.csv", b"external_id,amount\na,1\n\xe9,2\n", "a.csv line 3: it is not UTF-8"),
        ("a.csv", 'external_id,amount,description\na,1,"x\ny"\n\na,2,\n', "a.csv line 5: external_id 'a' came before"),
        ("a.csv", 'external_id,amount,description\na,1,"x\ny"\n\na,2,\n', "came before, as line 2;"),
        (
            "a.csv",
            "external_id,amount\na,1\n\nb,\n",
            "a.csv line 4: CreateInvoiceRequest: missing required field 'amount'",
        ),
        ("a.jsonl", '{"external_id": "a", "amount": 1}\n\n{"amount": 1}\n', "a.jsonl line 3: "),
    ],
)
def test_every_mistake_in_a_file_is_told_with_its_line(
    name: str, text: str | bytes, said: str, keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """The line of the file, blank rows and cells of several lines counted; nothing is created and no journal begun."""
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    done = piped(["invoices", "create-many", name], keyed, cwd=tmp_path)
    assert (done.code, said in done.err) == (2, True), done
    assert sandbox.export()["records"] == []
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [name]


def test_a_result_names_its_line(keyed: dict[str, str], tmp_path: Path) -> None:
    """What the API refuses, for people and for programs; and a changed row, which the journal knows otherwise."""
    file = tmp_path / "many.csv"
    file.write_text("external_id,amount\n\nm-1,10000\n,,\nm-2,0\n".replace(",,", ","))
    code, screen = shown(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert code == 1
    assert "line 5, m-2: failed: 400" in screen
    (tmp_path / "other.csv").write_text("external_id,amount\nn-1,10000\n")
    done = piped(["invoices", "create-many", "other.csv"], keyed, cwd=tmp_path)
    assert json.loads(done.out)["line"] == 2
    file.write_text("external_id,amount\nm-1,10001\n")
    done = piped(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert (done.code, "many.csv line 2: the journal holds 'm-1' with another request" in done.err) == (2, True), done


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("external_id;amount;description\ns-1;10000;a, b\n;;\ns-2;20000;\n", []),
        ("external_id\tamount\tdescription\ns-1\t10000\ta, b\ns-2\t20000\n", []),
        ("\ufeffexternal_id|amount|description\ns-1|10000|a, b\ns-2|20000|\n", ["--delimiter", "|"]),
        ("external_id\tamount\tdescription\ns-1\t10000\ta, b\ns-2\t20000\n", ["--delimiter", "tab"]),
    ],
)
def test_other_delimiters_are_read(
    text: str, options: list[str], keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """A semicolon or a tab by itself, as spreadsheets write them; any other one when it is named."""
    (tmp_path / "many.csv").write_text(text, "utf-8")
    done = piped(["invoices", "create-many", "many.csv", *options], keyed, cwd=tmp_path)
    assert (done.code, done.err) == (0, "2 of 2 created\n"), done
    listed = json.loads(piped(["invoices", "list", "--external-id", "s-1"], keyed).out)
    assert [each["description"] for each in listed] == ["a, b"]


@pytest.mark.parametrize("options", [["--delimiter", "ab"], ["--delimiter", "x"], ["--delimiter", '"']])
def test_a_delimiter_that_cannot_be_one_is_refused(options: list[str], keyed: dict[str, str], tmp_path: Path) -> None:
    """With what it can be."""
    (tmp_path / "many.csv").write_text("external_id,amount\na,1\n")
    done = piped(["invoices", "create-many", "many.csv", *options], keyed, cwd=tmp_path)
    assert (done.code, "no single character such as ; or the word tab" in done.err) == (2, True), done
    (tmp_path / "many.jsonl").write_text("")
    done = piped(["invoices", "create-many", "many.jsonl", "--delimiter", ";"], keyed, cwd=tmp_path)
    assert (done.code, "--delimiter is for .csv files" in done.err) == (2, True), done


@pytest.mark.parametrize("key", ["17", "1f5bb4a8-3c8a-4f0e-9a57-0a9d4a1f0001", "order-1"], ids=["int", "uuid", "text"])
def test_every_kind_of_key_works(key: str, keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """An order's integer, UUID or text: created, found, paid, listed, exported, and created of a file."""
    assert str(UUID(key)) == key if "-" in key and len(key) == 36 else key
    create = piped(["invoices", "create", "--external-id", key, "--amount", "150000"], keyed)
    assert json.loads(create.out)["external_id"] == key
    assert json.loads(piped(["sandbox", "pay", key, "--json"], keyed).out)["status"] == "PAID"
    listed = json.loads(piped(["invoices", "list", "--external-id", key], keyed).out)
    assert [each["status"] for each in listed] == ["PAID"]
    written = key if key.isdigit() else json.dumps(key)
    (tmp_path / "many.jsonl").write_text(f'{{"external_id": {written}, "amount": 150000}}\n')
    done = piped(["invoices", "create-many", "many.jsonl"], keyed, cwd=tmp_path)
    assert (json.loads(done.out)["external_id"], json.loads(done.out)["line"]) == (key, 1)
    assert piped(["invoices", "export", "all.csv", "--external-id", key], keyed, cwd=tmp_path).code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline="")))
    assert [row["external_id"] for row in rows] == [key, key]


# ------------------------------------------------------------------------------------------ accounts


def test_a_trial_does_not_stand_for_the_real_run(
    home: dict[str, str], sandbox: Sandbox, other: Sandbox, tmp_path: Path
) -> None:
    """The same command for another host, mode or sub-account is refused; a rotated key when it is not said."""
    (tmp_path / "march.csv").write_text("external_id,amount\nm-1,10000\nm-2,20000\n")
    command = ["invoices", "create-many", "march.csv"]
    assert piped(command, at(sandbox, home), cwd=tmp_path).err == "2 of 2 created\n"
    done = piped(command, at(other, home), cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f"belongs to test mode at {sandbox.url}, and this run is for test mode at {other.url}" in done.err
    assert "Nothing was sent" in done.err
    assert records(other) == {}
    done = piped([*command, "--for-user-id", "sub-1"], at(sandbox, home), cwd=tmp_path)
    assert (done.code, "sub-account sub-1" in done.err) == (2, True), done
    rotated = at(sandbox, home, XENDIT_API_KEY="xnd_development_rotated")
    done = piped(command, rotated, cwd=tmp_path)
    assert (done.code, "--key-rotated" in done.err, "rotated." in done.err) == (2, True, False), done
    assert (
        piped([*command, "--key-rotated"], rotated, cwd=tmp_path).err == "2 of 2 created, 2 of them by earlier runs\n"
    )
    assert piped(command, rotated, cwd=tmp_path).err == "2 of 2 created, 2 of them by earlier runs\n"
    assert piped(command, at(sandbox, home), cwd=tmp_path).code == 2


def test_an_export_does_not_go_on_with_another_account_s(
    home: dict[str, str], sandbox: Sandbox, other: Sandbox, tmp_path: Path
) -> None:
    """What is kept is refused with a sentence; with the flag a rotated key goes on; what is older is bound, and told."""
    sandbox.load({"invoices": [{"external_id": f"o-{number}", "amount": 10000} for number in range(150)]})
    sandbox.faults.arm("error", match="list", after=1)
    command = ["invoices", "export", "all.csv"]
    assert "100 invoices are kept" in piped(command, at(sandbox, home), cwd=tmp_path).err
    sandbox.faults.clear()
    done = piped(command, at(other, home), cwd=tmp_path)
    assert done.code == 2
    assert f"belongs to test mode at {sandbox.url}, and this run is for test mode at {other.url}" in done.err
    assert "or remove .all.csv.part and .all.csv.part.json to begin anew" in done.err
    state = tmp_path / ".all.csv.part.json"
    kept = json.loads(state.read_text("utf-8"))
    assert sandbox.api_key not in json.dumps(kept)
    kept["account"]["digest"] = "0" * 64  # as if another key had been used, which is another account to the sandbox
    state.write_text(json.dumps(kept))
    done = piped(command, at(sandbox, home), cwd=tmp_path)
    assert (done.code, "--key-rotated" in done.err) == (2, True), done
    done = piped([*command, "--key-rotated"], at(sandbox, home), cwd=tmp_path)
    assert done.err.startswith("going on after 100 invoices\n✓ 150 invoices are in all.csv\n"), done
    sandbox.faults.arm("error", match="list", after=1)
    command = ["invoices", "export", "more.csv"]
    assert piped(command, at(sandbox, home), cwd=tmp_path).code == 1
    sandbox.faults.clear()
    state = tmp_path / ".more.csv.part.json"
    state.write_text(json.dumps({k: v for k, v in json.loads(state.read_text("utf-8")).items() if k != "account"}))
    done = piped(command, at(sandbox, home), cwd=tmp_path)
    assert f"from now on it belongs to test mode at {sandbox.url}" in done.err
    assert done.code == 0


# ------------------------------------------------------------------------------------------ exports


def test_parquet_takes_what_csv_takes(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """Float noise, great and small numbers: each amount stands there exactly."""
    import pyarrow.parquet

    exact = ["0.30000000000000004", "150000", "99.95", "12345678901234567890"]
    for number, amount in enumerate(exact):
        sandbox.load({"invoices": [{"external_id": f"o-{number}", "amount": 10000, "currency": "PHP"}]})
        sandbox.load({"invoices": [{"external_id": f"p-{number}", "amount": json.loads(amount), "currency": "PHP"}]})
    for name in ("all.csv", "all.parquet"):
        done = piped(["invoices", "export", name], keyed, cwd=tmp_path)
        assert done.code == 0, done
    rows = csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline=""))
    in_csv = {row["external_id"]: Decimal(row["amount"]) for row in rows}
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert {row["external_id"]: row["amount"] for row in table} == in_csv
    assert len(in_csv) == 8


def test_a_file_for_excel_begins_with_its_mark(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """With --bom, and with another delimiter when it is asked for; other kinds of file have neither."""
    sandbox.load({"invoices": [{"external_id": "pemesanan-é", "amount": 10000, "description": "a; b"}]})
    assert piped(["invoices", "export", "a.csv", "--bom", "--delimiter", ";"], keyed, cwd=tmp_path).code == 0
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid;external_id;")
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";")
    assert (row["external_id"], row["description"]) == ("pemesanan-é", "a; b")
    for option in (["--bom"], ["--delimiter", ";"]):
        done = piped(["invoices", "export", "a.jsonl", *option], keyed, cwd=tmp_path)
        assert (done.code, "--delimiter and --bom are for .csv files" in done.err) == (2, True), done


# ------------------------------------------------------------------------------------------ full and locked


def with_a_full_disk(
    arguments: list[str], environment: dict[str, str], size: int, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command that may write no file longer than `size` bytes, which fails as a full disk does."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment_of(environment),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


def test_a_full_disk_is_told_with_what_stands(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """By an export and by create-many: one sentence, no traceback, and the same command goes on when there is room."""
    sandbox.load({"invoices": [{"external_id": f"o-{number}", "amount": 10000} for number in range(250)]})
    sandbox.faults.arm("error", match="list", after=1)
    piped(["invoices", "export", "all.csv"], keyed, cwd=tmp_path)
    sandbox.faults.clear()
    page = (tmp_path / ".all.csv.part").stat().st_size
    ran = with_a_full_disk(["invoices", "export", "all.csv"], keyed, page * 3 // 2, tmp_path)
    assert ran.returncode == 1, ran.stderr
    assert "all.csv: File too large" in ran.stderr
    assert "hint:  100 invoices are kept; the same command goes on from there" in ran.stderr
    assert piped(["invoices", "export", "all.csv"], keyed, cwd=tmp_path).err.startswith("going on after 100 invoices")
    lines = "".join(f'{{"external_id": "m-{number}", "amount": 5000}}\n' for number in range(30))
    (tmp_path / "many.jsonl").write_text(lines)
    ran = with_a_full_disk(["invoices", "create-many", "many.jsonl"], keyed, 200_000, tmp_path)
    assert "Traceback" not in ran.stderr
    assert ran.returncode in (1, 6), ran.stderr
    assert "the journal many.jsonl.journal cannot be written: " in ran.stderr
    assert " of 30 created" in ran.stderr
    with closing(sqlite3.connect(tmp_path / "many.jsonl.journal", isolation_level=None)) as journal:
        journal.execute("UPDATE xendit_bulk SET lease = 0 WHERE state = 'sending'")  # half a minute later
    done = piped(["invoices", "create-many", "many.jsonl"], keyed, cwd=tmp_path)
    made = [name for name in records(sandbox) if name.startswith("m-")]
    assert len(made) == 30, done.err


def test_a_locked_journal_is_told(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """Exit code 1 and who holds it, after it was waited for; nothing is created."""
    (tmp_path / "many.csv").write_text("external_id,amount\nm-1,10000\n")
    program = (
        "import sys, xendit.bulk.storage\nxendit.bulk.storage.PATIENCE = 0.2\n"
        "from xendit.cli import main\nsys.exit(main())"
    )
    with closing(sqlite3.connect(tmp_path / "many.csv.journal")) as holder:
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        done = subprocess.run(
            [COMMAND[0], "-W", "error", "-c", program, "invoices", "create-many", "many.csv"],
            env=environment_of(keyed),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    assert "the journal many.csv.journal cannot be written: another program has had it locked" in done.stderr
    assert "Traceback" not in done.stderr
    assert records(sandbox) == {}
