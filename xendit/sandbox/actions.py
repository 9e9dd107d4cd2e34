"""The base of the actions of a product: methods of `Sandbox` that do to a record what its payer or merchant would do.

A product that has actions declares a subclass of `SandboxActions` in its module `sandbox_actions`, and names it in
`product.py`. The derived module `xendit.sandbox.product_actions` combines the actions of all products, and `Sandbox`
inherits them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xendit.sandbox.state.core.accounts import Account
    from xendit.sandbox.state.core.book import B
    from xendit.sandbox.state.core.jsontext import JsonMapping
    from xendit.sandbox.state.core.ledger import Record


class SandboxActions(ABC):
    """What a product's actions may use of the sandbox whose methods they are."""

    @property
    @abstractmethod
    def url(self) -> str:
        """The address of the API. Raises RuntimeError before the start."""

    @abstractmethod
    def book_of(self, book: type[B]) -> B:
        """Give the book of a class, which holds the records of one product and what can be done with them."""

    @abstractmethod
    def account(self, for_user_id: str | None = None) -> Account:
        """Give the account of its `api_key`, or of a sub-account."""

    @abstractmethod
    def plant(self, seed: JsonMapping | str | Path) -> Mapping[str, Sequence[Record]]:
        """Take over a seed or an export, and give the records of all products, by their kinds."""

    @abstractmethod
    def publish(self) -> None:
        """Hand the announcements of what was just done to the deliveries."""
