"""Programs that are packed into one file, and file systems that cannot be written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipapp
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from interop.environments import run, with_packages

if TYPE_CHECKING:
    from xendit.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import urllib.request
import xendit
from xendit.apis import InvoiceApi
from xendit.sandbox import Sandbox

with Sandbox() as sandbox:
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(host=sandbox.url, api_key=sandbox.api_key)))
    invoice = api.create_invoice({"external_id": "packed", "amount": 1000})
    page = urllib.request.urlopen(invoice.invoice_url).read().decode()
    style = [each.partition('"')[0] for each in page.split('href="')[1:] if each.partition('"')[0].endswith(".css")]
    sheet = urllib.request.urlopen(sandbox.url + style[0]).read()
    dashboard = urllib.request.urlopen(sandbox.url + "/_sandbox/").read()
    print(invoice.external_id, "<html" in page, len(sheet) > 100, len(dashboard) > 100, xendit.__file__)
"""


@pytest.mark.slow
def test_a_zipapp_carries_the_pages(tmp_path: Path) -> None:
    """Templates and static files are read from within the archive."""
    python = with_packages("packed")
    shutil.copytree(ROOT / "xendit", tmp_path / "app" / "xendit", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "app" / "__main__.py").write_text(PROGRAM)
    zipapp.create_archive(tmp_path / "app", tmp_path / "app.pyz")
    shutil.rmtree(tmp_path / "app")
    done = run(python, "-I", tmp_path / "app.pyz", cwd=tmp_path)
    assert done.stdout.split()[:4] == ["packed", "True", "True", "True"], done.stderr
    assert "app.pyz" in done.stdout


@pytest.mark.slow
def test_pyinstaller_carries_modules_and_pages(tmp_path: Path) -> None:
    """With the hook that the package brings, nothing has to be named on PyInstaller's command line."""
    python = with_packages("packed")
    (found,) = [each for each in entry_points(group="pyinstaller40") if each.value.startswith("xendit.")]
    hooks = found.load()()
    (tmp_path / "shop.py").write_text(PROGRAM)
    options = ["--noconfirm", "--log-level", "ERROR", "--paths", ROOT, "--additional-hooks-dir", hooks[0]]
    made = run(python, "-m", "PyInstaller", *options, "shop.py", cwd=tmp_path, timeout=900)
    assert made.returncode == 0, made.stderr
    done = run(tmp_path / "dist" / "shop" / "shop", cwd=tmp_path)
    assert done.stdout.split()[:4] == ["packed", "True", "True", "True"], done.stderr


READ_ONLY = """
import asyncio, os, sys

def refuse(event, given):
    writes = event in ("os.mkdir", "os.rename", "os.remove", "tempfile.mkstemp", "tempfile.mkdtemp", "sqlite3.connect")
    if event == "open":
        path, mode, flags = given  # where there is a mode, PyPy's flags are not those of os.open
        writes = bool(set(mode) & set("wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        writes = writes and str(path) != os.devnull
    if writes:
        raise OSError(30, "Read-only file system")

sys.addaudithook(refuse)
import xendit
from xendit.apis import AsyncInvoiceApi, InvoiceApi
from xendit.webhook import Webhook

made = InvoiceApi().create_invoice({"external_id": "lambda", "amount": 1000})

async def read():
    async with xendit.AsyncApiClient() as client:
        return (await AsyncInvoiceApi(client).get_invoice_by_id(made.id)).external_id

print(made.external_id, asyncio.run(read()), Webhook is not None)
"""


def test_a_read_only_file_system_is_enough(sandbox: Sandbox, tmp_path: Path) -> None:
    """As AWS Lambda has it, without a home directory: clients of both worlds write no file."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "XENDIT_API_KEY": sandbox.api_key,
        "XENDIT_BASE_URL": sandbox.url,
    }
    command = [sys.executable, "-W", "error", "-c", READ_ONLY]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["lambda", "lambda", "True"], done.stderr
