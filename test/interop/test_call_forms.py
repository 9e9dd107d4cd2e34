"""The call forms of public programs send the same requests and read the same answers on the official SDKs and on ours.

Each official release has an environment of its own, made as in test_interop.py; where it cannot be had, only ours runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "contract"))

from recorder import Answer, Recorder  # noqa: E402

from interop import call_forms  # noqa: E402
from interop.environments import with_packages  # noqa: E402

SCRIPT = HERE / "call_forms.py"

RELEASES = ("7", "0")
"""Of xendit-python."""
#: Forms that fail on the official release, with the error that they fail with there.
FAIL_THERE = {
    "integers_in_models": "ApiTypeError",
    "decimals": "ApiTypeError",
    "key_in_a_dict": "TypeError",
    "request_from_the_package": "ImportError",
    "one_dict": "TypeError",
    "small_letter": "AttributeError",
}
HEADERS = ("for-user-id", "with-fee-rule", "with-split-rule", "x-idempotency-key", "x-api-version")
PROBLEM = {"error_code": "INVOICE_NOT_FOUND_ERROR", "message": "Could not find invoice"}


class Refusing(Recorder):
    """The recorder, which does not find the invoice `refused`."""

    def answer(self, request):
        given = super().answer(request)
        return Answer(404, PROBLEM) if request.path.endswith("/refused") else given


def instant(text):
    """A time of a query as a moment, whatever its spelling; any other text as it is."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def plain(body):
    """A body without null fields, which say the same as absent ones."""
    if isinstance(body, dict):
        return {name: plain(value) for name, value in body.items() if value is not None}
    return [plain(each) for each in body] if isinstance(body, list) else body


def meaning(request):
    """What a request asks, without what releases spell in different ways: slashes, decimals, times, one cursor."""
    _, _, rest = request.path.lstrip("/").partition("/")
    names = {"last_invoice_id": "last_invoice"}
    query = {(names.get(name, name), instant(value)) for name, value in request.query}
    query = {(name, float(value) if name in ("limit", "amount") else value) for name, value in query}
    headers = {name: request.header(name) for name in HEADERS if request.header(name) is not None}
    path = [part for part in rest.split("/") if part]
    return request.method, path, sorted(query, key=str), plain(request.json or {}), headers, request.key


def run(python, release, *names, **environment):
    """Run forms; the requests by form, and what each form returned or raised."""
    with Refusing() as server:
        done = subprocess.run(
            [str(python), str(SCRIPT), server.url, release, *names],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**{name: value for name, value in os.environ.items() if "XENDIT" not in name}, **environment},
        )
        assert done.returncode == 0, done.stderr
        sent = {name: [] for name in names}
        for request in server.requests:
            sent[request.path.lstrip("/").partition("/")[0]].append(meaning(request))
    return sent, json.loads(done.stdout)


def ours(release, *names):
    """The forms on this package."""
    return run(sys.executable, release, *names, PYTHONPATH=str(HERE.parents[1]))


@pytest.mark.parametrize("release", RELEASES)
def test_every_form_works_here(release):
    """Every form of the table returns, sends one request, and its answer is read."""
    names = list(call_forms.FORMS[release])
    sent, results = ours(release, *names)
    for name in names:
        assert results[name][0] == "returned", (name, results[name])
        assert len(sent[name]) == 1, name


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_as_on_the_official_release(release):
    """What works on the official release asks the same and reads the same here; what the table says fails there does."""
    python = with_packages(f"python-{release}")
    names = list(call_forms.FORMS[release])
    sent, results = ours(release, *names)
    theirs, their_results = run(python, release, *names)
    for name in names:
        if name in FAIL_THERE:
            assert their_results[name][:2] == ["raised", FAIL_THERE[name]], name
        else:
            assert their_results[name] == results[name], name
            assert theirs[name] == sent[name], name


def test_failures_are_of_the_table():
    """No row says of a form that it fails which is not there."""
    assert set(FAIL_THERE) <= {name for forms in call_forms.FORMS.values() for name in forms}
