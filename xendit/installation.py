"""Finds the official SDK beside this package. Both own the module `xendit`, so that the one breaks the other."""

from __future__ import annotations


def clash() -> str | None:
    """One sentence when `xendit-python` is installed beside `xendit-sdk`, else None.

    Both put files into the module `xendit`; what was installed last overwrote the other's.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("xendit-python")
    except PackageNotFoundError:
        return None
    return (
        f"xendit-python {found} is installed beside xendit-sdk, and both own the module xendit: run"
        " `pip uninstall xendit-python` and then `pip install --force-reinstall xendit-sdk`"
    )
