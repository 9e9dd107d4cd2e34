"""Measures the command line: its help beside an import of click, and an export of 10,000 invoices beside its floor.

    .venv/bin/python bench/commands.py            # and write the table into docs/Performance.md
    .venv/bin/python bench/commands.py --dry      # print it only

Each contender is a whole process, in turn; only ratios taken in one round are compared. The floor of an export is urllib3, json and csv,
which list the same pages of the same server and write the same columns, once to the disk. An export runs without the extra `speed` and,
where msgspec is installed, with it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from money import FEW, KEY, process

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "Performance.md"
BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"
ROUNDS = {"help": 40, "export": 9}
OURS = (sys.executable, "-c", "import sys; from xendit.cli import main; sys.exit(main())")
WITHOUT_SPEED = (
    sys.executable,
    "-c",
    "import sys; sys.modules['msgspec'] = None; from xendit.cli import main; sys.exit(main())",
)


class Spent(NamedTuple):
    """What a process took, in seconds."""

    cpu: float
    elapsed: float


def spent(command: list[str], directory: str, **environment: str) -> Spent:
    """Run a process, which must succeed. Modules come compiled, as pip leaves them, whatever this shell says."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    running = subprocess.Popen(
        command,
        cwd=directory,
        env={**kept, "XDG_STATE_HOME": directory, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(running.pid, 0)
    elapsed = time.perf_counter() - began
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return Spent(usage.ru_utime + usage.ru_stime, elapsed)


def plain_export(url: str, names: str, target: str) -> None:
    """The floor: list every page, and write it as CSV."""
    import urllib3

    pool = urllib3.PoolManager(headers=urllib3.make_headers(basic_auth=f"{KEY}:"))
    columns, cursor = names.split(","), ""
    with Path(target).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        while True:
            answer = pool.request("GET", f"{url}/v2/invoices?limit=100{cursor and f'&last_invoice={cursor}'}")
            page = json.loads(answer.data)
            for each in page:
                found = [each.get(name) for name in columns]
                rows.writerow([json.dumps(value) if isinstance(value, (list, dict)) else value for value in found])
            if len(page) < 100:
                break
            cursor = page[-1]["id"]
        file.flush()
        os.fsync(file.fileno())


def measure(rounds: dict[str, int]) -> dict[str, list[tuple[Spent, Spent]]]:
    """Ours and the floor, round by round, for each row."""
    exports = {"export": WITHOUT_SPEED, **({"speed": OURS} if find_spec("msgspec") else {})}
    found: dict[str, list[tuple[Spent, Spent]]] = {"help": [], **{each: [] for each in exports}}
    with (
        tempfile.TemporaryDirectory() as directory,
        process(sys.executable, HERE / "money.py", "--serve", FEW) as server,
    ):
        spent([*OURS, "--help"], directory)
        for _ in range(rounds["help"]):
            ours = spent([*OURS, "--help"], directory)
            found["help"].append((ours, spent([sys.executable, "-c", "import click"], directory)))
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        file, plain = Path(directory) / "all.csv", Path(directory) / "plain.csv"
        for _ in range(rounds["export"]):
            taken = {}
            for key, command in exports.items():
                file.unlink(missing_ok=True)
                export = [*command, "invoices", "export", str(file)]
                taken[key] = spent(export, directory, XENDIT_BASE_URL=url, XENDIT_API_KEY=KEY)
            with file.open(encoding="utf-8") as lines:
                names = lines.readline().strip()
            floor = spent([sys.executable, __file__, "--plain", url, names, str(plain)], directory)
            for key, ours in taken.items():
                found[key].append((ours, floor))
        for each in (file, plain):
            with each.open(encoding="utf-8", newline="") as lines:
                assert sum(1 for _ in csv.reader(lines)) == FEW + 1
    return found


def table(found: dict[str, list[tuple[Spent, Spent]]]) -> tuple[list[str], bool]:
    """The rows, and whether every goal is met."""
    lines = ["| what | over | ratio, median [quartiles] | goal |", "| --- | --- | --- | --- |"]
    met = True
    for key, what, over, place, most in (
        ("help", "`xendit --help`, CPU", "`python -c 'import click'`", 0, 1.15),
        ("help", "the same, elapsed", "the same", 1, None),
        ("export", f"`xendit invoices export` of {FEW:,} invoices as CSV, elapsed", "urllib3, json and csv", 1, 1.5),
        ("export", "the same, CPU", "the same", 0, None),
        ("speed", "the same with the extra `speed`, CPU", "the same", 0, None),
    ):
        if key not in found:
            continue
        ratios = sorted(ours[place] / floor[place] for ours, floor in found[key])
        middle = statistics.median(ratios)
        shown = f"{middle:.2f} [{ratios[len(ratios) // 4]:.2f}–{ratios[-1 - len(ratios) // 4]:.2f}]"
        missed = most is not None and middle > most
        met = met and not missed
        lines.append(
            f"| {what} | {over} | {shown} | {'' if most is None else f'≤ {most:g}'}{', **missed**' if missed else ''} |"
        )
    ours, floor = (statistics.median(each[place].elapsed for each in found["export"]) for place in (0, 1))
    lines += ["", f"The export itself: {ours:.2f} s, its floor {floor:.2f} s."]
    return lines, met


def main() -> int:
    """Measure and report; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure the command line.")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--few", action="store_true", help="three rounds of each")
    parser.add_argument("--plain", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain:
        plain_export(*options.plain)
        return 0
    lines, met = table(measure(dict.fromkeys(ROUNDS, 3) if options.few else ROUNDS))
    print("\n".join(lines))
    if not options.dry:
        text = PAGE.read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        PAGE.write_text("\n".join([before + BEGIN, *lines, END + rest.partition(END)[2]]), "utf-8")
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
