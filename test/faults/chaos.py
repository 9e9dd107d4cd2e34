"""The chaos run: thousands of creates through a network that fails, and then the server's books are opened.

    python -m faults.chaos --creates 10000 --modes lookup,naive       # make chaos ARGS="..."

So many of a hundred creates meet a fault, drawn by seeded dice from all behaviours of the fault server; so do the
look-ups, and some connections. The server runs in a process of its own, its clock an hour slow, its list behind by `LAG`, and
for one create in ten it holds an old invoice with the same external_id and amount. All waits are a twentieth of the
client's defaults, so that a run takes a minute; nothing else about the client differs.

What the client said of each create is compared with the ledger. Afterwards the weather clears, and every create
whose outcome was unknown is resolved from its pickled error by another client.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import pickle
import platform
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import urllib3

import xendit
from faults.behaviours import KINDS, parse
from faults.server import ServerProcess
from xendit.apis import AsyncInvoiceApi, InvoiceApi, RefundApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from typing_extensions import Self

    from faults.lookalike import Invoice

    Create = Callable[[str, int], str]

SCALE = 20
"""How much shorter than the defaults all times are."""
BUDGET = 30 / SCALE
SILENCE = 10 / SCALE
CONNECT = 3 / SCALE
RESEND_AFTER = 10 / SCALE
LAG = 1 / SCALE
"""Seconds after which the server's list shows an invoice."""
_HANG = 2.0
_SOON, _LATER = 0.3, 0.7
"""Seconds after which a late commit is written: before and after RESEND_AFTER is over."""
_SKEW = -3600.0
_KEY = "xnd_development_chaos"


# ------------------------------------------------------------------------------------------ the weather


_SHORTER = {
    **dict.fromkeys(("hang_after_request", "hang_after_commit", "body_stall"), f"hang_s={_HANG}"),
    **dict.fromkeys(("drip_headers", "continue_drip", "drip_body"), f"gap=0.1,hang_s={_HANG}"),
    "ok_slow": "s=0.1",
    "slow_headers": "gap=0.0005",
    "slow_body": "gap=0.0001",
    "huge_body": "mb=5",
    "huge_body_nolength": "mb=5",
    "huge_error": "mb=1",
    "gzip_bomb": "mb=8",
}
_COMMON = (
    "rst_after_request",
    "rst_after_commit",
    "fin_after_commit",
    "rst_mid_response",
    "half_body",
    "ok_then_stale",
    "status:code=503",
    "status:code=503,commit=1",
    "status:code=500,commit=1",
    "html:code=502,commit=1",
    "html:code=504,commit=1",
    "empty:code=500",
    "status:code=408,commit=1",
    "status:code=429,err=RATE_LIMIT_EXCEEDED,retry_after=0.05",
    "status:code=400,err=API_VALIDATION_ERROR",
)
CONNECTIONS = {
    "ok": 100.0,
    "rst_on_accept": 2.0,
    "fin_on_accept": 2.0,
    "rst_mid_request": 2.0,
    "plain_garbage": 1.0,
    f"hang_on_accept:hang_s={_HANG}": 0.5,
    f"tls_stall:hang_s={_HANG}": 0.5,
}


def _weather(faulty: float, *late: float) -> dict[str, float]:
    """Weights of what may happen to a request: a fault so many times of a hundred."""
    rest = [name for name, kind in KINDS.items() if kind.stage == "request" and name not in ("ok", "late_commit")]
    faults = dict.fromkeys(_COMMON, 1.5)
    for name in rest:
        shorter = _SHORTER.get(name)
        text = f"{name}:{shorter}" if shorter else name
        faults[text] = faults.get(text, 0.0) + 0.4
    faults.update({f"late_commit:s={seconds}": 1.5 for seconds in late})
    return {"ok": sum(faults.values()) * (100 - faulty) / faulty, **faults}


# ------------------------------------------------------------------------------------------ who creates


class Mode(NamedTuple):
    """A way to create invoices.

    `late`: when commits that come after their connection is gone are written. `promises`: whether nothing may be
    duplicated or lost, or told wrongly.
    """

    name: str
    what: str
    late: tuple[float, ...] = (_SOON, _LATER)
    promises: bool = True


MODES = {
    mode.name: mode
    for mode in (
        Mode("lookup", "the default: a create whose outcome is unknown is looked up"),
        Mode("raise", "on_unknown='raise': the outcome is told as unknown at once"),
        Mode("resend", "on_unknown='resend', no commit being later than resend_after", (_SOON,)),
        Mode("refunds", "refunds in place of invoices: one whose outcome is unknown is looked up by its reference"),
        Mode("lookup-async", "the default, in tasks of one event loop"),
        Mode("resend-async", "resend, in tasks of one event loop", (_SOON,)),
        Mode("resend-later", "on_unknown='resend', some commits being later than resend_after", promises=False),
        Mode("once", "urllib3 without retries: whatever is no 200 has failed", promises=False),
        Mode("naive", "urllib3 with Retry(3) over POST: whatever is no 200 in the end has failed", promises=False),
    )
}


def _settings(url: str, threads: int, on_unknown: str) -> xendit.Configuration:
    return xendit.Configuration(
        api_key=_KEY,
        host=url,
        timeout=BUDGET,
        connect_timeout=CONNECT,
        read_timeout=SILENCE,
        retries=xendit.RetryPolicy(first_wait=0.25 / SCALE, longest_wait=8 / SCALE, resend_after=RESEND_AFTER),
        on_unknown=on_unknown,  # type: ignore[arg-type]
        connection_pool_maxsize=threads,
    )


def _ours(url: str, threads: int, on_unknown: str) -> InvoiceApi:
    return InvoiceApi(xendit.ApiClient(_settings(url, threads, on_unknown)))


def _refunds(url: str, threads: int) -> RefundApi:
    return RefundApi(xendit.ApiClient(_settings(url, threads, "lookup")))


def _with_refunds(url: str, threads: int) -> Create:
    api = _refunds(url, threads)

    def create(reference: str, amount: int) -> str:
        asked = {"payment_request_id": f"pr-{reference}", "reference_id": reference, "amount": amount}
        return str(api.create_refund(create_refund=asked).id)

    return create


def _with_sdk(url: str, threads: int, on_unknown: str) -> Create:
    api = _ours(url, threads, on_unknown)
    return lambda external_id, amount: str(api.create_invoice({"external_id": external_id, "amount": amount}).id)


@contextmanager
def _in_tasks(url: str, threads: int, on_unknown: str) -> Iterator[Create]:
    """Every thread has its creates done by tasks of one event loop, which runs beside them."""
    loop = asyncio.new_event_loop()
    runner = threading.Thread(target=loop.run_forever, daemon=True)
    runner.start()
    api = AsyncInvoiceApi(xendit.AsyncApiClient(_settings(url, threads, on_unknown)))

    def create(external_id: str, amount: int) -> str:
        task = api.create_invoice({"external_id": external_id, "amount": amount})
        return str(asyncio.run_coroutine_threadsafe(task, loop).result().id)

    try:
        yield create
    finally:
        asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        runner.join()
        loop.close()


class _Failed(Exception):
    """What a client without the notion of an unknown outcome says."""


def _without_sdk(url: str, threads: int, retries: urllib3.Retry) -> Create:
    manager = urllib3.PoolManager(maxsize=threads, retries=retries, timeout=urllib3.Timeout(CONNECT, SILENCE))

    def create(external_id: str, amount: int) -> str:
        try:
            answer = manager.request(
                "POST", url + "/v2/invoices/", json={"external_id": external_id, "amount": amount}, redirect=False
            )
            body = answer.json() if answer.status == 200 else None
            invoice_id = body["id"]
        except Exception as error:  # noqa: BLE001 - to this client every one of them is a failure
            raise _Failed(type(error).__name__) from None
        return str(invoice_id)

    return create


def _creator(mode: Mode, url: str, threads: int) -> AbstractContextManager[Create]:
    on_unknown, _, way = mode.name.partition("-")
    if mode.name == "refunds":
        return nullcontext(_with_refunds(url, threads))
    if way == "async":
        return _in_tasks(url, threads, on_unknown)
    if mode.name == "once":
        return nullcontext(_without_sdk(url, threads, urllib3.Retry(0)))
    if mode.name == "naive":
        over_post = urllib3.Retry(
            3, allowed_methods=None, status_forcelist=(408, 429, 500, 502, 503, 504), backoff_factor=0.25 / SCALE
        )
        return nullcontext(_without_sdk(url, threads, over_post))
    return nullcontext(_with_sdk(url, threads, on_unknown))


# ------------------------------------------------------------------------------------------ the run


class Told(NamedTuple):
    """What the client said of one create: acknowledged, failed, unknown or foreign."""

    external_id: str
    verdict: str
    invoice_id: str = ""
    elapsed: float = 0.0
    error: bytes = b""
    name: str = ""


class Audit(NamedTuple):
    """A run's figures. Every field that counts creates has the rest of its meaning in `rows`."""

    mode: Mode
    seed: int
    attempted: int
    acknowledged: int
    failed: int
    unknown: int
    unknown_exist: int
    found_later: int
    foreign: Counter[str]
    standing: int
    duplicates: int
    duplicates_told: int
    taken_back: int
    lost: int
    failed_but_exist: int
    resolved_wrong: int
    posts: int
    requests: int
    behaviours: int
    overshoot_ms: float
    stall_ms: float
    seconds: float

    @property
    def broken(self) -> dict[str, int]:
        """What must be 0 and is not."""
        counts = {
            "duplicates": self.duplicates,
            "lost": self.lost,
            "told failed though they exist": self.failed_but_exist,
            "resolved wrong": self.resolved_wrong,
            "foreign exceptions": sum(self.foreign.values()),
        }
        return {name: count for name, count in counts.items() if count}


def run(mode: Mode, creates: int, seed: int, *, faulty: float = 50.0, threads: int = 16) -> Audit:
    """Create so many invoices in bad weather, and audit what was said of them.

    Args:
        mode: the way to create them.
        creates: how many.
        seed: of the weather.
        faulty: how many of a hundred requests meet a fault.
        threads: that create at once, over one client.
    """
    with ServerProcess(skew=_SKEW, lag=LAG) as server:
        of_refunds = mode.name == "refunds"

        def of_kind(reference: str) -> dict[str, Any]:
            return {"refund": True, "payment_request_id": f"pr-{reference}"} if of_refunds else {}

        orders = [(f"chaos-{seed}-{number}", 10_000 + number) for number in range(creates)]
        older = {
            server.add(external_id, amount, created="2020-01-01T00:00:00.000Z", **of_kind(external_id))["id"]
            for external_id, amount in orders[::10]
        }
        server.weather(seed, _weather(faulty, *mode.late), _weather(faulty), CONNECTIONS)
        begun = time.monotonic()
        with _creator(mode, server.url, threads) as create, ThreadPoolExecutor(threads) as pool, _Stalls() as stalls:
            told = list(pool.map(lambda order: _tell(create, *order), orders))
        seconds = time.monotonic() - begun
        time.sleep(max(mode.late) + LAG + 0.2)  # what is late arrives
        server.script()
        entries = server.journal
        made = [invoice for invoice in server.ledger if invoice["id"] not in older]
        asked_again = [each for each in told if each.verdict == "unknown"]
        find = _refunds if of_refunds else lambda url, count: _ours(url, count, "lookup")
        later = find(server.url, threads + 1)  # another pool, as another process has
        with ThreadPoolExecutor(threads) as pool:
            resolved = dict(pool.map(lambda each: _resolve(later, each), asked_again))
    return _audit(mode, seed, told, made, resolved)._replace(
        posts=sum(entry.operation == "create" for entry in entries),
        requests=len(entries),
        behaviours=len({parse(entry.behaviour).name for entry in entries}),
        stall_ms=1000 * stalls.longest,
        seconds=seconds,
    )


class _Stalls:
    """How long a thread that only sleeps was kept from waking: by so much this machine makes every call late."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._over.wait(0.005):
            now = time.monotonic()
            self.longest = max(self.longest, now - last - 0.005)
            last = now

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _tell(create: Create, external_id: str, amount: int) -> Told:
    begun = time.monotonic()

    def told(verdict: str, **more: Any) -> Told:
        return Told(external_id, verdict, elapsed=time.monotonic() - begun, **more)

    try:
        return told("acknowledged", invoice_id=create(external_id, amount))
    except xendit.XenditSdkException as error:
        if error.outcome in ("not_sent", "rejected"):
            return told("failed")
        if isinstance(error, xendit.OutcomeUnknownException):
            return told("unknown", error=pickle.dumps(error))
        return told("foreign", name=f"{type(error).__name__}, outcome {error.outcome}")
    except _Failed:
        return told("failed")
    except Exception as error:  # noqa: BLE001 - whatever escapes is counted and named
        return told("foreign", name=type(error).__name__)


def _resolve(api: InvoiceApi | RefundApi, told: Told) -> tuple[str, str]:
    """The external_id, and the id of the invoice that is found later, or why there is none: absent or several."""
    try:
        return told.external_id, str(api.resolve(pickle.loads(told.error)).id)
    except xendit.OutcomeUnknownException as error:
        return told.external_id, "several" if f"{len(error.candidates)} invoices fit" in str(
            error
        ) or "refunds fit" in str(error) else "absent"


def _audit(mode: Mode, seed: int, told: Sequence[Told], made: Sequence[Invoice], resolved: dict[str, str]) -> Audit:
    """What was said against what is."""
    live: dict[str, list[str]] = {}
    expired = 0
    for invoice in made:
        if invoice["status"] == "PENDING":
            live.setdefault(invoice["external_id"], []).append(invoice["id"])
        else:
            expired += 1
    verdicts = Counter(each.verdict for each in told)
    several = {name for name, ids in live.items() if len(ids) > 1}
    truly = {
        each.external_id: (live.get(each.external_id) or ["absent"])[0]
        if each.external_id not in several
        else "several"
        for each in told
        if each.verdict == "unknown"
    }
    said = {each.external_id: each for each in told}
    return Audit(
        mode=mode,
        seed=seed,
        attempted=len(told),
        acknowledged=verdicts["acknowledged"],
        failed=verdicts["failed"],
        unknown=verdicts["unknown"],
        unknown_exist=sum(what != "absent" for what in truly.values()),
        found_later=sum(each not in ("absent", "several") for each in resolved.values()),
        foreign=Counter(each.name for each in told if each.verdict == "foreign"),
        standing=sum(map(len, live.values())),
        duplicates=sum(said[name].verdict != "unknown" for name in several),
        duplicates_told=sum(said[name].verdict == "unknown" for name in several),
        taken_back=expired,
        lost=sum(
            each.verdict == "acknowledged" and each.invoice_id not in live.get(each.external_id, ()) for each in told
        ),
        failed_but_exist=sum(each.verdict == "failed" and each.external_id in live for each in told),
        resolved_wrong=sum(resolved[name] != what for name, what in truly.items()),
        posts=0,
        requests=0,
        behaviours=0,
        overshoot_ms=1000 * max(0.0, *(each.elapsed - BUDGET for each in told)),
        stall_ms=0.0,
        seconds=0.0,
    )


# ------------------------------------------------------------------------------------------ the table


def table(audits: Sequence[Audit]) -> str:
    """The figures of some runs side by side."""
    rows: list[tuple[str, list[str]]] = [("", [audit.mode.name for audit in audits])]

    def row(label: str, value: Callable[[Audit], object]) -> None:
        rows.append((label, [str(value(audit)) for audit in audits]))

    def share(part: int, audit: Audit) -> str:
        return f"{part} ({100 * part / audit.attempted:.1f} %)"

    row("creates attempted", lambda audit: audit.attempted)
    row("acknowledged", lambda audit: share(audit.acknowledged, audit))
    row("told failed (not_sent, rejected)", lambda audit: share(audit.failed, audit))
    row("told unknown", lambda audit: share(audit.unknown, audit))
    row("  of which exist", lambda audit: audit.unknown_exist)
    row("  found later by resolve()", lambda audit: audit.found_later)
    row("payable invoices in the ledger", lambda audit: audit.standing)
    row("duplicates taken back (expired)", lambda audit: audit.taken_back)
    row("duplicates told, with candidates", lambda audit: audit.duplicates_told)
    row("DUPLICATES, told to nobody", lambda audit: audit.duplicates)
    row("LOST: acknowledged, not there", lambda audit: audit.lost)
    row("TOLD FAILED THOUGH THEY EXIST", lambda audit: audit.failed_but_exist)
    row("resolve() was wrong", lambda audit: audit.resolved_wrong)
    row("foreign exceptions", lambda audit: sum(audit.foreign.values()))
    row(f"worst overshoot past {BUDGET:g} s, ms", lambda audit: f"{audit.overshoot_ms:.0f}")
    row("  longest stall of the machine, ms", lambda audit: f"{audit.stall_ms:.0f}")
    row("POSTs a create", lambda audit: f"{audit.posts / audit.attempted:.2f}")
    row("behaviours met", lambda audit: audit.behaviours)
    row("seconds", lambda audit: f"{audit.seconds:.0f}")
    wide = max(len(label) for label, _ in rows)
    widths = [max(len(cells[place]) for _, cells in rows) for place in range(len(audits))]
    lines = [
        "  ".join([label.ljust(wide), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))]).rstrip()
        for label, cells in rows
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m faults.chaos", description="Creates in bad weather, audited.")
    parser.add_argument("--creates", type=int, default=10_000, help="invoices to create in each mode (10000)")
    parser.add_argument("--seed", type=int, default=None, help="of the weather; printed when it is drawn")
    parser.add_argument("--faulty", type=float, default=50.0, help="requests of a hundred that meet a fault (50)")
    parser.add_argument("--threads", type=int, default=16, help="that create at once, over one client (16)")
    parser.add_argument("--modes", default="lookup", help=f"of {','.join(MODES)}; parted by commas (lookup)")
    options = parser.parse_args(arguments)
    names = options.modes.split(",")
    unknown = [name for name in names if name not in MODES]
    if unknown:
        parser.error(f"there is no mode {unknown[0]!r}")
    if options.creates < 1 or options.threads < 1 or not 0 < options.faulty <= 100:
        parser.error("creates and threads must be 1 or more, faulty more than 0 and at most 100")
    logging.getLogger("xendit").addHandler(logging.NullHandler())  # one warning a retry is a flood here
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(
        f"seed {seed}, {options.faulty:g} % of requests faulty, {options.threads} threads, one client\n"
        f"{time.strftime('%Y-%m-%d')},"
        f" xendit-sdk {xendit.__version__}, urllib3 {urllib3.__version__}, Python {platform.python_version()}\n"
        f"all times 1/{SCALE} of the defaults: budget {BUDGET:g} s, silence {SILENCE:g} s, connect {CONNECT:g} s;"
        f" list lag {LAG:g} s, server's clock {_SKEW:+g} s\n"
    )
    audits = [run(MODES[name], options.creates, seed, faulty=options.faulty, threads=options.threads) for name in names]
    print(table(audits))
    print("\n" + "\n".join(f"{audit.mode.name}: {audit.mode.what}" for audit in audits))
    broken = [audit for audit in audits if audit.mode.promises and audit.broken]
    for audit in broken:
        print(f"\nBROKEN by {audit.mode.name}, seed {seed}: {audit.broken} {dict(audit.foreign) or ''}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
