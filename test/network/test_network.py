"""Networks as they are, each made of two network namespaces and a wire between them: a shop, and what it calls.

It needs root, `ip` (iproute2) and for some tests `iptables`, `ip6tables` and `tc`; what is missing skips with its reason.
`make network` runs these tests alone and prints what ran.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from recorded import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
SHOP, OTHER = "10.77.0.1", "10.77.0.2"
WORLDS = ("sync", "async")
pytestmark = pytest.mark.slow

SERVER = """
import http.server, json, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b'{"id":"x","external_id":"e","status":"PENDING","amount":1,"currency":"IDR","invoice_url":"u"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *given):
        pass

server = http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
print("ready", flush=True)
server.serve_forever()
"""

CLIENT = """
import asyncio, json, sys, time
import xendit
from xendit.apis import AsyncInvoiceApi, InvoiceApi

world, operation, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
configuration = xendit.Configuration(**settings)
arguments = ({"external_id": "e", "amount": 1},) if operation == "create_invoice" else ("x",)
told = {}
import xendit.exchange, xendit.transport.loops, xendit.transport.threads  # which the first call would load
begun = time.monotonic()

async def call():
    async with xendit.AsyncApiClient(configuration) as client:
        try:
            return await getattr(AsyncInvoiceApi(client), operation)(*arguments)
        finally:
            told["seconds"] = time.monotonic() - begun

try:
    if world == "async":
        found = asyncio.run(call())
    else:
        found = getattr(InvoiceApi(xendit.ApiClient(configuration)), operation)(*arguments)
    told["id"] = found.id
except xendit.XenditSdkException as error:
    told.update(error=type(error).__name__, outcome=error.outcome, said=str(error), attempts=error.attempts)
told.setdefault("seconds", time.monotonic() - begun)
print(json.dumps(told))
"""

SLOW_NAMES = """
import socket, sys, threading, time

def answer(data, address):
    time.sleep(float(sys.argv[2]))
    question = data[12 : data.index(b"\\0", 12) + 5]
    head = data[:2] + b"\\x81\\x80" + b"\\0\\1"
    if question[-4:-2] == b"\\0\\1":
        record = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4" + socket.inet_aton(sys.argv[1])
        sock.sendto(head + b"\\0\\1\\0\\0\\0\\0" + question + record, address)
    else:
        sock.sendto(head + b"\\0\\0\\0\\0\\0\\0" + question, address)

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((sys.argv[1], 53))
print("ready", flush=True)
while True:
    threading.Thread(target=answer, args=sock.recvfrom(2048), daemon=True).start()
"""


def command(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of the system."""
    return subprocess.run(words, capture_output=True, text=True, check=check)


def needs(*programs: str) -> None:
    """Skip where a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


class Network:
    """Two namespaces, `shop` and `other`, with a wire between them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._names = {"shop": f"xendit-shop-{os.getpid()}", "other": f"xendit-other-{os.getpid()}"}
        for name in self._names.values():
            command("ip", "netns", "add", name)
            stack.callback(command, "ip", "netns", "del", name, check=False)
        shop, other = self._names.values()
        command("ip", "link", "add", "wire", "netns", shop, "type", "veth", "peer", "name", "wire", "netns", other)
        for where, address in (("shop", SHOP), ("other", OTHER)):
            self.run(where, "ip", "addr", "add", f"{address}/24", "dev", "wire")
            self.run(where, "ip", "link", "set", "wire", "up")
            self.run(where, "ip", "link", "set", "lo", "up")

    def run(self, where: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in a namespace."""
        return command("ip", "netns", "exec", self._names[where], *words, check=check)

    def file(self, where: str, name: str, text: str) -> None:
        """What /etc/NAME holds there."""
        directory = Path("/etc/netns") / self._names[where]
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
        self._stack.callback(shutil.rmtree, directory, ignore_errors=True)

    def start(self, where: str, *words: str, until: str = "ready", **environment: str) -> subprocess.Popen[str]:
        """Start a program of Python there, and wait until it says that it is ready."""
        given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        full = ["ip", "netns", "exec", self._names[where], sys.executable, *words]
        process = subprocess.Popen(full, stdout=subprocess.PIPE, text=True, env=given)
        self._stack.callback(process.stdout.close)  # type: ignore[union-attr]
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        assert process.stdout is not None
        for line in process.stdout:
            if until in line:
                return process
        raise AssertionError("it ended")

    def call(self, world: str, operation: str = "get_invoice_by_id", **settings: Any) -> dict[str, Any]:
        """What a call from the shop comes to."""
        given = {"api_key": KEY, "proxy": "", "retries": 0, **settings}
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        full = ["ip", "netns", "exec", self._names["shop"], sys.executable, "-c", CLIENT]
        done = subprocess.run(
            [*full, world, operation, json.dumps(given)], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@pytest.fixture
def network() -> Iterator[Network]:
    """A network of its own."""
    if not sys.platform.startswith("linux"):
        pytest.skip("network namespaces are Linux's")
    if os.geteuid() != 0:
        pytest.skip("only root may make network namespaces")
    needs("ip")
    if command("ip", "netns", "add", f"xendit-probe-{os.getpid()}", check=False).returncode != 0:
        pytest.skip("this kernel or container allows no network namespaces")
    command("ip", "netns", "del", f"xendit-probe-{os.getpid()}")
    with ExitStack() as stack:
        yield Network(stack)


@pytest.mark.parametrize("world", WORLDS)
def test_the_first_address_of_a_name_is_a_black_hole(world: str, network: Network) -> None:
    """The firewall drops what goes to it; the second address answers, long before the time to connect is over."""
    needs("iptables")
    network.run("other", "ip", "addr", "add", "10.77.0.3/24", "dev", "wire")
    network.run("other", "iptables", "-A", "INPUT", "-d", "10.77.0.3", "-j", "DROP")
    network.file("shop", "hosts", "127.0.0.1 localhost\n10.77.0.3 api.test\n10.77.0.2 api.test\n")
    network.start("other", "-c", SERVER, "0.0.0.0", "8420")
    told = network.call(world, host="http://api.test:8420", insecure_host="api.test", connect_timeout=5)
    assert told["id"] == "x"
    assert told["seconds"] < 2


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("how", ["DROP", "REJECT"])
def test_localhost_has_a_dead_ipv6_address(how: str, world: str, network: Network) -> None:
    """::1 says nothing or refuses, 127.0.0.1 answers: at once, or after the moment that aiohttp waits."""
    needs("ip6tables")
    network.run("shop", "ip6tables", "-A", "INPUT", "-d", "::1", "-p", "tcp", "-j", how)
    network.file("shop", "hosts", "::1 localhost\n127.0.0.1 localhost\n")
    network.start("shop", "-c", SERVER, "127.0.0.1", "8420")
    told = network.call(world, host="http://localhost:8420")
    assert told["id"] == "x"
    assert told["seconds"] < 1.5  # far below the time to connect, on a busy machine too


@pytest.mark.parametrize("world", WORLDS)
def test_names_are_found_slowly(world: str, network: Network) -> None:
    """The time to connect is over when the name is found: nothing was sent. Longer than that nobody waits in a loop."""
    network.file("shop", "resolv.conf", f"nameserver {OTHER}\noptions timeout:5 attempts:1\n")
    network.file("shop", "nsswitch.conf", "hosts: files dns\n")
    network.start("other", "-c", SLOW_NAMES, OTHER, "2.5")
    network.start("other", "-c", SERVER, "0.0.0.0", "8420")
    settings = {"host": "http://slow.test:8420", "insecure_host": "slow.test"}
    told = network.call(world, "create_invoice", **settings, connect_timeout=1, timeout=10)
    assert (told["error"], told["outcome"]) == ("TimeoutException", "not_sent")
    assert told["seconds"] < (4.5 if world == "sync" else 2.4)
    assert network.call(world, **settings, connect_timeout=8, timeout=20)["id"] == "x"


@pytest.mark.parametrize("world", WORLDS)
def test_ports_are_exhausted(world: str, network: Network) -> None:
    """The machine has no port left for another connection: nothing was sent, and the error says what is short."""
    network.run("shop", "sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40001")
    network.start("other", "-c", SERVER, "0.0.0.0", "8420")
    hold = (
        f"import socket, time; held = [socket.create_connection(('{OTHER}', 8420)) for _ in range(2)];"
        "print('ready', flush=True); time.sleep(60)"
    )
    network.start("shop", "-c", hold)
    told = network.call(world, "create_invoice", host=f"http://{OTHER}:8420", insecure_host=OTHER)
    assert (told["error"], told["outcome"]) == ("ConnectionException", "not_sent")
    assert "Cannot assign requested address" in told["said"]


@pytest.mark.parametrize("world", WORLDS)
def test_a_bad_line(world: str, network: Network) -> None:
    """A quarter of the packets is lost and each takes a tenth of a second: the call goes through."""
    needs("tc")
    slow = ("tc", "qdisc", "add", "dev", "wire", "root", "netem", "delay", "100ms", "loss", "25%")
    if network.run("shop", *slow, check=False).returncode != 0:
        pytest.skip("this kernel has no netem")
    network.start("other", "-c", SERVER, "0.0.0.0", "8420")
    settings = {
        "host": f"http://{OTHER}:8420",
        "insecure_host": OTHER,
        "timeout": 40,
        "connect_timeout": 15,
        "retries": 3,
    }
    told = network.call(world, **settings, read_timeout=15)
    assert told["id"] == "x"


COMPOSE = """
import http.server, json, os, sys, threading, time
import xendit
from xendit.apis import InvoiceApi

got = threading.Event()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        if body["status"] == "PAID" and self.headers["x-callback-token"] == os.environ["XENDIT_WEBHOOK_TOKEN"]:
            got.set()
    def log_message(self, *given):
        pass

threading.Thread(target=http.server.HTTPServer(("0.0.0.0", 8000), Handler).serve_forever, daemon=True).start()
made = InvoiceApi().create_invoice({"external_id": "composed", "amount": 1000})
import urllib.request
urllib.request.urlopen(urllib.request.Request(
    os.environ["XENDIT_BASE_URL"] + f"/_sandbox/invoices/{made.id}/pay", data=b"{}", headers={"Content-Type": "application/json"}))
print("paid" if got.wait(20) else "no webhook")
print("ready", flush=True)
"""


def compose_file() -> dict[str, dict[str, str]]:
    """The services of the Compose file in docs/Sandbox.md: name to command and environment, read as far as is needed."""
    text = (ROOT / "docs" / "Sandbox.md").read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    services: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        indent, (key, _, value) = len(line) - len(line.lstrip()), line.strip().partition(": ")
        if indent == 2:
            services[key.rstrip(":")] = {}
        elif indent >= 4 and services and value:
            services[list(services)[-1]][key] = value.partition(" # ")[0].strip().strip('"')
    return services


def test_docker_compose_reads_the_file(tmp_path: Path) -> None:
    """Where Docker's own reader is installed; it needs no daemon for that."""
    needs("docker")
    if command("docker", "compose", "version", check=False).returncode != 0:
        pytest.skip("docker has no compose here")
    text = (ROOT / "docs" / "Sandbox.md").read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "compose.yaml").write_text(text)
    read = command("docker", "compose", "-f", str(tmp_path / "compose.yaml"), "config", "--format", "json", check=False)
    assert read.returncode == 0, read.stderr
    assert set(json.loads(read.stdout)["services"]) == {"sandbox", "shop"}


@pytest.mark.parametrize("name", ["sandbox", "host.docker.internal"])
def test_the_compose_file_of_the_documents(name: str, network: Network) -> None:
    """Its two services, in two namespaces that play the containers: an invoice is made, paid, and its webhook comes."""
    services = compose_file()
    network.file("shop", "hosts", f"127.0.0.1 localhost\n{OTHER} {name}\n{SHOP} shop\n")
    network.file("other", "hosts", f"127.0.0.1 localhost\n{SHOP} shop\n")
    words = services["sandbox"]["command"].replace("--allow-host sandbox", f"--allow-host {name}").split()
    assert words[:3] == ["xendit", "sandbox", "up"]
    token = services["shop"]["XENDIT_WEBHOOK_TOKEN"]
    main = "from xendit.cli import main; main()"
    state = {"XDG_STATE_HOME": f"/tmp/xendit-network-{os.getpid()}", "XENDIT_WEBHOOK_TOKEN": token}
    network._stack.callback(shutil.rmtree, state["XDG_STATE_HOME"], ignore_errors=True)
    network.start("other", "-u", "-c", main, *words[1:], until="http", **state)
    given = {
        key: value.replace("sandbox:8420", f"{name}:8420") if key == "XENDIT_BASE_URL" else value
        for key, value in services["shop"].items()
        if key.startswith("XENDIT_")
    }
    given["XENDIT_ALLOW_HTTP"] = given["XENDIT_ALLOW_HTTP"].replace("sandbox", name)
    begun = time.monotonic()
    process = network.start("shop", "-c", COMPOSE, until="paid", **given)
    assert process.poll() in (None, 0)
    assert time.monotonic() - begun < 30
