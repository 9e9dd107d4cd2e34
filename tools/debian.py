"""Programs that tests need and pip cannot bring: installed from Debian's packages where that may be done.

Only the standard library may be imported here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def install(title: str, package: str, is_there: Callable[[], bool]) -> str | None:
    """Install a package unless what it brings is there; say in one sentence why it cannot be had, or give None."""
    if is_there():
        return None
    apt = shutil.which("apt-get")
    if os.name == "nt" or apt is None:
        return f"no {title} on this machine, and no apt-get to install one"
    if os.geteuid() != 0:
        return f"no {title} on this machine, and only root may install one (apt-get install {package})"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "update"], env=environment, capture_output=True, check=False)
    command = [apt, "install", "-y", "--no-install-recommends", package]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return None if is_there() else f"apt-get could not install a {title}: {done.stderr.strip()[-200:]}"
