"""The webhook token is looked for when a request is judged: a module is imported without it, and nothing is believed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from xendit import settings
from xendit.exceptions import (
    ConfigurationException,
    WebhookBodyException,
    WebhookSizeException,
    WebhookTokenException,
)
from xendit.webhook import MemoryInbox, Verifier, Webhook, read_event

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "eG5kVG9rZW4tb2YtdGhlLXRlc3Q"
BODY = b'{"id": "inv-1", "user_id": "usr", "external_id": "order-1", "status": "PAID", "amount": 1000}'
MISSING = "there is no webhook token: give tokens=... or set XENDIT_WEBHOOK_TOKEN"
NOTHING: list[Any] = [None, "", [], [""], [None, ""], ()]


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XENDIT_WEBHOOK_TOKEN", raising=False)


def headers(token: str = TOKEN) -> dict[str, str]:
    """The headers of a webhook."""
    return {"x-callback-token": token, "content-type": "application/json"}


@pytest.mark.parametrize("tokens", NOTHING)
def test_without_a_token_every_request_is_answered_503(tokens: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Making the endpoint does not fail; one line of the log names the setting; nothing is stored."""
    webhook = Webhook(MemoryInbox(), tokens)
    for given in (headers(), headers(""), headers("None"), {}):
        answer = webhook.answer("POST", given, BODY)
        assert (answer.status, answer.outcome, answer.key) == (503, "unavailable", None)
        assert dict(answer.headers)["Retry-After"]
        refusal = webhook.head("POST", given)
        assert refusal is not None
        assert refusal.status == 503
    assert webhook.inbox.tally(done=True) == (0, 0, 0, 0, 0.0)
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.ERROR
    assert MISSING in caplog.records[0].getMessage()
    assert webhook.answer("GET", {}, BODY).status == 405


@pytest.mark.parametrize("tokens", NOTHING)
def test_a_verifier_without_a_token_believes_nothing(tokens: Any) -> None:
    """Neither an empty header nor a missing one is compared with a token that is not there."""
    verifier = Verifier(tokens)
    assert repr(verifier) == "<Verifier by XENDIT_WEBHOOK_TOKEN>"
    for given in (headers(), headers(""), {}):
        with pytest.raises(ConfigurationException, match=MISSING):
            verifier.verify(given, BODY)
        with pytest.raises(ConfigurationException, match=MISSING):
            verifier.check_head(given)


@pytest.mark.parametrize("tokens", NOTHING)
def test_an_empty_token_of_a_sub_account_is_none(tokens: Any) -> None:
    """`TOKENS.get(user_id, "")` vouches for nobody, not even for an empty header."""
    webhook = Webhook(MemoryInbox(), token_for=lambda _: tokens)
    assert [webhook.answer("POST", headers(given), BODY).status for given in ("", TOKEN)] == [401, 401]


def test_the_environment_is_read_when_a_request_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that was made before takes the token that is there now, of several each, and keeps none."""
    webhook = Webhook(MemoryInbox())
    assert webhook.answer("POST", headers(), BODY).status == 503
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", f"new, ,{TOKEN} ,")
    assert [webhook.answer("POST", headers(given), BODY).status for given in ("new", TOKEN, "old")] == [200, 200, 401]
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", "another")
    assert webhook.answer("POST", headers(), BODY).status == 401
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", " , ")
    assert webhook.answer("POST", headers(), BODY).status == 503


def test_a_token_that_was_given_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor a sandbox that stands in changes it; what is empty beside it is no token."""
    webhook = Webhook(MemoryInbox(), [TOKEN, "", None])
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", "of-the-environment")
    monkeypatch.setattr(settings, "_stand_in", {"XENDIT_WEBHOOK_TOKEN": "of-the-sandbox"})
    statuses = [
        webhook.answer("POST", headers(given), BODY).status for given in (TOKEN, "of-the-environment", "", "None")
    ]
    assert statuses == [200, 401, 401, 401]
    assert repr(webhook.verifier) == "<Verifier of 1 token>"


def test_an_endpoint_follows_the_sandbox_of_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one stands in; afterwards it knows its former token and nothing of the sandbox's."""
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", TOKEN)
    webhook = Webhook(MemoryInbox())

    def taken() -> list[int]:
        return [webhook.answer("POST", headers(given), BODY).status for given in (TOKEN, "of-the-sandbox")]

    assert taken() == [200, 401]
    with monkeypatch.context() as patch:
        patch.setattr(settings, "_stand_in", {"XENDIT_WEBHOOK_TOKEN": "of-the-sandbox"})
        assert taken() == [401, 200]
    assert taken() == [200, 401]


FLAWED = {
    f'"{TOKEN}"': "is in quotes",
    f"'{TOKEN}": "is in quotes",
    f"{TOKEN} x": "holds a space",
    "t\u00f6k\u00e9n": "holds a character that is not printable ASCII",
    f"{TOKEN}\0": "holds a character that is not printable ASCII",
    "x" * 1025: "is longer than 1024 characters",
}


IN_THE_ENVIRONMENT = "the environment variable XENDIT_WEBHOOK_TOKEN"
#: An environment holds no NUL.
SAID = [("tokens", *each) for each in FLAWED.items()]
SAID += [(IN_THE_ENVIRONMENT, token, said) for token, said in FLAWED.items() if "\0" not in token]


@pytest.mark.parametrize(("where", "token", "said"), SAID, ids=range(len(SAID)))
def test_what_can_be_no_token_is_told(
    where: str, token: str, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the first request: 503, and the log says what is wrong and where it stands, and never the token."""
    if where == "tokens":
        webhook = Webhook(MemoryInbox(), ["good", token])
    else:
        monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", token)
        webhook = Webhook(MemoryInbox())
    for given in (token, "good", TOKEN):
        assert webhook.answer("POST", headers(given), BODY).status == 503
    assert len(caplog.records) == 1
    assert f"{where}: the webhook token {said}" in caplog.text
    assert token not in caplog.text


def test_a_token_in_quotes_with_several_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """`XENDIT_WEBHOOK_TOKEN="new,old"` in a file for docker keeps one quote at each end."""
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", '"new,old"')
    with pytest.raises(ConfigurationException, match="is in quotes"):
        Verifier().check_tokens()
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", "new,old")
    Verifier().check_tokens()


def shown(error: BaseException | None) -> str:
    """What an error tracker shows: the variables of each frame of ours, of the error and of what is behind it."""
    told = ""
    while error is not None:
        frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
        told += str([frame.locals for frame in frames if f"{os.sep}xendit{os.sep}" in frame.filename])
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


@pytest.mark.parametrize(
    "options",
    [
        {"token_for": "x"},
        {"max_body": 0},
        {"deadline": 99},
        {"inbox": 5},
        {"tokens": [TOKEN, 5]},
        {"tokens": {TOKEN, b"x"}},
    ],
    ids=["token_for", "max_body", "deadline", "inbox", "tokens as list", "tokens as set"],
)
@pytest.mark.parametrize("given", [TOKEN, [TOKEN]])
def test_no_variable_of_a_traceback_shows_a_token(given: Any, options: dict[str, Any]) -> None:
    """A mistake in another argument is shown with its variables by an error tracker: no token is among them."""
    with pytest.raises(ConfigurationException) as raised:
        Webhook(**({"inbox": MemoryInbox(), "tokens": given} | options))
    told = shown(raised.value)
    assert "max_body" in told
    assert TOKEN not in told


def fails(_: str) -> str:
    """A token_for whose database is down."""
    raise LookupError if _ == "nobody" else ConnectionError("the database of tokens is down")


@pytest.mark.parametrize(
    ("verifier", "token", "body", "error"),
    [
        (Verifier(TOKEN), "personal-guess", BODY, WebhookTokenException),
        (Verifier(TOKEN), TOKEN, b'{"payer_email": "personal-ayu', WebhookBodyException),
        (Verifier(TOKEN), TOKEN, "personal-text", WebhookBodyException),
        (Verifier(TOKEN, max_body=20), TOKEN, b'{"payer_email": "personal-ayu"}', WebhookSizeException),
        (Verifier(f"'{TOKEN}'"), TOKEN, b"personal", ConfigurationException),
        (Verifier(token_for=fails), "personal-guess", BODY, ConnectionError),
        (Verifier(token_for=lambda _: ["personal-other", 5]), "personal-guess", BODY, ConfigurationException),  # type: ignore[list-item, return-value]
    ],
    ids=str,
)
def test_no_variable_of_a_refusal_shows_a_token_or_a_body(
    verifier: Verifier, token: str, body: Any, error: type[Exception]
) -> None:
    """Whoever verifies without an endpoint hands the error to a tracker; a function of theirs is still shown there."""
    webhook = Webhook(MemoryInbox(), TOKEN)
    webhook.verifier = verifier
    for verify in (verifier.verify, webhook.verify):
        with pytest.raises(error) as raised:
            verify(headers(token), body)
        told = shown(raised.value)
        assert TOKEN not in told
        assert "personal" not in told
        assert told != "[]"
        names = [frame.name for frame in traceback.extract_tb(raised.tb)]
        assert ("fails" in names) == (error is ConnectionError)


def test_no_variable_of_an_unreadable_body_shows_it() -> None:
    """Also where `read_event` is called by itself."""
    with pytest.raises(WebhookBodyException) as raised:
        read_event(b'{"payer_email": "personal-ayu')
    assert "personal" not in shown(raised.value)


DJANGO = """
import sys
from django.conf import settings
from xendit.webhook import MemoryInbox, Webhook

webhook = Webhook(MemoryInbox())  # as a module that settings import does
settings.configure(**eval(sys.argv[1]))
headers = {"x-callback-token": "of-django", "content-type": "application/json"}
print(webhook.answer("POST", headers, b'{"id": "x", "status": "PAID"}').status)
"""


@pytest.mark.parametrize(
    ("value", "environment", "status"),
    [
        ("'of-django'", {}, 200),
        ("'new, of-django'", {}, 200),
        ("['new', 'of-django']", {}, 200),
        ("('of-django', '')", {}, 200),
        ("None", {}, 503),
        ("''", {}, 503),
        ("[]", {}, 503),
        ("5", {}, 503),
        ("'of-django'", {"XENDIT_WEBHOOK_TOKEN": ""}, 200),
        ("'of-django'", {"XENDIT_WEBHOOK_TOKEN": "of-the-environment"}, 401),
    ],
)
def test_djangos_settings_hold_a_text_or_a_list(value: str, environment: dict[str, str], status: int) -> None:
    """Behind the environment, and where Django is configured by then."""
    arguments = [sys.executable, "-c", DJANGO, f"{{'XENDIT_WEBHOOK_TOKEN': {value}}}"]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("XENDIT_")}
    ran = subprocess.run(
        arguments, capture_output=True, text=True, env=inherited | environment, check=False, timeout=60
    )
    assert ran.stdout == f"{status}\n", ran.stderr
    assert ("XENDIT_WEBHOOK_TOKEN of Django's settings must be a str or a list of str" in ran.stderr) == (value == "5")


CELERY = """
from celery import Celery
from xendit.webhook import SQLInbox, Webhook, Worker

celery = Celery("shop", broker="memory://", backend="cache+memory://")
celery.conf.task_always_eager = True
inbox = SQLInbox({path!r})
worker = Worker(inbox, print)

@celery.task
def process(key):
    return worker.process(key)

webhook = Webhook(inbox, enqueue=process.delay)
print(process.delay("none").get())
"""


def test_a_task_worker_runs_without_the_token(tmp_path: Path) -> None:
    """A Celery worker imports the module of the endpoint, and needs nothing of it."""
    pytest.importorskip("celery")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("XENDIT_")}
    program = CELERY.format(path=str(tmp_path / "inbox.db"))
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=inherited, check=False, timeout=60
    )
    assert (ran.stdout, ran.returncode) == ("None\n", 0), ran.stderr


def test_a_wrong_token_is_still_401() -> None:
    """Where there is one, a stranger is told nothing else than before."""
    with pytest.raises(WebhookTokenException):
        Verifier(TOKEN).verify(headers("guess"), BODY)
