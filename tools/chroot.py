"""A small Debian system in a folder, for Pythons that need a newer libc than this machine has.

It is made once with debootstrap, from the mirror that apt uses, and kept. Whatever runs in it runs in a mount and
process namespace of its own, so that nothing stays mounted or running behind it. Needs root; only the standard library
may be imported here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import debian

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER = "tester"
"""The ordinary user in there, as whom tests run."""
STAMP = "made-by-xendit-sdk"
"""A file at its root, written last: a folder without it is half a system, and made anew."""
FRESH = 12 * 60 * 60
"""Seconds for which a list of packages is not asked for again."""
AUTHORITIES = "/etc/ssl/machine.pem"
"""The authorities that this machine trusts, in there: what a package of Debian's would not write over."""
#: The old lists of a mirror that stands still are as good as new ones here.
APT = ("apt-get", "-q", "-o", "Acquire::Check-Valid-Until=false")


class UnavailableError(Exception):
    """What was asked for cannot be had on this machine; its text is the reason, fit for a table."""


class Chroot:
    """A Debian system under `root`."""

    def __init__(self, root: Path, mirror: str) -> None:
        self.root = root
        self.mirror = mirror

    def path(self, inside: str) -> Path:
        """Give the path on this machine of an absolute path in there."""
        return self.root / inside.lstrip("/")

    def run(
        self,
        command: list[str],
        *,
        user: str = "root",
        directory: str = "/",
        environment: dict[str, str] | None = None,
        seconds: float | None = None,
        log: Path | None = None,
    ) -> int:
        """Run a command in there and give its exit code; its output goes to `log`, or is thrown away.

        Raises:
            subprocess.TimeoutExpired: it took longer than `seconds`. It and all that it started have ended.
        """
        # The shell stays, as root: who becomes an ordinary user is no longer told that the process above it was killed.
        mounts = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && "$@"; exit $?'
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        variables.update(passed_on())
        variables.update(environment or {})
        inside = [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts, str(self.root)),
            *("chroot", f"--userspec={user}:{user}", str(self.root), "env", "-i", f"--chdir={directory}"),
            *(f"{name}={value}" for name, value in variables.items()),
            *command,
        ]
        with (log or Path(os.devnull)).open("ab") as output:
            started = subprocess.Popen(inside, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            try:
                return started.wait(seconds)
            finally:
                started.kill()  # the namespace of processes ends with its first
                started.wait()

    def install(self, *packages: str, log: Path | None = None) -> None:
        """Install Debian's newest packages, or raise UnavailableError."""
        self.refresh()
        if self.run([*APT, "install", "-y", "--no-install-recommends", *packages], log=log) != 0:
            raise UnavailableError(f"apt-get could not install {' '.join(packages)}")

    def refresh(self) -> None:
        """Ask for the lists of packages, unless that was done in the last hours or there is no network."""
        lists = self.path("/var/lib/apt/lists-asked")
        if not lists.exists() or time.time() - lists.stat().st_mtime > FRESH:
            sources = "".join(
                f"{kind} {self.mirror} {suite} main\n"
                for kind, suite in (("deb", "sid"), ("deb-src", "sid"), ("deb-src", "trixie"))
            )
            self.path("/etc/apt/sources.list").write_text(sources, encoding="ascii")
            if self.run([*APT, "update"]) == 0:
                lists.touch()


def passed_on() -> dict[str, str]:
    """Tell which settings of this machine hold in there too: proxies, and where pip finds packages."""
    names = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT")
    found = {name: os.environ[name] for each in names for name in {each, each.upper()} if name in os.environ}
    return {**found, "PIP_CERT": AUTHORITIES, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def mirror_of_apt() -> str:
    """Name the mirror that apt of this machine takes Debian's packages from."""
    form = "$(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)"
    for update in (False, True):
        if update:
            subprocess.run([*APT, "update"], capture_output=True, check=False)
        told = subprocess.run(
            ["apt-get", "indextargets", "--format", form], capture_output=True, text=True, check=False
        )
        for line in told.stdout.splitlines():
            if line.startswith("Debian Debian main "):
                return line.split()[-1]
    raise UnavailableError("apt here uses no mirror of Debian")


def system(root: Path) -> Chroot:
    """Give the system under `root`, made when it is missing.

    Raises:
        UnavailableError: it cannot be made here, with the reason.
    """
    if sys.platform != "linux" or shutil.which("apt-get") is None:
        raise UnavailableError("a chroot is made on Debian's kin alone: there is no apt-get")
    if os.geteuid() != 0:
        raise UnavailableError("only root may make a chroot")
    if subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False).returncode:
        raise UnavailableError("this machine allows no namespaces of mounts and processes")
    problem = debian.install("debootstrap", "debootstrap", lambda: shutil.which("debootstrap") is not None)
    if problem:
        raise UnavailableError(problem)
    made = Chroot(root, mirror_of_apt())
    if not (root / STAMP).exists():
        make(made)
    copy_settings(made)
    return made


def make(system: Chroot) -> None:
    """Lay out the system, with its ordinary user."""
    shutil.rmtree(system.root, ignore_errors=True)
    system.root.mkdir(parents=True)
    print(f"making a chroot of Debian's sid in {system.root} …", flush=True)
    command = ["debootstrap", "--variant=minbase", "sid", str(system.root), system.mirror]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError(f"debootstrap failed: {(done.stdout + done.stderr).strip()[-200:]}")
    if system.run(["useradd", "--create-home", USER]) != 0:
        raise UnavailableError("the chroot would not take a user")
    (system.root / STAMP).touch()


def copy_settings(system: Chroot) -> None:
    """Give the system this machine's way to the network: its resolver, its hosts, its authorities."""
    own = {"/etc/ssl/certs/ca-certificates.crt": AUTHORITIES}
    for name in ("/etc/resolv.conf", "/etc/hosts", *own):
        if Path(name).exists():
            target = system.path(own.get(name, name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, target)
