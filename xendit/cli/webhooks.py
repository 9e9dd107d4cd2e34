"""`xendit webhooks` and `xendit trigger`: webhooks that are judged, made, sent again and followed, without a tunnel."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from xendit.cli.connection import invoice_api, is_local, target
from xendit.cli.control import ControlPlane, control
from xendit.cli.ending import API, AUTH, NETWORK, NOT_FOUND, OK, USAGE, Failure
from xendit.cli.extra import click
from xendit.cli.flags import AmountType, DurationType, JsonType, json_number
from xendit.cli.frame import Command, Group, connection_options, json_option, sandbox_option
from xendit.cli.output import Output, money, printable
from xendit.typed_amount import check_typed_amount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from decimal import Decimal

    from xendit.cli.connection import Target
    from xendit.invoice.invoice_api import InvoiceApi
    from xendit.invoice.model.invoice import Invoice

#: Seconds that a receiver has to answer, as Xendit gives it.
_PATIENCE = 30.0
#: Two lists every so many seconds stay below the 60 a minute that Xendit allows a test key.
_POLL = 4.0
#: How far a poll looks back beyond the one before, so that it finds what the server lists a little late.
_OVERLAP = 60.0


@click.group(
    cls=Group,
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


def token_of() -> str:
    """The token that webhooks are sent with. Raises Failure when there is none, or none that can be one."""
    return tokens_of_terminal()[0]


def tokens_of_terminal() -> list[str]:
    """The tokens of the environment, else of the sandbox that runs. Raises Failure when there are none."""
    from xendit.cli.running import find_running
    from xendit.exceptions import ConfigurationException
    from xendit.webhook.verify import SET_TOKEN, usable_tokens

    try:
        named = [str(token) for token in usable_tokens()]
    except ConfigurationException as problem:
        raise Failure(str(problem), AUTH) from None
    if named:
        return named
    found = find_running()
    if found is None:
        raise Failure("there is no webhook token", AUTH, hint=SET_TOKEN)
    return [found.callback_token]


# ------------------------------------------------------------------------------------------ sending


class Answer(NamedTuple):
    """What a receiver answered."""

    status: int
    body: str
    milliseconds: float


def checked_receiver(url: str, *, allow_remote: bool) -> str:
    """A receiver's URL. Raises Failure for one on another machine that was not allowed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise click.UsageError("the receiver must be a URL such as http://localhost:8000/webhooks/xendit")
    if not allow_remote and not is_local(url):
        raise Failure(
            f"{parts.hostname} is not this machine, and the webhook would bear your token",
            USAGE,
            hint="give --allow-remote if you mean it",
        )
    return url


def post(url: str, body: bytes, token: str, webhook_id: str | None = None) -> Answer:
    """Send a webhook as Xendit does. Raises Failure when there is no answer."""
    from xendit.testing.webhooks import signed

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port or (443 if secure else 80), timeout=_PATIENCE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = signed(body, token, webhook_id=webhook_id)
    began = time.monotonic()
    try:
        connection.request("POST", path, request.body, {**request.headers, "User-Agent": "xendit-cli"})
        with connection.getresponse() as response:
            text = response.read(65_536).decode("utf-8", "replace")
            return Answer(response.status, text, round((time.monotonic() - began) * 1000, 3))
    except TimeoutError:
        raise Failure(f"{url} did not answer within {_PATIENCE:g} s, which Xendit counts as lost", NETWORK) from None
    except (OSError, http.client.HTTPException) as problem:
        said = getattr(problem, "strerror", None) or type(problem).__name__
        raise Failure(f"{url}: {said}", NETWORK, hint="is your application running there?") from None
    finally:
        connection.close()


def _delivered(output: Output, url: str, body: dict[str, object], answers: list[Answer]) -> int:
    """Show what a receiver answered; exit code 1 when it was not 2xx."""
    last = answers[-1]
    good = all(200 <= each.status < 300 for each in answers)
    facts = [
        ("webhook", f"invoice.{str(body.get('status', '?')).lower()} of {body.get('external_id')}"),
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


_TO = click.option("--to", "url", metavar="URL", required=True, help="Your webhook endpoint.")
_REMOTE = click.option("--allow-remote", is_flag=True, help="Also to another machine. The webhook bears your token.")
_TIMES = click.option("--times", type=click.IntRange(1, 100), default=1, help="How often: duplicates do happen.")


@webhooks.command(
    examples=[
        "xendit webhooks send paid --to http://localhost:8000/webhooks/xendit --external-id order-1 --amount 150000",
        "xendit webhooks send paid --to http://localhost:8000/webhooks/xendit --method EWALLET --channel OVO",
        "xendit webhooks send test --to http://localhost:8000/webhooks/xendit",
    ]
)
@click.argument("kind", type=click.Choice(["paid", "expired", "test"]))
@_TO
@click.option("--external-id", default="order-1", show_default=True, help="Your own id of the order.")
@click.option("--amount", type=AmountType(), metavar="AMOUNT", default="150000", show_default=True, help="Its amount.")
@click.option("--currency", metavar="CODE", default="IDR", show_default=True, help="Its currency.")
@click.option("--method", metavar="CODE", default="BANK_TRANSFER", show_default=True, help="How it was paid.")
@click.option("--channel", metavar="CODE", help="The channel, such as BCA; else the first of the method.")
@click.option("--data", type=JsonType(), metavar="JSON|@FILE|-", help="Fields to add or to replace.")
@_TIMES
@_REMOTE
@json_option
def send(
    kind: str,
    url: str,
    external_id: str,
    amount: Decimal,
    currency: str,
    method: str,
    channel: str | None,
    data: object,
    times: int,
    allow_remote: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Send a webhook that is made up, to see what your endpoint does: no invoice needs to exist.

    `test` is what the dashboard's "Test and save" sends.
    """
    from xendit.testing.webhooks import DASHBOARD_TEST, expired, paid

    if data is not None and not isinstance(data, dict):
        raise click.UsageError("--data must be a JSON object")
    url = checked_receiver(url, allow_remote=allow_remote)
    check_typed_amount(amount, currency)
    order = {"external_id": external_id, "amount": json_number(amount), "currency": currency, **(data or {})}
    try:
        if kind == "test":
            body = {**DASHBOARD_TEST, **(data or {})}
        else:
            body = paid(method, channel, **order) if kind == "paid" else expired(**order)
    except ValueError as problem:
        raise Failure(str(problem), USAGE) from None
    raw, token = json.dumps(body).encode(), token_of()
    return _delivered(Output(as_json=as_json), url, body, [post(url, raw, token) for _ in range(times)])


# ------------------------------------------------------------------------------------------ judging


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
    # A line end that an editor put behind the body was not sent.
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
    # An editor may have changed the length, and it is the body that is judged.
    headers = [pair for pair in headers if pair[0].lower() != "content-length"]
    verifier = Verifier(tokens_of_terminal())
    try:
        event = verifier.verify(headers, body)
    except WebhookException as problem:
        raise Failure(
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


# ------------------------------------------------------------------------------------------ sending again


@webhooks.command(
    examples=[
        "xendit webhooks replay last --times 3",
        "xendit webhooks replay order-1",
        "xendit webhooks replay body.json --to http://localhost:8000/webhooks/xendit",
    ]
)
@click.argument("what")
@click.option("--to", "url", metavar="URL", help="Send it there instead, from here.")
@_TIMES
@_REMOTE
@sandbox_option
@json_option
def replay(what: str, url: str | None, times: int, allow_remote: bool, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Send a webhook again, as it was: one of the sandbox, or a body in a file.

    WHAT is `last`, a webhook id, an invoice of the sandbox (its id or external id), or the name of a file.
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
            raise Failure(f"{what} is no JSON", USAGE) from None
        if not isinstance(body, dict):
            raise Failure(f"{what} holds no JSON object", USAGE)
        token = token_of()
        return _delivered(output, url, body, [post(url, raw, token) for _ in range(times)])
    plane = control(base_url)
    found = _last_delivery(plane, what)
    body = found["request"]["body"]
    if url is not None:
        raw, token = json.dumps(body, separators=(",", ":")).encode(), token_of()
        return _delivered(output, url, body, [post(url, raw, token, found["id"]) for _ in range(times)])
    from xendit.cli.sandbox.act import tell_deliveries

    known = len(plane.get("/deliveries", invoice_id=found["invoice_id"]))
    plane.post(f"/webhooks/{found['id']}/resend", {"times": times})
    shown = {"id": found["id"], "invoice": body["external_id"], "status": found["invoice_status"], "times": times}
    output.record(list(shown.items()), shown)
    tell_deliveries(output, plane, found["invoice_id"], known, expected=times)
    return OK


def _last_delivery(plane: ControlPlane, what: str) -> dict[str, Any]:
    """The last delivery of a webhook, an invoice, or of all."""
    for each in reversed(plane.get("/deliveries")):
        if what in ("last", each["id"], each["invoice_id"], each["request"]["body"]["external_id"]):
            return dict(each)
    missing = (
        "the sandbox has sent no webhook yet" if what == "last" else f"the sandbox has sent no webhook about {what!r}"
    )
    raise Failure(missing, NOT_FOUND)


# ------------------------------------------------------------------------------------------ following


@webhooks.command(
    examples=[
        "xendit webhooks listen",
        "xendit webhooks listen --forward-to http://localhost:8000/webhooks/xendit",
        "xendit webhooks listen --poll --forward-to http://localhost:8000/webhooks/xendit",
    ]
)
@click.option("--forward-to", "url", metavar="URL", help="Send each webhook there too.")
@click.option("--poll", is_flag=True, help="Ask Xendit's test mode instead of a sandbox: there is no stream of events.")
@click.option("--interval", type=DurationType(), metavar="DURATION", help=f"--poll: how often; {_POLL:g}s at least.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@_REMOTE
@connection_options
@json_option
def listen(
    url: str | None,
    poll: bool,  # noqa: FBT001
    interval: timedelta | None,
    count: int | None,
    allow_remote: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Show webhooks as they happen, and send them to your application.

    The sandbox tells of its webhooks at once. Xendit has no stream of events: --poll asks its list of invoices
    within the rate limit of a test key, and makes of each change the webhook that would come, marked as polled.
    It knows what the list shows, so the ids of payments are missing, and it comes some seconds late.
    """
    output = Output(as_json=as_json)
    if url is not None:
        url = checked_receiver(url, allow_remote=allow_remote)
    token = token_of() if url is not None else ""
    if poll:
        where = target(base_url, to_sandbox=to_sandbox)
        if where.mode == "live":
            raise Failure("--poll is for a test key: a live one would spend your live rate limit", AUTH)
        pause = _POLL if interval is None else interval.total_seconds()
        if pause < _POLL and not where.is_local:
            raise click.UsageError(
                f"--interval must be {_POLL:g}s or more: Xendit allows a test key 60 requests a minute"
            )
        told: Iterator[dict[str, object]] = polled(invoice_api(where), pause)
        output.say(f"asking {where.host} every {pause:g} s, within its rate limit; Ctrl-C ends this")
    else:
        plane = control(base_url)
        told = _streamed(plane)
        output.say(f"following {plane.url}; Ctrl-C ends this")
    for event in told:
        _show_and_forward(output, event, url, token)
        if count is not None:
            count -= 1
            if count == 0:
                break
    return OK


def _streamed(plane: ControlPlane) -> Iterator[dict[str, object]]:
    """The first delivery of each webhook of a sandbox."""
    from xendit.cli.events import Teller

    seen: set[str] = set()
    for event in Teller(plane.url, None, Output()).changes():
        if event["event"] == "delivery" and event["id"] not in seen:
            seen.add(event["id"])
            yield {"source": "sandbox", "webhook_id": event["id"], "body": event["request"]["body"]}


def polled(api: InvoiceApi, pause: float) -> Iterator[dict[str, object]]:
    """The webhooks of what was paid or has expired since the first call, made of the list."""
    from datetime import datetime, timedelta, timezone

    began = datetime.now(timezone.utc)
    since = began - timedelta(seconds=_OVERLAP)
    seen: set[tuple[str, str]] = set()
    first = True
    while True:
        now = datetime.now(timezone.utc)
        for what, statuses in (("paid", ["PAID", "SETTLED"]), ("expired", ["EXPIRED"])):
            window: Any = {
                f"{what}_after": since,
                f"{what}_before": now + timedelta(seconds=_OVERLAP),
                "statuses": statuses,
            }
            for invoice in api.iter_invoices(**window):
                if (invoice.id, what) not in seen:
                    seen.add((invoice.id, what))
                    if not first:
                        yield {"source": "polled", "webhook_id": None, "body": webhook_body(invoice)}
        first = False
        time.sleep(pause)
        since = max(since, now - timedelta(seconds=_OVERLAP))


#: Fields that an invoice of a list has and its webhook does not.
_NOT_IN_WEBHOOKS = ("customer", "metadata", "invoice_url", "expiry_date", "merchant_profile_picture_url")


def webhook_body(invoice: Invoice, **changed: object) -> dict[str, object]:
    """The webhook of an invoice, as far as the list tells; SETTLED is told as PAID."""
    body: dict[str, object] = json.loads(invoice.to_json())
    kept = {
        name: value
        for name, value in body.items()
        if name not in _NOT_IN_WEBHOOKS and not name.startswith(("available_", "should_", "customer_"))
    }
    status = "PAID" if kept["status"] == "SETTLED" else kept["status"]
    return {**kept, "status": status, "is_high": False, **changed}


def _show_and_forward(output: Output, event: dict[str, Any], url: str | None, token: str) -> None:
    body = event["body"]
    answer = None
    problem = None
    if url is not None:
        raw = json.dumps(body, separators=(",", ":")).encode()
        try:
            answer = post(url, raw, token, event["webhook_id"])
        except Failure as failure:
            problem = failure.message
    if not output.for_people:
        forwarded = {} if url is None else {"forwarded_to": url, "answered": answer.status if answer else None}
        output.line({**event, **forwarded, **({"problem": problem} if problem else {})})
        return
    line = f"{output.styled(body['status'])}  {printable(body['external_id'])}  {money(body['amount'], body.get('currency'))}"
    if event["source"] == "polled":
        line += "  (polled)"
    if answer is not None:
        line += f"  → {url}  {answer.status} in {answer.milliseconds:.0f} ms"
    output.text(line + (f"  → {problem}" if problem else ""))


# ------------------------------------------------------------------------------------------ trigger


@click.command(
    cls=Command,
    examples=[
        "xendit trigger invoice.paid --invoice last --to http://localhost:8000/webhooks/xendit",
        "xendit trigger invoice.expired --invoice order-1",
    ],
)
@click.argument("event", type=click.Choice(["invoice.paid", "invoice.expired"]))
@click.option(
    "--invoice", metavar="INVOICE", required=True, help="Your invoice; in a sandbox also its external id, or `last`."
)
@click.option("--to", "url", metavar="URL", help="Your webhook endpoint; in a sandbox, where it sends webhooks anyhow.")
@click.option("--channel", metavar="CODE", help="How it is paid, such as BCA.")
@_REMOTE
@connection_options
@json_option
def trigger(
    event: str,
    invoice: str,
    url: str | None,
    channel: str | None,
    allow_remote: bool,  # noqa: FBT001
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Make something happen to an invoice of yours, and your endpoint hear of it.

    In a sandbox the invoice is really paid or expired. Xendit's test mode offers no such call: there the invoice
    stays as it is, and --to gets the webhook that Xendit would send about it.
    """
    output = Output(as_json=as_json)
    if url is not None:
        url = checked_receiver(url, allow_remote=allow_remote)
    named = base_url or os.environ.get("XENDIT_BASE_URL")
    if to_sandbox or (named and is_local(named)) or (not named and not os.environ.get("XENDIT_API_KEY")):
        return _trigger_in_sandbox(output, control(base_url), event, invoice, url, channel)
    where = target(base_url, to_sandbox=False)
    if url is None:
        raise click.UsageError("give --to URL: Xendit does not send a webhook about something that did not happen")
    return _trigger_from_here(output, where, event, invoice, url, channel)


def _trigger_in_sandbox(
    output: Output, plane: ControlPlane, event: str, given: str, url: str | None, channel: str | None
) -> int:
    invoice_id = plane.invoice_id(given)
    known = len(plane.get("/deliveries", invoice_id=invoice_id))
    what = "pay" if event == "invoice.paid" else "expire"
    found = plane.post(f"/invoices/{invoice_id}/{what}", {"channel": channel} if channel else {})
    deadline = time.monotonic() + _PATIENCE
    while not (made := plane.get("/deliveries", invoice_id=invoice_id)[known:]):
        if time.monotonic() > deadline:
            raise Failure("the sandbox has not sent the webhook yet", NETWORK)
        time.sleep(0.03)
    delivery = made[0]
    if url is not None and delivery["url"] != url:
        body = delivery["request"]["body"]
        raw = json.dumps(body, separators=(",", ":")).encode()
        return _delivered(output, url, body, [post(url, raw, token_of(), delivery["id"])])
    from xendit.cli.events import told_delivery
    from xendit.cli.sandbox.act import facts_of

    output.record(facts_of(found), found)
    output.say(told_delivery(delivery, output))
    return OK if delivery["outcome"] in ("COMPLETED", "URL_NOT_SET") else API


def _trigger_from_here(output: Output, where: Target, event: str, given: str, url: str, channel: str | None) -> int:
    from datetime import datetime, timezone

    from xendit.codec import time_text

    if where.mode == "live":
        raise Failure("a live invoice is paid by its payer, and by nobody else", AUTH)
    found = invoice_api(where).get_invoice_by_id(given)
    now = time_text(datetime.now(timezone.utc))
    changed: dict[str, object] = {"status": "EXPIRED", "updated": now}
    if event == "invoice.paid":
        changed = {
            "status": "PAID",
            "updated": now,
            "paid_at": now,
            "paid_amount": json.loads(found.to_json())["amount"],
            "payment_method": "BANK_TRANSFER",
            "payment_channel": channel or "BCA",
        }
    body = webhook_body(found, **changed)
    output.say(f"the invoice stays {found.status} at Xendit; this webhook was made here")
    return _delivered(output, url, body, [post(url, json.dumps(body).encode(), token_of())])
