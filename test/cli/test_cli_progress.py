"""What a progress bar says of a pause: which limit is kept, by whose word, and when it goes on."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from xendit.bulk.pace import Pace
from xendit.cli.progress import Waits
from xendit.events import Event
from xendit.messages import RateLimit

from .terminal import Terminal, piped

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from xendit.sandbox import Sandbox


def event(kind: str, *, status: int | None = None, wait: float = 0.0, **headers: str) -> Event:
    """An event of a call that lists invoices."""
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    where = "get_invoices", "GET", "/v2/invoices", "http://127.0.0.1:9"
    return Event(kind, 1, *where, 1, status, None, None, wait, 0.0, False, told, "", "Sending")


def test_a_batch_names_the_limit_that_the_headers_tell() -> None:
    """With the seconds that are left; after a 429 it says that, and one's own limit is called so."""
    pace = Pace()
    assert pace.reason(100.0) is None
    assert pace.delay(100.0) == 0.0
    pace.ended(RateLimit(60, 0, 42.0), 100.0)
    assert pace.delay(100.0) == 42.0
    assert pace.reason(100.0) == "kept to 60 requests a minute by Rate-Limit headers: it goes on in 42 s"
    assert pace.reason(142.0) is None
    pace.hold(7.0, 142.0)
    assert pace.reason(142.0) == "Xendit answered 429: it goes on in 7 s"
    own = Pace(30.0)
    own.delay(0.0)
    assert own.reason(1.0) == "kept to 30 requests a minute, as you asked"


def test_a_walk_names_the_limit_that_the_answer_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause itself bears no headers: they are those of the answer before it. Another trouble is told as what it is."""
    now = [50.0]
    monkeypatch.setattr("xendit.cli.progress.time.monotonic", lambda: now[0])
    waits = Waits()
    assert waits.reason() is None
    waits.note(event("attempted", status=429, rate_limit_limit="60", rate_limit_reset="42"))
    waits.note(event("retrying", status=429, wait=42.0))
    assert waits.reason() == "kept to 60 requests a minute by Rate-Limit headers: it goes on in 42 s"
    now[0] += 40.0
    assert waits.reason() == "kept to 60 requests a minute by Rate-Limit headers: it goes on in 2 s"
    waits.note(event("attempted", status=200))
    assert waits.reason() is None
    waits.note(event("retrying", status=503, wait=9.0))
    assert waits.reason() == "no answer yet (503): it goes on in 9 s"


def test_an_export_waits_out_the_limit_and_says_so(keyed: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """A used-up minute is more than a call has otherwise. It is waited for, with the limit on the screen."""
    sandbox.load({"invoices": [{"external_id": f"o-{number}", "amount": 10000} for number in range(150)]})
    sandbox.faults.arm("rate_limit", match="list", after=1, times=1)
    with Terminal(["invoices", "export", "all.csv"], keyed, cwd=tmp_path) as terminal:
        terminal.wait_for("kept to 60 requests a minute by Rate-Limit headers: it goes on in ")
        terminal.interrupt()
        assert terminal.end() == 130
    assert piped(["invoices", "export", "all.csv"], keyed, cwd=tmp_path).code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text("utf-8"), newline="")))
    assert len({row["id"] for row in rows}) == len(rows) == 150
