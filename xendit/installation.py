"""What is installed beside this package: the official SDK, which breaks it, and libraries that are missing or broken."""

from __future__ import annotations

import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import NoReturn


def is_missing(error: ImportError, module: str) -> bool:
    """Whether an import failed because this module is not installed, and not because it is installed but broken."""
    is_hidden = sys.modules.get(module, error) is None  # tests hide installed modules in this way
    return isinstance(error, ModuleNotFoundError) and (error.name == module or is_hidden)


def explain(error: ImportError, module: str, need: str, remedy: str) -> NoReturn:
    """Raise an ImportError that says what to install, or why an installed module cannot be imported.

    Args:
        error: what importing it, or something of it, raised.
        module: its name.
        need: who needs it, as a sentence without its end: "AsyncApiClient needs aiohttp".
        remedy: how it is installed.
    """
    if is_missing(error, module):
        raise ImportError(f"{need}: {remedy}", name=module) from None
    cause = f"{type(error).__name__}: {error}"
    raise ImportError(f"{need}, which is installed and cannot be imported ({cause})", name=module) from error


def clash() -> str | None:
    """One sentence when `xendit-python` is installed beside `xendit-sdk`, else None.

    Both put files into the package `xendit`; the one that was installed last overwrote files of the other.
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
