"""What a test does to a voucher in a sandbox: methods of `Sandbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xendit.sandbox.actions import SandboxActions
from xendit.voucher.sandbox import Vouchers, body_of

if TYPE_CHECKING:
    from xendit.sandbox.state.core.jsontext import JsonObject


class VoucherActions(SandboxActions):
    """Redeem vouchers."""

    def redeem(self, voucher_id: str) -> JsonObject:
        """Redeem a voucher at once, send the webhook, and give the voucher as the API shows it."""
        vouchers = self.book_of(Vouchers)
        with vouchers.shared.lock:
            vouchers.fall_due(vouchers.find(voucher_id), vouchers.shared.now())
            redeemed = body_of(vouchers.find(voucher_id))
        self.publish()
        return redeemed
