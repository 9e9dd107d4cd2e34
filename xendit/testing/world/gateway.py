"""Gateway: Xendit's side of a world: the sandbox's rules for every product, with a clock of its own.

It answers requests as the sandbox does, but without a server. The routes and books come from each product's `RULES`, so
a new product is in every world. The world itself adds what Xendit's servers may do badly: a list that lags behind, a
wrong clock, a request that is carried out but whose answer never comes.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime, timezone
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from xendit.sandbox.products import product_rules
from xendit.sandbox.state import Assumptions, SandboxError, SharedState
from xendit.sandbox.state.core.jsontext import read_json
from xendit.sandbox.state.core.rules import OperationCall
from xendit.testing.world.scheduler import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xendit.operation import Request
    from xendit.sandbox.state import Account
    from xendit.sandbox.state.core.announcements import Announcement
    from xendit.sandbox.state.core.book import Book
    from xendit.sandbox.state.core.rules import ProductRules, Route
    from xendit.testing.world.scheduler import World

BASE_URL = "https://api.xendit.test"


class Answered(NamedTuple):
    """What the gateway answers, before the network carries it."""

    status: int
    headers: dict[str, str]
    data: bytes


class Made(NamedTuple):
    """A record that a request has made."""

    kind: str
    id: str
    reference: str
    """The merchant's own id."""
    request: int
    """Which sending of a client made it."""
    at: float


class Gateway:
    """Xendit in a world.

    Args:
        world: where it is.
        assumptions: as of the sandbox.
        skew: seconds by which its clock is ahead of the true time.
        lag: seconds by which its lists are behind.
        announce: called with what a webhook must tell.
    """

    def __init__(
        self,
        world: World,
        announce: Callable[[Announcement], object],
        *,
        assumptions: Assumptions | None = None,
        skew: float = 0.0,
        lag: float = 0.0,
    ) -> None:
        self.world = world
        self.skew = skew
        self.lag = lag
        self.made: list[Made] = []
        """What requests have made, in order."""
        self.moods: list[Callable[[str, str, int], SandboxError | None]] = []
        """Asked before an operation is carried out, with the kind of its records, its name and the number of the sending:
        a refusal that no rule gives, or None."""
        self._announce = announce
        self._told_due: datetime | None = None
        self._born: dict[str, float] = {}
        self._accounts: dict[tuple[str | None, str | None], Account] = {}
        self.shared = SharedState(self._now, assumptions or Assumptions(), source=world.source("gateway"))
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], ProductRules, Route, Book[Any]]]] = {}
        for rules in product_rules():
            book = rules.book(self.shared)
            for route in rules.routes:
                parts = tuple(route.path.strip("/").split("/"))
                self._routes.setdefault((route.method, len(parts)), []).append((parts, rules, route, book))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(EPOCH + self.world.now + self.skew, timezone.utc)

    def book(self, kind: str) -> Any:
        """The records of a kind, with what their payers can do to them."""
        return self.shared.book(kind)

    # -- requests

    def answer(self, request: Request, number: int) -> Answered:
        """Carry out a request, and give the answer. `number` says which sending of a client it is."""
        try:
            status, value = 200, self._carried_out(request, number)
        except SandboxError as refusal:
            status, value = refusal.status, refusal.body()
        self.publish()
        data = json.dumps(value, separators=(",", ":")).encode("ascii")
        headers = {
            "date": formatdate(int(EPOCH + self.world.now + self.skew), usegmt=True),
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(data)),
            "request-id": f"request-{number}",
        }
        return Answered(status, headers, data)

    def _carried_out(self, request: Request, number: int) -> Any:
        headers = request.headers
        account = self._account(headers.get("authorization"), headers.get("for-user-id"))
        path, _, query = request.target.partition("?")
        rules, route, book, values = self._route(request.method, path)
        call = OperationCall(
            account=account,
            values=values,
            query=parse_qsl(query, keep_blank_values=True) if query else [],
            headers=headers,
            body=read_json(request.body or b"") if request.method != "GET" else {},
            base_url=BASE_URL,
        )
        self.shared.sweep()
        for mood in self.moods:
            refusal = mood(rules.kind, route.operation, number)
            if refusal is not None:
                raise refusal
        answer = route.answer(book, call)
        if route.creates:
            self._born[answer["id"]] = self.world.now
            self.made.append(Made(rules.kind, answer["id"], answer.get(rules.reference, ""), number, self.world.now))
        elif self.lag:
            answer = self._behind(answer)
        return answer

    def _behind(self, answer: object) -> Any:
        """What a list shows when it lags behind: everything except what was made a moment ago."""
        items = answer.get("data") if isinstance(answer, dict) else answer
        if not isinstance(items, list):
            return answer
        latest = self.world.now - self.lag
        seen = [each for each in items if self._born.get(each.get("id"), 0.0) <= latest]
        return {**answer, "data": seen} if isinstance(answer, dict) else seen

    def _account(self, authorization: str | None, user_id: str | None) -> Account:
        """Whose request it is."""
        key = (authorization, user_id)
        account = self._accounts.get(key)
        if account is None:
            user = None if authorization is None else b64decode(authorization[6:]).decode("ascii").partition(":")[0]
            account = self._accounts[key] = self.shared.account(user, user_id)
        return account

    def _route(self, method: str, path: str) -> tuple[ProductRules, Route, Book[Any], Mapping[str, str]]:
        given = path.strip("/").split("/")
        for parts, rules, route, book in self._routes.get((method, len(given)), ()):
            values: dict[str, str] = {}
            for part, text in zip(parts, given, strict=True):
                if part[0] == "<":
                    values[part[1:-1]] = unquote(text)
                elif part != text:
                    break
            else:
                return rules, route, book, values
        raise SandboxError(404, "NOT_FOUND", "Nothing lives at this path.")

    # -- time passes

    def publish(self) -> None:
        """Pass on the announcements, and plan to do so again when the next record changes by itself."""
        for announcement in self.shared.drain():
            self._announce(announcement)
        due = self.shared.next_due()
        if due is not None and due != self._told_due:
            self._told_due = due
            seconds = due.timestamp() - (EPOCH + self.world.now + self.skew)
            self.world.at(max(seconds, 0.001), self._fall_due, due)

    def _fall_due(self, due: datetime) -> None:
        if due != self._told_due:
            return
        self._told_due = None
        self.shared.sweep()
        self.publish()
