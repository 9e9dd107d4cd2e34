"""What became of the items of a batch: frozen values, without the personal data of a request."""

from __future__ import annotations

from typing import NamedTuple

from xendit.static_typing import hinted

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, TypeAlias

    from xendit.exceptions import XenditSdkException
    from xendit.product_types import BatchMade

    State: TypeAlias = Literal["pending", "sending", "created", "failed", "unknown"]


@hinted
class Result(NamedTuple):
    """What became of one item."""

    external_id: str
    state: State
    """`created`; `failed`: the server said no, and no invoice was made; `unknown`: the invoice may exist;
    `pending`: nothing was sent, or the answer was 429; `sending`: another process works on it, or died doing so."""
    invoice_id: str | None = None
    invoice_url: str | None = None
    message: str | None = None
    """Why it is not created, as the error's text."""
    invoice: BatchMade | None = None
    """What the create brought; a result that is read from the journal has none."""
    error: XenditSdkException | None = None
    """What the create raised, with its `outcome`; a result that is read from the journal has none."""


class Report(NamedTuple):
    """How a batch stands."""

    created: int
    failed: tuple[str, ...]
    """The external ids that the server refused."""
    unknown: tuple[str, ...]
    """The external ids of invoices that may exist. Do not create them again before you know."""
    pending: tuple[str, ...]
    """The external ids that are still to be created; the same batch goes on with them."""
    sending: tuple[str, ...] = ()
    """The external ids that another process is working on, or was when it died; running the batch again finds out."""

    @property
    def total(self) -> int:
        """How many items there are."""
        return self.created + len(self.failed) + len(self.unknown) + len(self.pending) + len(self.sending)

    @property
    def is_complete(self) -> bool:
        """Whether every item is created or refused."""
        return not (self.unknown or self.pending or self.sending)

    def __str__(self) -> str:
        named = [
            f"{len(ids)} {word}{_named(ids)}"
            for word, ids in (
                ("failed", self.failed),
                ("unknown", self.unknown),
                ("being sent", self.sending),
                ("not done", self.pending),
            )
            if ids
        ]
        return ", ".join([f"{self.created} of {self.total} created", *named])


def _named(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
    return f" ({', '.join(each[:60] for each in ids[:10])}{more})"


def report_of(results: Sequence[Result]) -> Report:
    """The report over these results."""
    by_state = {
        state: tuple(each.external_id for each in results if each.state == state)
        for state in ("created", "failed", "unknown", "pending", "sending")
    }
    return Report(
        len(by_state["created"]), by_state["failed"], by_state["unknown"], by_state["pending"], by_state["sending"]
    )
