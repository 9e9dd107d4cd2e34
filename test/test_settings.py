"""Where key, host and webhook token are looked for, in which order, and what counts as not given."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest

from xendit import settings
from xendit.settings import API_KEY, BASE_URL, WEBHOOK_TOKEN, find_setting, flaw_of


def django_with(monkeypatch: pytest.MonkeyPatch, *, configured: bool = True, **values: Any) -> None:
    """Stand-in modules where Django would be loaded; the real one is in the subprocess below."""
    module: Any = types.ModuleType("django.conf")
    module.settings = types.SimpleNamespace(configured=configured, **values)
    monkeypatch.setitem(sys.modules, "django.conf", module)


@pytest.mark.parametrize("name", [API_KEY, BASE_URL, WEBHOOK_TOKEN])
def test_the_order_is_sandbox_environment_django(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source is used only when those before it have nothing; what a sandbox gives may not be kept."""
    monkeypatch.delenv(name, raising=False)
    django_with(monkeypatch)
    assert find_setting(name) is None
    django_with(monkeypatch, **{name: "from-django"})
    found = find_setting(name)
    assert found is not None
    assert (found.value, found.origin, found.lasting) == ("from-django", f"{name} of Django's settings", True)
    monkeypatch.setenv(name, "from-environment")
    found = find_setting(name)
    assert found is not None
    assert (found.value, found.origin) == ("from-environment", f"the environment variable {name}")
    assert "from-environment" not in repr(found)
    monkeypatch.setattr(settings, "_stand_in", {name: "from-sandbox"})
    found = find_setting(name)
    assert found is not None
    assert (found.value, found.lasting) == ("from-sandbox", False)


@pytest.mark.parametrize("nothing", [None, ""])
def test_none_and_empty_text_are_not_given(nothing: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`XENDIT_API_KEY=` in a .env file is no key, nor is None in Django's settings."""
    monkeypatch.setenv(API_KEY, "")
    django_with(monkeypatch, XENDIT_API_KEY=nothing)
    assert find_setting(API_KEY) is None


def test_django_that_is_not_configured_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Django is only imported, asking its settings would raise or start loading them."""
    monkeypatch.delenv(API_KEY, raising=False)
    django_with(monkeypatch, configured=False, XENDIT_API_KEY="unseen")
    assert find_setting(API_KEY) is None


PROGRAM = """
import sys
from xendit.settings import find_setting
assert find_setting("XENDIT_WEBHOOK_TOKEN") is None and "django" not in sys.modules
from django.conf import settings
assert find_setting("XENDIT_WEBHOOK_TOKEN") is None and not settings.configured
settings.configure(XENDIT_WEBHOOK_TOKEN=["one", "two"])
assert find_setting("XENDIT_WEBHOOK_TOKEN").value == ["one", "two"]
from django.test import override_settings
with override_settings(XENDIT_WEBHOOK_TOKEN="three"):
    assert find_setting("XENDIT_WEBHOOK_TOKEN").value == "three"
"""


def test_the_settings_of_the_real_django() -> None:
    """Text or a list, also overridden for a test; Django is neither imported nor configured by asking."""
    pytest.importorskip("django")
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("secret", "flaw"),
    [
        ('"abc"', "is in quotes"),
        ("'abc'", "is in quotes"),
        ('abc"', "is in quotes"),
        ("a bc", "holds a space"),
        ("abc\n", "holds a space or a line end"),
        ("abc\x00", "not printable ASCII"),
        ("äbc", "not printable ASCII"),
        ("abc", None),
    ],
)
def test_flaws_of_a_secret(secret: str, flaw: str | None) -> None:
    """The text names the defect and never the secret."""
    said = flaw_of(secret)
    assert (said is None) == (flaw is None)
    if flaw is not None:
        assert flaw in str(said)
        assert secret not in str(said)
