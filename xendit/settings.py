"""Settings that a program leaves to its environment: key, host and webhook token, read when they are needed.

Some modules make their client or webhook endpoint while they are imported. They must not fail because a secret is not
there yet, and must not keep a value that a test set for a moment. So nothing is read at import. `find_setting` is
called by the first call of a client, by the first request to an endpoint, and by the tools that say what is missing.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["ALLOW_HTTP", "API_KEY", "BASE_URL", "WEBHOOK_TOKEN", "Setting", "find_setting", "flaw_of"]

API_KEY = "XENDIT_API_KEY"
"""The secret API key."""
BASE_URL = "XENDIT_BASE_URL"
"""The base URL of the API; else Xendit's own."""
ALLOW_HTTP = "XENDIT_ALLOW_HTTP"
"""Names of hosts that may be called over http:// with a test key: separated by commas in the environment, as a list in
Django's settings."""
WEBHOOK_TOKEN = "XENDIT_WEBHOOK_TOKEN"  # noqa: S105 - the name of the setting
"""The webhook token, or several: separated by commas in the environment, as a list in Django's settings."""

_stand_in: Mapping[str, str] | None = None
"""Installed by the testing tools while a sandbox stands in for Xendit: the three settings by name. It goes before every
other source but an argument, so that modules that were imported earlier, or with other settings, use the sandbox
too."""


class Setting:
    """A setting that was found.

    Args:
        value: what was found; not None and not `""`.
        origin: where it was found, in words for a message.
        lasting: whether it may be kept. The value of a sandbox holds for one test only, and must be looked up each
        time.
    """

    __slots__ = ("lasting", "origin", "value")

    def __init__(self, value: object, origin: str, *, lasting: bool = True) -> None:
        self.value = value
        self.origin = origin
        self.lasting = lasting

    def __repr__(self) -> str:
        return f"<Setting from {self.origin}>"


def find_setting(name: str) -> Setting | None:
    """The setting of this name, from where the program runs.

    It is looked for in the sandbox that stands in for Xendit during a test, then in the environment, then in Django's
    settings where Django is configured. None and `""` count as not given, because that is how `.env` files, Compose
    files and `os.environ.get(name, "")` write that there is nothing.

    Args:
        name: `API_KEY`, `ALLOW_HTTP`, `BASE_URL` or `WEBHOOK_TOKEN`.

    Returns:
        What was found, unchecked: text from the environment, any type from Django's settings. None: nothing.
    """
    if _stand_in is not None and _stand_in.get(name):
        return Setting(_stand_in[name], "the sandbox of the test", lasting=False)
    value = os.environ.get(name)
    if value:
        return Setting(value, f"the environment variable {name}")
    value = _of_django(name)
    return None if value in (None, "") else Setting(value, f"{name} of Django's settings")


def is_standing_in() -> bool:
    """Whether a sandbox stands in for Xendit at the moment."""
    return _stand_in is not None


def _of_django(name: str) -> Any:
    """Django's setting, or None. This neither loads nor configures Django in a program that has not done so itself."""
    conf = sys.modules.get("django.conf")
    settings = getattr(conf, "settings", None)
    # `configured` is False until the settings module was executed to its end. So nothing is loaded here for a settings
    # module that makes a client itself, or for a program that never configured Django.
    if settings is None or not settings.configured:
        return None
    return getattr(settings, name, None)


def flaw_of(secret: str) -> str | None:
    """What is wrong with the form of a key or token, as the end of a sentence; None if nothing is.

    The text names the defect and never shows the secret.
    """
    if secret[0] in "\"'" or secret[-1] in "\"'":
        return "is in quotes, which `docker --env-file` and some .env readers keep: remove them"
    if any(character.isspace() for character in secret):
        return "holds a space or a line end; remove it"
    if not secret.isascii() or not secret.isprintable():
        return "holds a character that is not printable ASCII; copy it again from the dashboard"
    return None
