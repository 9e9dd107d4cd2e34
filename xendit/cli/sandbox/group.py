"""The group `xendit sandbox`. Each of its commands is loaded from the module beside this one when it is used."""

from __future__ import annotations

from xendit.cli.extra import click
from xendit.cli.frame import Group, product_homes


@click.group(
    cls=Group,
    homes={
        "up": ("sandbox.run", "up", "Run the sandbox until Ctrl-C, and show what happens in it."),
        "run": ("sandbox.run", "run", "Run your application beside a sandbox, in one terminal."),
        "demo": ("sandbox.run", "demo", "Show the SDK at work: create, list, pay, webhook, expire, an error."),
        **product_homes("sandbox"),
        "clock": ("sandbox.clock", "clock", "Show or move the sandbox's clock."),
        "fault": ("sandbox.fault", "fault", "Break things on purpose: lost, late and wrong answers and webhooks."),
        "replay": ("sandbox.replay", "replay", "Live through the simulated world of a seed, and show what happened."),
        "status": ("sandbox.state", "status", "Say how the sandbox stands."),
        "reset": ("sandbox.state", "reset", "Forget everything: records, deliveries, faults and counts."),
        "export": ("sandbox.state", "export_state", "Write everything as JSON, for `import` or `--seed`."),
        "import": ("sandbox.state", "import_state", "Take over what `export` wrote."),
        "seed": ("sandbox.state", "seed", "Plant what stands in a .toml or .json file that you wrote."),
        "logs": ("sandbox.logs", "logs", "Show the requests to the API, also as they come."),
        "events": ("sandbox.watch", "events", "Show what happens, as it happens: payments and webhooks."),
    },
    examples=[
        "xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver",
        "xendit sandbox up --webhook-url http://localhost:8000/webhooks/xendit",
        "xendit sandbox pay last",
        "xendit sandbox clock advance 25h",
        "xendit sandbox fault add commit_then_reset --times 1",
    ],
)
def sandbox() -> None:
    """A local Xendit: run it, pay, expire, move its clock, break it.

    `up` and `run` start one; the other commands act on the one that runs, or on the one at XENDIT_BASE_URL.
    An INVOICE is named by its id, by its external id, or by `last` for the newest.
    """
