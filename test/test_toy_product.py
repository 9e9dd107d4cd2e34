"""A product is one folder: `test/toy_product` is put into a copy of the package, its name into the list, and all works.

What CONTRIBUTING.md says of adding a product is followed literally: the folder, one name in `xendit/products.py`,
`docs/build.py` and `tools/mirror.py`. No other file is touched by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOY = ROOT / "test" / "toy_product"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def python(house: Path, *arguments: object, **environment: str) -> str:
    """Run Python where the copy is the package; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:xendit", *map(str, arguments)],
        cwd=house,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("XENDIT_")},
            "PYTHONPATH": str(house),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def texts_of(root: Path) -> dict[str, str]:
    """Every text of a tree that the builders may write, by its path."""
    kinds = (".py", ".pyi", ".md")
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for part in ("xendit", "docs")
        for path in (root / part).rglob("*")
        if path.suffix in kinds
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the toy product in it, built as CONTRIBUTING.md says."""
    house = tmp_path_factory.mktemp("house")
    for part in ("xendit", "docs"):
        shutil.copytree(ROOT / part, house / part, ignore=LEFT_OUT)
    for page in ROOT.glob("*.md"):  # docs/build.py lists the pages and their titles
        shutil.copy(page, house)
    shutil.copytree(TOY, house / "xendit" / "voucher", ignore=LEFT_OUT)
    products = house / "xendit" / "products.py"
    text = products.read_text("utf-8")
    listed = next(line for line in text.splitlines() if line.startswith("PRODUCTS = ("))
    products.write_text(text.replace(listed, listed.replace(")", ', "voucher")')), "utf-8")
    python(house, ROOT / "docs" / "build.py", "--root", house)
    python(house, ROOT / "tools" / "mirror.py", "--root", house)
    return house


def test_no_other_file_is_touched(house: Path) -> None:
    """What differs from the package is the new folder, its pages, one line of the list, and faces that were derived."""
    before, after = texts_of(ROOT), texts_of(house)
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    others = {path for path in changed if not path.startswith(("xendit/voucher/", "docs/voucher/"))}
    assert others == {
        "xendit/products.py",
        "xendit/__init__.py",
        "xendit/apis/__init__.py",
        "xendit/models/__init__.py",
        "xendit/webhook/__init__.py",
        "xendit/sandbox/product_actions.py",
        "xendit/product_types.py",
        "xendit/command_names.py",
    }


def test_derived_files_are_up_to_date(house: Path) -> None:
    """Both builders have nothing more to write."""
    assert python(house, ROOT / "docs" / "build.py", "--check", "--root", house) == ""
    assert python(house, ROOT / "tools" / "mirror.py", "--check", "--root", house) == ""


@pytest.mark.slow
def test_derived_files_are_in_style_and_typed(house: Path, tmp_path: Path) -> None:
    """What was derived passes the linter, the formatter and mypy --strict, and so does a program that uses it."""
    program = tmp_path / "program.py"
    program.write_text(
        "import xendit\n"
        "from xendit.apis import AsyncVoucherApi, VoucherApi\n"
        "from xendit.models import CreateVoucherRequest, Voucher\n"
        "from xendit.sandbox import Sandbox\n"
        "from xendit.voucher.dicts import CreateVoucherRequestDict\n"
        "from xendit.webhook import VoucherEvent\n\n\n"
        "def sell(api: VoucherApi) -> str:\n"
        "    order: CreateVoucherRequestDict = {'reference_id': 'a', 'amount': 5}\n"
        "    made: Voucher = api.create_voucher(order)\n"
        "    answer = api.with_raw_response.create_voucher(CreateVoucherRequest(reference_id='b', amount=1))\n"
        "    return made.status + answer.data.id + str(xendit.VoucherApi().get_vouchers(limit=5)[0].created.year)\n\n\n"
        "def redeem(sandbox: Sandbox, voucher: Voucher) -> object:\n"
        "    return sandbox.redeem(voucher.id), sandbox.pay('i')\n\n\n"
        "async def find(api: AsyncVoucherApi, event: VoucherEvent) -> float:\n"
        "    return (await api.get_voucher(event.callback.data.id)).amount\n",
        "utf-8",
    )
    configuration = ROOT / "pyproject.toml"
    written = [house / "xendit" / "voucher", *(house / "xendit" / part for part in ("apis", "models", "webhook"))]
    for command in (("check", "--no-cache"), ("format", "--no-cache", "--check")):
        python(house, "-m", "ruff", *command, "-q", "--config", configuration, *written, house / "xendit/__init__.py")
    python(house, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path / "cache", program)


def test_tests_of_operations(house: Path) -> None:
    """The tests that hold for the operations of every product hold for its."""
    options = ("-q", "--noconftest", "-p", "no:cacheprovider", "-p", "no:anyio", "-o", "pythonpath=", "-o", "addopts=")
    printed = python(house, "-m", "pytest", *options, ROOT / "test" / "test_operations.py", "-k", "voucher")
    assert "13 passed" in printed, printed


def test_contract(house: Path, tmp_path: Path) -> None:
    """What holds of the contract of every product holds of its, once its folder stands beside theirs."""
    contract = tmp_path / "contract"
    shutil.copytree(ROOT / "test" / "contract", contract, ignore=shutil.ignore_patterns("invoice", "__pycache__"))
    shutil.copytree(ROOT / "test" / "toy_contract", contract / "voucher")
    options = ("-q", "-p", "no:cacheprovider", "-o", f"pythonpath={contract}", "-o", "addopts=")
    files = [contract / name for name in ("test_contract.py", "test_wire.py")]
    printed = python(house, "-m", "pytest", "--rootdir", contract, *options, *files)
    assert "15 passed" in printed, printed


def test_pages(house: Path) -> None:
    """Each model has its page, and the list of the product's models names them."""
    pages = {path.name: path.read_text("utf-8") for path in (house / "docs" / "voucher").glob("*.md")}
    assert set(pages) == {
        "README.md",
        "CreateVoucherRequest.md",
        "Voucher.md",
        "VoucherCallback.md",
        "VoucherStatus.md",
    }
    assert "# Models of the Voucher API" in pages["README.md"]
    assert "from xendit.voucher.model.voucher import Voucher" in pages["Voucher.md"]
    assert "| `holder_name` | `str` |  | masked in `repr` |" in pages["CreateVoucherRequest.md"]


def test_faces(house: Path) -> None:
    """Every face has the new names, loaded on first use, and those of the other products as before."""
    python(
        house,
        "-c",
        "import sys, xendit\n"
        "from xendit.apis import AsyncVoucherApi, InvoiceApi, PayoutApi, VoucherApi\n"
        "assert 'xendit.voucher.model.voucher' not in sys.modules\n"
        "from xendit.voucher import CreateVoucherRequest, Voucher, VoucherApi as again\n"
        "from xendit.voucher.voucher_api import VoucherApi as third\n"
        "assert xendit.VoucherApi is VoucherApi is again is third\n"
        "assert xendit.models.Voucher is xendit.Voucher is xendit.voucher.model.Voucher is Voucher\n"
        "import xendit.webhook\n"
        "assert xendit.webhook.VoucherEvent.__module__ == 'xendit.voucher.webhook'\n"
        "assert {'VoucherApi', 'AsyncVoucherApi'} <= set(xendit.apis.__all__) & set(dir(xendit))\n"
        "assert {'Voucher', 'Invoice'} <= set(xendit.models.__all__)\n"
        "import typing\n"
        "assert typing.get_type_hints(Voucher)['status'] is xendit.models.VoucherStatus\n",
    )


CALLS = """
import json, xendit
from xendit.apis import VoucherApi
from xendit.sandbox import Sandbox

with Sandbox() as sandbox:
    client = xendit.ApiClient(xendit.Configuration(host=sandbox.url, api_key=sandbox.api_key))
    api = VoucherApi(client)
    made = api.create_voucher({"reference_id": "gift-1", "amount": 50000})
    assert api.get_voucher(made.id) == made
    assert [each.id for each in api.get_vouchers(reference_id="gift-1", statuses=["ACTIVE"], limit=5)] == [made.id]
    assert api.with_raw_response.get_voucher(made.id).status == 200
    assert not api.for_user("5f9a3fbd571a1c4068aa40ce").get_vouchers()
    try:
        api.get_voucher("vou-none")
    except xendit.NotFoundException as error:
        told = [error.errorCode, error.operation]
    try:
        api.create_voucher({"reference_id": "gift-1"})
    except xendit.ApiTypeError as error:
        told.append(str(error))
    invoice = xendit.InvoiceApi(client).create_invoice(external_id="beside", amount=1000)
    print(json.dumps([made.status, made.amount, *told, invoice.status]))
"""


def test_sync(house: Path) -> None:
    """Create, get, list, raw answers, sub-accounts and errors, on the sandbox, beside another product."""
    status, amount, code, operation, missing, invoice = json.loads(python(house, "-c", CALLS))
    assert (status, amount, code, operation) == ("ACTIVE", 50000, "DATA_NOT_FOUND", "get_voucher")
    assert "amount" in missing
    assert invoice == "PENDING"


LOST = """
import sys, xendit
sys.path.insert(0, sys.argv[1])
from recorder import KEY, Answer, Recorder
from xendit.apis import VoucherApi

VOUCHER = {"id": "vou-1", "reference_id": "gift-1", "status": "ACTIVE", "amount": 5, "currency": "IDR",
           "created": "2026-11-23T15:14:02.404Z"}
with Recorder() as server:
    server.answers.extend([Answer(503, {"error_code": "SERVER_ERROR", "message": "later"}), Answer(body=VOUCHER)])
    api = VoucherApi(xendit.ApiClient(xendit.Configuration(host=server.url, api_key=KEY)))
    made = api.create_voucher({"reference_id": "gift-1", "amount": 5})
    keys = {request.header("idempotency-key") for request in server.requests}
    print(made.id, len(server.requests), len(keys), None in keys)
    server.answers.extend([Answer(404, {"error_code": "DATA_NOT_FOUND", "message": "none"})])
    try:
        api.get_voucher("vou-2")
    except xendit.NotFoundException as error:
        print(error.operation)
"""


def test_create_is_repeated_with_its_key(house: Path) -> None:
    """Where the API documents an idempotency key the client makes one, and repeats the create with it."""
    printed = python(house, "-c", LOST, ROOT / "test" / "contract")
    assert printed.splitlines() == ["vou-1 2 1 False", "get_voucher"]


def test_async(house: Path) -> None:
    """The same in asyncio, in the class that was derived."""
    printed = python(
        house,
        "-c",
        "import asyncio, xendit\n"
        "from xendit.apis import AsyncVoucherApi\n"
        "from xendit.sandbox import Sandbox\n"
        "async def main(sandbox):\n"
        "    configuration = xendit.Configuration(host=sandbox.url, api_key=sandbox.api_key)\n"
        "    async with xendit.AsyncApiClient(configuration) as client:\n"
        "        api = AsyncVoucherApi(client)\n"
        "        made = await api.create_voucher(create_voucher_request={'reference_id': 'a', 'amount': 1})\n"
        "        raw = await api.with_raw_response.get_vouchers()\n"
        "        print([each.id for each in raw.data] == [made.id], (await api.get_voucher(made.id)).status)\n"
        "with Sandbox() as sandbox:\n"
        "    asyncio.run(main(sandbox))\n",
    )
    assert printed == "True ACTIVE\n"


def test_openapi(house: Path) -> None:
    """The document has the operations, the models, the limits and the webhook beside those of the other products."""
    document = json.loads(python(house, "-m", "xendit.openapi"))
    assert document["info"]["title"].startswith("Xendit Invoice API, ")
    assert document["info"]["title"].endswith(" and Voucher API")
    assert {"/v2/invoices", "/vouchers", "/vouchers/{voucher_id}"} <= set(document["paths"])
    assert document["paths"]["/vouchers"]["post"]["operationId"] == "create_voucher"
    assert document["paths"]["/vouchers/{voucher_id}"]["get"]["responses"]["404"]["description"].endswith("voucher.")
    assert {"invoice", "voucher.redeemed"} <= set(document["webhooks"])
    sent = document["components"]["schemas"]["CreateVoucherRequest"]
    assert sent["properties"]["reference_id"]["maxLength"] == 64
    assert sent["required"] == ["reference_id", "amount"]


def test_command_line(house: Path) -> None:
    """`xendit vouchers` creates, gets and lists, and its help says what each flag is."""
    script = (
        "import sys\n"
        "from xendit.sandbox import Sandbox\n"
        "import os, subprocess\n"
        "with Sandbox() as sandbox:\n"
        "    os.environ.update(XENDIT_API_KEY=sandbox.api_key, XENDIT_BASE_URL=sandbox.url)\n"
        "    def run(*words):\n"
        "        done = subprocess.run([sys.executable, '-c', 'from xendit.cli import main; main()', *words],\n"
        "            capture_output=True, text=True)\n"
        "        assert done.returncode == 0, done.stdout + done.stderr\n"
        "        return done.stdout\n"
        "    import json\n"
        "    made = json.loads(run('vouchers', 'create', '--reference-id', 'gift', '--amount', '5000', '--json'))\n"
        "    got = json.loads(run('vouchers', 'get', made['id'], '--json'))\n"
        "    assert got['reference_id'] == 'gift', got\n"
        "    assert made['id'] in run('vouchers', 'list', '--json')\n"
        "    print(run('vouchers', 'create', '--help'), run('--help'))\n"
    )
    printed = python(house, "-c", script)
    assert "--holder-name" in printed
    assert "vouchers" in printed


WEBHOOKS = """
import json
from xendit.apis import VoucherApi
from xendit import ApiClient, Configuration
from xendit.sandbox import Sandbox
from xendit.webhook import MemoryInbox, VoucherEvent, Webhook, Worker

inbox, handled = MemoryInbox(), []
with Sandbox() as sandbox:
    webhook = Webhook(inbox, sandbox.callback_token)
    sandbox.deliver_to(lambda headers, body: webhook.answer("POST", headers, body).status)
    api = VoucherApi(ApiClient(Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    made = api.create_voucher({"reference_id": "gift-9", "amount": 50000})
    sandbox.advance("2m")
    sandbox.deliver()
    assert api.get_voucher(made.id).status == "REDEEMED"
    worker = Worker(inbox, handled.append)
    worker.drain()
    [event] = handled
    assert isinstance(event, VoucherEvent), event
    print(json.dumps([event.kind, event.external_id, event.subject == made.id, event.callback.data.amount]))
    sandbox.resend(sandbox.deliveries[-1])
    sandbox.deliver()
    worker.drain()
    assert len(handled) == 1
    other = api.create_voucher({"reference_id": "gift-10", "amount": 1})
    assert sandbox.redeem(other.id)["status"] == "REDEEMED"
    worker.drain()
    assert [event.external_id for event in handled] == ["gift-9", "gift-10"]
"""


def test_webhook_reaches_the_worker(house: Path) -> None:
    """The sandbox tells of it by itself when its time has come; the worker is given the product's own event, once."""
    kind, reference, same, amount = json.loads(python(house, "-c", WEBHOOKS))
    assert (kind, reference, same, amount) == ("redeemed", "gift-9", True, 50000)
