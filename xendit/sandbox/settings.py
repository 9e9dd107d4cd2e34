"""The settings with which a `Sandbox` is made: which are refused, and which of them the file keeps."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from xendit.sandbox.state import Assumptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.storage import Storage


def check_address(listen: str, *, exposed: bool) -> None:
    """Refuse an address that other machines can reach, unless `exposed` says that this is wanted. Raises ValueError."""
    try:
        loopback = listen == "localhost" or ipaddress.ip_address(listen).is_loopback
    except ValueError:
        raise ValueError("listen must be an IP address of this machine, such as 127.0.0.1") from None
    if not loopback and not exposed:
        raise ValueError(
            f"listen={listen!r} opens the sandbox, with all that it can do and without a key, to everyone who "
            "reaches this machine; give exposed=True as well if that is what you want"
        )


def assumptions_of(storage: Storage | None, given: Assumptions | None, choices: JsonMapping) -> Assumptions:
    """Give the assumptions that count, and store them beside the records that are made under them. Raises ValueError."""
    if given is None and storage is not None:
        given = Assumptions.of_names(storage.setting("assumptions") or {}, lenient=True)
    given = Assumptions.of_names({**(given or Assumptions()).switched(), **choices})
    if storage is not None:
        storage.set_setting("assumptions", given.switched())
    return given


def several(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """Take a collection of names. Raises ValueError for a single text, which would be read as a collection of letters."""
    if isinstance(given, str):
        raise ValueError(f"{name} must be a collection of names, not one text")  # noqa: TRY004
    return tuple(given)
