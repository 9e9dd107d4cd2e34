"""What error trackers show of the frames that a failed call leaves behind: no payer, however the request was given."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from interop.environments import with_packages

from xendit import ApiClient, AsyncApiClient, AsyncInvoiceApi, Configuration
from xendit.apis import InvoiceApi, RefundApi
from xendit.exceptions import OpenApiException
from xendit.model import Model
from xendit.models import CreateInvoiceRequest
from xendit.veil import unveiled, veiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "xnd_development_aSecretOfTheTest"
HELD = ("ayu@example.com", "Ayu Lestari", "+628123456789", "Jalan Mawar 7")
REQUEST: dict[str, Any] = {
    "external_id": "order-1",
    "amount": 1000,
    "payer_email": HELD[0],
    "customer": {
        "given_names": HELD[1],
        "mobile_number": HELD[2],
        "addresses": [{"street_line1": HELD[3], "country": "Indonesia"}],
    },
}
REFUND = {"reference_id": "r-1", "invoice_id": "inv", "reason": "REQUESTED_BY_CUSTOMER", "metadata": {"payer": HELD[1]}}
#: What is wrong with a request, before anything is sent; nothing is wrong with the first, whose server is not there.
WRONG: dict[str, dict[str, Any]] = {
    "fine": {},
    "amount": {"amount": "x"},
    "nested": {"items": 5},
    "unknown": {"items": [{"nam": 1}]},
}


def settings() -> Configuration:
    """Of a client whose server refuses each connection."""
    return Configuration(api_key=KEY, host="http://127.0.0.1:9", retries=0)


def as_keywords(request: dict[str, Any]) -> None:
    """Give the fields as keywords."""
    InvoiceApi(ApiClient(settings())).create_invoice(**request)


def as_dict(request: dict[str, Any]) -> None:
    """Give a dict by position."""
    InvoiceApi(ApiClient(settings())).create_invoice(request)  # type: ignore[arg-type] # some are wrong


def both(request: dict[str, Any]) -> None:
    """Give a dict, and a field beside it."""
    InvoiceApi(ApiClient(settings())).create_invoice(request, amount=5)  # type: ignore[call-overload] # which is refused


def from_dict(request: dict[str, Any]) -> None:
    """Read a model of a dict, and send it."""
    InvoiceApi(ApiClient(settings())).create_invoice(CreateInvoiceRequest.from_dict(request))


def through_the_door(request: dict[str, Any]) -> None:
    """Send it to a path of one's own."""
    ApiClient(settings()).request("POST", "/v2/invoices", json=request)


def asynchronously(request: dict[str, Any]) -> None:
    """Give a dict in an event loop."""

    async def run() -> None:
        async with AsyncApiClient(settings()) as client:
            await AsyncInvoiceApi(client).create_invoice(request)  # type: ignore[arg-type] # some are wrong

    asyncio.run(run())


WAYS = (as_dict, as_keywords, both, from_dict, through_the_door, asynchronously)


def is_ours(path: str) -> bool:
    """Whether it is a file of the library, or what that has compiled."""
    return "/xendit/" in path.replace("\\", "/") or path.startswith("<xendit")


def frames_of(error: BaseException) -> Iterator[traceback.FrameSummary]:
    """The frames of the library in a traceback, with those of what caused it."""
    seen: list[traceback.TracebackException | None] = [
        traceback.TracebackException.from_exception(error, capture_locals=True)
    ]
    while seen:
        each = seen.pop()
        if each is not None:
            yield from (frame for frame in each.stack if is_ours(frame.filename))
            seen += [each.__cause__, each.__context__]


def failed(call: Callable[[], object]) -> Exception:
    """What a call raises."""
    with pytest.raises(OpenApiException) as raised:
        call()
    return raised.value


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_frame_shows_the_payer(way: Callable[[dict[str, Any]], None], wrong: str) -> None:
    """Whether nothing was sent, or nobody answered."""
    request = copy.deepcopy(REQUEST) | WRONG[wrong]
    shown = 0
    for frame in frames_of(failed(lambda: way(request))):
        shown += 1
        for name, value in (frame.locals or {}).items():
            assert not any(held in value for held in (*HELD, KEY)), (frame.name, name, value)
    assert shown > 0


def test_no_frame_shows_what_a_refund_says() -> None:
    """A refund is given as a dict too."""
    error = failed(lambda: RefundApi(ApiClient(settings())).create_refund(create_refund=REFUND))  # type: ignore[arg-type]
    assert not any(HELD[1] in value for frame in frames_of(error) for value in (frame.locals or {}).values())


SENTRY = """
import json, sys
import sentry_sdk
from xendit import ApiClient, Configuration
from xendit.apis import InvoiceApi

sent = []
sentry_sdk.init(
    dsn="http://key@127.0.0.1:9/1", before_send=lambda event, _: sent.append(event), default_integrations=False
)
settings = Configuration(api_key=sys.argv[1], host="http://127.0.0.1:9", retries=0)
try:
    InvoiceApi(ApiClient(settings)).create_invoice(json.loads(sys.argv[2]))
except Exception as error:
    sentry_sdk.capture_exception(error)
frames = [frame for each in sent[0]["exception"]["values"] for frame in each.get("stacktrace", {}).get("frames", [])]
print(json.dumps([frame["vars"] for frame in frames if frame["module"].startswith("xendit.")], default=str))
"""


@pytest.mark.slow
def test_an_error_tracker_shows_nothing() -> None:
    """Sentry writes a mapping out, value by value, and masks what has a telling name alone."""
    python = with_packages("tools")
    root = str(Path(__file__).resolve().parent.parent)
    ran = subprocess.run(
        [str(python), "-c", SENTRY, KEY, json.dumps(REQUEST)],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "values not shown" in ran.stdout
    assert not any(held in ran.stdout for held in (*HELD, KEY)), ran.stdout


def test_pytest_shows_nothing_in_frames_of_ours(tmp_path: Path) -> None:
    """`pytest --showlocals`, as a shop's continuous integration runs it, whose log others read."""
    (tmp_path / "test_shop.py").write_text(
        "from xendit import ApiClient, Configuration\n"
        "from xendit.apis import InvoiceApi\n"
        "def request():\n"
        f"    return {REQUEST!r} | {{'amount': 'x'}}\n"
        "def test_shop():\n"
        f"    InvoiceApi(ApiClient(Configuration(api_key={KEY!r}))).create_invoice(request())\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--showlocals", "--tb=long", "-p", "no:cacheprovider", "test_shop.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert "values not shown" in ran.stdout
    assert not any(held in ran.stdout for held in HELD), ran.stdout


def test_a_model_that_was_not_made_can_be_shown() -> None:
    """A traceback that shows variables meets one in the frame of its constructor."""
    with pytest.raises(OpenApiException) as raised:
        CreateInvoiceRequest(external_id="a", amount="x")  # type: ignore[arg-type]
    assert [*frames_of(raised.value)]
    half = CreateInvoiceRequest.__new__(CreateInvoiceRequest)
    assert repr(half) == "<CreateInvoiceRequest: not made>"


def payer() -> Any:
    """A model of its own for each test, so that no other has had it compiled."""

    class Payer(Model):
        """Whom a shop knows."""

        name: str
        """What they are called."""
        age: float | None = None
        """In years."""
        notes: dict[str, object] | None = None
        """What they like."""

    return Payer


#: How a model is given what it does not take, beside what is personal.
MISTAKES: dict[str, Callable[[Any], object]] = {
    "a value": lambda model: model(name=HELD[0], age="x"),
    "by position": lambda model: model(HELD[0], "x"),
    "too many": lambda model: model(HELD[0], 1, HELD[1]),
    "a missing field": lambda model: model(age=1, notes={"of": HELD[0]}),
    "within itself": lambda model: model(name=HELD[0], notes=WITHIN),
    "an attribute": lambda model: setattr(model(name="a"), "name", [HELD[0]]),
    "an item": lambda model: model(name="a").__setitem__("name", [HELD[0]]),
    "a value within": lambda model: model(name="a").__setitem__("notes", {HELD[0]: {HELD[1]}}),
    "a dict": lambda model: model.from_dict({"name": HELD[0], "age": "x"}),
    "no dict": lambda model: model.from_dict([HELD[0]]),
    "JSON": lambda model: model.from_json(json.dumps({"name": HELD[0], "age": "x"})),
    "no JSON": lambda model: model.from_json(json.dumps({"name": HELD[0]})[:-1]),
}
WITHIN: dict[str, Any] = {"of": HELD[0]}
WITHIN["itself"] = WITHIN


@pytest.mark.parametrize("compiled", [False, True], ids=["slow", "compiled"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_frame_of_a_model_shows_what_it_was_given(mistake: str, compiled: bool) -> None:
    """A body that is read by hand, and a constructor, whether the class has a compiled one by then or not."""
    model = payer()
    if compiled:
        model.__plan__.compile()
    frames = [*frames_of(failed(lambda: MISTAKES[mistake](model)))]
    assert frames
    for frame in frames:
        for name, value in (frame.locals or {}).items():
            assert not any(held in value for held in HELD), (frame.name, name, value)


def test_what_is_veiled_tells_its_names_and_comes_back() -> None:
    """A model and None stay as they are."""
    given = {"payer_email": HELD[0], "odd name": 1}
    assert repr(veiled(given)) == "<dict of payer_email, …: values not shown>"
    assert repr(veiled([HELD[0]])) == "<list: not shown>"
    model = CreateInvoiceRequest(external_id="a", amount=1)
    assert veiled(model) is model
    assert veiled(None) is None
    assert unveiled({"a": veiled(given), "b": 2}) == {"a": given, "b": 2}
