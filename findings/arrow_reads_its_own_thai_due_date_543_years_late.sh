#!/usr/bin/env bash
# arrow writes the due date of an invoice in Thai, reads it back with the same format, and the invoice is due in 543 years.
#
# arrow 1.4.0; dateparser 1.5.0 and Babel 2.19.0 beside it. With the locale "th" or "lo" arrow writes the year of the Buddhist era, as
# people do there: 2569 for 2026. It reads with the same locale, takes the names of its months and leaves the year as it is: a due date
# that never comes, without an error. Of a year of two digits, as on the slips of Thai banks, 68 is read as 2068 and 69 as 1969, so that
# one winter's payments lie 99 years apart. 29 February, where the year of the other era has none, ends in a ValueError: the one case
# that is noticed. The era goes with the locale whatever the format: YYYY-MM-DD is 2569-01-15 there, as a file or an API gets it.
# dateparser reads them all as arrow does, and for the leap day gives None; Babel's "th" writes 2026. In a test with the locale of
# the tester nothing of it shows. Take 543 from a year above 2400, and write what is not for people without a locale.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check arrow==1.4.0 dateparser==1.5.0 babel==2.19.0
"$place/venv/bin/python" -W ignore - <<'PYTHON'
import datetime
import sys

import arrow
import dateparser
from babel.dates import format_date

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def back(day, form, locale):
    """What is written for this day, and what arrow and dateparser make of it."""
    text = arrow.get(day).format(form, locale=locale)
    try:
        read = str(arrow.get(text, form, locale=locale).date())
    except ValueError as error:
        read = str(error)
    other = dateparser.parse(text, languages=[locale])
    return text, read, str(other and other.date())


DUE, LAST_YEAR, LEAP = datetime.date(2026, 1, 15), datetime.date(2025, 12, 15), datetime.date(2028, 2, 29)
text, *read = back(DUE, "D MMMM YYYY", "th")
compare(f"{DUE}, which arrow writes as {text}, by arrow and by dateparser", read, ["2569-01-15", "2569-01-15"])
text, read, _ = back(DUE, "D MMMM YYYY", "lo")
compare(f"{DUE}, which arrow writes in Lao as {text}, by arrow", read, "2569-01-15")
text, *read = back(DUE, "D MMM YY", "th")
compare(f"{DUE}, as {text}", read, ["1969-01-15", "1969-01-15"])
text, *read = back(LAST_YEAR, "D MMM YY", "th")
compare(f"{LAST_YEAR}, as {text}", read, ["2068-12-15", "2068-12-15"])
text, *read = back(LEAP, "D MMMM YYYY", "th")
compare(f"{LEAP}, as {text}", read, ["day is out of range for month", "None"])
compare("YYYY-MM-DD with the locale th", arrow.get(DUE).format("YYYY-MM-DD", locale="th"), "2569-01-15")
same = [arrow.get(arrow.get(DUE).format("D MMMM YYYY", locale=name), "D MMMM YYYY", locale=name).date() == DUE
        for name in ("id", "vi", "ms", "tl", "en")]
compare("Indonesian, Vietnamese, Malay, Tagalog and English come back", same, [True] * 5)
compare("Babel writes the year 2026", "2026" in format_date(DUE, "long", locale="th"), True)
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
