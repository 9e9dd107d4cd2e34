"""How an attempt to send ended, in the words of Xendit's dashboard."""

from __future__ import annotations

import errno
import http.client
import socket
from dataclasses import dataclass
from typing import Literal

#: How a delivery ended; DROPPED is ours, for a webhook lost on purpose.
Outcome = Literal["COMPLETED", "FAILED", "TIMEOUT", "URL_NOT_SET", "DROPPED"]


@dataclass(frozen=True)
class SendResult:
    """How an attempt to send ended."""

    outcome: Outcome
    status: int | None = None
    body: str = ""
    error: str | None = None
    error_class: str | None = None


def result_of_answer(status: int, body: str) -> SendResult:
    """Judge the answer of a receiver: any 2xx is a success."""
    if 200 <= status < 300:
        return SendResult("COMPLETED", status, body)
    return SendResult("FAILED", status, body, f"the receiver answered {status}", f"{status // 100}xx")


_CLASSES: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "ECONNREFUSED"),
    (ConnectionResetError, "ECONNRESET"),
    (BrokenPipeError, "ECONNRESET"),
    (http.client.RemoteDisconnected, "ECONNRESET"),
    (http.client.IncompleteRead, "ECONNABORTED"),
    (ConnectionAbortedError, "ECONNABORTED"),
    (socket.gaierror, "EAI_AGAIN"),
)


def class_of(problem: BaseException) -> str | None:
    """Name an error as Xendit's dashboard does."""
    for kind, name in _CLASSES:
        if isinstance(problem, kind):
            return name
    return errno.errorcode.get(problem.errno or 0) if isinstance(problem, OSError) else None
