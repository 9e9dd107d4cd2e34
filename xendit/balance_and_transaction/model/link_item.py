"""The declaration of LinkItem, an address beside a page of a list."""

from __future__ import annotations

from xendit.model import Model, absent


class LinkItem(Model, received=True):
    """A link that comes with a page of a list. `iter_transactions` goes on by the id of the last item instead."""

    href: str = absent
    """The address, without the host."""
    rel: str = absent
    """What it leads to, such as `next`."""
    method: str = absent
    """The HTTP method."""
