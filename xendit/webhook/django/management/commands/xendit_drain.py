"""`manage.py xendit_drain`: run the worker that the setting XENDIT_WEBHOOK_WORKER names."""

from __future__ import annotations

import signal
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from xendit.exceptions import ApiValueError
from xendit.webhook.django.checks import worker_of_settings

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any


class Command(BaseCommand):
    """Handles events of the inbox until it is stopped with SIGTERM or Ctrl-C, after the event under way."""

    help = "Handles the webhooks in the inbox, with the worker that XENDIT_WEBHOOK_WORKER names."

    def add_arguments(self, parser: Any) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="handle what is due now, and end: for cron")
        parser.add_argument(
            "--poll", type=float, default=1.0, metavar="SECONDS", help="how often to look for new events (1)"
        )
        parser.add_argument(
            "--purge", type=int, metavar="DAYS", help="first delete what was done longer ago; at least 31"
        )

    def handle(self, *_: object, once: bool, poll: float, purge: int | None, **__: object) -> None:
        """Run the command."""
        try:
            worker = worker_of_settings()
        except (ImportError, TypeError) as error:
            raise CommandError(str(error)) from error
        if poll <= 0:
            raise CommandError("--poll must be more than 0 seconds")
        if purge is not None:
            try:
                purged = worker.inbox.purge(timedelta(days=purge))
            except ApiValueError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"purged {purged}")
        if once:
            drained = worker.drain()
            told = ", ".join(f"{count} {name}" for name, count in drained._asdict().items() if count)
            self.stdout.write(told or "nothing to do")
        else:
            before = {each: signal.signal(each, lambda *_: worker.stop()) for each in (signal.SIGTERM, signal.SIGINT)}
            self.stdout.write("waiting for webhooks; Ctrl-C ends it")
            try:
                worker.run(poll)
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)
        tally = worker.inbox.tally(done=True)
        self.stdout.write(
            f"inbox: {tally.waiting} waiting, {tally.working} working, {tally.done} done, {tally.dead} dead"
        )
