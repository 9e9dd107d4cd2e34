"""A month as no sandbox makes it, with every odd value that a page can bear, reconciles to the same text ever after.

`month.jsonl` holds its rows and totals. It was written when every page was read into models and every row made from them;
what reads and joins has been made faster since, and must not come to another result. To write it anew, where a result is
meant to change: `PYTHONPATH=. python test/money/test_settlement_month.py`.
"""

from __future__ import annotations

import json
import random
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "contract"))

from recorder import KEY, Answer, Recorder

import xendit
from xendit.cli.reconciled import plain_value
from xendit.settlement import reconcile

MONTH = Path(__file__).parent / "month.jsonl"
COUNT = 130


class Dice:
    """Chance that is the same on every Python."""

    def __init__(self, seed: int, *, odd: bool) -> None:
        self._random = random.Random(seed)
        self.odd = odd
        """Whether values are of a wrong type here and there, so that a page is read with more care."""

    def upto(self, count: int) -> int:
        """From 0 on, below count."""
        return int(self._random.random() * count)

    def of(self, *several: Any) -> Any:
        """One of them."""
        return several[self.upto(len(several))]

    def one_in(self, count: int) -> bool:
        """Rarely."""
        return self.upto(count) == 0


def moment(dice: Dice) -> str:
    """A time of January, or just beside it, in one of the forms in which APIs write times."""
    day, clock = 1 + dice.upto(31), f"{dice.upto(24):02d}:{dice.upto(60):02d}:{dice.upto(60):02d}"
    month = dice.of(*["01"] * 12, "02")
    day = min(day, 28) if month == "02" else day
    ending = dice.of(
        *[f".{dice.upto(1000):03d}Z"] * 12, "Z", ".123456Z", ".123456789Z", "", ".5+00:00", "+07:00", ".250-03:30"
    )
    return f"2026-{month}-{day:02d}T{clock}{ending}"


def amount_of(dice: Dice, currency: str) -> Any:
    """An amount as JSON has them: whole, with cents, or a float that is whole."""
    if currency == "IDR":
        return dice.of(1, 1, 1, 1.0) * (10_000 + dice.upto(900_000))
    return dice.of((100_000 + dice.upto(9_000_000)) / 100, 1_000 + dice.upto(5_000), 0.1 + 0.2, 12345678901234.56)


def invoice(dice: Dice, number: int) -> dict[str, Any]:
    """A paid invoice."""
    currency = dice.of("IDR", "IDR", "IDR", "PHP", "XXX")
    amount = amount_of(dice, currency)
    paid_at = moment(dice)
    made: dict[str, Any] = {
        "id": f"{number:024x}",
        "external_id": f"order-{number // 2 * 2 if dice.one_in(9) else number}",
        "user_id": "5f9a3fbd571a1c4068aa40ce",
        "status": dice.of("PAID", "SETTLED", "SETTLED", "COMPLETED"),
        "merchant_name": dice.of("Toko Sinar", 'Toko "Sinar"', "Toko \\ Sinar" if dice.odd else ":", None),
        "amount": amount,
        "paid_amount": dice.of(amount, amount, amount, amount, None, str(amount) if dice.odd else amount),
        "paid_at": dice.of(paid_at, paid_at, paid_at, paid_at, None),
        "payment_method": dice.of("EWALLET", "BANK_TRANSFER", "TELEPATHY", None),
        "payment_channel": dice.of("OVO", "BCA", "", None),
        "invoice_url": f"https://checkout.example/web/{number:024x}",
        "available_banks": dice.of([], [{"bank_code": "BCA", "transfer_amount": 5}]),
        "should_send_email": dice.of(False, "no"),
        "metadata": dice.of(None, {"a": {"b": ["c", 1, None]}}),
        "created": paid_at,
        "updated": paid_at,
        "currency": currency,
    }
    if dice.one_in(3):
        made["news_of_tomorrow"] = dice.of("x", None, ["y", {"z": "y"}])
    return {name: value for name, value in made.items() if value is not None or dice.one_in(2)}


def transaction(dice: Dice, number: int, of: dict[str, Any], kind: str = "PAYMENT") -> dict[str, Any]:
    """Money that moved for an invoice."""
    amount, currency = of["amount"], of["currency"]
    if kind != "PAYMENT":
        amount = dice.of(amount, round(amount / 3, 2), amount * 2)
    if dice.one_in(15):
        amount = amount + 1
    if dice.one_in(30):
        currency = "THB"
    fee: dict[str, Any] = {
        "xendit_fee": dice.of(0, 4500, 0.75, amount // 100),
        "value_added_tax": dice.of(0, 495, 0.08, None),
        "xendit_withholding_tax": dice.of(0, 12, 0.1),
        "third_party_withholding_tax": dice.of(0, 0.2, None),
        "status": dice.of("COMPLETED", "PENDING", None),
    }
    taken = sum(
        (Decimal(str(value)) for name, value in fee.items() if name != "status" and value is not None), Decimal(0)
    )
    net = Decimal(str(amount)) - taken + (1 if dice.one_in(20) else 0)
    at = moment(dice)
    made: dict[str, Any] = {
        "id": f"txn_{number:04d}",
        "product_id": f"ewc_{number}",
        "type": kind,
        "status": dice.of("SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "PENDING", "FAILED", "VOIDED", "REVERSED", "ODD"),
        "channel_category": dice.of("EWALLET", "CARDS", None),
        "channel_code": dice.of("OVO", "BCA", "", None),
        "account_identifier": dice.of(None, None, "8808123412341234", 8808),
        "reference_id": dice.of(of["external_id"], of["external_id"], "", None),
        "currency": currency,
        "amount": amount,
        "net_amount": float(net) if dice.one_in(2) or net != int(net) else int(net),
        "net_amount_currency": currency,
        "cashflow": "MONEY_IN" if kind == "PAYMENT" else "MONEY_OUT",
        "settlement_status": dice.of("SETTLED", "SETTLED", "PENDING", "EARLY_SETTLED", None),
        "estimated_settlement_time": dice.of(at, at, None, "soon" if dice.odd else at),
        "business_id": "5f9a3fbd571a1c4068aa40ce",
        "created": at,
        "updated": at,
        "fee": None if dice.one_in(12) else fee,
        "product_data": {"capture_id": None, "payment_request_id": dice.of("pr-1", None), "payment_link_id": of["id"]},
    }
    if dice.one_in(5):
        made["product_data"] = dice.of(None, {"payment_link_id": None}, {"payment_link_id": ""}, {"news": {"a": "b"}})
    if dice.one_in(6):
        made["net_amount"] = dice.of(None, "much" if dice.odd else None)
    if dice.one_in(4):
        made["news_of_tomorrow"] = dice.of("x", None, ["y", {"z": "y"}])
    return {name: value for name, value in made.items() if value is not None or dice.one_in(2)}


def month(dice: Dice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All that is listed, newest first by nothing but its number."""
    invoices = [invoice(dice, number) for number in range(COUNT)]
    moved: list[dict[str, Any]] = []
    for number, each in enumerate(invoices):
        if not dice.one_in(12):
            moved.append(transaction(dice, len(moved), each))
        if dice.one_in(15):
            moved.append(transaction(dice, len(moved), each))
        if dice.one_in(6):
            moved.append(transaction(dice, len(moved), each, dice.of("REFUND", "CHARGEBACK")))
        if dice.one_in(10):
            other = {**each, "id": f"{9_000 + number:024x}"}
            moved.append(transaction(dice, len(moved), other, dice.of("PAYMENT", "REFUND", "CHARGEBACK", "WITHDRAWAL")))
    return invoices, moved


def pages(invoices: list[Any], moved: list[Any]) -> list[Answer]:
    """The answers, in the order in which they are asked for; some as compact JSON, as servers write it, some not."""
    found = [invoices[begin : begin + 100] for begin in range(0, len(invoices) + 1, 100)]
    answers: list[Any] = [Answer(body=page) for page in found]
    for begin in range(0, len(moved), 50):
        page = {"has_more": begin + 50 < len(moved), "data": moved[begin : begin + 50], "links": []}
        compact = json.dumps(page, separators=(",", ":"), ensure_ascii=False).encode()
        answers.append(Answer(body=compact if begin % 100 else page))
    return answers


def close_it(zone: str, dice: Dice) -> str:
    """The rows and the totals, a line each: the values in the order of their names."""
    with Recorder() as recorder:
        recorder.answers.extend(pages(*month(dice)))
        with (
            xendit.ApiClient(xendit.Configuration(api_key=KEY, host=recorder.url)) as client,
            reconcile(client, "2026-01", zone) as found,
        ):
            rows = [each.to_dict() for each in found]
            told = [*rows, *(each.to_dict() for each in found.totals())]
    return "".join(json.dumps([*map(plain_value, each.values())]) + "\n" for each in told)


def both() -> str:
    """A month with values of wrong types, as it is seen from Jakarta, and one without from Berlin."""
    return close_it("Asia/Jakarta", Dice(20260131, odd=True)) + close_it("Europe/Berlin", Dice(4, odd=False))


@pytest.mark.parametrize("most_in_memory", [30_000, 0])
def test_a_month_comes_to_the_same_text_ever_after(most_in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row and every total, whatever was made faster, in memory and in a file."""
    monkeypatch.setattr("xendit.settlement.memory.MOST_ROWS", most_in_memory)
    found, wanted = both().splitlines(), MONTH.read_text("ascii").splitlines()
    assert len(found) == len(wanted)
    for row, kept in zip(found, wanted, strict=True):
        assert row == kept


if __name__ == "__main__":
    MONTH.write_text(both(), "ascii")
