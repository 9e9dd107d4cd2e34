"""A client of the sandbox's control plane, for commands that act on a sandbox in another process."""

from __future__ import annotations

import http.client
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from xendit.cli.connection import may_be_sandbox, running_or_fail
from xendit.cli.ending import API, NETWORK, NOT_FOUND, USAGE, CommandFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    #: A JSON object that a sandbox told of: a request, a delivery, a change.
    Told: TypeAlias = "dict[str, Any]"

#: Seconds for an answer. When the clock is moved, webhooks are delivered before the answer, however long receivers
#: take.
PATIENCE = 120.0


class ControlPlane:
    """The control plane of a running sandbox. Every method raises CommandFailure when it refuses or does not answer."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def get(self, path: str, **query: object) -> Any:
        """GET a path below `/_sandbox`; a parameter that is None is left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", path + (f"?{urlencode(given)}" if given else ""))

    def post(self, path: str, body: object = None) -> Any:
        """POST a JSON body to a path below `/_sandbox`."""
        return self._call("POST", path, {} if body is None else body)

    def put(self, path: str, body: object) -> object:
        """PUT a JSON body to a path below `/_sandbox`."""
        return self._call("PUT", path, body)

    def delete(self, path: str) -> object:
        """DELETE a path below `/_sandbox`."""
        return self._call("DELETE", path)

    def events(self, *, requests: bool = False) -> Iterator[tuple[str, Any]]:
        """Give every change from now on as (name, data), with `requests` each request to the API too.

        Ends when the sandbox does.
        """
        connection = self._connection(None)
        try:
            self._send(connection, "GET", "/events?requests" if requests else "/events", None)
            with connection.getresponse() as response:
                if response.status != 200:
                    self._refused(response.status, response.read())
                name = ""
                for raw in response:
                    line = raw.decode("utf-8").rstrip("\n")
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: "):
                        yield name, json.loads(line[6:])
        except (http.client.HTTPException, ConnectionError):
            return  # it was closed
        finally:
            connection.close()

    def _connection(self, timeout: float | None) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        return http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)

    def _send(self, connection: http.client.HTTPConnection, method: str, path: str, body: object) -> None:
        data = None if body is None else json.dumps(body).encode("ascii")
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, f"/_sandbox{quote(path, safe='/?&=%:+')}", data, headers)
        except OSError as problem:
            raise CommandFailure(
                f"no sandbox answers at {self.url}: {problem.strerror or problem}",
                NETWORK,
                hint="start one with `xendit sandbox up`",
            ) from None

    def _call(self, method: str, path: str, body: object = None) -> object:
        connection = self._connection(PATIENCE)
        try:
            self._send(connection, method, path, body)
            response = connection.getresponse()
            with response:
                data = response.read()
                if response.status != 200:
                    self._refused(response.status, data)
                return json.loads(data)
        except (http.client.HTTPException, OSError, ValueError) as problem:
            raise CommandFailure(
                f"what answers at {self.url} is no sandbox ({type(problem).__name__})", NETWORK
            ) from None
        finally:
            connection.close()

    def _refused(self, status: int, data: bytes) -> None:
        try:
            said = json.loads(data)
            code, message = str(said["error_code"]), str(said["message"])
        except (ValueError, KeyError, TypeError):
            raise CommandFailure(f"what answers at {self.url} is no sandbox: {status}", NETWORK) from None
        if status == 404 and code == "NOT_FOUND":
            raise CommandFailure(f"what answers at {self.url} has no control plane", NETWORK)
        exits = {400: USAGE, 404: NOT_FOUND}
        raise CommandFailure(f"{code}: {message}", exits.get(status, API))


def dashboard_of(url: str) -> str:
    """Where the dashboard of a sandbox is."""
    return f"{url}/_sandbox/"


def control(base_url: str | None) -> ControlPlane:
    """The sandbox that is meant: `base_url`, else XENDIT_BASE_URL where that may be one, else the one that runs."""
    named = base_url or os.environ.get("XENDIT_BASE_URL")
    if base_url and not may_be_sandbox(base_url):
        raise CommandFailure(
            f"{base_url} is not on this machine, so it is no sandbox",
            USAGE,
            hint="for one in a container, allow its name: XENDIT_ALLOW_HTTP=name",
        )
    if named and may_be_sandbox(named):
        return ControlPlane(named)
    return ControlPlane(running_or_fail().url)
