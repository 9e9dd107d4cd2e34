"""Build the source distribution and the wheel, once, the same bytes each time: `python tools/release.py [directory]`.

The files are built from a clean copy of the tree, so that nothing left over from an earlier build gets in. Times
come from SOURCE_DATE_EPOCH, else from the last commit. setuptools gives a wheel that obeys it; the archive of
the source distribution is written again here, because setuptools lets the clock into it. The same digests need
the same setuptools: its version stands inside both files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib import metadata
from pathlib import Path

from environment import ROOT
from lock import build_requirements
from package_page import package_page, project_urls

#: The earliest time that a zip archive can hold: 1980-01-01, used where neither the variable nor git speaks.
EARLIEST = 315532800
LEFT_OVERS = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "htmlcov", "node_modules")


def build(directory: Path, epoch: int) -> list[Path]:
    """Build into `directory` with every time set to `epoch`; give the source distribution and the wheel."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        copy_tree(tree)
        write_package_page(tree)
        made = Path(temporary) / "made"
        # The setuptools that pyproject.toml names is in the project's environment, its hash checked (tools/locked.txt).
        inside = ["--no-isolation"] if is_here(build_requirements((tree / "pyproject.toml").read_text("utf-8"))) else []
        command = [sys.executable, "-m", "build", *inside, "--outdir", str(made), str(tree)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"the build failed:\n{done.stdout}{done.stderr}")
        (archive,), (wheel,) = made.glob("*.tar.gz"), made.glob("*.whl")
        archive.write_bytes(without_clock(archive, epoch))
        return [Path(shutil.copy(file, directory)) for file in (archive, wheel)]


def is_here(requirements: list[str]) -> bool:
    """Say whether this interpreter has all of these `name==version`; else build fetches them."""
    for one in requirements:
        name, _, version = one.partition("==")
        try:
            if metadata.version(name) != version:
                return False
        except metadata.PackageNotFoundError:
            return False
    return True


def copy_tree(target: Path) -> None:
    """Copy what git knows or would know; without git, everything but caches and hidden files."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed is None:
        shutil.copytree(ROOT, target, ignore=LEFT_OVERS)
        return
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():  # a file may be deleted and not yet committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


def write_package_page(tree: Path) -> None:
    """Give the tree the README that the package index can show."""
    urls = project_urls((tree / "pyproject.toml").read_text("utf-8"))
    started = (tree / "docs" / "GettingStarted.md").read_text("utf-8")
    page = package_page((tree / "README.md").read_text("utf-8"), started, urls)
    (tree / "README.md").write_text(page, "utf-8", newline="\n")


def without_clock(archive: Path, epoch: int) -> bytes:
    """Give a .tar.gz with the same files, in order, owned by nobody and as old as `epoch`."""
    plain = archive.with_suffix(".plain")
    with tarfile.open(archive) as old, tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as new:
        for entry in sorted(old.getmembers(), key=lambda entry: entry.name):
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0, 0, "", ""
            entry.mode = 0o755 if entry.isdir() else 0o644
            entry.pax_headers = {}
            new.addfile(entry, old.extractfile(entry) if entry.isfile() else None)
    return gzip.compress(plain.read_bytes(), mtime=epoch)


def source_date() -> int:
    """Give SOURCE_DATE_EPOCH, else the time of the last commit, else the earliest that an archive can hold."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or EARLIEST)


def git(*arguments: str) -> str | None:
    """Give what git prints, or None where there is no git, no repository or no commit."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip("\n") if done.returncode == 0 else None


def digest(file: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    """Build into the directory named, `dist` when none is, and print the digests."""
    if len(arguments) > 1 or any(each.startswith("-") for each in arguments):  # it has no options
        print(__doc__)
        return 0 if arguments[0] in ("-h", "--help") else 2
    directory = ROOT / (arguments[0] if arguments else "dist")
    if directory.is_dir() and any(directory.iterdir()):
        print(f"{directory} is not empty: a release holds one build. Empty it first.")
        return 1
    epoch = source_date()
    if git("status", "--porcelain"):
        print("note: the tree holds changes that are not committed; do not publish this build")
    for file in build(directory, epoch):
        print(f"{digest(file)}  {file.name}  {file.stat().st_size} bytes")
    print(f"built with SOURCE_DATE_EPOCH={epoch}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
