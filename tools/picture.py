"""Take the picture of the README: an invoice's payment page in the sandbox, in a real browser: `python tools/picture.py`.

The clock of the sandbox stands and its chance is seeded, so that only a change of the page changes the picture. Written with few
colours, so that it stays small. Needs the browser that tools/chromium.py installs.
"""

from __future__ import annotations

import io
import sys

from environment import ROOT

sys.path.insert(0, str(ROOT / "test"))

PICTURE = ROOT / "docs" / "theme" / "static" / "payment-page.png"
COLOURS = 64
ORDER = {
    "external_id": "order-1001",
    "amount": 412_500,
    "description": "Two bags of coffee and a grinder",
    "items": [
        {"name": "Gayo, 250 g", "quantity": 2, "price": 98_000},
        {"name": "Hand grinder", "quantity": 1, "price": 200_000},
    ],
    "fees": [{"type": "Delivery", "value": 16_500}],
    "id": "6752f41ec5d5a3b0a4e8c001",
}


def main() -> int:
    """Take it, and give the exit code."""
    from browser import Browser
    from chromium import find_chromium, install_chromium
    from PIL import Image

    from xendit.sandbox import Sandbox

    problem, chromium = install_chromium(), find_chromium()
    if chromium is None:
        print(problem, file=sys.stderr)
        return 1
    browser = Browser(chromium)
    with Sandbox(merchant_name="Kopi Toraja") as sandbox:
        sandbox.freeze("2026-05-25T09:00:00Z")
        (invoice,) = sandbox.load({"invoices": [ORDER]})
        with browser.page(width=1100, height=690) as page:
            page.open(f"{invoice['invoice_url']}?channel=BCA&lang=en")
            picture = Image.open(io.BytesIO(page.screenshot(whole=False)))
    browser.close()
    # A table of colours and no dither: letters stay sharp, and the file is a quarter of its size.
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
