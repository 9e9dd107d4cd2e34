"""What is installed beside this package and breaks it: the official SDK owns the module `xendit` too."""

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
