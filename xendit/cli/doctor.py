"""`xendit doctor`: looks for what could be wrong between an application and Xendit, and says what to do."""

from __future__ import annotations

import http.client
import os
import platform
import socket
import ssl
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urljoin, urlsplit

from xendit.cli.connection import SANDBOX_KEY, Target, api_client, is_local, may_be_sandbox, target
from xendit.cli.ending import API, OK, CommandFailure
from xendit.cli.extra import click
from xendit.cli.frame import ExampleCommand, connection_options, group_name, json_option
from xendit.cli.output import Output, counted, printable
from xendit.cli.running import find_running

if TYPE_CHECKING:
    from collections.abc import Iterator

    State = Literal["ok", "warning", "problem", "skipped"]

_PATIENCE = 10.0
#: A clock that is wrong by more than so many seconds is reported. The look-up of a lost create tolerates more than
#: that.
_SKEW = 5.0
#: A certificate that ends within so many days is mentioned.
_SOON = 14
#: Where a finding begins, to the right of what was looked at.
_INDENT = 17
_MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "red"), "skipped": ("·", "bright_black")}


class Finding(NamedTuple):
    """What was looked at, what was found, and what to do about it."""

    state: State
    what: str
    found: str
    todo: str = ""


@click.command(
    cls=ExampleCommand,
    examples=[
        "xendit doctor",
        "xendit doctor --webhook-url http://localhost:8000/webhooks/xendit",
        "xendit doctor --json | jq '.[] | select(.state == \"problem\")'",
    ],
)
@click.option("--webhook-url", metavar="URL", help="Your webhook endpoint: two test webhooks are sent to it.")
@connection_options
@json_option
def doctor(webhook_url: str | None, base_url: str | None, to_sandbox: bool, as_json: bool) -> int:  # noqa: FBT001
    """Look for what could be wrong, and say what to do: exit code 1 when something is.

    It reads one page of invoices, and sends to --webhook-url one webhook with a wrong token and, when
    XENDIT_WEBHOOK_TOKEN is set, the one that the dashboard's "Test and save" sends.
    """
    output = Output(as_json=as_json)
    findings = []
    for finding in _examine(webhook_url, base_url, to_sandbox=to_sandbox):
        findings.append(finding)
        if output.for_people:
            _show(output, finding)
    if not output.for_people:
        output.json([finding._asdict() for finding in findings])
    problems = sum(finding.state == "problem" for finding in findings)
    if problems:
        output.say(("\n" if output.for_people else "") + counted(problems, "problem", "problems"))
    return API if problems else OK


def _show(output: Output, finding: Finding) -> None:
    mark, colour = _MARKS[finding.state]
    first, *others = _lines(printable(finding.found), _INDENT) or [""]
    output.text(f"{click.style(mark, fg=colour)} {finding.what.ljust(_INDENT - 2)}{first}")
    for line in others:
        output.text(f"{' ' * _INDENT}{line}")
    for number, line in enumerate(_lines(printable(finding.todo), _INDENT + 2)):
        output.text(f"{' ' * _INDENT}{' ' if number else click.style('→', fg=colour)} {line}")


def _lines(text: str, indent: int) -> list[str]:
    """A text as lines that fit beside what stands at their left. No word is broken, so that a URL can be copied."""
    room = max(get_terminal_size().columns - indent, 24)
    return wrap(text, room, break_long_words=False, break_on_hyphens=False)


def _examine(webhook_url: str | None, base_url: str | None, *, to_sandbox: bool) -> Iterator[Finding]:
    yield from installation()
    settings = list(key_and_host(base_url, to_sandbox=to_sandbox))
    yield from settings
    if all(finding.state != "problem" for finding in settings):
        try:
            where = target(base_url, to_sandbox=to_sandbox)
        except (CommandFailure, click.UsageError) as problem:
            yield Finding("problem", "key", problem.format_message(), getattr(problem, "hint", None) or "")
        else:
            yield from network(where)
    yield from webhook(webhook_url, to_sandbox=to_sandbox)


def installation() -> Iterator[Finding]:
    """What is installed."""
    from xendit.installation import clash
    from xendit.version import __version__

    python = platform.python_version()
    versions = [f"xendit-sdk {__version__}", f"Python {python}", *(_version(name) for name in ("urllib3", "click"))]
    yield Finding("ok", "versions", ", ".join([*versions, ssl.OPENSSL_VERSION.partition("  ")[0]]))
    trouble = clash()
    if trouble:
        found, _, todo = trouble.partition(": ")
        yield Finding("problem", "installation", found, todo)
    else:
        yield Finding("ok", "installation", "xendit-python is not beside it")


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name}: not installed"


def key_and_host(base_url: str | None, *, to_sandbox: bool) -> Iterator[Finding]:
    """What the environment says about key, host and proxy."""
    from xendit.exceptions import ConfigurationException
    from xendit.keys import checked_key
    from xendit.setting_checks import DEFAULT_HOST
    from xendit.settings import API_KEY

    key = os.environ.get("XENDIT_API_KEY", "")
    if to_sandbox:
        yield Finding("skipped", "key", "the sandbox's own")
    elif key:
        try:
            checked_key(key, f"the environment variable {API_KEY}")
        except ConfigurationException as problem:
            found, _, todo = str(problem).partition("; no request was made")[0].partition(": ")
            yield Finding("problem", "key", found, todo)
        else:
            yield _kind_of_key(key)
    if not to_sandbox:
        host = base_url or os.environ.get("XENDIT_BASE_URL") or DEFAULT_HOST
        said = "Xendit" if host == DEFAULT_HOST else "on this machine" if is_local(host) else "not Xendit's own"
        if may_be_sandbox(host) and not is_local(host):
            said = "over http://, which XENDIT_ALLOW_HTTP allows with a test key"
        state: State = "ok" if host == DEFAULT_HOST or may_be_sandbox(host) else "warning"
        yield Finding(state, "host", f"{host}, {said}")
        yield from _proxy(host)


def _proxy(host: str) -> Iterator[Finding]:
    """Whether requests to this host go through a proxy, and whether it is there."""
    from xendit.exceptions import ConfigurationException
    from xendit.transport.proxies import proxy_for

    try:
        found = proxy_for(host, None)
    except ConfigurationException as problem:
        said, _, todo = str(problem).partition("; no request was made")[0].partition("; ")
        yield Finding("problem", "proxy", said, todo or "write it as http://proxy:3128")
        return
    if found is None:
        return
    parts, origin = urlsplit(found[0]), found[1]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    shown = f"{parts.scheme}://{parts.hostname}:{port} ({origin})"
    try:
        socket.create_connection((parts.hostname or "", port), _PATIENCE).close()
    except OSError as problem:
        todo = f"look at {origin}, or name the host in NO_PROXY"
        yield Finding("problem", "proxy", f"{shown}: {problem.strerror or type(problem).__name__}", todo)
    else:
        yield Finding("ok", "proxy", f"{shown}, for what NO_PROXY does not name")


def _kind_of_key(key: str) -> Finding:
    from xendit.keys import masked, mode_of

    mode = mode_of(key)
    kind = "the sandbox's" if key.startswith(SANDBOX_KEY) else f"a {mode} key"
    unknown = mode == "unknown"
    return Finding(
        "warning" if unknown else "ok", "key", f"{masked(key)}, {'of a kind not known' if unknown else kind}"
    )


def is_proxied(host: str) -> bool:
    """Whether a proxy is between this machine and the host. Problems of the proxy itself were reported before."""
    from xendit.exceptions import ConfigurationException
    from xendit.transport.proxies import proxy_for

    try:
        return proxy_for(host, None) is not None
    except ConfigurationException:
        return True


def network(where: Target) -> Iterator[Finding]:
    """Whether the host is reached, whom it is, and whether it takes the key."""
    yield from _certificate(where.host)
    yield from _call(where)


def _certificate(host: str) -> Iterator[Finding]:
    parts = urlsplit(host)
    if parts.scheme != "https":
        return
    if is_proxied(host):
        yield Finding("skipped", "certificate", "a proxy is between; the call below checks it")
        return
    name, port = parts.hostname or "", parts.port or 443
    try:
        raw = socket.create_connection((name, port), _PATIENCE)
    except socket.gaierror:
        yield Finding(
            "problem", "name", f"{name} is not found", "look at the machine's DNS, and at a proxy that is needed"
        )
        return
    except OSError as problem:
        said = problem.strerror or type(problem).__name__
        yield Finding(
            "problem", "connection", f"{name}:{port}: {said}", "look at the firewall, and at a proxy that is needed"
        )
        return
    with raw:
        try:
            with ssl.create_default_context().wrap_socket(raw, server_hostname=name) as secure:
                found: dict[str, Any] = secure.getpeercert() or {}
                protocol = secure.version()
        except ssl.SSLCertVerificationError as problem:
            todo = "install the system's CA certificates, or give your company's CA as Configuration(ssl_ca_cert=...)"
            yield Finding("problem", "certificate", f"{name}: {problem.verify_message}", todo)
            return
        except OSError as problem:
            yield Finding("problem", "certificate", f"{name}: {type(problem).__name__}", "something between closes TLS")
            return
    issuer = dict(pair for group in found.get("issuer", ()) for pair in group).get("organizationName", "unknown")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), timezone.utc)
    days = (ends - datetime.now(timezone.utc)).days
    state: State = "ok" if days > _SOON else "warning"
    yield Finding(state, "certificate", f"of {name} by {issuer}, for {days} days more, {protocol}")


def _call(where: Target) -> Iterator[Finding]:
    from xendit.cli.product_commands import is_list
    from xendit.exceptions import ForbiddenException, UnauthorizedException, XenditSdkException
    from xendit.products import products

    # the first operation that lists, because every account may call it
    product, listing = next((each, one) for each in products() for one in each.operations if is_list(one))
    things = group_name(product.noun)
    client = api_client(where, retries=0, timeout=_PATIENCE)
    began = datetime.now(timezone.utc)
    headers: object
    try:
        headers = client.request(listing.method, listing.path, query={"limit": 1}).headers
        yield Finding("ok", "call", f"{where.host} lists {things} with this key")
    except UnauthorizedException as problem:
        headers = problem.headers
        yield Finding("problem", "call", str(problem), "copy the secret key again: dashboard, Settings, API keys")
    except ForbiddenException as problem:
        headers = problem.headers
        todo = f"give the key read and write permission for {things}, and allow this machine's address"
        yield Finding("problem", "call", str(problem), todo)
    except XenditSdkException as problem:
        headers = problem.headers
        todo = (
            f"look at the proxy of {origin}, its user and its password"
            if (origin := _proxy_in(str(problem)))
            else "is something running there? `xendit sandbox up` starts a sandbox"
            if where.is_local
            else "try again in a minute"
        )
        yield Finding("problem", "call", str(problem), todo)
    dated = headers.get("date")
    if dated:
        yield _skew(dated, began, local=where.is_local)
    yield from _probes(client)


def _probes(client: Any) -> Iterator[Finding]:
    """What else the key may do. Only the answers 200, 401 and 403 say something about the key."""
    from xendit.exceptions import ForbiddenException, UnauthorizedException, XenditSdkException
    from xendit.products import products

    for product in products():
        if product.probe is None:
            continue
        path, permission = product.probe
        name = path.strip("/")
        try:
            client.request("GET", path)
            yield Finding("ok", name, f"can be read with this key ({permission})")
        except ForbiddenException:
            todo = f"if your program reads {path}, give the key the permission {permission} in the dashboard"
            yield Finding("warning", name, f"the key lacks the permission {permission}; it is not a bad key", todo)
        except UnauthorizedException as problem:
            yield Finding("problem", name, str(problem), "copy the secret key again: dashboard, Settings, API keys")
        except XenditSdkException as problem:
            yield Finding("skipped", name, f"not known: {type(problem).__name__}")


def _proxy_in(said: str) -> str:
    """Where the proxy was named that an error tells of, or an empty text."""
    return said.partition(" through the proxy ")[2].partition("(")[2].partition(")")[0]


def _skew(dated: str, began: datetime, *, local: bool) -> Finding:
    """How far this machine's clock is from the server's. A `Date` header is whole seconds."""
    try:
        server = parsedate_to_datetime(dated)
    except ValueError:
        return Finding("skipped", "clock", "the server's Date header cannot be read")
    middle = began + (datetime.now(timezone.utc) - began) / 2
    off = (middle - server).total_seconds() - 0.5
    if abs(off) <= _SKEW:
        return Finding("ok", "clock", "agrees with the server's")
    way = "ahead of" if off > 0 else "behind"
    if local:  # a sandbox's clock is moved on purpose
        return Finding("ok", "clock", f"{abs(off):.0f} s {way} the sandbox's, which was moved")
    return Finding("warning", "clock", f"{abs(off):.0f} s {way} the server's", "turn on time synchronisation (NTP)")


# ------------------------------------------------------------------------------------------ webhooks


def webhook(url: str | None, *, to_sandbox: bool) -> Iterator[Finding]:
    """Whether there is a token, and whether an endpoint asks for it."""
    from xendit.exceptions import ConfigurationException
    from xendit.webhook.verify import SET_TOKEN, usable_tokens

    tokens: list[str] = []
    try:
        tokens += usable_tokens()
    except ConfigurationException as problem:
        yield Finding("problem", "webhook token", str(problem))
    else:
        found = find_running() if to_sandbox and not tokens else None
        if found is not None:
            tokens.append(found.callback_token)
            yield Finding("ok", "webhook token", "the sandbox's own")
        elif tokens:
            yield Finding("ok", "webhook token", f"set: {len(tokens)} of them" if len(tokens) > 1 else "set")
        else:
            yield Finding("problem" if url else "warning", "webhook token", "not set", SET_TOKEN)
    if url is None:
        yield Finding("skipped", "endpoint", "not looked at: give --webhook-url")
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Finding(
            "problem", "endpoint", "the URL cannot be read", "give it as http://localhost:8000/webhooks/xendit"
        )
        return
    yield from _endpoint(url, str(tokens[0]) if tokens else "")


def _endpoint(url: str, token: str) -> Iterator[Finding]:
    import json

    from xendit.testing.webhooks import DASHBOARD_TEST

    body = json.dumps(DASHBOARD_TEST).encode()
    try:
        status, where = _post(url, body, "not-the-token")
    except (OSError, http.client.HTTPException) as problem:
        said = getattr(problem, "strerror", None) or type(problem).__name__
        yield Finding("problem", "endpoint", f"{url}: {said}", "start your application, or look at the port")
        return
    if status != 401:
        yield _explained(url, status, where)
        if not 200 <= status < 300:
            return
    else:
        yield Finding("ok", "endpoint", f"{url} refuses a wrong token with 401")
    if not token:
        return
    status, where = _post(url, body, token)
    if 200 <= status < 300:
        yield Finding("ok", "endpoint", f"{url} takes the dashboard's test webhook: {status}")
    elif status == 401:
        todo = "your application knows another token than XENDIT_WEBHOOK_TOKEN of this terminal"
        yield Finding("problem", "endpoint", f"{url} refuses the right token with 401", todo)
    else:
        yield _explained(url, status, where)


def _explained(url: str, status: int, where: str) -> Finding:
    """What an answer to a wrong token, or a failure, is likely to mean."""
    if 200 <= status < 300:
        todo = "verify x-callback-token before you believe a webhook: xendit.webhook does (docs/Webhooks.md)"
        return Finding("problem", "endpoint", f"{url} takes a webhook with a wrong token: {status}", todo)
    meanings = {
        403: "a CSRF check, perhaps: the endpoint must be exempt (the adapter for Django is)",
        404: "look at the path, and at the slash at its end",
        405: "the endpoint must take POST",
        503: "it has no webhook token, or its inbox cannot store: your application's log says which",
    }
    if 300 <= status < 400:
        # A client that follows a redirect sends a GET without a body, so a framework that adds a slash loses webhooks.
        target = urljoin(url, where)
        todo = f"give Xendit {target}, to which it redirects" if where else "give Xendit the URL that it redirects to"
        todo += ": a webhook does not arrive through a redirect"
    else:
        todo = meanings.get(status, "look at your application's log")
    return Finding("problem", "endpoint", f"{url} answers {status}", todo)


def _post(url: str, body: bytes, token: str) -> tuple[int, str]:
    """The status that it answers, and where it redirects to."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port or (443 if secure else 80), timeout=_PATIENCE)
    try:
        headers = {"Content-Type": "application/json", "x-callback-token": token, "User-Agent": "xendit-cli"}
        connection.request("POST", parts.path or "/", body, headers)
        with connection.getresponse() as response:
            response.read(65_536)
            return response.status, response.headers.get("location", "")
    finally:
        connection.close()
