"""A sandbox stands in for Xendit while a test runs: clients and endpoints that were given no settings use it.

Modules of an application may make their client or webhook endpoint when they are imported, before the test or during
it. So the sandbox's settings are put where both look when they are used (`xendit.settings`). After the test the
settings are gone, and clients and endpoints keep nothing of what they found meanwhile. Clients and endpoints that were
given a key, host or token of their own keep it; but a call with a live key, or to Xendit's own host, is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from xendit.static_typing import hinted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xendit.sandbox import Sandbox

__all__ = ["refusal", "settings_of", "use_sandbox"]


@hinted
@contextmanager
def use_sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Let this sandbox stand in for Xendit until the block ends: what the fixture `xendit_sandbox` does in pytest.

        class ShopTest(TestCase):
            def setUp(self):
                sandbox = Sandbox().start()
                self.addCleanup(sandbox.close)
                standing_in = use_sandbox(sandbox)
                self.sandbox = standing_in.__enter__()
                self.addCleanup(standing_in.__exit__, None, None, None)

    From Python 3.11, `self.sandbox = self.enterContext(use_sandbox(sandbox))` does the last three lines.

    Args:
        sandbox: one that was started.
    """
    import os

    from xendit import configuration, settings

    named = settings_of(sandbox)
    before = {name: os.environ.get(name) for name in named}
    stood_before = settings._stand_in, configuration._guard  # noqa: SLF001 - the two places made for this
    os.environ.update(named)
    settings._stand_in, configuration._guard = named, refusal  # noqa: SLF001
    try:
        yield sandbox
    finally:
        settings._stand_in, configuration._guard = stood_before  # noqa: SLF001
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def settings_of(sandbox: Sandbox) -> dict[str, str]:
    """The settings that name a sandbox, as the environment has them."""
    from xendit.settings import API_KEY, BASE_URL, WEBHOOK_TOKEN

    return {API_KEY: sandbox.api_key, BASE_URL: sandbox.url, WEBHOOK_TOKEN: sandbox.callback_token}


def refusal(host: str, key: str) -> str | None:
    """Say why a client must not be used while a sandbox stands in; None when it may."""
    from urllib.parse import urlsplit

    from xendit.keys import mode_of

    if mode_of(key) == "live":
        return "the API key is a live one, and the test uses xendit_sandbox: keep live keys away from tests"
    name = (urlsplit(host).hostname or "").rstrip(".")
    if name == "xendit.co" or name.endswith(".xendit.co"):
        return f"the host is {name} itself, and the test uses xendit_sandbox: set XENDIT_BASE_URL, or give host="
    return None
