#!/usr/bin/env bash
# The same 1500 and the same USD are fifteen dollars in one language of num2words and fifteen hundred in the next.
#
# num2words 0.5.14, num2words2 1.0.20. With to="currency" an int counts cents in English and whole dollars in Thai and Korean. Of
# the 49 languages that write a currency, 34 take an int for a hundredth of what they take its Decimal for, 14 for the same
# (Indonesian for the same as well, in other words). Relatives differ: Portuguese and that of Brazil, Spanish and that of Colombia.
# That English means cents is a known complaint; that the next language does not is what nobody expects: rupiah, yen and dong
# are ints by nature, and receipts in two languages differ a hundredfold. num2words2, the port that is offered as the cure, takes
# an int for whole units in English and for hundredths in Malay: with it the English receipts change a hundredfold, without an
# error. Give such a package a Decimal, never an int.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check num2words==0.5.14 docopt==0.6.2 num2words2==1.0.20
"$place/venv/bin/python" - <<'PYTHON'
import sys
from collections import Counter
from decimal import Decimal

import num2words2
from num2words import CONVERTER_CLASSES, num2words

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def amount(words, lang, spell):
    """15 or 1500: whichever the words begin with."""
    return [number for number in (15, 1500) if words.startswith(spell(number, lang=lang))]


for lang, expected in (("en", 15), ("de", 15), ("fr", 15), ("es", 15), ("pt", 15), ("th", 1500), ("ko", 1500)):
    for value, meant in ((1500, expected), (Decimal("1500"), 1500)):
        words = num2words(value, lang=lang, to="currency", currency="USD")
        compare(f"num2words, {lang}, USD, {value!r}: {words!r}", amount(words, lang, num2words), [meant])
for lang, value, expected in (("en", 1500, 1500), ("en", Decimal("1500"), 1500), ("ms", 1500, 15), ("ms", Decimal("1500"), 1500)):
    words = num2words2.num2words(value, lang=lang, to="currency")
    compare(f"num2words2, {lang}, {value!r}: {words!r}", amount(words, lang, num2words2.num2words), [expected])


def kind(lang):
    try:
        number, part, whole = (
            num2words(value, lang=lang, to="currency") for value in (150000, Decimal("1500.00"), Decimal("150000.00"))
        )
    except Exception:
        return "no currency"
    return "a hundredth" if number == part else "the same" if number == whole else "other words"


kinds = Counter(kind(lang) for lang in CONVERTER_CLASSES)
expected = {"a hundredth": 34, "no currency": 7, "other words": 1, "the same": 14}
compare("what an int is, beside its Decimal", dict(sorted(kinds.items())), expected)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
