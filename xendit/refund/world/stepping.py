"""RefundApi for a WorldClient, whose calls are steps: `refund_invoice`, which is made of several calls, gives steps too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.refund.invoice_refund import Wish, refund_steps
from xendit.refund.refund_api import RefundApi

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from xendit.testing.world.scheduler import Steps


class SteppingRefundApi(RefundApi):
    """The real operations; the calls of a refund are made one by one, so that something may come between any two."""

    def refund_invoice(self, invoice: str, amount: Decimal | None = None, **named: Any) -> Steps:  # type: ignore[override] # the calls of a world give steps
        """As that of RefundApi, over the same generator of calls."""
        wish = Wish(amount, "REQUESTED_BY_CUSTOMER", named.get("reference_id"), None, None, None, None)
        return self._stepped(refund_steps(invoice, wish, self.api_client.configuration.source.uuid()))

    def _stepped(self, calls: Any) -> Steps:
        act, given = calls.send, None
        try:
            while True:
                asked = act(given)
                steps: Any = self._call(asked.operation, asked.arguments, {})
                try:
                    given = yield from steps
                except Exception as error:  # noqa: BLE001 - the generator decides which failure ends it
                    act, given = calls.throw, error
                else:
                    act = calls.send
        except StopIteration as done:
            return done.value
