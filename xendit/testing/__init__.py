"""Tools for the tests of an application that uses this library. The pytest plugin is in `plugin.py`."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.testing.cassettes import cassette_settings as cassette_settings
    from xendit.testing.standin import use_sandbox as use_sandbox
    from xendit.testing.webhooks import (
        DASHBOARD_TEST as DASHBOARD_TEST,
        WebhookRequest as WebhookRequest,
        expired as expired,
        paid as paid,
        signed as signed,
    )

__all__ = ["DASHBOARD_TEST", "WebhookRequest", "cassette_settings", "expired", "paid", "signed", "use_sandbox"]


if not TYPE_CHECKING:  # every pytest run imports this package: nothing is loaded before it is asked for

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'xendit.testing' has no attribute {name!r}")
        from xendit.testing import cassettes, standin, webhooks

        homes = {"use_sandbox": standin, "cassette_settings": cassettes}
        return getattr(homes.get(name, webhooks), name)
