"""Every Python block of the README and the documentation runs on the sandbox and type-checks, page by page.

The blocks of a page share their names and run in order, as a reader would type them.
"""

from __future__ import annotations

import base64
import inspect
import re
import subprocess
import sys
import warnings
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from xendit.testing import paid, signed

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from xendit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[int, str]]:
    """The Python blocks of a page with the line each begins at."""
    text = page.read_text("utf-8")
    return [
        (text.count("\n", 0, found.start(2)) + 1, found[2]) for found in _BLOCK.finditer(text) if found[1] == "python"
    ]


def program(page: Path) -> str:
    """The page's blocks as one program whose line numbers are the page's."""
    lines: list[str] = []
    for start, code in blocks(page):
        lines += [""] * (start - 1 - len(lines)) + code.splitlines()
    return "\n".join(lines) + "\n"


WITH_CODE = [page for page in PAGES if blocks(page)]


def test_the_pages_that_must_show_code_do() -> None:
    """The runner below sees blocks, so it cannot pass by finding none."""
    names = {page.name for page in WITH_CODE}
    assert {"README.md", "InvoiceApi.md", "Configuration.md", "Errors.md", "Migration.md", "Production.md"} <= names


def test_the_page_of_shops_shows_the_programs_that_are_tested() -> None:
    """Each word for word, and each with a test beside it: the page is derived from the files."""
    text = (ROOT / "docs/Shops.md").read_text("utf-8")
    shown = re.findall(r"^\[(examples/[^\]]+)\]\(\.\./\1\):\n\n```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert {"examples/flask_shop.py", "examples/fastapi_shop.py", "examples/django_shop/shop/webhooks.py"} <= {
        name for name, _ in shown
    }
    for name, code in shown:
        assert code == (ROOT / name).read_text("utf-8")
        compile(code, name, "exec")


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs(
    page: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On an empty sandbox that the environment names, as the pages say, in an empty directory."""
    run(program(page), page, sandbox, monkeypatch, tmp_path)


WITH_TESTS = [page for page in WITH_CODE if re.search(r"^(?:async )?def test_\w+\([^)]", program(page), re.MULTILINE)]


@pytest.mark.parametrize("page", WITH_TESTS, ids=lambda page: page.name)
def test_every_test_of_a_page_passes(
    page: Path, request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a page shows as a test passes as pytest runs it, with the fixtures of the plugin that it names."""
    names = run(program(page), page, sandbox, monkeypatch, tmp_path)
    tests = {name: each for name, each in names.items() if name.startswith("test_")}
    assert tests
    for name, test in tests.items():
        fixtures = {each: request.getfixturevalue(each) for each in inspect.signature(test).parameters}
        assert test(**fixtures) is None, f"{name} is to be awaited"


def test_the_pages_that_show_tests_are_seen() -> None:
    """The first page that a newcomer reads ends with one."""
    assert {"GettingStarted.md", "Sandbox.md"} <= {page.name for page in WITH_TESTS}


def run(code: str, page: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, directory: Path) -> dict[str, Any]:
    """Run the program of a page and give its names; a failure shows the page's own line."""
    monkeypatch.chdir(directory)
    monkeypatch.setenv("XENDIT_API_KEY", sandbox.api_key)
    monkeypatch.setenv("XENDIT_BASE_URL", sandbox.url)
    monkeypatch.setenv("XENDIT_WEBHOOK_TOKEN", sandbox.callback_token)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pages show what warns, and say so
        names: dict[str, Any] = {"__name__": "page"}
        exec(compile(code, str(page), "exec"), names)
    return names


def keyed(code: str, kind: str) -> str:
    """A program of a page, as somebody writes it whose orders have keys of another type."""
    key, column = {"int": (r"\1", "sa.Integer"), "UUID": (r"UUID(int=\1)", "sa.Uuid")}[kind]
    code = re.sub(r'"(?:order|branch)-(\d+)"', key, code)
    code = code.replace('f"march-{number}"', "number" if kind == "int" else "UUID(int=number)")
    code = code.replace('"id", sa.String(50)', f'"id", {column}')
    code = code.replace("key = event.external_id ", f"key = {kind}(event.external_id) ")
    return f"from uuid import UUID; {code}" if kind == "UUID" else code


COPIED = ["README.md", "InvoiceApi.md", "Webhooks.md", "Bulk.md", "Migration.md", "Sandbox.md"]


@pytest.mark.parametrize("kind", ["int", "UUID"])
@pytest.mark.parametrize("page", [each for each in WITH_CODE if each.name in COPIED], ids=lambda page: page.name)
def test_pages_hold_for_orders_with_any_key(
    page: Path, kind: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With integers and UUIDs where the page has texts; the order of the page about webhooks is paid in the end."""
    code = keyed(program(page), kind)
    names = run(code, page, sandbox, monkeypatch, tmp_path)
    if page.name == "Webhooks.md":
        key = 1001 if kind == "int" else UUID(int=1001)
        with names["engine"].begin() as connection:
            connection.execute(names["orders"].insert().values(id=key, status="new"))
        request = signed(paid(external_id=key))
        assert names["shop_webhook"].answer("POST", request.headers, request.body).status == 200
        names["worker"].drain()
        with names["engine"].connect() as connection:
            assert connection.execute(names["orders"].select()).all() == [(key, "paid")]


def routes_of(names: dict[str, Any], application: str = "app") -> TestClient:
    """A client of an application that a page makes."""
    from fastapi.testclient import TestClient

    return TestClient(names[application])


def pay_over_async(names: dict[str, Any], sandbox: Sandbox) -> None:
    """Async.md: the client lives as long as the application."""
    with routes_of(names) as client:
        assert client.post("/orders/order-77/pay").json()["pay_at"].startswith(sandbox.url)


def pay_over_injected(names: dict[str, Any], sandbox: Sandbox) -> None:
    """Configuration.md: an InvoiceApi for each request."""
    assert routes_of(names).post("/orders/77").json()["pay"].startswith(sandbox.url)


def take_orders(names: dict[str, Any], sandbox: Sandbox) -> None:
    """InvoiceApi.md: a request is a body, its answer keeps personal data to itself; a handler compares the token."""
    order = {"external_id": "order-77", "amount": 5000, "payer_email": "ayu@example.com"}
    made = routes_of(names).post("/orders", json=order)
    assert (made.status_code, made.json()["external_id"], "payer_email" in made.json()) == (200, "order-77", False)
    request = signed(paid(external_id="order-77"), token=sandbox.callback_token)
    assert names["handle"](request.headers, request.body) == 200
    assert names["handle"]({**request.headers, "x-callback-token": "wrong"}, request.body) == 401


def take_webhooks(names: dict[str, Any], sandbox: Sandbox) -> None:
    """Webhooks.md: a route with a body of ours, and a Lambda."""
    client = routes_of(names, "fastapi_app")
    assert client.post("/orders", json={"external_id": "order-77", "amount": 5000}).json()["external_id"] == "order-77"
    assert (
        "amount" in client.post("/orders", json={"external_id": "order-77", "amount": "5"}).json()["detail"][0]["msg"]
    )
    request = signed(paid(external_id="order-77"), token=sandbox.callback_token)
    event = {"headers": dict(request.headers), "body": request.body.decode()}
    assert names["lambda_handler"](event, None)["statusCode"] == 200
    encoded = {**event, "body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
    assert names["lambda_handler"](encoded, None)["statusCode"] == 200


FUNCTIONS = {
    "Async.md": pay_over_async,
    "Configuration.md": pay_over_injected,
    "InvoiceApi.md": take_orders,
    "Webhooks.md": take_webhooks,
}


@pytest.mark.parametrize("page", FUNCTIONS)
def test_functions_that_a_page_only_shows_do_what_it_says(
    page: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Routes and handlers are not called by the page itself, so a page that runs says nothing of them."""
    path = ROOT / "docs" / page
    FUNCTIONS[page](run(program(path), path, sandbox, monkeypatch, tmp_path), sandbox)


@pytest.mark.parametrize("page", ["Assistants.md", "SKILL.md"])
def test_the_pattern_that_assistants_copy_takes_a_payment(
    page: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the order over the webhook to the order that is paid: the tables are there, and each function does its part."""
    path = ROOT / "docs" / page
    names = run(program(path), path, sandbox, monkeypatch, tmp_path)
    with names["engine"].begin() as connection:
        connection.execute(names["orders"].insert().values(id="order-1", amount=Decimal(150_000), status="new"))
    assert names["begin_payment"]("order-1", Decimal(150_000)).startswith(sandbox.url)
    sandbox.deliver_to(names["webhook"])
    sandbox.pay("order-1")
    assert [one.status for one in sandbox.deliveries] == [200]
    assert names["worker"].drain().handled == 1
    with names["engine"].connect() as connection:
        assert [row.status for row in connection.execute(names["orders"].select())] == ["paid"]


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_every_block_of_every_page_type_checks(checker: str, tmp_path: Path) -> None:
    """A program copied from the documentation passes mypy --strict and pyright without an ignore."""
    for page in WITH_CODE:
        (tmp_path / f"{page.parent.name}_{page.stem}.py".lower()).write_text(program(page), "utf-8")
    options = {"mypy": ["--strict", "--no-error-summary"], "pyright": ["--pythonpath", sys.executable]}
    command = [sys.executable, "-m", checker, *options[checker]]
    ran = subprocess.run(
        [*command, *sorted(map(str, tmp_path.glob("*.py")))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_cron_is_told_the_command_that_ends(page: Path) -> None:
    """`xendit_drain` runs on; cron would start one more each minute, unless it is told `--once`."""
    for sentence in re.split(r"[.;]\s", page.read_text("utf-8")):
        assert "cron" not in sentence or "xendit_drain" not in sentence or "--once" in sentence, sentence


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Relative links name files that exist, and their headings."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
        name, _, heading = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in slugs, target
