#!/usr/bin/env bash
# responses offers a `target` to patch, and urllib3's own method is a natural one; what it puts there knows requests alone.
#
# responses 0.26.3, urllib3 2.8.0. `RequestsMock(target="urllib3.connectionpool.HTTPConnectionPool.urlopen")` patches the method
# without a word. A call of urllib3 then fails with an AttributeError about `path_url`, an attribute of requests'
# PreparedRequest, for what it is given is taken for one; no answer that was registered is ever found.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check responses==0.26.3 urllib3==2.8.0
"$place/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import responses
import urllib3

said = None
mock = responses.RequestsMock(
    target="urllib3.connectionpool.HTTPConnectionPool.urlopen", assert_all_requests_are_fired=False
)
with mock:
    mock.get("http://shop.invalid/balance", json={"balance": 1})
    try:
        urllib3.PoolManager().request("GET", "http://shop.invalid/balance")
    except AttributeError as error:
        said = str(error)
print("responses", version("responses"), "with urllib3", version("urllib3"), "says", said)
assert said == "'str' object has no attribute 'path_url'", said
PYTHON
