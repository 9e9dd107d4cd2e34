"""A walk through all pages of a list, as pure decisions: what to ask next, what is new in an answer, when it is over."""

from __future__ import annotations

from operator import attrgetter

from xendit.exceptions import ResponseException
from xendit.invoice.operations import GET_INVOICES, LARGEST_PAGE
from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from typing import Any
    from uuid import UUID

    from typing_extensions import TypedDict

    from xendit.client.options import RequestOptions
    from xendit.operation import Operation

    class InvoiceFilters(TypedDict, total=False):
        """What `get_invoices` takes, as the keywords of a walk; `limit` is the size of a page."""

        for_user_id: str | None
        external_id: str | int | UUID | None
        statuses: Sequence[str] | None
        limit: float | None
        created_after: date | str | None
        created_before: date | str | None
        paid_after: date | str | None
        paid_before: date | str | None
        expired_after: date | str | None
        expired_before: date | str | None
        last_invoice: str | None
        client_types: Sequence[str] | None
        payment_channels: Sequence[str] | None
        on_demand_link: str | None
        recurring_payment_id: str | None
        _request_timeout: float | tuple[float, float]
        _headers: Mapping[str, str]


_OPTIONS = ("_headers", "_request_timeout")
_EARLIEST = "2000-01-01T00:00:00.000Z"
_LATEST = "2100-01-01T00:00:00.000Z"


def with_both_bounds(arguments: Mapping[str, object]) -> dict[str, object]:
    """The same arguments, in which a missing bound of a pair of times is filled in: one bound alone has no effect."""
    bounded = dict(arguments)
    for pair in ("created", "paid", "expired"):
        after, before = f"{pair}_after", f"{pair}_before"
        if after in bounded or before in bounded:
            bounded.setdefault(after, _EARLIEST)
            bounded.setdefault(before, _LATEST)
    return bounded


class Walk:
    """The state of a walk.

    Args:
        filters: the keywords that were given.
        operation: what reads the pages; another one reads them into something else than invoices.
        identity: gives the id of one of them.

    Raises:
        ApiTypeError, ApiValueError: one of them cannot be used; nothing was sent.
    """

    def __init__(
        self,
        filters: Mapping[str, object],
        operation: Operation = GET_INVOICES,
        identity: Callable[[Any], object] = attrgetter("id"),
    ) -> None:
        self.operation = operation
        self._identity = identity
        names = {parameter.name for parameter in GET_INVOICES.parameters}
        self.options: RequestOptions = {  # type: ignore[assignment] # of those names, which is checked below
            name: value for name, value in filters.items() if name not in names
        }
        GET_INVOICES.check_names(self.options, _OPTIONS)
        self.arguments: dict[str, Any] = {
            name: value for name, value in filters.items() if name in names and value is not None
        }
        """What to ask next."""
        self.limit = self.arguments.setdefault("limit", LARGEST_PAGE)
        if isinstance(self.limit, bool) or not isinstance(self.limit, (int, float)):
            raise wrong_type(self.limit, "int", ("limit",))
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise wrong_value(f"a page has 1 to {LARGEST_PAGE} invoices", ("limit",))
        self.arguments = with_both_bounds(self.arguments)
        GET_INVOICES.request(self.arguments)
        self._seen: set[str] = set()
        self.over = False

    def take(self, page: Sequence[Any]) -> list[Any]:
        """The invoices of a page that were in none before. It says whether the walk is over, or what to ask next.

        Raises:
            ResponseException: no further page can be asked for.
        """
        new = []
        last: object = None
        for invoice in page:
            last = self._identity(invoice)
            if not isinstance(last, str):
                raise _stuck("an invoice has no id, so that the next page cannot be asked for")
            if last not in self._seen:
                self._seen.add(last)
                new.append(invoice)
        if len(page) < self.limit:
            self.over = True
        elif not new:
            raise _stuck("a full page holds nothing new: the server does not follow its cursor")
        else:
            self.arguments = {**self.arguments, "last_invoice": last}
        return new


def _stuck(said: str) -> ResponseException:
    return ResponseException(said, operation=GET_INVOICES.name, outcome="done")
