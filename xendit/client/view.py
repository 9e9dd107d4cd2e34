"""What all API classes have in common, synchronous or not: a client, and the sub-account of their calls."""

from __future__ import annotations

from xendit.configuration import Configuration
from xendit.exceptions import ConfigurationException
from xendit.messages import header_value
from xendit.static_typing import hinted
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class ClientView:
    """A client, seen by the operations of one product. It holds no state of a call."""

    user_id: str | None = None
    """Business id of the sub-account of this view, or None."""
    _answered: bool = False

    def __init_subclass__(cls) -> None:
        hinted(cls)

    def _connect(self, client_class: type[Any], api_client: Any, api_key: Any) -> Any:
        """The client that a constructor's arguments mean. Frames of a traceback do not show these any more.

        Raises:
            ConfigurationException: what was given is neither a client nor a key, or is both.
        """
        name = type(self).__name__
        if isinstance(api_client, client_class):
            if api_key is not None:
                raise ConfigurationException(
                    f"{name} was given a client and an api_key: a client has its own key; no request was made"
                )
            return api_client
        if api_client is not None and not isinstance(api_client, str) and not callable(api_client):
            raise ConfigurationException(
                f"{name} takes an {client_class.__name__} or a key, {type_name(api_client)} was given: write"
                f" {name}({client_class.__name__}(Configuration(api_key=...))); no request was made"
            )
        if api_client and api_key:
            raise ConfigurationException(f"{name} was given two keys: give one; no request was made")
        return client_class(Configuration(api_key=api_client or api_key))  # pyright: ignore[reportArgumentType] # checked above

    def for_user(self, user_id: str) -> Self:
        """The same API for a sub-account (xenPlatform): its calls carry the header `for-user-id`, unless they are
        given another `for_user_id`.

        Args:
            user_id: business id of the sub-account.

        Raises:
            ApiTypeError, ApiValueError: it cannot be an id.
        """
        view = self._view()
        view.user_id = header_value(user_id, ("for_user", "user_id"))
        return view

    def _view(self, *, answered: bool = False) -> Self:
        """A copy that may be changed. It is made without `__init__`, because a subclass's may take any arguments."""
        from copy import copy

        view = copy(self)
        view._answered = answered  # noqa: SLF001 - it is our own kind
        return view

    def __repr__(self) -> str:
        user = "" if self.user_id is None else f", for_user={self.user_id!r}"
        return f"{type(self).__name__}({getattr(self, 'api_client', None)!r}{user})"
