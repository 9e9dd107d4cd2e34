"""A Django site with the inbox's app, its admin and a shop: `django_site.py <what> <database> [arguments]`.

`check` (what our system check says), `system_check` (`manage.py check`), `serve PORT` (for a look at the admin), or any management command. The environment variable WORKER names the
worker of the settings.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.urls import path


def configure(database: str) -> None:
    """Set the site up."""
    contrib = ["admin", "auth", "contenttypes", "messages", "sessions"]
    extra: dict[str, Any] = {"XENDIT_WEBHOOK_WORKER": os.environ["WORKER"]} if "WORKER" in os.environ else {}
    if database == "postgresql":
        databases: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}
    else:
        databases = {"ENGINE": "django.db.backends.sqlite3", "NAME": database}
    settings.configure(
        DEBUG=True,
        SECRET_KEY="for tests",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            *(f"django.contrib.{name}" for name in contrib),
            "django.contrib.staticfiles",
            "xendit.webhook.django",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={"default": databases},
        STATIC_URL="/static/",
        USE_TZ=True,
        **extra,
    )
    django.setup()


def __getattr__(name: str) -> Any:
    if name == "urlpatterns":
        from django.contrib import admin

        from xendit.webhook import Webhook
        from xendit.webhook.adapters.django import webhook_view
        from xendit.webhook.django import DjangoInbox

        return [path("admin/", admin.site.urls), path("hook", webhook_view(Webhook(DjangoInbox())))]
    if name in ("worker", "no_worker"):
        from xendit.webhook import TransactionWorker
        from xendit.webhook.django import DjangoInbox

        return TransactionWorker(DjangoInbox(), handle) if name == "worker" else print
    raise AttributeError(name)


def handle(event: Any, _connection: Any) -> None:
    """Fail where the order says so."""
    if "bad" in event.external_id:
        raise ValueError(f"no stock for {event.external_id}, ordered by ayu@example.com")
    with Path(os.environ.get("EFFECTS", os.devnull)).open("a") as effects:
        effects.write(event.external_id + "\n")


def fill(many: int) -> None:
    """Put events of each kind and state into the inbox, and make an administrator."""
    from django.contrib.auth.models import User
    from inbox_contract import event

    from xendit.webhook import TransactionWorker, read_event
    from xendit.webhook.django import DjangoInbox

    User.objects.create_superuser("admin", "admin@example.com", "admin")
    inbox = DjangoInbox()
    for number in range(many):
        inbox.add(event(id=f"inv-{number}", external_id=f"order-{number}" + ("-bad" if number % 5 == 0 else "")))
    TransactionWorker(inbox, handle, attempts=1).drain(limit=many - 2)
    inbox.add(event("EXPIRED", id="inv-1", external_id="order-1"))
    for payment_id in ("ewc_1", "ewc_2"):
        inbox.add(event("PAID", id="inv-2", external_id="order-2", payment_id=payment_id))
    inbox.add(read_event(b'{"id": "x", "user_id": "usr", "status": "PAID", "amount": "a lot"}'))
    inbox.add(read_event(b'{"event":"refund.succeeded","business_id":"b","created":"c","data":{"id":"RFD-1"}}'))


def admin() -> None:
    """Click through the admin as an administrator does; fails with what is wrong."""
    from django.test import Client

    from xendit.webhook.django import DjangoInbox
    from xendit.webhook.django.models import InboxEvent

    browser = Client()
    assert browser.login(username="admin", password="admin")
    place = "/admin/xendit_webhook/inboxevent/"
    listing = browser.get(place)
    assert listing.status_code == 200
    for text in ("order-1", "second_payment", "unreadable", "dead"):
        assert text in listing.content.decode()
    found = browser.get(place, {"state__exact": "dead", "q": "order-0-bad"}).content.decode()
    assert "order-0-bad" in found
    assert "order-1<" not in found
    dead = InboxEvent.objects.get(external_id="order-0-bad")
    page = browser.get(f"{place}{dead.pk.replace('/', '_2F')}/change/").content.decode()
    assert "no stock for order-0-bad, ordered by ***" in page
    assert "&quot;external_id&quot;: &quot;order-0-bad&quot;" in page
    assert 'name="_save"' not in page
    assert "ayu@example.com" not in page
    assert browser.get(f"{place}add/").status_code == 403
    assert browser.post(f"{place}{dead.pk.replace('/', '_2F')}/delete/").status_code == 403
    before = InboxEvent.objects.values().get(pk=dead.pk)
    browser.post(f"{place}{dead.pk.replace('/', '_2F')}/change/", {"state": "done", "external_id": "forged"})
    assert InboxEvent.objects.values().get(pk=dead.pk) == before
    working = DjangoInbox().claim()
    assert working is not None
    chosen = {"action": "handle_again", "_selected_action": [dead.pk, working.key]}
    answer = browser.post(place, chosen, follow=True).content.decode()
    assert "1 to be handled again by the next worker." in answer
    assert "1 left alone: a worker has them right now." in answer
    assert InboxEvent.objects.get(pk=dead.pk).state == "waiting"
    # what was handled already is asked about first, and nothing happens until then
    done = InboxEvent.objects.filter(state="done", outcome="handled").first()
    assert done is not None
    chosen = {"action": "handle_again", "_selected_action": [done.pk, dead.pk]}
    question = browser.post(place, chosen).content.decode()
    assert "1 of the 2 chosen events was handled already" in question
    assert InboxEvent.objects.get(pk=done.pk).state == "done"
    answer = browser.post(place, chosen | {"confirmed": "yes"}, follow=True).content.decode()
    assert "2 to be handled again by the next worker." in answer
    assert InboxEvent.objects.get(pk=done.pk).state == "waiting"
    for text in ('<td class="field-amount">1000</td>', done.subject):
        assert text in browser.get(place).content.decode()
    assert Client().get(place).status_code == 302
    print("seen")


def commits() -> None:
    """A handler that commits: a dead letter at once, and nothing of what it wrote."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction
    from inbox_contract import event

    from xendit.webhook import TransactionWorker
    from xendit.webhook.django import DjangoInbox

    call_command("migrate", verbosity=0)
    inbox = DjangoInbox()

    def ends(end: Any) -> Any:
        def handle(found: Any, connection: Any) -> None:
            User.objects.create(username=found.invoice_id)
            end(connection)

        return handle

    ways = (lambda each: each.commit(), lambda _: transaction.commit(), lambda _: transaction.rollback())
    for number, end in enumerate(ways):
        inbox.add(event(id=f"inv-{number}"))
        assert TransactionWorker(inbox, ends(end)).drain() == (0, 0, 0, 1, 0)
    assert User.objects.count() == 0
    assert all("the handler ends the transaction itself" in str(letter.error) for letter in inbox.letters())
    print("found out")


def keeps() -> None:
    """A connection is kept from one transaction to the next, and given up when it is old or broken."""
    import time

    from django.core.management import call_command
    from django.db import connection
    from django.db.backends.signals import connection_created
    from inbox_contract import event

    from xendit.webhook import TransactionWorker
    from xendit.webhook.django import DjangoInbox

    call_command("migrate", verbosity=0)
    made: list[object] = []
    connection_created.connect(lambda **_: made.append(_), weak=False)
    inbox = DjangoInbox()
    for number in range(20):
        inbox.add(event(id=f"inv-{number}"))
    assert TransactionWorker(inbox, lambda *_: None).drain().handled == 20
    assert len(made) < 10, len(made)  # one in fact; another for every ten seconds that this took
    used = connection.connection
    connection.close_at = time.monotonic() - 60
    inbox.tally()
    assert connection.connection is not used
    connection.connection.close()  # as where the database was begun anew
    connection.errors_occurred = True
    assert inbox.add(event(id="inv-20")).is_new
    print("kept")


def without_autocommit() -> None:
    """A database under which Django commits nothing by itself: no event is acknowledged, and the check says so."""
    from inbox_contract import event

    from xendit.exceptions import ConfigurationException
    from xendit.webhook.django import DjangoInbox
    from xendit.webhook.django.checks import check_settings

    settings.DATABASES["default"]["AUTOCOMMIT"] = False
    inbox = DjangoInbox()
    for use in (lambda: inbox.add(event()), inbox.claim, inbox.tally):
        try:
            use()
        except ConfigurationException as error:
            assert "would be acknowledged and not be stored" in str(error), error
        else:
            raise AssertionError("it was not refused")
    print([message.id for message in check_settings() if message.id == "xendit_webhook.W004"])


def main(what: str, database: str, *arguments: str) -> None:
    """Do one thing."""
    configure(database)
    from django.core.management import call_command

    if what == "fill":
        call_command("migrate", verbosity=0)
        fill(int(arguments[0]))
    elif what == "admin":
        admin()
    elif what == "commits":
        commits()
    elif what == "keeps":
        keeps()
    elif what == "without_autocommit":
        without_autocommit()
    elif what == "check":
        from xendit.webhook.django.checks import check_settings

        for message in check_settings():
            print(message.id, message.msg)
    elif what == "serve":
        call_command("runserver", arguments[0], use_reloader=False)
    elif what == "system_check":  # as `manage.py check` does, with its exit code
        call_command("check")
    else:
        call_command(what, *arguments)


if __name__ == "__main__":
    sys.modules["django_site"] = sys.modules["__main__"]
    main(*sys.argv[1:])
