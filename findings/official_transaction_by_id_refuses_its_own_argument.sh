#!/usr/bin/env bash
# Xendit's official SDK cannot make its own documented call for one transaction, and sends a Python dict as a date filter.
#
# xendit-python 7.0.0 (with urllib3 2.5.0, python-dateutil 2.9.0.post0, typing-extensions 4.15.0).
# get_transaction_by_id is documented with a model TransactionId for its id, and checks the id with a regular expression. The
# check is handed the model, so the documented call ends in a TypeError of `re` before any request; the plain text, which the
# documentation does not show, goes out. DateRangeFilter, the type of `created` in get_all_transactions, is written into
# the query as the repr of a Python dict, which is no range in any style of OpenAPI.
# A server on the loopback shows what would be sent.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    xendit-python==7.0.0 urllib3==2.5.0 python-dateutil==2.9.0.post0 typing-extensions==4.15.0
cat > "$place/look.py" <<'PYTHON'
import datetime
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

import xendit
from xendit.apis import TransactionApi
from xendit.balance_and_transaction.model.date_range_filter import DateRangeFilter
from xendit.balance_and_transaction.model.transaction_id import TransactionId

asked = []


class Recorder(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(urllib.parse.unquote(self.path))
        body = b'{"has_more":false,"data":[]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


server = HTTPServer(("127.0.0.1", 0), Recorder)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = xendit.Configuration(host=f"http://127.0.0.1:{server.server_port}", api_key="xnd_development_none")
client = xendit.ApiClient(settings)
api = TransactionApi(client)
ID = "txn_13dd178d-41fa-40b7-8fd3-f83675d6f413"

print("xendit-python", version("xendit-python"))
for shown, given in (("TransactionId", TransactionId(ID)), ("str", ID)):
    asked.clear()
    told = ""
    try:
        api.get_transaction_by_id(given)
    except Exception as error:  # the recorder's answer is no transaction: only what was sent counts
        told = "" if asked else f", {type(error).__name__}: {error}"
    print(f"get_transaction_by_id({shown}): requests sent: {len(asked)}{told}")
moment = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
api.get_all_transactions(created=DateRangeFilter(gte=moment))
print("the query:", asked[-1] if asked else "none")
PYTHON
"$place/venv/bin/python" "$place/look.py" | tee "$place/said"
grep -q "TransactionId): requests sent: 0, TypeError: expected string or bytes-like object, got 'TransactionId'" "$place/said"
grep -q "(str): requests sent: 1" "$place/said"
grep -q "created={'gte'" "$place/said"
