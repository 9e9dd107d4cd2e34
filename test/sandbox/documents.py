"""Pages without a browser: one taken apart, and a visitor who opens them and sends their forms."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Document(HTMLParser):
    """A page taken apart: its elements in order with their attributes, its text, its form."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.open, self.forms = [], "", [], []
        self.feed(text)
        self.close()
        assert self.open == [], "every element that is opened is closed"

    def handle_starttag(self, tag, attrs):
        got = dict(attrs)
        self.elements.append((tag, got))
        if tag == "form":
            self.forms.append({**got, "fields": [], "buttons": []})
        elif "form" in self.open and tag in ("input", "select") and "name" in got:
            self.forms[-1]["fields"].append(got)
        elif "form" in self.open and tag == "button":
            self.forms[-1]["buttons"].append(got)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def has(self, testid):
        return any(attributes.get("data-testid") == testid for _, attributes in self.elements)

    def form_of(self, testid):
        """Give the form of a button, and the button."""
        found = [(form, one) for form in self.forms for one in form["buttons"] if one.get("data-testid") == testid]
        assert len(found) == 1, testid
        return found[0]

    @property
    def shape(self):
        """Elements with the names of their attributes: what hostile texts must not change."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]

    @property
    def addresses(self):
        """Every value of an attribute that a browser may load or go to."""
        names = ("href", "src", "action", "formaction", "data-status-url", "poster", "srcset", "content", "http-equiv")
        return [(tag, name, got[name]) for tag, got in self.elements for name in names if name in got]


class Visitor:
    """What a browser does with a page, without one: keeps cookies, reads the form, sends it."""

    def __init__(self, client):
        self.client = client
        self.cookie = None

    def open(self, path, status=200, **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        answer = self.client.ask("GET", path, key="", **headers)
        assert answer.status == status, answer.data
        return self._read(answer)

    def send(self, document, act, *, status=303, change=None, **headers):
        """Send the form of a button as the button does."""
        form, button = document.form_of(act)
        fields = {got["name"]: got.get("value", "") for got in form["fields"] if got.get("type") != "checkbox"}
        path = button.get("formaction") or form["action"]
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        answer = self.client.ask(
            "POST",
            path,
            raw=urlencode({**fields, **(change or {})}, doseq=True).encode(),
            key="",
            Content_Type="application/x-www-form-urlencoded",
            Origin=self.client.url,
            Sec_Fetch_Site="same-origin",
            **headers,
        )
        assert answer.status == status, answer.data
        return self.open(answer.headers["Location"]) if status == 303 else self._read(answer)

    def _read(self, answer):
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        given = answer.headers.get("Set-Cookie")
        if given is not None:
            self.cookie = given.partition(";")[0]
            assert "HttpOnly" in given
            assert "SameSite=Strict" in given
        document = Document(answer.data.decode())
        document.headers = answer.headers
        return document
