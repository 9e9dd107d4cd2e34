"""The tests on Pythons that this machine does not have: `python3 tools/ground.py`, or `make ground`.

In a chroot of Debian's sid, which is kept: the newest 3.13, 3.14, 3.15 and PyPy from Debian's packages, and a
free-threaded build made from Debian's sources. Each gets an environment with what the tests need, as far as there are builds
for it, and runs them as an ordinary user. A table says what ran when, passed and was skipped, and why: parts that are run by
themselves each write their own cell. Where no chroot can be made, the reason is said and nothing fails.

    python3 tools/ground.py --only 3.14 --parts core,bulk --seconds 300    some of it, for so long
    python3 tools/ground.py --strict                                       with -X dev and warnings as errors everywhere
    python3 tools/ground.py --strange                                      another time zone, width, locale and hash seed
    python3 tools/ground.py --write                                        the table goes into docs/Compatibility.md

Only the standard library may be imported here.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from chroot import PATH, USER, Chroot, UnavailableError, system
from environment import ROOT

PROJECT = "/home/tester/project"
#: What is run, in the order of what says most.
PARTS = {
    "core": ("test/contract", "test/dropin", "test/test_*.py"),
    "faults": ("test/faults",),
    "bulk": ("test/bulk",),
    "webhook": ("test/webhook",),
    "sandbox": ("test/sandbox",),
    "cli": ("test/cli",),
    "security": ("test/security",),
    "money": ("test/money",),
    "world": ("test/world",),
}
#: Modules that a distribution brings under another name than its own, or with it.
MODULES = {
    "celery": ("celery", "kombu"),
    "fastapi": ("fastapi", "pydantic"),
    "opentelemetry_api": ("opentelemetry",),
    "opentelemetry_sdk": ("opentelemetry",),
    "pillow": ("PIL",),
    "py_moneyed": ("moneyed",),
    "pytest_xdist": ("xdist",),
    "zxing_cpp": ("zxingcpp",),
}
#: Where there is no wheel: these build in seconds, in Python alone, or another requirement does as well.
FROM_SOURCE = {
    "aiohttp": "aiohttp",
    "yarl": "yarl",
    "sqlalchemy": "SQLAlchemy",
    "jinja2": "Jinja2",
    "werkzeug": "Werkzeug",
    "flask": "Flask",
    "psycopg": "psycopg",
    "dramatiq": "dramatiq",
}
WITHOUT_EXTENSIONS: dict[str, str] = dict.fromkeys(
    (
        *("AIOHTTP_NO_EXTENSIONS", "FROZENLIST_NO_EXTENSIONS", "MULTIDICT_NO_EXTENSIONS", "PROPCACHE_NO_EXTENSIONS"),
        *("YARL_NO_EXTENSIONS", "DISABLE_SQLALCHEMY_CEXT"),
    ),
    "1",
)
SERVERS = ("postgresql", "mariadb-server", "libpq5", "git")
COMPILER = (
    *("gcc", "g++", "make", "pkg-config", "xz-utils", "libc6-dev", "libssl-dev", "libsqlite3-dev", "libffi-dev"),
    *("zlib1g-dev", "liblzma-dev", "libbz2-dev", "uuid-dev", "dpkg-dev"),
)
FREE_THREADED = "/opt/freethreaded"
STRANGE = {
    "COLUMNS": "80",
    "LINES": "24",
    "FORCE_COLOR": "1",
    "CI": "true",
    "PAGER": "cat",
    "TZ": "WIB-7",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "1",
    "XENDIT_API_KEY": "xnd_development_of_this_machine",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
}
"""What the environment of somebody else's machine may hold, on which no test may depend."""
REQUIREMENTS = """
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
groups = project["dependency-groups"]
extras = project["project"]["optional-dependencies"]
wanted = [*project["project"]["dependencies"], *groups["test"], *groups["queues"]]
wanted += [each for extra in extras.values() for each in extra if not each.startswith("xendit-sdk")]
print("\\n".join(wanted))
"""
BEGIN, END = "<!-- What `make ground` ran last -->", "<!-- The end of it -->"


@dataclass(frozen=True)
class Python:
    """One Python of the chroot."""

    key: str
    packages: tuple[str, ...]
    command: str
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def venv(self) -> str:
        """Its virtual environment, in there."""
        return f"/opt/venv-{self.key}"


PYTHONS = (
    Python("3.14", ("python3.14", "python3.14-venv"), "python3.14"),
    Python("3.15", ("python3.15", "python3.15-venv"), "python3.15"),
    Python("free-threaded", COMPILER, f"{FREE_THREADED}/bin/python3", {"PYTHON_GIL": "0"}),
    Python("pypy", ("pypy3", "pypy3-venv"), "pypy3"),
    Python("3.13", ("python3.13", "python3.13-venv"), "python3.13"),
)


@dataclass
class Result:
    """What came of one Python."""

    title: str
    parts: dict[str, str] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    reasons: dict[str, collections.Counter[str]] = field(default_factory=dict)
    """Why tests were skipped, by part; below "all" why nothing was run."""
    failed: bool = False

    def why(self, part: str) -> collections.Counter[str]:
        """The reasons for what a part left out, to be added to."""
        return self.reasons.setdefault(part, collections.Counter())

    def left_out(self) -> dict[str, str]:
        """What was skipped and why, by part."""
        told = {"all": f"{' '.join(self.absent)}: no build for it"} if self.absent else {}
        for part, reasons in self.reasons.items():
            if reasons:
                said = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
                told[part] = f"{told[part]}; {said}" if part in told else said
        return told


def main(arguments: list[str]) -> int:
    """Run what was asked for and give the exit code; what cannot be had here is no failure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default=",".join(each.key for each in PYTHONS), help="which Pythons, by comma")
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts of the tests, by comma")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="when to stop, whatever is left")
    parser.add_argument("--strict", action="store_true", help="-X dev, and warnings are errors in child processes too")
    parser.add_argument("--strange", action="store_true", help="with variables that no test may depend on")
    parser.add_argument("--write", action="store_true", help="write the table into docs/Compatibility.md")
    parser.add_argument("tests", nargs="*", help="arguments for pytest, in place of the parts")
    options = parser.parse_args(arguments)
    unknown = {*options.only.split(",")} - {each.key for each in PYTHONS} | {*options.parts.split(",")} - {*PARTS}
    if unknown:
        parser.error(f"no such Python or part: {', '.join(sorted(unknown))}")
    end = time.monotonic() + options.seconds
    root = Path(os.environ.get("GROUND") or Path.home() / ".cache/xendit-sdk/ground")
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with (root.parent / "ground.lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            results = on_each(system(root), options, end)
    except UnavailableError as reason:
        print(f"not run: {reason}")
        return 0
    show(results)
    if options.write:
        write(results)
    return 1 if any(result.failed for result in results) else 0


def on_each(ground: Chroot, options: argparse.Namespace, end: float) -> list[Result]:
    """Run the tests on every Python that was asked for."""
    ground.install("ca-certificates", *SERVERS)
    copy_project(ground)
    parts = (
        {"these": tuple(options.tests)} if options.tests else {each: PARTS[each] for each in options.parts.split(",")}
    )
    results = []
    for python in PYTHONS:
        if python.key not in options.only.split(","):
            continue
        result = Result(f"Python {python.key}")
        results.append(result)
        try:
            prepare(ground, python, result, end)
        except UnavailableError as reason:
            result.why("all")[str(reason)] += 1
            continue
        except subprocess.TimeoutExpired:
            result.why("all")["not run: the time was up"] += 1
            continue
        for part, tests in parts.items():
            print(f"{result.title}: {part} …", flush=True)
            result.parts[part] = run(ground, python, result, part, tests, end - time.monotonic(), options)
            print(f"  {result.parts[part]}", flush=True)
    return results


def copy_project(ground: Chroot) -> None:
    """Copy the files of this checkout, changed or not, into the chroot."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    target = ground.path(PROJECT)
    shutil.rmtree(target, ignore_errors=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    ground.run(["chown", "-R", f"{USER}:{USER}", PROJECT])


# ------------------------------------------------------------------------------------------------ environments


def prepare(ground: Chroot, python: Python, result: Result, end: float) -> None:
    """Install a Python and what the tests need; note in `result` what has no build for it."""
    ground.install(*python.packages, "python3.14")
    if python.key == "free-threaded":
        build_free_threaded(ground, end)
    version = answer(
        ground, [python.command, "-c", "import sys, platform; print(sys.version, platform.python_implementation())"]
    )
    result.title = title(version)
    project = ground.path(PROJECT)
    wanted = answer(ground, ["python3.14", "-c", REQUIREMENTS], directory=PROJECT).split("\n")
    digest = hashlib.sha256("\n".join([version, *wanted]).encode()).hexdigest()
    stamp = ground.path(f"{python.venv}/installed-for-tests")
    if not stamp.exists() or stamp.read_text("ascii").split("\n")[0] != digest:
        print(f"{result.title}: what the tests need …", flush=True)
        # What is there stays, and pip adds what is new: to download everything again takes minutes.
        if ground.run([python.command, "-m", "venv", python.venv]) != 0:
            raise UnavailableError(f"{python.command} makes no virtual environment")
        absent = install(ground, python, wanted, end)
        stamp.write_text("\n".join([digest, *absent]), "ascii")
    # An extra and a group may want the same.
    result.absent = list(dict.fromkeys(stamp.read_text("ascii").split("\n")[1:]))
    editable = ["--no-deps", "--editable", PROJECT]
    if pip(ground, python, editable, log=project / "pip.log") != 0:
        raise UnavailableError(f"pip could not install the package: {(project / 'pip.log').read_text()[-200:]}")


def install(ground: Chroot, python: Python, wanted: list[str], end: float) -> list[str]:
    """Install the requirements, all at once or else one by one; give the names of those that have no build."""
    if pip(ground, python, ["--upgrade", "pip", "setuptools", "pytest"], log=ground.path("/opt/pip.log")) != 0:
        raise UnavailableError("pip could not install pytest")
    if pip(ground, python, ["--only-binary", ":all:", *wanted]) == 0:
        return []
    absent = []
    for requirement in wanted:
        name = re.split(r"[\[<>=;~ ]", requirement)[0]
        module = name.lower().replace("-", "_")
        if time.monotonic() > end:
            raise subprocess.TimeoutExpired("pip", 0)
        if pip(ground, python, ["--only-binary", ":all:", requirement]) == 0:
            continue
        source = FROM_SOURCE.get(module)
        if source is None or pip(ground, python, [source], environment=WITHOUT_EXTENSIONS) != 0:
            absent.append(name)
    return absent


def pip(
    ground: Chroot,
    python: Python,
    what: list[str],
    log: Path | None = None,
    environment: dict[str, str] | None = None,
) -> int:
    """Run the pip of an environment."""
    return ground.run(
        [f"{python.venv}/bin/python", "-m", "pip", "install", "-q", *what], log=log, environment=environment
    )


def build_free_threaded(ground: Chroot, end: float) -> None:
    """Build a free-threaded Python from the newest of Debian's sources that can be fetched."""
    if ground.path(f"{FREE_THREADED}/bin/python3").exists():
        return
    log = ground.path("/opt/freethreaded.log")
    log.unlink(missing_ok=True)
    sources = "rm -rf /opt/source; mkdir -p /opt/source; cd /opt/source"
    fetch = "apt-get -q -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root source --download-only"
    for name in sources_of(ground, "python3.14", "python3.13"):
        if ground.run(["sh", "-c", f"{sources} && {fetch} {name}"], log=log) == 0:
            break
    else:
        raise UnavailableError("none of Debian's sources of Python 3.14 and 3.13 could be fetched")
    print(f"building a free-threaded Python from {name} …", flush=True)
    build = (
        "cd /opt/source && mkdir build && tar xf python3*.orig.tar.xz -C build --strip-components=1 && cd build"
        f" && ./configure --disable-gil --prefix={FREE_THREADED} --with-ensurepip=install"
        " && make -j2 && make install && cd / && rm -rf /opt/source"
    )
    left = end - time.monotonic()
    if ground.run(["nice", "sh", "-c", build], log=log, seconds=None if left == float("inf") else left) != 0:
        raise UnavailableError(f"the free-threaded build failed: {log}")


def sources_of(ground: Chroot, *packages: str) -> list[str]:
    """Name the source packages that apt lists, as apt-get takes them: a mirror may list one that it has no more or not yet."""
    found = []
    for package in packages:
        listed = answer(ground, ["apt-cache", "madison", package]).splitlines()
        versions = {line.split("|")[1].strip() for line in listed if line.endswith("Sources")}
        newest_first = sorted(versions, key=lambda each: [int(part) for part in re.findall(r"\d+", each)], reverse=True)
        found += [f"{package}={version}" for version in newest_first]
    return found


def answer(ground: Chroot, command: list[str], directory: str = "/") -> str:
    """Run a command in there that prints an answer."""
    log = ground.path("/opt/answer")
    log.unlink(missing_ok=True)
    if ground.run(command, directory=directory, log=log) != 0:
        raise UnavailableError(f"{command[0]} does not run: {log.read_text()[-200:]}")
    return log.read_text().strip()


def title(version: str) -> str:
    """Name a Python by its `sys.version` and its implementation."""
    number = version.split(maxsplit=1)[0]
    if "PyPy" in version:
        pypy = re.search(r"PyPy (\d[\d.]*)", version)
        return f"PyPy {pypy[1] if pypy else ''} ({number.rstrip('+')})"
    return f"CPython {number}" + (", free-threaded" if "free-threading" in version else "")


# ------------------------------------------------------------------------------------------------------- tests


def run(
    ground: Chroot,
    python: Python,
    result: Result,
    part: str,
    tests: tuple[str, ...],
    seconds: float,
    options: argparse.Namespace,
) -> str:
    """Run a part of the tests on one Python and tell what came of it in a few words."""
    reasons = result.why(part)
    if seconds <= 0:
        reasons["not run: the time was up"] += 1
        return "not run"
    report = ground.path(f"{PROJECT}/report.xml")
    report.unlink(missing_ok=True)
    modules = [each for name in result.absent for each in modules_of(name)]
    environment = {"ABSENT": ",".join(modules), "PYTHONPATH": f"{PROJECT}/tools", **python.environment}
    # What another Python made of some worlds: test_worlds.py compares (docs/Reliability.md).
    environment["WORLD_DIGESTS"] = os.environ.get("WORLD_DIGESTS", "")
    command = [f"{python.venv}/bin/python"]
    if options.strange:
        environment |= STRANGE
    if options.strict:
        command += ["-X", "dev"]
        environment |= {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"}
    command += [
        "-m",
        "pytest",
        "-p",
        "absent",
        "-q",
        "--color=no",
        "-m",
        "not slow",
        f"--junitxml={PROJECT}/report.xml",
    ]
    # An emulated or a loaded machine stands still for longer than others.
    command += ["-o", "faulthandler_timeout=1200"]
    command += [] if "pytest-xdist" in result.absent else ["--numprocesses", "2"]
    # The shell, and not this program, knows what is there to be matched.
    words = " ".join(tests)
    log = ground.path(f"{PROJECT}/{python.key}.log")
    limit = None if seconds == float("inf") else seconds
    shell = ["sh", "-c", f'exec "$@" {words}', "sh", *command]
    path = {"PATH": f"{python.venv}/bin:{PATH}"}
    try:
        code = ground.run(shell, user=USER, directory=PROJECT, environment=environment | path, seconds=limit, log=log)
    except subprocess.TimeoutExpired:
        reasons["not finished: the time was up"] += 1
        return "not finished"
    if not report.exists():
        result.failed = True
        print(log.read_text()[-3000:])
        return f"did not start ({code})"
    counts = counted(report, reasons)
    if code != 0:
        result.failed = True
        print(log.read_text()[-6000:])
    return ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)


def modules_of(name: str) -> tuple[str, ...]:
    """Name the modules that a distribution brings."""
    module = name.lower().replace("-", "_")
    return MODULES.get(module, (module,))


def counted(report: Path, reasons: collections.Counter[str]) -> dict[str, int]:
    """Count what pytest reported; why tests were skipped is added to `reasons`."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  (our own pytest wrote it)
        skipped = case.find("skipped")
        if skipped is not None:
            counts["skipped"] += 1
            reasons[reason(skipped)] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        else:
            counts["passed"] += 1
    return counts


def reason(skipped: ET.Element) -> str:
    """Say why a test was skipped."""
    return (skipped.get("message") or skipped.text or "no reason").strip().partition("\n")[0]


# ------------------------------------------------------------------------------------------------------- table


def show(results: list[Result]) -> None:
    """Print what ran where."""
    for result in results:
        parts = ", ".join(f"{part} {told}" for part, told in result.parts.items()) or "nothing"
        left_out = "; ".join(f"{part}: {told}" for part, told in result.left_out().items()) or "nothing"
        print(f"\n{result.title}\n  ran: {parts}\n  skipped: {left_out}")


def write(results: list[Result]) -> None:
    """Write the results into docs/Compatibility.md; what was not run now, Pythons and parts, stays with its date."""
    page = ROOT / "docs" / "Compatibility.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    rows = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "Python":
            rows[cells[0]] = cells
    for result in results:
        if not result.parts.keys() & PARTS.keys():
            continue
        family = result.title.rpartition(".")[0], result.title.partition(",")[2]
        older = [each for each in rows if (each.rpartition(".")[0], each.partition(",")[2]) == family]
        kept = [rows.pop(each) for each in older]
        rows[result.title] = row(result, kept[-1] if kept else None)
    heads = ["Python", *PARTS, "skipped, and why"]
    lines = [" | ".join(["", *cells, ""]).strip() for cells in (heads, *(rows[name] for name in sorted(rows)))]
    lines.insert(1, "|---" * len(heads) + "|")
    page.write_text(before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + after, encoding="utf-8")


def row(result: Result, kept: list[str] | None) -> list[str]:
    """The row of a result: its name, what came of each part and when, and what was skipped, part by part.

    Args:
        result: what was run now.
        kept: the row that it takes the place of, whose other parts stay.
    """
    kept = kept or ["", *("not run" for _ in PARTS), ""]
    told = dict(zip(PARTS, kept[1:], strict=False))
    whys = {part: said for part, colon, said in (each.partition(": ") for each in kept[-1].split("<br>")) if colon}
    today = f"{dt.datetime.now(dt.timezone.utc):%d %b %Y}".lstrip("0")
    for part in result.parts.keys() & PARTS.keys():
        told[part] = f"{result.parts[part]} ({today})".replace("|", "/")
        whys.pop(part, None)
    whys.pop("all", None)
    whys |= {part: said.replace("|", "/").replace("<br>", " ") for part, said in result.left_out().items()}
    ordered = [part for part in ("all", *PARTS) if part in whys]
    return [result.title, *told.values(), "<br>".join(f"{part}: {whys[part]}" for part in ordered) or "nothing"]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs in the chroot ends too
    sys.exit(main(sys.argv[1:]))
