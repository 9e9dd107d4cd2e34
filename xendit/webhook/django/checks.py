"""The system checks: what in the settings would keep webhooks from being received or handled."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning
from django.utils.module_loading import import_string

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

WORKER_SETTING = "XENDIT_WEBHOOK_WORKER"


def worker_of_settings() -> Any:
    """The worker that the setting names. Raises ImportError or TypeError in words for a person."""
    path = getattr(settings, WORKER_SETTING, None)
    if not isinstance(path, str) or not path:
        raise TypeError(f'set {WORKER_SETTING} to the dotted path of your worker, such as "shop.webhooks.worker"')
    worker = import_string(path)
    if not callable(getattr(worker, "drain", None)):
        raise TypeError(
            f"{WORKER_SETTING} is {path!r}, which is {type(worker).__name__} and neither a Worker nor a"
            " TransactionWorker"
        )
    return worker


def check_settings(**_: object) -> list[CheckMessage]:
    """Judge the token, the worker and the databases' time limits."""
    found: list[CheckMessage] = []
    if os.environ.get("XENDIT_WEBHOOK_TOKEN") == "":
        found.append(
            Error(
                "XENDIT_WEBHOOK_TOKEN is empty in the environment.", id="xendit_webhook.E001", hint="Unset or fill it."
            )
        )
    if getattr(settings, WORKER_SETTING, None) is None:
        found.append(
            CheckWarning(
                f"{WORKER_SETTING} is not set: `manage.py xendit_drain` does not know your worker.",
                id="xendit_webhook.W001",
                hint='Set it to a dotted path, such as "shop.webhooks.worker".',
            )
        )
    else:
        try:
            worker_of_settings()
        except (ImportError, TypeError) as error:
            found.append(Error(str(error), id="xendit_webhook.E002"))
    for alias, database in settings.DATABASES.items():
        engine = str(database.get("ENGINE", ""))
        options = database.get("OPTIONS") or {}
        if engine.endswith(("postgresql", "mysql", "postgis")) and "connect_timeout" not in options:
            found.append(
                CheckWarning(
                    f"DATABASES[{alias!r}] has no connect_timeout: while that server cannot be reached, a webhook"
                    " hangs longer than the 30 s that Xendit waits.",
                    id="xendit_webhook.W002",
                    hint='Add "OPTIONS": {"connect_timeout": 5}.',
                )
            )
    return found
