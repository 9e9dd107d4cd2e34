"""The payment page without a browser: amounts and times, languages, channels, forms and their guards, hostile texts."""

from __future__ import annotations

import binascii
import random
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest
from documents import Visitor
from hostile import PARTS, hostile, order_of

from xendit.display import money
from xendit.invoice.pages import payment, qr, texts
from xendit.invoice.pages.methods import ORDER, groups, name_of
from xendit.sandbox.pages import formats
from xendit.sandbox.state.invoice.channels import CHANNELS, ChannelKind

UNKNOWN = "0" * 24


@pytest.fixture
def payer(client):
    return Visitor(client)


def page_path(invoice):
    return f"/web/{invoice['id']}"


# ------------------------------------------------------------------------------------------------ pure parts


@pytest.mark.parametrize(
    ("amount", "currency", "english", "indonesian"),
    [
        (1_250_000, "IDR", "IDR\xa01,250,000", "IDR\xa01.250.000"),
        (4550.5, "IDR", "IDR\xa04,550.5", "IDR\xa04.550,5"),
        (134.4, "PHP", "PHP\xa0134.40", "PHP\xa0134,40"),
        (1_000, "PHP", "PHP\xa01,000.00", "PHP\xa01.000,00"),
        (99.99, "THB", "THB\xa099.99", "THB\xa099,99"),
        (250_000, "VND", "VND\xa0250,000", "VND\xa0250.000"),
        (1_250.5, "MYR", "MYR\xa01,250.50", "MYR\xa01.250,50"),
        (0.1, "USD", "USD\xa00.10", "USD\xa00,10"),
        (-5_000, "IDR", "IDR\xa0-5,000", "IDR\xa0-5.000"),
        (1e15, "USD", "USD\xa01,000,000,000,000,000.00", "USD\xa01.000.000.000.000.000,00"),
    ],
)
def test_amounts(amount, currency, english, indonesian):
    """An amount is written as the terminal writes it, with the separators of the language."""
    assert formats.format_amount(amount, currency, "en") == english == money(amount, currency).replace(" ", "\xa0")
    assert formats.format_amount(amount, currency, "id") == indonesian


@pytest.mark.parametrize(
    ("number", "english", "indonesian"),
    [(1, "1", "1"), (2.5, "2.5", "2,5"), (510_000, "510,000", "510.000"), (3.0, "3", "3")],
)
def test_numbers(number, english, indonesian):
    """A quantity shows no more decimals than it has."""
    assert (formats.format_number(number), formats.format_number(number, "id")) == (english, indonesian)


def test_moments():
    """A time is that of a clock on the wall where the currency is paid, and says of which zone."""
    moment = datetime(2026, 5, 25, 20, 16, tzinfo=timezone.utc)
    assert formats.format_moment(moment, "IDR", "id") == "26 Mei 2026, 03:16 WIB"
    assert formats.format_moment(moment, "PHP", "en") == "26 May 2026, 04:16 PHT"
    assert formats.format_moment(moment, "USD", "en") == "25 May 2026, 20:16 UTC"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "00:00:00"), (-3, "00:00:00"), (59.9, "00:00:59"), (86_399, "23:59:59"), (97_200, "1d 03:00:00")],
)
def test_time_left(seconds, shown):
    """The countdown shows whole seconds and never less than none."""
    assert formats.format_left(seconds) == shown


@pytest.mark.parametrize(
    ("asked", "locale", "accepted", "language"),
    [
        (None, None, "", "en"),
        (None, "id", "en", "id"),
        ("en", "id", "id", "en"),
        ("xx", "id", "en", "id"),
        (None, "fr", "id-ID,id;q=0.9,en;q=0.8", "id"),
        (None, None, "en;q=0.1, id;q=0.2", "id"),
        (None, None, "id;q=0, en;q=0.1", "en"),
        (None, None, "de, *;q=0.5", "en"),
        (None, "id-ID", "", "id"),
        (None, "in", "", "id"),
        (None, None, "q=;;,,é" * 300, "en"),
    ],
)
def test_language(asked, locale, accepted, language):
    """The payer's wish counts first, then the invoice's locale, then the browser; English when none is known."""
    assert texts.choose_language(asked, locale, accepted) == language


def test_every_sentence_has_both_languages():
    """No sentence is missing or forgotten in one language, and both take the same values."""
    for name, pair in texts.TEXTS.items():
        english, indonesian = (set(re.findall(r"{(\w+)}", text)) for text in pair)
        assert english == indonesian, name
        assert all(pair), name
    assert set(texts.GROUPS) == set(texts.STEPS) == set(ORDER) == set(ChannelKind)
    for english, indonesian in texts.STEPS.values():
        assert len(english) == len(indonesian)


@pytest.mark.parametrize("currency", CHANNELS)
def test_every_channel_is_in_one_group(currency):
    """The page offers each channel of a country once, under a name of its own."""
    found = [method for group in groups(currency, CHANNELS[currency]) for method in group.methods]
    assert sorted(method.code for method in found) == sorted(CHANNELS[currency])
    assert len({method.title for method in found}) == len(found)
    assert not [method for method in found if "_" in method.name]


def test_a_card_is_named_in_the_language():
    """The one channel whose name is a word is translated."""
    assert (name_of("CREDIT_CARD"), name_of("CREDIT_CARD", "id")) == ("credit or debit card", "kartu kredit atau debit")


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("http://127.0.0.1:8000/thanks?a=1&b=2#c", "http://127.0.0.1:8000/thanks?a=1&b=2#c"),
        ("https://shop.example/ü x", "https://shop.example/%C3%BC%20x"),
        ('https://shop.example/"><script>', "https://shop.example/%22%3E%3Cscript%3E"),
        ("https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/%0D%0ASet-Cookie:%20a=b"),
        ("HTTPS://shop.example/%2F", "HTTPS://shop.example/%2F"),
        ("myapp://paid", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http:///no-host", None),
        ("http://[::1", None),
        ("//shop.example", None),
        ("https://shop.example/\ud800", "https://shop.example/?"),
    ],
)
def test_only_web_addresses_become_links(url, link):
    """A redirect URL is a link, spelled safely, when it is http:// or https://; any other is text."""
    got = payment.safe_link(url)
    assert got == link
    assert got is None or (got.isascii() and got.isprintable() and not set('"<> ') & set(got))


# ------------------------------------------------------------------------------------------------ the QR code


def fields_of(payload):
    """Take the fields of a QR payload apart as a wallet does."""
    found, rest = {}, payload
    while rest:
        number, length = rest[:2], int(rest[2:4])
        found[number] = rest[4 : 4 + length]
        rest = rest[4 + length :]
    return found


@pytest.mark.parametrize(
    ("currency", "amount", "number", "country"),
    [("IDR", 412_500, "360", "ID"), ("PHP", 134.4, "608", "PH"), ("THB", 1e6, "764", "TH"), ("USD", 0.01, "840", "US")],
)
def test_qr_payload(client, sandbox, currency, amount, number, country):
    """The payload has the region's format, amount, currency and checksum, and an account that no network knows."""
    invoice = sandbox.book("invoice").find(client.create(currency=currency, amount=amount)["id"])
    text = qr.payload(invoice)
    fields = fields_of(text)
    assert (fields["53"], fields["58"], float(fields["54"])) == (number, country, amount)
    assert fields_of(fields["62"]) == {"05": invoice.id}
    assert fields_of(fields["26"]) == {"00": "sandbox.invalid"}
    assert fields["63"] == f"{binascii.crc_hqx(text[:-4].encode(), 0xFFFF):04X}"


def test_qr_decodes():
    """A reader decodes what was drawn: here from the drawing itself, in test_browser from the screen."""
    import zxingcpp
    from PIL import Image

    text = "00020101021226190015sandbox.invalid6304ABCD"
    drawing = qr.svg(text)
    size = int(re.search(r'viewBox="0 0 (\d+) ', drawing)[1])
    picture = Image.new("L", (size, size), 255)
    x = y = 0.0
    (path,) = re.findall(r'stroke="#000" d="([^"]+)"', drawing)
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", path):
        if command == "h":
            for column in range(int(x), int(x + float(first))):
                picture.putpixel((column, int(y)), 0)
            x += float(first)
        else:
            x, y = (float(first), float(second)) if command == "M" else (x + float(first), y + float(second))
    (found,) = zxingcpp.read_barcodes(picture.resize((size * 6, size * 6), Image.Resampling.NEAREST))
    assert found.text == text


# ------------------------------------------------------------------------------------------------ what it shows


def test_page_shows_the_order(payer, client, sandbox):
    """The page says SANDBOX, who is paid, how much, until when, for what, and offers every channel."""
    invoice = client.create(
        amount=412_500,
        description="Two bags\nof coffee",
        items=[{"name": "Gayo", "quantity": 2, "price": 98_000}, {"name": "Grinder", "quantity": 1, "price": 200_000}],
        fees=[{"type": "Delivery", "value": 16_500}],
        customer={"given_names": "Siti", "surname": "Rahma"},
        success_redirect_url="http://127.0.0.1:8000/thanks",
    )
    assert invoice["invoice_url"] == f"{sandbox.url}/web/{invoice['id']}"
    page = payer.open(page_path(invoice))
    for text in (
        *("SANDBOX", "not Xendit", "Sandbox Merchant", "IDR\xa0412,500", "order-1", "Two bags\nof coffee"),
        *(
            "Gayo",
            "2 \N{MULTIPLICATION SIGN} IDR\xa098,000",
            "IDR\xa0196,000",
            "Delivery",
            "IDR\xa016,500",
            "Siti Rahma",
        ),
        *("Waiting for payment", "Pay before", " WIB", invoice["id"], "http://127.0.0.1:8000/thanks"),
    ):
        assert text in page.text, text
    assert "add up" not in page.text
    for code in CHANNELS["IDR"]:
        assert page.has(f"method-{code}")
    assert page.all("html")[0]["lang"] == "en"
    assert not [script for script in page.all("script") if set(script) != {"src", "defer"}]


def test_page_says_when_the_lines_are_not_the_amount(payer, client):
    """The amount wins over the sum of items and fees, and the page says that they differ."""
    invoice = client.create(amount=69_000, items=[{"name": "a", "quantity": 0.5, "price": 140_000.5}])
    page = payer.open(page_path(invoice))
    assert "add up to IDR\xa070,000.25; the invoice is for IDR\xa069,000" in page.text


def test_page_in_indonesian(payer, client):
    """The invoice's locale decides the language, and the payer may change it for every page that follows."""
    page = payer.open(page_path(client.create(locale="id")))
    assert "Pilih cara pembayaran" in page.text
    assert page.all("html")[0]["lang"] == "id"
    english = payer.open(next(got["href"] for got in page.all("a") if got.get("hreflang") == "en"))
    assert "Choose how to pay" in english.text
    chosen = payer.open(next(got["href"] for got in english.all("a") if got.get("data-testid") == "method-BCA"))
    assert "Virtual account number" in chosen.text
    assert "Payment received" in payer.send(chosen, "pay").text


def test_account_number_is_the_one_that_is_told(payer, client):
    """The virtual account that the page shows is the one that API and webhook name after the payment."""
    invoice = client.create()
    page = payer.open(f"{page_path(invoice)}?channel=BNI")
    number = re.search(r"\b9\d{12}\b", page.text)[0]
    assert re.search(r"\b9\d{12}\b", payer.open(f"{page_path(invoice)}?channel=BCA").text)[0] != number
    assert "BNI" in payer.send(page, "pay").text
    paid = client.ask("GET", f"/v2/invoices/{invoice['id']}").json()
    assert (paid["payment_channel"], paid["payment_destination"]) == ("BNI", number)


@pytest.mark.parametrize("channel", ["BCA", "CREDIT_CARD", "OVO", "QRIS", "ALFAMART", "DD_BRI", "KREDIVO"])
def test_every_kind_of_channel_pays(payer, client, channel):
    """Each kind has a page that says how to pay, and its button pays over that channel."""
    invoice = client.create()
    page = payer.open(f"{page_path(invoice)}?channel={channel}")
    assert page.has("qr-code") == (channel == "QRIS")
    assert page.has("number") == (channel in ("BCA", "ALFAMART"))
    payer.send(page, "pay")
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["payment_channel"] == channel


def test_a_channel_that_is_not_offered_is_none(payer, client):
    """An address with another channel shows the choice."""
    invoice = client.create(payment_methods=["BCA"])
    assert "Choose how to pay" in payer.open(f"{page_path(invoice)}?channel=OVO").text


# ------------------------------------------------------------------------------------------------ pay, fail, expire


def test_pay_once(payer, client, sandbox):
    """The first click pays and is told once; the second changes nothing; the page then offers neither."""
    page = payer.open(page_path(client.create(success_redirect_url="https://shop.example/thanks?order=1")))
    for _ in range(2):
        paid = payer.send(page, "pay")
        assert "Payment received" in paid.text
        assert not paid.all("form")
    assert len(sandbox.wait_for_delivery()) == 1


def test_return_to_the_shop(payer, client):
    """After the payment the browser is sent to the shop, at once by the link or after a moment; later not again."""
    url = "https://shop.example/thanks?order=1&x=2"
    invoice = client.create(success_redirect_url=url, failure_redirect_url="https://shop.example/sorry")
    paid = payer.send(payer.open(page_path(invoice)), "pay")
    assert paid.headers["Refresh"] == f"2; url={url}"
    (link,) = [got for got in paid.all("a") if got.get("data-testid") == "return"]
    assert (link["href"], link["rel"]) == (url, "noreferrer")
    stay = next(got["href"] for got in paid.all("a") if got["href"].endswith("stay"))
    for path in (stay, page_path(invoice)):
        assert "Refresh" not in payer.open(path).headers


def test_fail_leaves_the_invoice_payable(payer, client):
    """A failed attempt changes nothing; the browser is sent to the failure URL; the payer may try again."""
    invoice = client.create(failure_redirect_url="https://shop.example/sorry")
    failed = payer.send(payer.open(page_path(invoice)), "fail")
    assert "Payment failed" in failed.text
    assert failed.headers["Refresh"] == "2; url=https://shop.example/sorry"
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "PENDING"
    again = next(got["href"] for got in failed.all("a") if got.get("data-testid") == "try-again")
    assert "Payment received" in payer.send(payer.open(again), "pay").text


def test_expire(payer, client):
    """The page can let an invoice expire, which leads to the failure URL; then nobody can pay it."""
    invoice = client.create(failure_redirect_url="https://shop.example/sorry")
    before = payer.open(page_path(invoice))
    expired = payer.send(before, "expire")
    assert "This invoice has expired" in expired.text
    assert expired.headers["Refresh"] == "2; url=https://shop.example/sorry"
    assert not expired.all("form")
    late = payer.send(before, "pay")
    assert "This invoice has expired" in late.text
    assert "Refresh" not in late.headers
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == "EXPIRED"


def test_an_address_that_lies_shows_the_truth(payer, client):
    """What an address claims to have happened counts only when the invoice agrees."""
    invoice = client.create(success_redirect_url="https://shop.example/thanks")
    for done in ("paid", "expired", "nonsense", ""):
        page = payer.open(f"{page_path(invoice)}?done={done}")
        assert "Choose how to pay" in page.text
        assert "Refresh" not in page.headers


def test_other_schemes_are_shown_and_never_followed(payer, client):
    """A redirect into an app is text: neither link nor redirect."""
    page = payer.send(payer.open(page_path(client.create(success_redirect_url="myapp://paid"))), "pay")
    assert "myapp://paid" in page.text
    assert "Refresh" not in page.headers
    assert not [address for address in page.addresses if "myapp" in address[2]]


def test_status_for_the_script(start, clock):
    """The script is told the status and the time left by the sandbox's clock, which may be any."""
    _, client = start(now=clock)
    invoice = client.create(invoice_duration=600)
    clock.forward(seconds=90)
    assert client.ask("GET", f"{page_path(invoice)}/status", key="").json() == {
        "status": "PENDING",
        "seconds_left": 510,
    }
    clock.forward(seconds=511)
    assert client.ask("GET", f"{page_path(invoice)}/status", key="").json() == {"status": "EXPIRED", "seconds_left": 0}
    assert client.ask("GET", f"/web/{UNKNOWN}/status", key="").status == 404


def test_unknown_invoice(payer):
    """An unknown id is a page too, with 404, in the reader's language."""
    assert "No such invoice" in payer.open(f"/web/{UNKNOWN}", 404).text
    assert "Tagihan tidak ditemukan" in payer.open("/web/%3Cb%3E", 404, Accept_Language="id").text


# ------------------------------------------------------------------------------------------------ guards


def test_headers_and_files(client):
    """A page may load its own files and post to its own site, nothing else; nothing is kept or told."""
    headers = client.ask("GET", page_path(client.create()), key="").headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    served = {
        "page.css": "text/css",
        "icon.svg": "image/svg+xml",
        "invoice/payment.js": "text/javascript",
        "invoice/dashboard.js": "text/javascript",
        "invoice/merchant.svg": "image/svg+xml",
    }
    for name, kind in served.items():
        answer = client.ask("GET", f"/static/{name}", key="")
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    for name in ("page.html", "layout.html", "payment.js", "..%2Fserver.py", "invoice", ".", "%00"):
        assert client.ask("GET", f"/static/{name}", key="").status == 404


def test_a_form_needs_its_token_and_its_cookie(payer, client):
    """A form without the page's token, with another invoice's, or from another browser does nothing; its page works."""
    invoice, other = client.create(), client.create()
    page, stranger = payer.open(page_path(invoice)), Visitor(client)
    token = next(got["value"] for got in payer.open(page_path(other)).all("input") if got["name"] == "token")
    stranger.open(page_path(other))
    for sender, change in ((payer, {"token": ""}), (payer, {"token": token}), (stranger, {}), (Visitor(client), {})):
        for act in ("pay", "fail", "expire"):
            refused = sender.send(page, act, status=403, change=change)
            assert "nothing was done" in refused.text
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json() == invoice
    assert "Payment received" in payer.send(payer.send(page, "pay", status=403, change={"token": "é"}), "pay").text


def test_a_get_changes_nothing(client):
    """Following a link never pays."""
    invoice = client.create()
    for act in ("pay", "fail", "expire"):
        assert client.ask("GET", f"{page_path(invoice)}/{act}", key="").status == 405
    assert client.ask("POST", f"{page_path(invoice)}/settle", key="").status == 404
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json() == invoice


# ------------------------------------------------------------------------------------------------ hostile texts


@pytest.mark.parametrize("round_", range(50))
def test_nothing_of_an_invoice_becomes_markup(payer, client, sandbox, round_):
    """Hostile texts in every field are shown as text: no element, no attribute and no address is new."""
    random_ = random.Random(round_)
    text = hostile(random_)
    plain, harmful = (client.create(**order_of(value)) for value in ("plain", text))
    for path in ("", "?channel=BCA", "?channel=QRIS"):
        expected, got = (payer.open(page_path(invoice) + path) for invoice in (plain, harmful))
        assert got.shape == expected.shape, text
        there = [(*where, value.replace(plain["id"], "ID")) for *where, value in expected.addresses]
        assert [(*where, value.replace(harmful["id"], "ID")) for *where, value in got.addresses] == there, text
    for invoice in (plain, harmful):
        sandbox.pay(invoice["id"])
    expected, got = (payer.open(page_path(invoice) + "?done=paid") for invoice in (plain, harmful))
    assert got.shape == expected.shape, text
    assert all(
        value.startswith(("/", "#main", "https://shop.example/")) for _, name, value in got.addresses if name == "href"
    )


def test_hostile_queries_change_nothing(payer, client):
    """What an address says is never shown as markup either."""
    invoice = client.create()
    expected = payer.open(page_path(invoice)).shape
    for text in PARTS:
        query = urlencode({"lang": text, "channel": text, "done": text}, errors="replace")
        assert payer.open(f"{page_path(invoice)}?{query}").shape == expected, text


def test_deadline_in_the_past_is_not_negative(client, sandbox):
    """A page asked for at the very end of an invoice's life says that nothing is left."""
    invoice = sandbox.book("invoice").find(client.create()["id"])
    shown = payment.view(invoice, invoice.expiry_date + timedelta(seconds=5), "en")
    assert (shown.seconds_left, shown.left) == (0, "00:00:00")
