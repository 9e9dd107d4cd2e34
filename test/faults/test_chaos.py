"""What is promised of creates in bad weather, by a cut of the chaos run; `make proof` runs the whole.

The seeds are fixed here and printed by `make chaos`; with threads the same seed draws the same weather, though not
always for the same create.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from faults import chaos
from faults.behaviours import KINDS, parse
from faults.chaos import MODES, Told
from faults.server import FaultServer
from xendit import ApiClient, Configuration, RetryPolicy
from xendit.apis import InvoiceApi

if TYPE_CHECKING:
    from xendit.events import Event

_WHOLE = os.environ.get("HYPOTHESIS_PROFILE") == "proof"


@pytest.mark.parametrize(
    ("mode", "creates", "seed"),
    [
        ("lookup", 300, 1),
        ("refunds", 200, 1),
        ("raise", 80, 2),
        ("resend", 120, 3),
        ("lookup-async", 200, 1),
        ("resend-async", 80, 3),
    ],
    ids=str,
)
def test_no_create_is_made_twice_lost_or_told_wrongly(mode: str, creates: int, seed: int) -> None:
    """Half of the requests meet a fault, and the ledger agrees with every word that the client said."""
    audit = chaos.run(MODES[mode], 10_000 if _WHOLE else creates, seed)
    assert audit.broken == {}, audit
    assert audit.acknowledged > audit.attempted * 0.4
    assert audit.found_later == audit.unknown_exist > 0
    assert audit.failed + audit.unknown + audit.acknowledged == audit.attempted
    assert audit.overshoot_ms < 1000 + 2 * audit.stall_ms  # a drip would go on; threads may have to wait for a core


def test_the_audit_sees_what_a_naive_client_does() -> None:
    """The same weather, urllib3's Retry over POST: invoices twice, and invoices that are said to have failed."""
    audit = chaos.run(MODES["naive"], 60, 1, threads=32)
    assert audit.duplicates > 0
    assert audit.failed_but_exist > 0
    assert {"duplicates", "told failed though they exist"} <= audit.broken.keys()


@pytest.mark.parametrize("second", ["ok", "rst_after_commit"])
def test_a_commit_that_comes_while_the_create_is_sent_again_is_compensated(second: str) -> None:
    """Two invoices stand there; the oldest is returned and the other one expired, whether its answer came or not."""
    with FaultServer() as server:
        moment = server.xendit.invoice("e", 10_000)["created"]

        def arrive(event: Event) -> None:
            """The first create is written when the second one has been."""
            if event.kind == "attempted" and event.route == "/v2/invoices/" and event.attempt > 1:
                server.add("e", 10_000, created=moment)

        server.script("rst_after_request", *["ok"] * 5, second)
        policy = RetryPolicy(first_wait=0.001, resend_after=0.01)
        settings = Configuration(
            api_key="xnd_development_x", host=server.url, retries=policy, on_unknown="resend", on_event=arrive
        )
        invoice = InvoiceApi(ApiClient(settings)).create_invoice({"external_id": "e", "amount": 10_000})
        second_one, late = server.ledger.of("e")
        assert (late["id"], late["status"]) == (invoice.id, "PENDING")
        assert second_one["status"] == "EXPIRED"


def test_every_behaviour_is_in_the_weather() -> None:
    """A behaviour that is added to the server is drawn too; half of the dice are good, as told."""
    weather = chaos._weather(50, 0.3)
    drawn = {parse(text).name for text in [*weather, *chaos.CONNECTIONS]}
    assert drawn == KINDS.keys()
    assert weather["ok"] == pytest.approx(sum(weather.values()) / 2)
    mild = chaos._weather(10)
    assert mild["ok"] == pytest.approx(sum(mild.values()) * 0.9)


def _made(id: str, external_id: str, status: str = "PENDING") -> dict[str, Any]:
    return {"id": id, "external_id": external_id, "status": status}


ACKNOWLEDGED = [Told("e", "acknowledged", "1")]
UNKNOWN = [Told("e", "unknown")]
TWICE = [_made("1", "e"), _made("2", "e")]


@pytest.mark.parametrize(
    ("told", "made", "resolved", "broken"),
    [
        (ACKNOWLEDGED, [_made("1", "e")], {}, {}),
        (ACKNOWLEDGED, [], {}, {"lost": 1}),
        (ACKNOWLEDGED, [_made("2", "e")], {}, {"lost": 1}),
        (ACKNOWLEDGED, [_made("1", "e", "EXPIRED")], {}, {"lost": 1}),
        (ACKNOWLEDGED, [_made("1", "e"), _made("2", "e", "EXPIRED")], {}, {}),
        (ACKNOWLEDGED, TWICE, {}, {"duplicates": 1}),
        ([Told("e", "failed")], [], {}, {}),
        ([Told("e", "failed")], [_made("1", "e")], {}, {"told failed though they exist": 1}),
        (UNKNOWN, [_made("1", "e")], {"e": "1"}, {}),
        (UNKNOWN, [_made("1", "e")], {"e": "absent"}, {"resolved wrong": 1}),
        (UNKNOWN, [_made("1", "e")], {"e": "2"}, {"resolved wrong": 1}),
        (UNKNOWN, [], {"e": "absent"}, {}),
        (UNKNOWN, [], {"e": "2"}, {"resolved wrong": 1}),
        (UNKNOWN, TWICE, {"e": "several"}, {}),
        ([Told("e", "foreign", name="KeyError")], [], {}, {"foreign exceptions": 1}),
    ],
    ids=str,
)
def test_the_audit_compares_words_with_deeds(
    told: list[Told], made: list[dict[str, Any]], resolved: dict[str, str], broken: dict[str, int]
) -> None:
    """Each promise can be seen broken."""
    assert chaos._audit(MODES["lookup"], 1, told, made, resolved).broken == broken


def test_the_command_prints_its_seed_and_its_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One column a mode; the exit status says whether the promises were kept, where there are any."""

    def run(mode: chaos.Mode, creates: int, seed: int, *, faulty: float, threads: int) -> chaos.Audit:
        assert (creates, faulty, threads) == (8, 20.0, 16)
        told = ACKNOWLEDGED if mode.name == "lookup" else [Told("e", "failed")]
        return chaos._audit(mode, seed, told, [_made("1", "e")], {})

    monkeypatch.setattr(chaos, "run", run)
    arguments = ["--creates", "8", "--seed", "4", "--faulty", "20", "--modes"]
    assert chaos.main([*arguments, "lookup,once"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("seed 4, 20 % of requests faulty, 16 threads")
    acknowledged = next(line for line in told.splitlines() if line.startswith("acknowledged"))
    assert acknowledged.split()[1:] == ["1", "(100.0", "%)", "0", "(0.0", "%)"]
    assert "lookup: the default" in told
    assert "BROKEN" not in told
    assert chaos.main([*arguments, "raise"]) == 1
    assert "BROKEN by raise, seed 4: {'told failed though they exist': 1}" in capsys.readouterr().out
    for wrong in (["--modes", "hope"], ["--creates", "0"], ["--faulty", "0"]):
        with pytest.raises(SystemExit):
            chaos.main(wrong)
