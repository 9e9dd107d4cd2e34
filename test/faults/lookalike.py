"""A tiny Xendit, without sockets: four operations over a ledger of invoices, and the four of refunds over the same.

It knows nothing of the package under test. The shapes are those of recorded answers (test/payloads).
"""

from __future__ import annotations

import json
import math
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Invoice = dict[str, Any]


def operation_of(method: str, target: str) -> str:
    """create, get, list or expire; empty for what the API does not have."""
    path = urlsplit(target).path
    if is_of_refunds(target):
        parts = path.strip("/").split("/")
        if method == "POST":
            return {1: "create", 3: "expire"}.get(len(parts), "")
        return {1: "list", 2: "get"}.get(len(parts), "")
    if method == "POST" and path.rstrip("/") == "/v2/invoices":
        return "create"
    if method == "POST" and path.startswith("/invoices/") and path.endswith("/expire!"):
        return "expire"
    if method == "GET" and path.rstrip("/") == "/v2/invoices":
        return "list"
    return "get" if method == "GET" and path.startswith("/v2/invoices/") else ""


def is_of_refunds(target: str) -> bool:
    """Whether a request is about refunds, whose cancel is the expire of an invoice, and their reference its external_id."""
    return urlsplit(target).path.startswith("/refunds")


def invoice_id_of(target: str) -> str:
    """The id in a path of get or expire."""
    path = urlsplit(target).path.removesuffix("/expire!").removesuffix("/cancel")
    return unquote(path.rpartition("/")[2])


class Ledger:
    """Every invoice that was committed, in order: the truth by which a client is audited."""

    def __init__(self) -> None:
        self._invoices: list[Invoice] = []
        self._by_id: dict[str, Invoice] = {}
        self._by_external_id: dict[str, list[Invoice]] = {}
        self._lock = threading.Lock()

    def commit(self, invoice: Invoice) -> Invoice:
        """Write an invoice; nothing is ever unique but its id, as at Xendit."""
        with self._lock:
            self._invoices.append(invoice)
            self._by_id[invoice["id"]] = invoice
            self._by_external_id.setdefault(invoice["external_id"], []).append(invoice)
        return invoice

    def of(self, external_id: str) -> list[Invoice]:
        """The invoices with this external_id, oldest first."""
        with self._lock:
            return list(self._by_external_id.get(external_id, ()))

    def find(self, invoice_id: str) -> Invoice | None:
        """The invoice with this id."""
        with self._lock:
            return self._by_id.get(invoice_id)

    def newest(self) -> list[Invoice]:
        """All invoices, newest first."""
        with self._lock:
            return self._invoices[::-1]

    def duplicates(self) -> list[str]:
        """The external_ids that stand in the ledger more than once."""
        with self._lock:
            return [name for name, invoices in self._by_external_id.items() if len(invoices) > 1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._invoices.clear()
            self._by_id.clear()
            self._by_external_id.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._invoices)

    def __iter__(self) -> Iterator[Invoice]:
        return iter(self.newest()[::-1])


class Xendit:
    """The four operations. A write and its answer are two steps, so that a fault can come between.

    Args:
        skew: seconds by which the server's clock is ahead of this machine's.
        lag: seconds after which an invoice shows in a list.
    """

    def __init__(self, *, skew: float = 0.0, lag: float = 0.0) -> None:
        self.ledger = Ledger()
        self.skew = skew
        self.lag = lag
        self._made = 0
        self._lock = threading.Lock()

    def now(self) -> float:
        """The server's clock, in seconds since 1970."""
        return time.time() + self.skew

    def date(self) -> str:
        """The clock as the Date header tells it: whole seconds, the rest cut."""
        return formatdate(self.now(), usegmt=True)

    def _time(self, moment: float) -> str:
        whole, milliseconds = divmod(int(moment * 1000), 1000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{milliseconds:03d}Z"

    def invoice(self, external_id: Any, amount: Any, **fields: Any) -> Invoice:
        """A new invoice that stands in no ledger yet."""
        with self._lock:
            self._made += 1
            invoice_id = f"64f0{self._made:020x}"
        now = self.now()
        currency = fields.get("currency", "IDR")
        if currency == "IDR":
            amount = int(amount)  # it has no decimals: Xendit cuts them
        bank = {"collection_type": "POOL", "bank_branch": "Virtual Account", "account_holder_name": "FAULTS"}
        return {
            "id": invoice_id,
            "external_id": external_id,
            "user_id": "614726785b5db94a38bb48b0",
            "status": "PENDING",
            "merchant_name": "Faults",
            "merchant_profile_picture_url": "https://example.invalid/xendit.png",
            "amount": amount,
            "expiry_date": self._time(now + 86400),
            "invoice_url": f"https://checkout-staging.example.invalid/web/{invoice_id}",
            "available_banks": [{"bank_code": code, "transfer_amount": amount, **bank} for code in ("BNI", "BCA")],
            "available_retail_outlets": [{"retail_outlet_name": "ALFAMART"}],
            "available_ewallets": [{"ewallet_type": "OVO"}],
            "available_qr_codes": [{"qr_code_type": "QRIS"}],
            "available_direct_debits": [{"direct_debit_type": "DD_BRI"}],
            "available_paylaters": [],
            "should_exclude_credit_card": False,
            "should_send_email": False,
            "created": self._time(now),
            "updated": self._time(now),
            "currency": currency,
            **{name: value for name, value in fields.items() if name not in ("external_id", "amount", "currency")},
        }

    def refund(self, external_id: Any, amount: Any, **fields: Any) -> Invoice:
        """A new refund that stands in no ledger yet; there it has its reference as an external_id too."""
        with self._lock:
            self._made += 1
            refund_id = f"rfd-{self._made:08x}-0000-4000-8000-000000000000"
        moment = f"{self._time(self.now())[:-1]}981439Z"  # nine digits, as it has them
        return {
            "id": refund_id,
            "payment_id": "ewc_b4eab1df-139f-4c96-9fb4-ec492f589895",
            "payment_request_id": fields.get("payment_request_id", "pr-1"),
            "invoice_id": "",
            "payment_method_type": "EWALLET",
            "amount": amount,
            "channel_code": "DANA",
            "status": "PENDING",
            "reason": "",
            "reference_id": external_id,
            "external_id": external_id,
            "currency": "IDR",
            "country": "ID",
            "failure_code": None,
            "refund_method": "DIRECT",
            "created": fields.get("created", moment),
            "updated": moment,
        }

    def prepare(self, method: str, target: str, body: bytes) -> tuple[Callable[[], Any], int, Any]:
        """What a request would do: a function that does it, and the answer's status and body."""
        operation = operation_of(method, target)
        if operation == "create":
            return self._create_refund(body) if is_of_refunds(target) else self._create(body)
        if operation == "list":
            listed = self._listed(target)
            return _nothing, 200, {"data": listed, "has_more": False} if is_of_refunds(target) else listed
        found = self.ledger.find(invoice_id_of(target))
        if operation == "get" and found is not None:
            return _nothing, 200, dict(found)
        if operation == "expire" and found is not None and found["status"] == "PENDING":
            now = self._time(self.now())
            change = {"status": "CANCELLED"} if is_of_refunds(target) else {"status": "EXPIRED", "expiry_date": now}
            change["updated"] = now
            return (lambda: found.update(change)), 200, {**found, **change}
        if operation:
            what = (
                "Could not find and update PENDING invoice" if operation == "expire" else "Could not find invoice by id"
            )
            return _nothing, 404, error("INVOICE_NOT_FOUND_ERROR", f"{what} {invoice_id_of(target)}")
        return _nothing, 404, error("NOT_FOUND", "There is no such route")

    def _create(self, body: bytes) -> tuple[Callable[[], Any], int, Any]:
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        asked = asked if isinstance(asked, dict) else {}
        external_id, amount = asked.get("external_id"), asked.get("amount")
        number = isinstance(amount, (int, float)) and not isinstance(amount, bool) and math.isfinite(amount)
        if not isinstance(external_id, str) or not number:
            return _nothing, 400, {**error("API_VALIDATION_ERROR", "Inputs are failing validation"), "errors": []}
        invoice = self.invoice(**asked)
        return (lambda: self.ledger.commit(invoice)), 200, dict(invoice)

    def _create_refund(self, body: bytes) -> tuple[Callable[[], Any], int, Any]:
        try:
            asked = json.loads(body)
            refund = self.refund(**{**asked, "external_id": asked["reference_id"]})
        except (ValueError, KeyError, TypeError):
            return _nothing, 400, error("API_VALIDATION_ERROR", "Inputs are failing validation")
        return (lambda: self.ledger.commit(refund)), 200, dict(refund)

    def _listed(self, target: str) -> list[Invoice]:
        query = parse_qs(urlsplit(target).query)
        found = self.ledger.newest()
        if "payment_request_id" in query:
            wanted = query["payment_request_id"][0]
            found = [each for each in found if each.get("payment_request_id") == wanted]
        if "external_id" in query:
            found = self.ledger.of(query["external_id"][0])[::-1]
        shown = self._time(self.now() - self.lag)
        if self.lag:
            found = [invoice for invoice in found if invoice["created"] <= shown]
        if "last_invoice" in query:
            ids = [invoice["id"] for invoice in found]
            found = found[ids.index(query["last_invoice"][0]) + 1 :]
        return [dict(invoice) for invoice in found[: int(query.get("limit", ["10"])[0])]]


def error(code: str, message: str) -> dict[str, str]:
    """An error's body."""
    return {"error_code": code, "message": message}


def _nothing() -> None:
    """The write of an operation that only reads."""
