"""What a product declares to the sandbox: its routes, its book, and what its webhooks tell.

A product's module `sandbox` holds one value, `RULES`. The server, the faults, the files and the documents read it, so
none of them has to be changed when a product is added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xendit.sandbox.state.assumptions import Assumptions
    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.book import Book
    from xendit.sandbox.state.core.jsontext import JsonMapping, JsonObject
    from xendit.sandbox.state.core.shared import SharedState


class RequestHeaders(Protocol):
    """The headers of a request, looked up in any case."""

    def get(self, name: str, /) -> str | None:
        """Give a header; None when it is not there."""


@dataclass(frozen=True)
class OperationCall:
    """A request of the API that was read: what an operation is given."""

    account: Account
    values: Mapping[str, str]
    """The parts of the path that have a name."""
    query: Sequence[tuple[str, str]]
    """The parameters, decoded, in the order in which they came."""
    headers: RequestHeaders
    body: Any
    """The decoded JSON; an empty object without a body."""
    base_url: str
    """Where the sandbox is, for addresses in an answer."""

    def header(self, name: str) -> str | None:
        """Give a header; None when it is not there or empty."""
        return self.headers.get(name) or None


@dataclass(frozen=True)
class Route:
    """One operation of a product."""

    operation: str
    """Its name, by which faults are matched: `create`, `get`."""
    method: str
    path: str
    """With `<name>` for the parts that change; a slash at its end changes nothing."""
    answer: Callable[[Any, OperationCall], Any]
    """Carries it out: is given the product's book and the call, gives JSON values. Raises SandboxError."""
    creates: bool = False
    """Whether its body is that of a new record, so that a fault can be narrowed to the record's reference."""
    window: str | None = None
    """Operations that are counted together for the rate limit name one window; None: it is counted by itself."""
    rate_limit: int | None = None
    """Requests a minute where a limit is enforced and this operation has one of its own."""


@dataclass(frozen=True)
class ProductRules:
    """A product in the sandbox."""

    kind: str
    """The kind of its records, such as `invoice`."""
    book: Callable[[SharedState], Book[Any]]
    """Makes the book of its records."""
    routes: tuple[Route, ...]
    webhook_statuses: tuple[str, ...] = ()
    """The statuses that its webhooks tell of, by which faults are matched."""
    reference: str = "reference_id"
    """The field of a create that holds the merchant's own id."""
    error_answers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Error codes that a fault can answer with → HTTP status and message."""
    grow: Callable[[SharedState, Sequence[JsonMapping], str, Mapping[str, Sequence[object]]], list[Any]] | None = None
    """Makes the records of a seed that someone wrote by hand, which stand there under the plural of `kind`; is given the
    API key whose account they belong to, and the records of the seed that the products before it made, by their kind.
    Raises ValueError. None where seeds hold none."""
    describe: Callable[[JsonObject, Assumptions], None] | None = None
    """Narrows the OpenAPI document to what this account's rules admit; None where nothing is narrower."""
