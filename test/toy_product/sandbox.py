"""Vouchers in the sandbox: created, read, listed, and redeemed by themselves a minute later."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from xendit.sandbox.state.core.accounts import Account
from xendit.sandbox.state.core.book import Book, permit
from xendit.sandbox.state.core.checks import is_number
from xendit.sandbox.state.core.errors import SandboxError
from xendit.sandbox.state.core.ids import object_id
from xendit.sandbox.state.core.rules import OperationCall, ProductRules, Route
from xendit.sandbox.state.core.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BEFORE_REDEEMED = timedelta(minutes=1)


@dataclass(frozen=True)
class VoucherRecord:
    """A voucher as the sandbox keeps it."""

    id: str
    account: Account
    reference_id: str
    amount: float
    currency: str
    created: datetime
    status: str = "ACTIVE"


class Vouchers(Book[VoucherRecord]):
    """The vouchers of all accounts."""

    kind = "voucher"

    def write(self, record: VoucherRecord) -> dict[str, Any]:
        """Give all of a voucher as JSON values."""
        return {**asdict(record), "created": format_time(record.created)}

    def read(self, values: Mapping[str, Any]) -> VoucherRecord:
        """Make the voucher of what `write` gave."""
        fields = {**values, "account": Account(**values["account"]), "created": parse_time(values["created"])}
        return VoucherRecord(**fields)

    def due_times(self, record: VoucherRecord) -> Iterable[datetime]:
        """An active voucher is redeemed a minute after it was made."""
        return [record.created + _BEFORE_REDEEMED] if record.status == "ACTIVE" else []

    def fall_due(self, record: VoucherRecord, at: datetime) -> None:
        """Redeem it, and tell."""
        redeemed = replace(record, status="REDEEMED")
        self.keep(
            redeemed,
            tell={
                "event": "voucher.redeemed",
                "business_id": record.account.user_id,
                "created": format_time(at),
                "data": body_of(redeemed),
            },
        )

    def find(self, voucher_id: str) -> VoucherRecord:
        """Give a voucher of any account. Raises SandboxError: 404."""
        found = self.ledger.get(voucher_id)
        if found is None:
            raise self.missing(voucher_id)
        return found

    def reference_of(self, record: VoucherRecord) -> str:
        """Give the merchant's own id."""
        return record.reference_id


def body_of(record: VoucherRecord) -> dict[str, Any]:
    """A voucher as the API shows it."""
    return {
        "id": record.id,
        "reference_id": record.reference_id,
        "status": record.status,
        "amount": record.amount,
        "currency": record.currency,
        "created": format_time(record.created),
    }


def create(vouchers: Vouchers, call: OperationCall) -> dict[str, Any]:
    """Create a voucher."""
    permit(call.account, "write")
    reference, amount = call.body.get("reference_id"), call.body.get("amount")
    if not isinstance(reference, str) or not is_number(amount):
        raise SandboxError(400, "API_VALIDATION_ERROR", "reference_id and amount are needed")
    with vouchers.shared.lock:
        now = vouchers.shared.now()
        record = VoucherRecord(
            f"vou-{object_id(now, vouchers.shared.source)}",
            call.account,
            reference,
            amount,
            call.body.get("currency", "IDR"),
            now,
        )
        vouchers.keep(record)
        return body_of(record)


def get(vouchers: Vouchers, call: OperationCall) -> dict[str, Any]:
    """Read one."""
    with vouchers.shared.lock:
        return body_of(vouchers.own(call.account, call.values["voucher_id"]))


def list_some(vouchers: Vouchers, call: OperationCall) -> list[dict[str, Any]]:
    """List those of a reference, or all."""
    wanted = dict(call.query)
    with vouchers.shared.lock:
        found = vouchers.ledger.of_account(call.account)
        return [body_of(each) for each in found if wanted.get("reference_id") in (None, each.reference_id)]


RULES = ProductRules(
    kind=Vouchers.kind,
    book=Vouchers,
    routes=(
        Route("create", "POST", "/vouchers", create, creates=True),
        Route("get", "GET", "/vouchers/<voucher_id>", get),
        Route("list", "GET", "/vouchers", list_some),
    ),
    webhook_statuses=("REDEEMED",),
)
