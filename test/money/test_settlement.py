"""The close of a month: what was paid, what was kept, what is settled, and the one thing that does not add up."""

from __future__ import annotations

import gc
import json
import os
import random
import sqlite3
import tracemalloc
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

import xendit
from xendit.apis import InvoiceApi, RefundApi
from xendit.sandbox import Sandbox
from xendit.settlement import Period, Problem, SettlementRow, reconcile
from xendit.settlement.memory import InMemory
from xendit.settlement.store import KeptInvoice, KeptTransaction, Store

WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "proof"
ZONE = "Asia/Jakarta"
CHANNELS = {
    "IDR": ("BCA", "OVO", "QRIS", "ALFAMART", "CREDIT_CARD"),
    "PHP": ("GCASH", "CREDIT_CARD"),
    "MYR": ("TOUCHNGO",),
}
PLANTED = Decimal(12345)


def client_of(sandbox):
    return xendit.ApiClient(xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url))


def a_month(sandbox, count, seed):
    """A month of invoices: some unpaid, refunded in part or whole, settled late or not yet; what each is known to be."""
    chance = random.Random(seed)
    invoices, refunds = [], []
    begin = datetime(2025, 12, 31, 17, tzinfo=timezone.utc)  # the first of January in Jakarta
    for number in range(count):
        currency = chance.choices(("IDR", "PHP", "MYR"), (8, 1, 1))[0]
        amount = chance.randrange(10_000, 900_000) if currency == "IDR" else chance.randrange(1_000, 90_000) / 100
        paid_at = begin + timedelta(seconds=chance.randrange(31 * 86_400))
        status = chance.choices(("PENDING", "PAID", "SETTLED"), (1, 4, 15))[0]
        invoices.append(
            {
                "external_id": f"order-{number}",
                "amount": amount,
                "currency": currency,
                "status": status,
                "channel": chance.choice(CHANNELS[currency]),
                "at": paid_at,
            }
        )
        if status != "PENDING" and chance.random() < 0.08:
            part = amount if chance.random() < 0.5 else (amount // 3 if currency == "IDR" else round(amount / 3, 2))
            end = chance.choices(("SUCCEEDED", "FAILED"), (5, 1))[0]
            refunds.append({"external_id": f"order-{number}", "amount": part, "status": end})
    return invoices, refunds


def plant(sandbox, invoices, refunds):
    """Let the month happen by the sandbox's own rules, at its own times."""
    api = InvoiceApi(client_of(sandbox))
    known = {}
    for each in sorted(invoices, key=lambda one: one["at"]):
        sandbox.clock.freeze(each["at"])
        made = api.create_invoice(external_id=each["external_id"], amount=each["amount"], currency=each["currency"])
        known[each["external_id"]] = made
        if each["status"] != "PENDING":
            sandbox.pay(made.id, channel=each["channel"])
    sandbox.clock.freeze("2026-02-05T00:00:00Z")  # settled late, in another month
    for each in invoices:
        if each["status"] == "SETTLED":
            sandbox.settle(known[each["external_id"]].id)
    sandbox.clock.freeze("2026-01-31T12:00:00Z")
    give_back = RefundApi(client_of(sandbox))
    for each in refunds:
        made = give_back.refund_invoice(known[each["external_id"]], each["amount"])
        if each["status"] == "FAILED":
            sandbox.fail_refund(made.id)
        else:
            sandbox.succeed_refund(made.id)
    return known


def test_a_month_reconciles_to_the_cent(tmp_path):
    """Invoices, refunds, fees and late settlements add up; one planted payment is the only difference; the rest pends."""
    count = 2_000 if WHOLE else 250
    invoices, refunds = a_month(None, count, 20260131)
    with Sandbox(assume={"refund_delay": 0}) as sandbox:
        plant(sandbox, invoices, refunds)
        sandbox.move_money("PAYMENT", float(PLANTED), cashflow="MONEY_IN", reference_id="nobody's")
        sandbox.move_money("WITHDRAWAL", 50_000, reference_id="to the bank")
        with reconcile(client_of(sandbox), "2026-01", zone=ZONE) as found:
            rows = list(found)
            totals, differences = found.totals(), found.differences
            balances = sandbox.book("transaction").balances(sandbox.account())
    paid = [each for each in invoices if each["status"] != "PENDING"]
    of_invoices = [row for row in rows if row.invoice_id is not None]
    assert len(of_invoices) == len(paid)
    assert {row.joined_by for row in of_invoices} == {"payment_link_id"}
    assert [(row.problem, row.difference) for row in rows if row.problem] == [(Problem.NO_INVOICE, PLANTED)]
    assert differences == 1
    assert Counter(row.settlement for row in of_invoices) == Counter(
        "PENDING" if each["status"] == "PAID" else "SETTLED" for each in paid
    )
    for currency in ("IDR", "PHP", "MYR"):
        asked = [Decimal(str(each["amount"])) for each in paid if each["currency"] == currency]
        mine = [each for each in totals if each.currency == currency]
        assert sum(each.paid for each in mine) == sum(asked)
        given_back = [
            Decimal(str(each["amount"]))
            for each in refunds
            if each["status"] == "SUCCEEDED"
            and next(one for one in invoices if one["external_id"] == each["external_id"])["currency"] == currency
        ]
        assert sum(each.refunded for each in mine) == sum(given_back, Decimal(0))
        for each in mine:
            assert each.net == each.amount - each.fee - each.tax == each.settled + each.pending
        held = balances[currency]
        assert Decimal(str(held["HOLDING"])) == sum(each.pending for each in mine)
        assert Decimal(str(held["CASH"])) == sum(each.settled - each.refunded + each.other for each in mine)


@pytest.fixture
def shop_with_money():
    with Sandbox() as sandbox:
        sandbox.clock.freeze("2026-01-10T05:00:00Z")
        yield sandbox


def invoice_of(sandbox, reference, amount=100_000, at=None, **more):
    if at is not None:
        sandbox.clock.freeze(at)
    made = InvoiceApi(client_of(sandbox)).create_invoice(external_id=reference, amount=amount)
    sandbox.pay(made.id, channel="OVO", **more)
    return made


def test_the_days_are_those_of_the_zone(shop_with_money):
    """A payment at half past midnight in Jakarta is of that day there, and of the day before in UTC."""
    invoice_of(shop_with_money, "late", at="2026-01-31T17:30:00Z")
    invoice_of(shop_with_money, "in time", at="2026-01-31T16:30:00Z")
    client = client_of(shop_with_money)
    with reconcile(client, "2026-01", zone=ZONE) as january, reconcile(client, "2026-02-01", zone=ZONE) as february:
        assert [row.external_id for row in january] == ["in time"]
        assert [row.external_id for row in february] == ["late"]
        assert next(iter(february)).paid_at.isoformat() == "2026-02-01T00:30:00+07:00"
        assert january.differences == february.differences == 0
    with reconcile(client, "2026-01", zone="UTC") as found:
        assert found.invoices == 2


def test_refunds_and_chargebacks_of_another_month(shop_with_money):
    """What is given back in February of a payment of January stands in February, and is no difference."""
    january = invoice_of(shop_with_money, "order-1")
    shop_with_money.clock.freeze("2026-02-10T00:00:00Z")
    RefundApi(client_of(shop_with_money)).refund_invoice(january, 40_000)
    shop_with_money.move_money("CHARGEBACK", 60_000, invoice_id=january.id)
    with reconcile(client_of(shop_with_money), "2026-02", zone=ZONE) as found:
        rows = {row.kind: row for row in found}
        assert (rows["refund"].refunded, rows["chargeback"].charged_back) == (40_000, 60_000)
        assert {row.invoice_id for row in rows.values()} == {january.id}
        assert found.differences == 0


@pytest.mark.parametrize("kind", [Store, InMemory])
def test_what_is_in_one_list_and_not_in_the_other(kind):
    """Every kind of difference is told, by how much; what is joined by its reference says so."""
    with closing(kind()) as store:
        store.begin_anew()
        moment = "2026-01-10T05:00:00.000000Z"

        def invoice(name, paid="100", currency="IDR"):
            return KeptInvoice(name, f"ref-{name}", moment, currency, "OVO", paid, "PAID")

        def payment(
            name, link, amount="100", *, reference=None, currency="IDR", status="SUCCESS", net="90", kind="PAYMENT"
        ):
            out = "MONEY_IN" if kind == "PAYMENT" else "MONEY_OUT"
            return KeptTransaction(
                name,
                kind,
                status,
                out,
                reference,
                currency,
                "OVO",
                amount,
                "8",
                "2",
                net,
                "SETTLED",
                None,
                moment,
                link,
                None,
                link,
            )

        store.take("invoices", [invoice(name) for name in "abcdefgh"])
        store.take(
            "transactions",
            [
                payment("t-a", "a"),
                payment("t-c", "c", "99.99", net="89.99"),
                payment("t-d", "d", net="91"),
                payment("t-e", None, reference="ref-e"),
                payment("t-f", "f"),
                payment("t-f2", "f"),
                payment("t-g", "g", status="REVERSED"),
                payment("t-h", "h"),
                payment("r-h", "h", "101", kind="REFUND", net="101"),
                payment("t-x", None, reference="somebody's"),
            ],
        )
        from xendit.settlement import Reconciliation

        period = Period.of("2026-01", "UTC")
        found = Reconciliation(
            xendit.ApiClient(xendit.Configuration(api_key="xnd_development_x")),
            period,
            None,
            store,
            ignore_unlinked=False,
        )
        told = {
            (row.invoice_id or row.transaction_id, row.transaction_id): (row.problem, row.difference, row.joined_by)
            for row in found
        }
        assert told == {
            ("a", "t-a"): (None, 0, "payment_link_id"),
            ("b", None): (Problem.NO_TRANSACTION, -100, "none"),
            ("c", "t-c"): (Problem.AMOUNT, Decimal("-0.01"), "payment_link_id"),
            ("d", "t-d"): (Problem.NET, 1, "payment_link_id"),
            ("e", "t-e"): (None, 0, "reference_id"),
            ("f", "t-f"): (None, 0, "payment_link_id"),
            ("f", "t-f2"): (Problem.TWICE, 100, "payment_link_id"),
            ("g", "t-g"): (Problem.FAILED, -100, "payment_link_id"),
            ("h", "t-h"): (Problem.REFUNDS, -1, "payment_link_id"),
            ("t-x", "t-x"): (Problem.NO_INVOICE, 100, "none"),
        }
        assert found.differences == 7
        assert sum(each.paid for each in found.totals()) == 800
        again = Reconciliation(found._invoices.api_client, period, None, store, ignore_unlinked=True)
        assert again.differences == 6


def test_a_time_at_the_end_of_the_calendar_is_no_obstacle():
    """`9999-12-31`, which some write for never, is past the end in Jakarta; and the first hour before the beginning."""
    with closing(Store()) as store:
        store.begin_anew()
        moment = "2026-01-10T05:00:00.000000Z"
        store.take("invoices", [KeptInvoice("a", "order", moment, "IDR", "OVO", "100", "PAID")])
        values = ("PAYMENT", "SUCCESS", "MONEY_IN", "order", "IDR", "OVO", "100", "0", "0", "100", "PENDING")
        store.take(
            "transactions",
            [KeptTransaction("t", *values, "9999-12-31T23:59:59.999000Z", moment, "a", None, "a")],
        )
        from xendit.settlement import Reconciliation

        client = xendit.ApiClient(xendit.Configuration(api_key="xnd_development_x"))
        (row,) = Reconciliation(client, Period.of("2026-01", ZONE), None, store, ignore_unlinked=False)
        assert row.settles_at == datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=timezone.utc)
        assert row.problem is None


@pytest.mark.filterwarnings("error")
def test_whoever_stops_among_the_rows_leaves_nothing_behind(shop_with_money):
    """The rows that were not asked for are no error, also where the file is closed before they are forgotten."""
    for number in range(3):
        invoice_of(shop_with_money, f"order-{number}")
    with reconcile(client_of(shop_with_money), "2026-01", zone=ZONE) as found:
        rows = iter(found)
        next(rows)
    del rows
    gc.collect()


def test_a_full_disk_is_an_error_of_the_file(shop_with_money, tmp_path):
    """What SQLite raises while pages are kept names the file, as an OSError; what was kept before is still there."""
    for number in range(3):
        invoice_of(shop_with_money, f"order-{number}")
    path = tmp_path / "state.db"
    with closing(Store(path)) as store:
        store.begin_anew(kept=1)
        store._file.execute("PRAGMA max_page_count=1").fetchall()
        rows = [KeptInvoice(f"i-{n}", "r" * 1000, "2026", "IDR", "OVO", "100", "PAID") for n in range(100)]
        with pytest.raises(OSError, match=r"state\.db cannot be used: database or disk is full"):
            store.take("invoices", rows)
    with closing(Store(path)) as store:
        assert (store.state("kept"), store.count("invoices")) == (1, 0)
        store._file.execute("DROP TABLE invoices")
        with pytest.raises(OSError, match="cannot be used: no such table"):
            list(store.invoices())


def test_an_interrupted_run_goes_on(shop_with_money, tmp_path):
    """What was listed is kept; the next run of the same question lists the rest, and another question begins anew."""
    for number in range(120):
        invoice_of(shop_with_money, f"order-{number}")
    state, client = tmp_path / "january.db", client_of(shop_with_money)
    shop_with_money.faults.arm(kind="error", match="transaction.list", after=1, times=10)
    with pytest.raises(xendit.ServiceException):
        reconcile(client, "2026-01", zone=ZONE, state=state)
    shop_with_money.faults.clear()
    seen = []
    with reconcile(client, "2026-01", zone=ZONE, state=state, progress=seen.append) as found:
        assert (found.invoices, found.transactions, found.differences) == (120, 120, 0)
    assert seen[0] == 170  # what was kept: 120 invoices and a page of transactions
    with closing(sqlite3.connect(state)) as file:
        assert file.execute("SELECT count(*) FROM invoices").fetchone() == (120,)
    shop_with_money.clock.freeze("2026-01-11T05:00:00Z")
    invoice_of(shop_with_money, "one more")  # the file was told to its end: the next run is a new one
    with reconcile(client, "2026-01", zone=ZONE, state=state) as anew:
        assert anew.invoices == 121
    with reconcile(client, "2026-02", zone=ZONE, state=state) as other:
        assert other.invoices == 0
    stranger = xendit.ApiClient(xendit.Configuration(api_key="xnd_development_other", host=shop_with_money.url))
    with pytest.raises(OSError, match="another API key"):
        reconcile(stranger, "2026-02", zone=ZONE, state=state)
    (tmp_path / "other.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(OSError, match="cannot be used"):
        reconcile(client, "2026-02", zone=ZONE, state=tmp_path / "other.db")


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026", ZONE, "is no period"),
        ("2026-13", ZONE, "is no period"),
        ("2026-02-30", ZONE, "is no period"),
        ("2026-01-05..2026-01-04", ZONE, "ends before it begins"),
        ("2026-01", "Asia/Jakata", "no time zone 'Asia/Jakata'"),
        ("2026-01", "", "no time zone"),
        ("2026-01", None, "needs the time zone"),
        (5, ZONE, "period must be a text|has no attribute|must be"),
    ],
)
def test_a_period_that_is_none_is_told_before_anything_is_sent(recorder, client, text, zone, said):
    """What cannot be a period or a time zone is named; nothing is sent."""
    with pytest.raises((xendit.OpenApiException, ValueError), match=said):
        reconcile(client, Period.of(text, zone) if not isinstance(text, str) else text, zone=zone)
    assert not recorder.requests


def test_periods():
    """A month, a day and days, by the clock of the zone, daylight saving included."""
    assert Period.of("2026-01", ZONE).begin == datetime(2025, 12, 31, 17, tzinfo=timezone.utc)
    assert Period.of("2026-12", "UTC").end == datetime(2027, 1, 1, tzinfo=timezone.utc)
    week = Period.of("2026-01-01..2026-01-07", ZONE)
    assert week.end - week.begin == timedelta(days=7)
    assert Period.of("2026-03-29", "Europe/Berlin").end - Period.of("2026-03-29", "Europe/Berlin").begin == timedelta(
        hours=23
    )


def test_memory_does_not_grow_with_their_number(tmp_path):
    """Six thousand rows take no more memory to go through than one thousand."""

    def peak(count):
        with closing(Store(tmp_path / f"{count}.db")) as store:
            store.begin_anew()
            for start in range(0, count, 1000):
                numbers = range(start, start + 1000)
                moment = "2026-01-10T05:00:00.000000Z"
                store.take(
                    "invoices",
                    [KeptInvoice(f"i-{n}", f"r-{n}", moment, "IDR", "OVO", "100", "PAID") for n in numbers],
                )
                store.take(
                    "transactions",
                    [
                        KeptTransaction(
                            f"t-{n}", "PAYMENT", "SUCCESS", "MONEY_IN", f"r-{n}", "IDR", "OVO", "100", "0", "0", "100",
                            "SETTLED", None, moment, f"i-{n}", None, f"i-{n}",
                        )
                        for n in numbers
                    ],
                )  # fmt: skip
            from xendit.settlement import Reconciliation

            client = xendit.ApiClient(xendit.Configuration(api_key="xnd_development_x"))
            tracemalloc.start()
            found = Reconciliation(client, Period.of("2026-01", "UTC"), None, store, ignore_unlinked=False)
            assert found.differences == 0
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

    small, large = peak(1_000), peak(6_000)
    assert large < small + 200_000


def test_what_is_too_much_for_memory_moves_to_a_file(shop_with_money, monkeypatch):
    """In the middle of a listing; the rows are the same, and the file is closed whatever happens afterwards."""
    for number in range(130):
        invoice_of(shop_with_money, f"order-{number}")
    client = client_of(shop_with_money)
    with reconcile(client, "2026-01", zone=ZONE) as found:
        in_memory = list(found)
        assert isinstance(found._store, InMemory)
    for most in (50, 110, 200):
        monkeypatch.setattr("xendit.settlement.memory.MOST_ROWS", most)
        with reconcile(client, "2026-01", zone=ZONE) as found:
            assert isinstance(found._store, Store)
            assert list(found) == in_memory
            assert found.differences == 0
    shop_with_money.faults.arm(kind="error", match="transaction.list", after=1, times=10)
    with pytest.raises(xendit.ServiceException):
        reconcile(client, "2026-01", zone=ZONE)
    gc.collect()


def test_memory_and_file_answer_alike():
    """Of the same rows, in the same order, also where several are of one time, one reference or one id."""
    chance, moments = random.Random(5), [f"2026-01-1{number}T05:00:00.000000Z" for number in range(3)]
    texts = (None, "", "a", "b", "ä")
    stores = [Store(), InMemory()]
    for _ in range(40):
        for store in stores:
            store.begin_anew(a=1)
        pages = [
            [
                KeptInvoice(f"i{chance.randrange(12)}", chance.choice(texts), chance.choice(moments), *["x"] * 4)
                for _ in range(8)
            ],
            [
                KeptTransaction(
                    f"t{chance.randrange(30)}",
                    chance.choice(("PAYMENT", "PAYMENT", "REFUND", "WITHDRAWAL", None)),
                    *("SUCCESS", "MONEY_IN", chance.choice(texts), "IDR", "OVO", "1", None, "0", "1", None, None),
                    chance.choice(moments),
                    *(None, None, chance.choice((None, f"i{chance.randrange(14)}"))),
                )
                for _ in range(20)
            ],
        ]
        told = []
        for store in stores:
            counts = [store.take("invoices", pages[0], b=[2]), store.take("transactions", pages[1])]
            store.is_listed()
            joined = []
            for invoice in store.unpaid_invoices():
                candidates = store.unlinked_payments(invoice.external_id)
                joined.append((invoice, candidates))
                for each in candidates[:1]:
                    store.join(each.id, invoice.id)
            several = [*store.invoices()], [*store.others(moments[0], moments[2])]
            told.append((counts, joined, several, store.unpaid_invoices(), store.state("b"), store.state("c")))
        assert told[0] == told[1]
    stores[0].close()


def test_a_row_is_plain_values():
    """A row gives all of it by name, for whoever writes a file of their own."""
    row = SettlementRow("payment", "IDR", "BCA", paid=Decimal("1.10"))
    assert json.dumps(row.to_dict(), default=str).count('"1.10"') == 1
    assert list(row.to_dict())[:3] == ["kind", "currency", "channel"]
