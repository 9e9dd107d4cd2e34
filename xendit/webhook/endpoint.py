"""Webhook: what every adapter calls. It takes a request and gives the answer, knows no framework, and never raises.

A request is judged in this order: method, length, token, type, JSON. Then the event is stored, and only then
acknowledged; a worker handles it later. Xendit waits 30 seconds for an answer, and may not send an event again when
that time is over. It does send an event again after an answer of 5xx. So when the store hangs, the request is answered
with 503 before that.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from typing import NamedTuple

from xendit.exceptions import (
    ConfigurationException,
    WebhookBodyException,
    WebhookException,
    WebhookSizeException,
)
from xendit.source import SYSTEM, Source
from xendit.static_typing import hinted
from xendit.webhook.failure import short_text, without_variables
from xendit.webhook.functions import check_async_function, check_done, is_coroutine_function
from xendit.webhook.outage import Outage
from xendit.webhook.threads import KeptThreads
from xendit.webhook.verify import MAX_BODY, Verifier, hidden_tokens, read_headers
from xendit.words import setting_name, type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from xendit.webhook.event import Event
    from xendit.webhook.inbox import Added, AsyncStore, Inbox
    from xendit.webhook.verify import HeaderSource, TokenFor, Tokens

    #: The raw body, as bytes or as the text of a Lambda event; or a function that reads at most so many bytes of it.
    Body: TypeAlias = "bytes | bytearray | memoryview | str | Callable[[int], bytes]"

__all__ = ["Answer", "Webhook"]

logger = logging.getLogger("xendit.webhook")

#: Seconds between two log lines about refused requests with the same reason, so that a stranger cannot fill the log.
_LOG_EVERY = 10.0
#: How SQLite, PostgreSQL and MySQL say that a table, not one of its columns, is missing, and what makes that of an inbox.
_NO_TABLE = re.compile('no such table|(?<! of )relation "[^"]*" does not exist|table .* doesn\'t exist', re.IGNORECASE)
_REMEDY = "; create_table() of the inbox makes it, or inbox_table(metadata) with your tables, or `manage.py migrate`"
#: How many requests may wait for the store at the same time; more are answered 503 at once.
_MOST_WAITING = 64
#: Seconds after the deadline in which a thread that is at work reports by itself what is wrong.
_GRACE = 0.25
#: The Retry-After of a 503, in seconds.
_RETRY_AFTER = "60"


class Answer(NamedTuple):
    """What to answer. The same for every framework."""

    status: int
    """200, 400, 401, 405, 413, 415 or 503."""
    headers: tuple[tuple[str, str], ...]
    """Names and values, all ASCII; Content-Length is among them."""
    body: bytes
    """A short JSON object that shows nothing of the request."""
    outcome: str
    """For logs and tests: `stored`, `duplicate`, `refused` or `unavailable`."""
    key: str | None = None
    """The key that the event is stored under; None when nothing was."""


@hinted
class Webhook:
    """A webhook endpoint without a framework: verifies, stores in an inbox, answers.

    One Webhook may serve any number of threads. An adapter takes these steps:

    1. Call `refusal = webhook.head(method, headers, remote)`; an Answer ends the request before its body is read.
    2. Read the body, no more than `webhook.max_body + 1` bytes.
    3. Call `webhook.answer(method, headers, body, remote)`, or `await webhook.answer_async(...)` in an event loop. It
       judges the head again, so that a synchronous adapter may begin here.

    Neither raises. A synchronous adapter may hand over a function that reads the body in place of the body.

    Args:
        inbox: where events are stored. An asynchronous one (`SQLInbox(async_engine)`) is awaited, without a thread, by the
            adapters that can, and refused by the others.
        tokens, token_for, max_body: as Verifier takes them; without tokens, `XENDIT_WEBHOOK_TOKEN` is read at each
            request. While there is no token, or it cannot be one, every request is answered 503 and the log says why.
        enqueue: called with the key of each event that was stored and now waits: a task queue's "send", or a worker's
            `process` to handle the event at once. If it raises, that is logged; the event is in the inbox all the same,
            and the next `drain` finds it. A coroutine function is awaited by the adapters that can (webhook_route,
            ASGIApp), and refused by the others.
        deadline: seconds after which a request whose event is not yet stored is answered with 503.
        source: where time comes from (`xendit.source`).

    Raises:
        ConfigurationException: an argument is of a wrong type. A missing token is no error here, so that a module that
            makes an endpoint can be imported where there is none.
    """

    def __init__(
        self,
        inbox: Inbox[Any] | AsyncStore,
        tokens: Tokens = None,
        *,
        token_for: TokenFor | None = None,
        max_body: int = MAX_BODY,
        enqueue: Callable[[str], object] | None = None,
        deadline: float = 20.0,
        source: Source = SYSTEM,
    ) -> None:
        tokens = hidden_tokens(tokens)
        if not callable(getattr(inbox, "add", None)):
            raise ConfigurationException(f"Webhook takes an inbox such as SQLInbox(...), {type_name(inbox)} was given")
        if enqueue is not None:
            check_async_function("enqueue", enqueue)
        if type(deadline) not in (int, float) or not 0 < deadline < 30:
            given = setting_name(deadline)
            raise ConfigurationException(
                f"deadline must be a number of seconds above 0 and below Xendit's 30, {given} was given"
            )
        #: To type checkers it is a plain inbox, which it nearly always is. The methods of an asynchronous one are
        #: awaited.
        self.inbox: Inbox[Any] = inbox  # type: ignore[assignment]
        self.verifier = Verifier(tokens, token_for=token_for, max_body=max_body)
        self.enqueue = enqueue
        self.deadline = float(deadline)
        self.source = source
        self._hands_over_async = is_coroutine_function(enqueue)
        self._stores_async = is_coroutine_function(inbox.add)
        self._threads = KeptThreads("xendit-webhook-store", _MOST_WAITING)
        self._outage = Outage(self.deadline, source)
        self._told: dict[str, tuple[float, int]] = {}

    @property
    def max_body(self) -> int:
        """Bytes that a body may have."""
        return self.verifier.max_body

    def __repr__(self) -> str:
        if not hasattr(self, "verifier"):  # a tool may show a half-made one, as a variable of a traceback
            return "<Webhook>"
        return f"<Webhook: {self.verifier!r}, {self.inbox!r}>"

    @without_variables
    def verify(self, headers: HeaderSource, body: bytes, *, user_id: str | None = None) -> Event:
        """The event of a request, verified and not stored; see Verifier.verify.

        Raises:
            WebhookException: the request is not to be believed.
            ConfigurationException: there is no token to compare with, or one can be none.
        """
        return self.verifier.verify(headers, body, user_id=user_id)

    @without_variables
    def head(self, method: str, headers: HeaderSource, remote: str | None = None) -> Answer | None:
        """Judge a request before its body is read. After None, go on; an Answer is to be given without reading the
        body.

        Args:
            method: the request's method.
            headers: its headers, in whatever form the framework has them.
            remote: the sender's address, for the log.
        """
        if method != "POST":
            return _answer(405, "only POST is answered here", "refused", ("Allow", "POST"))
        try:
            self.verifier.check_head(headers)
        except WebhookException as error:
            return self._refused(error, remote)
        except ConfigurationException as error:
            return self._not_ready(error)
        return None

    def answer(
        self,
        method: str,
        headers: HeaderSource,
        body: Body,
        remote: str | None = None,
        *,
        user_id: str | None = None,
        arrived: float | None = None,
    ) -> Answer:
        """Judge a request, store its event, and give the answer. Blocks for at most about `deadline` seconds.

        Args:
            method, headers, remote: as for `head`.
            body: the raw body, as bytes or as text that an event of AWS Lambda holds; or a function that reads at
                most the bytes it is asked for.
            user_id: whose token to ask `token_for`, when the URL tells.
            arrived: when the request came, by `source.monotonic()`; the deadline is counted from there. None means now.
        """
        until = (self.source.monotonic() if arrived is None else arrived) + self.deadline
        request = [headers, body]
        del headers, body  # or an error tracker would show them if a line below fails
        event = self._judged(method, request, remote, user_id)
        if isinstance(event, Answer):
            return event
        try:
            self.check_sync("Webhook.answer")
            added = self._store(event, until)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, Xendit must hear it in time
            return self._failed("the inbox", error)
        return acknowledgement(added)

    async def answer_async(
        self,
        method: str,
        headers: HeaderSource,
        body: Body,
        remote: str | None = None,
        *,
        user_id: str | None = None,
        arrived: float | None = None,
    ) -> Answer:
        """Judge a request, store its event, and give the answer, in an event loop; everything else is as for `answer`.

        An asynchronous inbox and an `enqueue` that is a coroutine function are awaited. Plain functions run in a
        thread, for which the request waits until its deadline.
        """
        import asyncio

        until = (self.source.monotonic() if arrived is None else arrived) + self.deadline
        request = [headers, body]
        del headers, body
        event = self._judged(method, request, remote, user_id)
        if isinstance(event, Answer):
            return event
        # A thread that is at work reports by itself, at the deadline, what is wrong. If no thread was free, none does.
        grace = 0.0 if self._stores_async else _GRACE
        try:
            added = await asyncio.wait_for(self._stored_async(event, until), self._left(until) + grace)
        except asyncio.TimeoutError:
            return self.overdue()
        except Exception as error:  # noqa: BLE001 - whatever a store raises, Xendit must hear it in time
            return self._failed("the inbox", error)
        await self._hand_over_async(added, until)
        return acknowledgement(added)

    def check_sync(self, what: str) -> None:
        """Refuse an inbox or an `enqueue` that must be awaited. An adapter that cannot await calls this when it is
        made.

        Args:
            what: the adapter's name, for the message.

        Raises:
            ConfigurationException: the inbox is asynchronous, or `enqueue` is a coroutine function.
        """
        if self._stores_async:
            problem = f"{type_name(self.inbox)} is awaited: give Webhook a plain inbox such as SQLInbox(engine)"
        elif self._hands_over_async:
            problem = "enqueue is a coroutine function: give Webhook a plain function"
        else:
            return
        raise ConfigurationException(f"{what} cannot await, and {problem}, or use webhook_route or ASGIApp")

    @without_variables
    def _judged(self, method: str, request: list[Any], remote: str | None, user_id: str | None) -> Event | Answer:
        """The event of a request that is to be believed, or the answer to a request that is not.

        Its headers and body are taken out of the list `request`, so that no frame of a traceback shows them afterwards.
        """
        body: Body
        headers, body = request
        request.clear()
        headers = read_headers(headers)
        refusal = self.head(method, headers, remote)
        if refusal is not None:
            return refusal
        try:
            raw = _read(body, self.max_body) if callable(body) else _raw(body)
            return self.verifier.verify(headers, raw, user_id=user_id)
        except WebhookException as error:
            return self._refused(error, remote)
        except Exception as error:  # noqa: BLE001 - token_for is the user's, and may fail as it likes
            return self._failed("token_for", error)

    def overdue(self) -> Answer:
        """The answer, a 503, to a request that was not judged and stored before its deadline; for adapters that wait."""
        return self._failed("the inbox", TimeoutError(f"the event was not stored within {self.deadline:g} s"))

    # -- storing

    def _left(self, until: float) -> float:
        """Seconds until a moment; 0 when it is over."""
        return max(0.0, until - self.source.monotonic())

    async def _stored_async(self, event: Event, until: float) -> Added:
        import asyncio

        if not self._stores_async:
            return await asyncio.to_thread(self._store, event, until)
        left = self._left(until)
        storing: Any = self.inbox.add(event, timeout=left)
        added: Added = await storing
        return added

    async def _hand_over_async(self, added: Added, until: float) -> None:
        """Call `enqueue`, and await it if need be, where the inbox was awaited; a store in a thread has called it."""
        import asyncio

        enqueue = self.enqueue
        if enqueue is None or not (self._stores_async or self._hands_over_async) or not self._is_for_worker(added):
            return
        try:
            handing: Any = enqueue(added.key) if self._hands_over_async else asyncio.to_thread(self._hand_over, added)
            await asyncio.wait_for(handing, self._left(until))
        except Exception as error:  # noqa: BLE001 - the event is stored; drain will find it
            self._not_handed_over(added, error)

    def _store(self, event: Event, until: float) -> Added:
        left = until - self.source.monotonic()
        if left <= 0:
            raise TimeoutError(f"the deadline of {self.deadline:g} s was over before the event could be stored")
        left = self._outage.admit(left)
        began = self.source.monotonic()
        try:
            if not getattr(self.inbox, "own_deadline", False):
                return self._store_in_time(event, began + left)
            added = self.inbox.add(event, timeout=left)
        except Exception:
            self._outage.failed(self.source.monotonic() - began, left)
            raise
        self._outage.answered()
        self._hand_over(added)
        return added

    def _store_in_time(self, event: Event, until: float) -> Added:
        """Store in a thread that can be left behind; give up at the deadline."""
        left = max(0.0, until - self.source.monotonic())
        results: list[Added | Exception] = []
        # Locks that the thread releases when it is done: a threading.Event takes several times as long.
        stored, finished = threading.Lock(), threading.Lock()
        stored.acquire()
        finished.acquire()

        def work() -> None:
            try:
                added = self.inbox.add(event, timeout=left)
                self._outage.answered()
                results.append(added)
            except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
                results.append(error)
            finally:
                stored.release()
            if isinstance(results[0], Exception):
                return
            try:
                self._hand_over(results[0])
            finally:
                finished.release()

        self._threads.begin(work)
        if not stored.acquire(timeout=left) or not results:
            raise TimeoutError(f"the event was not stored within {self.deadline:g} s")
        result = results[0]
        if isinstance(result, Exception):
            raise result
        if self.enqueue is not None:  # the event is stored: handing it over may go on without us
            finished.acquire(timeout=max(0.0, until - self.source.monotonic()))
        return result

    def _hand_over(self, added: Added) -> None:
        enqueue = self.enqueue
        if enqueue is None or not self._is_for_worker(added) or self._hands_over_async:
            return
        try:
            check_done("enqueue", enqueue(added.key))
        except Exception as error:  # noqa: BLE001 - the event is stored; drain will find it
            self._not_handed_over(added, error)

    def _is_for_worker(self, added: Added) -> bool:
        return self.enqueue is not None and added.state in ("waiting", "working")

    def _not_handed_over(self, added: Added, error: Exception) -> None:
        logger.error("webhook %s is stored but could not be handed over: %s", added.key, short_text(error))

    # -- answers

    def _refused(self, error: WebhookException, remote: str | None) -> Answer:
        sender = "" if remote is None else " from " + "".join(c for c in remote[:60] if c.isprintable())
        self._tell(logging.WARNING, f"webhook refused{sender}", str(error))
        return _answer(error.http_status, error.answer, "refused")

    def _not_ready(self, error: ConfigurationException) -> Answer:
        self._tell(logging.ERROR, "webhooks are answered 503, to be sent again", str(error))
        return _unavailable()

    def _failed(self, what: str, error: Exception) -> Answer:
        text = short_text(error)
        remedy = _REMEDY if _NO_TABLE.search(text) else ""
        logger.error("a webhook was answered 503, to be sent again: %s failed: %s%s", what, text, remedy)
        return _unavailable()

    def _tell(self, level: int, what: str, reason: str) -> None:
        """Log why a request was not taken, each reason at most once in a while. A race of threads costs only a line."""
        now = self.source.monotonic()
        kind = "".join("0" if character.isdigit() else character for character in reason)[:80]
        since, hidden = self._told.get(kind, (-_LOG_EVERY, 0))
        if now - since < _LOG_EVERY:
            self._told[kind] = (since, hidden + 1)
            return
        if len(self._told) > 100:
            self._told.clear()
        self._told[kind] = (now, 0)
        more = f" ({hidden} more like it before)" if hidden else ""
        logger.log(level, "%s: %s%s", what, reason, more)


def _answer(status: int, problem: str | None, outcome: str, *more: tuple[str, str], key: str | None = None) -> Answer:
    body = json.dumps({"received": True} if problem is None else {"error": problem}).encode("ascii")
    headers = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *more,
    )
    return Answer(status, headers, body, outcome, key)


def acknowledgement(added: Added) -> Answer:
    """The answer when an event is stored."""
    return _answer(200, None, "stored" if added.is_new else "duplicate", key=added.key)


def _unavailable() -> Answer:
    return _answer(503, "try again later", "unavailable", ("Retry-After", _RETRY_AFTER))


def _read(read: Callable[[int], bytes], limit: int) -> bytes:
    """Read a body through a function, and notice when it is too long."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        try:
            part = read(left)
        except Exception as error:  # noqa: BLE001 - a connection that broke, in each server's own words
            raise WebhookBodyException(f"the body cannot be read: {type(error).__name__}") from None
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
    raise WebhookSizeException(f"the body has more than the {limit} bytes that are allowed")


def _raw(body: object) -> bytes:
    """A body that is there already, as bytes."""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise WebhookBodyException(f"the body is {type_name(body)}: hand over the raw bytes of the request")
