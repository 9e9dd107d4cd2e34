"""A walk through all pages of a list that has a cursor, as pure decisions; `pages` and `async_pages` drive it. No I/O."""

from __future__ import annotations

from xendit.exceptions import ResponseException
from xendit.words import wrong_type, wrong_value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Protocol

    from xendit.operation import Operation

    class Walk(Protocol):
        """What to ask next of a list, and whether the walk is over."""

        operation: Operation
        options: Any
        arguments: dict[str, Any]
        over: bool

        def take(self, page: Any) -> list[Any]:
            """What is new on a page; it says whether the walk is over, or what to ask next."""
            raise NotImplementedError


OPTIONS = ("_headers", "_request_timeout")
"""The options that a walk takes. Any other would change what its pages are read as."""
_PAGE = 50
"""How many items a page has, where neither the caller nor the operation says."""


def split_filters(operation: Operation, filters: Mapping[str, object]) -> tuple[dict[str, Any], Any]:
    """The keywords of a walk as the arguments of its operation and the options.

    Raises:
        ApiTypeError: there is no such keyword.
    """
    names = {parameter.name for parameter in operation.parameters}
    options = {name: value for name, value in filters.items() if name not in names}
    operation.check_names(options, OPTIONS)
    return {name: value for name, value in filters.items() if name in names and value is not None}, options


def check_page_size(limit: object, largest: int | None, noun: str) -> None:
    """Raise ApiTypeError or ApiValueError unless the limit is a number of things that a page can have."""
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        raise wrong_type(limit, "int", ("limit",))
    if limit < 1 or (largest is not None and limit > largest):
        most = "or more" if largest is None else f"to {largest}"
        raise wrong_value(f"a page has 1 {most} {noun}s", ("limit",))


class CursorWalk:
    """The state of a walk. It remembers one page and the cursors, and not all items that it gave.

    So its memory hardly grows with the length of the list.

    Args:
        operation: one that declares a `listing`.
        filters: the keywords that were given.

    Raises:
        ApiTypeError, ApiValueError: one of them cannot be used; nothing was sent.
    """

    def __init__(self, operation: Operation, filters: Mapping[str, object]) -> None:
        assert operation.listing is not None
        self.operation = operation
        self._listing = operation.listing
        self.arguments, self.options = split_filters(operation, filters)
        limit = self.arguments.setdefault("limit", self._listing.largest or _PAGE)
        check_page_size(limit, self._listing.largest, operation.noun)
        operation.request(self.arguments)
        self._cursors: set[str] = set()
        self._before: frozenset[str] = frozenset()
        self.over = False

    def take(self, page: Any) -> list[Any]:
        """The items of a page that were not on the page before.

        Raises:
            ResponseException: there is another page, but no id with which to ask for it.
        """
        identity = self._listing.identity
        items = page.get(self._listing.items) or []
        new = [each for each in items if each.get(identity) not in self._before]
        self._before = frozenset(each.get(identity) for each in items)
        following = self._listing.following(self.arguments, page)
        if following is None:
            self.over = True
            return new
        cursor = following[self._listing.cursor]
        if not isinstance(cursor, str) or cursor in self._cursors or not new:
            raise ResponseException(
                "a page holds nothing new and says that there is more: the server does not follow its cursor",
                operation=self.operation.name,
                outcome="done",
            )
        self._cursors.add(cursor)
        self.arguments = following
        return new
