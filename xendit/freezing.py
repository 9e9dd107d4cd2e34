"""Tells PyInstaller where its hooks for this package are. PyInstaller asks through the entry point `pyinstaller40`."""

from __future__ import annotations

import os

__all__ = ["hook_dirs"]


def hook_dirs() -> list[str]:
    """The directories with hooks for PyInstaller."""
    return [os.path.join(os.path.dirname(__file__), "hooks")]  # noqa: PTH118, PTH120 - pathlib is not worth its import
