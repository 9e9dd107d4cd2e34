"""`xendit invoices export` for finance: presets, columns, a month of a stated zone, spreadsheets, totals, stdout."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
import pytest

from xendit.api_client import ApiClient
from xendit.bulk.account import account_of
from xendit.cli.columns import named_columns
from xendit.cli.ending import CommandFailure
from xendit.cli.export import Export
from xendit.cli.formats import Records, cell, layout_of, writer_of
from xendit.cli.output import Output
from xendit.cli.records import RecordPages, exact_json
from xendit.cli.spreadsheet import Spreadsheet
from xendit.configuration import Configuration
from xendit.invoice.commands.presets import PRESETS
from xendit.invoice.operations import GET_INVOICES
from xendit.models import CreateInvoiceRequest, Invoice

from .terminal import piped, shown
from .test_cli_invoices import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xendit.sandbox import Sandbox

NOWHERE = {"XENDIT_API_KEY": "xnd_development_abc", "XENDIT_BASE_URL": "http://127.0.0.1:9"}


def sheet(path: Path, number: int) -> dict[str, tuple[str, str]]:
    """The cells of a sheet, by their place: type and value (`s` is a shared or inline text)."""
    with zipfile.ZipFile(path) as book:
        texts = []
        if "xl/sharedStrings.xml" in book.namelist():
            texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        found = {}
        for place, attributes, inside in re.findall(
            r'<c r="([A-Z]+\d+)"([^>]*)>(.*?)</c>', book.read(f"xl/worksheets/sheet{number}.xml").decode(), re.DOTALL
        ):
            value = re.sub(r"<[^>]+>", "", inside)
            kind = "s" if 't="' in attributes else "n"
            found[place] = kind, texts[int(value)] if 't="s"' in attributes else value
        return found


def test_a_month_of_a_zone_as_a_spreadsheet(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """What was paid in the zone's month alone: long account numbers stay text, amounts are numbers, totals a sheet."""
    sandbox.clock.freeze(
        datetime(2026, 10, 31, 16, 59, 59, tzinfo=timezone.utc)
    )  # the last second of October in Jakarta
    [inside, _, pesos] = made(sandbox, "o-1", "o-2") + made(sandbox, "o-3", currency="PHP", amount=1299.5)
    sandbox.pay(inside, channel="BCA")
    sandbox.pay(pesos)
    sandbox.clock.set(datetime(2026, 10, 31, 17, 0, 0, tzinfo=timezone.utc))  # November, there
    [outside] = made(sandbox, "o-4")
    sandbox.pay(outside)
    command = [
        "invoices",
        "export",
        "october.xlsx",
        "--preset",
        "finance",
        "--month",
        "2026-10",
        "--tz",
        "Asia/Jakarta",
    ]
    code, screen = shown(command, keyed, cwd=tmp_path)
    assert code == 0, screen
    assert "2 invoices are in october.xlsx" in screen
    assert "1 PAID: IDR 150,000, paid IDR 150,000" in screen
    assert "1 PAID: PHP 1,299.50, paid PHP 1,299.50" in screen
    cells = sheet(tmp_path / "october.xlsx", 1)
    heads = {value: place.rstrip("1") for place, (_, value) in cells.items() if place.endswith("1") and len(place) == 2}
    assert [*heads] == [*PRESETS["finance"]]
    rows = {cells[f"{heads['external_id']}{row}"][1]: row for row in (2, 3)}
    assert set(rows) == {"o-1", "o-3"}
    assert cells[f"{heads['amount']}{rows['o-1']}"] == ("n", "150000")
    assert cells[f"{heads['amount']}{rows['o-3']}"] == ("n", "1299.5")
    assert cells[f"{heads['payment_destination']}{rows['o-1']}"][0] == "s"
    assert cells[f"{heads['paid_at']}{rows['o-1']}"][0] == "n"
    assert float(cells[f"{heads['paid_at']}{rows['o-1']}"][1]) == pytest.approx(46326.99999, abs=1e-4)  # 23:59:59 there
    sums = sheet(tmp_path / "october.xlsx", 2)
    assert [sums[f"{column}1"][1] for column in "ABCDE"] == ["currency", "status", "records", "amount", "paid_amount"]
    assert [sums[f"{column}2"][1] for column in "ABCDE"] == ["IDR", "PAID", "1", "150000", "150000"]
    created = piped(
        [
            "invoices",
            "export",
            "-",
            "--columns",
            "external_id",
            "--month",
            "2026-11",
            "--month-of",
            "created",
            "--tz",
            "Asia/Jakarta",
        ],
        keyed,
    )
    assert created.out.splitlines() == ["external_id", "o-4"]


def test_stdout_takes_the_chosen_columns(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """In their order, with a field of the customer, times in the zone of `--tz`; messages stay on stderr; no file is left."""
    made(sandbox, "o-1", customer={"given_names": "Ayu"})
    sandbox.pay("o-1")
    asked = ["invoices", "export", "-", "--columns", "customer.given_names,amount,paid_at", "--tz", "Asia/Jakarta"]
    done = piped(asked, keyed, cwd=tmp_path)
    [row] = csv.DictReader(io.StringIO(done.out))
    assert [*row] == ["customer.given_names", "amount", "paid_at"]
    assert (row["customer.given_names"], row["amount"]) == ("Ayu", "150000")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+07:00", row["paid_at"])
    assert done.err == "✓ 1 invoice\n  1 PAID: IDR 150,000, paid IDR 150,000\n"
    lines = piped([*asked, "--format", "jsonl"], keyed, cwd=tmp_path).out.splitlines()
    assert [[*json.loads(line)] for line in lines] == [["customer.given_names", "amount", "paid_at"]]
    assert [*tmp_path.iterdir()] == [tmp_path / "state"] or not [each for each in tmp_path.iterdir() if each.is_file()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.csv", "--columns", "external_idd"], "there is no field 'external_idd'; did you mean 'external_id'?"),
        (["a.csv", "--columns", "id,id"], "the field 'id' is there twice"),
        (["a.csv", "--columns", ","], "--columns names no column"),
        (["a.csv", "--preset", "finanse"], "did you mean 'finance'?"),
        (["a.csv", "--preset", "finance", "--columns", "id"], "give --preset or --columns, not both"),
        (["a.csv", "--month", "2026-13", "--tz", "UTC"], "'2026-13' is no month such as 2026-10"),
        (
            ["a.csv", "--month", "2026-10"],
            "--month needs the time zone whose month is meant, such as --tz Asia/Jakarta",
        ),
        (["a.csv", "--month", "2026-10", "--tz", "Asia/Jakata"], "did you mean 'Asia/Jakarta'?"),
        (
            ["a.csv", "--month", "2026-10", "--tz", "UTC", "--paid-after", "2026-10-01"],
            "give --month or --paid-after, not both",
        ),
        (["a.xlsx", "--bom"], "--delimiter and --bom are for .csv files"),
        (["a.csv", "--format", "csv"], "--format is for stdout"),
        (["-", "--format", "xlsx"], "'xlsx' is none of csv, jsonl"),
        (["a.xls"], "the file's name must end with .csv, .jsonl, .parquet, .xlsx; did you mean .xlsx?"),
    ],
)
def test_wrong_questions_are_told_before_any_socket(arguments: list[str], said: str, home: dict[str, str]) -> None:
    """Exit code 2; at the address that is named nobody listens."""
    done = piped(["invoices", "export", *arguments], {**home, **NOWHERE})
    assert (done.code, said in done.err) == (2, True), done


def test_a_missing_library_is_told_before_any_socket(home: dict[str, str], tmp_path: Path) -> None:
    """With what to install, and what else can be written."""
    (tmp_path / "xlsxwriter.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'xlsxwriter'\", name='xlsxwriter')\n"
    )
    done = piped(["invoices", "export", "a.xlsx"], {**home, **NOWHERE, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert done.code == 2
    assert (
        done.err
        == 'error: a .xlsx file needs XlsxWriter\nhint:  pip install "xendit-sdk[xlsx]", or write a .csv file\n'
    )


def test_every_preset_names_fields(tmp_path: Path) -> None:
    """Each column of each preset is a field of an invoice, once."""
    for names in PRESETS.values():
        assert [each.name for each in named_columns(list(names), Invoice)] == [*names]


def test_ids_of_digits_stay_whole(tmp_path: Path) -> None:
    """Sixteen digits of an account number are a text; an amount of sixteen digits too, for a sheet would cut it."""
    record = {
        "id": "1",
        "external_id": "4000000000000002",
        "amount": 1234567890123456,
        "currency": "IDR",
        "payment_destination": "0012345678901234",
    }
    layout = layout_of(Invoice, ["external_id", "payment_destination", "amount"], (), zone=None)
    with (tmp_path / "a.xlsx").open("wb") as target:
        writer_of(".xlsx", layout)(Records(lambda: [record]), target)
    cells = sheet(tmp_path / "a.xlsx", 1)
    assert cells["A2"] == ("s", "4000000000000002")
    assert cells["B2"] == ("s", "0012345678901234")
    assert cells["C2"] == ("s", "1234567890123456")


def test_a_sheet_that_cannot_hold_it_says_so(tmp_path: Path) -> None:
    """A text that a cell would lose the end of is refused, with what to do."""
    with (
        (tmp_path / "a.xlsx").open("wb") as target,
        pytest.raises(CommandFailure, match="40,000 characters") as raised,
        Spreadsheet(target, None) as book,
    ):
        book.add("a", ("text",), [(None, ("x" * 40_000,))])
    assert "csv" in str(raised.value.hint)


def test_amounts_have_the_decimals_of_their_currency(tmp_path: Path) -> None:
    """Rupiah without, pesos with two, and no digit that an amount has is hidden."""
    with (tmp_path / "a.xlsx").open("wb") as target, Spreadsheet(target, None) as book:
        rows = [
            ("IDR", (Decimal(150000),)),
            ("PHP", (Decimal("1299.50"),)),
            ("IDR", (Decimal("0.125"),)),
            (None, (Decimal(1),)),
        ]
        book.add("a", ("amount",), rows)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book_file:
        forms = set(re.findall(r'formatCode="([^"]+)"', book_file.read("xl/styles.xml").decode()))
    assert {"#,##0", "#,##0.00", "#,##0.000"} <= forms


def test_every_number_of_a_sheet_fits_its_column(tmp_path: Path) -> None:
    """A number or a time that is wider than its column is shown as `####`; a long text does not push the rest away."""
    paid = datetime(2026, 10, 31, 16, 59, 59, tzinfo=timezone.utc)
    with (tmp_path / "a.xlsx").open("wb") as target, Spreadsheet(target, ZoneInfo("Asia/Jakarta")) as book:
        book.add(
            "a",
            ("at", "id", "amount", "why", "n"),
            [
                ("IDR", (paid, "6b0b9f10ace7efafe1bf51bc", Decimal(1_250_000_000), "x" * 500, 1)),
                ("PHP", (paid, "6b0b9f10ace7efafe1bf51bc", Decimal("1299.50"), "", 2)),
            ],
        )
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        columns = re.findall(
            r'<col min="(\d+)" max="\1" width="([\d.]+)"', file.read("xl/worksheets/sheet1.xml").decode()
        )
    widths = {int(place): float(width) for place, width in columns}
    assert widths[1] > len("2026-10-31 23:59:59 +07:00")
    assert widths[2] > 24
    assert widths[3] > len("1,250,000,000")
    assert 40 < widths[4] < 80
    assert 9 < widths[5] < 12


def test_a_time_of_a_sheet_shows_its_zone(tmp_path: Path) -> None:
    """The cell holds a time, with which a spreadsheet can reckon; its format says of which offset from UTC it is."""
    for zone, shown_ in (
        (ZoneInfo("Asia/Jakarta"), "+07:00"),
        (timezone.utc, "UTC"),
        (ZoneInfo("Asia/Kolkata"), "+05:30"),
    ):
        with (tmp_path / "a.xlsx").open("wb") as target, Spreadsheet(target, zone) as book:
            book.add("a", ("at",), [(None, (datetime(2026, 10, 31, 12, tzinfo=timezone.utc),))])
        with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
            assert f'formatCode="yyyy-mm-dd hh:mm:ss &quot;{shown_}&quot;"' in file.read("xl/styles.xml").decode()
        assert sheet(tmp_path / "a.xlsx", 1)["A2"][0] == "n"


# ------------------------------------------------------------------------------------------ create-many


def test_a_rehearsal_sends_nothing(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """It says what would be created, with lines and totals, for people and programs, and keeps no journal."""
    (tmp_path / "m.csv").write_text("external_id;amount;currency\n\nm-1;10000;IDR\n ; ; \nm-2;20.50;PHP\n")
    code, screen = shown(["invoices", "create-many", "m.csv", "--dry-run"], keyed, cwd=tmp_path)
    assert code == 0, screen
    assert re.search(r"3 +m-1 +IDR 10,000 +to be created", screen)
    assert re.search(r"5 +m-2 +PHP 20\.50 +to be created", screen)
    assert "2 invoices would be created (IDR 10,000, PHP 20.50). Nothing was sent." in screen
    assert sandbox.export()["records"] == []
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["m.csv"]
    assert piped(["invoices", "create-many", "m.csv"], keyed, cwd=tmp_path).code == 0
    again = json.loads(piped(["invoices", "create-many", "m.csv", "--dry-run"], keyed, cwd=tmp_path).out)
    assert again == {"dry_run": True, "would_create": 0, "created_before": 2, "totals": []}
    other = piped(["invoices", "create-many", "m.csv", "--dry-run", "--for-user-id", "6" * 24], keyed, cwd=tmp_path)
    assert (other.code, "the journal m.csv.journal" in other.err) == (2, True), other


def test_one_is_told_as_one(keyed: dict[str, str], tmp_path: Path) -> None:
    """Not as `1 invoices`."""
    (tmp_path / "m.csv").write_text("external_id,amount\nm-1,10000\n")
    many = ["invoices", "create-many", "m.csv"]
    assert (
        piped([*many, "--dry-run"], keyed, cwd=tmp_path).err
        == "1 invoice would be created (10,000). Nothing was sent.\n"
    )
    assert piped(many, keyed, cwd=tmp_path).code == 0
    again = piped([*many, "--dry-run"], keyed, cwd=tmp_path).err
    assert again == "0 invoices would be created; 1 is there already. Nothing was sent.\n"
    assert "✓ 1 invoice is in m.xlsx" in piped(["invoices", "export", "m.xlsx"], keyed, cwd=tmp_path).err


def test_columns_reach_into_objects(keyed: dict[str, str], tmp_path: Path) -> None:
    """The customer's name and your own data have columns of their own; an empty cell makes no object."""
    (tmp_path / "m.csv").write_text(
        "external_id,amount,customer.given_names,metadata.branch\nm-1,10000,Ayu,Kuta\nm-2,20000,,\n"
    )
    assert piped(["invoices", "create-many", "m.csv"], keyed, cwd=tmp_path).code == 0
    listed = json.loads(piped(["invoices", "list"], keyed).out)  # several are created at once: in any order
    first, second = sorted(listed, key=lambda each: str(each["external_id"]))
    assert (first["customer"]["given_names"], first["metadata"]) == ("Ayu", {"branch": "Kuta"})
    assert second.get("customer") is None
    assert second.get("metadata") is None


def test_help_lists_the_columns(home: dict[str, str]) -> None:
    """Required ones are marked; fields of objects are named as a file names them."""
    told = piped(["invoices", "create-many", "--help"], home).out
    assert re.search(r"\n  external_id .*?\[required\]\n  amount ", told, re.DOTALL)
    for name in ("customer.given_names", "metadata.NAME", "payment_methods"):
        assert name in told


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "external_id,amount\n\nx,1000\n\nx,2000\n", "a.csv line 5: external_id 'x' came before, as line 3"),
        ("a.csv", "external_id,amount,currency\n,,\nx,10000,IDX\n", "a.csv line 3, currency: 'IDX' is none of"),
        (
            "a.csv",
            "external_id,amount,customer,customer.email\n",
            "line 1: 'customer' holds what 'customer.email' says",
        ),
        ("a.csv", "external_id,amount,customer.given_name\n", "did you mean 'customer.given_names'?"),
        ("a.csv", "external_id,amount,customer\nx,1000,@/etc/hostname\n", "a.csv line 2, customer: it is no JSON"),
        ("a.csv", 'external_id,amount,description\n"a\nb",1000,\nx,ten,\n', "a.csv line 4, amount: 'ten' is no number"),
        (
            "a.jsonl",
            '\n{"external_id": "x", "amount": 1000}\n{"external_id": "y", "amount": "x"}\n',
            "a.jsonl line 3: CreateInvoiceRequest['amount']",
        ),
        (
            "a.jsonl",
            '{"external_id": "y", "amount": 1000, "curency": "IDR"}\n',
            "a.jsonl line 1: CreateInvoiceRequest has no field 'curency'",
        ),
    ],
)
def test_every_message_names_the_line_of_the_file(
    name: str, text: str, said: str, home: dict[str, str], tmp_path: Path
) -> None:
    """Errors and warnings, of one request and of two, after blank rows and cells of two lines; nothing is sent."""
    (tmp_path / name).write_text(text)
    done = piped(["invoices", "create-many", name], {**home, **NOWHERE}, cwd=tmp_path)
    assert (done.code, said in done.err, "requests[" in done.err) == (2, True, False), done


def test_every_wrong_row_of_a_file_is_told_at_once(home: dict[str, str], tmp_path: Path) -> None:
    """Nobody mends a file row by row, with a run for each: each wrong row has its line, and of very many, how many more."""
    (tmp_path / "a.csv").write_text(
        "external_id;amount;currency\na;12,50;PHP\nb;1000;IDR\nc;1.500;IDR\nd;1;IDR;x\ne;5;IDX\n"
    )
    done = piped(["invoices", "create-many", "a.csv", "--dry-run"], {**home, **NOWHERE}, cwd=tmp_path)
    assert done.code == 2
    told = [line.partition(":")[0] for line in done.err.replace("error: ", "").splitlines()]
    assert told == ["a.csv line 2, amount", "a.csv line 4, amount", "a.csv line 5", "a.csv line 6, currency"]
    rows = ['{"external_id": "a", "amount": 1}', "{", "[1]", "", *['{"external_id": "b", "amount": 1.500}'] * 30]
    (tmp_path / "b.jsonl").write_text("\n".join(rows))
    done = piped(["invoices", "create-many", "b.jsonl"], {**home, **NOWHERE}, cwd=tmp_path)
    assert (done.code, done.err.count("error: b.jsonl line "), "hint:  12 more rows are wrong" in done.err) == (
        2,
        20,
        True,
    )
    (tmp_path / "c.csv").write_text("external_id,amount\n" + "b,1.500\n" * 25 + 'c,"')
    done = piped(["invoices", "create-many", "c.csv"], {**home, **NOWHERE}, cwd=tmp_path)
    assert done.code == 2
    assert done.err.count("error: c.csv line ") == 21
    assert "error: c.csv line 27: it is no CSV" in done.err
    assert "hint:  5 more rows are wrong" in done.err


def test_a_changed_request_names_its_line(keyed: dict[str, str], tmp_path: Path) -> None:
    """Of a file whose row was changed after it was sent."""
    (tmp_path / "a.csv").write_text("external_id,amount\nx,1000\n")
    assert piped(["invoices", "create-many", "a.csv"], keyed, cwd=tmp_path).code == 0
    (tmp_path / "a.csv").write_text("external_id,amount\n\nx,2000\n")
    done = piped(["invoices", "create-many", "a.csv"], keyed, cwd=tmp_path)
    assert (done.code, "a.csv line 3: the journal holds 'x' with another request" in done.err) == (2, True), done


def test_columns_that_no_model_has() -> None:
    """The nearest is named, also below an object."""
    with pytest.raises(ValueError, match=r"there is no field 'customer.mail'; did you mean 'customer.email'"):
        named_columns(["customer.mail"], CreateInvoiceRequest)
    column: Any = named_columns(["amount"], CreateInvoiceRequest)[0]
    with pytest.raises(click.BadParameter):
        column.read("1.000")


def test_pages_are_saved_once_a_second_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after each: a disk takes longer than a page. Whatever ends an export, the last page that was fetched is kept."""
    now = [0.0]
    monkeypatch.setattr("xendit.cli.export.time.monotonic", lambda: now[0])
    state = tmp_path / ".all.jsonl.part.json"
    saved: list[int] = []

    def pages(_query: dict[str, object], _last: str | None) -> Iterator[tuple[bytes, list[dict[str, Any]]]]:
        for number in range(6):
            yield b"", [{"id": f"{number}", "external_id": "o", "status": "PAID", "amount": 1}]
            saved.append(json.loads(state.read_text("utf-8"))["count"] if state.exists() else 0)
            now[0] += 0.4
        raise LookupError

    layout = layout_of(Invoice, ["id"], (), zone=timezone.utc)
    account = account_of(ApiClient(Configuration(api_key="xnd_development_abc")))
    write = writer_of(".jsonl", layout)
    export = Export(
        tmp_path / "all.jsonl", write, lambda _: [], None, account, [], "invoices", Output(), key_rotated=False
    )
    with pytest.raises(LookupError):
        export.run(pages, {})
    assert saved == [0, 0, 0, 4, 4, 4]
    assert json.loads(state.read_text("utf-8"))["count"] == 6
    assert "6 invoices are kept; the same command goes on from there" in capsys.readouterr().err


@pytest.mark.parametrize("zone", [timezone.utc, ZoneInfo("Asia/Jakarta")], ids=["UTC", "Jakarta"])
def test_cells_are_what_the_fields_say(zone: Any) -> None:
    """Times in the zone of the file, odd ones as they came, nothing where nothing is, a formula never."""
    records = [
        {"id": "1", "paid_at": "2026-10-31T16:59:59.123Z", "amount": 0.1, "external_id": "=1+1", "new": [1.5]},
        {"id": "2", "paid_at": "2026-10-31T16:59:59.123456Z", "created": "2026-10-31T16:59:59Z", "amount": None},
        {"id": "3", "paid_at": "2026-02-30T00:00:00.000Z", "created": "soon", "should_send_email": True},
        {"id": "4", "paid_at": 7, "customer": {"given_names": "-Ayu"}, "items": [{"name": "a"}], "amount": 10**20},
    ]
    kept = [exact_json(json.dumps(each)) for each in records]
    names = ["id", "paid_at", "created", "amount", "external_id", "should_send_email", "customer.given_names", "items"]
    target = io.BytesIO()
    writer_of(".csv", layout_of(Invoice, names, (), zone=zone))(Records(lambda: kept), target)
    rows = list(csv.reader(io.StringIO(target.getvalue().decode(), newline="")))
    in_utc = zone is timezone.utc
    first = "2026-10-31T16:59:59.123Z" if in_utc else "2026-10-31T23:59:59.123+07:00"
    second = "2026-10-31T16:59:59.123456Z" if in_utc else "2026-10-31T23:59:59.123456+07:00"
    third = "2026-10-31T16:59:59.000Z" if in_utc else "2026-10-31T23:59:59.000+07:00"
    assert rows == [
        names,
        ["1", first, "", "0.1", "'=1+1", "", "", ""],
        ["2", second, third, "", "", "", "", ""],
        ["3", "2026-02-30T00:00:00.000Z", "soon", "", "", "true", "", ""],
        ["4", "7", "", "100000000000000000000", "", "", "'-Ayu", '[{"name": "a"}]'],
    ]
    assert cell({"a": Decimal("0.1")}) == '{"a": 0.1}'


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
@pytest.mark.parametrize("is_old", [False, True], ids=["pages", "records of an earlier version"])
def test_what_was_kept_is_read_again(
    suffix: str, is_old: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once each, however often it was listed, by a writer that goes through it once or twice; nothing else is left."""
    listing = RecordPages(GET_INVOICES, Invoice)
    bodies = [
        json.dumps([{"id": f"{number}", "amount": 0.1, "status": "PAID"} for number in page], indent=1).encode()
        for page in ((0, 1), (1, 2, 3), (3,))
    ]
    asked: list[str | None] = []

    def pages(_query: dict[str, object], last: str | None) -> Iterator[tuple[bytes, list[dict[str, Any]]]]:
        asked.append(last)
        for body in bodies if last is None else bodies[1:]:
            yield body, listing.kept(body)
            if last is None and body is bodies[1]:
                raise LookupError

    account = account_of(ApiClient(Configuration(api_key="xnd_development_abc")))
    write = writer_of(suffix, layout_of(Invoice, ["id", "amount", "status"], (), zone=timezone.utc))
    file, part = tmp_path / f"all{suffix}", tmp_path / f".all{suffix}.part"
    arguments: Any = (file, write, listing.kept, None, account, [], "invoices", Output())
    with pytest.raises(LookupError):
        Export(*arguments, key_rotated=False).run(pages, {})
    state = tmp_path / f"{part.name}.json"
    assert {*tmp_path.iterdir()} == {part, state}
    if is_old:
        text = "".join(f'{{"id":"{number}","amount":0.1,"status":"PAID"}}\n' for number in range(4))
        part.write_text(text)
        kept = json.loads(state.read_text())
        del kept["bytes"]
        state.write_text(json.dumps({**kept, "size": len(text)}))
    records = Export(*arguments, key_rotated=False).run(pages, {})
    assert asked == [None, "3"]
    assert records.count == 4
    assert records.totals()[0].amount == Decimal("0.4")
    assert [*tmp_path.iterdir()] == [file]
    assert "going on after 4 invoices" in capsys.readouterr().err
    if suffix == ".csv":
        assert file.read_text().splitlines() == ["id,amount,status", *(f"{number},0.1,PAID" for number in range(4))]


def test_a_file_that_cannot_be_written_on_keeps_what_was_listed(tmp_path: Path) -> None:
    """What ends the writing is told, and the pages that came until then are there for the next run."""
    account = account_of(ApiClient(Configuration(api_key="xnd_development_abc")))

    def write(records: Records, _target: Any) -> None:
        for record in records:
            if record["id"] == "1":
                raise OSError(28, "No space left on device")

    def pages(_query: dict[str, object], _last: str | None) -> Iterator[tuple[bytes, list[dict[str, Any]]]]:
        for number in range(3):
            yield b"[]", [{"id": f"{number}"}]

    export = Export(
        tmp_path / "all.csv", write, lambda _: [], None, account, [], "invoices", Output(), key_rotated=False
    )
    with pytest.raises(CommandFailure, match=r"all\.csv: No space left on device") as raised:
        export.run(pages, {})
    assert raised.value.hint == "2 invoices are kept; the same command goes on from there"
    assert sorted(each.name for each in tmp_path.iterdir()) == [".all.csv.part", ".all.csv.part.json"]
