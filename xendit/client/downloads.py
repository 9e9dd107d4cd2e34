"""Download: a file from a link that an answer of the API held, to a path that is complete or absent afterwards.

As a rule the link leads to another host, and whoever has the link may read the file. So the API key is never sent
there, and messages and events show nothing of the link but its host. Otherwise the call is an ordinary one: attempts,
waits, the time limit, events and errors are those of `xendit.exchange`.
"""

from __future__ import annotations

import ipaddress
from os import PathLike, fspath
from pathlib import Path
from urllib.parse import urlsplit

from xendit.client.options import limits_of
from xendit.client.prepared import connection_of
from xendit.configuration import Access
from xendit.exceptions import ApiTypeError, ApiValueError, ConfigurationException
from xendit.exchange import exchange
from xendit.keys import KeySource
from xendit.messages import Request, holds_control
from xendit.operation import Operation
from xendit.policy import Limits, Value
from xendit.setting_checks import LOOPBACK, checked_host
from xendit.transport.files import FileTransport, UnwritableError, transport_to
from xendit.whole_files import whole_file
from xendit.words import type_name, wrong_type

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

    from xendit.client.prepared import Connection
    from xendit.exchange import CallResult, Steps

_TOTAL = 600.0
"""Seconds that a download may take when its caller names no limit: a file of a gigabyte at two megabytes a second."""


class DownloadedFile(Value):
    """A file that was downloaded and checked.

    Args:
        path: where it is.
        size: its bytes.
        sha256: of its content, in hexadecimal digits.
    """

    __slots__ = ("path", "size", "sha256")  # noqa: RUF023 - the constructor's order
    path: Path
    size: int
    sha256: str

    def __init__(self, path: Path, size: int, sha256: str) -> None:
        self._hold(path=path, size=size, sha256=sha256)


class Download:
    """One download, checked and about to be made.

    Args:
        client: its time limits, proxy, certificates and events hold for the download; its key is not sent.
        link: the address, as the API gave it.
        path: the file, in a folder that exists. A file of that name is replaced.
        name: the operation, for events and errors.
        timeout: seconds for all of it, or a pair (connect, read); None for ten minutes.

    Raises:
        ApiTypeError, ApiValueError: the link or the path is not valid, or the link must not be followed; nothing was
        sent.
    """

    def __init__(self, client: Any, link: object, path: str | PathLike[str], name: str, timeout: object = None) -> None:
        self._client = client
        self._path = checked_path(path, name)
        self._host, self._target = _checked_link(link, client.access().host, client.configuration.insecure_host, name)
        self._operation = Operation(
            name, "GET", "/{file}", (), returns="Any", errors={}, models="", noun="file", repeatable=True
        )
        usual = client.configuration.limits
        self._limits = limits_of(Limits(max(usual.total, _TOTAL), usual.connect, usual.read), timeout)
        self._transport: FileTransport | None = None
        self._is_stopped = False

    def run(self, drive: Callable[[Steps, Connection], CallResult]) -> DownloadedFile:
        """Download it. After a failure the path is as it was before.

        Args:
            drive: runs the steps of a call.

        Raises:
            OSError: the file cannot be written.
            XenditSdkException: it cannot be downloaded, or is no file.
        """
        try:
            with whole_file(self._path) as target:
                transport = self._opened(target)
                drive(*self._call(transport))
        except UnwritableError as problem:
            cause = problem.__cause__
            raise (cause or problem) from None
        return DownloadedFile(self._path, transport.size, transport.digest)

    def stop(self) -> None:
        """Give it up, from any thread: `run` raises within a moment."""
        self._is_stopped = True
        if self._transport is not None:
            self._transport.stop()

    def _opened(self, target: BinaryIO) -> FileTransport:
        try:
            self._transport = transport = transport_to(self._client.configuration, self._host, target)
        except ConfigurationException:
            raise
        except Exception:  # noqa: BLE001 - whatever a library finds in an address; its text may hold a password
            raise ConfigurationException(
                "the link or the proxy is no URL that can be used; no request was made"
            ) from None
        if self._is_stopped:
            transport.stop()
        return transport

    def _call(self, transport: FileTransport) -> tuple[Steps, Connection]:
        client = self._client
        configuration = client.configuration
        connection = connection_of(
            configuration, _Nobody(self._host), transport, client.user_agent, configuration.retry_policy
        )
        request = Request(self._operation, "GET", self._target, {"accept": "*/*"}, None)
        return exchange(request, lambda response: response, connection.context, self._limits), connection


class _Nobody(Access):
    """An Access that names a host and has no key."""

    def __init__(self, host: str) -> None:
        super().__init__(host, KeySource(""), lasting=False)

    def ask(self) -> str:
        """No key."""
        return ""


def checked_path(path: object, name: str) -> Path:
    """The path for a new file. Raises ApiTypeError or ApiValueError unless its folder exists and it can name a file."""
    if not isinstance(path, (str, PathLike)) or not isinstance(text := fspath(path), str):
        raise wrong_type(path, "a path as str or Path", (name, "path"))
    found = Path(text)
    if not text or found.is_dir():
        raise ApiValueError(
            f"{name}: path must name a file, and {'is empty' if not text else 'is a folder'}", ("path",)
        )
    if not found.parent.is_dir():
        raise ApiValueError(f"{name}: path is in a folder that is not there: {found.parent}", ("path",))
    return found


def _checked_link(link: object, api: str, insecure: frozenset[str], name: str) -> tuple[str, str]:
    """The host and the target of a link: https, or http where the API itself may be called so.

    A link comes from outside, perhaps with a webhook. One that leads to this machine or into a private network is
    followed only if the API is there too, as a sandbox is. Otherwise somebody who can forge a link could make this
    program fetch what only this program can reach.
    """
    where = (name, "url")
    if not isinstance(link, str):
        raise ApiTypeError(f"{name}: the link must be a text, {type_name(link)} was given", where)
    host = None if holds_control(link) or not link.isascii() or " " in link else _host_of(link, insecure)
    if host is None:
        problem = (
            "it is no address that begins with https:// and bears no user; http:// is for a sandbox on this machine"
        )
        raise ApiValueError(f"{name}: the link cannot be followed: {problem}", where)
    parts = urlsplit(link)
    server = parts.hostname or ""
    if _is_near(server) and server != urlsplit(api).hostname:
        raise ApiValueError(f"{name}: the link leads into a private network, where the API is not", where)
    return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _host_of(link: str, insecure: frozenset[str]) -> str | None:
    """Scheme, host and port of a link that may be followed; None for any other link."""
    try:
        parts = urlsplit(link)
        return checked_host(f"{parts.scheme}://{parts.netloc}", "the link's host", insecure)
    except (ValueError, ConfigurationException):
        return None


def _is_near(host: str) -> bool:
    """Whether a host, by its name alone, is this machine or in a private network."""
    if host in LOOPBACK or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
