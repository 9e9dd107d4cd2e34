#!/usr/bin/env bash
# aiomysql, installed as pip installs it, cannot be given a parameter of bytes.
#
# aiomysql 0.3.2, PyMySQL 1.2.4, which fits what aiomysql asks for.
# aiomysql escapes bytes with a function of PyMySQL's converters. PyMySQL 1.2 keeps that name, but a text stands behind it,
# which tells the reader not to import it; so importing works, and the first statement with a BLOB, a digest or a packed UUID
# ends in "TypeError: 'str' object is not callable" before anything is sent. Texts, numbers and dates pass. Nothing in the
# versions that pip chooses shows it. What helps: PyMySQL below 1.2, or hexadecimal text and UNHEX(%s).
# No server is needed to see it: parameters are written into the statement by the client.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check aiomysql==0.3.2 PyMySQL==1.2.4
cat > "$place/look.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import aiomysql
import pymysql.converters


async def look():
    connection = aiomysql.Connection()  # it connects later, when it is told to
    print("a number:", connection.escape(5))
    print("the name in PyMySQL:", type(pymysql.converters.escape_bytes_prefixed).__name__)
    try:
        print("bytes:", connection.escape(b"x"))
    except TypeError as error:
        print("bytes:", type(error).__name__, error)
    else:
        raise SystemExit("bytes can be escaped now")


print("aiomysql", version("aiomysql"), "PyMySQL", version("PyMySQL"))
asyncio.run(look())
PYTHON
"$place/venv/bin/python" "$place/look.py" | tee "$place/said"
grep -q "the name in PyMySQL: str" "$place/said"
grep -q "bytes: TypeError 'str' object is not callable" "$place/said"
