"""Write tools/locked.txt: the version and the hashes of every tool that works on the project: `python tools/lock.py`.

What `tools/test.py`, CI and a release install on Python 3.10 to 3.13 stands there, with what that needs in turn, so that nothing
that was not looked at is run, and setuptools builds a tag as it did before. Needs uv (https://docs.astral.sh/uv) on the path.
The file names no host: where packages come from is the machine's own matter.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import LOCKED, ROOT

HEAD = """\
# Every tool of the project, with its hashes, for CPython 3.10 to 3.13. Written by tools/lock.py from pyproject.toml.
"""
COMMAND = (
    *("uv", "pip", "compile", "--universal", "--python-version", "3.10", "--generate-hashes", "--upgrade"),
    *("--no-header", "--no-annotate", "--quiet", "--all-extras", "--group", "dev"),
)


def build_requirements(pyproject: str) -> list[str]:
    """What builds the package, as pyproject.toml names it."""
    found = re.search(r"^\[build-system\]\nrequires = \[(.*?)\]", pyproject, re.MULTILINE)
    assert found is not None
    return re.findall(r'"([^"]+)"', found[1])


def main() -> int:
    """Write the file, and give the exit code."""
    with tempfile.TemporaryDirectory() as directory:
        more = Path(directory) / "build.in"
        more.write_text("\n".join(["pip", *build_requirements((ROOT / "pyproject.toml").read_text("utf-8"))]), "utf-8")
        done = subprocess.run(
            [*COMMAND, "pyproject.toml", str(more)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode != 0:
        return done.returncode
    if "://" in done.stdout:
        print("the versions name a host; nothing was written", file=sys.stderr)
        return 1
    LOCKED.write_text(HEAD + done.stdout, "utf-8", newline="\n")
    print(f"{LOCKED.relative_to(ROOT)}: {len(re.findall('^[a-z0-9]', done.stdout, re.MULTILINE))} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
