"""Which API a command calls, and with which key. A key for Xendit is never sent to a sandbox, nor the other way round."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from xendit.cli.ending import AUTH, USAGE, CommandFailure
from xendit.cli.extra import click

if TYPE_CHECKING:
    from xendit.api_client import ApiClient

#: The beginning of the keys of our own sandbox, which Xendit does not know.
SANDBOX_KEY = "xnd_development_sandbox"


class Target(NamedTuple):
    """An API and the key for it. Only `describe` of the configuration is fit to be shown."""

    host: str
    key: str
    mode: str
    """`test`, `live` or `unknown`, by the key."""

    def __repr__(self) -> str:
        return f"Target({self.host})"

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_local(self.host)


def is_local(host: str) -> bool:
    """Whether an address is on this machine, as a sandbox is."""
    from xendit.setting_checks import LOOPBACK

    return urlsplit(host).hostname in LOOPBACK


def may_be_sandbox(host: str) -> bool:
    """Whether an address is on this machine, or is called over http://, which `XENDIT_ALLOW_HTTP` allows for a container."""
    from xendit.exceptions import ConfigurationException
    from xendit.setting_checks import checked_host

    if is_local(host):
        return True
    try:
        return checked_host(host).startswith("http:")
    except ConfigurationException:
        return False


def target(base_url: str | None, *, to_sandbox: bool) -> Target:
    """What to call.

    Raises CommandFailure: no key, what cannot be one, a live key for a sandbox, a sandbox's key for Xendit, no sandbox;
    click.UsageError.
    """
    from xendit.exceptions import ConfigurationException
    from xendit.keys import checked_key, mode_of
    from xendit.setting_checks import DEFAULT_HOST, checked_host
    from xendit.settings import API_KEY

    key = os.environ.get("XENDIT_API_KEY", "")
    if to_sandbox:
        if base_url:
            raise click.UsageError("give --sandbox or --base-url, not both")
        found = running_or_fail()
        return Target(found.url, found.api_key, "test")
    try:
        host = checked_host(base_url or os.environ.get("XENDIT_BASE_URL") or DEFAULT_HOST)
    except ConfigurationException as problem:
        raise CommandFailure(str(problem), USAGE) from None
    if not key:
        raise CommandFailure("there is no API key", AUTH, hint=_where_keys_come_from())
    try:
        checked_key(key, f"the environment variable {API_KEY}")
    except ConfigurationException as problem:
        raise CommandFailure(str(problem), AUTH) from None
    mode = mode_of(key)
    if mode == "live" and is_local(host):
        raise CommandFailure(
            f"XENDIT_API_KEY is a live key, and {host} is on this machine: it was not sent",
            AUTH,
            hint="use a test key (xnd_development_…) with a sandbox, or leave XENDIT_BASE_URL out to call Xendit",
        )
    if key.startswith(SANDBOX_KEY) and not may_be_sandbox(host):
        raise CommandFailure(
            f"XENDIT_API_KEY is the sandbox's key, and {host} is not a sandbox: it was not sent",
            AUTH,
            hint="set XENDIT_BASE_URL to the sandbox's address, or give --sandbox",
        )
    return Target(host, key, mode)


def running_or_fail() -> Any:
    """The sandbox that runs. Raises CommandFailure when there is none."""
    from xendit.cli.running import find_running

    found = find_running()
    if found is None:
        raise CommandFailure("no sandbox runs on this machine", hint="start one with `xendit sandbox up`")
    return found


def _where_keys_come_from() -> str:
    from xendit.cli.running import find_running

    if find_running() is not None:
        return "give --sandbox for the sandbox that runs, or set XENDIT_API_KEY for Xendit"
    return "set XENDIT_API_KEY (dashboard: Settings, API keys), or start a sandbox with `xendit sandbox up`"


PATIENT = {"timeout": 120.0}
"""Settings of a client that lists every page. Xendit allows 60 requests a minute in test mode; a client that has used
them up waits for up to a minute, which is longer than a call may normally take. The limit of the server's silence
stays."""


def api_client(target: Target, **settings: Any) -> ApiClient:
    """A client for it."""
    from xendit.api_client import ApiClient
    from xendit.configuration import Configuration

    return ApiClient(Configuration(host=target.host, api_key=target.key, **settings))
