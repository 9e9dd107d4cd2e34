"""The inbox in Django: an app with its migration, admin page, system check and the command `xendit_drain`.

    INSTALLED_APPS = [..., "xendit.webhook.django"]

    from xendit.webhook.django import DjangoInbox

Django is imported when a name is asked for, not before.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.webhook.django.inbox import DjangoInbox as DjangoInbox

__all__ = ["DjangoInbox"]


if not TYPE_CHECKING:  # Django allows models to be imported only when the apps are ready

    def __getattr__(name: str) -> object:
        if name != "DjangoInbox":
            raise AttributeError(f"module 'xendit.webhook.django' has no attribute {name!r}")
        from xendit.webhook.django.inbox import DjangoInbox

        return DjangoInbox
