"""Times in the terminal: one way of writing them, in the local zone or the one of `--tz`; and what every terminal can show."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click
import pytest

from xendit.cli.flags import CodeType, MomentType
from xendit.cli.output import Output
from xendit.cli.times import month_bounds, take_zone, zone_named
from xendit.display import moment

from .terminal import piped, shown
from .test_cli_invoices import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

MORNING = datetime(2026, 1, 31, 9, 0, tzinfo=timezone.utc)


@pytest.fixture
def command() -> Iterator[click.Context]:
    """A command that runs, whose zone can be set."""
    with click.Context(click.Command("test")) as context:
        yield context


def in_zone(context: click.Context, name: str) -> Output:
    """What prints in a command with this `--tz`."""
    take_zone(context, click.Option(["--tz"]), name)
    return Output()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("UTC", "2026-01-31 09:00:00 UTC"),
        ("utc", "2026-01-31 09:00:00 UTC"),
        ("Asia/Jakarta", "2026-01-31 16:00:00 +07:00"),
        ("Asia/Kolkata", "2026-01-31 14:30:00 +05:30"),
        ("America/New_York", "2026-01-31 04:00:00 -05:00"),
        ("local", "2026-01-31 09:00:00 UTC"),
    ],
)
def test_a_time_is_written_with_its_offset(command: click.Context, name: str, written: str) -> None:
    """In the zone of `--tz`, from a datetime as from the text of an answer; what is no time stays as it came."""
    output = in_zone(command, name)
    assert output.moment(MORNING) == output.moment("2026-01-31T09:00:00.000Z") == written
    assert [output.moment(None), output.moment("soon")] == ["", "soon"]
    assert moment(MORNING) == "2026-01-31 09:00:00 UTC"


def test_the_local_zone_is_the_default(command: click.Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """As TZ or the machine says, also for what is typed without an offset."""
    monkeypatch.setenv("TZ", "Asia/Manila")
    time.tzset()
    assert Output().moment(MORNING) == "2026-01-31 17:00:00 +08:00"
    assert MomentType().convert("2026-01-31T17:00:00", None, command) == MORNING
    in_zone(command, "UTC")
    assert MomentType().convert("2026-01-31T09:00", None, command) == MORNING
    assert MomentType().convert("2026-01-31T16:00:00+07:00", None, command) == MORNING


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("Asia/Jakata", "did you mean 'Asia/Jakarta'?"),
        ("asia/jakarta", "did you mean 'Asia/Jakarta'?"),
        ("new york", "did you mean"),
        ("WIB", "did you mean 'Asia/Jakarta'?"),
        ("wita", "did you mean 'Asia/Makassar'?"),
        ("PHT", "did you mean 'Asia/Manila'?"),
        ("../etc/passwd", "names are such as Asia/Jakarta"),
        ("", "names are such as Asia/Jakarta"),
        ("lokal", "did you mean 'local'?"),
    ],
)
def test_a_wrong_zone_names_the_nearest(name: str, guess: str) -> None:
    """A typo, the wrong case, what people there call it, and a path are told as what they are."""
    with pytest.raises(click.BadParameter, match=re.escape(f"there is no time zone {name!r}")) as raised:
        zone_named(name)
    assert guess in raised.value.message or name == "new york"


def test_a_table_says_the_offset_in_its_heading(command: click.Context, capsys: pytest.CaptureFixture[str]) -> None:
    """Cells are to the minute; a time on the other side of a change of the clocks keeps its own offset."""
    output = in_zone(command, "Europe/Berlin")
    summer = datetime(2026, 7, 31, 9, 0, tzinfo=timezone.utc)
    output.table(("name", "@created"), [("a", MORNING), ("b", summer), ("c", None), ("d", "odd")], "none")
    lines = [re.split(r" {2,}", line.rstrip()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["name", "created (+01:00)"],
        ["a", "2026-01-31 10:00"],
        ["b", "2026-07-31 11:00 +02:00"],
        ["c"],
        ["d", "odd"],
    ]


def test_a_month_is_of_the_zone(command: click.Context) -> None:
    """It begins at the zone's midnight; December is followed by January; what is no month is none."""
    in_zone(command, "Asia/Jakarta")
    bounds = month_bounds("2026-12")
    assert bounds is not None
    assert [each.astimezone(timezone.utc).isoformat() for each in bounds] == [
        "2026-11-30T17:00:00+00:00",
        "2026-12-31T17:00:00+00:00",
    ]
    assert [month_bounds(text) for text in ("2026-13", "2026-00", "2026-1", "October", "0000-01")] == [None] * 5


def test_commands_show_times_in_the_zone(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """A list, a record, the sandbox's clock; the local zone without being told; JSON as Xendit sent it."""
    [invoice] = made(sandbox, "o-1")
    sandbox.clock.freeze()
    jakarta = shown(["invoices", "list", "--tz", "Asia/Jakarta"], keyed, width=80)[1]
    assert "created (+07:00)" in jakarta
    assert "created (+08:00)" in shown(["invoices", "list"], {**keyed, "TZ": "Asia/Manila"}, width=80)[1]
    assert re.search(
        r"expires +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+07:00",
        shown(["invoices", "get", invoice, "--tz", "Asia/Jakarta"], keyed)[1],
    )
    assert re.search(r"clock +\d{4}.* \+07:00, stands", shown(["sandbox", "status", "--tz", "Asia/Jakarta"], keyed)[1])
    assert json.loads(piped(["invoices", "get", invoice, "--tz", "Asia/Jakarta"], keyed).out)["created"].endswith("Z")


# ------------------------------------------------------------------------------------------ what is typed, what is shown


def test_a_slip_in_a_code_names_the_nearest() -> None:
    """In whichever case a known one is typed; what is like none goes out, for Xendit may know more than this release."""
    status = CodeType(["PENDING", "PAID", "SETTLED", "EXPIRED"])
    assert [status.convert(each, None, None) for each in ("PAID", "paid", "REFUNDED_IN_PART")] == [
        "PAID",
        "PAID",
        "REFUNDED_IN_PART",
    ]
    with pytest.raises(
        click.BadParameter, match="'PEDING' is none of PENDING, PAID, SETTLED, EXPIRED; did you mean 'PENDING'"
    ):
        status.convert("PEDING", None, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["invoices", "list", "--status", "PIAD"], "did you mean 'PAID'?"),
        (["invoices", "create", "--external-id", "x", "--amount", "1", "--currency", "IDX"], "did you mean 'IDR'?"),
        (["webhooks", "send", "piad", "--to", "http://localhost:9"], "did you mean 'paid'?"),
        (["sandbox", "fault", "add", "commit_then_rset"], "did you mean 'commit_then_reset'?"),
        (["inbox", "list", "--state", "ded"], "did you mean 'dead'?"),
    ],
)
def test_every_enumerated_value_is_guessed(arguments: list[str], said: str, keyed: dict[str, str]) -> None:
    """Exit code 2 before anything is sent."""
    done = piped(arguments, keyed)
    assert (done.code, said in done.err) == (2, True), done


def test_open_and_wait_take_the_newest(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """`last` is the invoice that was created last; an account without one says so."""
    nothing = piped(["invoices", "open", "last", "--print"], keyed)
    assert (nothing.code, nothing.err) == (4, "error: there is no invoice yet\n")
    made(sandbox, "o-1")
    [newest] = made(sandbox, "o-2", status="PAID")
    assert piped(["invoices", "open", "last", "--print"], keyed).out == f"{sandbox.url}/web/{newest}\n"
    assert json.loads(piped(["invoices", "wait", "last"], keyed).out)["external_id"] == "o-2"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "cp437"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C"},
    ],
)
def test_every_terminal_can_show_it(environment: dict[str, str], keyed: dict[str, str], sandbox: Sandbox) -> None:
    """Help, messages and what a merchant wrote: what an encoding lacks is written in another way, and nothing is raised."""
    made(sandbox, "pesanan-\u00e9-\u4e2d")
    options = {"encoding": environment.get("PYTHONIOENCODING", "utf-8"), "errors": "replace"}
    for arguments in (
        ["invoices", "export", "--help"],
        ["sandbox", "fault", "--help"],
        ["invoices", "create-many", "--help"],
    ):
        done = piped(arguments, {**keyed, **environment}, **options)
        assert (done.code, done.err) == (0, ""), done
        assert "Usage: xendit" in done.out
    done = piped(["sandbox", "fault", "remove", "--all"], {**keyed, **environment}, **options)
    assert (done.code, done.err.strip().lstrip("✓+")) == (0, " all faults are taken back"), done


def test_a_screen_of_another_encoding(keyed: dict[str, str], sandbox: Sandbox) -> None:
    """A table on a terminal that knows ASCII alone, with an ellipsis and with letters that it lacks."""
    made(sandbox, "pesanan-\u4e2d-yang-panjang-sekali-dan-tidak-muat-di-sini")
    code, screen = shown(["invoices", "list"], {**keyed, "PYTHONIOENCODING": "ascii"}, width=80)
    assert code == 0, screen
    assert "..." in screen
    assert "IDR 150,000" in screen


def test_warnings_are_one_line_without_paths(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever warns: neither a file nor a line of source is shown."""
    import warnings

    from xendit.cli.ending import _show_warnings_to_people

    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    _show_warnings_to_people()
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        _show_warnings_to_people()
        warnings.warn("this goes\n  in the next release", DeprecationWarning, stacklevel=1)
    assert capsys.readouterr().err == "warning: this goes in the next release\n"


def test_nothing_is_written_in_a_way_of_its_own() -> None:
    """No command formats a time by itself."""
    from pathlib import Path

    import xendit

    root = Path(xendit.__file__).parent
    places = [*(root / "cli").rglob("*.py"), *root.glob("*/command_line.py"), *root.glob("*/commands/*.py")]
    assert len(places) > 30
    formatting = [str(each) for each in places if "strftime" in each.read_text("utf-8")]
    assert [each.removeprefix(f"{root}/") for each in formatting] == ["cli/output.py"]
