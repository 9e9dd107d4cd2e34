"""Sending a webhook to an endpoint as Xendit does: the token, the request, and what the endpoint answered."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from xendit.cli.connection import is_local
from xendit.cli.ending import API, AUTH, NETWORK, OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.display import money

if TYPE_CHECKING:
    from xendit.cli.output import Output

#: Seconds that a receiver has to answer, as Xendit gives it.
PATIENCE = 30.0


def token_of() -> str:
    """The token with which webhooks are sent. Raises CommandFailure when there is none, or it is malformed."""
    return tokens_of_terminal()[0]


def tokens_of_terminal() -> list[str]:
    """The tokens of the environment, else of the sandbox that runs. Raises CommandFailure when there are none."""
    from xendit.cli.running import find_running
    from xendit.exceptions import ConfigurationException
    from xendit.webhook.verify import SET_TOKEN, usable_tokens

    try:
        named = [str(token) for token in usable_tokens()]
    except ConfigurationException as problem:
        raise CommandFailure(str(problem), AUTH) from None
    if named:
        return named
    found = find_running()
    if found is None:
        raise CommandFailure("there is no webhook token", AUTH, hint=SET_TOKEN)
    return [found.callback_token]


class Reply(NamedTuple):
    """What a receiver answered."""

    status: int
    body: str
    milliseconds: float


def checked_receiver(url: str, *, allow_remote: bool) -> str:
    """A receiver's URL. Raises CommandFailure for one on another machine that was not allowed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise click.UsageError("the receiver must be a URL such as http://localhost:8000/webhooks/xendit")
    if not allow_remote and not is_local(url):
        raise CommandFailure(
            f"{parts.hostname} is not this machine, and the webhook would bear your token",
            USAGE,
            hint="give --allow-remote if you mean it",
        )
    return url


def post(url: str, body: bytes, token: str, webhook_id: str | None = None) -> Reply:
    """Send a webhook as Xendit does. Raises CommandFailure when there is no answer."""
    from xendit.testing.webhooks import signed

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port or (443 if secure else 80), timeout=PATIENCE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = signed(body, token, webhook_id=webhook_id)
    began = time.monotonic()
    try:
        connection.request("POST", path, request.body, {**request.headers, "User-Agent": "xendit-cli"})
        with connection.getresponse() as response:
            text = response.read(65_536).decode("utf-8", "replace")
            return Reply(response.status, text, round((time.monotonic() - began) * 1000, 3))
    except TimeoutError:
        raise CommandFailure(
            f"{url} did not answer within {PATIENCE:g} s, which Xendit counts as lost", NETWORK
        ) from None
    except (OSError, http.client.HTTPException) as problem:
        said = getattr(problem, "strerror", None) or type(problem).__name__
        raise CommandFailure(f"{url}: {said}", NETWORK, hint="is your application running there?") from None
    finally:
        connection.close()


def described(body: dict[str, Any]) -> tuple[str, str, str]:
    """What the body of a webhook says: its state, the reference of what it is about, and an amount; `""` for what is not there.

    Webhooks of refunds have an envelope, `{"event": ..., "data": {...}}`; those of invoices and of reports have none.
    """
    data = body.get("data")
    about = data if isinstance(data, dict) else body
    reference = next((about[name] for name in ("external_id", "reference_id", "id") if about.get(name)), "")
    return str(about.get("status") or ""), str(reference), money(about.get("amount"), about.get("currency"))


def show_answers(output: Output, url: str, body: dict[str, object], answers: list[Reply]) -> int:
    """Show what a receiver answered; exit code 1 when it was not 2xx."""
    last = answers[-1]
    good = all(200 <= each.status < 300 for each in answers)
    from xendit.products import products

    status, reference, _ = described(body)
    noun = next((f"{product.noun}." for product in products() if "" in product.events), "")
    named = body.get("event") or f"{noun if 'external_id' in body else ''}{status.lower() or '?'}"
    facts = [
        ("webhook", f"{named} of {reference}" if reference else f"{named}"),
        ("sent to", url),
        ("answered", ", ".join(str(each.status) for each in answers)),
        ("in", f"{last.milliseconds:.0f} ms"),
        ("answer", last.body.strip()[:200] or "(empty)"),
    ]
    whole = {"url": url, "body": body, "answers": [each._asdict() for each in answers]}
    output.record(facts, whole)
    if not good:
        output.say("Xendit would count this as failed and send it again")
    return OK if good else API


TO = click.option("--to", "url", metavar="URL", required=True, help="Your webhook endpoint.")
REMOTE = click.option("--allow-remote", is_flag=True, help="Also to another machine. The webhook bears your token.")
TIMES = click.option("--times", type=click.IntRange(1, 100), default=1, help="How often: duplicates do happen.")
