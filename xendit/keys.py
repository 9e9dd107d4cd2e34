"""Keys: what can be an API key, where a key comes from, and how it may be shown. Nothing here shows a whole key."""

from __future__ import annotations

from xendit.exceptions import ConfigurationException
from xendit.headers import Secret
from xendit.settings import flaw_of
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn


def refuse(problem: str) -> NoReturn:
    """Raise the ConfigurationException of a key or setting that cannot be used."""
    raise ConfigurationException(f"{problem}; no request was made")


def checked_key(key: object, origin: str = "") -> str:
    """The key, if it can be one. The error names the defect and the origin, and never the key."""
    where = f" (from {origin})" if origin else ""
    if not isinstance(key, str):
        refuse(f"the API key{where} must be a str, {type_name(key)} was given")
    if not key:
        refuse(f"the API key{where} is empty")
    flaw = flaw_of(key)
    if flaw is None and key.endswith(":"):
        flaw = "ends with a colon, which belongs to curl's -u and not to the key: remove it"
    if flaw is None and key.startswith("xnd_public_"):
        flaw = (
            "is a public key, which can neither create nor read: use the secret key, which says development or"
            " production where this one says public"
        )
    if flaw is None and len(key) > 255:
        flaw = f"is {len(key)} characters long, no key is longer than 255"
    if flaw is not None:
        refuse(f"the API key{where} {flaw}")
    return key


def hidden(key: object) -> Any:
    """The same key, as a text whose repr does not show it in frames and attributes."""
    if isinstance(key, dict):
        return {name: hidden(each) for name, each in key.items()}
    return Secret(key) if isinstance(key, str) else key


class KeySource:
    """Where a key comes from, and the way to ask for it. It shows the key in no attribute, repr or frame.

    Args:
        key: the key as text, or a function that returns it.
        origin: where it was given, in words for a message; `""` for an argument.
    """

    __slots__ = ("_function", "_is_right", "_text", "origin")

    def __init__(self, key: str | Callable[[], str], origin: str = "") -> None:
        self._function = None if isinstance(key, str) else key
        self._text = Secret(key) if isinstance(key, str) else Secret()
        self._is_right = False
        self.origin = origin

    def __call__(self) -> str:
        """The key of this moment. Raises ConfigurationException for what cannot be a key."""
        if self._is_right:  # checked by an earlier attempt
            return self._text
        if self._function is not None:
            return checked_key(hidden(self._function()), "the function that was given")
        checked_key(self._text, self.origin)
        self._is_right = True
        return self._text

    def known(self) -> str | None:
        """The key, unchecked, where it is known without calling the user's function; else None."""
        return self._text if self._function is None else None

    def __repr__(self) -> str:
        return "<KeySource>"


def key_source(key: Any, origin: str = "") -> KeySource | None:
    """The source of a key that was given as `hidden` returns it; None for None and `""`, which count as not given.

    Args:
        key: text, a function, or a dict with one of them, as the official class documents.
        origin: where it was given.

    Raises:
        ConfigurationException: it is of another type.
    """
    if key is None or (isinstance(key, str) and not key):
        return None
    if isinstance(key, str):
        return KeySource(key, origin)
    if hasattr(key, "__call__"):  # noqa: B004 - callable() would tell a checker more than is known of the function
        return KeySource(key, origin)
    values = list(key.values()) if hasattr(key, "values") else []
    if len(values) != 1:
        refuse(f"the API key must be a str or a function that returns one, {type_name(key)} was given")
    return key_source(values[0], origin)


def masked(key: str) -> str:
    """A key as it may be shown: its kind and its last four characters."""
    kind = key[: key.rfind("_") + 1] if key.startswith("xnd_") else ""
    return f"{kind}***{key[-4:] if len(key) >= 24 else ''}"


def shown_key(key: KeySource | None) -> str | None:
    """A source of keys as it may be shown. Its function is not called; a text that cannot be a key is only named so."""
    if key is None:
        return None
    known = key.known()
    if known is None:
        return "from a function"
    try:
        return masked(key())
    except ConfigurationException:
        return "cannot be a key"


def mode_of(key: str) -> str:
    """`test`, `live` or `unknown`, by the key's prefix (source: Xendit's quick-setup page)."""
    for mode, word in (("test", "_development_"), ("live", "_production_")):
        if word in key:
            return mode
    return "unknown"
