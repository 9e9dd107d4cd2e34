"""Tools that put themselves between a program and its server, each the real package, in an environment of its own.

The newest of each, and for aioresponses and httpretty, which do not work with the newest aiohttp and urllib3, the last that they
work with.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.environments import run, with_packages
from xendit.sandbox import Sandbox

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent
PROGRAM = HERE / "tools.py"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox():
    """The real server, which a replayed request must not reach."""
    with Sandbox() as sandbox:
        yield sandbox


def tell(environment, name, sandbox, tmp_path):
    """Run one scene of tools.py and give what it found."""
    done = run(
        with_packages(environment),
        PROGRAM,
        name,
        sandbox.url,
        sandbox.api_key,
        cwd=tmp_path,
        env={"PYTHONPATH": str(PACKAGE)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def said_once(log, tool):
    return log.count(f"{tool} is in place of what") == 1


@pytest.mark.parametrize("order", ["cassette_first", "call_first"])
def test_vcrpy_records_and_replays(order, sandbox, tmp_path):
    """One interaction is recorded; replayed, nothing reaches the server; "none" refuses; the key is in no cassette."""
    before = len(list(sandbox.book("invoice").ledger))
    found, log = tell("tools", f"vcr_{order}", sandbox, tmp_path)
    assert found["recorded"] == found["replayed"] != found["afterwards"]
    assert found["interactions"] == 1
    assert found["refused"] == "CannotOverwriteExistingCassetteException"
    assert len(list(sandbox.book("invoice").ledger)) == before + (2 if order == "cassette_first" else 3)
    assert said_once(log, "vcr")
    tape = (tmp_path / "tape.yaml").read_text()
    assert "uthorization" not in tape
    assert sandbox.api_key not in tape


def test_vcrpy_records_and_replays_asynchronous_calls(sandbox, tmp_path):
    """The same with aiohttp."""
    found, log = tell("tools", "vcr_async", sandbox, tmp_path)
    assert found["recorded"] == found["replayed"]
    assert found["interactions"] == 1
    assert found["refused"] == "CannotOverwriteExistingCassetteException"
    assert said_once(log, "vcr")
    assert "uthorization" not in (tmp_path / "tape.yaml").read_text()


def test_a_pytest_suite_with_cassettes(sandbox, tmp_path):
    """pytest-recording with the fixture that the documents show: recorded once, then replayed with the network blocked."""
    python = with_packages("tools")
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom xendit.testing import cassette_settings\n"
        "@pytest.fixture(scope='module')\ndef vcr_config():\n    return cassette_settings()\n"
    )
    (tmp_path / "test_shop.py").write_text(
        "import pytest, xendit\nfrom xendit.apis import InvoiceApi\n"
        f"api = InvoiceApi(xendit.ApiClient(xendit.Configuration(host={sandbox.url!r}, api_key={sandbox.api_key!r})))\n"
        "@pytest.mark.vcr\ndef test_order():\n"
        "    made = api.create_invoice({'external_id': 'recorded', 'amount': 1000})\n"
        "    assert api.get_invoice_by_id(made.id).external_id == 'recorded'\n"
    )
    before = len(list(sandbox.book("invoice").ledger))
    for options in (["--record-mode=once"], ["--record-mode=none", "--block-network"]):
        environment = {"PYTHONPATH": str(PACKAGE), "XENDIT_API_KEY": ""}
        done = run(python, "-m", "pytest", "-q", *options, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stdout
    assert len(list(sandbox.book("invoice").ledger)) == before + 1


def test_pook_answers(sandbox, tmp_path):
    """Its answer comes, and what it does not know it refuses."""
    found, log = tell("tools", "pook", sandbox, tmp_path)
    assert found["answered"] == "from the tool"
    assert found["refused"] == "PookNoMatches"
    assert said_once(log, "pook")


def test_responses_in_the_place_of_urllib3_is_asked(sandbox, tmp_path):
    """It is asked and the server is not; responses 0.26 then fails by itself, for it knows requests of requests alone."""
    found, log = tell("tools", "responses", sandbox, tmp_path)
    assert found["refused"] == "AttributeError"
    assert said_once(log, "responses")


@pytest.mark.parametrize("scene", ["aioresponses", "httpretty"])
def test_a_stand_in_of_older_libraries_answers(scene, sandbox, tmp_path):
    """With the last releases that it works with."""
    found, log = tell("tools-last", scene, sandbox, tmp_path)
    assert found["answered"] == "from the tool"
    assert said_once(log, {"aioresponses": "unittest.mock"}.get(scene, scene))


TRANSPORTS = {
    ("sync", "fast"): "ThreadTransport",
    ("async", "fast"): "LoopTransport",
    ("sync", "plain"): "PlainTransport",
    ("async", "plain"): "PlainLoopTransport",
    ("sync", "recorded"): "ThreadDetour",
    ("async", "recorded"): "LoopTransport",
}


@pytest.mark.parametrize("world", ["sync", "async"])
@pytest.mark.parametrize("which", ["instrumented", "hook", "both"])
def test_one_span_and_a_traceparent(which, world, sandbox, tmp_path):
    """Whoever asked for OpenTelemetry, and if all did, on both transports and below a recorder.

    The span is the shop's child, and the server joins that span; the fast transport stays.
    """
    by_road, log = tell("tools", f"otel_{which}_{world}", sandbox, tmp_path)
    assert list(by_road) == ["fast", "plain", "recorded"]
    for road, found in by_road.items():
        assert found["names"] == ["GET /v2/invoices/{invoice_id}"], road
        assert found["joined"] == found["children"] == [True], road
        assert found["transport"] == TRANSPORTS[world, road]
    assert said_once(log, "vcr")
    assert "opentelemetry is in place" not in log


@pytest.mark.parametrize("world", ["sync", "async"])
@pytest.mark.parametrize("which", ["instrumented", "both"])
def test_sentry_has_a_span_a_breadcrumb_and_its_headers(which, world, sandbox, tmp_path):
    """One of each, without the key, where Sentry alone is set up and where our hook is given too; the fast transport stays."""
    by_road, log = tell("tools", f"sentry_{which}_{world}", sandbox, tmp_path)
    assert list(by_road) == ["fast", "plain"]
    for road, found in by_road.items():
        assert found["spans"] == ["GET"], road
        assert found["crumbs"] == [["http", 200]], road
        assert found["joined"], road
        assert found["baggage"], road
        assert not found["key"], road
        assert found["transport"] == TRANSPORTS[world, road]
    assert "plain transport" not in log
