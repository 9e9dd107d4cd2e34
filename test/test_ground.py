"""`make ground`: what it says of a run, what it writes into the documents, and what it skips."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import chroot
import ground
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("version", "title"),
    [
        ("3.14.10 (main, Oct 26 2026) [GCC 16.2.0] CPython", "CPython 3.14.10"),
        ("3.13.5 experimental free-threading build (main) [GCC 16.2.0] CPython", "CPython 3.13.5, free-threaded"),
        ("3.11.17 (8.0.1+dfsg-1)\n[PyPy 8.0.1 with GCC 16.2.0] PyPy", "PyPy 8.0.1 (3.11.17)"),
    ],
)
def test_a_python_is_named_by_what_it_says_of_itself(version: str, title: str) -> None:
    """CPython, a free-threaded build, PyPy with the version of the language."""
    assert ground.title(version) == title


def test_a_report_of_pytest_is_counted(tmp_path: Path) -> None:
    """What passed, failed, was skipped, and the reasons by how often they came."""
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase/>"
        "<testcase><skipped message='no wheel'>where</skipped></testcase>"
        "<testcase><failure/></testcase><testcase><error/></testcase></testsuite></testsuites>"
    )
    reasons = ground.Result("CPython").why("core")
    assert ground.counted(report, reasons) == {"passed": 2, "failed": 2, "skipped": 1}
    assert reasons == {"no wheel": 1}


def test_the_table_keeps_what_was_not_run_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer patch takes the row of an older one, a part its cell; the rest and the text around stay as they are."""
    page = tmp_path / "docs" / "Compatibility.md"
    page.parent.mkdir()
    parts = [f"{number} passed (1 May 2026)" for number, _ in enumerate(ground.PARTS)]
    rows = [["Python", *ground.PARTS, "skipped, and why"]]
    rows += [["CPython 3.13.5, free-threaded", *parts, "nothing"]]
    rows += [["CPython 3.14.1", *parts, "all: pandas: no build for it<br>core: slow (2)<br>faults: a port (1)"]]
    table = [f"| {' | '.join(cells)} |" for cells in rows]
    table.insert(1, "|---" * len(rows[0]) + "|")
    page.write_text("\n".join(["before", ground.BEGIN, "", *table, "", ground.END, "after"]))
    monkeypatch.setattr(ground, "ROOT", tmp_path)
    newer = ground.Result("CPython 3.14.2", {"core": "7 passed"}, ["numpy"])
    newer.why("core")["a | b"] += 3
    ground.write([newer, ground.Result("CPython 3.15.1")])
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("before", "after", len(table) + 6)
    assert table[2] in lines  # of the Python that was not run
    [row] = [line for line in lines if "CPython 3.14" in line]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "CPython 3.14.2"
    assert cells[1].startswith("7 passed (")
    assert cells[2:-1] == parts[1:]
    assert cells[-1] == "all: numpy: no build for it<br>core: a / b (3)<br>faults: a port (1)"
    ground.write([newer])
    assert page.read_text().splitlines() == lines, "writing it again changes nothing"


def test_sources_are_tried_from_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """3.14.10 is newer than 3.14.9, of each package all that are listed, and binary packages are none of them."""
    listed = {
        "python3.14": [
            "3.14.10-1 | sid/main amd64 Packages",
            "3.14.9-1 | sid/main Sources",
            "3.14.10-1 | sid/main Sources",
        ],
        "python3.13": ["3.13.5-2+deb13u5 | trixie/main Sources", "3.13.15-1 | sid/main Sources"],
    }
    monkeypatch.setattr(
        ground, "answer", lambda _, command: "\n".join(f"{command[-1]} | {each}" for each in listed[command[-1]])
    )
    wanted = ["python3.14=3.14.10-1", "python3.14=3.14.9-1", "python3.13=3.13.15-1", "python3.13=3.13.5-2+deb13u5"]
    assert ground.sources_of(chroot.Chroot(Path(), "mirror"), "python3.14", "python3.13") == wanted


@pytest.mark.parametrize(("geteuid", "reason"), [(1000, "only root may make a chroot")])
def test_where_no_chroot_can_be_made_the_reason_is_said(
    geteuid: int,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """And nothing fails."""
    monkeypatch.setenv("GROUND", str(tmp_path / "ground"))
    monkeypatch.setattr(chroot.sys, "platform", "linux")
    monkeypatch.setattr(chroot.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: geteuid)
    assert ground.main(["--only", "3.14"]) == 0
    assert capsys.readouterr().out == f"not run: {reason}\n"
    assert not (tmp_path / "ground").exists()


def started_with(word: str) -> list[str]:
    """The processes of this machine whose command line has this word."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in each.read_bytes().split(b"\0"):
                found.append(each.parent.name)
    return found


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may make a chroot")
def test_what_runs_in_a_chroot_ends_when_its_time_is_over() -> None:
    """Of an ordinary user too, and with all that it started."""
    seconds = f"98765.{os.getpid()}"
    ground = chroot.Chroot(Path("/"), "mirror")
    if ground.run(["true"], user="daemon") != 0:
        pytest.skip("this machine allows no namespaces of mounts and processes")
    assert ground.run(["sh", "-c", "exit 7"], user="daemon") == 7
    with pytest.raises(subprocess.TimeoutExpired):
        ground.run(["sh", "-c", f"sleep {seconds} & sleep {seconds}"], user="daemon", seconds=1)
    deadline = time.monotonic() + 30
    while started_with(seconds) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started_with(seconds) == []


def test_only_what_is_known_to_be_absent_is_skipped(tmp_path: Path) -> None:
    """A test, a fixture and a module of tests that import it are skipped; the lack of anything else is a failure."""
    (tmp_path / "test_module.py").write_text("import gone_a\ndef test_it(): pass\n")
    (tmp_path / "test_rest.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef made(): import gone_b.inner\n"
        "def test_fixture(made): pass\n"
        "def test_inside():\n"
        "    try: import gone_a\n"
        "    except ImportError as error: raise RuntimeError('the extra is missing') from error\n"
        "def test_other(): import gone_c\n"
        "def test_good(): pass\n"
    )
    environment = {**os.environ, "ABSENT": "gone_a,gone_b", "PYTHONPATH": str(ROOT / "tools")}
    command = [sys.executable, "-m", "pytest", "-p", "absent", "-p", "no:cacheprovider", "--color=no", "-q", "-rs", "."]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed, 3 skipped" in ran.stdout, ran.stdout
    assert "gone_a has no build for this Python" in ran.stdout
    assert "No module named 'gone_c'" in ran.stdout


def test_a_suite_that_was_started_deaf_to_ctrl_c_gives_it_back_to_its_children(tmp_path: Path) -> None:
    """`nohup` and the background jobs of a script start with SIGINT ignored, and so would all that the tests start."""
    (tmp_path / "test_child.py").write_text(
        "import signal, subprocess, sys\n"
        "ASK = 'import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)'\n"
        "def test_child():\n"
        "    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "    assert subprocess.check_output([sys.executable, '-c', ASK], text=True) == 'True\\n'\n"
    )
    deaf = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    )
    suite = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "--color=no", "-q", "."]
    ran = subprocess.run(
        [sys.executable, "-c", deaf, *suite],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("", "test", "tools"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_the_matrix_ends_a_session_whose_time_is_up_however_it_was_started() -> None:
    """It ends nox by SIGINT, to which what is started in the background is deaf."""
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "import matrix\n"
        "matrix.developer, matrix.interpreters, matrix.PYTHONS = lambda: 'python', lambda: {'3.10': 'python'}, ('3.10',)\n"
        "run = matrix.run\n"
        "sleeps = [sys.executable, '-c', 'import time; time.sleep(120)']\n"
        "matrix.run = lambda command, seconds: run(sleeps, 1.0)\n"
        "sys.exit(matrix.main(['5']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Python 3.10: not finished: the time was up" in ran.stdout
