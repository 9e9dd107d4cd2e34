"""The journey of the README: a real shop beside a sandbox, one terminal, an order paid; for each example shop."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from .terminal import Terminal, environment_of, piped

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def call(url: str, data: Mapping[str, str] | None = None, cookie: str = "") -> tuple[int, Mapping[str, str], str]:
    """What a browser sends; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        headers = {"Cookie": cookie} if cookie else {}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if data is None else "POST", parts.path or "/", urlencode(data or {}), headers)
        with connection.getresponse() as response:
            return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def press(page_url: str, form: str, cookie_name: str) -> tuple[int, Mapping[str, str], str]:
    """Open a page and press the button of the form that goes to a path ending so."""
    _, headers, page = call(page_url)
    cookie = headers.get("Set-Cookie", "").partition(";")[0]
    assert cookie_name in cookie
    pattern = rf'<form[^>]*action="([^"]*{form})"[^>]*>(.*?)</form>'
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, page
    fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', found[2]))
    base = "{0.scheme}://{0.netloc}".format(urlsplit(page_url))
    return call(base + found[1] if found[1].startswith("/") else found[1], fields, cookie)


@pytest.mark.parametrize("shop", ["flask", "fastapi", "django"])
def test_a_shop_is_paid_beside_a_sandbox(shop: str, home: dict[str, str], tmp_path: Path) -> None:
    """Started, bought, paid, told, marked; Ctrl-C ends both. The shop's own server, the sandbox's own page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    commands = {
        "flask": ["flask_shop.py"],
        "fastapi": ["-m", "uvicorn", "fastapi_shop:app", "--port", port],
        "django": ["manage.py", "runserver", port],
    }
    environment = {**home, "SHOP_DATABASE": str(tmp_path / "shop.db"), "PORT": port}
    run = ["sandbox", "run", "--port", "0"]
    cwd = EXAMPLES / "django_shop" if shop == "django" else EXAMPLES
    if shop == "django":
        assert piped([*run, "--", sys.executable, "manage.py", "migrate"], environment, cwd=cwd).code == 0
    with Terminal(
        [*run, "--webhook", "/webhooks/xendit", "--", sys.executable, *commands[shop]], environment, cwd=cwd
    ) as terminal:
        terminal.wait_for(f"webhooks go to http://127.0.0.1:{port}/webhooks/xendit")
        base = f"http://127.0.0.1:{port}"
        wait_until_listening(int(port))
        if shop == "django":
            status, headers, _ = press(f"{base}/", "/orders", "csrftoken")
        else:
            status, headers, _ = call(f"{base}/orders", {})
        assert status in (302, 303)
        payment_page = headers["location"] if "location" in headers else headers["Location"]
        paid = piped(["sandbox", "pay", "last"], environment)
        assert paid.code == 0, paid.err
        terminal.wait_for("invoice.paid → POST /webhooks/xendit  200 in ")
        order = re.search(r"PENDING  order-(\d+)", terminal.screen)
        assert order is not None
        assert "paid" in call(f"{base}/orders/{order[1]}")[2]
        assert call(payment_page)[0] == 200
        terminal.interrupt()
        assert terminal.end() == 130
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0, "the shop still listens"


def wait_until_listening(port: int) -> None:
    """Wait until a server takes connections: some say their address a moment before."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nothing listens")


def test_the_django_shop_passes_its_own_tests() -> None:
    """As its reader runs them: `python manage.py test`."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "test"],
        cwd=EXAMPLES / "django_shop",
        env=environment_of({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Ran 3 tests" in ran.stderr
