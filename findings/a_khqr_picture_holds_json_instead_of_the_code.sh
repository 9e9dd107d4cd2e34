#!/usr/bin/env bash
# The picture that a KHQR package draws of its own code holds a page of JSON, which no bank's app can pay.
#
# cambodia-bank 1.0.3 with qrcode 8.2 and Pillow 13.0.0; zxing-cpp 3.1.1 reads the pictures. create_qr() returns a str whose
# letters are the payload: its length, its slices and its MD5 are right, and so is what json.dumps() takes
# of it. But its __str__ gives a report as JSON, which the documentation shows for print(). qrcode asks str() of what it is
# to draw, as f-strings and logging do; so the package's own qr_image(qr) draws the report, some four hundred letters with the
# payload among them, and says nothing. It is a fine QR code to look at, and only a reader shows what it holds. Draw "".join(qr).
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    cambodia-bank==1.0.3 qrcode==8.2 pillow==13.0.0 zxing-cpp==3.1.1
cd "$place"
"$place/venv/bin/python" - <<'PYTHON'
import hashlib
import json
import sys

import zxingcpp
from cambodia_bank import KHQR
from PIL import Image

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def read(path):
    (code,) = zxingcpp.read_barcodes(Image.open(path))
    return code.text


khqr = KHQR()
qr = khqr.create_qr(account_id="shop@bank", merchant_name="Coffee Shop", amount=4000, currency="KHR")
payload = "".join(qr)
print("payload:", payload)
compare("the str begins as a payload", qr[:6], "000201")
compare("its MD5 is the payload's", khqr.generate_md5(qr) == hashlib.md5(payload.encode()).hexdigest(), True)
compare("a picture of the characters holds the payload", read(khqr.qr_image(payload, output_path="chars.png")) == payload, True)
drawn = read(khqr.qr_image(qr, output_path="result.png"))
print("the picture of the result itself holds:", drawn)
compare("its first character", drawn[0], "{")
compare("it is JSON with the payload inside", json.loads(drawn)["data"]["qr"] == payload, True)
compare("an f-string is JSON too", f"{qr}"[0], "{")
compare("json.dumps() takes the payload", json.loads(json.dumps(qr)) == payload, True)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
