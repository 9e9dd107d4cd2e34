"""The official SDK installed beside ours is noticed and told, by the command and by pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xendit.installation import clash


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A place on the import path that says it holds xendit-python."""
    metadata = tmp_path / "xendit_python-7.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: xendit-python\nVersion: 7.0.0\n", "utf-8")
    return tmp_path


def test_nothing_is_said_when_we_are_alone() -> None:
    """The usual case."""
    assert clash() is None


def test_the_clash_is_told_with_the_cure(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names both packages and the two commands."""
    monkeypatch.syspath_prepend(str(beside))
    told = clash()
    assert told is not None
    assert "xendit-python 7.0.0 is installed beside xendit-sdk" in told
    assert "pip uninstall xendit-python" in told


def test_the_command_and_pytest_tell_it(beside: Path) -> None:
    """Whoever runs either reads it before anything else goes wrong."""
    run = "import sys; sys.argv = ['xendit', '--version']; from xendit.cli import main; main()"
    for program in (
        ["-c", run],
        ["-m", "pytest", "-p", "xendit.testing.plugin", "--collect-only", "-p", "no:cacheprovider", str(beside)],
    ):
        ran = subprocess.run(
            [sys.executable, *program],
            env={
                "PATH": "",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTHONPATH": f"{beside}:{Path(__file__).resolve().parent.parent}",
            },
            cwd=beside,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "installed beside xendit-sdk" in ran.stdout + ran.stderr


NEEDS = [
    ("aiohttp", "import xendit.transport.loops", "AsyncApiClient needs aiohttp"),
    ("sqlalchemy", "from xendit.webhook import SQLInbox", "the SQL inbox needs SQLAlchemy"),
    ("flask", "import xendit.webhook.adapters.flask", "xendit.webhook.adapters.flask needs Flask"),
    ("django", "import xendit.webhook.adapters.django", "xendit.webhook.adapters.django needs Django"),
    ("starlette", "import xendit.webhook.adapters.starlette", "xendit.webhook.adapters.starlette needs Starlette"),
    ("opentelemetry", "import xendit.otel", "xendit.otel needs OpenTelemetry"),
    ("pydantic_core", "import xendit.pydantic_schema", "xendit.pydantic_schema needs pydantic"),
    ("werkzeug", "import xendit.sandbox.server", "the `sandbox` extra is missing"),
    ("click", "import xendit.cli.ending", "the `cli` extra is missing"),
]
FAILURES = {
    "missing": "class Finder:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name == hidden: raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
    "sys.meta_path.insert(0, Finder())\n",
    "broken": "class Finder:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name == hidden: raise ImportError('undefined symbol: PyWhat', name=name)\n"
    "sys.meta_path.insert(0, Finder())\n",
    "without its own need": "class Finder:\n"
    "    def find_spec(self, name, path=None, target=None):\n"
    "        if name == hidden: raise ModuleNotFoundError(\"No module named 'greenery'\", name='greenery')\n"
    "sys.meta_path.insert(0, Finder())\n",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_missing_library_and_a_broken_one_are_told_apart(failure: str) -> None:
    """What is not there is named with its cure; what is there and fails shows why, and nobody is sent to pip in vain."""
    program = (
        "import sys, importlib\n"
        f"for hidden, line, said in {NEEDS!r}:\n"
        f"    for name in [each for each in sys.modules if each.startswith('xendit') or each.split('.')[0] == hidden]:\n"
        "        del sys.modules[name]\n"
        + "".join(f"    {line}\n" for line in FAILURES[failure].splitlines())
        + "    try:\n"
        "        exec(line)\n"
        "    except ImportError as error:\n"
        "        shown = [str(error)]\n"
        "        while (error := error.__cause__) is not None: shown.append(str(error))\n"
        "        print(hidden, '|', said in shown[0], '|', 'pip install' in shown[0], '|', ' <- '.join(shown))\n"
        "    sys.meta_path.pop(0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    lines = [line.split(" | ") for line in ran.stdout.splitlines()]
    assert [line[0] for line in lines] == [name for name, _, _ in NEEDS], ran.stderr
    cause = {"broken": "undefined symbol: PyWhat", "without its own need": "No module named 'greenery'"}.get(failure)
    for name, said, pip, shown in lines:
        if cause is None:
            assert (said, pip) == ("True", "True"), name
        else:
            assert pip == "False", name
            assert cause in shown, name


def test_every_module_gives_its_names_to_a_star() -> None:
    """`from xendit.… import *` works for every module, and `__all__` names nothing that is not there."""
    program = """
import importlib, pathlib, pkgutil, sys, warnings
import xendit
warnings.simplefilter("error")
failed = []
try:
    from django.conf import settings
except ModuleNotFoundError:
    pass
else:
    import django
    apps = ["contenttypes", "auth", "admin", "messages", "sessions"]
    settings.configure(INSTALLED_APPS=[*(f"django.contrib.{name}" for name in apps), "xendit.webhook.django"])
    django.setup()
def walk(package):
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if found.name.rpartition(".")[2].isidentifier() and not found.name.endswith("__main__"):
            yield found.name
        if found.ispkg:
            yield from walk(importlib.import_module(found.name))
names = ["xendit", *walk(xendit)]
for name in names:
    try:
        exec(f"from {name} import *", {})
    except Exception as error:
        if isinstance(error, ImportError) and "pip install" in str(error):
            continue  # an extra that this Python has no build for
        failed.append(f"{name}: {type(error).__name__}: {error}")
print(len(names) > 150, failed)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert ran.stdout == "True []\n", ran.stdout + ran.stderr
