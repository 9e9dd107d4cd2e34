"""docs/Shops.md: the example shops as a page, word for word, so that what is read is what is tested. docs/build.py writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/Shops.md"
HEAD = """\
# A whole shop

Three small shops that sell coffee, in Flask, FastAPI and Django: an order with an integer key, its invoice, the payment page, the
webhook, and the order that is paid in its own transaction, once. Each program stands here as it is in
[examples/](../examples/README.md), where the tests run it from the order to the receipt. In a clone, `python3 tools/demo.py flask` (or
`fastapi`, `django`) runs one beside a local Xendit.

What all three have in common: `external_id` is made from the order's key, and the order is found by the same way back. A function
for each [kind of event](Webhooks.md#a-function-for-each-kind) checks the amount, and raises where it is not what was ordered. The worker
of [your own transaction](Webhooks.md#in-your-own-transaction) commits the order and the event together.
"""
#: The shops: heading, what is to be said, and the files in the order in which they are read.
SHOPS = (
    ("Flask", "One file.", ("flask_shop.py",)),
    (
        "FastAPI",
        "Asynchronous throughout: the client, the inbox and the worker, which runs beside the requests.",
        ("fastapi_shop.py",),
    ),
    (
        "Django",
        (
            "The inbox is an app with a page in the admin; `manage.py xendit_drain` runs what `XENDIT_WEBHOOK_WORKER` names, until it is stopped "
            "or, with `--once`, until nothing is due. The files stand in a folder as they are named here, with an empty `shop/__init__.py`; "
            "`xendit sandbox run -- python manage.py makemigrations shop` writes the migration."
        ),
        (
            "django_shop/manage.py",
            *(f"django_shop/shop/{name}.py" for name in ("models", "webhooks", "views", "urls", "settings")),
            *(f"django_shop/shop/templates/{name}.html" for name in ("shelf", "receipt")),
        ),
    ),
)


def outputs(root: Path) -> dict[str, str]:
    """The page by its path; none where there are no shops, as in a copy of the package alone."""
    examples = root / "examples"
    if not examples.is_dir():
        return {}
    parts = [HEAD]
    for title, said, names in SHOPS:
        parts.append(f"## {title}\n\n{said}\n")
        for name in names:
            code = (examples / name).read_text("utf-8")
            kind = "py" if name.endswith(".py") else "html"
            parts.append(f"[examples/{name}](../examples/{name}):\n\n```{kind}\n{code}```\n")
    return {PAGE: "\n".join(parts)}
