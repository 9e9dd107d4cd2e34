#!/usr/bin/env bash
# Four packages that read JSON into a class read 4.10 into its Decimal as 4.09999999999999964…, so that the invoice is never paid in full.
#
# mashumaro 3.23 (with orjson 3.13.0 too), pyserde 0.34.0, apischema 0.19.0 and jsons 1.6.3; msgspec 0.22.0, pydantic 2.14.4 and
# dataclass-wizard 1.0.0 beside them. Each is given a dataclass with `amount: Decimal` and {"amount": 4.10}, a number, as gateways send
# it. The first four hand json's float to Decimal(), which takes all its binary digits; the other three go by a text of it. The type
# is what one asked for, so nothing looks amiss, but `paid == price` is False and `paid < price` is True for 4.10, and 96 of every hundred
# amounts differ from the Decimal of the same digits: those with .00, .25, .50 and .75 are right, and so is every rupiah or yen without
# cents, with which such a test is likely made. Rounding does not always mend it: 2.675 at two places, half up, is 2.67 with them and 2.68
# with the others. Written again, or put into a NUMERIC without a scale, it has fifty digits. As text the amount
# is right, but apischema refuses a text and takes the number alone.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check mashumaro==3.23 orjson==3.13.0 pyserde==0.34.0 \
    apischema==0.19.0 jsons==1.6.3 msgspec==0.22.0 pydantic==2.14.4 dataclass-wizard==1.0.0
cat > "$place/look.py" <<'PYTHON'
import json
import sys
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import apischema
import dataclass_wizard
import jsons
import msgspec
import pydantic
import serde
import serde.json
from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.codecs.orjson import ORJSONDecoder


@dataclass
class Payment:
    amount: Decimal


Read = serde.serde(dataclass(type("Read", (), {"__annotations__": {"amount": Decimal}})))
adapter = pydantic.TypeAdapter(Payment)
readers = {
    "mashumaro": JSONDecoder(Payment).decode,
    "mashumaro, orjson": ORJSONDecoder(Payment).decode,
    "pyserde": lambda text: serde.json.from_json(Read, text),
    "apischema": lambda text: apischema.deserialize(Payment, json.loads(text)),
    "jsons": lambda text: jsons.loads(text, Payment),
    "msgspec": lambda text: msgspec.json.decode(text, type=Payment),
    "pydantic": adapter.validate_json,
    "dataclass-wizard": lambda text: dataclass_wizard.fromdict(Payment, json.loads(text)),
}
PRICE = Decimal("4.10")
CENT = Decimal("0.01")
changed = []
for number, (name, read) in enumerate(readers.items()):
    paid = read('{"amount": 4.10}').amount
    differ = sum(
        read(f'{{"amount": 7.{cents:02}}}').amount != Decimal(f"7.{cents:02}") for cents in range(100)
    )
    rounded = read('{"amount": 2.675}').amount.quantize(CENT, ROUND_HALF_UP)
    whole = read('{"amount": 150000}').amount
    print(f"{name}: 4.10 is {paid}; less than the price: {paid < PRICE}; {differ} of 100 differ; 2.675 rounds to {rounded}")
    wrong = number < 5
    if (
        type(paid) is not Decimal
        or (paid < PRICE, paid == PRICE, differ) != ((True, False, 96) if wrong else (False, True, 0))
        or rounded != Decimal("2.67" if wrong else "2.68")
        or whole != 150000
    ):
        changed.append(name)
    try:
        text_right = read('{"amount": "4.10"}').amount == PRICE
    except Exception as error:
        text_right = type(error).__name__
    if text_right is not True:
        print(f"{name}: an amount as text: {text_right}")
    if text_right != ("ValidationError" if name == "apischema" else True):
        changed.append(f"{name}, text")
written = JSONEncoder(Payment).encode(JSONDecoder(Payment).decode('{"amount": 4.10}'))
print(f"mashumaro writes {written}")
if len(written) < 60:
    changed.append("written")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
