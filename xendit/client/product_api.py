"""ProductApi, the base of the API classes whose calls block, and the type of methods that return an ApiResponse."""

from __future__ import annotations

from xendit.client.sync import ApiClient
from xendit.client.view import ClientView
from xendit.keys import hidden
from xendit.static_typing import NothingNeeded, needs

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, ParamSpec, TypeVar

    from xendit.client.cursor import Walk
    from xendit.client.options import RequestOptions
    from xendit.configuration import ApiKey
    from xendit.operation import ApiResponse, Operation

    P = ParamSpec("P")
    T = TypeVar("T")


class ProductApi(ClientView):
    """The operations of a product as methods: each gives its operation and its arguments to `_call`.

    Args:
        api_client: the client to call through, or a key for a client of its own, as `api_key`; else a client that
            looks for a key at its first call (docs/Configuration.md).
        api_key: your secret key, or a function that returns it; None and `""` count as not given.

    Raises:
        ConfigurationException: what was given is neither a client nor a key, or is both.
    """

    __signature__ = NothingNeeded()

    @needs("api_client", ApiClient, hidden)
    def __init__(
        self, api_client: ApiClient | str | Callable[[], str] | None = None, *, api_key: ApiKey | None = None
    ) -> None:
        api_client, api_key = hidden(api_client), hidden(api_key)  # the frame of an error shows its variables
        self.api_client: ApiClient = self._connect(ApiClient, api_client, api_key)

    def _call(
        self,
        operation: Operation,
        arguments: dict[str, Any],
        options: RequestOptions,
        *,
        on_unknown: str | None = None,
    ) -> Any:
        """Call the operation, for the sub-account of this view."""
        if self.user_id is not None and arguments.get("for_user_id", "") is None:
            arguments["for_user_id"] = self.user_id
        return self.api_client.call(operation, arguments, options, on_unknown=on_unknown, answered=self._answered)

    def _walk(self, walk: Walk, *, read_ahead: bool) -> Iterator[ApiResponse[list[Any]]]:
        """The pages of a walk."""
        from xendit.client.pages import walk_pages

        return walk_pages(self.api_client, walk, read_ahead=read_ahead)

    def _pages(
        self, operation: Operation, filters: dict[str, Any], *, read_ahead: bool
    ) -> Iterator[ApiResponse[list[Any]]]:
        """The pages of an operation that declares a `listing`, for the sub-account of this view."""
        from xendit.client.cursor import CursorWalk

        if filters.get("for_user_id") is None:
            filters["for_user_id"] = self.user_id
        return self._walk(CursorWalk(operation, filters), read_ahead=read_ahead)

    @staticmethod
    def _each(pages: Iterator[ApiResponse[list[Any]]]) -> Iterator[Any]:
        """What is on the pages, one after the other."""
        from xendit.client.pages import flattened

        return flattened(pages)


def answered(method: Callable[P, T]) -> Callable[P, ApiResponse[T]]:
    """A method of a view that returns whole answers, with the type that the method then has."""
    return method  # type: ignore[return-value] # the view of `with_raw_response` answers, and only it is told so
