"""The system checks: what in the settings would keep webhooks from being received or handled."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning as CheckWarning
from django.utils.module_loading import import_string

from xendit.exceptions import ConfigurationException
from xendit.settings import WEBHOOK_TOKEN
from xendit.webhook.verify import SET_TOKEN, usable_tokens

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

WORKER_SETTING = "XENDIT_WEBHOOK_WORKER"


def worker_of_settings() -> Any:
    """The worker that the setting names. Raises ImportError or TypeError, with a message for the person who set it."""
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
    found: list[CheckMessage] = _token_messages()
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
        if database.get("AUTOCOMMIT") is False:
            found.append(
                CheckWarning(
                    f'DATABASES[{alias!r}] has "AUTOCOMMIT": False: a DjangoInbox there refuses every event.',
                    id="xendit_webhook.W004",
                    hint="Remove that setting, or give DjangoInbox another database.",
                )
            )
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


def _token_messages() -> list[CheckMessage]:
    """What is wrong with the token of the settings.

    A missing token is only a warning, because `migrate`, a Celery worker and a build run without one, and an error
    would stop them. A text that cannot be a token is an error, because the endpoint would answer every webhook with
    503.
    """
    try:
        if usable_tokens():
            return []
    except ConfigurationException as error:
        return [Error(f"{error}.", id="xendit_webhook.E001")]
    return [
        CheckWarning(
            f"{WEBHOOK_TOKEN} is not set, neither in the environment nor in Django's settings: without a token of its"
            " own, your webhook endpoint answers 503.",
            id="xendit_webhook.W003",
            hint=f"{SET_TOKEN[0].upper()}{SET_TOKEN[1:]}. Where each Webhook is given tokens=..., silence this check.",
        )
    ]
