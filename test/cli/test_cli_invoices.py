"""`xendit invoices`: each command through a terminal and through a pipe."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from xendit.cli.formats import cell
from xendit.cli.output import printable
from xendit.display import money

from .terminal import COMMAND, Terminal, environment_of, piped, shown

if TYPE_CHECKING:
    from pathlib import Path

    from xendit.sandbox import Sandbox

UNKNOWN_ID = "0" * 24


def made(sandbox: Sandbox, *external_ids: str, **fields: Any) -> list[str]:
    """Invoices of the sandbox, by their external ids; their ids, in the same order."""
    taken = sandbox.load({"invoices": [{"external_id": each, "amount": 150000, **fields} for each in external_ids]})
    return [each["id"] for each in taken]


# ------------------------------------------------------------------------------------------ one invoice


def test_create_in_a_pipe_gives_the_invoice_as_json(keyed: dict[str, str], tmp_path: Path) -> None:
    """Flags, --data from a file and from stdin; flags win; amounts go out exactly."""
    first = piped(["invoices", "create", "--external-id", "o-1", "--amount", "99.95", "--currency", "PHP"], keyed)
    assert first.code == 0, first.err
    assert first.err == ""
    assert {"external_id": "o-1", "amount": 99.95, "currency": "PHP"}.items() <= json.loads(first.out).items()
    data = {"external_id": "o-2", "amount": 1, "customer": {"given_names": "Ayu"}}
    (tmp_path / "invoice.json").write_text(json.dumps(data))
    flags = ["--amount", "50000", "--payment-methods", "BCA,OVO", "--invoice-duration", "2h", "--should-send-email"]
    second = piped(["invoices", "create", "--data", "@invoice.json", *flags], keyed, cwd=tmp_path)
    assert second.code == 0, second.err
    invoice = json.loads(second.out)
    assert (invoice["amount"], invoice["customer"]["given_names"], invoice["should_send_email"]) == (50000, "Ayu", True)
    lasts = datetime.fromisoformat(invoice["expiry_date"][:23]) - datetime.fromisoformat(invoice["created"][:23])
    assert lasts.total_seconds() == 7200
    third = piped(["invoices", "create", "--data", "-"], keyed, input=json.dumps({**data, "external_id": "o-3"}))
    assert json.loads(third.out)["external_id"] == "o-3"


def test_create_on_a_terminal_shows_where_to_send_the_payer(keyed: dict[str, str]) -> None:
    """A list for people, and JSON if it is asked for."""
    arguments = ["invoices", "create", "--external-id", "o-1", "--amount", "150000"]
    code, screen = shown(arguments, keyed)
    assert code == 0
    assert "IDR 150,000" in screen
    assert re.search(r"payment page +http://127.0.0.1:\d+/web/[0-9a-f]{24}\n", screen)
    assert json.loads(shown([*arguments, "--json"], keyed)[1])["amount"] == 150000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "--amount", "1"], "missing --external-id (or give them in --data)"),
        (["create", "--external-id", "x", "--amount", "1,5"], "'1,5' is no number such as 150000 or 99.95"),
        (["create", "--external-id", "x", "--amount", "1", "--invoice-duration", "soon"], "'soon' is no duration"),
        (
            ["create", "--external-id", "x", "--amount", "1", "--invoice-duration", "86.400"],
            "'86.400' has its point before exactly three digits, as where it groups thousands",
        ),
        (["create", "--external-id", "x", "--amount", "1", "--invoice-duration", "1.000h"], "'1.000h' has its point"),
        (["create", "--data", "{"], "is no JSON"),
        (["create", "--data", "@nowhere.json"], "nowhere.json: No such file"),
        (["create", "--data", "[1]"], "--data must be a JSON object"),
        (["create", "--external-id", "x", "--amount", "1", "--items", '[{"nme": 1}]'], "items"),
        (["create", "--external-id", "x", "--amuont", "1"], "--amuont"),
        (["list", "--since", "yesterday"], "'yesterday' is no moment"),
        (["list", "--limit", "0"], "limit"),
        (["export", "x.xls"], "the file's name must end with .csv, .jsonl, .parquet"),
        (["export", "nowhere/x.csv"], "nowhere/x.csv cannot be written: there is no folder "),
        (["lst"], "there is no command 'lst'; did you mean 'list'?"),
        (["list", "--tz"], "Option '--tz' requires an argument."),
    ],
)
def test_bad_input_is_told(arguments: list[str], said: str, keyed: dict[str, str], tmp_path: Path) -> None:
    """Exit code 2, the name of what is wrong, and nothing is sent."""
    done = piped(["invoices", *arguments], keyed, cwd=tmp_path)
    assert done.code == 2, done
    assert said in done.err
    assert "Traceback" not in done.err


def test_get_open_and_expire(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """The invoice, its page, its end; on a terminal and in a pipe."""
    [first, second] = made(sandbox, "o-1", "o-2")
    assert json.loads(piped(["invoices", "get", first], keyed).out)["status"] == "PENDING"
    assert re.search(r"status +PENDING", shown(["invoices", "get", first], keyed)[1])
    assert piped(["invoices", "open", first, "--print"], keyed).out == f"{sandbox.url}/web/{first}\n"
    assert shown(["invoices", "open", first, "--print"], keyed) == (0, f"{sandbox.url}/web/{first}\n")
    assert json.loads(piped(["invoices", "expire", first], keyed).out)["status"] == "EXPIRED"
    assert re.search(r"status +EXPIRED", shown(["invoices", "expire", second], keyed)[1])


# ------------------------------------------------------------------------------------------ how it fails


def test_exit_codes(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """1 the API said no, 3 not allowed, 4 not found, 5 no answer, 6 the outcome is unknown."""
    create = ["invoices", "create", "--external-id", "o-1", "--amount", "1000"]
    assert piped([*create[:-1], "-1"], keyed).code == 1
    nobody = piped(["invoices", "get", UNKNOWN_ID], keyed)
    assert (nobody.code, nobody.err.startswith("error: 404 INVOICE_NOT_FOUND_ERROR")) == (4, True)
    assert "the one that Xendit made" in nobody.err
    wrong = piped(["invoices", "list"], {**keyed, "XENDIT_API_KEY": "xnd_development"})
    assert wrong.code == 3
    assert "xendit doctor" in wrong.err
    off = piped(["invoices", "list"], {**keyed, "XENDIT_BASE_URL": "http://127.0.0.1:9"})
    assert off.code == 5, off
    sandbox.faults.arm("error", match="list")
    sandbox.faults.arm("reset", match="create")
    unknown = piped(create, keyed)
    assert unknown.code == 6, unknown
    assert "the invoice may exist" in unknown.err


def test_without_a_key_it_says_where_they_come_from(home: dict[str, str]) -> None:
    """Exit code 3, on a terminal as in a pipe."""
    done = piped(["invoices", "list"], home)
    assert done.code == 3
    assert done.err == (
        "error: there is no API key\n"
        "hint:  set XENDIT_API_KEY (dashboard: Settings, API keys), or start a sandbox with `xendit sandbox up`\n"
    )
    assert shown(["invoices", "list"], home)[0] == 3


@pytest.mark.parametrize(
    ("key", "host", "said"),
    [
        ("xnd_production_abc", "http://127.0.0.1:9", "XENDIT_API_KEY is a live key"),
        ("xnd_development_sandbox", "https://api.xendit.co", "XENDIT_API_KEY is the sandbox's key"),
    ],
)
def test_a_key_for_the_one_is_not_sent_to_the_other(key: str, host: str, said: str, home: dict[str, str]) -> None:
    """It is refused before anything is sent, and not shown."""
    done = piped(["invoices", "list"], {**home, "XENDIT_API_KEY": key, "XENDIT_BASE_URL": host})
    assert done.code == 3
    assert said in done.err
    assert key not in done.err


@pytest.mark.parametrize(
    "key", ["  ", "'xnd_development_abc'", '"xnd_development_abc"', "xnd_development_abc:", "xnd_public_abc"]
)
def test_what_cannot_be_a_key_is_told_as_one(key: str, home: dict[str, str]) -> None:
    """Exit code 3, as for a wrong key, with the name of the variable, and never the key."""
    done = piped(["invoices", "list"], {**home, "XENDIT_API_KEY": key})
    assert done.code == 3, done
    assert "the API key (from the environment variable XENDIT_API_KEY) " in done.err
    assert key not in done.err


def test_a_warning_of_the_library_is_a_line_for_people(keyed: dict[str, str]) -> None:
    """Neither a module's path nor a line of its code; where warnings are errors, the command ends with the sentence."""
    create = ["invoices", "create", "--data", '{"external_id": "o-1", "amount": 1000, "curency": "IDR"}']
    said = "CreateInvoiceRequest has no field 'curency'; it is sent as it is; did you mean 'currency'?\n"
    python, *_, program = COMMAND
    command, environment = [python, "-c", program, *create], environment_of({**keyed, "PYTHONWARNINGS": ""})
    warned = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (warned.returncode, warned.stderr) == (0, f"warning: {said}")
    strict = piped(create, keyed)
    assert (strict.code, strict.err) == (2, f"error: {said}")


def test_creating_with_a_live_key_asks_on_a_terminal(home: dict[str, str]) -> None:
    """Enter is no; nothing is sent, and the sentence says so."""
    live = {**home, "XENDIT_API_KEY": "xnd_production_abc", "XENDIT_BASE_URL": "https://127.0.0.2:9"}
    with Terminal(["invoices", "create", "--external-id", "o-1", "--amount", "150000"], live) as terminal:
        terminal.wait_for("Create a live invoice of 150,000 (o-1)? [y/N]:")
        terminal.type("\n")
        assert terminal.end() == 0
        assert "nothing was created" in terminal.screen


# ------------------------------------------------------------------------------------------ waiting


def test_wait_ends_with_the_payment(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """0 paid, 1 expired, 5 when the time is up; Ctrl-C says how it stood."""
    [first, second] = made(sandbox, "o-1", "o-2")
    with Terminal(["invoices", "wait", first], keyed) as terminal:
        terminal.wait_for("o-1 is PENDING; waiting")
        sandbox.pay(first)
        assert terminal.end() == 0
        assert re.search(r"status +PAID", terminal.screen)
    late = piped(["invoices", "wait", second, "--timeout", "0.3s"], keyed)
    assert (late.code, "it is still PENDING after 0.3 s" in late.err) == (5, True)
    with Terminal(["invoices", "wait", second], keyed) as terminal:
        terminal.wait_for("waiting")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "stopped: the invoice was PENDING" in terminal.screen
    sandbox.expire(second)
    assert piped(["invoices", "wait", second], keyed).code == 1


def test_watch_shows_each_change(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """A line each for people, an object each for programs."""
    [first, second] = made(sandbox, "o-1", "o-2")
    with Terminal(["invoices", "watch", first, "--interval", "0.2s"], keyed) as terminal:
        terminal.wait_for("PENDING   o-1")
        sandbox.pay(first)
        assert terminal.end() == 0
        assert "PAID      o-1  IDR 150,000" in terminal.screen
    assert [json.loads(line)["status"] for line in piped(["invoices", "watch", first], keyed).out.splitlines()] == [
        "PAID"
    ]
    with Terminal(["invoices", "watch", second], keyed) as terminal:
        terminal.wait_for("PENDING   o-2")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "stopped: the invoice was PENDING when it was last seen" in terminal.screen


# ------------------------------------------------------------------------------------------ many


def test_list_is_a_table_or_json(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """A page as a table of 80 columns, as a JSON array in a pipe, filtered as asked."""
    made(sandbox, "o-1", "o-2")
    made(sandbox, "o-3", status="PAID")
    code, screen = shown(["invoices", "list"], keyed, width=80)
    assert code == 0
    lines = screen.splitlines()
    assert lines[0].split() == ["id", "external", "id", "status", "amount", "created", "(UTC)"]
    assert re.fullmatch(r"[0-9a-f]{24}  o-\d +(PENDING|PAID) +IDR 150,000  \d{4}-\d\d-\d\d \d\d:\d\d *", lines[1])
    assert len(lines) == 4
    listed = json.loads(piped(["invoices", "list", "--status", "PENDING", "--since", "1d"], keyed).out)
    assert [each["external_id"] for each in listed] == ["o-2", "o-1"]
    assert json.loads(piped(["invoices", "list", "--status", "SETTLED"], keyed).out) == []
    assert shown(["invoices", "list", "--status", "SETTLED"], keyed)[1] == "no invoice fits\n"


def test_a_list_that_goes_on_says_so(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """A full page may not be all; who has said how many are wanted is not told, and neither is a pipe."""
    sandbox.load({"invoices": [{"external_id": f"o-{number}", "amount": 10000} for number in range(11)]})
    assert "there may be more: --limit N" in shown(["invoices", "list"], keyed)[1]
    assert "there may be more" not in shown(["invoices", "list", "--limit", "5"], keyed)[1]
    assert piped(["invoices", "list"], keyed).err == ""


def test_list_all_streams_every_page(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """One object a line; a reader that has enough ends it without a complaint."""
    made(sandbox, *(f"o-{number}" for number in range(230)))
    done = piped(["invoices", "list", "--all"], keyed)
    assert len({json.loads(line)["external_id"] for line in done.out.splitlines()}) == 230
    assert done.err == "230 invoices\n"
    import subprocess

    from .terminal import COMMAND, environment_of

    with subprocess.Popen(
        [*COMMAND, "invoices", "list", "--all"],
        env=environment_of(keyed),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() in ("", "230 invoices\n")
        assert process.wait(30) in (0, 128 + signal.SIGPIPE)


def test_a_file_that_cannot_be_written_is_named_as_it_was_given(tmp_path: Path) -> None:
    """Not by the name that it has until it is whole, of which nobody has heard."""
    from xendit.whole_files import whole_file

    with pytest.raises(OSError, match=r"a\.csv") as caught, whole_file(tmp_path / "no" / "a.csv"):
        pass
    assert caught.value.filename == str(tmp_path / "no" / "a.csv")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(OSError, match=r"taken\.csv") as caught, whole_file(tmp_path / "taken.csv") as file:
        file.write(b"x")
    assert caught.value.filename == str(tmp_path / "taken.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["taken.csv"]


def test_export_writes_whole_files(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """CSV, JSON lines and Parquet hold the same; times in UTC, amounts exact; nothing is replaced unasked."""
    import pyarrow.parquet

    made(sandbox, *(f"o-{number}" for number in range(120)))
    made(sandbox, '=HYPERLINK("http://x")', amount=99.95, currency="PHP", status="PAID")
    code, screen = shown(["invoices", "export", "all.csv"], keyed, cwd=tmp_path)
    assert code == 0
    assert "121 invoices are in all.csv" in screen
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline="")))
    assert len({row["id"] for row in rows}) == 121
    [row] = [row for row in rows if row["currency"] == "PHP"]
    assert (row["external_id"], row["amount"]) == ('\'=HYPERLINK("http://x")', "99.95")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["paid_at"])
    assert piped(["invoices", "export", "all.jsonl"], keyed, cwd=tmp_path).code == 0
    records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [each["id"] for each in records] == [each["id"] for each in rows]
    assert piped(["invoices", "export", "all.parquet"], keyed, cwd=tmp_path).code == 0
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet").to_pylist()
    [paid] = [each for each in table if each["currency"] == "PHP"]
    assert (paid["amount"], paid["paid_at"].tzinfo is not None) == (Decimal("99.95"), True)
    again = piped(["invoices", "export", "all.csv"], keyed, cwd=tmp_path)
    assert (again.code, "--force replaces it" in again.err) == (2, True)
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["all.csv", "all.jsonl", "all.parquet"]


def test_an_interrupted_export_goes_on_where_it_stopped(
    keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Ctrl-C leaves no half-written file and says what is kept; the same command asks for the rest alone."""
    made(sandbox, *(f"o-{number}" for number in range(250)))
    sandbox.faults.arm("latency", match="list", seconds=60, after=2)
    command = ["invoices", "export", "all.csv", "--since", "1d"]
    with Terminal(command, keyed, cwd=tmp_path) as terminal:
        terminal.wait_for("200 invoices")
        terminal.interrupt()
        assert terminal.end() == 130
        assert "stopped: 200 invoices are kept; the same command goes on from there" in terminal.screen
    assert not (tmp_path / "all.csv").exists()
    sandbox.faults.clear()
    counted = sandbox.faults.arm("latency", match="list", seconds=0)
    made(sandbox, "newer")
    done = piped(command, keyed, cwd=tmp_path)
    assert done.err.startswith("going on after 200 invoices\n"), done.err
    assert counted.seen == 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline="")))
    assert len({row["id"] for row in rows}) == len(rows) == 250
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["all.csv"]


def test_another_export_does_not_go_on_with_what_is_kept(
    keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """What was kept for one question is not taken for the answer to another."""
    made(sandbox, *(f"o-{number}" for number in range(150)))
    sandbox.faults.arm("error", match="list", after=1)
    failed = piped(["invoices", "export", "all.csv"], keyed, cwd=tmp_path)
    assert failed.code == 1
    assert "100 invoices are kept" in failed.err
    sandbox.faults.clear()
    other = piped(["invoices", "export", "all.csv", "--status", "PAID"], keyed, cwd=tmp_path)
    assert other.err == "✓ 0 invoices are in all.csv\n"


def test_create_many_creates_each_once(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """From CSV and JSON lines; what is refused is named; a second run creates nothing."""
    file = tmp_path / "many.csv"
    file.write_text(
        'external_id,amount,description,payment_methods\nm-1,10000,"a, b",BCA\nm-2,20000,,"BCA,OVO"\nm-3,0,,\n'
    )
    done = piped(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert done.code == 1, done
    results = {each["external_id"]: each for each in map(json.loads, done.out.splitlines())}
    assert {name: each["state"] for name, each in results.items()} == {
        "m-1": "created",
        "m-2": "created",
        "m-3": "failed",
    }
    assert done.err == "2 of 3 created, 1 failed (m-3)\n"
    code, screen = shown(["invoices", "create-many", "many.csv"], keyed, cwd=tmp_path)
    assert (code, "2 of 3 created" in screen) == (1, True)
    assert len(sandbox.export()["records"]) == 2
    (tmp_path / "more.jsonl").write_text('{"external_id": "m-4", "amount": 5000}\n\n')
    code, screen = shown(["invoices", "create-many", "more.jsonl"], keyed, cwd=tmp_path)
    assert (code, "1 of 1 created" in screen) == (0, True)


def test_spaces_around_a_cell_do_not_count(keyed: dict[str, str], tmp_path: Path) -> None:
    """An order c1 would never be found again by the webhook of an invoice ` c1`; those inside a cell stay."""
    (tmp_path / "march.csv").write_text("external_id, amount, currency, description\n c1 , 99.95, php , two bags \n")
    done = piped(["invoices", "create-many", "march.csv"], keyed, cwd=tmp_path)
    assert done.code == 0, done
    (invoice,) = json.loads(piped(["invoices", "list"], keyed).out)
    assert (invoice["external_id"], invoice["currency"], invoice["description"]) == ("c1", "PHP", "two bags")


def test_an_interrupted_create_many_goes_on(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """Ctrl-C says how many are made; the same command makes the rest, and none twice."""
    lines = "".join(f'{{"external_id": "m-{number}", "amount": 5000}}\n' for number in range(30))
    (tmp_path / "many.jsonl").write_text(lines)
    sandbox.faults.arm("latency", match="create", seconds=0.1)
    command = ["invoices", "create-many", "many.jsonl", "--concurrency", "2"]
    with Terminal(command, keyed, cwd=tmp_path) as terminal:
        while not re.search(r"[1-9]\d*/30 ", terminal.screen):
            assert terminal.read(10), terminal.screen
        terminal.interrupt()
        assert terminal.end() == 130
        assert re.search(r"stopped: \d+ of 30 created.*; the same command goes on", terminal.screen), terminal.screen
    sandbox.faults.clear()
    done = piped(command, keyed, cwd=tmp_path)
    assert done.code == 0, done.err
    ids = [each["external_id"] for each in sandbox.export()["records"]]
    assert len(ids) == len(set(ids)) == 30


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "external_id,amuont\nx,1\n", "there is no field 'amuont'; did you mean 'amount'?"),
        ("a.csv", "external_id,amount\nx,ten\n", "a.csv line 2, amount: 'ten' is no number"),
        ("a.csv", "external_id,amount\nx,1,2\n", "a.csv line 2: it has more cells"),
        ("a.jsonl", '{"external_id": "x"\n', "a.jsonl line 1:"),
        ("a.jsonl", "[1]\n", "a.jsonl line 1: it is no JSON object"),
        ("a.jsonl", '{"external_id": "x"}\n', "amount"),
        ("a.jsonl", "", "holds no request"),
        ("a.txt", "", "must end with .csv or .jsonl"),
    ],
)
def test_a_bad_file_is_told_before_anything_is_sent(
    name: str, text: str, said: str, keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """With the line; no invoice is made."""
    (tmp_path / name).write_text(text)
    done = piped(["invoices", "create-many", name], keyed, cwd=tmp_path)
    assert (done.code, said in done.err) == (2, True), done
    assert sandbox.export()["records"] == []


# ------------------------------------------------------------------------------------------ small parts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (150000, "150000"),
        (1e16, "10000000000000000"),
        (99.95, "99.95"),
        (Decimal("0.10"), "0.10"),
        (-5, "-5"),
        ("=1+1", "'=1+1"),
        ("+62 812", "'+62 812"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("plain", "plain"),
        ([{"a": 1}], '[{"a": 1}]'),
    ],
)
def test_cells_are_exact_and_no_formulas(value: object, text: str) -> None:
    """Numbers as they are, text that a spreadsheet would run with an apostrophe before it."""
    assert cell(value) == text


def test_text_cannot_steer_a_terminal(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """What a merchant wrote is shown without its control characters; JSON has them escaped."""
    made(sandbox, "evil\x1b[2J\u202eid")
    code, screen = shown(["invoices", "list"], keyed)
    assert code == 0
    assert "evil\ufffd[2J\ufffdid" in screen
    assert json.loads(piped(["invoices", "list"], keyed).out)[0]["external_id"] == "evil\x1b[2J\u202eid"
    assert printable("a\nb") == "a\ufffdb"


def test_money_is_written_for_people() -> None:
    """Thousands are separated, decimals are kept, what is missing is empty."""
    assert [money(150000, "IDR"), money(99.95, "PHP"), money(None, "IDR"), money(Decimal("1E+3"), None)] == [
        "IDR 150,000",
        "PHP 99.95",
        "",
        "1,000",
    ]


def test_moments_can_be_how_long_ago() -> None:
    """7d is seven days before now, in UTC."""
    from xendit.cli.flags import MomentType

    now = datetime.now(timezone.utc)
    assert abs((now - MomentType().convert("7d", None, None)).total_seconds() - 7 * 86400) < 5
    assert MomentType().convert("2026-01-31", None, None) == datetime(2026, 1, 31, tzinfo=timezone.utc)
