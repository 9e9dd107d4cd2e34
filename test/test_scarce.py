"""A machine that has run out of something: nothing was sent, the error says what is short, and the client works again afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from faults.worlds import WORLDS
from raw_server import RawServer, http
from recorded import KEY

resource = pytest.importorskip("resource")
INVOICE = http(200, b'{"id":"x","external_id":"e","status":"PENDING","amount":1,"currency":"IDR","invoice_url":"u"}')
ROOT = Path(__file__).resolve().parent

PROGRAM = """
import json, os, resource, sys
sys.path[:0] = [sys.argv[4], os.path.dirname(sys.argv[4])]
import xendit
from faults.worlds import api_in

world, transport, url = sys.argv[1:4]
order = {"external_id": "e", "amount": 1}
api = api_in(world, xendit.Configuration(url, "KEY", retries=0, transport=transport))
warm = api_in(world, xendit.Configuration(url, "KEY", retries=0, transport=transport, connection_pool_maxsize=2))
warm.create_invoice(order)  # so that all is loaded
import encodings.ascii  # what the look-up of a create needs; of CPython it is no file
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
held = []
try:
    while True:
        held.append(open(os.devnull))
except OSError:
    pass
told = {}
try:
    api.create_invoice(order)
except xendit.XenditSdkException as error:
    told = {"error": type(error).__name__, "outcome": error.outcome, "said": str(error)}
for each in held:
    each.close()
told["afterwards"] = api.get_invoice_by_id("x").id
api.api_client.close()
warm.api_client.close()
print(json.dumps(told))
""".replace("KEY", KEY)


@pytest.mark.parametrize("transport", ["auto", "plain"])
@pytest.mark.parametrize("world", WORLDS)
def test_no_file_is_left_to_open(world: str, transport: str) -> None:
    """EMFILE: a create was not sent, or nobody claims that it was not."""
    with RawServer([INVOICE] * 3) as server:
        command = [sys.executable, "-c", PROGRAM, world, transport, server.url, str(ROOT)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert [request[:4] for request in server.requests] == [b"POST", b"GET "]
    assert told["error"] == "ConnectionException"
    assert told["outcome"] == "not_sent"
    assert "Too many open files" in told["said"]
    assert told["afterwards"] == "x"
