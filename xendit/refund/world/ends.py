"""What becomes of a refund at its channel: it succeeds or fails, by itself or because the channel says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.state import SandboxError

if TYPE_CHECKING:
    from xendit.sandbox.state.refund.record import RefundRecord
    from xendit.testing.world.scenario import Scenario

_FAILING = 0.2
"""The probability that a channel refuses a refund."""
_SLOWEST = 7_200.0
"""Seconds that a channel takes at most where refunds do not end by themselves."""


class RefundEnds:
    """All channels of a world, and what Xendit does with requests for refunds that no rule explains."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.world = scenario.world
        self.luck = self.world.stream("channels")
        self._blind = self.luck.chance() < 0.15
        """Whether the keys may not read transactions."""
        self._passing = self.luck.choice((0.0, 0.0, 0.2))
        """The probability that a refund is refused with the 400 that is worth another try."""
        self._turned_away: set[int] = set()
        scenario.gateway.moods.append(self._refused)
        scenario.gateway.shared.follow("refund", self._noticed)

    def _refused(self, kind: str, operation: str, number: int) -> SandboxError | None:
        """Why an operation is refused at the moment. A copy of a request is refused as the request was."""
        if kind == "transaction" and operation == "list" and self._blind and not self.world.healed:
            return SandboxError(403, "REQUEST_FORBIDDEN_ERROR", "The key may not read transactions.")
        if kind != "refund" or operation != "create":
            return None
        if number in self._turned_away or self.world.strikes(self._passing, self.luck):
            self._turned_away.add(number)
            self.world.note("gateway", "cannot refund now", str(number))
            return SandboxError(400, "TEMPORARILY_UNAVAILABLE", "The channel cannot refund at the moment. Try again.")
        return None

    def _noticed(self, before: RefundRecord | None, refund: RefundRecord) -> None:
        """A refund was made, or has ended."""
        if before is not None:
            self.world.note("channel", refund.status.lower(), f"{refund.reference_id} {refund.id}")
            return
        self.world.note("gateway", "gives back", f"{refund.reference_id} {refund.id} {refund.amount}")
        delay = self.scenario.assumptions.refund_delay
        fails = self.luck.chance() < _FAILING
        if fails or not delay:
            self.world.at((delay or _SLOWEST) * self.luck.chance(), self._end, (refund.id, fails))

    def _end(self, told: tuple[str, bool]) -> None:
        """The channel has done it, or refused it."""
        refund_id, fails = told
        book = self.scenario.gateway.book("refund")
        try:
            _ = book.fail(refund_id) if fails else book.succeed(refund_id)
        except SandboxError:  # it was cancelled
            return
        self.scenario.gateway.publish()
