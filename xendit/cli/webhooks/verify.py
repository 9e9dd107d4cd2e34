"""`xendit webhooks verify`: a recorded request, judged as an endpoint judges it."""

from __future__ import annotations

import sys
from pathlib import Path

from xendit.cli.ending import API, AUTH, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.frame import json_option
from xendit.cli.output import Output
from xendit.cli.webhooks.group import webhooks
from xendit.cli.webhooks.posting import tokens_of_terminal
from xendit.display import money


def read_request(path: str, headers_file: Path | None) -> tuple[list[tuple[str, str]], bytes]:
    """A recorded request: headers and body. Raises click.UsageError when there are no headers.

    The file holds the request as it came over the wire (request line, headers, an empty line, the body), or only
    the body when the headers stand in a file of their own.
    """
    raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    if headers_file is not None:
        return _headers(headers_file.read_text("latin-1")), raw
    head, found, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    if raw.lstrip()[:1] in (b"{", b"[") or not found:
        raise click.UsageError(
            "the file holds no headers, so there is no token to verify: give them with --headers FILE"
        )
    # A line end after the body was put there by an editor, and was not sent.
    return _headers(head.decode("latin-1")), body.rstrip(b"\n")


def _headers(text: str) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in text.splitlines() if not line.startswith(("POST ", "HTTP/")))
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon]


@webhooks.command(
    examples=[
        "xendit webhooks verify request.txt",
        "xendit webhooks verify body.json --headers headers.txt",
    ]
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--headers",
    "headers_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The headers, one a line, where FILE holds the body alone.",
)
@json_option
def verify(file: str, headers_file: Path | None, as_json: bool) -> int:  # noqa: FBT001
    """Judge a recorded request as your endpoint does, against XENDIT_WEBHOOK_TOKEN, and show what it tells.

    FILE is the request as it came: headers, an empty line, the body; `-` is stdin. Exit code 3 when the token is
    wrong, 1 when the body is.
    """
    from xendit.exceptions import WebhookException
    from xendit.webhook.verify import Verifier

    headers, body = read_request(file, headers_file)
    # An editor may have changed the length of the body, so the header is not compared with it.
    headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    verifier = Verifier(tokens_of_terminal())
    try:
        event = verifier.verify(headers, body)
    except WebhookException as problem:
        raise CommandFailure(
            f"an endpoint answers {problem.http_status}: {problem}", AUTH if problem.http_status == 401 else API
        ) from None
    callback = getattr(event, "callback", None)
    facts: list[tuple[str, object]] = [("verified", "yes"), ("event", event.kind), ("dedupe key", event.dedupe_key)]
    if event.external_id is not None:
        facts.append(("external id", event.external_id))
    if callback is not None:
        facts.append(("amount", money(callback.amount, callback.currency)))
    if event.webhook_id is not None:
        facts.append(("webhook id", event.webhook_id))
    Output(as_json=as_json).record(facts, {name.replace(" ", "_"): value for name, value in facts} | {"verified": True})
    return OK
