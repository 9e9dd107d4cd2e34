"""The declaration of LinkItem, an address beside a page of a list."""

from __future__ import annotations

from xendit.model import Model, absent


class LinkItem(Model, received=True):
    """An address beside a page of a list. `iter_transactions` follows the ids instead, which every answer has."""

    href: str = absent
    """The address, without the host."""
    rel: str = absent
    """What it leads to, such as `next`."""
    method: str = absent
    """The HTTP method."""
