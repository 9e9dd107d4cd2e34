#!/usr/bin/env bash
# The same amount as text, and one package that prints Pix codes asks for a hundredth of it.
#
# pixqrcode 1.1.0 and pypix 0.2.0. Both take the amount as text. pixqrcode keeps the digits alone and takes the last two for
# centavos: "10.50" is 10.50, but "10.5" is 1.05, "1000" is 10.00 and "10" is 0.10, without a word. pypix reads all of them
# as numbers. Who has the amount from a Decimal or a database gets "1000" and "10.5" where nothing stands behind the point, and
# the code that is printed is valid: a shop learns it from its bank. Give such packages an amount with both digits,
# f"{amount:.2f}", and read field 54 of what they print.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# pypix asks for a Python below 3.13.
for python in python3.12 python3.11 python3.10 python3; do
    if "$python" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info < (3, 13))' 2>/dev/null; then break; fi
done
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check pixqrcode==1.1.0 pypix==0.2.0
"$place/venv/bin/python" - <<'PYTHON'
import sys

from pixqrcode import PixQrCode
from pypix.pix import Pix


def amount_in(code: str) -> str:
    """What stands in field 54 of the code: two digits of a tag, two of a length, the value."""
    at = 0
    while at < len(code):
        tag, length = code[at : at + 2], int(code[at + 2 : at + 4])
        if tag == "54":
            return code[at + 4 : at + 4 + length]
        at += 4 + length
    raise LookupError(code)


def by_pixqrcode(amount: str) -> str:
    return PixQrCode("Toko Kopi", "11999999999", "Sao Paulo", amount, "order7").generate_code()


def by_pypix(amount: str) -> str:
    code = Pix()
    code.set_pixkey("loja@example.com")
    code.set_merchant_name("Toko Kopi")
    code.set_merchant_city("Sao Paulo")
    code.set_amount(amount)
    return str(code)


seen = {given: (amount_in(by_pixqrcode(given)), amount_in(by_pypix(given))) for given in ("10.50", "10.5", "10", "1000")}
for given, (pixqrcode, pypix) in seen.items():
    print(f"{given:>6}: pixqrcode 1.1.0 asks for {pixqrcode:>7}, pypix 0.2.0 for {pypix:>7}")
sys.exit(
    seen
    != {
        "10.50": ("10.50", "10.50"),
        "10.5": ("1.05", "10.50"),
        "10": ("0.10", "10.00"),
        "1000": ("10.00", "1000.00"),
    }
)
PYTHON
