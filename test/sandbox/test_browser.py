"""The pages in a real browser: what a payer and a developer see, hear and do, with and without scripts.

Debian's Chromium, headless. Where none can be had these tests are skipped; `.ci/run` installs one.
"""

from __future__ import annotations

import io
import json
import os
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser import Browser
from chromium import find_chromium, install_chromium
from hostile import hostile, order_of

from xendit.apis import InvoiceApi
from xendit.invoice.model import CreateInvoiceRequest
from xendit.sandbox.pages import formats
from xendit.sandbox.state.invoice.channels import CHANNELS

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
#: How many hostile texts the browser is shown: a seeded few in the suite, all of them in `make proof`.
HOSTILE = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "proof" else 25

ORDER = {
    "amount": 412_500,
    "description": "Two bags of coffee and a grinder",
    "items": [
        {"name": "Gayo", "quantity": 2, "price": 98_000},
        {"name": "Grinder", "quantity": 1, "price": 200_000},
    ],
    "fees": [{"type": "Delivery", "value": 16_500}],
    "customer": {"given_names": "Siti"},
}

SHAPE = "[...document.querySelectorAll('*')].map(e => e.tagName + ' ' + e.getAttributeNames().sort().join(' '))"
ADDRESSES = """[...document.querySelectorAll('*')].flatMap(e => ['href', 'src', 'action', 'formaction', 'srcdoc', 'style',
  'xlink:href', 'background', 'ping', 'poster', 'content'].filter(n => e.hasAttribute(n)).map(n => e.getAttribute(n)))"""

#: The least contrast of any text with what is behind it, and that text. Nothing on the pages is see-through.
CONTRAST = """(() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = rgb(c).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (rgb(c)[3] !== 0) return c; } return 'rgb(255, 255, 255)'; };
  let worst = [21, ''];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walk.nextNode();) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || !e.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < worst[0]) worst = [ratio, node.data.trim()];
  }
  return worst;
})()"""


class Shop:
    """A user's application: an endpoint for webhooks, and the two pages that payers come back to."""

    def __init__(self, token):
        self.events = []
        self.told = threading.Event()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                shop.events.append((self.headers["x-callback-token"] == token, body))
                shop.told.set()
                self._answer(b"{}", "application/json")

            def do_GET(self):
                self._answer(b"<!doctype html><title>Shop</title><h1>Thank you for your order</h1>", "text/html")

            def _answer(self, body, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def browser():
    problem = install_chromium()
    if problem:
        pytest.skip(problem)
    browser = Browser(find_chromium())
    yield browser
    browser.close()


@pytest.fixture
def shop(sandbox):
    shop = Shop(sandbox.callback_token)
    sandbox.webhook_url = f"{shop.url}/webhooks/xendit"
    yield shop
    shop.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_payment_from_end_to_end(browser, sandbox, shop, script):
    """A shop's SDK creates, a payer picks a bank and pays, the browser is back at the shop, the shop was told."""
    import xendit

    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(sandbox.url, sandbox.api_key)))
    request = CreateInvoiceRequest(
        external_id="order-7", amount=250_000, success_redirect_url=f"{shop.url}/thanks?order=7"
    )
    invoice = api.create_invoice(request)
    with browser.page(script=script) as page:
        page.open(invoice.invoice_url)
        page.click("[data-testid=method-BNI]")
        page.until("document.querySelector('[data-testid=number]') !== null")
        page.click("[data-testid=pay]")
        page.until(f"location.href === {json.dumps(shop.url + '/thanks?order=7')}")
        assert "Thank you for your order" in page.text
        assert page.problems == []
    assert shop.told.wait(10)
    ((genuine, event),) = shop.events
    assert genuine
    assert (event["external_id"], event["status"], event["payment_channel"]) == ("order-7", "PAID", "BNI")
    assert api.get_invoice_by_id(invoice.id).status == "PAID"


@pytest.mark.parametrize(("act", "status"), [("fail", "PENDING"), ("expire", "EXPIRED")])
def test_a_payment_that_does_not_come_about(browser, client, shop, act, status):
    """Fail and Expire lead to the shop's failure page, and the invoice stands as it should."""
    invoice = client.create(failure_redirect_url=f"{shop.url}/sorry")
    with browser.page(**PHONE) as page:
        page.open(invoice["invoice_url"])
        page.click(f"[data-testid={act}]")
        page.until(f"location.href === {json.dumps(shop.url + '/sorry')}")
        assert page.problems == []
    assert client.ask("GET", f"/v2/invoices/{invoice['id']}").json()["status"] == status


def test_the_keyboard_alone_pays(browser, client):
    """Every control can be reached with Tab and used with Enter; the first is the way past the banner."""
    invoice = client.create(payment_methods=["OVO"])
    with browser.page() as page:
        page.open(invoice["invoice_url"])
        page.press("Tab")
        assert page.ask("document.activeElement.className") == "skip"
        for _ in range(20):
            page.press("Tab")
            if page.ask("document.activeElement.dataset.testid") == "pay":
                break
        page.press("Enter")
        page.until("document.body.innerText.includes('Payment received')")


def test_the_qr_code_scans_from_the_screen(browser, client):
    """A reader that looks at the screen, in the dark and on a phone, reads the invoice's payload."""
    import zxingcpp
    from PIL import Image

    invoice = client.create(amount=412_500)
    with browser.page(dark=True, **PHONE) as page:
        page.open(f"{invoice['invoice_url']}?channel=QRIS")
        picture = Image.open(io.BytesIO(page.screenshot(whole=False)))
    (found,) = zxingcpp.read_barcodes(picture)
    assert f"0524{invoice['id']}" in found.text
    assert "5406412500" in found.text


def test_amounts_are_those_of_the_browser(browser, client):
    """Every amount is written as the browser's own Intl writes it with the code, whole where nobody pays cents."""
    amounts = [0.01, 1, 12.5, 999.99, 1_000, 123_456.7, 412_500, 1_000_000_000]
    with browser.page() as page:
        for currency in CHANNELS:
            whole = "minimumFractionDigits: 0, maximumFractionDigits: 0" if currency in ("IDR", "VND") else ""
            for language in ("en", "id"):
                given = [amount for amount in amounts if not whole or amount == int(amount)]
                shown = page.ask(
                    f"{given}.map(a => new Intl.NumberFormat('{language}', "
                    f"{{style: 'currency', currencyDisplay: 'code', currency: '{currency}', {whole}}}).format(a))"
                )
                assert [formats.format_amount(amount, currency, language) for amount in given] == shown


def test_the_page_follows_the_invoice(browser, start, clock, shop):
    """The countdown runs by the sandbox's clock; what happens elsewhere shows, and leads back, without a click."""
    sandbox, client = start(now=clock)
    expiring, paid = client.create(invoice_duration=3_600), client.create(success_redirect_url=f"{shop.url}/thanks")
    with browser.page() as page:
        page.open(expiring["invoice_url"])
        clock.forward(minutes=58)
        page.until("/^00:0[12]:/.test(document.querySelector('.countdown').textContent)")
        clock.forward(minutes=3)
        page.until("document.body.innerText.includes('This invoice has expired')")
        page.open(f"{paid['invoice_url']}?channel=QRIS")
        sandbox.pay(paid["id"], channel="QRIS")
        page.until(f"location.href === {json.dumps(shop.url + '/thanks')}")
        assert page.problems == []


def states_of(client, sandbox):
    """Give the address of every page, in each of its states."""
    asked, paid, expired = (client.create(**ORDER, success_redirect_url="http://127.0.0.1:9/x") for _ in range(3))
    sandbox.pay(paid["id"])
    sandbox.expire(expired["id"])
    sandbox.wait_for_delivery(2)
    few = client.create(currency="MYR", amount=12.5, payment_methods=["TOUCHNGO", "DD_MAYB2U_FPX"], locale="id")
    return [
        asked["invoice_url"],
        *(f"{asked['invoice_url']}?channel={code}" for code in ("BCA", "QRIS", "ALFAMART", "CREDIT_CARD")),
        f"{asked['invoice_url']}?done=failed&stay",
        f"{paid['invoice_url']}?done=paid&stay",
        expired["invoice_url"],
        few["invoice_url"],
        f"{sandbox.url}/web/unknown",
        *(sandbox.url + path for path in DASHBOARD),
        *(f"{sandbox.url}/_sandbox/ui/invoices/{invoice['id']}" for invoice in (asked, paid, expired)),
    ]


DASHBOARD = (
    "/_sandbox/",
    "/_sandbox/?find=nothing",
    *(f"/_sandbox/ui/{part}" for part in ("webhooks", "webhooks/1", "requests", "clock", "faults")),
)


@pytest.mark.parametrize("look", [{}, {"dark": True}, {**PHONE}, {**SMALLEST, "dark": True}], ids=str)
def test_every_state_is_legible(browser, client, sandbox, look):
    """Text has a contrast of 4.5 or more, nothing is wider than the screen, and the browser has no complaint."""
    with browser.page(**look) as page:
        for url in states_of(client, sandbox):
            page.open(url)
            ratio, text = page.ask(CONTRAST)
            assert ratio >= 4.5, (url, text)
            assert page.ask("document.documentElement.scrollWidth - innerWidth") <= 0, url
        assert [problem for problem in page.problems if "/web/unknown" not in problem] == []


def test_every_state_is_told_to_a_screen_reader(browser, client, sandbox):
    """One first heading, a main part, no control without a name, no id twice, and the language is declared."""
    with browser.page() as page:
        page.call("Accessibility.enable")
        for url in states_of(client, sandbox):
            page.open(url)
            nodes = [node for node in page.call("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
            roles = [node["role"]["value"] for node in nodes]
            assert roles.count("main") == 1, url
            assert page.ask("document.querySelectorAll('h1').length") == 1, url
            for node in nodes:
                if node["role"]["value"] in ("button", "link", "timer", "figure", "textbox", "combobox"):
                    assert node["name"]["value"].strip(), (url, node)
            ids = page.ask("[...document.querySelectorAll('[id]')].map(e => e.id)")
            assert len(ids) == len(set(ids)), url
            assert page.ask("document.documentElement.lang") in ("en", "id")


def test_long_texts_stay_on_the_page(browser, client):
    """Names and references of the greatest length, without a space, make no phone scroll sideways."""
    fields = order_of("W" * 255, locale="en", amount=1_000_000_000)
    invoice = client.create(**fields)
    with browser.page(**SMALLEST) as page:
        for query in ("", "?channel=BCA", "?done=failed&stay"):
            page.open(invoice["invoice_url"] + query)
            assert page.ask("document.documentElement.scrollWidth - innerWidth") <= 0, query


def test_nothing_of_an_invoice_becomes_markup(browser, client, sandbox):
    """In the browser's own document hostile texts in every field add no element, attribute or address."""
    plain = client.create(**order_of("plain"))
    with browser.page() as page:
        expected = {}
        for path in ("", "?channel=BCA", "?done=failed&stay"):
            page.open(plain["invoice_url"] + path)
            expected[path] = page.ask(SHAPE), [text.replace(plain["id"], "ID") for text in page.ask(ADDRESSES)]
        for seed in range(HOSTILE):
            text = hostile(random.Random(seed))
            harmful = client.create(**order_of(text))
            path = ("", "?channel=BCA", "?done=failed&stay")[seed % 3]
            page.open(harmful["invoice_url"] + path)
            shape, addresses = expected[path]
            assert page.ask(SHAPE) == shape, text
            found = [got.replace(harmful["id"], "ID") for got in page.ask(ADDRESSES)]
            shop = [got for got in found if got.startswith("https://shop.example/")]
            assert [got for got in found if got not in shop] == [
                got for got in addresses if not got.startswith("https://shop.example/")
            ], text
        assert page.problems == []


# ------------------------------------------------------------------------------------------------ the dashboard


def test_the_dashboard_is_live(browser, client, sandbox, shop):
    """What happens shows without a click: a new invoice, its payment, its webhook; what a person types stays."""
    with browser.page() as page:
        page.open(f"{sandbox.url}/_sandbox/")
        page.until("document.body.innerText.includes('No invoice yet')")
        invoice = client.create(external_id="order-live")
        page.until("document.body.innerText.includes('order-live')")
        sandbox.pay(invoice["id"])
        page.until("document.querySelector('.rows').innerText.includes('PAID')")
        page.fill("input[name=find]", "half a wo")
        client.create(external_id="order-next")
        page.ask("new Promise(done => setTimeout(done, 600))")
        assert page.ask("document.querySelector('input[name=find]').value") == "half a wo"
        assert "order-next" not in page.text
        page.fill("input[name=find]", "")
        page.press("Tab")
        page.press("Tab")
        page.until("document.body.innerText.includes('order-next')")
        assert page.ask("document.activeElement.textContent") == "Show"
        page.open(f"{sandbox.url}/_sandbox/ui/webhooks")
        page.until("document.body.innerText.includes('COMPLETED')")
        assert page.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_dashboard_pays(browser, client, sandbox, shop, script):
    """A developer finds the invoice, pays it over a channel, and sees on its time line that the shop was told."""
    invoice = client.create(external_id="order-8")
    with browser.page(script=script) as page:
        page.open(f"{sandbox.url}/_sandbox/")
        page.click(f"a[href$='{invoice['id']}']")
        page.until("document.querySelector('[data-testid=pay]') !== null")
        page.click("[data-testid=pay]")
        page.until("document.body.innerText.includes('Paid over BCA.')")
        assert shop.told.wait(10)
        sandbox.wait_for_delivery()
        if not script:
            page.open(page.url)
        page.until("document.querySelector('[data-testid=timeline]').innerText.includes('COMPLETED 200')")
        assert ("Paid over BCA." in page.text) == script  # what was said stays until the page is left
        assert page.problems == []


def test_nothing_on_the_dashboard_becomes_markup(browser, client, sandbox):
    """In the browser's own document hostile texts add nothing to the dashboard either, also when it renews itself."""
    home = f"{sandbox.url}/_sandbox/"
    with browser.page() as page:
        for seed in range(HOSTILE // 5):
            sandbox.reset()
            plain = client.create(**order_of("plain"))
            page.open(home)
            expected = page.ask(SHAPE)
            inside = f"{sandbox.url}/_sandbox/ui/invoices/{plain['id']}"
            page.open(inside)
            shown = page.ask(SHAPE)
            page.open(home)
            sandbox.reset()
            page.until("document.querySelector('.rows') === null")
            text = hostile(random.Random(seed))
            harmful = client.create(**order_of(text))
            page.until("document.querySelector('.rows') !== null")  # the page renewed itself
            assert page.ask(SHAPE) == expected, text
            page.open(inside.replace(plain["id"], harmful["id"]))
            assert page.ask(SHAPE) == shown, text
            page.open(home)
        assert page.problems == []


# ------------------------------------------------------------------------------------------------ in sight, and kept

#: Whether the button that pays is wholly on the screen, with nothing before it, before anybody scrolls.
IN_SIGHT = """(() => {
  const pay = document.querySelector('[data-testid=pay]'), box = pay.getBoundingClientRect();
  const whole = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
  const there = [[2, box.height / 2], [box.width - 2, box.height / 2], [box.width / 2, 2], [box.width / 2, box.height - 2]].map(
    ([x, y]) => document.elementFromPoint(box.left + x, box.top + y));
  return scrollY === 0 && whole && there.every(one => one === pay);
})()"""


@pytest.mark.parametrize("look", [{"width": 1280, "height": 800}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("locale", ["en", "id"])
def test_pay_is_in_sight(browser, client, look, locale):
    """The button that pays is on the screen without a scroll, on every page that has one, whatever the order holds."""
    order = {**ORDER, "locale": locale, "success_redirect_url": f"https://shop.example/thanks?{'x' * 180}"}
    invoices = [client.create(**order), client.create(payment_methods=["OVO"], locale=locale)]
    with browser.page(**look) as page:
        page.open(invoices[1]["invoice_url"])
        assert page.ask(IN_SIGHT)
        for query in ("", *(f"?channel={code}" for code in ("BCA", "QRIS", "ALFAMART", "CREDIT_CARD", "DD_BRI"))):
            page.open(invoices[0]["invoice_url"] + query)
            assert page.ask(IN_SIGHT), query


def test_a_field_with_the_focus_is_not_hidden(browser, client):
    """Tab brings every channel into sight above the controls at the foot of the screen."""
    with browser.page(**PHONE) as page:
        page.open(client.create()["invoice_url"])
        for _ in range(14):
            page.press("Tab")
            assert page.ask(
                "(() => { const e = document.activeElement, r = e.getBoundingClientRect(), "
                "there = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); "
                "return e.className === 'skip' || e === there || e.contains(there); })()"
            ), page.ask("document.activeElement.textContent")


def test_after_a_failure_the_channel_stays_chosen(browser, client):
    """Who failed to pay over a channel is led back to that channel."""
    with browser.page() as page:
        page.open(f"{client.create()['invoice_url']}?channel=BNI")
        page.click("[data-testid=fail]")
        page.until("document.querySelector('[data-testid=try-again]') !== null")
        page.click("[data-testid=try-again]")
        page.until("document.querySelector('[data-testid=pay]') !== null")
        assert page.ask("document.querySelector('[data-testid=pay]').textContent") == "Pay with BNI"


#: Page, field, what is typed, the button, and a part of what is said.
MISTAKES = [
    ("ui/invoices/{id}", "amount", "150.000", "pay", "it can be read as 150000 or as 150"),
    ("ui/invoices/{id}", "amount", "0", "pay", "must be a number above 0"),
    ("ui/webhooks", "url", "http://192.0.2.1/hook", "target", "on this machine"),
    ("ui/clock", "by", "soon", "advance", "A duration must be"),
    ("ui/clock", "to", "yesterday", "set", "A moment must be"),
    ("ui/clock", "factor", "fast", "speed", "The speed must be a number"),
    ("ui/faults", "times", "x", "arm", "Times must be a number"),
]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("path", "field", "typed", "act", "said"), MISTAKES)
def test_what_was_typed_stays_with_the_message_at_its_field(
    browser, client, sandbox, script, path, field, typed, act, said
):
    """After a mistake the field has the focus, holds what was typed, and is described by the sentence below it."""
    address = f"{sandbox.url}/_sandbox/{path.format(id=client.create()['id'])}"
    wrong = f"input[name={field}]:not([type=hidden])"
    with browser.page(script=script) as page:
        page.open(address)
        page.fill(wrong, typed)
        page.click(f"[data-testid={act}]")
        page.until("document.querySelector('[aria-invalid]') !== null")
        assert page.ask(f"document.querySelector('{wrong}').value") == typed
        if script:
            page.until(f"document.activeElement === document.querySelector('{wrong}')")
            client.create(external_id="while it is being corrected")
        page.call("Accessibility.enable")
        (node,) = [
            node
            for node in page.call("Accessibility.getFullAXTree")["nodes"]
            if any(one["name"] == "invalid" and one["value"]["value"] == "true" for one in node.get("properties", ()))
        ]
        assert said in node["description"]["value"]
        assert said not in node["name"]["value"]
        page.fill(
            wrong,
            {"amount": "5000", "url": "", "by": "1m", "to": "2030-01-02T03:04:05Z", "factor": "2"}.get(field, "1"),
        )
        page.click(f"[data-testid={act}]")
        page.until("document.querySelector('.notice.good') !== null")
        assert page.ask("document.querySelector('[aria-invalid]') === null")
        assert page.problems == []


def test_times_say_their_zone(browser, client, sandbox, shop):
    """Every time on every page names its zone, also the clock that ticks."""
    bare = (
        "[...document.querySelectorAll('time')].map(e => e.textContent).filter(t => !/ (UTC|WIB|MYT|PHT|ICT)$/.test(t))"
    )
    with browser.page() as page:
        for url in states_of(client, sandbox):
            page.open(url)
            assert page.ask(bare) == [], url
        page.open(f"{sandbox.url}/_sandbox/")
        before = page.ask("document.querySelector('#now time').textContent")
        page.until(f"document.querySelector('#now time').textContent !== {json.dumps(before)}")
        assert page.ask(bare) == []


def test_the_bare_address_leads_to_the_dashboard(browser, client, sandbox):
    """Whoever opens the sandbox's URL finds the dashboard, and from an invoice that is gone there is a way out."""
    invoice = client.create(external_id="order-root")
    with browser.page() as page:
        page.open(sandbox.url)
        assert page.url == f"{sandbox.url}/_sandbox/"
        assert "order-root" in page.text
        sandbox.reset()
        for gone, way in (
            (invoice["invoice_url"], "all"),
            (f"{sandbox.url}/_sandbox/ui/invoices/{invoice['id']}", "out"),
        ):
            page.open(gone)
            assert "No such invoice" in page.text
            page.click(f"[data-testid={way}]")
            page.until(f"location.href === {json.dumps(f'{sandbox.url}/_sandbox/')}")


def test_the_tab_that_is_shown_is_in_sight(browser, sandbox):
    """On a phone the tabs are wider than the screen: the current one is scrolled to."""
    with browser.page(width=390, height=844) as page:
        for name in ("faults", "transactions"):
            page.open(f"{sandbox.url}/_sandbox/ui/{name}")
            left, right = page.ask(
                "(() => { const r = document.querySelector('nav [aria-current]').getBoundingClientRect();"
                " return [r.left, r.right]; })()"
            )
            assert (left >= 0, right <= 390) == (True, True), name
        assert page.problems == []


def test_requests_show_as_they_come(browser, client, sandbox):
    """The page of requests renews itself when the API is asked for something, also for what changes nothing."""
    with browser.page() as page:
        page.open(f"{sandbox.url}/_sandbox/ui/requests")
        assert "Nothing was asked" in page.text
        client.ask("GET", "/v2/invoices/unknown")
        page.until("document.body.innerText.includes('INVOICE_NOT_FOUND_ERROR')")
        assert page.problems == []
