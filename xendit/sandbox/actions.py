"""What the actions of a product stand on: methods of `Sandbox` that do to a record what its payer or merchant would.

A product that has some declares a subclass of `SandboxActions` in its module `sandbox_actions`, and names it in `product.py`.
`xendit.sandbox.product_actions`, which is derived, puts those of all products together; `Sandbox` inherits them.
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
    """What a product's actions may use of the sandbox that they are methods of."""

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
        """Hand to the deliveries what there is to tell of, after something was done."""
