"""The group `xendit webhooks`. Each of its commands is loaded from the module beside this one when it is used."""

from __future__ import annotations

from xendit.cli.extra import click
from xendit.cli.frame import Group, product_homes


@click.group(
    cls=Group,
    homes={
        "send": ("webhooks.send", "send", "Send a webhook that is made up, to see what your endpoint does."),
        "verify": ("webhooks.verify", "verify", "Judge a recorded request as your endpoint does."),
        "replay": ("webhooks.replay", "replay", "Send a webhook again, as it was."),
        **product_homes("webhooks"),
    },
    examples=[
        "xendit webhooks verify request.txt",
        "xendit webhooks send paid --to http://localhost:8000/webhooks/xendit --external-id order-1 --amount 150000",
        "xendit webhooks replay last --times 3",
        "xendit webhooks listen --forward-to http://localhost:8000/webhooks/xendit",
    ],
)
def webhooks() -> None:
    """Verify, send, replay and follow webhooks.

    The webhook token is read from XENDIT_WEBHOOK_TOKEN; where a sandbox runs and none is set, it is the sandbox's.
    """
