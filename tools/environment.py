"""The project's own virtual environment and the interpreters of this machine: found, made, filled.

Shared by the scripts beside it, which need nothing but a Python 3.10: only the standard library may be imported
here, and pip is the only installer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKED = ROOT / "tools" / "locked.txt"
"""The version and the hashes of every tool, for the interpreters in PYTHONS. tools/lock.py writes it."""
OLDEST = (3, 10)

#: The versions of Python that the package promises to run on.
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
#: The oldest urllib3 promised, the one that removed a method for a while, and whatever is newest (no version).
URLLIB3S = ("2.0.7", "2.6.0", "")
#: The oldest aiohttp promised (pyproject.toml): it is tested beside the oldest urllib3.
AIOHTTP = "3.11.0"


def require_python() -> None:
    """Stop with one sentence when this interpreter is too old for the package."""
    if sys.version_info < OLDEST:
        found = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(f"Python 3.10 or newer is needed; this is {found}. Try: python3.12 {' '.join(sys.argv)}")


def python_of(environment: Path) -> Path:
    """Give the interpreter of a virtual environment, on POSIX and on Windows."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def create(environment: Path, base: str = sys.executable, *, recent: bool = True) -> Path:
    """Make an empty virtual environment, with a recent pip unless it is told otherwise, and give its interpreter."""
    made = subprocess.run([base, "-m", "venv", "--clear", environment], check=False)
    if made.returncode != 0:
        sys.exit(f"{base} cannot make a virtual environment (on Debian and Ubuntu: install python3-venv)")
    python = python_of(environment)
    if recent:
        pip(python, "--upgrade", "pip")  # dependency groups came with pip 25.1
    return python


def pip(python: Path, *what: str) -> None:
    """Install with the pip of `python`, quietly; stop with its own words when it fails."""
    command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *what]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        sys.exit("could not install " + " ".join(what))


def ready(name: str, *what: str, locked: bool = False) -> Path:
    """Give the interpreter of `.venv` with `what` installed, doing again only what changed.

    `name` is that of a set of requirements. A stamp in the environment holds the digest of pyproject.toml, of
    the requirements and of the interpreter, so that a second run starts at once. With `locked`, everything that stands in
    LOCKED is installed first, in the version and with one of the hashes that stand there, so that `what` finds it.
    """
    require_python()
    python = python_of(VENV)
    stamp = VENV / f"installed-{name}"
    facts = [(ROOT / "pyproject.toml").read_text(encoding="utf-8"), sys.version, str(ROOT), *what]
    facts += [LOCKED.read_text(encoding="utf-8")] if locked else []
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return python
    print(f"setting up {VENV.name} with {' '.join(what)} …", flush=True)
    if not python.exists() or version_of(str(python)) != version_of(sys.executable):
        create(VENV, recent=not locked)
    if locked:
        pip(python, "--require-hashes", "--requirement", str(LOCKED))
    pip(python, *(["--no-build-isolation"] if locked else []), *what)  # setuptools is among what is locked
    stamp.write_text(digest, encoding="ascii")
    return python


def developer() -> Path:
    """Give the interpreter of `.venv` with the package, its extras and every tool of the project.

    On the interpreters that LOCKED is for, the tools are those of that file; on others the newest.
    """
    locked = sys.implementation.name == "cpython" and f"{sys.version_info[0]}.{sys.version_info[1]}" in PYTHONS
    return ready(
        "dev", "--editable", ".[async,cli,inbox,otel,parquet,sandbox,speed,xlsx]", "--group", "dev", locked=locked
    )


def shopper() -> Path:
    """Give the interpreter of `.venv` with the package and its command: what the demo needs."""
    return ready("cli", "--editable", ".[cli]")


def version_of(command: str) -> str | None:
    """Give the `major.minor` that an interpreter answers, or None when it does not run.

    A version manager leaves commands on the path that only print which version is missing.
    """
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([command, "-c", ask], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def interpreters() -> dict[str, str]:
    """Find one working interpreter for each version in PYTHONS; what is not here is missing from the result."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = {}
    for version in PYTHONS:
        beside = sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)
        for command in [sys.executable, shutil.which(f"python{version}"), *map(str, beside)]:
            if command and version_of(command) == version:
                found[version] = command
                break
    return found
