"""`xendit webhooks replay`: a webhook of the sandbox or of a file, sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.control import control
from xendit.cli.ending import NOT_FOUND, OK, USAGE, CommandFailure
from xendit.cli.events import tell_deliveries
from xendit.cli.extra import click
from xendit.cli.frame import json_option, sandbox_option
from xendit.cli.output import Output
from xendit.cli.webhooks.group import webhooks
from xendit.cli.webhooks.posting import REMOTE, TIMES, checked_receiver, post, show_answers, token_of

if TYPE_CHECKING:
    from xendit.cli.control import ControlPlane


@webhooks.command(
    examples=[
        "xendit webhooks replay last --times 3",
        "xendit webhooks replay order-1",
        "xendit webhooks replay body.json --to http://localhost:8000/webhooks/xendit",
    ]
)
@click.argument("what")
@click.option("--to", "url", metavar="URL", help="Send it there instead, from here.")
@TIMES
@REMOTE
@sandbox_option
@json_option
def replay(what: str, url: str | None, times: int, allow_remote: bool, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Send a webhook again, as it was: one of the sandbox, or a body in a file.

    WHAT is `last`, a webhook id, an invoice or a refund of the sandbox (its id, or your own for it), or the name of a
    file.
    """
    output = Output(as_json=as_json)
    if url is not None:
        url = checked_receiver(url, allow_remote=allow_remote)
    file = Path(what)
    if file.is_file():
        if url is None:
            raise click.UsageError("give --to URL for the body of a file")
        raw = file.read_bytes()
        try:
            body = json.loads(raw)
        except ValueError:
            raise CommandFailure(f"{what} is no JSON", USAGE) from None
        if not isinstance(body, dict):
            raise CommandFailure(f"{what} holds no JSON object", USAGE)
        token = token_of()
        return show_answers(output, url, body, [post(url, raw, token) for _ in range(times)])
    plane = control(base_url)
    found = _last_delivery(plane, what)
    body = found["request"]["body"]
    if url is not None:
        raw, token = json.dumps(body, separators=(",", ":")).encode(), token_of()
        return show_answers(output, url, body, [post(url, raw, token, found["id"]) for _ in range(times)])
    known = len(plane.get("/deliveries", subject=found["subject"]))
    plane.post(f"/webhooks/{found['id']}/resend", {"times": times})
    shown = {"id": found["id"], found["kind"]: found["reference"], "status": found["subject_status"], "times": times}
    output.record(list(shown.items()), shown)
    tell_deliveries(output, plane, found["subject"], known, expected=times)
    return OK


def _last_delivery(plane: ControlPlane, what: str) -> dict[str, Any]:
    """The last delivery of a webhook, an invoice, or of all."""
    for each in reversed(plane.get("/deliveries")):
        if what in ("last", each["id"], each["subject"], each["reference"]):
            return dict(each)
    missing = (
        "the sandbox has sent no webhook yet" if what == "last" else f"the sandbox has sent no webhook about {what!r}"
    )
    raise CommandFailure(missing, NOT_FOUND)
