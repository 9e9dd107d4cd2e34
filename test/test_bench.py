"""The benchmark's own parts: its bodies are what the library declares, its tables tell a lost goal, its plot is a picture."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from xendit.invoice.model import CreateInvoiceRequest, Invoice, InvoiceCallback

BENCH = Path(__file__).parent.parent / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the benchmark, importable by plain name."""
    monkeypatch.syspath_prepend(str(BENCH))
    import payloads
    import plot
    import report

    class Modules:
        pass

    modules: Any = Modules()
    modules.payloads, modules.plot, modules.report = payloads, plot, report
    return modules


def results() -> dict[str, Any]:
    """Results as the benchmark makes them, every goal met."""
    from goals import GOALS

    ratios: dict[str, Any] = {}
    for goal in GOALS:
        row = ratios.setdefault(
            goal.key,
            {
                "plain_json": {"official": [90.0, 90.0, 90.0], "floor": [1.0, 1.0, 1.0]},
                "urllib3_json": {"official": [9.0, 9.0, 9.0], "floor": [1.0, 1.0, 1.0]},
                "pydantic_models": {"official": [9.0, 9.0, 9.0], "floor": [1.3, 1.3, 1.3]},
            },
        )
        row[goal.contender] = {
            "official": [goal.official * 2, goal.official, goal.official * 3] if goal.official else None,
            "floor": [goal.most / 2, goal.most / 3, goal.most] if goal.most else None,
        }
    labels = {"ours": "this <library>", "ours_speed": "with speed", "plain_json": "json", "urllib3_json": "urllib3"}
    labels["pydantic_models"] = "pydantic"
    modules = {"count": 27, "forbidden": []}
    return {"ratios": ratios, "labels": labels, "absent": {}, "modules": modules}


def test_the_bodies_are_what_the_models_declare(bench: Any) -> None:
    """An invoice of 35 known fields, a webhook with three unknown ones, a request that can be sent."""
    invoice = Invoice.from_json(bench.payloads.INVOICE)
    assert len(invoice) == 35
    assert invoice._unknown is None
    webhook = InvoiceCallback.from_json(bench.payloads.WEBHOOK)
    assert len(webhook) == 25
    assert set(webhook._unknown or ()) == {"settlement_batch", "risk_score", "routing"}
    assert len(CreateInvoiceRequest(**bench.payloads.request())) == 15


def test_a_goal_that_is_met_is_not_told_as_missed(bench: Any) -> None:
    """The other way round would make every run fail."""
    lines, missed = bench.report.goal_lines(results())
    assert missed == []
    assert not any("missed" in line for line in lines)


@pytest.mark.parametrize(
    ("row", "against", "ratio"), [("decode", "floor", 1.91), ("decode", "official", 39.0), ("memory", "floor", 0.51)]
)
def test_a_goal_that_is_lost_is_told(bench: Any, row: str, against: str, ratio: float) -> None:
    """By the official SDK or by the floor."""
    found = copy.deepcopy(results())
    found["ratios"][row]["ours"][against] = [ratio, ratio, ratio]
    lines, missed = bench.report.goal_lines(found)
    assert missed == [row]
    assert sum("missed" in line for line in lines) == 1


@pytest.mark.parametrize("ratio", [1.41, 1.35], ids=["over its goal", "over pydantic"])
def test_a_goal_of_the_extra_speed_is_judged_by_its_own_contender(bench: Any, ratio: float) -> None:
    """By the floor, and by the peer of the same run."""
    found = results()
    found["ratios"]["decode"]["ours_speed"]["floor"] = [ratio, ratio, ratio]
    lines, missed = bench.report.goal_lines(found)
    assert missed == ["decode with speed"]
    assert sum("missed" in line for line in lines) == 1


def test_a_module_too_many_is_told(bench: Any) -> None:
    """A forbidden one, even when there are few."""
    found = results()
    found["modules"] = {"count": 27, "forbidden": ["urllib3"]}
    lines, missed = bench.report.goal_lines(found)
    assert missed == ["modules"]
    assert "urllib3" in lines[-1]


def test_an_absent_peer_is_a_row_that_says_why(bench: Any) -> None:
    """It fails nothing."""
    found = results()
    del found["ratios"]["async"]
    found["absent"] = {"msgspec_structs": "No matching distribution"}
    assert bench.report.goal_lines(found)[1] == []
    assert "No matching distribution" in "\n".join(bench.report.table(found, bench.report.COLUMNS))


def test_the_plot_is_a_picture_with_every_contender(bench: Any) -> None:
    """Well-formed, names escaped, nothing outside its frame."""
    root = ET.fromstring(bench.plot.plot(results()))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"this <library>", "json", "urllib3"} <= set(texts)
    for element in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(element.get("x", 0)) + float(element.attrib["width"]) <= width
        assert float(element.get("y", 0)) + float(element.attrib["height"]) <= height


def test_the_guard_counts_what_it_guards() -> None:
    """A limit below what is measured fails it and says what was lost; those in the source pass elsewhere, as a check."""
    pytest.importorskip("_tracemalloc", reason="no tracemalloc here: the guard weighs and counts what CPython does")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import guard; guard.MEMORY = guard.INBOX = 0.1; guard.MODULES = 5;"
        " guard.CALLS = guard.ASYNC_CALLS = 0.1; guard.LIMITS = {'encode': 0.01}; guard.BLOCKS = 3; sys.exit(guard.main())"
    )
    # the guard replaces the first entry of the path, which is the script's directory where it is run as one
    done = subprocess.run(
        [sys.executable, "-c", program, str(BENCH)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    lost = [line for line in done.stdout.splitlines() if line.startswith("LOST")]
    assert len(lost) == 6, done.stdout
    assert any("an event of the inbox" in line for line in lost)
    assert any("encode takes" in line for line in lost)


def test_threads_are_measured_on_any_build(bench: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which build it ran on, and gives each piece of work its row; only a free-threaded build has goals."""
    import threads

    ended = threads.main(["--rounds", "1"])
    first, *lines = capsys.readouterr().out.splitlines()
    assert f"Python {sys.version.split()[0]}, a" in first
    rows = {row.split("|")[1].strip(): row.split("|")[2:4] for row in lines[2:] if row.startswith("|")}
    assert len(rows) == len(threads.WORK) + (4 if threads.FREE_THREADED else 1)
    measured, goal = rows["a GET: CPU with 2 threads over 1"]
    assert float(measured.split()[0]) > 0
    if not threads.FREE_THREADED:
        assert ended == 0
        assert goal.strip() == "\u2013"
        assert "nothing here has a goal" in lines[-1]


def test_a_thread_is_timed_without_its_wait_for_a_cpu(bench: Any) -> None:
    """Each thread has a time of its own, above that of its work and never below nothing."""
    import threads

    took = threads.in_threads([lambda: sum(range(2_000))] * 2, 20)
    assert len(took) == 2
    assert min(took) > 0
