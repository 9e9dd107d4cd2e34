"""AsyncInvoiceApi is InvoiceApi with `async` and `await`: this writes its class from the other's.

    python tools/mirror.py            # write xendit/invoice/async_invoice_api.py anew
    python tools/mirror.py --check    # fail when it is stale

Only the class is written; what stands around it is the module's own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SYNC = Path(__file__).resolve().parent.parent / "xendit" / "invoice" / "invoice_api.py"
ASYNC = SYNC.with_name("async_invoice_api.py")
_CLASS = re.compile(r"^class (?:Async)?InvoiceApi:\n(?:(?: .*)?\n)+", re.MULTILINE)
_AWAITED = r"self\._call\(|self\.api_client\.(?:call|search|watch)\("
_PLAIN = "_|for_user|with_raw_response|iter_invoices|pages"


def mirrored(source: str) -> str:
    """The class of the synchronous module, for asyncio."""
    found = _CLASS.search(source)
    assert found is not None
    text = found[0].rstrip() + "\n"
    text = re.sub(rf"^    def (?!{_PLAIN})", "    async def ", text, flags=re.MULTILINE)
    text = re.sub(r"^    def _call\(", "    async def _call(", text, flags=re.MULTILINE)
    text = re.sub(_AWAITED, lambda call: "await " + call[0], text)
    return re.sub(r"\b(ApiClient|Iterator|InvoiceApi|RawInvoiceApi)\b", r"Async\1", text)


def written() -> str:
    """The asynchronous module as it should be."""
    text = ASYNC.read_text("utf-8")
    found = _CLASS.search(text)
    assert found is not None
    rest = text[found.end() :]
    return text[: found.start()] + mirrored(SYNC.read_text("utf-8")) + "\n\n" + rest.lstrip("\n")


def main(arguments: list[str]) -> int:
    """Write the module, or say that it is stale."""
    text = written()
    if arguments == ["--check"]:
        if text != ASYNC.read_text("utf-8"):
            print(f"{ASYNC.name} is stale: run python tools/mirror.py")
            return 1
        return 0
    ASYNC.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
