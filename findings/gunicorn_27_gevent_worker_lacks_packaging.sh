#!/usr/bin/env bash
# gunicorn 27's gevent worker imports `packaging`, which neither gunicorn nor gevent installs.
#
# gunicorn 27.0.1, gevent 26.9.0. `pip install gunicorn gevent` into an empty environment gives a server that ends at its start
# with "class uri 'gevent' invalid or not found", as if the worker's name were wrong; the true cause, "No module named
# 'packaging'", stands in the traceback below it. With `packaging` beside them the same command line serves.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check gunicorn==27.0.1 gevent==26.9.0
cat > "$place/shop.py" <<'PYTHON'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"paid"]
PYTHON
cd "$place"
# Whether it serves: it ends by itself, or goes on until it is stopped by INT, and then ends with 0.
start() {
    timeout --signal=INT 20 "$place/venv/bin/python" -m gunicorn --bind 127.0.0.1:0 --worker-class gevent shop:app > "$place/said" 2>&1 \
        || true
}
start
grep -q "class uri 'gevent' invalid or not found" "$place/said"
grep -q "No module named 'packaging'" "$place/said"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check packaging==25.0
start
grep -q "Booting worker" "$place/said"
if grep -q "No module named" "$place/said"; then exit 1; fi
echo "gunicorn 27.0.1 with gevent 26.9.0: the gevent worker cannot be found without packaging, and is found with it"
