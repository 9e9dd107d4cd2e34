"""The browser that the sandbox's pages are tested in: found, or installed from Debian's package.

`python tools/chromium.py` installs it where it is missing and may be installed (as root, with apt-get). Only the
standard library may be imported here.
"""

from __future__ import annotations

import os
import shutil
import sys

from debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Give the path of a Chromium: the one that `CHROMIUM` names, else the first on the path; None without one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def install_chromium() -> str | None:
    """Install Chromium unless it is there; say in one sentence why it cannot be had, or give None."""
    return install("Chromium", "chromium", lambda: find_chromium() is not None)


if __name__ == "__main__":
    print(f"Chromium: {install_chromium() or 'is here'}")
    sys.exit(0)
