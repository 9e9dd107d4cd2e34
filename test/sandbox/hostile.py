"""Texts that mean harm, and an order that has one in every field that a page may show. Shared by two test modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

PARTS = [
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src=//evil.example>",
    ),
    *(
        '"',
        "'",
        ">",
        "<",
        "&",
        "`",
        "=",
        "/",
        " ",
        "\n",
        "\x00",
        "\u2028",
        "\u202e",
        "\ud800",
        "&lt;",
        "&#60;",
        "&quot;",
    ),
    *(
        "</title>",
        "</bdi>",
        "</dd>",
        "</main>",
        "</form>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<base href=//evil.example>",
    ),
    *("javascript:alert(1)", "data:text/html,<b>", "//evil.example", "onmouseover=alert(1)", "style=position:fixed"),
    *(
        "{{ 7 * 7 }}",
        "{% raw %}",
        "{# #}",
        "${7*7}",
        "%3Cb%3E",
        "\\u003cb\\u003e",
        "<math><mi//xlink:href=",
        "<form action=//e>",
    ),
    *(
        "<meta http-equiv=refresh content=0>",
        "<link rel=stylesheet href=//e>",
        "<textarea>",
        "<plaintext>",
        "<template>",
    ),
]


def hostile(dice: random.Random) -> str:
    """Make up a text that means harm: a few parts in any order."""
    return "".join(dice.choice(PARTS) for _ in range(dice.randint(1, 6)))


def order_of(text: str, **fields: Any) -> dict[str, Any]:
    """An order with a text in every field that the page may show."""
    return {
        "external_id": text[:255],
        "amount": 10_000,
        "description": text,
        "items": [
            {"name": text[:256], "quantity": 2, "price": 5_000, "category": text, "url": text, "reference_id": text}
        ],
        "fees": [{"type": text, "value": 1}],
        "customer": {"given_names": text, "surname": text, "email": text, "mobile_number": text},
        "locale": text,
        "success_redirect_url": f"https://shop.example/{text}"[:255],
        "failure_redirect_url": f"https://shop.example/{text}"[:255],
        "metadata": {"note": text[:500]},
        "mid_label": text,
        **fields,
    }
