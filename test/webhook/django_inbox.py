"""Run every promise of inbox_contract.py on a DjangoInbox: `django_inbox.py <address of a database>`."""

from __future__ import annotations

import sys

from inbox_contract import PROMISES, WORKER_PROMISES, Clock
from shop import DjangoShop


def main(url: str) -> None:
    """Keep them, or fail with the first that is not."""
    shop = DjangoShop({"url": url, "seed": 0, "place": "."})
    shop.make()
    from xendit.webhook.django import DjangoInbox
    from xendit.webhook.django.models import InboxEvent

    for promise in [*PROMISES, *WORKER_PROMISES]:
        clock = Clock()
        promise(DjangoInbox(now=clock), clock)
        InboxEvent.objects.all().delete()
        print("kept", promise.__name__)


if __name__ == "__main__":
    main(sys.argv[1])
