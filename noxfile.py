"""The tests on every Python and urllib3 that the package promises: `nox`, or `nox -s quick` for a taste.

Interpreters that this machine lacks are named and left out. The checks that do not depend on the version (style,
types, build) run once, in tools/test.py.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent / "tools"))
from environment import AIOHTTP, PYTHONS, URLLIB3S, interpreters

nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests"]

#: The tests that send: enough for the older urllib3s where time is short. One that is gone stops pytest.
SENDING = tuple(
    f"test/{name}.py"
    for name in (
        "contract/test_wire",
        "test_async",
        "test_client",
        "test_demo",
        "test_docs",
        "test_seed",
        "test_transport",
    )
)

#: What depends on the version of Python most, where time is short: the library itself. `nox` runs everything.
CORE = ("test/contract", *(str(path) for path in sorted(Path("test").glob("test_*.py"))))

#: What the oldest aiohttp has to do as the newest does: the faults, in the world of asyncio.
FAULTS = ("test/faults/test_table.py", "-k", "async and plain")

#: Says which versions are tested, and fails when they are not those asked for.
SHOW = """
import sys, aiohttp, urllib3
print(sys.version, "with urllib3", urllib3.__version__, "and aiohttp", aiohttp.__version__)
sys.exit(sys.argv[1] not in ("", urllib3.__version__) or sys.argv[2] not in ("", aiohttp.__version__))
"""

#: Those of the test group that a shop brings: their bounds are promised as ours are. Of the tools the newest will do.
BROUGHT = ("Django", "Flask", "FastAPI", "Starlette", "psycopg[binary]", "PyMySQL", "numpy", "py-moneyed")

#: What wants a newer neighbour than our bound is (pandas and celery python-dateutil, mcp opentelemetry-api), and can only be
#: tested beside a newer one; with the modules that it brings.
TOO_NEW = {"pandas": "pandas", "celery": "celery,kombu", "mcp": "mcp"}

FOUND = interpreters()
MISSING = [version for version in PYTHONS if version not in FOUND]
if MISSING:
    print("not on this machine, left out: Python " + ", ".join(MISSING))
# A version manager keeps interpreters off the path, or puts commands on it that do not run.
os.environ["PATH"] = os.pathsep.join([*(str(Path(found).parent) for found in FOUND.values()), os.environ["PATH"]])


def install(session: nox.Session) -> None:
    """Install the package with its extras, and what the tests need."""
    session.install("--upgrade", "pip")  # dependency groups came with pip 25.1
    session.install("--editable", ".[async,cli,inbox,otel,parquet,sandbox,speed,xlsx]", "--group", "test")


def run(session: nox.Session, urllib3: str, *options: str) -> None:
    """Run the tests that depend on versions, with one urllib3; the oldest has the oldest aiohttp beside it."""
    aiohttp = AIOHTTP if urllib3 == URLLIB3S[0] else ""
    pinned = [
        f"{name}=={version}" if version else name for name, version in (("urllib3", urllib3), ("aiohttp", aiohttp))
    ]
    session.install(*pinned, "--upgrade")
    session.run("python", "-c", SHOW, urllib3, aiohttp)
    tried(session, *options)


def tried(session: nox.Session, *options: str) -> None:
    """Run these tests with what is installed."""
    session.run("python", "-m", "pytest", "-m", "not slow", "-q", *options, *session.posargs)


@nox.session(python=list(FOUND))
@nox.parametrize("urllib3", URLLIB3S, ids=[version or "newest" for version in URLLIB3S])
def tests(session: nox.Session, urllib3: str) -> None:
    """One Python with one urllib3, in an environment of its own."""
    install(session)
    run(session, urllib3)


@nox.session(python=list(FOUND))
def quick(session: nox.Session) -> None:
    """One Python with each urllib3 in turn, in one environment: the core, and with the older ones the tests that send."""
    install(session)
    for urllib3 in reversed(URLLIB3S):
        run(session, urllib3, *(SENDING if urllib3 else CORE))
    tried(session, *FAULTS)  # the oldest are what is installed now


@nox.session(python=list(FOUND))
def strict(session: nox.Session) -> None:
    """One Python in its development mode, where every warning is an error in child processes too."""
    install(session)
    options = ["--numprocesses", "2", "-m", "not slow", "-q", *session.posargs]
    session.run("python", "-X", "dev", "-m", "pytest", *options, env={"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"})


def lowest_and_others() -> tuple[list[str], list[str]]:
    """The lower bound of each requirement of the package, of its extras and of what a shop brings; and the test's tools."""
    project = nox.project.load_toml("pyproject.toml")
    extras = project["project"]["optional-dependencies"].values()
    groups = project["dependency-groups"]
    own = [*project["project"]["dependencies"], *(each for extra in extras for each in extra)]
    bounds: dict[str, str] = {}
    others = []
    for requirement in [*own, *groups["test"], *groups["queues"]]:
        name, _, bound = requirement.partition(";")[0].strip().partition(">=")
        if name in TOO_NEW or name.startswith("xendit-sdk"):
            continue
        if bound and name not in bounds and (requirement in own or name in BROUGHT):
            bounds[name] = bound
        elif requirement not in own:
            others.append(requirement)
    return [f"{name}=={bound}" for name, bound in bounds.items()], others


@nox.session(python=[each for each in FOUND if each == PYTHONS[0]])
def lowest(session: nox.Session) -> None:
    """All lower bounds together, on the oldest Python: the whole of what does not depend on a build or a browser."""
    bounds, others = lowest_and_others()
    session.install("--upgrade", "pip")
    session.install("--editable", ".", *bounds, *others, "httpx")  # what the test client of an older Starlette wants
    absent = ",".join(TOO_NEW.values())
    # Starlette's and httpx2's neighbours bring a plugin of pytest that warns of itself beside a newer pytest.
    options = ["-p", "absent", "-p", "no:anyio", "--numprocesses", "2", "-m", "not slow", "-q", *session.posargs]
    session.run("python", "-m", "pytest", *options, env={"ABSENT": absent, "PYTHONPATH": "tools"})
