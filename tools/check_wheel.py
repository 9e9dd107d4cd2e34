"""Judge a build before it is published: `python tools/check_wheel.py [directory]`, after `tools/release.py`.

Each check is a function that takes what it judges and gives the faults it found, one sentence each. The wheel is
installed with its declared dependencies alone in an empty environment, so that what the package forgot to declare
cannot come from the developer's machine. test/test_package.py runs the same functions.
"""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from environment import ROOT, create, pip
from mirror import folders
from release import build, digest, source_date

#: What the wheel may weigh, in bytes: the products, the sandbox with their rules, the inboxes, the command line and the
#: simulated world.
HEAVIEST = 1_050_000
#: Which extra the modules under a package may ask for, and only in one line that names it.
EXTRAS = {
    "xendit.sandbox": "sandbox",
    "xendit.testing": "sandbox",
    "xendit.webhook.sql": "inbox",
    "xendit.transport.loops": "async",
    "xendit.transport.loop_failures": "async",
    "xendit.transport.plain_loops": "async",
    "xendit.webhook.async_sql": "inbox",
    "xendit.webhook.connections": "inbox",
    "xendit.cli": "cli",
    "xendit.otel": "otel",
    **{
        f"xendit.{folder}.{module}": extra
        for folder in folders(ROOT)
        for extra, modules in {
            "cli": ("command_line", "commands", "sandbox_events"),
            "sandbox": ("demo", "pages", "sandbox_control", "sandbox_parts"),
        }.items()
        for module in modules
    },
}
#: Modules that are for users of a framework, and may fail with its name where it is not installed.
FRAMEWORKS = {
    "xendit.webhook.adapters.django": "django",
    "xendit.webhook.adapters.flask": "flask",
    "xendit.webhook.adapters.starlette": "starlette",
    "xendit.webhook.django": "django",
    "xendit.pydantic_schema": "pydantic",
    "xendit.hooks": "PyInstaller",
}
#: Modules that must ask, for they cannot work without: proof that the environment is as empty as it should be.
MUST_ASK = ("xendit.sandbox.server", "xendit.webhook.sql", "xendit.otel")
#: Loaded by pytest alone; check_pytest looks at it.
LOADED_BY_PYTEST = ("xendit.testing.plugin",)
#: What a plain install asks for, and nothing else.
DEPENDENCIES = {"urllib3", "python-dateutil", "typing-extensions"}
EXPECTED = re.compile(
    r"xendit/(\w+/)*\w+\.pyi?|xendit/hooks/hook-xendit\.py|xendit/py\.typed|xendit/(sandbox|\w+/pages)/(templates|static)/\w+\.(html|css|js|svg)"
    r"|xendit_sdk-[\w.]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|top_level\.txt|licenses/LICENSE)"
)

#: Imports each module that is named, in a process of its own: a copy of this one, which has read nothing of the package but what
#: it depends on. To begin an interpreter for each would take most of the time.
IMPORT = """
import importlib, json, os, sys, tempfile, traceback
import dateutil.parser, dateutil.tz, typing_extensions, urllib3

came_to = {}
for module in sys.argv[1:]:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            code = 1
            try:
                importlib.import_module(module)
                code = 0
            except ImportError as error:
                print(error)
                code = 3
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        came_to[module] = code, said.read().decode()
json.dump(came_to, sys.stdout)
"""


# ------------------------------------------------------------------------------------------- the files alone


def check_contents(wheel: Path) -> list[str]:
    """Find files that do not belong in the wheel, and files of the package that are not in it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {
        str(path.relative_to(ROOT).as_posix()) for path in (ROOT / "xendit").rglob("*.py*") if path.suffix != ".pyc"
    }
    faults = [f"{name} does not belong in the wheel" for name in sorted(names) if not EXPECTED.fullmatch(name)]
    faults += [f"{name} is missing from the wheel" for name in sorted(source - names)]
    if "xendit/py.typed" not in names:
        faults.append("py.typed is missing: type checkers would not look inside")
    return faults


def check_weight(wheel: Path) -> list[str]:
    """Find a wheel that weighs too much."""
    weight = wheel.stat().st_size
    return [f"the wheel weighs {weight} bytes, more than {HEAVIEST}"] if weight >= HEAVIEST else []


def check_metadata(wheel: Path) -> list[str]:
    """Find what the metadata must say and does not."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    requires = [str(line) for line in metadata.get_all("Requires-Dist", [])]
    faults = [f"{line} has an upper bound" for line in requires if re.search(r"<|==|~=", line.split(";")[0])]
    wanted = {
        "Name": "xendit-sdk",
        "License-Expression": "MIT",
        "Requires-Python": ">=3.10",
        "Description-Content-Type": "text/markdown",
    }
    for key, value in wanted.items():
        if metadata[key] != value:
            faults.append(f"{key} is {metadata[key]!r}, not {value!r}")
    plain = {re.split(r"[^\w.-]", line)[0] for line in requires if "extra ==" not in line}
    if plain != DEPENDENCIES:
        faults.append(f"a plain install asks for {sorted(plain)}")
    if set(metadata.get_all("Provides-Extra", [])) != {
        "async",
        "sandbox",
        "inbox",
        "otel",
        "cli",
        "mcp",
        "parquet",
        "speed",
        "xlsx",
    }:
        faults.append(f"the extras are {metadata.get_all('Provides-Extra')}")
    return faults


def check_page(files: list[Path]) -> list[str]:
    """Find what the package index could not show: what twine complains of, and links that lead nowhere."""
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [] if done.returncode == 0 else [f"twine says: {done.stdout.strip()}"]
    wheel = next(file for file in files if file.suffix == ".whl")
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode("utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    return faults + [f"the link to {link} leads nowhere" for link in links if not re.match("https?:|#", link)]


def check_source(archive: Path) -> list[str]:
    """Find what a source distribution lacks to be built and tested, and caches that slipped in."""
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    needed = {"pyproject.toml", "setup.py", "LICENSE", "README.md", "CHANGELOG.md", "xendit/py.typed"}
    needed |= {f"test/{path.name}" for path in (ROOT / "test").glob("*.py")}
    faults = [f"{name} is missing from the source distribution" for name in sorted(needed - names)]
    return faults + [f"{name} slipped into the source distribution" for name in names if "__pycache__" in name]


def check_reproducible(files: list[Path], epoch: int) -> list[str]:
    """Build again and find a file whose bytes differ."""
    with tempfile.TemporaryDirectory() as temporary:
        again = {file.name: digest(file) for file in build(Path(temporary), epoch)}
    return [f"{file.name} differs when built again" for file in files if digest(file) != again.get(file.name)]


# -------------------------------------------------------------------------------------- the wheel, installed


def install(wheel: Path, environment: Path) -> Path:
    """Install the wheel with what it declares, and nothing else, in an empty environment; give its Python."""
    python = create(environment)
    pip(python, str(wheel))
    return python


def check_imports(python: Path, wheel: Path) -> list[str]:
    """Import every module, each in its own process; one that needs an extra must say so in one line."""
    faults = []
    asked = [module for module in modules(wheel) if module not in LOADED_BY_PYTEST]
    done = run(python, "-W", "error", "-c", IMPORT, *asked)
    if done.returncode != 0:
        return [f"the modules cannot be imported: {done.stderr}"]
    for module, (code, said) in json.loads(done.stdout).items():
        extra, framework = held_for(module, EXTRAS), held_for(module, FRAMEWORKS)
        if code == 0:
            if module in MUST_ASK:
                faults.append(f"{module} imports without its extra: is the environment empty?")
        elif code == 3 and framework is not None:
            if len(said.splitlines()) != 1 or framework not in said:
                faults.append(f"{module} does not say in one line that it needs {framework}: {said!r}")
        elif code != 3 or extra is None:
            faults.append(f"{module} does not import: {said}")
        else:
            faults += one_line(module, said, extra)
    return faults


def check_commands(python: Path) -> list[str]:
    """Run the console script and the sandbox without their extras; each must say in one line what to install."""
    faults = []
    scripts = {str(python.with_name("xendit")): "cli", "-m xendit.sandbox": "sandbox"}
    for script, extra in scripts.items():
        command = [str(python), *script.split()] if script.startswith("-m") else [script]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=python.parent, env=bare(), timeout=60, check=False
        )
        if done.returncode != 2:
            faults.append(f"{script} exits {done.returncode}, not 2")
        faults += one_line(script, done.stdout + done.stderr, extra)
    return faults


def check_pytest(python: Path, directory: Path) -> list[str]:
    """Add pytest alone: it must run with the plugin in place, and each fixture say in one line what it needs."""
    pip(python, "pytest")
    (directory / "test_plain.py").write_text("def test_plain():\n    assert True\n", encoding="utf-8")
    plain = pytest(python, directory, "test_plain.py")
    faults = []
    if plain.returncode != 0 or "1 passed" not in plain.stdout:
        faults.append(f"pytest does not run with the plugin installed: {plain.stdout}{plain.stderr}")
    if "xendit-sdk" not in plain.stdout:
        faults.append("pytest does not load the plugin")
    listing = pytest(python, directory, "--fixtures", "-v", "test_plain.py").stdout
    fixtures = re.findall(r"^(\w+)(?: \[\w+ scope\])? -- .*xendit[/\\]testing", listing, re.MULTILINE)
    if not fixtures:
        faults.append("the pytest plugin offers no fixture")
    for fixture in fixtures:
        test = f"def test_it({fixture}):\n    assert True\n"
        (directory / "test_fixture.py").write_text(test, encoding="utf-8")
        done = pytest(python, directory, "--tb=line", "test_fixture.py")
        if done.returncode != 0:
            said = [line for line in done.stdout.splitlines() if "xendit-sdk[" in line]
            faults += one_line(f"the fixture {fixture}", "\n".join(said[:1]), "sandbox")
    return faults


def pytest(python: Path, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in `directory` with warnings as errors."""
    options = ("-p", "no:cacheprovider", "-W", "error", "--rootdir", str(directory))
    return run(python, "-m", "pytest", *options, *arguments, cwd=directory)


# --------------------------------------------------------------------------------------------------- helpers


def modules(wheel: Path) -> list[str]:
    """Name every module in the wheel; the `__main__` of a package is run, not imported."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")]
    dotted = (name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names)
    return sorted(name for name in dotted if not name.endswith("__main__"))


def held_for(module: str, table: dict[str, str]) -> str | None:
    """Find what a table holds for a module or for a package that it is in."""
    for package, held in table.items():
        if module == package or module.startswith(package + "."):
            return held
    return None


def one_line(who: str, said: str, extra: str) -> list[str]:
    """Find a message about a missing extra that is not one line, or does not name what to install."""
    lines = said.strip().splitlines()
    if len(lines) == 1 and f"xendit-sdk[{extra}]" in lines[0]:
        return []
    return [f"{who} should say in one line to install xendit-sdk[{extra}], and said: {said!r}"]


def run(python: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run an interpreter away from the source tree and give what it printed."""
    command = [str(python), *arguments]
    place = cwd or python.parent
    return subprocess.run(command, capture_output=True, text=True, cwd=place, env=bare(), timeout=300, check=False)


def bare() -> dict[str, str]:
    """Give the environment without what could lead Python back to the source tree, or pytest to other plugins."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}


def main(arguments: list[str]) -> int:
    """Run every check on the build in the directory named, `dist` when none is, and print what is wrong."""
    directory = ROOT / (arguments[0] if arguments else "dist")
    wheels, archives = sorted(directory.glob("*.whl")), sorted(directory.glob("*.tar.gz"))
    if len(wheels) != 1 or len(archives) != 1:
        print(f"{directory} should hold one wheel and one source distribution; run tools/release.py first")
        return 1
    wheel, archive = wheels[0], archives[0]
    with tempfile.TemporaryDirectory() as temporary:
        python = install(wheel, Path(temporary) / "empty")
        tests = Path(temporary) / "tests"
        tests.mkdir()
        results = {
            "contents": check_contents(wheel),
            "weight": check_weight(wheel),
            "metadata": check_metadata(wheel),
            "page of the package index": check_page([archive, wheel]),
            "source distribution": check_source(archive),
            "same bytes when built again": check_reproducible([archive, wheel], source_date()),
            "every module imports": check_imports(python, wheel),
            "commands without extras": check_commands(python),
            "pytest without extras": check_pytest(python, tests),
        }
    for title, faults in results.items():
        print(f"{'FAIL' if faults else 'ok  '}  {title}")
        for fault in faults:
            print(f"      {fault}")
    return 1 if any(results.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
