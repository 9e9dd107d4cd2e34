#!/usr/bin/env bash
# The reference package of Standard Webhooks signs another moment than it was given, unless that is told in UTC.
#
# standardwebhooks 1.1.0, and svix 2.9.1, which signs by it; tzdata 2026.6. `sign(msg_id, timestamp, data)` takes a
# datetime. An aware one is not converted to UTC: its zone is taken away and UTC put in place, so that 19:00 in Jakarta is
# signed as 19:00 UTC, seven hours on. The receiver, who has the true second in `webhook-timestamp`, answers "No matching
# signature found", which reads like a wrong secret. The same moment told as UTC (equal to the other, for Python)
# verifies. Who takes the time from a database's column, or from `datetime.now().astimezone()`, has it right in tests on a
# machine that runs in UTC, and nowhere else; a naive local time fails in the same way.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    standardwebhooks==1.1.0 svix==2.9.1 tzdata==2026.6
cat > "$place/look.py" <<'PYTHON'
import base64
import hashlib
import hmac
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import standardwebhooks
import svix

KEY = b"a key of a test, and no other"
SECRET = base64.b64encode(KEY).decode()
BODY = '{"amount": 150000}'
MOMENT = datetime.now(UTC).replace(microsecond=0)


def signed_second(signature):
    """The second, near the moment, that a signature is about: computed here, as the standard says."""
    for hours in range(-14, 15):
        second = int(MOMENT.timestamp()) + 3600 * hours
        digest = hmac.new(KEY, f"msg_1.{second}.{BODY}".encode(), hashlib.sha256).digest()
        if signature == f"v1,{base64.b64encode(digest).decode()}":
            return hours
    return None


found = []
for package, webhook in (("standardwebhooks", standardwebhooks.Webhook(SECRET)), ("svix", svix.Webhook(SECRET))):
    for zone in ("UTC", "Asia/Jakarta", "America/New_York"):
        told = MOMENT.astimezone(ZoneInfo(zone))
        signature = webhook.sign("msg_1", told, BODY)
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(told.timestamp())),
            "webhook-signature": signature,
        }
        try:
            webhook.verify(BODY, headers)
            result = "verified"
        except standardwebhooks.WebhookVerificationError as error:
            result = str(error)
        off = signed_second(signature)
        print(f"{package}, told in {zone} (equal moments: {told == MOMENT}): signed {off} hours off; {result}")
        found.append((zone, off, result == "verified"))
new_york = MOMENT.astimezone(ZoneInfo("America/New_York")).utcoffset().total_seconds() / 3600
expected = [("UTC", 0, True), ("Asia/Jakarta", 7, False), ("America/New_York", new_york, False)] * 2
sys.exit(0 if found == expected else "this has changed")
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
