"""What comes next of the libraries below us: `python tools/edge.py` runs our tests with their newest pre-releases.

Where the package index has no pre-release beyond the newest release, that release is run and the table says so. Main branches
are on no package index and are skipped. The environment, `.edge`, is kept between runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone

from environment import ROOT, create, python_of
from lanes import count_of, table

HOME = ROOT / ".edge"
EXTRAS = ".[async,cli,inbox,otel,sandbox]"
#: Each library with the tests that depend on it most.
LIBRARIES = {
    "urllib3": (
        "test/test_transport.py",
        "test/test_roads.py",
        "test/test_client.py",
        "test/faults/test_table.py",
        "-k=not async",
    ),
    "aiohttp": ("test/test_async.py", "test/test_roads.py", "test/faults/test_table.py", "-k=not sync or async"),
    "SQLAlchemy": ("test/webhook/test_webhook_inbox.py", "test/bulk/test_bulk.py"),
}


def main(names: list[str]) -> int:
    """Run each library's tests and give 1 when one fails."""
    python = environment()
    rows = []
    for name in names or LIBRARIES:
        before = version_of(python, name)
        made = run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--pre", "--upgrade", name)
        if made.returncode != 0:
            said = (made.stderr.strip().splitlines() or ["no reason was given"])[-1]
            rows.append((name, before, "skipped", f"it could not be installed: {said[:120]}"))
            continue
        version = version_of(python, name)
        kind = "pre-release" if re.search(r"[a-z]", version) else "release; the index has no newer pre-release"
        report = HOME / f"{name}.xml"
        report.unlink(missing_ok=True)
        options = ("-q", "--no-header", "-m", "not slow", "-p", "no:cacheprovider", f"--junitxml={report}")
        run(python, "-m", "pytest", *options, *LIBRARIES[name], show=True)
        rows.append((name, version, kind, count_of(report) if report.exists() else "failed: no test ran"))
    rows += [(name, "main branch", "skipped", "it is on no package index") for name in names or LIBRARIES]
    print(f"\n{datetime.now(timezone.utc):%d %B %Y}, Python {sys.version.split()[0]}")
    print(table(("library", "version", "kind", "tests"), rows))
    return 1 if any("failed" in row[3] for row in rows) else 0


def environment() -> object:
    """The interpreter of an environment with the package and its tests."""
    python, stamp = python_of(HOME), HOME / "complete"
    if not stamp.exists():
        shutil.rmtree(HOME, ignore_errors=True)
        create(HOME)
        made = run(python, "-m", "pip", "install", "-qq", "--editable", EXTRAS, "--group", "test")
        if made.returncode != 0:
            sys.exit(f"the environment could not be made: {made.stderr.strip()[-300:]}")
        stamp.touch()
    return python


def run(*command: object, show: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's directory; with `show` what it says is seen."""
    return subprocess.run([str(each) for each in command], cwd=ROOT, check=False, text=True, capture_output=not show)


def version_of(python: object, name: str) -> str:
    """The version of a distribution there, or "none"."""
    ask = f"import importlib.metadata as m; print(m.version({name!r}))"
    return run(python, "-c", ask).stdout.strip() or "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
